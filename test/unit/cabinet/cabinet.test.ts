import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decide,
  defaultLimits,
  evolve,
  newCabinet,
  nextDeadline,
  type Cabinet,
  type CabinetInput,
} from '../../../src/cabinet/cabinet.ts'
import type { Event, EventOf } from '../../../src/core/events.ts'
import { fridgeId } from '../../../src/core/ids.ts'
import { hourMs, minuteMs } from '../../../src/core/time.ts'
import { closedReason, newFridge } from '../../../src/runtime/fridge.ts'

/** A cabinet lived through minute by minute. */
class Days {
  cabinet: Cabinet = newCabinet
  atMs = 0
  events: Event[] = []

  tell(input: CabinetInput): Event['type'][] {
    const events = decide(this.cabinet, input, this.atMs, defaultLimits)
    for (const event of events) this.cabinet = evolve(this.cabinet, event, this.atMs)
    this.events.push(...events)
    return events.map((event) => event.type)
  }
  read(celsius: number | null): Event['type'][] {
    return this.tell({ type: 'TemperatureRead', celsius })
  }
  minutes(count: number, celsius: number | null): this {
    for (let minute = 0; minute < count; minute++) {
      this.atMs += minuteMs
      this.read(celsius)
    }
    return this
  }
  restart(offMs: number): this {
    this.atMs += offMs
    const started: Event = { type: 'FridgeStarted', fridge: fridgeId('f'), version: '1', offMs }
    this.cabinet = evolve(this.cabinet, started, this.atMs)
    this.tell({ type: 'Restarted', offMs })
    return this
  }
}

test('[C1] half an hour above the limit stops sales, and not a minute less', () => {
  const days = new Days().minutes(3, 4).minutes(30, 6)
  expect(days.cabinet.stopped).toBe(null)
  days.minutes(1, 6)
  expect(days.cabinet.stopped).toBe('temperature')
})

test('[C1] cooling in between starts the count anew', () => {
  expect(new Days().minutes(29, 9).minutes(1, 4).minutes(29, 9).cabinet.stopped).toBe(null)
})

test('[C1] the count needs no reading to end: time alone is enough', () => {
  const days = new Days().minutes(1, 9)
  days.atMs = nextDeadline(days.cabinet) ?? 0
  expect(days.tell({ type: 'TimePassed' })).toEqual(['SalesStopped'])
})

test('[C2] a sensor dead for half an hour stops sales', () => {
  expect(new Days().minutes(2, 4).minutes(30, null).cabinet.stopped).toBe(null)
  expect(new Days().minutes(2, 4).minutes(31, null).cabinet.stopped).toBe('sensor')
})

test('[C1] [C2] warm before the sensor died, warm when it came back: warm all the while', () => {
  const days = new Days().minutes(2, 4).minutes(29, null).minutes(1, 8)
  expect(days.cabinet.stopped).toBe(null)
  days.minutes(1, 8)
  expect(days.cabinet.stopped).toBe('temperature')
})

test('[C2] silent before a short absence and after it is silent all the while', () => {
  const days = new Days().minutes(2, 4)
  days.restart(13 * minuteMs).minutes(16, null)
  expect(days.cabinet.stopped).toBe(null)
  expect(days.minutes(2, 4).cabinet.stopped).toBe('sensor')
})

test.each([
  ['a blink of the power, still cold', 1, 4, null],
  ['a blink of the power, warm already', 1, 8, null],
  ['an hour away, still cold', 60, 4, null],
  ['an hour away, warm', 60, 8, 'powerCut'],
  ['five hours away, cold again', 300, 4, 'powerCut'],
] as const)('[C3] %s', (_story, offMinutes, celsius, stopped) => {
  expect(
    new Days()
      .minutes(2, 4)
      .restart(offMinutes * minuteMs)
      .minutes(1, celsius).cabinet.stopped,
  ).toBe(stopped)
})

test('[C3] a second start before the first reading does not undo the first absence', () => {
  expect(new Days().minutes(2, 4).restart(hourMs).restart(1_000).minutes(1, 8).cabinet.stopped).toBe('powerCut')
})

/** Found before and after an absence; `countedMs` is what the controller's own clock says of it. */
const awayWith = (bootId: number, offMs: number, celsius: number, countedMs = offMs): Days => {
  const days = new Days()
  days.atMs = 5 * minuteMs
  days.tell({ type: 'ControllerFound', bootId: 1, uptimeMs: 2 ** 32 - 1_000, doorOpen: false }) // it wraps
  days.minutes(2, 4).tell({ type: 'DoorForced' }) // two minutes later something is written
  const uptimeMs = bootId === 1 ? 2 * minuteMs - 1_000 + countedMs : 3_000
  days.restart(offMs).tell({ type: 'ControllerFound', bootId, uptimeMs, doorOpen: false })
  return days.minutes(1, celsius)
}

test('[C3] a clock that stood still does not make a power cut short: the controller has started anew too', () => {
  expect(awayWith(2, 0, 9).cabinet.stopped).toBe('powerCut')
  expect(awayWith(1, 1_000, 9).cabinet.stopped).toBe(null) // only the program had ended
})

test('[C3] a clock behind the ledger`s does not know for how long we were away; the controller`s does', () => {
  expect(awayWith(1, 0, 4, 29 * minuteMs).cabinet.stopped).toBe(null)
  expect(awayWith(1, 0, 9, 10 * minuteMs).minutes(17, 9).cabinet.stopped).toBe(null)
  expect(awayWith(1, 0, 9, 10 * minuteMs).minutes(21, 9).cabinet.stopped).toBe('temperature')
  expect(awayWith(1, 0, 4, 158 * minuteMs).cabinet.stopped).toBe('sensor') // warm, and cold again, and nobody looked
  expect(awayWith(1, 0, 9, 158 * minuteMs).cabinet.stopped).toBe('temperature')
  expect(awayWith(1, 9 * hourMs, 4, 1_000).cabinet.stopped).toBe(null) // our clock leapt
  expect(new Days().restart(0).minutes(1, 9).cabinet.stopped).toBe(null) // a new fridge has been nowhere
})

test('[C3] without the controller`s clock, a clock behind the ledger`s is thought to be behind by too long', () => {
  const days = new Days()
  days.tell({ type: 'ControllerFound', bootId: 1, doorOpen: false })
  days.minutes(2, 4).restart(0).tell({ type: 'ControllerFound', bootId: 1, doorOpen: false })
  expect(days.minutes(1, 4).cabinet.stopped).toBe('sensor')
})

test('[C2] [C3] a program that ended is no power cut; after half an hour it is a sensor that nobody read', () => {
  expect(awayWith(1, 28 * minuteMs, 4).cabinet.stopped).toBe(null)
  expect(awayWith(1, 9 * hourMs, 4).cabinet.stopped).toBe('sensor')
  expect(awayWith(2, 9 * hourMs, 4).cabinet.stopped).toBe('powerCut')
  expect(awayWith(1, 9 * hourMs, 9).cabinet.stopped).toBe('temperature')
  expect(awayWith(1, 10 * minuteMs, 9).minutes(18, 9).cabinet.stopped).toBe(null)
  expect(awayWith(1, 10 * minuteMs, 9).minutes(21, 9).cabinet.stopped).toBe('temperature')
})

test('[C3] nothing is sold after a start before the air was read once', () => {
  const catalogue = { type: 'CatalogueAdopted' as const, hash: 'h', currency: 'EUR' as const, products: [] }
  const live = { doorOpen: false, storageFull: false, weights: [0] }
  const days = new Days()
  days.minutes(2, 4).restart(1_000).tell({ type: 'ControllerFound', bootId: 1, doorOpen: false })
  const closed = (): string | null =>
    closedReason({ ...newFridge, cabinet: days.cabinet, stock: { ...newFridge.stock, catalogue } }, live)
  expect(closed()).toBe('starting')
  days.read(4)
  expect(closed()).toBe(null)
})

test('[C2] a program that stood still for half an hour has not read its sensor, and knows it', () => {
  const days = new Days().minutes(2, 4)
  const unreadSinceMs = days.atMs
  days.atMs += 31 * minuteMs
  expect(days.tell({ type: 'TemperatureRead', celsius: null, unreadSinceMs })).toEqual(['SensorLost', 'SalesStopped'])
})

test('[C4] stopped stays stopped, over restarts and cold weather, until somebody signs for it', () => {
  const days = new Days().minutes(40, 9).restart(minuteMs).minutes(60, 2).restart(hourMs)
  expect(days.cabinet.stopped).toBe('temperature')
  days.tell({ type: 'SafetyCleared', by: 'Op', reason: 'checked' })
  expect(days.cabinet.stopped).toBe(null)
  expect(days.events.at(-1)).toMatchObject({ type: 'SalesCleared', by: 'Op', reason: 'checked' })
})

test('[C5] clearing a warm fridge gives it half an hour, not for ever', () => {
  const days = new Days().minutes(40, 9)
  days.tell({ type: 'SafetyCleared', by: 'Op', reason: 'filled' })
  expect(days.minutes(29, 9).cabinet.stopped).toBe(null)
  expect(days.minutes(2, 9).cabinet.stopped).toBe('temperature')
})

test('[C6] a forced door is written down and changes nothing else', () => {
  const days = new Days().minutes(1, 4)
  const before = days.cabinet
  expect(days.tell({ type: 'DoorForced' })).toEqual(['DoorForced'])
  expect(days.cabinet).toEqual({ ...before, lastAtMs: days.atMs })
})

test.each([
  ['the controller is silent', { cabinet: { ...newCabinet } }, {}, 'controller'],
  ['the door stands open', { cabinet: { ...newCabinet, controllerUp: true } }, { doorOpen: true }, 'doorOpen'],
  [
    'sales are stopped',
    { cabinet: { ...newCabinet, controllerUp: true, stopped: 'powerCut' as const } },
    {},
    'temperature',
  ],
  ['the disk is full', { cabinet: { ...newCabinet, controllerUp: true } }, { storageFull: true }, 'storage'],
  ['all is well', { cabinet: { ...newCabinet, controllerUp: true } }, {}, null],
])('[C7] may it sell? %s', (_story, fridge, live, reason) => {
  const catalogue: EventOf<'CatalogueAdopted'> = { type: 'CatalogueAdopted', hash: 'h', currency: 'EUR', products: [] }
  const whole = { ...newFridge, ...fridge, stock: { ...newFridge.stock, catalogue } }
  expect(closedReason(whole, { doorOpen: false, storageFull: false, weights: [0], ...live })).toBe(reason)
})

test('[C1] [C4] however it is read, the state is never warm for over half an hour and selling', () => {
  const reading = fc.record({
    minutes: fc.integer({ min: 1, max: 40 }),
    celsius: fc.constantFrom(2, 4.9, 5.1, 12, null),
  })
  fc.assert(
    fc.property(fc.array(reading, { maxLength: 20 }), (readings) => {
      const days = new Days()
      let warmMinutes = 0
      for (const { minutes, celsius } of readings)
        for (let minute = 0; minute < minutes; minute++) {
          days.minutes(1, celsius)
          warmMinutes = celsius !== null && celsius > 5 ? warmMinutes + 1 : 0
          if (warmMinutes > 31) expect(days.cabinet.stopped).not.toBe(null)
        }
    }),
    { numRuns: 200 },
  )
})
