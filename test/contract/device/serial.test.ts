/** The link over a real serial line: the real `serialport`, a pty pair, the firmware as a native program, real time. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { silent, type ControllerReport } from '../../../src/core/ports.ts'
import { visitId } from '../../../src/core/ids.ts'
import { createLink, type DeviceLink } from '../../../src/device/link.ts'
import { openSerial } from '../../../src/device/serial.ts'
import { realClock, realRandom } from '../../../src/runtime/clock.ts'
import { nativeKey, noSerialLine, startNative, until, type Native } from './native.ts'

const clock = realClock(0)

describe.skipIf(noSerialLine)('a controller on a serial line', () => {
  let native: Native
  let link: DeviceLink
  let reports: ControllerReport[] = []
  const told = (type: ControllerReport['type']): boolean => reports.some((report) => report.type === type)

  beforeAll(async () => {
    native = await startNative()
  }, 120_000)
  afterAll(() => native.stop())

  beforeEach(async () => {
    await native.world('door closed')
    const port = openSerial({ path: native.path, clock, log: silent })
    link = createLink({ port, key: nativeKey, clock, random: realRandom, log: silent })
    reports = []
    link.subscribe((report) => void reports.push(report))
    await until('the link is up', () => link.state() === 'up')
  })
  afterEach(() => link.close())

  test('[F1] [F13] [F16] a visit with a real port: unlocked, opened, taken, closed, weighed', async () => {
    for (const shelf of [0, 1, 2, 3]) await native.world(`grams ${shelf} ${1_000 * (shelf + 1)}`)
    await until(
      'the shelves rest',
      () => Math.round(link.weights()?.grams[2] ?? 0) === 3_005 && link.weights()?.settled === true,
    )
    expect(await link.unlock(visitId('11111111-2222-4333-8444-555555555555'), 3_000)).toBe('unlocked')
    expect(await native.world('door open')).toContain('lock released door open')
    await until('the opening is told', () => told('doorOpened'))
    await native.world('grams 2 2645')
    await native.world('door closed')
    await until('the closing is told', () => told('doorClosed') && told('relocked'))
    expect(await native.world('state')).toContain('lock locked door closed')
    // The native world's shelves weigh 4.8 g themselves. The old weights may still be the last heard when the door is.
    await until(
      'the weights are told',
      () => link.weights()?.settled === true && Math.round(link.weights()?.grams[2] ?? 0) === 2_650,
    )
    expect(link.counters().dropped).toMatchObject({ crc: 0, tag: 0, counter: 0, malformed: 0 })
  })

  test('[F30] [F20] the controller loses power in a visit: it locks, and tells what it had begun', async () => {
    expect(await link.unlock(visitId('99999999-2222-4333-8444-555555555555'), 3_000)).toBe('unlocked')
    await native.powerCut()
    expect(await native.world('state')).toContain('lock locked')
    await until('the relock is told', () => told('relocked'))
    expect(reports.find((report) => report.type === 'relocked')).toMatchObject({ reason: 'reset' })
    expect(reports.filter((report) => report.type === 'lost')).toHaveLength(1)
  })

  test('[F16] the cable is pulled out and put back: the port is opened again', async () => {
    await native.replug()
    await until('the loss is told', () => told('lost'))
    await until('the link is up again', () => link.state() === 'up')
    expect(await link.unlock(visitId('77777777-2222-4333-8444-555555555555'), 3_000)).toBe('unlocked')
    link.relock()
    await until('it is locked again', () => told('relocked'))
  })

  test('[F37] the signal arrives', async () => {
    link.signal('thanks')
    await until('it is shown', () => link.health()?.signal === 'thanks')
    expect(await native.world('state')).toContain('signal 5')
  })
})
