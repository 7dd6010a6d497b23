/** The lock under arbitrary hands: whatever a Pi, a shopper, a burglar and a failing supply do, the laws of the door hold. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBench, type Bench } from './bench.ts'
import { tickMs, visitA, visitB } from './table.ts'

type Deed =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'unlock'; readonly who: 0 | 1; readonly validMs: number; readonly openTimeoutMs: number }
  | { readonly do: 'relock' | 'pull' | 'force' | 'close' | 'bounce' | 'connect' | 'replay' | 'reset' }
  | { readonly do: 'alive' | 'acks'; readonly on: boolean }
  | { readonly do: 'supply'; readonly millivolts: number }

const waitMs = fc.oneof(fc.integer({ min: 1, max: 4_000 }), fc.integer({ min: 9_000, max: 11_000 }))

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: waitMs }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('unlock' as const),
      who: fc.constantFrom(0 as const, 1 as const),
      validMs: fc.constantFrom(-5, 0, 1, 3_000, 29_000, 31_000),
      openTimeoutMs: fc.constantFrom(0, 100, 5_000, 10_000, 60_000, 2 ** 32 - 1),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'relock' as const, 'pull' as const, 'pull' as const, 'force' as const, 'close' as const, 'bounce' as const,
        'connect' as const, 'replay' as const, 'reset' as const,
      ), // prettier-ignore
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('alive' as const, 'acks' as const), on: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('supply' as const), millivolts: fc.constantFrom(9_000, 10_600, 12_000) }),
  },
)

/** What an onlooker knows: when the lock was released and why it had to close again. Sees the world, not the code. */
function createOnlooker(bench: Bench) {
  let releasedAtMs: number | null = null
  let opened = false
  let contact = false
  let steadySinceMs = 0
  let heardAtMs = -Infinity
  let lowSinceMs = Infinity
  /** A contact that stands still for so long has made up its mind. */
  const steadyMs = 50 + 2 * tickMs
  /** A contact that bounces may hold a relock off for so long [F32]. */
  const graceMs = 500
  return {
    piSpoke: () => void (heardAtMs = bench.nowMs),
    look(): void {
      const { released, world, nowMs } = bench
      lowSinceMs = world.millivolts < 10_500 ? Math.min(lowSinceMs, nowMs) : Infinity
      if (world.doorOpen !== contact) steadySinceMs = nowMs
      contact = world.doorOpen
      if (!released) {
        releasedAtMs = null
        opened = false
        return
      }
      releasedAtMs ??= nowMs
      const steady = nowMs - steadySinceMs > steadyMs
      if (contact && steady) opened = true
      const shut = !contact && steady
      const releasedForMs = nowMs - releasedAtMs
      // [D2] the door not opened within 10 s, the link silent for 2 s with the door closed, the door closed, a brown-out.
      if (!opened && releasedForMs > 10_000 + graceMs + tickMs) throw new Error('released for more than 10 s, not opened')
      if (!opened && shut && releasedForMs > 10_000 + tickMs) throw new Error('released for more than 10 s, shut')
      if (shut && nowMs - heardAtMs > 2_000 + tickMs) throw new Error('released with a silent Pi and a closed door')
      if (opened && shut) throw new Error('released behind a closed door')
      if (nowMs - lowSinceMs > 3 * tickMs) throw new Error('released in a brown-out')
    },
  }
}

/** Plays the deeds and judges after every tick. */
function play(deeds: readonly Deed[]): void {
  const bench = createBench()
  const onlooker = createOnlooker(bench)
  const played: Uint8Array[] = []
  let commandId = 0
  let granted = 0
  const says = (say: () => void): void => {
    if (bench.session === null || !bench.alive) return
    say()
    onlooker.piSpoke()
  }
  const run = (ms: number): void => {
    for (const endMs = bench.nowMs + ms; bench.nowMs < endMs; ) {
      const before = bench.heard.length
      bench.run(tickMs)
      // A heartbeat of the bench's own shows by its status; an acknowledgement, by the event it answers.
      if (bench.heard.slice(before).some((message) => message.type === 'status' || ('eventId' in message && bench.acks)))
        onlooker.piSpoke()
      onlooker.look()
    }
  }
  const deedsByName = {
    wait: (deed: Deed) => 'ms' in deed && run(deed.ms),
    unlock: (deed: Deed) =>
      'who' in deed &&
      says(() => {
        const wasReleased = bench.released
        const lawful = deed.validMs > 0 && deed.validMs <= 30_000 && !bench.world.doorOpen
        commandId += 1
        played.push(bench.unlock(deed.who === 0 ? visitA : visitB, { ...deed, commandId }))
        if (!wasReleased && bench.released) {
          granted += 1
          if (!lawful) throw new Error(`unlocked against the law: ${JSON.stringify(deed)}`)
        }
      }),
    relock: () =>
      says(() => {
        bench.say({ type: 'relock', commandId: (commandId += 1) })
        if (bench.released) throw new Error('released after a relock')
      }),
    pull: () => void (bench.world.doorOpen ||= bench.released),
    force: () => void (bench.world.doorOpen = true),
    close: () => void (bench.world.doorOpen = false),
    bounce: () => {
      const { doorOpen } = bench.world
      bench.world.doorOpen = !doorOpen
      run(tickMs)
      bench.world.doorOpen = doorOpen
    },
    connect: () => {
      if (!bench.alive) return
      bench.connect()
      onlooker.piSpoke()
    },
    replay: () => {
      const wasReleased = bench.released
      for (const bytes of played) bench.give(bytes)
      if (!wasReleased && bench.released) throw new Error('an old unlock unlocked again')
    },
    reset: () => {
      bench.reset()
      if (bench.released) throw new Error('released after a reset')
    },
    alive: (deed: Deed) => void ('on' in deed && (bench.alive = deed.on)),
    acks: (deed: Deed) => void ('on' in deed && (bench.acks = deed.on)),
    supply: (deed: Deed) => void ('millivolts' in deed && (bench.world.millivolts = deed.millivolts)),
  }
  for (const deed of deeds) {
    deedsByName[deed.do](deed)
    onlooker.look()
    run(tickMs)
  }
  // Nobody speaks any more, and the door is shut: within ten seconds and a little it must be locked.
  bench.alive = false
  bench.world.doorOpen = false
  run(2_700)
  expect(bench.released).toBe(false)
  // Every release was one lawful unlock's.
  expect(bench.drives.filter((drive) => drive.released).length).toBe(granted)
}

test('[F26] [F28] [F29] [F30] [D1] [D2] whatever is done, the lock is released only by a fresh unlock and closes by itself', () => {
  fc.assert(fc.property(fc.array(deed, { minLength: 5, maxLength: 40 }), play), { numRuns: process.env['CI'] === 'true' ? 400 : 150 })
})

test('[F35] [D4] every opening is told once: by right, or as a tamper', () => {
  const openings = fc.array(
    fc.record({ unlock: fc.boolean(), waitMs: fc.integer({ min: 100, max: 1_500 }), openMs: fc.integer({ min: 100, max: 3_000 }) }),
    { minLength: 1, maxLength: 8 },
  )
  fc.assert(
    fc.property(openings, (plan) => {
      const bench = createBench()
      bench.connect()
      const expected: string[] = []
      plan.forEach(({ unlock, waitMs, openMs }, i) => {
        if (unlock) bench.unlock(visitA, { commandId: i + 1, openTimeoutMs: 1_000 })
        bench.run(waitMs)
        expected.push(bench.released ? 'doorOpened' : 'tamper', 'doorClosed')
        bench.world.doorOpen = true
        bench.run(openMs)
        bench.world.doorOpen = false
        bench.run(200)
      })
      const told = bench.types().filter((type) => type === 'doorOpened' || type === 'tamper' || type === 'doorClosed')
      expect(told).toEqual(expected)
    }),
    { numRuns: 60 },
  )
})
