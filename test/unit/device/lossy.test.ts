/**
 * The link over a wire that loses, repeats, damages and delays: what must arrive arrives once and in order, and nothing is
 * done twice. The truth is kept by what the test itself did to the door, and by the lock's driver.
 */
import { expect, test } from 'vitest'
import { visitId, type VisitId } from '../../../src/core/ids.ts'
import type { UnlockAnswer } from '../../../src/core/ports.ts'
import { createChance } from '../firmware/table.ts'
import { createRig, type Rig, type Spoil } from './rig.ts'

const visitOf = (n: number): VisitId => visitId(`00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`)

const wires: readonly [string, Spoil][] = [
  ['loses a third', { drop: 0.33, repeat: 0, corrupt: 0, delayMs: 0 }],
  ['repeats half', { drop: 0, repeat: 0.5, corrupt: 0, delayMs: 0 }],
  ['damages a fifth', { drop: 0, repeat: 0, corrupt: 0.2, delayMs: 0 }],
  ['delays and reorders', { drop: 0, repeat: 0.2, corrupt: 0, delayMs: 250 }],
  ['does all of it', { drop: 0.15, repeat: 0.2, corrupt: 0.1, delayMs: 120 }],
]

/** Who took part in what: from the unlock's answer to the door, as the test did it. */
interface Story {
  readonly answers: UnlockAnswer[]
  /** What the door did, in truth. */
  readonly truth: string[]
  /** Visits whose lock was released in truth. */
  readonly released: number
}

/** Visits and burglaries one after another, each left time to be told. */
async function live(rig: Rig, seed: number, visits: number): Promise<Story> {
  const chance = createChance(seed + 1_000)
  const answers: UnlockAnswer[] = []
  const truth: string[] = []
  const { world, drives } = rig.table
  const openAndClose = (kind: string): void => {
    world.doorOpen = true
    rig.run(100 + chance() * 2_000)
    world.doorOpen = false
    truth.push(kind, 'doorClosed')
    rig.run(300)
  }
  for (let n = 1; n <= visits; n++) {
    if (chance() < 0.3) {
      openAndClose('tamper')
      rig.run(3_000)
      continue
    }
    const answer = await rig.answer(rig.link.unlock(visitOf(n), 4_000))
    answers.push(answer)
    if (answer === 'unlocked' && chance() < 0.8) {
      rig.run(chance() * 1_000)
      if (rig.table.released) openAndClose('doorOpened')
    }
    // Long enough for ten seconds to pass, or for a link that was lost to come back.
    rig.run(12_000)
  }
  return { answers, truth, released: drives.filter((drive) => drive.released).length }
}

const doorReports = (rig: Rig): string[] =>
  rig.types().filter((type) => type === 'doorOpened' || type === 'doorClosed' || type === 'tamper')

test.each(wires)('[F17] [F18] [F21] [D1] on a wire that %s every event is heard once, in order', async (_, spoil) => {
  for (const seed of [1, 2, 3, 4]) {
    const rig = createRig({ seed })
    rig.spoil = spoil
    rig.run(5_000)
    const { answers, truth, released } = await live(rig, seed, 12)
    rig.spoil = { drop: 0, repeat: 0, corrupt: 0, delayMs: 0 }
    rig.run(6_000)
    expect(doorReports(rig), `seed ${seed}`).toEqual(truth)
    // Each release is one visit's: told as relocked exactly once, and never more of them than unlocks were asked for.
    const relocked = rig.told().flatMap((report) => (report.type === 'relocked' ? [report.visit] : []))
    expect(new Set(relocked).size, `seed ${seed}`).toBe(relocked.length)
    expect(relocked.length, `seed ${seed}`).toBe(released)
    expect(released, `seed ${seed}`).toBeLessThanOrEqual(answers.length)
    expect(answers.filter((answer) => answer === 'unlocked').length, `seed ${seed}`).toBeLessThanOrEqual(released)
    expect(rig.link.counters().missedEvents).toBe(0)
    expect(rig.table.released).toBe(false)
  }
})

test('[F17] [F20] with resets on both sides each visit’s door is still told once', async () => {
  for (const seed of [11, 12, 13, 14, 15, 16]) {
    const rig = createRig({ seed })
    const chance = createChance(seed)
    rig.spoil = { drop: 0.1, repeat: 0.1, corrupt: 0.05, delayMs: 40 }
    rig.run(2_000)
    const heard: string[] = []
    for (let n = 1; n <= 8; n++) {
      rig.reports.length = 0
      const answer = await rig.answer(rig.link.unlock(visitOf(n), 3_000))
      if (answer !== 'unlocked') {
        rig.run(12_000)
        continue
      }
      rig.table.world.doorOpen = rig.table.released
      const opened = rig.table.world.doorOpen
      rig.run(chance() * 400)
      if (chance() < 0.5) rig.table.restart('watchdog')
      rig.run(chance() * 5_000)
      rig.table.world.doorOpen = false
      rig.run(chance() * 400)
      if (chance() < 0.3) rig.table.restart('brownOut')
      rig.run(12_000)
      heard.push(...doorReports(rig).map((type) => `${n} ${type}`))
      if (opened) expect(doorReports(rig), `seed ${seed}, visit ${n}`).toEqual(['doorOpened', 'doorClosed'])
      expect(rig.types().filter((type) => type === 'relocked').length, `seed ${seed}, visit ${n}`).toBe(1)
    }
    expect(new Set(heard).size).toBe(heard.length)
  }
})

test('[F18] a Pi that restarts hears what it had not acknowledged', () => {
  const rig = createRig()
  rig.run(1_500)
  rig.connected = false
  rig.table.world.doorOpen = true
  rig.run(1_000)
  rig.connected = true
  rig.restartPi()
  rig.run(1_000)
  expect(rig.types()).toEqual(['up', 'up', 'tamper'])
  expect(rig.link.counters().missedEvents).toBe(0)
})
