/**
 * The contract of a PaymentProvider, second part: a hold is captured once, at most whole.
 */
import { afterEach, describe, expect, test } from 'vitest'
import { effectKey } from '../../src/core/ids.ts'
import { dayMs, hourMs, minuteMs } from '../../src/core/time.ts'
import { losses, transports, unreachable, type Desk, type DeskOptions } from './payments-desk.ts'

describe.each(transports)('capturing a hold $name', ({ open }) => {
  let desk: Desk
  const start = async (options: DeskOptions = {}): Promise<Desk> => (desk = await open(options))
  afterEach(() => desk.close())

  test('[PAY8] takes what was asked, and lets go of the rest', async () => {
    await start()
    const hold = desk.hold()
    const { reference } = await desk.placed(hold)
    expect(await desk.capture(effectKey('c-1'), reference, 420)).toEqual({ ok: true, value: { amountMinor: 420 } })
    expect(desk.held(hold)).toMatchObject([
      { status: 'captured', capturedMinor: 420, releasedMinor: 1_080, captures: 1 },
    ])
  })

  test.each(losses)('[PAY4][PAY5][PAY7] once only, through $fault.type', async ({ fault }) => {
    await start()
    const hold = desk.hold()
    const { reference } = await desk.placed(hold)
    desk.once(fault, 'capture')
    const first = await desk.capture(effectKey('c-1'), reference, 420)
    expect(first).toEqual(unreachable)
    for (let times = 0; times < 3; times += 1) {
      expect(await desk.capture(effectKey('c-1'), reference, 420)).toEqual({ ok: true, value: { amountMinor: 420 } })
    }
    expect(desk.held(hold)).toMatchObject([{ capturedMinor: 420, captures: 1 }])
  })

  test('[PAY5][PAY8] another capture of the same hold takes nothing', async () => {
    await start()
    const hold = desk.hold()
    const { reference } = await desk.placed(hold)
    await desk.capture(effectKey('c-1'), reference, 420)
    expect(await desk.capture(effectKey('c-2'), reference, 420)).toEqual({ ok: true, value: { amountMinor: 420 } })
    expect(await desk.capture(effectKey('c-3'), reference, 500)).toEqual({
      ok: false,
      error: { code: 'gone', detail: 'captured 420, not the 500 asked for' },
    })
    expect(await desk.capture(effectKey('c-1'), reference, 500)).toMatchObject({ ok: false, error: { code: 'gone' } })
    expect(desk.held(hold)).toMatchObject([{ capturedMinor: 420, captures: 1 }])
  })

  test('[PAY8] more than the hold is refused by the bank, and nothing is taken', async () => {
    await start()
    const hold = desk.hold()
    const { reference } = await desk.placed(hold)
    const answer = await desk.capture(effectKey('c-1'), reference, 1_501)
    expect(answer).toMatchObject({ ok: false, error: { code: 'gone' } })
    expect(desk.held(hold)).toMatchObject([{ status: 'held', capturedMinor: 0 }])
  })

  test('[PAY8] a hold that was released, that ran out, or that nobody knows is gone', async () => {
    await start()
    const [one, two] = [desk.hold(), desk.hold()]
    const [first, second] = [await desk.placed(one), await desk.placed(two)]
    await desk.release(one, first.reference)
    expect(await desk.capture(effectKey('c-1'), first.reference, 100)).toEqual({
      ok: false,
      error: { code: 'gone', detail: 'the hold is canceled (abandoned)' },
    })
    desk.advance(7 * dayMs + minuteMs)
    expect(await desk.capture(effectKey('c-2'), second.reference, 100)).toEqual({
      ok: false,
      error: { code: 'gone', detail: 'the hold is canceled (expired)' },
    })
    expect(desk.held(two)).toMatchObject([{ status: 'expired', releasedMinor: 1_500 }])
    expect(await desk.capture(effectKey('c-3'), 'pi_nobody', 100)).toMatchObject({ ok: false, error: { code: 'gone' } })
  })

  test('[PAY9] after a day it is looked at before it is repeated', async () => {
    await start()
    const hold = desk.hold()
    const { reference } = await desk.placed(hold)
    const askedAtMs = desk.nowMs()
    desk.once({ type: 'timeoutAfterEffect' }, 'capture')
    expect(await desk.capture(effectKey('c-1'), reference, 420, askedAtMs)).toEqual(unreachable)
    desk.advance(dayMs + hourMs)
    expect(await desk.capture(effectKey('c-1'), reference, 420, askedAtMs)).toEqual({
      ok: true,
      value: { amountMinor: 420 },
    })
    expect(desk.bank.summary().requests).toMatchObject({ capture: 1, retrieve: 1 })
    // Never arrived: then it is done now, once.
    const later = desk.hold()
    const second = await desk.placed(later)
    expect(await desk.capture(effectKey('c-2'), second.reference, 99, desk.nowMs() - 2 * dayMs)).toMatchObject({
      ok: true,
    })
    expect(desk.held(later)).toMatchObject([{ capturedMinor: 99, captures: 1 }])
  })
})
