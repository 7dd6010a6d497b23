import { expect, test } from 'vitest'
import type { EventMessage, Status } from '../../../src/device/messages.gen.ts'
import { createBench, doorTypes, readyBench, type Bench } from './bench.ts'
import { nobody, tickMs, visitA, visitB } from './table.ts'

const relocks = (bench: Bench) =>
  bench.events().filter((event): event is EventMessage & { type: 'relocked' } => event.type === 'relocked')

/** How long the lock was released, the last time. */
function lastReleaseMs(bench: Bench): number {
  const off = bench.drives.findLast((drive) => !drive.released)
  const on = bench.drives.findLast((drive) => drive.released)
  if (on === undefined || off === undefined) throw new Error('never released')
  return off.atMs - on.atMs
}

test('[F26] [D2] the lock is locked before anything else, and released only in unlocked and open', () => {
  const bench = createBench()
  expect(bench.drives[0]).toEqual({ atMs: 1_000, released: false })
  bench.connect()
  bench.run(1_000)
  const seen: [Status['lock'], boolean][] = []
  const look = (): void => void seen.push([bench.status().lock, bench.released])
  look()
  bench.unlock()
  look()
  bench.world.doorOpen = true
  bench.run(100)
  look()
  bench.world.doorOpen = false
  bench.run(100)
  look()
  expect(seen).toEqual([
    ['locked', false],
    ['unlocked', true],
    ['open', true],
    ['locked', false],
  ])
  expect(doorTypes(bench)).toEqual(['unlocked', 'doorOpened', 'doorClosed', 'relocked'])
})

test('[F27] [D2] a door that nobody opens locks after ten seconds, whatever the command asked for', () => {
  const bench = readyBench()
  bench.unlock(visitA, { openTimeoutMs: 60_000 })
  bench.run(9_900)
  expect(bench.released).toBe(true)
  bench.run(200)
  expect(bench.released).toBe(false)
  expect(lastReleaseMs(bench)).toBeLessThanOrEqual(10_000 + tickMs)
  expect(relocks(bench)).toMatchObject([{ visit: visitA, reason: 'notOpened' }])
})

test('[F27] a shorter time to open is kept', () => {
  const bench = readyBench()
  bench.unlock(visitA, { openTimeoutMs: 4_000 })
  bench.run(5_000)
  expect(lastReleaseMs(bench)).toBeLessThanOrEqual(4_000 + tickMs)
  expect(relocks(bench)).toMatchObject([{ reason: 'notOpened' }])
})

test('[F28] [D2] a silent Pi means a locked door within two seconds', () => {
  const bench = readyBench()
  bench.unlock()
  bench.alive = false
  bench.run(2_100)
  expect(bench.released).toBe(false)
  expect(lastReleaseMs(bench)).toBeLessThanOrEqual(2_000 + tickMs)
  bench.alive = true
  bench.connect()
  bench.run(200)
  expect(relocks(bench)).toMatchObject([{ visit: visitA, reason: 'linkSilent' }])
})

test('[F28] with the door open a silent Pi changes nothing until the door is closed', () => {
  const bench = readyBench()
  bench.unlock()
  bench.world.doorOpen = true
  bench.run(100)
  bench.alive = false
  bench.run(5_000)
  expect(bench.released).toBe(true)
  bench.world.doorOpen = false
  bench.run(100)
  expect(bench.released).toBe(false)
})

test('[F29] [D2] the closed door locks', () => {
  const bench = readyBench()
  bench.unlock()
  bench.world.doorOpen = true
  bench.run(20_000)
  bench.world.doorOpen = false
  bench.run(50 + 2 * tickMs)
  expect(bench.released).toBe(false)
  expect(relocks(bench)).toMatchObject([{ visit: visitA, reason: 'doorClosed' }])
  expect(bench.status()).toMatchObject({ lock: 'locked', visit: nobody })
})

test.each([false, true])('[F30] [D2] a brown-out locks, door open: %s', (doorOpen) => {
  const bench = readyBench()
  bench.unlock()
  bench.world.doorOpen = doorOpen
  bench.run(200)
  bench.world.millivolts = 9_000
  bench.run(50)
  expect(bench.released).toBe(false)
  expect(relocks(bench)).toMatchObject([{ visit: visitA, reason: 'brownOut' }])
})

test.each([
  ['watchdog', 'reset'],
  ['brownOut', 'brownOut'],
] as const)('[F30] [D2] a reset by %s locks, and tells it afterwards', (why, reason) => {
  const bench = readyBench()
  bench.unlock()
  bench.run(500)
  bench.reset(why)
  expect(bench.released).toBe(false)
  bench.connect()
  bench.run(500)
  expect(bench.released).toBe(false)
  expect(relocks(bench)).toMatchObject([{ visit: visitA, reason }])
})

test.each([false, true])('[F31] a relock locks in any state, door open: %s', (doorOpen) => {
  const bench = readyBench()
  bench.unlock()
  bench.world.doorOpen = doorOpen
  bench.run(200)
  bench.say({ type: 'relock', commandId: 2 })
  expect(bench.released).toBe(false)
  bench.run(100)
  expect(relocks(bench)).toMatchObject([{ visit: visitA, reason: 'commanded' }])
  bench.world.doorOpen = false
  bench.run(1_000)
  expect(relocks(bench)).toHaveLength(1)
})

test('[F32] a door pulled at the last moment is no forced door', () => {
  const bench = readyBench()
  bench.unlock()
  bench.run(10_000 - 2 * tickMs)
  expect(bench.released).toBe(true)
  bench.world.doorOpen = true
  bench.run(100)
  expect(doorTypes(bench)).toEqual(['unlocked', 'doorOpened'])
  expect(bench.released).toBe(true)
})

test('[F32] a door that bounces in the very moment of the relock is no forced door either', () => {
  for (const early of [1, 2, 3, 4]) {
    const bench = readyBench()
    bench.unlock()
    bench.run(10_000 - early * tickMs)
    for (const open of [true, false, true, false, true]) {
      bench.world.doorOpen = open
      bench.run(tickMs)
    }
    bench.run(200)
    expect(doorTypes(bench)).toEqual(['unlocked', 'doorOpened'])
  }
})

test('[F32] [D2] a contact that bounces for ever holds the relock off for half a second, no longer', () => {
  const bench = readyBench()
  bench.unlock()
  bench.run(9_950)
  for (let i = 0; i < 60; i++) {
    bench.world.doorOpen = i % 4 !== 3 // open for 37.5 ms, closed for one reading: never believed
    bench.run(tickMs)
  }
  expect(bench.released).toBe(false)
  expect(lastReleaseMs(bench)).toBeGreaterThan(10_400)
  expect(lastReleaseMs(bench)).toBeLessThanOrEqual(10_500 + 2 * tickMs)
})

test.each([false, true])('[F33] a relock in the midst of an opening tells the opening first, bouncing: %s', (bounces) => {
  const bench = readyBench()
  bench.unlock()
  bench.run(1_000)
  bench.world.doorOpen = true // and before it is believed, or while it bounces:
  if (bounces) {
    bench.run(tickMs)
    bench.world.doorOpen = false
  }
  bench.say({ type: 'relock', commandId: 2 })
  bench.world.doorOpen = true
  bench.run(200)
  expect(doorTypes(bench)).toEqual(['unlocked', 'doorOpened', 'relocked'])
  expect(bench.events()).toContainEqual(expect.objectContaining({ type: 'doorOpened', visit: visitA }))
})

test('[F21] [D1] an unlock is done once, however often its frame is sent anew', () => {
  const bench = readyBench()
  for (let i = 0; i < 3; i++) bench.unlock(visitA, { commandId: 77 })
  bench.run(11_000)
  bench.unlock(visitA, { commandId: 77 })
  bench.run(1_000)
  bench.connect() // in a new session too
  bench.unlock(visitA, { commandId: 77 })
  bench.run(1_000)
  expect(bench.drives.filter((drive) => drive.released)).toHaveLength(1)
  expect(doorTypes(bench)).toEqual(['unlocked', 'relocked'])
})

test('[F22] [D1] an unlock that comes late opens nothing', () => {
  const bench = readyBench()
  const { uptimeMs } = bench.status()
  const late = { type: 'unlock', visit: visitA, openTimeoutMs: 10_000 } as const
  bench.say({ ...late, commandId: 1, notAfterMs: uptimeMs })
  bench.say({ ...late, commandId: 2, notAfterMs: uptimeMs - 1 })
  bench.say({ ...late, commandId: 3, notAfterMs: uptimeMs + 30_001 })
  bench.run(500)
  expect(bench.released).toBe(false)
  expect(bench.events()).toMatchObject([1, 2, 3].map((commandId) => ({ type: 'unlockRefused', commandId, reason: 'stale' })))
  bench.say({ ...late, commandId: 4, notAfterMs: bench.status().uptimeMs + 30_000 })
  expect(bench.released).toBe(true)
})

test.each([
  ['lowPower', { millivolts: 9_000, doorOpen: true }, visitA],
  ['doorOpen', { doorOpen: true }, visitA],
  ['fault', {}, nobody],
] as const)('[F23] an unlock is refused: %s', (reason, world, visit) => {
  const bench = readyBench()
  Object.assign(bench.world, world)
  bench.run(200)
  bench.unlock(visit)
  bench.run(100)
  expect(bench.released).toBe(false)
  expect(bench.events()).toContainEqual(expect.objectContaining({ type: 'unlockRefused', reason, visit }))
})

test('[F23] a lock whose driver fails is not called unlocked, and is tried again', () => {
  const bench = readyBench()
  bench.world.driverFails = true
  bench.unlock(visitA, { commandId: 1 })
  bench.run(200)
  expect(doorTypes(bench)).toEqual(['unlockRefused'])
  expect(bench.events()).toContainEqual(expect.objectContaining({ reason: 'fault', visit: visitA }))
  expect(bench.status()).toMatchObject({ lock: 'locked', visit: nobody, faults: ['lockDriver'] })
  bench.world.driverFails = false
  bench.run(50)
  expect(bench.status().faults).toEqual([])
  bench.unlock(visitA, { commandId: 2 })
  expect(bench.released).toBe(true)
})

test('[F27] a driver that does not lock is told again until it does', () => {
  const bench = readyBench()
  bench.unlock()
  bench.world.driverFails = true
  bench.run(11_000)
  expect(bench.released).toBe(true)
  expect(bench.status()).toMatchObject({ lock: 'locked', faults: ['lockDriver'] })
  bench.world.driverFails = false
  bench.run(tickMs)
  expect(bench.released).toBe(false)
})

test('[F23] a door that is just being forced is not unlocked', () => {
  const bench = readyBench()
  bench.world.doorOpen = true // not believed yet
  bench.unlock(visitA, { commandId: 1 })
  bench.run(tickMs)
  bench.world.doorOpen = false // a bounce
  bench.unlock(visitA, { commandId: 2 })
  bench.world.doorOpen = true
  expect(bench.released).toBe(false)
  bench.run(200)
  expect(doorTypes(bench)).toEqual(['unlockRefused', 'unlockRefused', 'tamper'])
})

test('[F23] a second visit does not get the first one’s door', () => {
  const bench = readyBench()
  bench.unlock(visitA, { commandId: 1 })
  bench.unlock(visitB, { commandId: 2 })
  bench.run(200)
  expect(bench.events()).toContainEqual(expect.objectContaining({ type: 'unlockRefused', visit: visitB, reason: 'busy' }))
  expect(bench.status()).toMatchObject({ lock: 'unlocked', visit: visitA })
})

test('[F48] [D2] the laws hold while the clock wraps', () => {
  const bench = readyBench({ startMs: 2 ** 32 - 3_000 })
  bench.unlock()
  bench.run(10_100)
  expect(relocks(bench)).toMatchObject([{ reason: 'notOpened' }])
  bench.unlock(visitB, { commandId: 2 })
  bench.alive = false
  bench.run(2_100)
  expect(bench.released).toBe(false)
})
