/**
 * What the provider makes of answers that no bank should give, and how the SDK is set up: over a scripted transport.
 */
import { describe, expect, test, vi } from 'vitest'
import { effectKey, visitId } from '../../../src/core/ids.ts'
import { minor } from '../../../src/core/money.ts'
import type { HoldRequest, Log, PaymentProvider } from '../../../src/core/ports.ts'
import { createStripeClient } from '../../../src/payments/client.ts'
import { createStripeProvider } from '../../../src/payments/stripe.ts'
import { manualClock, startMs, type TestClock } from '../../contract/payments-desk.ts'

interface Sent {
  readonly host: string
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string | number | string[]>
  readonly body: string
  readonly timeoutMs: number
}
type Script = (sent: Sent) => Promise<{ status: number; body: string; headers?: Record<string, string> }>

interface Scripted {
  readonly provider: PaymentProvider
  readonly clock: TestClock
  readonly sent: Sent[]
  readonly logged: string[]
}

function scripted(script: Script, answerWithinMs = 15_000): Scripted {
  const sent: Sent[] = []
  const logged: string[] = []
  const clock = manualClock()
  const note = (what: string, detail?: object): number => logged.push(`${what} ${JSON.stringify(detail)}`)
  const log: Log = { info: note, warn: note }
  const stripe = createStripeClient({
    apiKey: 'sk_test_secret',
    httpClient: {
      getClientName: () => 'scripted',
      async makeRequest(host, _port, path, method, headers, body, _protocol, timeoutMs) {
        const one = { host, method, path, headers, body, timeoutMs }
        sent.push(one)
        const { status, body: answer, headers: more = {} } = await script(one)
        return {
          getStatusCode: () => status,
          getHeaders: () => more,
          getRawResponse: () => ({ headers: more }),
          toStream: () => null,
          toJSON: () => Promise.resolve(answer).then((text): unknown => JSON.parse(text)),
        }
      },
    },
  })
  return { provider: createStripeProvider({ stripe, clock, log, answerWithinMs }), clock, sent, logged }
}

const hold: HoldRequest = {
  key: effectKey('hold-1'),
  visit: visitId('9f0c7d7e-6d0a-4a7e-9d0e-000000000001'),
  paymentMethod: 'pm_card',
  amountMinor: minor(1_500),
  currency: 'EUR',
  askedAtMs: startMs,
}
const intent = (over: object = {}): string =>
  JSON.stringify({
    id: 'pi_1',
    object: 'payment_intent',
    amount: 1_500,
    amount_received: 0,
    currency: 'eur',
    created: Math.floor(startMs / 1000),
    status: 'requires_capture',
    metadata: {},
    latest_charge: null,
    ...over,
  })
const answers =
  (status: number, body: string, headers?: Record<string, string>): Script =>
  () =>
    Promise.resolve({ status, body, ...(headers === undefined ? {} : { headers }) })
const unreachable = { ok: false, error: { code: 'unreachable' } }

describe('an answer of the wrong shape', () => {
  test.each([
    ['no JSON', '<html>'],
    ['another object', '{"object":"customer","id":"cus_1"}'],
    ['a list', '[]'],
    ['no amount', intent({ amount: undefined })],
    ['an amount in text', intent({ amount: '1500' })],
    ['half a cent', intent({ amount: 1_500.5 })],
    ['a status of next year', intent({ status: 'requires_patience' })],
    ['a charge without time', intent({ latest_charge: { id: 'ch_1' } })],
  ])('[PAY4][PAY14] %s is unreachable', async (_, body) => {
    const { provider } = scripted(answers(200, body))
    expect(await provider.placeHold(hold)).toEqual(unreachable)
    const capture = { key: effectKey('c-1'), reference: 'pi_1', amountMinor: minor(1), askedAtMs: startMs }
    expect(await provider.capture(capture)).toEqual(unreachable)
  })

  test.each([500, 502, 503, 504, 409, 429, 408, 424, 401, 403])(
    '[PAY4] status %i is unreachable, whatever it says',
    async (status) => {
      for (const body of [
        '{"error":{"type":"api_error","code":"rate_limit"}}',
        '<html>',
        '{"error":{"type":"card_error"}}',
      ]) {
        const { provider } = scripted(answers(status, body))
        expect(await provider.placeHold(hold)).toEqual(unreachable)
      }
    },
  )

  test('[PAY4] a 400 that is a rate limit is unreachable', async () => {
    const { provider } = scripted(answers(400, '{"error":{"type":"invalid_request_error","code":"rate_limit"}}'))
    expect(await provider.placeHold(hold)).toEqual(unreachable)
  })

  test('[PAY8] a refusal that shows an unreadable intent is judged by asking for the intent', async () => {
    const { provider, sent } = scripted(({ path }) =>
      Promise.resolve(
        path.endsWith('/capture')
          ? {
              status: 400,
              body: '{"error":{"type":"invalid_request_error","code":"payment_intent_unexpected_state","payment_intent":{"id":7}}}',
            }
          : { status: 200, body: intent({ status: 'succeeded', amount_received: 420 }) },
      ),
    )
    const capture = { key: effectKey('c-1'), reference: 'pi_1', amountMinor: minor(420), askedAtMs: startMs }
    expect(await provider.capture(capture)).toEqual({ ok: true, value: { amountMinor: 420 } })
    expect(sent.map(({ method }) => method)).toEqual(['POST', 'GET'])
  })
})

test.each([{ amount: 1_499 }, { amount: 1_501 }, { currency: 'usd' }])(
  '[PAY13] a hold of %o stops the process',
  async (over) => {
    const { provider } = scripted(answers(200, intent(over)))
    await expect(provider.placeHold(hold)).rejects.toThrow('the bank holds what was asked')
  },
)

test('[PAY13] a capture of nothing is a broken invariant', async () => {
  const { provider } = scripted(answers(200, intent()))
  await expect(
    provider.capture({ key: effectKey('c-1'), reference: 'pi_1', amountMinor: minor(0), askedAtMs: startMs }),
  ).rejects.toThrow('a capture takes something')
})

test('[PAY3] an intent that waits for its customer is cancelled before the answer is final', async () => {
  let cancelled = 0
  const { provider } = scripted(({ path }) => {
    if (!path.endsWith('/cancel')) return Promise.resolve({ status: 200, body: intent({ status: 'requires_action' }) })
    cancelled += 1
    if (cancelled === 1) return Promise.reject(new Error('no network'))
    return Promise.resolve({ status: 200, body: intent({ status: 'canceled' }) })
  })
  expect(await provider.placeHold(hold)).toEqual(unreachable)
  expect(await provider.placeHold(hold)).toEqual({
    ok: false,
    error: { code: 'declined', reason: 'authenticationNeeded' },
  })
  expect(cancelled).toBe(2)
})

test('[PAY7] a key that answers only outages is followed by the next, a bounded number of times', async () => {
  const { provider, sent } = scripted(answers(500, '{"error":{"type":"api_error"}}', { 'idempotent-replayed': 'true' }))
  const capture = { key: effectKey('c-1'), reference: 'pi_1', amountMinor: minor(420), askedAtMs: startMs }
  expect(await provider.capture(capture)).toEqual(unreachable)
  const keys = sent.map(({ headers }) => headers['Idempotency-Key'])
  expect(keys).toEqual(['c-1', ...[1, 2, 3, 4, 5, 6, 7, 8].map((again) => `c-1/again-${again}`)])
})

test('[PAY15] a wait ends on the clock, however silent the socket', async () => {
  const { provider, clock } = scripted(() => new Promise(() => {}), 15_000)
  const asked = provider.placeHold(hold)
  const seen = vi.fn<() => void>()
  asked.then(seen, seen)
  await new Promise(setImmediate)
  clock.advance(14_999)
  await new Promise(setImmediate)
  expect(seen).not.toHaveBeenCalled()
  clock.advance(1)
  expect(await asked).toEqual(unreachable)
})

test('[PAY14][PAY15] goes to one host, once a call, with no telemetry, and writes no secret anywhere', async () => {
  const { provider, sent, logged } = scripted(({ method }) =>
    Promise.resolve(
      method === 'POST'
        ? { status: 200, body: intent(), headers: { 'request-id': 'req_1' } }
        : { status: 503, body: '{"error":{"type":"api_error"}}', headers: { 'request-id': 'req_2' } },
    ),
  )
  for (let times = 0; times < 3; times += 1) await provider.placeHold(hold)
  await provider.release({ key: effectKey('r-1'), reference: null, hold, askedAtMs: startMs })
  expect(logged).toHaveLength(4) // no capture_before, three times, and the list that could not be had
  expect(sent.map(({ host }) => host)).toEqual(sent.map(() => 'api.stripe.com'))
  expect(sent).toHaveLength(4)
  for (const { headers, body, path, timeoutMs } of sent) {
    expect(timeoutMs).toBe(10_000)
    expect(headers).not.toHaveProperty('X-Stripe-Client-Telemetry')
    expect(`${path}${body}`).not.toContain('sk_test')
    expect(JSON.stringify(headers['X-Stripe-Client-User-Agent'])).not.toMatch(/telemetry_id|platform/)
  }
  expect(logged.join('\n')).not.toMatch(/sk_test|pm_card/)
})

test('[PAY1] the request is the golden form of a hold', async () => {
  const { provider, sent } = scripted(answers(200, intent()))
  await provider.placeHold(hold)
  expect(sent[0]).toMatchObject({
    method: 'POST',
    path: '/v1/payment_intents',
    body: [
      'amount=1500',
      'currency=eur',
      'capture_method=manual',
      'confirm=true',
      'payment_method=pm_card',
      'allowed_payment_method_types[0]=card',
      'allowed_payment_method_types[1]=card_present',
      'error_on_requires_action=true',
      'metadata[visit]=9f0c7d7e-6d0a-4a7e-9d0e-000000000001',
      'metadata[holdKey]=hold-1',
      'expand[0]=latest_charge',
    ].join('&'),
  })
  expect(sent[0]?.headers['Idempotency-Key']).toBe('hold-1')
})
