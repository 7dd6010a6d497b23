/**
 * The bank at the wire: keys, headers, idempotency, switches, and the socket it may stand behind.
 */
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { hourMs } from '../../../../src/core/time.ts'
import { createBank, type Bank, type BankOptions } from '../../../../src/virtual/bank/bank.ts'
import type { BankFault } from '../../../../src/virtual/bank/faults.ts'
import { serveBank } from '../../../../src/virtual/bank/server.ts'
import type { WireAnswer, WireRequest } from '../../../../src/virtual/bank/wire.ts'
import {
  inProcessDesk,
  loopbackDesk,
  manualClock,
  seededRandom,
  type TestClock,
} from '../../../contract/payments-desk.ts'

const bankOf = (over: Partial<BankOptions> = {}): { bank: Bank; clock: TestClock } => {
  const clock = manualClock()
  return { bank: createBank({ clock, random: seededRandom('wire'), ...over }), clock }
}

const request = (over: Partial<WireRequest> = {}): WireRequest => ({
  method: 'POST',
  path: '/v1/payment_intents',
  body: 'amount=1500&currency=eur&capture_method=manual&confirm=true&payment_method=pm_card_visa',
  ...over,
  headers: { authorization: 'Bearer sk_test_virtualbank', ...over.headers },
})
const keyed = (key: string, over: Partial<WireRequest> = {}): WireRequest =>
  request({ ...over, headers: { 'idempotency-key': key } })

interface Heard {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: { readonly id?: string; readonly error?: Readonly<Record<string, unknown>> }
}
async function heard(answering: Promise<WireAnswer>): Promise<Heard> {
  const answer = await answering
  if (answer.type !== 'response') throw new Error(`no response but ${answer.type}`)
  return { status: answer.status, headers: answer.headers, body: JSON.parse(answer.body) as Heard['body'] }
}

describe('the key', () => {
  const basic = (key: string): string => `Basic ${Buffer.from(`${key}:`).toString('base64')}`
  test('is taken as Bearer and as Basic', async () => {
    for (const authorization of ['Bearer sk_test_virtualbank', basic('sk_test_virtualbank')]) {
      expect(await heard(bankOf().bank.respond(request({ headers: { authorization } })))).toMatchObject({ status: 200 })
    }
  })

  test.each(['', 'Bearer', 'Bearer sk_test_other_and_long', basic('sk_test_other'), 'Digest sk_test_virtualbank'])(
    '"%s" opens nothing',
    async (authorization) => {
      const { bank } = bankOf()
      const { status, body } = await heard(bank.respond(request({ headers: { authorization } })))
      expect([status, body.error?.['type']]).toEqual([401, 'invalid_request_error'])
      expect(JSON.stringify(body)).not.toContain('other')
      expect(bank.summary().holds).toEqual([])
    },
  )
})

describe('an answer', () => {
  test('carries its request’s name, the version and the bank’s time', async () => {
    const { bank, clock } = bankOf()
    const { headers } = await heard(bank.respond(keyed('k-1')))
    expect(headers).toMatchObject({
      'request-id': expect.stringMatching(/^req_[0-9A-Za-z]{18}$/),
      'stripe-version': '2026-10-28.endive',
      'idempotency-key': 'k-1',
      date: new Date(clock.nowMs()).toUTCString(),
      'content-type': 'application/json',
    })
  })

  test('to an unknown endpoint is a 404 that names it', async () => {
    for (const [method, path] of [
      ['GET', '/v1/payouts'],
      ['PUT', '/v1/customers'],
      ['GET', '/v1/payment_intents/'],
      ['GET', '/'],
    ] as const) {
      // prettier-ignore
      const { status, body } = await heard(bankOf().bank.respond(request({ method, path, body: '' })))
      expect([status, body.error?.['message']]).toEqual([404, `Unrecognized request URL (${method}: ${path}).`])
    }
  })

  test('to a malformed body or id names what is wrong, and changes nothing', async () => {
    const { bank } = bankOf()
    expect(await heard(bank.respond(request({ body: 'amount=%zz' })))).toMatchObject({ status: 400 })
    expect(await heard(bank.respond(keyed('k-1', { body: 'amount[=1' })))).toMatchObject({ status: 400 })
    expect(
      await heard(bank.respond(request({ method: 'GET', path: '/v1/payment_intents/%E0%A4%A', body: '' }))),
    ).toMatchObject({
      status: 400,
    })
    expect(await heard(bank.respond(keyed('k-1')))).toMatchObject({ status: 200 })
  })
})

describe('an idempotency key', () => {
  test('gives the first answer again, whatever the order of the parameters', async () => {
    const { bank } = bankOf()
    const first = await heard(bank.respond(keyed('k-1')))
    const body = request().body.split('&').reverse().join('&')
    const again = await heard(bank.respond(keyed('k-1', { body })))
    expect(again.body).toEqual(first.body)
    expect(first.headers).not.toHaveProperty('idempotent-replayed')
    expect(again.headers).toMatchObject({
      'idempotent-replayed': 'true',
      'original-request': first.headers['request-id'],
    })
    expect(again.headers['request-id']).not.toBe(first.headers['request-id'])
    expect(bank.summary()).toMatchObject({ replays: 1, requests: { create: 2 }, holds: [{ status: 'held' }] })
  })

  test('keeps a decline and an outage, not a request that never began', async () => {
    const { bank } = bankOf()
    const declined = keyed('k-1', { body: request().body.replace('visa', 'chargeDeclined') })
    const first = await heard(bank.respond(declined))
    const again = await heard(bank.respond(declined))
    expect([again.status, again.body.error?.['charge']]).toEqual([402, first.body.error?.['charge']])
    expect(again.headers['idempotent-replayed']).toBe('true')

    bank.inject({ fault: { type: 'error500KeySpent' }, count: 1 })
    expect(await heard(bank.respond(keyed('k-2')))).toMatchObject({ status: 500 })
    const spent = await heard(bank.respond(keyed('k-2')))
    expect([spent.status, spent.headers['idempotent-replayed']]).toEqual([500, 'true'])

    expect(await heard(bank.respond(keyed('k-3', { body: 'amount=1&currency=eur' })))).toMatchObject({ status: 400 })
    expect(await heard(bank.respond(keyed('k-3')))).toMatchObject({ status: 200 })
  })

  test('is refused for other parameters and for another endpoint', async () => {
    const { bank } = bankOf()
    const { body } = await heard(bank.respond(keyed('k-1')))
    const others = [
      keyed('k-1', { body: request().body.replace('1500', '1501') }),
      keyed('k-1', { path: `/v1/payment_intents/${body.id}/cancel`, body: '' }),
    ]
    for (const other of others) {
      const answer = await heard(bank.respond(other))
      expect([answer.status, answer.body.error?.['type']]).toEqual([400, 'idempotency_error'])
    }
    expect(await heard(bank.respond(keyed('k'.repeat(256))))).toMatchObject({ status: 400 })
    expect(bank.summary().holds).toHaveLength(1)
  })

  test('is a conflict while its first request is executed', async () => {
    const { bank, clock } = bankOf()
    bank.inject({ fault: { type: 'slow', delayMs: 5_000 }, count: 1 })
    const first = heard(bank.respond(keyed('k-1')))
    const meanwhile = await heard(bank.respond(keyed('k-1')))
    expect([meanwhile.status, meanwhile.body.error?.['code']]).toEqual([409, 'idempotency_key_in_use'])
    clock.advance(5_000)
    expect(await first).toMatchObject({ status: 200 })
    expect((await heard(bank.respond(keyed('k-1')))).body.id).toBe((await first).body.id)
  })

  test('is forgotten after a day, and means a new request then', async () => {
    const { bank, clock } = bankOf()
    const first = await heard(bank.respond(keyed('k-1')))
    clock.advance(24 * hourMs - 1)
    expect((await heard(bank.respond(keyed('k-1')))).body.id).toBe(first.body.id)
    clock.advance(1)
    expect((await heard(bank.respond(keyed('k-1')))).body.id).not.toBe(first.body.id)
  })
})

describe('a switch', () => {
  test.each<[BankFault, string, number]>([
    [{ type: 'timeoutBeforeEffect' }, 'silence', 0],
    [{ type: 'timeoutAfterEffect' }, 'silence', 1],
    [{ type: 'networkDown' }, 'refused', 0],
    [{ type: 'error500BeforeEffect' }, '500', 0],
    [{ type: 'error500KeySpent' }, '500', 0],
    [{ type: 'error500AfterEffect' }, '500', 1],
    [{ type: 'rateLimit429' }, '429', 0],
    [{ type: 'garbledAfterEffect' }, '200', 1],
  ])('%o answers %s with %i holds made, once', async (fault, answer, holds) => {
    const { bank } = bankOf()
    bank.inject({ fault, count: 1 })
    const first = await bank.respond(keyed('k-1'))
    expect(first.type === 'response' ? String(first.status) : first.type).toBe(answer)
    expect(bank.summary()).toMatchObject({ faults: { [fault.type]: 1 }, activeFaults: [] })
    expect(bank.summary().holds).toHaveLength(holds)
    expect(await bank.respond(keyed('k-2'))).toMatchObject({ status: 200 })
  })

  test('acts on its operations only, for its count, in the order given, or until cleared', async () => {
    const { bank } = bankOf()
    bank.inject({ fault: { type: 'rateLimit429' }, count: 2, only: ['capture', 'cancel'] })
    bank.inject({ fault: { type: 'networkDown' }, only: ['list'] })
    const { body } = await heard(bank.respond(request()))
    const capture = request({ path: `/v1/payment_intents/${body.id}/capture`, body: '' })
    expect(await heard(bank.respond(capture))).toMatchObject({ status: 429 })
    expect(bank.summary().activeFaults).toMatchObject([{ count: 1 }, { only: ['list'] }])
    expect(await heard(bank.respond(capture))).toMatchObject({ status: 429 })
    expect(await heard(bank.respond(capture))).toMatchObject({ status: 200 })
    for (let times = 0; times < 3; times += 1)
      expect(await bank.respond(request({ method: 'GET', body: '' }))).toEqual({ type: 'refused' })
    bank.clearFaults()
    expect(await bank.respond(request({ method: 'GET', body: '' }))).toMatchObject({ status: 200 })
    expect(() => bank.inject({ fault: { type: 'rateLimit429' }, count: 0 })).toThrow('1 or more')
  })
})

describe('on loopback', () => {
  test('answers what it answers in process, byte for byte but for the time', async () => {
    const ids = async (desk: Awaited<ReturnType<typeof loopbackDesk>>): Promise<unknown> => {
      const hold = desk.hold()
      const { reference } = await desk.placed(hold)
      const intent = await desk.ask(desk.stripe.paymentIntents.retrieve(reference, { expand: ['latest_charge'] }))
      await desk.close()
      return JSON.parse(
        JSON.stringify(intent, (name, value: unknown) => (/^(created|capture_before)$/.test(name) ? 0 : value)),
      )
    }
    expect(await ids(await loopbackDesk({ seed: 's' }))).toEqual(await ids(await inProcessDesk({ seed: 's' })))
  })

  test('refuses a body that is too large, and says when its port is taken', async () => {
    const { bank } = bankOf()
    const server = await serveBank(bank, { port: 0 })
    const response = await fetch(`http://127.0.0.1:${server.port}/v1/payment_intents`, {
      method: 'POST',
      body: 'a'.repeat(300_000),
    })
    expect(response.status).toBe(413)
    await expect(serveBank(bank, { port: server.port })).rejects.toThrow('EADDRINUSE')
    await server.close()
  })

  test('outlives callers that go away in the middle', async () => {
    const { bank } = bankOf()
    const server = await serveBank(bank, { port: 0 })
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.write('POST /v1/payment_intents HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\namount=1')
        setTimeout(() => socket.destroy(), 20)
      })
      socket.on('close', () => resolve())
    })
    const response = await fetch(`http://127.0.0.1:${server.port}/v1/payment_intents`)
    expect(response.status).toBe(401)
    await server.close()
  })
})

test('the same seed gives the same books, whatever happened', async () => {
  const play = async (): Promise<unknown> => {
    const desk = await inProcessDesk({ seed: 'again' })
    desk.bank.inject({ fault: { type: 'slow', delayMs: 12_000 }, count: 1 })
    desk.bank.inject({ fault: { type: 'timeoutAfterEffect' }, count: 2, only: ['create'] })
    for (let times = 0; times < 5; times += 1) {
      const hold = desk.hold()
      await desk.place(hold)
      await desk.release(hold, null)
    }
    return desk.bank.summary()
  }
  expect(await play()).toEqual(await play())
})
