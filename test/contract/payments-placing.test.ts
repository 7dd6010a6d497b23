/**
 * The contract of a PaymentProvider, first part: a hold is placed once, whatever becomes of its answer.
 */
import { afterEach, describe, expect, test } from 'vitest'
import { dayMs, hourMs, minuteMs } from '../../src/core/time.ts'
import { createStripeClient } from '../../src/payments/client.ts'
import { createStripeProvider } from '../../src/payments/stripe.ts'
import { bankHttpClient } from '../../src/virtual/bank/http-client.ts'
import { losses, transports, unreachable, type Desk, type DeskOptions } from './payments-desk.ts'

describe.each(transports)('placing a hold $name', ({ open, patientMs }) => {
  let desk: Desk
  const start = async (options: DeskOptions = {}): Promise<Desk> => (desk = await open(options))
  afterEach(() => desk.close())

  test('[PAY1] makes one intent, captured by hand, with the visit and the key in its metadata', async () => {
    await start({ statementSuffix: 'FRIDGE 7' })
    const hold = desk.hold()
    const { reference, amountMinor } = await desk.placed(hold)
    expect(amountMinor).toBe(1_500)
    expect(desk.held(hold)).toMatchObject([
      {
        reference,
        visit: hold.visit,
        holdKey: hold.key,
        status: 'held',
        heldMinor: 1_500,
        currency: 'EUR',
        captures: 0,
      },
    ])
    const intent = await desk.ask(desk.stripe.paymentIntents.retrieve(reference))
    expect(intent).toMatchObject({
      capture_method: 'manual',
      statement_descriptor_suffix: 'FRIDGE 7',
      currency: 'eur',
    })
    expect(desk.bank.summary().requests).toEqual({ create: 1, retrieve: 1 })
  })

  test('[PAY2] tells how long it stands by the bank: its word, its clock, never more than the truth', async () => {
    await start({ bank: { authorizationMs: 2 * dayMs } })
    const hold = desk.hold()
    const { captureWithinMs } = await desk.placed(hold)
    const [truth] = desk.held(hold)
    expect(captureWithinMs).toBeLessThanOrEqual((truth?.captureBeforeMs ?? 0) - desk.nowMs())
    expect(captureWithinMs).toBeGreaterThan(2 * dayMs - 5_000)
  })

  test.each([
    ['04DEC11E', 'declined'],
    ['04F00D00', 'insufficientFunds'],
    ['04E8912E', 'expiredCard'],
    ['043D5EC0', 'authenticationNeeded'],
  ])('[PAY3] card %s is refused as %s, and again when asked again', async (uid, reason) => {
    await start()
    const hold = desk.hold({}, uid)
    for (let times = 0; times < 2; times += 1) {
      expect(await desk.place(hold)).toEqual({ ok: false, error: { code: 'declined', reason } })
    }
    expect(desk.held(hold)).toMatchObject([{ status: 'declined', heldMinor: 0 }])
    expect(desk.bank.summary().replays).toBe(1)
  })

  test('[PAY3] a card that was used before, or never was, is unusable', async () => {
    await start()
    const first = desk.hold()
    await desk.placed(first)
    for (const paymentMethod of [first.paymentMethod, 'pm_nobody']) {
      expect(await desk.place(desk.hold({ paymentMethod }))).toEqual({
        ok: false,
        error: { code: 'declined', reason: 'cardUnusable' },
      })
    }
  })

  test.each(losses.filter(({ fault }) => fault.type !== 'error500KeySpent'))(
    '[PAY4][PAY5] $fault.type is unreachable, and the same request then finds out',
    async ({ fault }) => {
      await start()
      const hold = desk.hold()
      desk.once(fault, 'create')
      expect(await desk.place(hold)).toEqual(unreachable)
      expect(await desk.place(hold)).toMatchObject({ ok: true, value: { amountMinor: 1_500 } })
      expect(await desk.place(hold)).toMatchObject({ ok: true })
      expect(desk.held(hold)).toMatchObject([{ status: 'held', heldMinor: 1_500 }])
    },
  )

  test('[PAY7] a key that an outage has spent places nothing, and says so for as long as it is asked', async () => {
    await start()
    const hold = desk.hold()
    desk.once({ type: 'error500KeySpent' }, 'create')
    for (let times = 0; times < 3; times += 1) expect(await desk.place(hold)).toEqual(unreachable)
    expect(desk.held(hold)).toEqual([])
  })

  test('[PAY4] no network is unreachable for as long as it lasts', async () => {
    await start()
    const hold = desk.hold()
    desk.bank.inject({ fault: { type: 'networkDown' } })
    expect(await desk.place(hold)).toEqual(unreachable)
    expect(await desk.place(hold)).toEqual(unreachable)
    desk.bank.clearFaults()
    expect(await desk.place(hold)).toMatchObject({ ok: true })
    expect(desk.held(hold)).toHaveLength(1)
  })

  test('[PAY4] an answer later than our patience, and a key still in execution, are unreachable', async () => {
    await start()
    const hold = desk.hold()
    desk.once({ type: 'slow', delayMs: patientMs }, 'create')
    expect(await desk.place(hold)).toEqual(unreachable)
    expect(await desk.place(hold)).toEqual(unreachable) // 409
    await desk.pass(patientMs)
    expect(await desk.place(hold)).toMatchObject({ ok: true })
    expect(desk.held(hold)).toHaveLength(1)
  })

  test('[PAY4] a bank that does not take our key is unreachable, and the log says what to look at', async () => {
    const stranger = await start({ bank: { secretKey: 'sk_test_stranger' } })
    const lines: string[] = []
    const provider = createStripeProvider({
      stripe: createStripeClient({ apiKey: 'sk_test_another', httpClient: bankHttpClient(stranger.bank) }),
      clock: stranger.bank.clock,
      log: { info: () => {}, warn: (what, detail) => lines.push(`${what} ${JSON.stringify(detail)}`) },
    })
    expect(await stranger.ask(provider.placeHold(stranger.hold()))).toEqual(unreachable)
    expect(lines.join()).toContain('check the payment settings')
    expect(lines.join()).not.toContain('sk_test')
  })

  test('[PAY6] a hold that was released is not placed again by its key', async () => {
    await start()
    const hold = desk.hold()
    const { reference } = await desk.placed(hold)
    expect(await desk.release(hold, reference)).toMatchObject({ ok: true })
    expect(await desk.place(hold)).toEqual({ ok: false, error: { code: 'declined', reason: 'cardUnusable' } })
    expect(desk.held(hold)).toMatchObject([{ status: 'released', heldMinor: 0 }])
  })

  test('[PAY9] after a day it is looked up and not asked for again', async () => {
    await start()
    const [lost, never] = [desk.hold(), desk.hold()]
    desk.once({ type: 'timeoutAfterEffect' }, 'create')
    expect(await desk.place(lost)).toEqual(unreachable)
    desk.advance(23 * hourMs + minuteMs)
    const { reference, captureWithinMs } = await desk.placed(lost)
    expect(desk.held(lost)).toMatchObject([{ reference, status: 'held' }])
    expect(captureWithinMs).toBeLessThan(6.1 * dayMs)
    expect(await desk.place(never)).toMatchObject({ ok: false, error: { code: 'declined' } })
    expect(desk.held(never)).toEqual([])
    expect(desk.bank.summary().requests).toMatchObject({ create: 1 })
  })
})
