import { expect, test } from 'vitest'
import { createBench, readyBench } from './bench.ts'
import { visitA } from './table.ts'

test.each([
  [64, 400],
  [-1, -6],
  [-880, -5_500],
  [2_000, 12_500],
])('[F45] %i sixteenths are %i hundredths of a degree', (sixteenths, centi) => {
  const bench = readyBench()
  bench.world.sixteenths = sixteenths
  bench.run(1_100)
  expect(bench.status()).toMatchObject({ temperatureOk: true, temperatureCentiCelsius: centi })
})

test.each([null, -881, 2_001, 85 * 16])('[F45] a thermometer that says %s is dead after five seconds', (sixteenths) => {
  const bench = readyBench()
  bench.world.sixteenths = sixteenths
  bench.run(4_000)
  expect(bench.status()).toMatchObject({ temperatureOk: true, temperatureCentiCelsius: 400 })
  bench.run(3_000)
  expect(bench.status()).toMatchObject({ temperatureOk: false, faults: ['temperature'] })
  bench.world.sixteenths = 80
  bench.run(1_100)
  expect(bench.status()).toMatchObject({ temperatureOk: true, temperatureCentiCelsius: 500, faults: [] })
})

test('[F45] a thermometer that never answered is not called good', () => {
  const bench = createBench()
  bench.world.sixteenths = null
  bench.reset('powerOn')
  bench.connect()
  bench.run(100)
  expect(bench.status().temperatureOk).toBe(false)
})

test('[F46] a brown-out begins at the third low reading and ends after a good second', () => {
  const bench = readyBench()
  const low = (): boolean => bench.status().faults.includes('lowPower')
  bench.world.millivolts = 10_000
  bench.run(25)
  bench.world.millivolts = 10_600 // a dip, no more
  bench.run(100)
  expect(low()).toBe(false)
  bench.world.millivolts = 10_499
  bench.run(50)
  expect(low()).toBe(true)
  bench.world.millivolts = 11_200
  bench.run(5_000)
  expect(low()).toBe(true)
  bench.world.millivolts = 12_000
  bench.run(900)
  expect(low()).toBe(true)
  bench.run(200)
  expect(low()).toBe(false)
})

test('[F46] a supply that can’t be measured is not low', () => {
  const bench = readyBench()
  bench.world.millivolts = -1
  bench.run(500)
  bench.unlock()
  expect(bench.released).toBe(true)
})

test('[F47] blank memory is no damage; a damaged record is, and costs the other one nothing', () => {
  const bench = readyBench()
  expect(bench.status().faults).toEqual([])
  bench.say({ type: 'tare', commandId: 1, shelf: 0 })
  bench.unlock()
  bench.world.doorOpen = true
  bench.run(1_000)
  const visitByte = bench.nvs[10] ?? 0
  bench.nvs[10] = visitByte ^ 0xff // the visit's record
  bench.reset()
  bench.heard.length = 0
  bench.connect()
  expect(bench.status().faults).toContain('storage')
  bench.run(1_000)
  // It is not known any more that the door was opened by right; the calibration is.
  expect(bench.types()).toContain('tamper')
  expect(bench.heard.findLast((message) => message.type === 'weights')?.decigrams[0]).toBeLessThan(10)
})

test('[F47] a damaged calibration falls back to the default and says so', () => {
  const bench = readyBench()
  bench.say({ type: 'tare', commandId: 1, shelf: 0 })
  bench.nvs[70] = (bench.nvs[70] ?? 0) ^ 0xff
  bench.reset()
  bench.connect()
  bench.run(1_000)
  expect(bench.status().faults).toEqual(['storage'])
  expect(bench.heard.findLast((message) => message.type === 'weights')?.decigrams[0]).toBeGreaterThan(9_990)
  bench.say({ type: 'tare', commandId: 2, shelf: 0 })
  expect(bench.status().faults).toEqual([])
})

test('[F47] a visit that can’t be written down is tried again every second', () => {
  const bench = readyBench()
  bench.world.nvsFails = true
  bench.unlock()
  bench.run(500)
  expect(bench.status().faults).toEqual(['storage'])
  bench.world.nvsFails = false
  bench.run(1_100)
  expect(bench.status().faults).toEqual([])
  bench.heard.length = 0
  bench.reset()
  bench.connect()
  bench.run(300)
  expect(bench.types()).toContain('relocked')
})

test('[F47] a controller whose memory is all ones starts like a new one', () => {
  const bench = createBench()
  bench.nvs.fill(0xff)
  bench.reset('powerOn')
  bench.connect()
  bench.run(1_000)
  bench.unlock(visitA)
  expect(bench.released).toBe(true)
  expect(bench.status().faults).toEqual([])
})
