import { expect, test } from 'vitest'
import { visitId } from '../../../src/core/ids.ts'
import { tickMs } from '../firmware/table.ts'
import { createRig, readyRig, visitOne, visitTwo } from './rig.ts'

test('[F13] [F14] the link comes up by itself and tells the truth about the door', () => {
  const rig = createRig()
  expect(rig.link.status()).toBeNull()
  rig.run(100)
  expect(rig.link.state()).toBe('up')
  expect(rig.told()).toMatchObject([
    { type: 'up', status: { doorOpen: false, lockOpen: false, temperatureCelsius: 4 } },
  ])
  rig.run(10_000)
  expect(rig.reports.filter((report) => report.type === 'status').length).toBeGreaterThanOrEqual(19)
  expect(rig.types()).toEqual(['up'])
  expect(rig.link.counters()).toMatchObject({ roundTripMs: 0, silences: 0, missedEvents: 0 })
})

test('[F13] two silent seconds and it is lost; it connects again when the wire is back', () => {
  const rig = readyRig()
  rig.connected = false
  rig.run(2_600)
  expect(rig.types()).toEqual(['lost'])
  expect(rig.link.status()).toBeNull()
  expect(rig.link.weights()).toBeNull()
  expect(rig.link.counters().silences).toBe(1)
  rig.run(60_000)
  rig.connected = true
  rig.run(600)
  expect(rig.types()).toEqual(['lost', 'up'])
})

test('[F13] a controller that was reset is found again with another boot', () => {
  const rig = readyRig()
  const before = rig.link.status()?.bootId
  rig.table.restart('watchdog')
  rig.run(3_500)
  expect(rig.types()).toEqual(['lost', 'up'])
  expect(rig.link.status()?.bootId).not.toBe(before)
})

test('[F8] without the right key the link does not come up, and says why', () => {
  const rig = createRig({ key: new Uint8Array(32).fill(5) })
  rig.run(5_000)
  expect(rig.link.state()).toBe('connecting')
  expect(rig.reports).toEqual([])
})

test('[F8] an old HelloAck makes no session', () => {
  const rig = createRig()
  rig.run(100)
  const [oldAck] = rig.answered
  rig.connected = false
  rig.run(3_000)
  rig.hearAgain(oldAck ?? new Uint8Array())
  rig.run(3_000)
  expect(rig.link.state()).toBe('connecting')
  expect(rig.link.counters().dropped.counter).toBe(1)
})

test('[F8] half a frame on the line does not cost the first Hello', () => {
  const rig = createRig()
  rig.table.give(Uint8Array.of(7, 7, 7, 7))
  rig.run(tickMs)
  expect(rig.link.state()).toBe('up')
})

test('[F2] [F11] what the controller said before is dropped when it comes again, each by its fault', () => {
  const rig = readyRig()
  for (const bytes of rig.answered) rig.hearAgain(bytes)
  const { dropped } = rig.link.counters()
  expect(dropped.counter).toBe(rig.answered.length)
  rig.hearAgain(Uint8Array.of(9, 9, 0))
  expect(rig.link.counters().dropped.length).toBe(1)
  rig.connected = false
  rig.run(3_000)
  rig.hearAgain(rig.answered.at(-1) ?? new Uint8Array())
  expect(rig.link.counters().dropped.noSession).toBe(1)
})

test('a visit, from the unlock to the weights', async () => {
  const rig = readyRig()
  expect(await rig.answer(rig.link.unlock(visitOne, 3_000))).toBe('unlocked')
  expect(rig.link.status()?.lockOpen).toBe(true)
  rig.table.world.doorOpen = true
  rig.run(200)
  expect(rig.link.status()?.doorOpen).toBe(true)
  rig.table.world.grams[1] = 1_650
  rig.run(1_000)
  rig.table.world.doorOpen = false
  rig.run(1_500)
  expect(rig.told()).toEqual([
    { type: 'doorOpened' },
    { type: 'doorClosed' },
    { type: 'relocked', visit: visitOne, reason: 'doorClosed' },
  ])
  expect(rig.link.status()).toMatchObject({ doorOpen: false, lockOpen: false })
  expect(rig.link.weights()?.settled).toBe(true)
  expect(Math.round(rig.link.weights()?.grams[1] ?? 0)).toBe(1_650)
})

test('weights that waited for the link are of the past, and nobody settles on them', async () => {
  const rig = readyRig()
  await rig.answer(rig.link.unlock(visitOne, 3_000))
  rig.table.world.doorOpen = true
  rig.run(300)
  rig.connected = false
  rig.table.world.grams[1] = 1_650
  rig.run(1_500) // comes to rest, and is kept to be told
  rig.table.world.grams[1] = 1_300
  rig.table.world.doorOpen = false
  rig.run(200)
  const settled: number[] = []
  rig.link.subscribe((report) => {
    if (report.type === 'weights' && report.weights.settled && rig.link.status()?.doorOpen === false)
      settled.push(Math.round(report.weights.grams[1] ?? 0))
  })
  rig.connected = true
  rig.run(4_000)
  expect(new Set(settled)).toEqual(new Set([1_300]))
})

test('[F14] whoever hears that the door was closed reads that it is closed', () => {
  const rig = readyRig()
  const read: (boolean | undefined)[] = []
  rig.link.subscribe((report) => {
    if (report.type === 'tamper' || report.type === 'doorClosed') read.push(rig.link.status()?.doorOpen)
  })
  rig.table.world.doorOpen = true
  rig.run(130)
  rig.table.world.doorOpen = false
  rig.run(130)
  expect(read).toEqual([true, false])
})

test('[F40] a shelf that can’t be believed has no grams', () => {
  const rig = readyRig()
  rig.table.world.codes[3] = 0x7fffff
  rig.run(2_000)
  expect(rig.link.weights()?.grams[3]).toBeNull()
  expect(rig.link.weights()?.grams[0]).not.toBeNull()
  expect(rig.link.health()?.faults).toEqual(['scale3'])
})

test('[F18] an event is acknowledged once it was heard, and not while nobody listens', () => {
  const rig = createRig({ listening: false })
  rig.run(1_500)
  rig.table.world.doorOpen = true
  rig.run(1_000)
  expect(rig.link.health()?.eventsWaiting).toBeGreaterThan(0)
  let writtenWhenHeard = 0
  rig.link.subscribe((report) => {
    if (report.type === 'tamper') writtenWhenHeard = rig.written.length
  })
  rig.run(100)
  expect(writtenWhenHeard).toBeGreaterThan(0)
  expect(rig.written.length).toBeGreaterThan(writtenWhenHeard)
  rig.run(1_000)
  expect(rig.link.health()?.eventsWaiting).toBe(0)
})

test('[F18] who subscribes while something is told hears the next', () => {
  const rig = readyRig()
  const late: string[] = []
  const cancel = rig.link.subscribe((report) => {
    if (report.type !== 'tamper') return
    cancel()
    rig.link.subscribe((next) => void late.push(next.type))
  })
  rig.table.world.doorOpen = true
  rig.run(62.5)
  expect(late).not.toContain('tamper')
  rig.table.world.doorOpen = false
  rig.run(200)
  expect(late).toContain('doorClosed')
  expect(late).not.toContain('tamper')
})

test('[F20] what a reset makes the controller say again is heard once', async () => {
  const rig = readyRig()
  expect(await rig.answer(rig.link.unlock(visitOne, 3_000))).toBe('unlocked')
  rig.table.world.doorOpen = true
  rig.run(500)
  rig.table.restart('watchdog')
  rig.run(4_000)
  rig.table.world.doorOpen = false
  rig.run(1_500)
  expect(rig.types()).toEqual(['doorOpened', 'lost', 'up', 'relocked', 'doorClosed'])
  expect(rig.link.counters().missedEvents).toBe(0)
})

test('[F24] one unlock at a time, and refusals are answers', async () => {
  const rig = readyRig()
  const first = rig.link.unlock(visitOne, 3_000)
  expect(await rig.answer(rig.link.unlock(visitTwo, 3_000))).toBe('busy')
  expect(await rig.answer(first)).toBe('unlocked')
  expect(await rig.answer(rig.link.unlock(visitTwo, 3_000))).toBe('busy') // the controller's own word
  rig.table.world.doorOpen = true
  rig.run(200)
  expect(await rig.answer(rig.link.unlock(visitTwo, 3_000))).toBe('doorOpen')
  rig.table.world.millivolts = 9_000
  rig.run(200)
  expect(await rig.answer(rig.link.unlock(visitTwo, 3_000))).toBe('lowPower')
})

test('[F24] an unlock waits for the link, but not beyond its time', async () => {
  const rig = readyRig()
  rig.connected = false
  rig.run(3_000)
  expect(await rig.answer(rig.link.unlock(visitOne, 1_000))).toBe('timeout')
  const waiting = rig.link.unlock(visitTwo, 5_000)
  rig.run(2_000)
  rig.connected = true
  expect(await rig.answer(waiting)).toBe('unlocked')
})

test('[F22] [D1] an unlock that is late on the wire opens nothing', async () => {
  const rig = readyRig()
  const before = rig.written.length
  rig.connected = false // the frame is on its way, and stuck
  const answer = rig.answer(rig.link.unlock(visitOne, 1_000))
  expect(await answer).toBe('timeout')
  const stuck = rig.written.slice(before)
  expect(stuck.length).toBeGreaterThan(5)
  for (const bytes of stuck) rig.table.give(bytes) // now it arrives
  rig.run(500)
  expect(rig.table.drives.some((drive) => drive.released)).toBe(false)
})

test('[F24] an unlock whose answer is lost is taken back', async () => {
  const rig = readyRig()
  rig.deaf = true
  expect(await rig.answer(rig.link.unlock(visitOne, 1_500))).toBe('timeout')
  expect(rig.table.drives.some((drive) => drive.released)).toBe(true)
  expect(rig.table.released).toBe(false)
  rig.deaf = false
  expect(await rig.answer(rig.link.unlock(visitTwo, 3_000))).toBe('unlocked')
  expect(rig.told()).toEqual([{ type: 'relocked', visit: visitOne, reason: 'commanded' }])
})

test('[F24] a reset of the controller ends an unlock that was sent to it', async () => {
  const rig = readyRig()
  rig.connected = false
  const answer = rig.link.unlock(visitOne, 30_000)
  rig.run(500)
  rig.table.restart('watchdog')
  rig.connected = true
  expect(await rig.answer(answer)).toBe('timeout')
  rig.run(2_000)
  expect(rig.table.drives.some((drive) => drive.released)).toBe(false)
})

test('[F24] relock takes an unlock back that is still asked for', async () => {
  const rig = readyRig()
  rig.connected = false
  const answer = rig.link.unlock(visitOne, 10_000)
  rig.run(300)
  rig.link.relock()
  rig.connected = true
  expect(await rig.answer(answer)).toBe('timeout')
  rig.run(1_000)
  expect(rig.table.released).toBe(false)
  expect(await rig.answer(rig.link.unlock(visitTwo, 3_000))).toBe('unlocked')
})

test('[F24] an unlock waits until a relock is answered, or the relock would lock the next visit’s door', async () => {
  const rig = readyRig()
  rig.connected = false
  rig.link.relock()
  rig.run(50)
  const answer = rig.link.unlock(visitOne, 3_000)
  rig.run(75)
  rig.connected = true // the unlock's next turn would come before the relock's
  expect(await rig.answer(answer)).toBe('unlocked')
  rig.run(1_000)
  expect(rig.table.released).toBe(true)
  expect(rig.told()).toEqual([])
})

test('[F25] a relock is repeated until it is done', async () => {
  const rig = readyRig()
  await rig.answer(rig.link.unlock(visitOne, 3_000))
  rig.connected = false
  rig.link.relock()
  rig.run(500)
  expect(rig.table.released).toBe(true)
  rig.connected = true
  rig.run(200)
  expect(rig.table.released).toBe(false)
  expect(rig.told()).toEqual([{ type: 'relocked', visit: visitOne, reason: 'commanded' }])
})

test('[F25] [F44] tare and calibrate answer with what became of them', async () => {
  const rig = readyRig()
  expect(await rig.answer(rig.link.tare(0))).toBe('done')
  rig.table.world.grams[0] = 1_000 + 495 // a weight of 500 g, by a cell that reads 1 % too little
  rig.run(1_000)
  expect(await rig.answer(rig.link.calibrate(0, 500))).toBe('done')
  rig.run(1_500)
  expect(Math.round(rig.link.weights()?.grams[0] ?? 0)).toBe(500)
  expect(await rig.answer(rig.link.tare(7))).toBe('badShelf')
  rig.connected = false
  const asked = Array.from({ length: 9 }, () => rig.link.tare(1))
  expect(await rig.answer(asked[8] ?? Promise.reject(new Error('nine')))).toBe('busy')
  expect(await rig.answer(asked[0] ?? Promise.reject(new Error('nine')))).toBe('timeout')
})

test('the signal is shown at once, and again by the heartbeat when its frame is lost', () => {
  const rig = readyRig()
  rig.link.signal('welcome')
  expect(rig.table.signal).toBe('welcome')
  rig.connected = false
  rig.link.signal('thanks')
  rig.connected = true
  expect(rig.table.signal).toBe('welcome')
  rig.run(600)
  expect(rig.table.signal).toBe('thanks')
})

test('a visit whose id is no UUID is a broken invariant', () => {
  const rig = readyRig()
  for (const id of ['', 'visit-1', '00000000-0000-0000-0000-000000000000'])
    expect(() => rig.link.unlock(visitId(id), 1_000)).toThrow('UUID')
})

test('a closed link answers what was asked and says nothing more', async () => {
  const rig = readyRig()
  const asked = rig.link.unlock(visitOne, 3_000)
  rig.connected = false
  const tare = rig.link.tare(1)
  rig.link.close()
  expect(await rig.answer(tare)).toBe('timeout')
  expect(await rig.answer(asked)).toBe('unlocked') // the answer was here before
  const before = rig.written.length
  rig.run(5_000)
  expect(rig.written.length).toBe(before)
})
