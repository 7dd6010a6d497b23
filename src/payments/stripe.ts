/**
 * Stripe: the PaymentProvider on Stripe's PaymentIntents. A hold is an intent captured by hand; its reference is the
 * intent's id. Called by runtime's outbox, which repeats by the same key until an answer is final.
 * Holds always (SPEC PAY1-PAY14): whatever is repeated, lost or late, one hold is captured at most once and at most whole;
 * what is not known is asked for, by key or by looking, and never guessed.
 */
import type { Stripe } from 'stripe'
import { minor } from '../core/money.ts'
import type {
  CaptureAnswer,
  Clock,
  HoldAnswer,
  HoldRequest,
  Log,
  PaymentProvider,
  ReleaseAnswer,
} from '../core/ports.ts'
import { err, invariant, ok } from '../core/result.ts'
import { hourMs, minuteMs } from '../core/time.ts'
import { ask, askByKeys, intentSchema, type Asked, type Asking, type Intent } from './ask.ts'
import { declineReason } from './declines.ts'
import { findByHoldKey, findStanding, type Found } from './find.ts'
import { captureWithinMs } from './window.ts'

export interface StripeProviderOptions {
  readonly stripe: Stripe
  readonly clock: Clock
  readonly log: Log
  /** Stands after the merchant's name on the card's statement; up to 22 characters. The same for ever: it is under the key. */
  readonly statementSuffix?: string
  /** Whose saved method the holds are placed on, while they are not asked again: the relay's shoppers [PAY16]. */
  readonly customer?: string
  /** Ends the wait for one answer, connecting included: 15 s unless said otherwise. */
  readonly answerWithinMs?: number
}

/** Stripe forgets a key once it is 24 h old; an hour less for clocks. */
const repeatWithinMs = 23 * hourMs
/** Two clocks further apart than this: neither says how long ago anything was. */
const trustedSkewMs = hourMs
/** A request that was sent this long ago and is not in the list was never executed and never will be. */
const settledAfterMs = 2 * minuteMs

const unreachable = err({ code: 'unreachable' } as const)
const cardUnusable = err({ code: 'declined', reason: 'cardUnusable' } as const)

export function createStripeProvider(options: StripeProviderOptions): PaymentProvider {
  const { stripe, clock, log, statementSuffix, customer } = options
  const asking: Asking = { clock, log, answerWithinMs: options.answerWithinMs ?? 15_000 }

  const isOld = (askedAtMs: number): boolean => clock.nowMs() - askedAtMs > repeatWithinMs
  /** A clock that was ahead when it asked, and stood still since, sees no time pass: the provider's shows it. */
  const mayBeOld = (askedAtMs: number, providerNowMs: number | null): boolean =>
    providerNowMs !== null &&
    (providerNowMs - askedAtMs > repeatWithinMs || Math.abs(providerNowMs - clock.nowMs()) > trustedSkewMs)

  const create = (hold: HoldRequest): Promise<Asked<Intent>> =>
    ask(asking, 'create', intentSchema, () =>
      stripe.paymentIntents.create(
        {
          amount: hold.amountMinor,
          currency: hold.currency.toLowerCase(),
          capture_method: 'manual',
          confirm: true,
          payment_method: hold.paymentMethod,
          // What a reader gives, and what a wallet keeps.
          allowed_payment_method_types: ['card', 'card_present'],
          // Nobody can sign in to their bank at a fridge's door: better a plain no.
          error_on_requires_action: true,
          metadata: { visit: hold.visit, holdKey: hold.key },
          expand: ['latest_charge'],
          ...(customer === undefined ? {} : { customer, off_session: true }),
          ...(statementSuffix === undefined ? {} : { statement_descriptor_suffix: statementSuffix }),
        },
        { idempotencyKey: hold.key },
      ),
    )

  const retrieve = (reference: string): Promise<Asked<Intent>> =>
    ask(asking, 'retrieve', intentSchema, () =>
      stripe.paymentIntents.retrieve(reference, { expand: ['latest_charge'] }),
    )

  const cancel = (reference: string, key: string): Promise<Asked<Intent>> =>
    askByKeys(`${key}/${reference}`, (idempotencyKey) =>
      ask(asking, 'cancel', intentSchema, () =>
        stripe.paymentIntents.cancel(reference, { cancellation_reason: 'abandoned' }, { idempotencyKey }),
      ),
    )

  /** What an intent, as it stands now, means for the hold that made it. */
  async function holdIn(hold: HoldRequest, intent: Intent, providerNowMs: number | null): Promise<HoldAnswer> {
    invariant(
      intent.amount === hold.amountMinor && intent.currency.toUpperCase() === hold.currency,
      `the bank holds what was asked: ${hold.amountMinor} ${hold.currency}, not ${intent.amount} ${intent.currency} (${intent.id})`,
    )
    switch (intent.status) {
      case 'requires_capture':
        return ok({
          reference: intent.id,
          amountMinor: minor(intent.amount),
          captureWithinMs: captureWithinMs(intent, { providerNowMs, elapsedMs: clock.nowMs() - hold.askedAtMs }, log),
        })
      case 'requires_payment_method': {
        const failed = intent.last_payment_error
        return err({ code: 'declined', reason: declineReason(failed?.code, failed?.decline_code) })
      }
      case 'requires_action':
      case 'requires_confirmation': {
        // Not to be left open for a later confirmation that nobody waits for.
        const ended = await cancel(intent.id, hold.key)
        return ended.type === 'unknown' ? unreachable : err({ code: 'declined', reason: 'authenticationNeeded' })
      }
      case 'processing':
        return unreachable
      case 'canceled':
      case 'succeeded':
        log.warn('a hold was asked for again after its end', { reference: intent.id, status: intent.status })
        return cardUnusable
    }
  }

  async function holdFound(hold: HoldRequest, otherwise: HoldAnswer): Promise<HoldAnswer> {
    const found = await findByHoldKey(stripe, asking, hold)
    if (found === null) return unreachable
    const intent = found.intents.find((one) => one.status === 'requires_capture') ?? found.intents[0]
    return intent === undefined ? otherwise : holdIn(hold, intent, found.providerNowMs)
  }

  async function placeHold(hold: HoldRequest): Promise<HoldAnswer> {
    if (isOld(hold.askedAtMs)) return holdFound(hold, cardUnusable)
    const asked = await create(hold)
    switch (asked.type) {
      case 'unknown':
        return asked.keySpent ? holdFound(hold, unreachable) : unreachable
      case 'refused':
        if (asked.status === 402) return err({ code: 'declined', reason: declineReason(asked.code, asked.declineCode) })
        log.warn('bank refused to place a hold', { status: asked.status, code: asked.code, message: asked.message })
        return cardUnusable
      case 'answered': {
        if (!asked.replayed) return holdIn(hold, asked.value, asked.providerNowMs)
        const now = await retrieve(asked.value.id)
        return now.type === 'answered' ? holdIn(hold, now.value, now.providerNowMs) : unreachable
      }
    }
  }

  /** What an intent, as it stands, means for a capture of `amountMinor`; null when it can still be captured. */
  function captureIn(intent: Intent, amountMinor: number): CaptureAnswer | null {
    if (intent.status === 'requires_capture') return null
    if (intent.status === 'processing') return unreachable
    if (intent.status === 'succeeded' && intent.amount_received === amountMinor)
      return ok({ amountMinor: minor(amountMinor) })
    const detail =
      intent.status === 'succeeded'
        ? `captured ${intent.amount_received}, not the ${amountMinor} asked for`
        : `the hold is ${intent.status}${intent.cancellation_reason ? ` (${intent.cancellation_reason})` : ''}`
    log.warn('a capture came to nothing', { reference: intent.id, detail })
    return err({ code: 'gone', detail })
  }

  const capture: PaymentProvider['capture'] = async ({ key, reference, amountMinor, askedAtMs }) => {
    invariant(amountMinor > 0, `a capture takes something; nothing taken is a release (${reference})`)
    if (isOld(askedAtMs)) {
      const before = await retrieve(reference)
      if (before.type === 'unknown') return unreachable
      const settled = before.type === 'answered' ? captureIn(before.value, amountMinor) : null
      if (settled !== null) return settled
    }
    const asked = await askByKeys(key, (idempotencyKey) =>
      ask(asking, 'capture', intentSchema, () =>
        stripe.paymentIntents.capture(reference, { amount_to_capture: amountMinor }, { idempotencyKey }),
      ),
    )
    if (asked.type === 'unknown') return unreachable
    if (asked.type === 'answered') return captureIn(asked.value, amountMinor) ?? unreachable
    const now = asked.intent ?? (asked.status === 404 ? null : await retrieved(reference))
    if (now === 'unknown') return unreachable
    return (now === null ? null : captureIn(now, amountMinor)) ?? err({ code: 'gone', detail: asked.message })
  }

  async function retrieved(reference: string): Promise<Intent | null | 'unknown'> {
    const asked = await retrieve(reference)
    if (asked.type === 'unknown') return 'unknown'
    return asked.type === 'answered' ? asked.value : null
  }

  async function releaseReference(reference: string, key: string): Promise<ReleaseAnswer> {
    const asked = await cancel(reference, key)
    if (asked.type === 'unknown') return unreachable
    const now = asked.type === 'answered' ? asked.value : (asked.intent ?? (await retrieved(reference)))
    if (now === 'unknown') return unreachable
    if (now === null) {
      log.warn('bank knows no such hold', { reference })
      return ok('neverPlaced')
    }
    if (now.status === 'canceled') return ok('released')
    return now.status === 'succeeded' ? err({ code: 'captured' }) : unreachable
  }

  /** Releases all that a hold's key has made. More than one only where a wrong clock let an old key be repeated. */
  async function releaseFound({ intents }: Found, key: string): Promise<ReleaseAnswer> {
    let answer: ReleaseAnswer = ok('neverPlaced')
    for (const intent of intents) {
      const one = await releaseReference(intent.id, key)
      if (!one.ok) return one
      // A declined attempt is closed too, but it held nothing.
      if (intent.status !== 'requires_payment_method') answer = one
    }
    return answer
  }

  /**
   * The answer to placing this hold never came. Look first; what is not there may still be on its way, so use its key up
   * (repeat the request, release what that gives) while the bank remembers keys, and afterwards only look.
   */
  async function releaseUnanswered(hold: HoldRequest, key: string): Promise<ReleaseAnswer> {
    const found = await findByHoldKey(stripe, asking, hold)
    if (found === null) return unreachable
    if (found.intents.length > 0) return releaseFound(found, key)
    const settled: ReleaseAnswer = clock.nowMs() - hold.askedAtMs >= settledAfterMs ? ok('neverPlaced') : unreachable
    if (isOld(hold.askedAtMs) || mayBeOld(hold.askedAtMs, found.providerNowMs)) {
      if (found.providerNowMs === null) return unreachable
      // Old by clocks that may have jumped since: before "never placed" is said, look at all that can still stand.
      const standing = await findStanding(stripe, asking, hold, found.providerNowMs)
      if (standing === null) return unreachable
      return standing.intents.length > 0 ? releaseFound(standing, key) : settled
    }
    const asked = await create(hold)
    switch (asked.type) {
      case 'refused':
        return ok('neverPlaced')
      case 'answered':
        return releaseFound({ intents: [asked.value], providerNowMs: asked.providerNowMs }, key)
      case 'unknown':
        return asked.keySpent ? settled : unreachable
    }
  }

  return {
    placeHold,
    capture,
    release: ({ key, reference, hold }) =>
      reference === null ? releaseUnanswered(hold, key) : releaseReference(reference, key),
  }
}
