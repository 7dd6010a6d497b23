import { expect, test } from 'vitest'
import { linkConstants, type Weights, type WeightsSettled } from '../../../src/device/messages.gen.ts'
import { createBench, readyBench, type Bench } from './bench.ts'
import { countsPerGram, createChance } from './table.ts'

const streamed = (bench: Bench): Weights[] => bench.heard.filter((message): message is Weights => message.type === 'weights')
const settled = (bench: Bench): WeightsSettled[] =>
  bench.events().filter((event): event is WeightsSettled => event.type === 'weightsSettled')
const grams = (message: Weights | WeightsSettled | undefined): number[] =>
  (message?.decigrams ?? []).map((value) => Math.round(value) / 10)

test('[F38] one wild sample moves nothing', () => {
  const bench = readyBench()
  bench.world.codes[0] = 5_000_000
  bench.run(12.5)
  bench.world.codes[0] = null
  bench.run(1_000)
  expect(settled(bench)).toEqual([])
  expect(Math.abs((grams(streamed(bench).at(-1))[0] ?? 0) - 1_000)).toBeLessThan(0.5)
})

test('[F38] a real change is followed within a tenth of a second', () => {
  const bench = readyBench()
  bench.world.grams[1] = 1_650
  bench.run(200)
  expect(Math.abs((grams(streamed(bench).at(-1))[1] ?? 0) - 1_650)).toBeLessThan(3)
})

test('[F39] a can taken is told once it is at rest, to half a gram', () => {
  const bench = readyBench()
  bench.world.grams[2] = 3_000 - 355
  bench.run(1_000)
  expect(settled(bench)).toHaveLength(1)
  expect(settled(bench)[0]).toMatchObject({ settledShelves: 0b1111, faultyShelves: 0, doorOpen: false })
  expect(Math.abs((grams(settled(bench)[0])[2] ?? 0) - 2_645)).toBeLessThan(0.5)
})

test('[F39] a shelf at rest stays so for twenty minutes under HX711’s noise and 2 g of slow drift', () => {
  const bench = readyBench()
  for (let minute = 0; minute < 20; minute++) {
    bench.run(60_000)
    bench.world.grams[0] = 1_000 + minute / 10
  }
  expect(settled(bench)).toEqual([])
  expect(streamed(bench).every((weights) => weights.settled)).toBe(true)
  expect(Math.abs((grams(streamed(bench).at(-1))[0] ?? 0) - 1_002)).toBeLessThan(0.5)
})

test('[F39] noise of 0.5 g rms rests within half a second, and goes on resting; a hand on the shelf never does', () => {
  const bench = createBench()
  bench.world.noise = 0.5 * countsPerGram
  bench.connect()
  bench.run(500)
  expect(settled(bench)).toHaveLength(1)
  bench.heard.length = 0
  bench.run(9_500)
  expect(streamed(bench).every((weights) => weights.settledShelves === 0b1111)).toBe(true)
  expect(settled(bench)).toEqual([])

  bench.world.noise = 5 * countsPerGram
  bench.run(2_000)
  bench.heard.length = 0
  bench.run(20_000)
  expect(streamed(bench).filter((weights) => weights.settled)).toEqual([])
  expect(settled(bench)).toEqual([])
})

/** Closes the door on a shelf that seems to carry so much more, or less, and runs for a little less than five seconds. */
function closedOn(stir: Bench['world']['stir']): Bench {
  const bench = readyBench()
  bench.unlock()
  bench.world.doorOpen = true
  bench.run(2_000)
  bench.world.doorOpen = false
  bench.world.stir = stir
  bench.heard.length = 0
  bench.run(4_900)
  return bench
}

test.each([2.5, 3, 5, 8, 11])('[F39] [F43] a shelf that goes on swinging by 2.5 g at %d Hz is not told as settled', (hertz) => {
  const bench = closedOn((shelf, atMs) => (shelf === 1 ? 2.5 * Math.sin((atMs / 1_000) * hertz * 2 * Math.PI) : 0))
  expect(settled(bench)).toEqual([])
  bench.run(300)
  expect(settled(bench)).toMatchObject([{ settledShelves: 0b1101, doorOpen: false }])
})

test('[F39] [F43] a cell whose noise is 1.8 g rms is told as settled all the same, to the error of a mean of 16', () => {
  const chance = createChance(5)
  const normal = (): number => (chance() + chance() + chance() + chance() - 2) * Math.sqrt(3)
  const errors = Array.from({ length: 30 }, () => {
    const told = settled(closedOn((shelf) => (shelf === 1 ? 1.8 * normal() : 0)))[0]
    expect(told?.settledShelves).toBe(0b1111)
    return (grams(told)[1] ?? 0) - 2_000
  })
  expect(Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length)).toBeLessThan(0.7)
  for (const error of errors) expect(Math.abs(error)).toBeLessThan(2)
})

test('[F39] [F43] a shelf that sinks by 8 g a second is not told as settled; by 2 g it is, and its weight is of now', () => {
  expect(settled(closedOn((shelf, atMs) => (shelf === 1 ? (8 * atMs) / 1_000 : 0)))).toEqual([])
  const sinking: Bench['world']['stir'] = (shelf, atMs) => (shelf === 1 ? (2 * atMs) / 1_000 : 0)
  const bench = closedOn(sinking)
  const told = settled(bench)[0]
  expect(told?.settledShelves).toBe(0b1111)
  expect(Math.abs((grams(told)[1] ?? 0) - 2_000 - sinking(1, 1_000 + (told?.atMs ?? 0)))).toBeLessThan(0.5)
})

test('[F39] [F43] a door slammed on what was put back a moment before: told when its weight can be told, not when it hangs still', () => {
  const chance = createChance(11)
  const between = (low: number, high: number): number => low + (high - low) * chance()
  const errors: number[] = []
  const tookMs: number[] = []
  for (let closing = 0; closing < 60; closing++) {
    const bench = readyBench({ seed: 100 + closing })
    bench.unlock()
    bench.world.doorOpen = true
    bench.run(500)
    const [load, hertz, dyingMs] = [between(50, 1_000), between(5, 20), between(80, 150)]
    const putMs = bench.nowMs
    const slamMs = putMs + between(310, 600)
    bench.world.grams[1] = 2_000 + load
    bench.world.stir = (shelf, atMs) => {
      const fromMs = shelf === 1 ? putMs : slamMs
      if (atMs < fromMs) return 0
      const by = Math.exp((fromMs - atMs) / dyingMs)
      const hand = shelf === 1 ? 60 * Math.exp((fromMs - atMs) / 180) * (2 * chance() - 1) : 0
      return (shelf === 1 ? -load : 12) * by * Math.cos(((atMs - fromMs) / 1_000) * hertz * 2 * Math.PI) + hand
    }
    bench.run(slamMs - bench.nowMs)
    const closedMs = bench.nowMs
    bench.world.doorOpen = false
    bench.heard.length = 0
    let told: WeightsSettled | undefined
    while (told === undefined) {
      bench.run(12.5)
      told = settled(bench)[0]
    }
    tookMs.push(bench.nowMs - closedMs)
    errors.push(...grams(told).map((weight, shelf) => weight - 1_000 * (shelf + 1) - (shelf === 1 ? load : 0)))
    expect(told).toMatchObject({ settledShelves: 0b1111, doorOpen: false })
  }
  const ranked = tookMs.toSorted((a, b) => a - b)
  expect(ranked[0]).toBeGreaterThanOrEqual(300)
  expect(ranked[30]).toBeLessThan(500)
  expect(ranked.at(-1)).toBeLessThan(1_000)
  expect(Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length)).toBeLessThan(0.25)
  for (const error of errors) expect(Math.abs(error)).toBeLessThan(1)
})

test.each([
  ['gives no samples', 500, (bench: Bench) => void (bench.world.ready = 0b1011)],
  ['is at the end of its range', 100, (bench: Bench) => void (bench.world.codes[2] = 0x7fffff)],
  ['is at the other end', 100, (bench: Bench) => void (bench.world.codes[2] = -0x800000)],
  ['answers beyond 24 bits', 100, (bench: Bench) => void (bench.world.codes[2] = 2 ** 31 - 1)],
  ['reads 0 for ever', 500, (bench: Bench) => void (bench.world.codes[2] = 0)],
  ['reads -1 for ever', 500, (bench: Bench) => void (bench.world.codes[2] = -1)],
  ['is stiller than any live cell', 10_000, (bench: Bench) => void (bench.world.codes[2] = 123_456)],
])('[F40] a cell that %s is faulty, and the others do not wait for it', (_, withinMs, fail) => {
  const bench = readyBench()
  fail(bench)
  bench.run(withinMs + 100)
  expect(bench.status().faults).toEqual(['scale2'])
  bench.run(1_000)
  expect(settled(bench).at(-1)).toMatchObject({ settledShelves: 0b1011, faultyShelves: 0b0100 })

  bench.world.ready = 0b1111
  bench.world.codes[2] = null
  bench.run(900)
  expect(bench.status().faults).toEqual(['scale2'])
  bench.run(1_600)
  expect(bench.status().faults).toEqual([])
  expect(settled(bench).at(-1)).toMatchObject({ settledShelves: 0b1111, faultyShelves: 0 })
  expect(Math.abs((grams(settled(bench).at(-1))[2] ?? 0) - 3_000)).toBeLessThan(0.5)
})

test('[F41] without a calibration a kilogram is 209,715 codes from 0', () => {
  const bench = createBench()
  bench.world.noise = 0
  bench.world.codes = [209_715, -209_715, 4_194_300, 21]
  bench.connect()
  bench.run(1_000)
  expect(streamed(bench).at(-1)?.decigrams).toEqual([10_000, -10_000, 200_000, 1])
})

test('[F42] weights come ten times a second while something happens, once a second otherwise', () => {
  const bench = readyBench()
  bench.run(10_000)
  expect(streamed(bench).length).toBeGreaterThanOrEqual(9)
  expect(streamed(bench).length).toBeLessThanOrEqual(11)
  bench.unlock()
  bench.world.doorOpen = true
  bench.run(500)
  bench.heard.length = 0
  bench.run(10_000)
  expect(streamed(bench).length).toBeGreaterThanOrEqual(90)
  expect(streamed(bench).length).toBeLessThanOrEqual(101)
  const sequences = streamed(bench).map((weights) => weights.sequence)
  expect(sequences.every((sequence, i) => i === 0 || sequence === (sequences[i - 1] ?? 0) + 1)).toBe(true)
})

test('[F42] settled is not said while a change is still to be told', () => {
  const bench = readyBench()
  bench.unlock()
  bench.world.doorOpen = true
  bench.run(500)
  bench.world.grams[0] = 700
  bench.run(1_000)
  bench.world.doorOpen = false
  bench.heard.length = 0
  bench.run(2_000)
  const closedAt = bench.events().find((event) => event.type === 'doorClosed')?.atMs ?? Infinity
  const told = settled(bench).find((event) => !event.doorOpen)
  expect(told?.atMs).toBeGreaterThanOrEqual(closedAt + linkConstants.settleAfterCloseMs)
  const early = streamed(bench).filter((weights) => weights.atMs >= closedAt && weights.atMs < (told?.atMs ?? 0))
  expect(early.length).toBeGreaterThan(0)
  expect(early.some((weights) => weights.settled)).toBe(false)
  expect(streamed(bench).at(-1)?.settled).toBe(true)
})

test('[F43] a shelf that is still swinging is told after five seconds as it is, and again when it rests', () => {
  const bench = readyBench()
  bench.unlock()
  bench.world.doorOpen = true
  bench.run(500)
  bench.world.noise = 3 * countsPerGram
  bench.world.doorOpen = false
  bench.run(4_500)
  const closings = () => settled(bench).filter((event) => !event.doorOpen)
  expect(closings()).toEqual([])
  bench.run(700)
  expect(closings()).toHaveLength(1)
  expect(closings()[0]?.settledShelves).not.toBe(0b1111)
  bench.world.noise = 38
  bench.run(1_000)
  expect(closings()).toHaveLength(2)
  expect(closings()[1]?.settledShelves).toBe(0b1111)
})

test('[F44] tare and calibration give true grams, and outlive a reset', () => {
  const bench = createBench()
  const real = { offset: 54_321, perGram: -431.7 } // a 10 kg cell, mounted upside down
  const put = (value: number): void => {
    bench.world.codes[3] = Math.round(real.offset + value * real.perGram)
  }
  put(0)
  bench.connect()
  bench.run(1_000)
  bench.say({ type: 'tare', commandId: 1, shelf: 3 })
  put(500)
  bench.run(1_000)
  bench.say({ type: 'calibrate', commandId: 2, shelf: 3, referenceDecigrams: 5_000 })
  put(1_234)
  bench.run(1_000)
  expect(grams(streamed(bench).at(-1))[3]).toBeCloseTo(1_234, 0)
  bench.reset()
  bench.connect()
  bench.run(1_000)
  expect(grams(streamed(bench).at(-1))[3]).toBeCloseTo(1_234, 0)
  expect(bench.heard.filter((message) => message.type === 'commandDone')).toMatchObject([
    { commandId: 1, outcome: 'done' },
    { commandId: 2, outcome: 'done' },
  ])
})

test('[F44] what can’t be tared or calibrated changes nothing and says why', () => {
  const bench = readyBench()
  bench.world.ready = 0b1110
  bench.run(700)
  bench.world.grams[1] = 1_700 // moves
  bench.run(100)
  bench.say({ type: 'tare', commandId: 1, shelf: 4 })
  bench.say({ type: 'tare', commandId: 2, shelf: 0 })
  bench.say({ type: 'tare', commandId: 3, shelf: 1 })
  bench.say({ type: 'calibrate', commandId: 4, shelf: 2, referenceDecigrams: 999 })
  bench.say({ type: 'calibrate', commandId: 5, shelf: 2, referenceDecigrams: 300_001 })
  bench.say({ type: 'tare', commandId: 6, shelf: 2 })
  bench.say({ type: 'calibrate', commandId: 7, shelf: 2, referenceDecigrams: 10_000 }) // nothing stands on it
  const outcomes = bench.heard.flatMap((message) => (message.type === 'commandDone' ? [message.outcome] : []))
  expect(outcomes).toEqual(['badShelf', 'scaleFault', 'unsettled', 'badReference', 'badReference', 'done', 'badReference'])
})

test('[F44] a calibration that can’t be stored is not used', () => {
  const bench = readyBench()
  bench.world.nvsFails = true
  bench.say({ type: 'tare', commandId: 1, shelf: 0 })
  bench.run(1_000)
  expect(bench.heard.find((message) => message.type === 'commandDone')).toMatchObject({ outcome: 'storage' })
  expect(grams(streamed(bench).at(-1))[0]).toBeCloseTo(1_000, 0)
  expect(bench.status().faults).toEqual(['storage'])
})

test('[F25] a tare that comes twice is done once and answered twice', () => {
  const bench = readyBench()
  bench.say({ type: 'tare', commandId: 9, shelf: 0 })
  bench.world.grams[0] = 1_300
  bench.run(1_000)
  bench.say({ type: 'tare', commandId: 9, shelf: 0 })
  bench.run(1_000)
  expect(bench.heard.filter((message) => message.type === 'commandDone')).toHaveLength(2)
  expect(grams(streamed(bench).at(-1))[0]).toBeCloseTo(300, 0)
})
