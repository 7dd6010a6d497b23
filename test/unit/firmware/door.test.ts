import { expect, test } from 'vitest'
import { createBench, doorTypes, readyBench } from './bench.ts'
import { nobody, tickMs, visitA } from './table.ts'

test('[F34] a contact that bounces tells one opening and one closing', () => {
  const bench = readyBench()
  bench.unlock()
  for (const open of [true, false, true, false, true]) {
    bench.world.doorOpen = open
    bench.run(tickMs)
  }
  bench.run(100)
  for (const open of [false, true, false, true, false]) {
    bench.world.doorOpen = open
    bench.run(tickMs)
  }
  bench.run(200)
  expect(doorTypes(bench)).toEqual(['unlocked', 'doorOpened', 'doorClosed', 'relocked'])
})

test('[F34] a change is believed after 50 ms and not before', () => {
  const bench = readyBench()
  bench.world.doorOpen = true
  bench.run(50) // the tick that sees the edge, and then 37.5 ms
  expect(bench.status().doorOpen).toBe(false)
  bench.run(tickMs)
  expect(bench.status().doorOpen).toBe(true)
})

test('[F35] [D4] a door that opens without an unlock is a tamper, once, and never an opening', () => {
  const bench = readyBench()
  bench.world.doorOpen = true
  bench.run(5_000)
  bench.world.doorOpen = false
  bench.run(200)
  expect(doorTypes(bench)).toEqual(['tamper', 'doorClosed'])
  expect(bench.events()).toContainEqual(expect.objectContaining({ type: 'doorClosed', visit: nobody }))
})

test('[F35] [D4] forced while a visit’s relock is fresh, it is a tamper all the same', () => {
  const bench = readyBench()
  bench.unlock()
  bench.run(10_100)
  bench.world.doorOpen = true
  bench.run(200)
  expect(doorTypes(bench)).toEqual(['unlocked', 'relocked', 'tamper'])
})

test('[F35] a visit opens its door once: the next opening is forced', () => {
  const bench = readyBench()
  bench.unlock()
  for (let i = 0; i < 2; i++) {
    bench.world.doorOpen = true
    bench.run(200)
    bench.world.doorOpen = false
    bench.run(200)
  }
  expect(doorTypes(bench)).toEqual(['unlocked', 'doorOpened', 'doorClosed', 'relocked', 'tamper', 'doorClosed'])
})

test('[F35] across a reset a door opened by right stays so', () => {
  const bench = readyBench()
  bench.unlock()
  bench.world.doorOpen = true
  bench.run(1_000)
  bench.heard.length = 0
  bench.reset()
  bench.run(300)
  bench.connect()
  bench.run(300)
  expect(doorTypes(bench)).toEqual(['doorOpened', 'relocked'])
  bench.world.doorOpen = false
  bench.run(200)
  expect(doorTypes(bench)).toEqual(['doorOpened', 'relocked', 'doorClosed'])
  expect(bench.events().every((event) => !('visit' in event) || event.visit.every((byte, i) => byte === visitA[i]))).toBe(true)
})

test('[F35] [D4] a door that was opened while the controller was off is a tamper', () => {
  const bench = readyBench()
  bench.world.doorOpen = true
  bench.reset('powerOn')
  bench.connect()
  bench.run(300)
  expect(doorTypes(bench)).toEqual(['tamper'])
  // And not a second one when the power fails again.
  bench.heard.length = 0
  bench.reset('powerOn')
  bench.connect()
  bench.run(300)
  expect(doorTypes(bench)).toEqual([])
  bench.world.doorOpen = false
  bench.run(300)
  expect(doorTypes(bench)).toEqual(['doorClosed'])
})

test.each(['powerOn', 'brownOut'] as const)('[F35] [D4] [M1] unlocked, and forced while the power was off (%s), is a tamper', (reason) => {
  const bench = readyBench()
  bench.unlock()
  bench.heard.length = 0
  bench.world.doorOpen = true // the bolt fell with the power: this was a crowbar
  bench.reset(reason)
  bench.connect()
  bench.run(300)
  bench.world.doorOpen = false
  bench.run(300)
  expect(doorTypes(bench)).toEqual(['relocked', 'tamper', 'doorClosed'])
  expect(bench.events()).toContainEqual(expect.objectContaining({ type: 'doorClosed', visit: nobody }))
})

test('[F35] unlocked, and opened within a watchdog`s reset, is by right', () => {
  const bench = readyBench()
  bench.unlock()
  bench.heard.length = 0
  bench.world.doorOpen = true
  bench.reset('watchdog')
  bench.connect()
  bench.run(300)
  expect(doorTypes(bench)).toEqual(['doorOpened', 'relocked'])
})

test('[F36] [D3] after 60 s the controller asks to close, after 120 s it alerts, by itself', () => {
  const bench = readyBench()
  bench.unlock()
  bench.wanted = 'unlocked'
  bench.world.doorOpen = true
  bench.run(59_900)
  expect(bench.signal).toBe('unlocked')
  bench.run(200)
  expect(bench.signal).toBe('askClose')
  bench.alive = false // the Pi dies; the law does not
  bench.run(59_700)
  expect(bench.signal).toBe('askClose')
  bench.run(300)
  expect(bench.signal).toBe('alert')
  bench.alive = true
  bench.connect()
  bench.run(300)
  expect(bench.events().filter((event) => event.type === 'doorLeftOpen')).toMatchObject([{ seconds: 60 }, { seconds: 120 }])
  expect(bench.signal).toBe('alert')
  bench.world.doorOpen = false
  bench.run(200)
  expect(bench.signal).toBe('unlocked')
})

test('[F36] [D3] the next opening counts anew', () => {
  const bench = readyBench()
  for (let i = 0; i < 2; i++) {
    bench.world.doorOpen = true
    bench.run(61_000)
    bench.world.doorOpen = false
    bench.run(1_000)
  }
  expect(doorTypes(bench)).toEqual(['tamper', 'doorLeftOpen', 'doorClosed', 'tamper', 'doorLeftOpen', 'doorClosed'])
})

test('[F37] the signal follows the Pi, and is an error without one', () => {
  const bench = createBench()
  bench.run(1_000)
  expect(bench.signal).toBe('idle')
  bench.run(2_000)
  expect(bench.signal).toBe('error')
  bench.wanted = 'welcome'
  bench.connect()
  expect(bench.signal).toBe('welcome')
  bench.say({ type: 'showSignal', signal: 'thanks' })
  expect(bench.signal).toBe('thanks')
  expect(bench.status().signal).toBe('welcome') // the heartbeat's word is the newer one
  bench.alive = false
  bench.run(2_100)
  expect(bench.signal).toBe('error')
})
