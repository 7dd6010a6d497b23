/**
 * Ask: one request to the provider, and what can be known from what came back. The SDK throws for everything that is not
 * a 2xx; here each throw becomes one of three: answered, refused (the provider's final word) or unknown (ask again).
 * Holds always: nothing unvalidated leaves this file, and nothing that may have happened is called refused.
 */
import { Stripe } from 'stripe'
import { z } from 'zod'
import type { Clock, Log } from '../core/ports.ts'

const methodFactsSchema = z.object({ capture_before: z.int().positive().optional() })

const chargeSchema = z.object({
  id: z.string().min(1),
  created: z.int().positive(),
  payment_method_details: z
    .object({ card: methodFactsSchema.nullish(), card_present: methodFactsSchema.nullish() })
    .nullish(),
})

/** The part of a PaymentIntent that money depends on. */
export const intentSchema = z.object({
  id: z.string().min(1),
  object: z.literal('payment_intent'),
  amount: z.int().nonnegative(),
  amount_received: z.int().nonnegative(),
  currency: z.string().length(3),
  created: z.int().positive(),
  status: z.enum([
    'requires_payment_method',
    'requires_confirmation',
    'requires_action',
    'processing',
    'requires_capture',
    'succeeded',
    'canceled',
  ]),
  cancellation_reason: z.string().nullish(),
  metadata: z.record(z.string(), z.string()),
  latest_charge: z.union([z.string(), chargeSchema]).nullable(),
  last_payment_error: z.object({ code: z.string().nullish(), decline_code: z.string().nullish() }).nullish(),
})
export type Intent = z.infer<typeof intentSchema>

export const intentListSchema = z.object({ data: z.array(intentSchema), has_more: z.boolean() })

export interface Refused {
  readonly type: 'refused'
  readonly status: number
  readonly code: string | null
  readonly declineCode: string | null
  readonly message: string
  /** The intent as the refusal showed it. */
  readonly intent: Intent | null
}

export interface Answered<T> {
  readonly type: 'answered'
  readonly value: T
  /** The provider's clock when it answered; null when it did not say. */
  readonly providerNowMs: number | null
  /** A memory of the first answer to this key, not a look at how things stand. */
  readonly replayed: boolean
}

export interface Unknown {
  readonly type: 'unknown'
  /** The key will never give another answer: it holds an outage, or another request. Only looking helps. */
  readonly keySpent: boolean
}

export type Asked<T> = Answered<T> | Refused | Unknown

export interface Asking {
  readonly clock: Clock
  readonly log: Log
  /** The SDK's own time-out counts idle time only, and not the time to connect: this one ends every wait. */
  readonly answerWithinMs: number
}

type Sent = Promise<{ lastResponse: { headers: Record<string, string> } }>

/** Sends, waits at most `answerWithinMs`, and judges. `what` names the request in the log. Never rejects for the bank's sake. */
export async function ask<S extends z.ZodType>(
  asking: Asking,
  what: string,
  schema: S,
  send: () => Sent,
): Promise<Asked<z.infer<S>>> {
  const { clock, log, answerWithinMs } = asking
  const outcome = await new Promise<{ answer: Awaited<Sent> } | { error: unknown } | 'late'>((resolve) => {
    const cancel = clock.after(answerWithinMs, () => {
      resolve('late')
    })
    const settle = (one: { answer: Awaited<Sent> } | { error: unknown }): void => {
      cancel()
      resolve(one)
    }
    send().then(
      (answer) => {
        settle({ answer })
      },
      (error: unknown) => {
        settle({ error })
      },
    )
  })
  if (outcome === 'late') {
    log.warn('bank gave no answer in time', { what, answerWithinMs })
    return { type: 'unknown', keySpent: false }
  }
  if ('error' in outcome) return judged(outcome.error, what, log)
  const parsed = schema.safeParse(outcome.answer)
  if (!parsed.success) {
    log.warn('bank answered in another shape than agreed', { what, faults: z.prettifyError(parsed.error) })
    return { type: 'unknown', keySpent: false }
  }
  const { headers } = outcome.answer.lastResponse
  const saidMs = Date.parse(headers['date'] ?? '')
  return {
    type: 'answered',
    value: parsed.data,
    providerNowMs: Number.isNaN(saidMs) ? null : saidMs,
    replayed: headers['idempotent-replayed'] === 'true',
  }
}

const rawErrorSchema = z.object({ payment_intent: intentSchema.optional().catch(undefined) })

function judged(error: unknown, what: string, log: Log): Refused | Unknown {
  // Anything else is a fault of this program, and stops it.
  if (!(error instanceof Stripe.errors.StripeError)) throw error
  const status = error.statusCode ?? 0
  const replayed = error.headers?.['idempotent-replayed'] === 'true'
  const code = error.code ?? null
  const seen = { what, kind: error.type, status, code, requestId: error.requestId ?? null }
  if (error instanceof Stripe.errors.StripeIdempotencyError) {
    // 400: the key was used for something else. (A key still in use is a 409, below.)
    log.warn('bank says the key was used for another request', seen)
    return { type: 'unknown', keySpent: true }
  }
  if (status === 401 || status === 403) {
    log.warn('bank does not accept our key: check the payment settings', seen)
    return { type: 'unknown', keySpent: false }
  }
  const final = status >= 400 && status < 500 && status !== 409 && status !== 408 && status !== 424
  if (!final || error instanceof Stripe.errors.StripeRateLimitError) {
    log.info('bank could not be asked', seen)
    return { type: 'unknown', keySpent: status >= 500 && replayed }
  }
  const raw = rawErrorSchema.safeParse(error.raw)
  return {
    type: 'refused',
    status,
    code,
    declineCode: error.decline_code ?? null,
    message: error.message,
    intent: raw.success ? (raw.data.payment_intent ?? null) : null,
  }
}

/**
 * Sends by `key`, and where that key is spent by an outage, by the next of a fixed row of keys made from it. Only for
 * what the intent's own state lets happen once (capture, cancel): there a new key can repeat nothing.
 */
export async function askByKeys<T>(key: string, send: (key: string) => Promise<Asked<T>>): Promise<Asked<T>> {
  let answer = await send(key)
  for (let again = 1; again <= 8; again += 1) {
    if (answer.type !== 'unknown' || !answer.keySpent) return answer
    answer = await send(`${key}/again-${again}`)
  }
  return answer
}
