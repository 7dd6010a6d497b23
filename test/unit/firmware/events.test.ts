import { expect, test } from 'vitest'
import { createBench, doorTypes, readyBench, type Bench } from './bench.ts'
import { visitA, visitB } from './table.ts'

const copies = (bench: Bench, eventId: number): number =>
  bench.heard.filter((message) => 'eventId' in message && message.eventId === eventId).length

test('[F17] an event is sent again every 100 ms until it is acknowledged, and the next one waits', () => {
  const bench = readyBench()
  bench.acks = false
  bench.unlock()
  bench.world.doorOpen = true
  bench.run(1_000)
  const [first] = bench.events()
  expect(doorTypes(bench)).toEqual(['unlocked'])
  expect(copies(bench, first?.eventId ?? 0)).toBeGreaterThanOrEqual(9)
  expect(copies(bench, first?.eventId ?? 0)).toBeLessThanOrEqual(11)
  expect(bench.status().eventsWaiting).toBeGreaterThanOrEqual(2)
  bench.acks = true
  bench.say({ type: 'eventAck', eventId: first?.eventId ?? 0 })
  bench.run(100)
  expect(doorTypes(bench)).toEqual(['unlocked', 'doorOpened'])
})

test('[F17] what happened while the link was down is told afterwards, in order', () => {
  const bench = readyBench()
  bench.unlock()
  bench.world.doorOpen = true
  bench.run(200)
  bench.alive = false
  bench.run(70_000)
  bench.world.doorOpen = false
  bench.run(3_000)
  bench.world.doorOpen = true
  bench.run(1_000)
  bench.alive = true
  bench.connect()
  bench.run(500)
  expect(doorTypes(bench)).toEqual(['unlocked', 'doorOpened', 'doorLeftOpen', 'doorClosed', 'relocked', 'tamper'])
  const ids = bench.events().map((event) => event.eventId)
  expect(ids).toEqual([...ids].sort((a, b) => a - b))
})

test('[F17] an acknowledgement of anything but the first event in the queue is ignored', () => {
  const bench = readyBench()
  bench.acks = false
  bench.unlock()
  bench.run(200)
  const [unlocked] = bench.events()
  bench.say({ type: 'eventAck', eventId: (unlocked?.eventId ?? 0) + 1 })
  bench.say({ type: 'eventAck', eventId: 0 })
  expect(bench.status().eventsWaiting).toBe(1)
})

test('[F19] a full queue loses reminders before it loses what the door did, and says so', () => {
  const bench = readyBench()
  bench.alive = false
  bench.run(2_100)
  // Ten times: forced, a minute open, closed, at rest: forty events, twenty of which are no more than news.
  for (let i = 0; i < 10; i++) {
    bench.world.doorOpen = true
    bench.run(61_000)
    bench.world.doorOpen = false
    bench.world.grams[0] = 1_000 - i * 50
    bench.run(6_000)
  }
  bench.alive = true
  bench.connect()
  bench.run(2_000)
  expect(doorTypes(bench).filter((type) => type !== 'doorLeftOpen')).toEqual(
    Array.from({ length: 10 }, () => ['tamper', 'doorClosed']).flat(),
  )
  const status = bench.status()
  expect(status.eventsLost).toBeGreaterThan(0)
  expect(status.faults).toEqual(['eventsLost'])
})

test('[F19] a queue full of door events loses the oldest', () => {
  const bench = readyBench()
  bench.alive = false
  bench.run(2_100)
  for (let i = 0; i < 20; i++) {
    bench.world.doorOpen = true
    bench.run(100)
    bench.world.doorOpen = false
    bench.run(100)
  }
  bench.alive = true
  bench.connect()
  bench.run(3_000)
  const types = doorTypes(bench)
  expect(types.length).toBeGreaterThanOrEqual(31)
  expect(types.at(-1)).toBe('doorClosed')
})

test('[F20] a reset tells what was not acknowledged: the whole visit', () => {
  const bench = readyBench()
  bench.acks = false
  bench.unlock()
  bench.world.doorOpen = true
  bench.run(1_000)
  bench.world.doorOpen = false
  bench.run(1_000)
  bench.heard.length = 0
  bench.acks = true
  bench.reset()
  bench.connect()
  bench.run(500)
  expect(doorTypes(bench)).toEqual(['doorOpened', 'doorClosed', 'relocked'])
  expect(bench.events()).toContainEqual(expect.objectContaining({ type: 'relocked', visit: visitA, reason: 'doorClosed' }))
})

test('[F20] a visit that is told is not told again', () => {
  const bench = readyBench()
  bench.unlock()
  bench.world.doorOpen = true
  bench.run(1_000)
  bench.world.doorOpen = false
  bench.run(2_000)
  bench.heard.length = 0
  bench.reset()
  bench.connect()
  bench.run(500)
  expect(doorTypes(bench)).toEqual([])
})

test('[F20] a door closed while the controller was off is told with its visit', () => {
  const bench = readyBench()
  bench.unlock()
  bench.world.doorOpen = true
  bench.run(1_000)
  bench.heard.length = 0
  bench.world.doorOpen = false
  bench.reset('powerOn')
  bench.connect()
  bench.run(500)
  expect(doorTypes(bench)).toEqual(['doorOpened', 'doorClosed', 'relocked'])
  expect(bench.events()).toContainEqual(expect.objectContaining({ type: 'doorClosed', visit: visitA }))
})

test('[F20] a tamper that was not acknowledged is told again', () => {
  const bench = readyBench()
  bench.acks = false
  bench.world.doorOpen = true
  bench.run(500)
  bench.world.doorOpen = false
  bench.run(500)
  bench.heard.length = 0
  bench.acks = true
  bench.reset()
  bench.connect()
  bench.run(500)
  expect(doorTypes(bench)).toEqual(['tamper'])
})

test('[F21] ids of events are never used twice after one start', () => {
  const bench = createBench()
  bench.connect()
  for (let i = 0; i < 6; i++) {
    bench.unlock(i % 2 === 0 ? visitA : visitB, { commandId: i + 1, openTimeoutMs: 300 })
    bench.run(1_000)
    if (i === 3) bench.connect()
  }
  const ids = bench.events().map((event) => event.eventId)
  expect(new Set(ids).size).toBe(ids.length)
  expect(doorTypes(bench)).toHaveLength(12)
})
