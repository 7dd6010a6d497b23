/**
 * Webhook: alerts, told to an address of the owner's as they are raised, acknowledged, escalated and cleared; signed as
 * Standard Webhooks 1.0 says (standardwebhooks.com): HMAC-SHA256 over id, time and body.
 * Holds always (SPEC RL57): a notice has one id, whenever it is sent; it is tried ever later for a day, unless the receiver says that
 * it is gone; no redirect is followed; the secret is in no log. Built by integrations.ts and by tests.
 */
import { createHmac } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import { hourMs, minuteMs, secondMs } from '../../src/core/time.ts'
import type { Metrics } from './metrics.ts'
import { retryAfterMs } from './turns.ts'
import { openSink } from './store/event-reads.ts'
import {
  countNotices,
  gather,
  noticesGivenUp,
  noticesLater,
  noticesTold,
  takeNotices,
  type Notice,
} from './store/notices.ts'
import type { Db } from './store/open.ts'

export interface WebhookSettings {
  readonly url: string
  /** 24 to 64 bytes, as Standard Webhooks wants. */
  readonly secret: Uint8Array
}

export interface WebhookPorts {
  readonly metrics: Pick<Metrics, 'sent' | 'waiting'>
  readonly log: Pick<FastifyBaseLogger, 'warn'>
  /** The relay's own clock: what is signed must be fresh when it arrives. */
  readonly nowMs?: () => number
}

const sink = 'webhook'
const atOnce = 5
const answerWithinMs = 10 * secondMs
/** After so many tries, so long; then it is given up: all together a day. */
const delaysMs = [5 * secondMs, 30 * secondMs, 2 * minuteMs, 10 * minuteMs, 30 * minuteMs, ...Array.from({ length: 23 }, () => hourMs)] // prettier-ignore
/** An alert that is older is of no use to anybody who is woken by it. */
const withinHours = 24

type Answer = 'told' | 'gone' | { readonly why: string; readonly afterMs: number | null }

export function createWebhook({ url, secret }: WebhookSettings, { metrics, log, nowMs = Date.now }: WebhookPorts) {
  let known = false

  async function post({ fridge, id, type, atMs, body }: Notice): Promise<Answer> {
    const messageId = `${fridge}:${id}`
    const timestamp = Math.floor(nowMs() / 1_000)
    const text = JSON.stringify({
      type,
      timestamp: new Date(atMs).toISOString(),
      data: { fridge, ...(JSON.parse(body) as object) },
    })
    try {
      const answer = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'visionvend-relay',
          'webhook-id': messageId,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': signature(secret, messageId, timestamp, text),
        },
        body: text,
        signal: AbortSignal.timeout(answerWithinMs),
      })
      await answer.body?.cancel()
      if (answer.ok) return 'told'
      if (answer.status === 410) return 'gone'
      return { why: `it answered ${answer.status}`, afterMs: retryAfterMs(answer.headers.get('retry-after'), nowMs()) }
    } catch (error) {
      return { why: error instanceof Error ? error.message : String(error), afterMs: null }
    }
  }

  async function tell(db: Db, notice: Notice): Promise<void> {
    const answer = await post(notice)
    if (answer === 'told') {
      metrics.sent(sink, 'told', 1)
      return noticesTold(db, sink, [notice])
    }
    const delayMs = delaysMs[notice.tries - 1]
    if (answer === 'gone' || delayMs === undefined) {
      const why = answer === 'gone' ? 'the receiver is gone (410)' : answer.why
      metrics.sent(sink, 'givenUp', 1)
      log.warn({ fridge: notice.fridge, notice: notice.id, why }, 'the webhook could not be told, and is not any more')
      return noticesGivenUp(db, sink, [notice], why)
    }
    metrics.sent(sink, 'failed', 1)
    log.warn(
      { fridge: notice.fridge, notice: notice.id, why: answer.why, tries: notice.tries },
      'the webhook was not told',
    )
    return noticesLater(db, sink, [notice], Math.min(Math.max(delayMs, answer.afterMs ?? 0), hourMs))
  }

  return {
    async turn(db: Db): Promise<'more' | 'done'> {
      if (!known) await openSink(db, sink, false)
      known = true
      await gather(db, sink, { withinHours, only: ['alert.%'] })
      const notices = await takeNotices(db, sink, atOnce)
      await Promise.all(notices.map((notice) => tell(db, notice)))
      metrics.waiting(sink, await countNotices(db, sink))
      return notices.length > 0 ? 'more' : 'done'
    },
  }
}

/** The `webhook-signature` of a message: what a receiver compares with its own. */
export function signature(secret: Uint8Array, id: string, timestampSeconds: number, body: string): string {
  return `v1,${createHmac('sha256', secret).update(`${id}.${timestampSeconds}.${body}`).digest('base64')}`
}
