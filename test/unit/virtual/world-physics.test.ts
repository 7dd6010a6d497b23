import { describe, expect, test } from 'vitest'
import { minuteMs, hourMs } from '../../../src/core/time.ts'
import { countsPerGram } from '../../../src/virtual/world/cells.ts'
import { createBench } from './world-bench.ts'

type Bench = ReturnType<typeof createBench>

/** Mean and deviation of a shelf's next 80 samples, grams above an unknown zero. */
function weigh({ world, pass }: Bench, shelf: number, samples = 80): { mean: number; deviation: number } {
  const codes = new Int32Array(4)
  const seen: number[] = []
  for (let n = 0; n < samples; n++) {
    pass(12.5)
    world.readScales(codes)
    seen.push((codes[shelf] ?? 0) / countsPerGram)
  }
  const mean = seen.reduce((sum, grams) => sum + grams, 0) / samples
  return { mean, deviation: Math.sqrt(seen.reduce((sum, grams) => sum + (grams - mean) ** 2, 0) / samples) }
}

describe('the cells', () => {
  test('at rest they show the datasheet noise and no more', () => {
    const bench = createBench()
    for (let shelf = 0; shelf < 4; shelf++) {
      const { deviation } = weigh(bench, shelf)
      expect(deviation).toBeGreaterThan(0.1)
      expect(deviation).toBeLessThan(0.45)
    }
  })

  test('a take shows as its weight, within what the cell class allows', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const bench = createBench({ seed })
      const before = weigh(bench, 0).mean
      const world = bench.entered()
      world.take('ombra-cola', 2)
      const taken = world.items().reduce((sum, { grams, shelf }) => (shelf === null ? sum + grams : sum), 0)
      bench.pass(1_000)
      world.closeDoor()
      bench.pass(2_000)
      expect(Math.abs(weigh(bench, 0).mean - before + taken)).toBeLessThan(4)
    }
  })

  test('while a hand is in the shelf they tremble, and the door’s slam goes through all', () => {
    const bench = createBench()
    const world = bench.entered()
    bench.pass(4_000)
    const still = weigh(bench, 2, 20).deviation
    world.take('almina-milk', 1)
    expect(weigh(bench, 2, 20).deviation).toBeGreaterThan(20 * still)
    bench.pass(4_000)
    expect(weigh(bench, 2, 20).deviation).toBeLessThan(3 * still)
    world.closeDoor()
    expect(weigh(bench, 2, 20).deviation).toBeGreaterThan(3 * still)
  })

  test('warm metal drifts the zero by 0.4 g a degree, slowly', () => {
    const bench = createBench()
    const cold = weigh(bench, 0).mean
    bench.world.holdAir(23.6)
    bench.pass(minuteMs)
    expect(Math.abs(weigh(bench, 0).mean - cold)).toBeLessThan(1.5)
    for (let n = 0; n < 180; n++) {
      bench.pass(minuteMs)
      bench.world.readScales(new Int32Array(4))
    }
    expect(weigh(bench, 0).mean - cold).toBeGreaterThan(6)
    expect(weigh(bench, 0).mean - cold).toBeLessThan(10)
  })

  test('a dead cell has no sample, and keeps quiet about what happens on it', () => {
    const bench = createBench()
    const codes = new Int32Array(4)
    expect(bench.world.readScales(codes)).toBe(0b1111)
    bench.world.cells.kill(1, true)
    codes[1] = 77
    expect(bench.world.readScales(codes)).toBe(0b1101)
    expect(codes[1]).toBe(77)
    bench.world.cells.kill(1, false)
    expect(bench.world.readScales(codes)).toBe(0b1111)
  })

  test('what is too heavy for the amplifier is its highest code', () => {
    const bench = createBench()
    const world = bench.entered()
    world.pushIn(90_000, 1)
    bench.pass(5_000)
    const codes = new Int32Array(4)
    world.readScales(codes)
    expect(codes[0]).toBe(2 ** 23 - 1)
  })
})

describe('the air', () => {
  test('a closed fridge with power stays between 2.5 and 5 degrees, for ever', () => {
    const { world, pass } = createBench()
    let runs = 0
    for (let n = 0; n < 600; n++) {
      pass(minuteMs)
      expect(world.celsius()).toBeGreaterThan(2.5)
      expect(world.celsius()).toBeLessThan(5)
      runs += world.celsius() < 3.6 ? 1 : 0
    }
    expect(runs).toBeGreaterThan(100)
    expect(runs).toBeLessThan(500)
    pass(90 * 24 * hourMs)
    expect(world.celsius()).toBeLessThan(5)
  })

  test('asked for in one step or in many, it is the same', () => {
    const one = createBench()
    const many = createBench()
    for (const bench of [one, many]) bench.entered()
    one.pass(7 * minuteMs)
    for (let n = 0; n < 420; n++) {
      many.pass(1_000)
      many.world.celsius()
    }
    expect(one.world.celsius()).toBeCloseTo(many.world.celsius(), 6)
    one.world.closeDoor()
    many.world.closeDoor()
    one.pass(hourMs)
    for (let n = 0; n < 3600; n++) {
      many.pass(1_000)
      many.world.celsius()
    }
    expect(one.world.celsius()).toBeCloseTo(many.world.celsius(), 2)
  })

  test('an open door warms it in minutes, a cut plug in an hour, and it cools again', () => {
    const { world, pass } = createBench()
    world.setPower(false)
    pass(30 * minuteMs)
    expect(world.celsius()).toBeGreaterThan(5)
    world.setPower(true)
    pass(30 * minuteMs)
    expect(world.celsius()).toBeLessThan(5)
    world.forceDoor()
    pass(4 * minuteMs)
    expect(world.celsius()).toBeGreaterThan(8)
  })

  test('a person may hold it and let go of it, and the thermometer may die', () => {
    const { world, pass } = createBench()
    world.holdAir(9.5)
    pass(hourMs)
    expect(world.celsius()).toBe(9.5)
    expect(Math.abs((world.thermometer() ?? 0) / 16 - 9.5)).toBeLessThan(0.2)
    world.setSensor(false)
    expect(world.thermometer()).toBeNull()
    world.setSensor(true)
    expect(world.thermometer()).not.toBeNull()
    world.holdAir(null) // let go, the compressor has it cold again
    pass(hourMs)
    expect(world.celsius()).toBeLessThan(5)
  })
})
