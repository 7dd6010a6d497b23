import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import { Stripe } from 'stripe'
import { hourMs, minuteMs } from '../../../../src/core/time.ts'
import { postTo } from '../../../../src/virtual/bank/server.ts'
import { signatureHeader, type WebhookDelivery } from '../../../../src/virtual/bank/webhooks.ts'
import { inProcessDesk, type Desk } from '../../../contract/payments-desk.ts'

const secret = 'whsec_test_secret'

test('signs as the provider does: golden value, made with openssl', () => {
  expect(signatureHeader('{"id":"evt_1","object":"event"}', secret, 1_795_514_400)).toBe(
    't=1795514400,v1=78d9ddfdc54ff619706b40701cf89a02f398376d54ea84e97c340a41f06c41bd',
  )
})

test('are posted to a URL as they were signed', async () => {
  const got: { readonly signature: string; readonly body: string }[] = []
  const receiver = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      got.push({ signature: String(request.headers['stripe-signature']), body })
      response.writeHead(request.url === '/hook' ? 204 : 404).end()
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const address = receiver.address()
  const at = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const body = '{"id":"evt_1","object":"event"}'
  const headers = { 'stripe-signature': signatureHeader(body, secret, 1_795_514_400) }
  expect(await postTo(`${at}/hook`)({ headers, body })).toBe(204)
  expect(await postTo(`${at}/elsewhere`)({ headers, body })).toBe(404)
  expect(got[0]).toEqual({ signature: headers['stripe-signature'], body })
  await new Promise((resolve) => receiver.close(resolve))
  await expect(postTo(`${at}/hook`)({ headers, body })).rejects.toThrow('fetch failed')
})

interface Receiver {
  readonly desk: Desk
  readonly got: WebhookDelivery[]
  /** What it answers from now on. */
  answer: number | 'down'
}

async function receiving(retryDelaysMs?: readonly number[]): Promise<Receiver> {
  const got: WebhookDelivery[] = []
  const receiver: { answer: number | 'down' } = { answer: 200 }
  const deliver = (delivery: WebhookDelivery): Promise<number> => {
    got.push(delivery)
    return receiver.answer === 'down' ? Promise.reject(new Error('down')) : Promise.resolve(receiver.answer)
  }
  const desk = await inProcessDesk({
    bank: { webhook: { secret, deliver, ...(retryDelaysMs === undefined ? {} : { retryDelaysMs }) } },
  })
  return Object.assign(receiver, { desk, got })
}

const typesOf = (got: readonly WebhookDelivery[]): string[] =>
  got.map(({ body }) => (JSON.parse(body) as { type: string }).type)

describe('events', () => {
  test('tell the story of a hold, and the SDK believes their signature and nobody else’s', async () => {
    const { desk, got } = await receiving()
    const { reference } = await desk.placed(desk.hold())
    await desk.ask(desk.stripe.paymentIntents.capture(reference, { amount_to_capture: 420 }, { idempotencyKey: 'c-1' }))
    await desk.place(desk.hold({}, '04DEC11E'))
    await desk.release(desk.hold(), (await desk.placed(desk.hold())).reference)
    await desk.pass(1)
    expect(typesOf(got)).toEqual([
      'payment_intent.created',
      'payment_intent.amount_capturable_updated',
      'charge.captured',
      'payment_intent.succeeded',
      'payment_intent.created',
      'payment_intent.payment_failed',
      'payment_intent.created',
      'payment_intent.amount_capturable_updated',
      'payment_intent.canceled',
    ])
    const { body, headers } = got[3]!
    const event = desk.stripe.webhooks.constructEvent(
      body,
      headers['stripe-signature']!,
      secret,
      300,
      undefined,
      desk.nowMs(),
    )
    expect(event).toMatchObject({
      object: 'event',
      type: 'payment_intent.succeeded',
      data: { object: { id: reference, status: 'succeeded', amount_received: 420 } },
      request: { idempotency_key: 'c-1', id: expect.stringMatching(/^req_/) },
    })
    for (const [text, key] of [
      [`${body} `, secret],
      [body, 'whsec_other'],
    ] as const) {
      expect(() =>
        desk.stripe.webhooks.constructEvent(text, headers['stripe-signature']!, key, 300, undefined, desk.nowMs()),
      ).toThrow(Stripe.errors.StripeSignatureVerificationError)
    }
  })

  test('show the object as it was at their moment', async () => {
    const { desk, got } = await receiving()
    await desk.placed(desk.hold())
    await desk.pass(1)
    const statuses = got.map(
      ({ body }) => (JSON.parse(body) as { data: { object: { status: string } } }).data.object.status,
    )
    expect(statuses).toEqual(['requires_confirmation', 'requires_capture'])
  })

  test('tell of a hold that ran out', async () => {
    const { desk, got } = await receiving()
    await desk.placed(desk.hold())
    desk.advance(8 * 24 * hourMs)
    expect(desk.bank.summary().holds[0]?.status).toBe('expired')
    await desk.pass(1)
    expect(typesOf(got).slice(-2)).toEqual(['payment_intent.canceled', 'charge.expired'])
  })

  test('of a request that was refused whole are never told, nor again when an answer is replayed', async () => {
    const { desk, got } = await receiving()
    const hold = desk.hold()
    await desk.placed(hold)
    await desk.place(hold)
    await desk.place(desk.hold({ paymentMethod: hold.paymentMethod }))
    await desk.pass(1)
    expect(typesOf(got)).toEqual(['payment_intent.created', 'payment_intent.amount_capturable_updated'])
  })

  test('are delivered until the receiver takes them, then no more', async () => {
    const receiver = await receiving([minuteMs, 5 * minuteMs])
    receiver.answer = 'down'
    await receiver.desk.placed(receiver.desk.hold())
    await receiver.desk.pass(1)
    expect(receiver.got).toHaveLength(2)
    receiver.answer = 500
    await receiver.desk.pass(minuteMs)
    expect(receiver.got).toHaveLength(4)
    receiver.answer = 204
    await receiver.desk.pass(5 * minuteMs)
    await receiver.desk.pass(hourMs)
    expect(receiver.got).toHaveLength(6)
    expect(receiver.desk.bank.summary().webhooks).toEqual({ delivered: 2, failed: 4, givenUp: 0 })
    // Each try is signed for its own time.
    expect(new Set(receiver.got.map(({ headers }) => headers['stripe-signature'])).size).toBe(6)
    expect(new Set(receiver.got.map(({ body }) => body)).size).toBe(2)
  })

  test('are given up after the last retry', async () => {
    const receiver = await receiving([minuteMs])
    receiver.answer = 404
    await receiver.desk.placed(receiver.desk.hold())
    await receiver.desk.pass(hourMs)
    expect(receiver.desk.bank.summary().webhooks).toEqual({ delivered: 0, failed: 4, givenUp: 2 })
  })

  test('come twice when the switch says so', async () => {
    const { desk, got } = await receiving()
    desk.bank.inject({ fault: { type: 'duplicateWebhook' }, count: 1 })
    await desk.placed(desk.hold())
    await desk.pass(1)
    expect(typesOf(got)).toEqual([
      'payment_intent.created',
      'payment_intent.created',
      'payment_intent.amount_capturable_updated',
    ])
    expect(new Set(got.map(({ body }) => (JSON.parse(body) as { id: string }).id)).size).toBe(2)
  })
})
