/**
 * Webhooks: events signed as the provider signs them (`Stripe-Signature: t=<seconds>,v1=<HMAC-SHA256>` over
 * `<t>.<body>`) and delivered until the receiver answers 2xx or the retries run out. An event may come twice or out of
 * order, as in life. All time is the bank's clock's.
 */
import { createHmac } from 'node:crypto'
import type { Clock, Log } from '../../core/ports.ts'
import { hourMs, minuteMs } from '../../core/time.ts'
import { secondsOf, type JsonObject } from './wire.ts'

export interface WebhookDelivery {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface WebhookTarget {
  /** `whsec_...`: what both sides sign with. */
  readonly secret: string
  /** Carries one delivery and gives the receiver's HTTP status; a rejection is a failed delivery. */
  readonly deliver: (delivery: WebhookDelivery) => Promise<number>
  /** Waits before the second, third, ... try. */
  readonly retryDelaysMs?: readonly number[]
}

export interface BankEvent {
  readonly id: string
  readonly type: string
  readonly apiVersion: string
  readonly object: JsonObject
  readonly requestId: string | null
  readonly idempotencyKey: string | null
}

const defaultRetriesMs = [
  minuteMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  10 * hourMs,
  10 * hourMs,
]

/** The signature header for a body sent at `atS`. */
export function signatureHeader(body: string, secret: string, atS: number): string {
  return `t=${atS},v1=${createHmac('sha256', secret).update(`${atS}.${body}`).digest('hex')}`
}

export interface Webhooks {
  /** Delivers soon after; twice when `twice`. */
  send(event: BankEvent, twice: boolean): void
  counts(): { readonly delivered: number; readonly failed: number; readonly givenUp: number }
}

export function createWebhooks(target: WebhookTarget, clock: Clock, log: Log): Webhooks {
  const retriesMs = target.retryDelaysMs ?? defaultRetriesMs
  let delivered = 0
  let failed = 0
  let givenUp = 0

  const attempt = async (event: BankEvent, body: string, tries: number): Promise<void> => {
    const signature = signatureHeader(body, target.secret, secondsOf(clock.nowMs()))
    const status = await target
      .deliver({ headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature }, body })
      .catch(() => 0)
    if (status >= 200 && status < 300) {
      delivered += 1
      return
    }
    failed += 1
    const delayMs = retriesMs[tries]
    if (delayMs === undefined) {
      givenUp += 1
      log.warn('webhook given up', { event: event.id, type: event.type, tries: tries + 1, status })
      return
    }
    clock.after(delayMs, () => void attempt(event, body, tries + 1))
  }

  return {
    send(event, twice) {
      const body = JSON.stringify(
        {
          id: event.id,
          object: 'event',
          api_version: event.apiVersion,
          created: secondsOf(clock.nowMs()),
          data: { object: event.object },
          livemode: false,
          pending_webhooks: 1,
          request: { id: event.requestId, idempotency_key: event.idempotencyKey },
          type: event.type,
        },
        null,
        2,
      )
      for (let times = twice ? 2 : 1; times > 0; times -= 1) clock.after(0, () => void attempt(event, body, 0))
    },
    counts: () => ({ delivered, failed, givenUp }),
  }
}
