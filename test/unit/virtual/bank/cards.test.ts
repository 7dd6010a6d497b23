/**
 * Cards, customers and saved methods, as the virtual reader and the real SDK see them.
 */
import { Stripe } from 'stripe'
import { beforeEach, describe, expect, test } from 'vitest'
import { CardUidMalformed, knownCards } from '../../../../src/virtual/bank/cards.ts'
import { inProcessDesk, type Desk } from '../../../contract/payments-desk.ts'

let desk: Desk
beforeEach(async () => (desk = await inProcessDesk()))

const refusal = (asked: Promise<unknown>): Promise<unknown> => desk.ask(asked).then(() => 'not refused', (reason: unknown) => reason) // prettier-ignore

describe('a card held to the reader', () => {
  test('has a fingerprint of its own that stays, and a method for one use', async () => {
    const [one, two] = [desk.bank.presentCard('04a1b2c3'), desk.bank.presentCard('04A1B2C3')]
    expect(one.fingerprint).toBe(two.fingerprint)
    expect(one.fingerprint).toMatch(/^[0-9A-Za-z]{16}$/)
    expect(one.paymentMethod).not.toBe(two.paymentMethod)
    const elsewhere = await inProcessDesk({ seed: 'another bank' })
    expect(elsewhere.bank.presentCard('04A1B2C3').fingerprint).toBe(one.fingerprint)
    const all = [...knownCards.map(({ uid }) => uid), '0011223344556677', 'FFFFFFFF']
    expect(new Set(all.map((uid) => desk.bank.presentCard(uid).fingerprint)).size).toBe(all.length)
    const method = await desk.ask(desk.stripe.paymentMethods.retrieve(one.paymentMethod))
    expect(method).toMatchObject({
      type: 'card_present',
      card_present: { fingerprint: one.fingerprint, read_method: 'contactless_emv' },
    })
  })

  test.each(['', '04A1B2', '04A1B2C', 'XYZ1B2C3', '04A1B2C3 ', '04:A1:B2:C3', '0'.repeat(21)])(
    '"%s" is no uid',
    (uid) => {
      expect(() => desk.bank.presentCard(uid)).toThrow(CardUidMalformed)
      expect(() => desk.bank.presentCard(uid)).toThrow(JSON.stringify(uid))
    },
  )

  test('never shows its uid', async () => {
    await desk.placed(desk.hold({}, '04CAFE77'))
    expect(JSON.stringify(desk.bank.summary()).toUpperCase()).not.toContain('04CAFE77')
  })

  test('can not be saved', async () => {
    const customer = await desk.ask(desk.stripe.customers.create())
    const { paymentMethod } = desk.bank.presentCard('04A1B2C3')
    expect(await refusal(desk.stripe.paymentMethods.attach(paymentMethod, { customer: customer.id }))).toMatchObject({
      statusCode: 400,
    })
  })
})

describe('customers', () => {
  test('are made, read, changed, listed and deleted', async () => {
    const { customers } = desk.stripe
    const made = await desk.ask(customers.create({ name: 'N', email: 'n@example.org', metadata: { a: '1' } }))
    expect(made).toMatchObject({ object: 'customer', name: 'N', livemode: false, metadata: { a: '1' } })
    expect(await desk.ask(customers.update(made.id, { name: '', metadata: { b: '2' } }))).toMatchObject({
      name: null,
      email: 'n@example.org',
      metadata: { a: '1', b: '2' },
    })
    await desk.ask(customers.create({ email: 'o@example.org' }))
    expect((await desk.ask(customers.list({ email: 'n@example.org' }))).data.map(({ id }) => id)).toEqual([made.id])
    expect(await desk.ask(customers.del(made.id))).toMatchObject({ deleted: true })
    expect(await desk.ask(customers.retrieve(made.id))).toEqual(expect.objectContaining({ id: made.id, deleted: true }))
    expect(await refusal(customers.update(made.id, { name: 'M' }))).toMatchObject({ statusCode: 404 })
    expect(await refusal(customers.retrieve('cus_nobody'))).toMatchObject({ statusCode: 404, code: 'resource_missing' })
  })
})

describe('a saved method', () => {
  test('is used again and again with its customer, and never after it was detached', async () => {
    const { customers, paymentMethods, paymentIntents } = desk.stripe
    const { id: customer } = await desk.ask(customers.create())
    const { id: other } = await desk.ask(customers.create())
    const method = await desk.ask(paymentMethods.attach('pm_card_visa', { customer }))
    expect(method).toMatchObject({ customer, type: 'card' })
    const pay = { amount: 500, currency: 'eur', confirm: true, payment_method: method.id } as const
    for (let times = 0; times < 2; times += 1) {
      expect(await desk.ask(paymentIntents.create({ ...pay, customer, off_session: true }))).toMatchObject({
        status: 'succeeded',
      })
    }
    expect(await refusal(paymentIntents.create(pay))).toMatchObject({ param: 'payment_method' })
    expect(await refusal(paymentMethods.attach(method.id, { customer: other }))).toMatchObject({ statusCode: 400 })
    for (const listed of [paymentMethods.list({ customer, type: 'card' }), customers.listPaymentMethods(customer)]) {
      expect((await desk.ask(listed)).data.map(({ id }) => id)).toEqual([method.id])
    }
    expect(await desk.ask(paymentMethods.detach(method.id))).toMatchObject({ customer: null })
    expect(await refusal(paymentMethods.detach(method.id))).toMatchObject({ code: 'payment_method_not_attached' })
    expect(await refusal(paymentIntents.create({ ...pay, customer }))).toMatchObject({
      message: expect.stringContaining('may not be used again'),
    })
  })

  test('goes with its customer', async () => {
    const { customers, paymentMethods } = desk.stripe
    const { id: customer } = await desk.ask(customers.create())
    const { id } = await desk.ask(paymentMethods.attach('pm_card_visa', { customer }))
    await desk.ask(customers.del(customer))
    expect(await desk.ask(paymentMethods.retrieve(id))).toMatchObject({ customer: null })
  })

  test('is made from a token, never from a card number', async () => {
    const { paymentMethods } = desk.stripe
    expect(await desk.ask(paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } }))).toMatchObject({
      type: 'card',
    })
    expect(await refusal(paymentMethods.create({ type: 'card', card: { token: 'tok_nobody' } }))).toMatchObject({
      param: 'card[token]',
    })
    const number = { type: 'card', card: { number: '4242424242424242', exp_month: 1, exp_year: 2034 } } as const
    expect(await refusal(paymentMethods.create(number))).toMatchObject({ param: 'card[number]' })
  })
})

describe('a setup intent', () => {
  test('saves a good card, and only a good one', async () => {
    const { customers, setupIntents, paymentMethods } = desk.stripe
    const { id: customer } = await desk.ask(customers.create())
    const open = await desk.ask(setupIntents.create({ customer }))
    expect(open).toMatchObject({ status: 'requires_payment_method', usage: 'off_session' })
    const bad = await refusal(setupIntents.confirm(open.id, { payment_method: 'pm_card_chargeDeclined' }))
    expect(bad).toMatchObject({ statusCode: 402, setup_intent: { status: 'requires_payment_method' } })
    expect(bad).toBeInstanceOf(Stripe.errors.StripeCardError)
    const done = await desk.ask(
      setupIntents.confirm(open.id, { payment_method: 'pm_card_visa', expand: ['payment_method'] }),
    )
    expect(done).toMatchObject({ status: 'succeeded', payment_method: { customer } })
    expect((await desk.ask(paymentMethods.list({ customer }))).data).toHaveLength(1)
    expect(await refusal(setupIntents.confirm(open.id))).toMatchObject({ code: 'setup_intent_unexpected_state' })
    expect(await refusal(setupIntents.cancel(open.id))).toMatchObject({ code: 'setup_intent_unexpected_state' })
  })

  test('waits for its customer where the issuer wants that, and can be given up', async () => {
    const { setupIntents } = desk.stripe
    const waiting = await desk.ask(
      setupIntents.create({ confirm: true, payment_method: 'pm_card_authenticationRequired' }),
    )
    expect(waiting).toMatchObject({ status: 'requires_action' })
    expect(await desk.ask(setupIntents.cancel(waiting.id, { cancellation_reason: 'abandoned' }))).toMatchObject({
      status: 'canceled',
    })
    expect(await desk.ask(setupIntents.retrieve(waiting.id))).toMatchObject({ cancellation_reason: 'abandoned' })
    expect(await refusal(setupIntents.retrieve('seti_nobody'))).toMatchObject({ code: 'resource_missing' })
  })
})
