/**
 * The contract of a PaymentProvider, third part: what was held goes back, also where nobody knows whether it was held.
 */
import { afterEach, describe, expect, test } from 'vitest'
import { effectKey } from '../../src/core/ids.ts'
import { hourMs, minuteMs } from '../../src/core/time.ts'
import { losses, transports, unreachable, type Desk, type DeskOptions } from './payments-desk.ts'

const released = { ok: true, value: 'released' }
const neverPlaced = { ok: true, value: 'neverPlaced' }

describe.each(transports)('releasing a hold $name', ({ open, patientMs }) => {
  let desk: Desk
  const start = async (options: DeskOptions = {}): Promise<Desk> => (desk = await open(options))
  afterEach(() => desk.close())

  test.each(losses)('[PAY4][PAY5][PAY7][PAY10] a known hold, through $fault.type', async ({ fault }) => {
    await start()
    const hold = desk.hold()
    const { reference } = await desk.placed(hold)
    desk.once(fault, 'cancel')
    expect(await desk.release(hold, reference)).toEqual(unreachable)
    for (let times = 0; times < 3; times += 1) expect(await desk.release(hold, reference)).toEqual(released)
    expect(desk.held(hold)).toMatchObject([{ status: 'released', releasedMinor: 1_500 }])
  })

  test('[PAY10] under another key it is released still, a captured one is captured, an unknown one never was', async () => {
    await start()
    const [one, two] = [desk.hold(), desk.hold()]
    const [first, second] = [await desk.placed(one), await desk.placed(two)]
    expect(await desk.release(one, first.reference, effectKey('r-1'))).toEqual(released)
    expect(await desk.release(one, first.reference, effectKey('r-2'))).toEqual(released)
    await desk.capture(effectKey('c-1'), second.reference, 420)
    expect(await desk.release(two, second.reference, effectKey('r-3'))).toEqual({
      ok: false,
      error: { code: 'captured' },
    })
    expect(await desk.release(two, 'pi_nobody', effectKey('r-4'))).toEqual(neverPlaced)
    expect(desk.held(two)).toMatchObject([{ capturedMinor: 420 }])
  })

  test.each(losses.filter(({ fault }) => fault.type !== 'error500KeySpent'))(
    '[PAY11] a hold whose answer was lost to $fault.type',
    async ({ fault, effect }) => {
      await start()
      const hold = desk.hold()
      desk.once(fault, 'create')
      expect(await desk.place(hold)).toEqual(unreachable)
      for (let times = 0; times < 2; times += 1) expect(await desk.release(hold, null)).toEqual(released)
      expect(desk.held(hold)).toMatchObject([{ status: 'released', heldMinor: 0 }])
      // Found where it was placed, used up where it was not: either way nothing comes later.
      expect(desk.bank.summary().requests.create).toBe(effect ? 1 : 2)
      expect(await desk.place(hold)).toMatchObject({ ok: false, error: { code: 'declined' } })
    },
  )

  test('[PAY12] a hold behind a key that an outage has spent was never placed, once it can no longer come', async () => {
    await start()
    const hold = desk.hold()
    desk.once({ type: 'error500KeySpent' }, 'create')
    expect(await desk.place(hold)).toEqual(unreachable)
    expect(await desk.release(hold, null)).toEqual(unreachable)
    desk.advance(2 * minuteMs + 1)
    expect(await desk.release(hold, null)).toEqual(neverPlaced)
    expect(desk.held(hold)).toEqual([])
  })

  test('[PAY11] a request that comes to the bank after its release places nothing', async () => {
    await start()
    const hold = desk.hold()
    desk.bank.inject({ fault: { type: 'networkDown' } })
    expect(await desk.place(hold)).toEqual(unreachable)
    desk.bank.clearFaults()
    expect(await desk.release(hold, null)).toEqual(released)
    // The lost request arrives now, word for word.
    const late = desk.ask(
      desk.stripe.paymentIntents.create(
        {
          amount: hold.amountMinor,
          currency: 'eur',
          capture_method: 'manual',
          confirm: true,
          payment_method: hold.paymentMethod,
          allowed_payment_method_types: ['card', 'card_present'],
          error_on_requires_action: true,
          metadata: { visit: hold.visit, holdKey: hold.key },
          expand: ['latest_charge'],
        },
        { idempotencyKey: hold.key },
      ),
    )
    expect((await late).lastResponse.headers['idempotent-replayed']).toBe('true')
    expect(desk.held(hold)).toMatchObject([{ status: 'released' }])
  })

  test('[PAY11] a hold that was declined was never placed', async () => {
    await start()
    const hold = desk.hold({}, '04DEC11E')
    desk.once({ type: 'timeoutAfterEffect' }, 'create')
    expect(await desk.place(hold)).toEqual(unreachable)
    expect(await desk.release(hold, null)).toEqual(neverPlaced)
    const fresh = desk.hold({}, '04F00D00')
    expect(await desk.release(fresh, null)).toEqual(neverPlaced)
    expect(desk.bank.summary().sums['EUR']).toMatchObject({ heldMinor: 0, capturedMinor: 0 })
  })

  test('[PAY12] a key that is still being executed is not "never placed"', async () => {
    await start()
    const hold = desk.hold()
    desk.once({ type: 'slow', delayMs: patientMs }, 'create')
    expect(await desk.place(hold)).toEqual(unreachable)
    expect(await desk.release(hold, null)).toEqual(unreachable)
    await desk.pass(patientMs)
    expect(await desk.release(hold, null)).toEqual(released)
  })

  test('[PAY9][PAY11] after a day it is looked for and nothing is repeated', async () => {
    await start()
    const [lost, never] = [desk.hold(), desk.hold()]
    desk.once({ type: 'timeoutAfterEffect' }, 'create')
    expect(await desk.place(lost)).toEqual(unreachable)
    desk.advance(30 * hourMs)
    expect(await desk.release(lost, null)).toEqual(released)
    expect(await desk.release(never, null, effectKey('release-2'))).toEqual(neverPlaced)
    expect(desk.bank.summary().requests).toMatchObject({ create: 1, cancel: 1 })
  })

  test('[PAY12] a list that can not be read whole says nothing', async () => {
    await start()
    const hold = desk.hold()
    desk.once({ type: 'timeoutAfterEffect' }, 'create')
    await desk.place(hold)
    desk.once({ type: 'error500BeforeEffect' }, 'list')
    expect(await desk.release(hold, null)).toEqual(unreachable)
    expect(await desk.release(hold, null)).toEqual(released)
  })

  test('[PAY12] finds its hold behind more than a page of others', async () => {
    await start()
    const hold = desk.hold()
    desk.once({ type: 'timeoutAfterEffect' }, 'create')
    await desk.place(hold)
    for (let others = 0; others < 130; others += 1) await desk.placed(desk.hold())
    expect(await desk.release(hold, null)).toEqual(released)
    expect(desk.held(hold)).toMatchObject([{ status: 'released' }])
    expect(desk.bank.summary().requests.list).toBe(2)
  })
})
