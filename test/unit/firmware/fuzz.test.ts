/** Both parsers under bytes that nobody meant: never a crash, never a forged frame taken, and the next true one still is. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readyRig, visitOne, type Rig } from '../device/rig.ts'
import { readyBench, type Bench } from './bench.ts'
import { visitA } from './table.ts'

const numRuns = process.env['CI'] === 'true' ? 600 : 200

/** A change to a frame: a byte set, cut out, put in; or bytes of another frame in its place. */
const change = fc.record({
  at: fc.nat(200),
  how: fc.constantFrom('set', 'cut', 'insert', 'truncate', 'splice'),
  byte: fc.integer({ min: 0, max: 255 }),
})

interface Change {
  readonly at: number
  readonly how: string
  readonly byte: number
}

function spoil(frame: Uint8Array, other: Uint8Array, changes: readonly Change[]): Uint8Array {
  let bytes = [...frame]
  for (const { at, how, byte } of changes) {
    const place = at % (bytes.length + 1)
    if (how === 'set') bytes[place] = byte
    if (how === 'cut') bytes.splice(place, 1)
    if (how === 'insert') bytes.splice(place, 0, byte)
    if (how === 'truncate') bytes = bytes.slice(0, place)
    if (how === 'splice') bytes = [...bytes.slice(0, place), ...other.slice(place)]
  }
  return Uint8Array.from(bytes)
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

/** What frames can change in a controller, but for the counters of those that were dropped. */
const standing = (bench: Bench): unknown => {
  const { framesGood, lock, visit, doorOpen, faults, eventsWaiting } = bench.status()
  return { framesGood, lock, visit, doorOpen, faults, eventsWaiting, drives: bench.drives.length, signal: bench.signal }
}

test('[F2] [F3] [D1] random bytes change nothing in the controller', () => {
  const bench = readyBench()
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 5 }), (pieces) => {
      const before = standing(bench) as { framesGood: number }
      for (const piece of pieces) bench.give(piece)
      bench.give(Uint8Array.of(0))
      bench.run(12.5)
      expect(standing(bench)).toEqual({ ...before, framesGood: expect.any(Number) as number })
      expect((standing(bench) as { framesGood: number }).framesGood - before.framesGood).toBeLessThan(5)
    }),
    { numRuns },
  )
})

test('[F2] [F7] [D1] a frame that was tampered with is dropped: no change of it unlocks', () => {
  const recorded = (() => {
    const bench = readyBench()
    return { unlock: bench.unlock(visitA), other: bench.say({ type: 'relock', commandId: 9 }) }
  })()
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      // The same seed makes the same session, so the recorded frame is the next true one here.
      const bench = readyBench()
      bench.status()
      const frame = spoil(recorded.unlock, recorded.other, changes)
      fc.pre(!same(frame, recorded.unlock))
      bench.give(frame)
      bench.give(Uint8Array.of(0))
      // Cutting the delimiter off, or adding one, leaves the frame itself whole: then it may unlock, once.
      const whole = Buffer.from(frame).includes(Buffer.from(recorded.unlock.subarray(0, -1)))
      if (!whole) expect(bench.released).toBe(false)
      bench.run(100)
      expect(bench.status().doorOpen).toBe(false)
    }),
    { numRuns },
  )
})

test('[F7] the recorded frame itself does unlock: the test above can fail', () => {
  const recorded = readyBench().unlock(visitA)
  const bench = readyBench()
  bench.status()
  bench.give(recorded)
  expect(bench.released).toBe(true)
})

/** What the runtime would notice. */
const noticed = (rig: Rig): number => rig.reports.length

test('[F2] [F3] [D1] whatever comes over the wire, the link reports nothing that the controller did not say', () => {
  const rig = readyRig()
  fc.assert(
    fc.property(
      fc.oneof(fc.uint8Array({ maxLength: 400 }), fc.array(change, { minLength: 1, maxLength: 4 })),
      fc.nat(),
      (input, pick) => {
        const frames = rig.answered
        const frame = frames[pick % frames.length] ?? new Uint8Array()
        const other = frames[(pick >>> 8) % frames.length] ?? new Uint8Array()
        const bytes = input instanceof Uint8Array ? input : spoil(frame, other, input)
        const before = noticed(rig)
        rig.hearAgain(bytes)
        rig.hearAgain(Uint8Array.of(0))
        expect(noticed(rig)).toBe(before)
        expect(rig.link.state()).toBe('up')
      },
    ),
    { numRuns: numRuns * 3 },
  )
  rig.reports.length = 0
  rig.table.world.doorOpen = true
  rig.run(500)
  expect(rig.types()).toEqual(['tamper'])
})

test('[F7] [D1] somebody who holds the wire but not the key can’t answer an unlock', async () => {
  const rig = readyRig()
  rig.connected = false
  const answer = rig.link.unlock(visitOne, 1_500)
  for (const bytes of rig.answered) rig.hearAgain(bytes) // all that was ever said
  expect(await rig.answer(answer)).toBe('timeout')
  expect(rig.table.released).toBe(false)
})
