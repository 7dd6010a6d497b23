/**
 * The bank as the real SDK sees it: payment intents, their charges and refunds, and what it refuses.
 */
import { Stripe } from 'stripe'
import { beforeEach, describe, expect, test } from 'vitest'
import { dayMs } from '../../../../src/core/time.ts'
import { inProcessDesk, type Desk } from '../../../contract/payments-desk.ts'

type CreateParams = Stripe.PaymentIntentCreateParams
type Intent = Stripe.PaymentIntent

let desk: Desk
beforeEach(async () => (desk = await inProcessDesk()))

const create = (over: Partial<CreateParams> = {}): Promise<Intent> =>
  desk.ask(desk.stripe.paymentIntents.create({ amount: 1_500, currency: 'eur', capture_method: 'manual', ...over }))
const held = (over: Partial<CreateParams> = {}): Promise<Intent> =>
  create({ payment_method: 'pm_card_visa', confirm: true, ...over })
const get = (id: string): Promise<Intent> => desk.ask(desk.stripe.paymentIntents.retrieve(id))

/** The SDK's error, as a plain object of the fields a client may look at. */
async function refusal(asked: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const error: unknown = await desk.ask(asked).then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof Stripe.errors.StripeError) return error
  throw new Error(`not refused: ${String(error)}`)
}

describe('an intent', () => {
  test('goes its way: method, confirmation, hold, part capture', async () => {
    const open = await create()
    expect(open).toMatchObject({
      status: 'requires_payment_method',
      amount_capturable: 0,
      payment_method_types: ['card'],
    })
    const ready = await desk.ask(
      desk.stripe.paymentIntents.update(open.id, { payment_method: 'pm_card_visa', amount: 1_400 }),
    )
    expect(ready).toMatchObject({ status: 'requires_confirmation', amount: 1_400 })
    const hold = await desk.ask(desk.stripe.paymentIntents.confirm(open.id))
    expect(hold).toMatchObject({ status: 'requires_capture', amount_capturable: 1_400, amount_received: 0 })
    const taken = await desk.ask(desk.stripe.paymentIntents.capture(open.id, { amount_to_capture: 420 }))
    expect(taken).toMatchObject({ status: 'succeeded', amount: 1_400, amount_capturable: 0, amount_received: 420 })
  })

  test('shows its charge, with the time until which it can be captured, when asked to', async () => {
    const hold = await held({
      expand: ['latest_charge.payment_intent', 'payment_method'],
    })
    const charge = hold.latest_charge as Stripe.Charge
    expect(charge).toMatchObject({ object: 'charge', amount: 1_500, captured: false, paid: true, status: 'succeeded' })
    expect(charge.payment_method_details?.card?.capture_before).toBe(charge.created + 7 * 24 * 3600)
    expect(charge.payment_intent).toMatchObject({ id: hold.id, latest_charge: charge.id })
    expect(hold.payment_method).toMatchObject({ object: 'payment_method', type: 'card' })
    expect(typeof (await get(hold.id)).latest_charge).toBe('string')
    const read = await desk.ask(desk.stripe.charges.retrieve(charge.id, { expand: ['payment_intent'] }))
    expect(read.payment_intent).toMatchObject({ id: hold.id })
  })

  test('lets go of what is not taken without a refund', async () => {
    const [part, none] = [await held(), await held()]
    await desk.ask(desk.stripe.paymentIntents.capture(part.id, { amount_to_capture: 420 }))
    await desk.ask(desk.stripe.paymentIntents.cancel(none.id, { cancellation_reason: 'requested_by_customer' }))
    const charges = await desk.ask(desk.stripe.charges.list({ payment_intent: part.id }))
    expect(charges.data).toMatchObject([{ amount: 1_500, amount_captured: 420, amount_refunded: 0, refunded: false }])
    expect(await get(none.id)).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'requested_by_customer',
      amount_received: 0,
    })
    expect((await desk.ask(desk.stripe.refunds.list())).data).toEqual([])
    expect(desk.bank.summary().sums['EUR']).toEqual({
      holds: 2,
      heldMinor: 0,
      capturedMinor: 420,
      releasedMinor: 2_580,
      refundedMinor: 0,
    })
  })

  test('captures at once when it is not by hand', async () => {
    expect(await held({ capture_method: 'automatic' })).toMatchObject({ status: 'succeeded', amount_received: 1_500 })
  })

  test('expires at its time and not before, by the bank’s clock', async () => {
    desk.bank.setAuthorizationWindow(2 * dayMs)
    const hold = await held()
    desk.advance(2 * dayMs - 1_000)
    expect(await get(hold.id)).toMatchObject({ status: 'requires_capture' })
    desk.advance(1_000)
    expect(await get(hold.id)).toMatchObject({ status: 'canceled', cancellation_reason: 'expired' })
  })

  test('waits for its customer unless told not to', async () => {
    expect(await held({ payment_method: 'pm_card_authenticationRequired' })).toMatchObject({
      status: 'requires_action',
      next_action: { type: 'use_stripe_sdk' },
    })
    for (const way of [{ off_session: true }, { error_on_requires_action: true }]) {
      const error = await refusal(held({ payment_method: 'pm_card_authenticationRequired', ...way }))
      expect(error).toMatchObject({ statusCode: 402, code: 'authentication_required' })
    }
  })

  test('keeps its decline, and shows it in the refusal', async () => {
    const error = await refusal(held({ payment_method: 'pm_card_chargeDeclinedInsufficientFunds' }))
    expect(error).toMatchObject({
      type: 'StripeCardError',
      statusCode: 402,
      code: 'card_declined',
      decline_code: 'insufficient_funds',
      requestId: expect.stringMatching(/^req_/),
      payment_intent: { status: 'requires_payment_method', last_payment_error: { decline_code: 'insufficient_funds' } },
      payment_method: { object: 'payment_method' },
      charge: expect.stringMatching(/^ch_/),
    })
    const again = await desk.ask(
      desk.stripe.paymentIntents.confirm(error.payment_intent!.id, { payment_method: 'pm_card_visa' }),
    )
    expect(again).toMatchObject({ status: 'requires_capture', last_payment_error: null })
  })

  test('takes a declined answer from the switch, for authorizations only', async () => {
    desk.bank.inject({ fault: { type: 'decline', declineCode: 'lost_card' }, count: 1 })
    await create()
    expect(await refusal(held())).toMatchObject({ code: 'card_declined', decline_code: 'lost_card' })
    expect(await held()).toMatchObject({ status: 'requires_capture' })
  })
})

describe('an intent refuses', () => {
  test.each([
    ['too little', { amount: 49 }, { code: 'amount_too_small', param: 'amount' }],
    ['too much', { amount: 100_000_000 }, { code: 'amount_too_large', param: 'amount' }],
    ['a currency it keeps no books in', { currency: 'xau' }, { param: 'currency' }],
    ['an unknown method', { payment_method: 'pm_nobody' }, { code: 'resource_missing', param: 'payment_method' }],
    ['an unknown customer', { customer: 'cus_nobody' }, { code: 'resource_missing', param: 'customer' }],
    ['a confirmation without a method', { confirm: true }, { code: 'parameter_missing', param: 'payment_method' }],
    ['off_session without confirm', { off_session: true }, { param: 'off_session' }],
    ['an unknown parameter', { ammount: 3 }, { code: 'parameter_unknown', param: 'ammount' }],
    ['the parameter of old', { payment_method_types: ['card'] }, { code: 'payment_method_types_no_longer_supported' }],
    [
      'a type it does not issue',
      { allowed_payment_method_types: ['ideal'] },
      { param: 'allowed_payment_method_types' },
    ],
    ['an odd suffix', { statement_descriptor_suffix: '<>' }, { param: 'statement_descriptor_suffix' }],
    ['an unknown capture method', { capture_method: 'later' }, { param: 'capture_method' }],
    ['an expansion of nothing', { expand: ['colour'] }, { param: 'expand' }],
    ['an expansion of what is elsewhere', { expand: ['charge'] }, { param: 'expand' }],
    ['an expansion too deep', { expand: ['a.b.c.d.e'] }, { param: 'expand' }],
  ])('%s, naming it, and leaves nothing behind', async (_, over, detail) => {
    const error = await refusal(create(over as Partial<CreateParams>))
    expect(error).toMatchObject({ type: 'StripeInvalidRequestError', statusCode: 400, ...detail })
    expect(desk.bank.summary().holds).toEqual([])
  })

  test('a card at the reader where only saved cards are allowed', async () => {
    const { paymentMethod } = desk.bank.presentCard('04A1B2C3')
    expect(await refusal(held({ payment_method: paymentMethod }))).toMatchObject({ param: 'payment_method' })
    const allowed: Partial<CreateParams> = { allowed_payment_method_types: ['card_present'] }
    expect(await held({ payment_method: paymentMethod, ...allowed })).toMatchObject({ status: 'requires_capture' })
  })

  test('a second use of a method that nobody saved', async () => {
    const { paymentMethod } = desk.bank.presentCard('04A1B2C3')
    const params = { payment_method: paymentMethod, allowed_payment_method_types: ['card_present'] } as const
    await held(params as unknown as Partial<CreateParams>)
    expect(await refusal(held(params as unknown as Partial<CreateParams>))).toMatchObject({
      statusCode: 400,
      code: 'payment_method_unexpected_state',
      message: expect.stringContaining('It may not be used again'),
    })
    expect(desk.bank.summary().holds).toHaveLength(1)
  })

  test('what its state forbids, showing itself', async () => {
    const hold = await held()
    const { paymentIntents } = desk.stripe
    const unexpected = { statusCode: 400, code: 'payment_intent_unexpected_state' }
    expect(await refusal(paymentIntents.update(hold.id, { amount: 9_999 }))).toMatchObject({
      ...unexpected,
      param: 'amount',
      message: expect.stringContaining('requires_capture'),
      payment_intent: { id: hold.id, amount: 1_500 },
    })
    expect(await refusal(paymentIntents.confirm(hold.id))).toMatchObject(unexpected)
    expect(await refusal(paymentIntents.capture(hold.id, { amount_to_capture: 1_501 }))).toMatchObject({
      code: 'amount_too_large',
    })
    expect(await refusal(paymentIntents.capture(hold.id, { amount_to_capture: 0 }))).toMatchObject({
      param: 'amount_to_capture',
    })
    await desk.ask(paymentIntents.capture(hold.id))
    expect(await refusal(paymentIntents.capture(hold.id))).toMatchObject({
      ...unexpected,
      payment_intent: { status: 'succeeded' },
    })
    expect(await refusal(paymentIntents.cancel(hold.id))).toMatchObject({
      ...unexpected,
      message: expect.stringContaining('You cannot cancel this PaymentIntent because it has a status of succeeded'),
    })
    const ended = await held()
    await desk.ask(paymentIntents.cancel(ended.id))
    expect(await refusal(paymentIntents.cancel(ended.id))).toMatchObject({
      ...unexpected,
      payment_intent: { status: 'canceled' },
    })
    expect(await refusal(paymentIntents.capture(ended.id))).toMatchObject(unexpected)
    expect(await refusal(paymentIntents.capture('pi_nobody'))).toMatchObject({ code: 'resource_missing' })
  })

  test('metadata can still be written while it is held', async () => {
    const hold = await held({ metadata: { visit: 'v-1' } })
    const after = await desk.ask(
      desk.stripe.paymentIntents.update(hold.id, { metadata: { note: 'n', visit: '' }, description: 'two cans' }),
    )
    expect(after).toMatchObject({ metadata: { note: 'n' }, description: 'two cans', status: 'requires_capture' })
  })
})

describe('lists', () => {
  test('are newest first, by page and cursor, within their time', async () => {
    const ids: string[] = []
    for (let made = 0; made < 5; made += 1) {
      ids.unshift((await create()).id)
      desk.advance(1_000)
    }
    const { paymentIntents } = desk.stripe
    const first = await desk.ask(paymentIntents.list({ limit: 2 }))
    expect(first).toMatchObject({ object: 'list', has_more: true, url: '/v1/payment_intents' })
    expect(first.data.map(({ id }) => id)).toEqual(ids.slice(0, 2))
    const next = await desk.ask(paymentIntents.list({ limit: 3, starting_after: ids[1]! }))
    expect([next.data.map(({ id }) => id), next.has_more]).toEqual([ids.slice(2), false])
    const back = await desk.ask(paymentIntents.list({ limit: 1, ending_before: ids[3]! }))
    expect([back.data.map(({ id }) => id), back.has_more]).toEqual([[ids[2]], true])
    const [from, to] = [(await get(ids[3]!)).created, (await get(ids[1]!)).created]
    const within = await desk.ask(paymentIntents.list({ created: { gte: from, lte: to } }))
    expect(within.data.map(({ id }) => id)).toEqual(ids.slice(1, 4))
    expect((await desk.ask(paymentIntents.list({ created: { gt: from, lt: to } }))).data.map(({ id }) => id)).toEqual([
      ids[2],
    ])
    expect((await desk.ask(paymentIntents.list({ created: from }))).data.map(({ id }) => id)).toEqual([ids[3]])
    const all: string[] = []
    await desk.ask(paymentIntents.list({ limit: 2 }).autoPagingEach(({ id }) => void all.push(id)))
    expect(all).toEqual(ids)
  })

  test('refuse a page that is none', async () => {
    for (const params of [{ limit: 101 }, { limit: 0 }, { starting_after: 'pi_nobody' }, { created: { since: 4 } }]) {
      expect(await refusal(desk.stripe.paymentIntents.list(params as Stripe.PaymentIntentListParams))).toMatchObject({
        statusCode: 400,
      })
    }
  })
})

describe('refunds', () => {
  test('give back at most what was captured', async () => {
    const { refunds, paymentIntents } = desk.stripe
    const hold = await held()
    expect(await refusal(refunds.create({ payment_intent: hold.id }))).toMatchObject({ code: 'charge_not_refundable' })
    await desk.ask(paymentIntents.capture(hold.id, { amount_to_capture: 420 }))
    const part = await desk.ask(
      refunds.create({ payment_intent: hold.id, amount: 120, reason: 'requested_by_customer' }),
    )
    expect(part).toMatchObject({ object: 'refund', amount: 120, status: 'succeeded', payment_intent: hold.id })
    expect(await refusal(refunds.create({ payment_intent: hold.id, amount: 301 }))).toMatchObject({ param: 'amount' })
    expect(await desk.ask(refunds.create({ charge: part.charge as string }))).toMatchObject({ amount: 300 })
    expect(await refusal(refunds.create({ payment_intent: hold.id }))).toMatchObject({
      code: 'charge_already_refunded',
    })
    expect((await desk.ask(refunds.list({ payment_intent: hold.id }))).data.map(({ amount }) => amount)).toEqual([
      300, 120,
    ])
    expect(await desk.ask(desk.stripe.charges.retrieve(part.charge as string))).toMatchObject({
      amount_refunded: 420,
      refunded: true,
    })
    expect(desk.bank.summary().sums['EUR']).toMatchObject({ capturedMinor: 420, refundedMinor: 420 })
    expect(await refusal(refunds.create({}))).toMatchObject({ statusCode: 400 })
    expect(await refusal(refunds.retrieve('re_nobody'))).toMatchObject({ statusCode: 404, code: 'resource_missing' })
    expect(await desk.ask(refunds.retrieve(part.id))).toMatchObject({ amount: 120 })
  })
})
