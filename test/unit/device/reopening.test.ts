import { expect, test } from 'vitest'
import { createReopening, type OpeningEvents } from '../../../src/device/reopening.ts'
import { createHandClock } from './rig.ts'

/** A port whose device comes and goes as the test says. */
function createDevice() {
  const { clock, advanceTo } = createHandClock(0)
  const said: string[] = []
  const log = {
    info: (what: string) => void said.push(what),
    warn: (what: string, detail?: Readonly<Record<string, unknown>>) =>
      void said.push(`${what}: ${String(detail?.['why'])}`),
  }
  const device = {
    openings: [] as number[],
    events: [] as OpeningEvents[],
    written: [] as string[],
    waiting: 0,
    closed: 0,
    said,
    runTo: advanceTo,
    last: () => device.events.at(-1) as OpeningEvents,
  }
  const port = createReopening(
    {
      name: 'tty',
      open(events) {
        device.openings.push(clock.nowMs())
        device.events.push(events)
        return {
          write: (bytes) => void device.written.push(Buffer.from(bytes).toString('latin1')),
          waiting: () => device.waiting,
          close: () => void (device.closed += 1),
        }
      },
    },
    clock,
    log,
  )
  return { ...device, device, port }
}

test('[F16] a port that is not there is tried again with growing pauses, and said once', () => {
  const { device, port } = createDevice()
  for (let atMs = 0; atMs <= 30_000; atMs += 10) {
    device.runTo(atMs)
    if (device.events.length === device.openings.length) device.events.at(-1)?.lost('no such file')
  }
  const pauses = device.openings.slice(1).map((atMs, i) => atMs - (device.openings[i] ?? 0))
  expect(pauses.slice(0, 7)).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000])
  expect(device.said).toEqual(['the controller’s port is not there: no such file'])
  port.close()
})

test('[F16] once bytes came, the next loss starts with a short pause again', () => {
  const { device, port } = createDevice()
  const heard: string[] = []
  port.onBytes((bytes) => void heard.push(Buffer.from(bytes).toString('latin1')))
  device.runTo(0)
  for (const atMs of [250, 750, 1_750]) {
    device.last().lost('busy')
    device.runTo(atMs)
  }
  device.last().opened()
  device.last().bytes(Buffer.from('ab'))
  device.last().lost('gone')
  device.runTo(2_000)
  expect(device.openings).toEqual([0, 250, 750, 1_750, 2_000])
  expect(heard).toEqual(['ab'])
  // What an old opening still says is nobody's business.
  device.events[3]?.bytes(Buffer.from('cd'))
  device.events[3]?.lost('again')
  device.runTo(10_000)
  expect(heard).toEqual(['ab'])
  expect(device.openings).toHaveLength(5)
})

test('[F16] what can’t be sent now is dropped whole and counted', () => {
  const { device, port } = createDevice()
  port.write(Buffer.from('too early'))
  device.runTo(0)
  port.write(Buffer.from('still opening'))
  device.last().opened()
  port.write(Buffer.from('now'))
  device.waiting = 8_190
  port.write(Buffer.from('too much'))
  device.waiting = 0
  port.write(Buffer.from('now again'))
  expect(device.written).toEqual(['now', 'now again'])
  expect(port.dropped()).toBe(3)
})

test('a closed port stays closed', () => {
  const { device, port } = createDevice()
  device.runTo(0)
  device.last().opened()
  port.close()
  device.last().lost('closed')
  port.write(Buffer.from('late'))
  device.runTo(60_000)
  expect(device.openings).toHaveLength(1)
  expect(device.closed).toBe(1)
  expect(device.written).toEqual([])
})
