import { describe, expect, test } from 'vitest'
import { visitId } from '../../../src/core/ids.ts'
import type { ControllerReport } from '../../../src/core/ports.ts'
import type { Carry } from '../../../src/virtual/fridge.ts'
import { breathe, createFridgeBench } from './world-bench.ts'

type Bench = ReturnType<typeof createFridgeBench>
const visit = visitId('11111111-2222-4333-8444-555555555555')

async function wait({ pass }: Bench, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    pass(50)
    await breathe()
  }
}

async function unlocked(bench: Bench): Promise<void> {
  await wait(bench, 3_000)
  const answer = bench.link.unlock(visit, 2_000)
  await wait(bench, 500)
  expect(await answer).toBe('unlocked')
  expect(bench.world.boltReleased()).toBe(true)
}

const typesOf = (reports: readonly ControllerReport[]): string[] => reports.map(({ type }) => type)

describe('the firmware on the world', () => {
  test('a visit: unlock, take, close, and the weight that is gone', async () => {
    const bench = createFridgeBench()
    await unlocked(bench)
    const before = bench.link.weights()?.grams ?? []
    expect(bench.world.openDoor().ok).toBe(true)
    await wait(bench, 1_000)
    bench.world.take('fontelle-still', 1)
    await wait(bench, 2_000)
    bench.world.closeDoor()
    await wait(bench, 3_000)
    expect(bench.world.boltReleased()).toBe(false)
    expect(typesOf(bench.reports)).toEqual(expect.arrayContaining(['up', 'doorOpened', 'doorClosed', 'relocked']))
    const after = bench.link.weights()
    expect(after?.settled).toBe(true)
    const changes = before.map((grams, index) => (after?.grams[index] ?? 0) - (grams ?? 0))
    expect(Math.abs((changes[1] ?? 0) + 781.6)).toBeLessThan(12)
    for (const index of [0, 2, 3]) expect(Math.abs(changes[index] ?? 99)).toBeLessThan(4)
  })

  test('a door that is not opened locks again within ten seconds, though the fridge dozes when all is still', async () => {
    const bench = createFridgeBench()
    await wait(bench, 20_000)
    await unlocked(bench)
    await wait(bench, 9_200)
    expect(bench.world.boltReleased()).toBe(true)
    await wait(bench, 900)
    expect(bench.world.boltReleased()).toBe(false)
    expect(bench.reports).toContainEqual({ type: 'relocked', visit, reason: 'notOpened' })
  })

  test('a silent line locks within two seconds and a tenth', async () => {
    let cut = false
    const carry: Carry = (_to, bytes, deliver) => (cut ? undefined : deliver(bytes))
    const bench = createFridgeBench({ carry })
    await unlocked(bench)
    cut = true
    await wait(bench, 2_600)
    expect(bench.world.boltReleased()).toBe(false)
  })

  test('while it dozes it goes on weighing: every second or so, and no cell seems dead', async () => {
    const bench = createFridgeBench()
    await wait(bench, 15_000)
    bench.reports.length = 0
    await wait(bench, 10_000)
    const weights = bench.reports.flatMap((report) => (report.type === 'weights' ? [report.weights] : []))
    expect(weights.length).toBeGreaterThan(7)
    expect(weights.every(({ grams, settled }) => settled && grams.every((weight) => weight !== null))).toBe(true)
  })

  test('a forced door is a tamper, also out of a doze', async () => {
    const bench = createFridgeBench()
    await wait(bench, 15_000)
    bench.world.forceDoor()
    await wait(bench, 300)
    expect(typesOf(bench.reports)).toContain('tamper')
  })

  test('a pulled plug drops the bolt, and the controller comes back as a new boot', async () => {
    const bench = createFridgeBench()
    await unlocked(bench)
    const bootId = bench.link.status()?.bootId
    bench.fridge.setPower(false)
    expect(bench.world.boltReleased()).toBe(false)
    await wait(bench, 3_000)
    expect(typesOf(bench.reports)).toContain('lost')
    bench.fridge.setPower(true)
    await wait(bench, 3_000)
    expect(bench.link.status()?.bootId).not.toBe(bootId)
    expect(bench.link.status()).not.toBeNull()
    expect(bench.world.boltReleased()).toBe(false)
  })

  test('a brown-out relocks, and a watchdog reset too', async () => {
    for (const fault of ['supply', 'reset'] as const) {
      const bench = createFridgeBench()
      await unlocked(bench)
      if (fault === 'supply') bench.fridge.setSupply(9_000)
      else bench.fridge.reset()
      await wait(bench, 300)
      expect(bench.world.boltReleased()).toBe(false)
    }
  })

  test('a dead cell reads as null, and a line that loses and spoils a tenth still sells', async () => {
    let frame = 0
    const carry: Carry = (_to, bytes, deliver) => {
      frame++
      if (frame % 10 === 3) return
      deliver(frame % 10 === 7 ? bytes.map((byte, at) => (at === 4 ? byte ^ 1 : byte)) : bytes)
      if (frame % 10 === 5) deliver(bytes)
    }
    const bench = createFridgeBench({ carry })
    bench.world.cells.kill(3, true)
    await unlocked(bench)
    await wait(bench, 1_000)
    const grams = bench.link.weights()?.grams ?? []
    expect(grams[3]).toBeNull()
    expect(grams.slice(0, 3).every((weight) => weight !== null)).toBe(true)
  })
})
