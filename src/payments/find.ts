/**
 * Find: which intents a hold's key has made, by reading the provider's list and comparing `metadata.holdKey`. This is
 * how an outcome is asked for once its idempotency key no longer tells (law M6). It changes nothing.
 */
import type { Stripe } from 'stripe'
import type { HoldRequest } from '../core/ports.ts'
import { dayMs, hourMs, minuteMs } from '../core/time.ts'
import { ask, intentListSchema, type Asking, type Intent } from './ask.ts'

/** A key is repeated for 24 h at most, so what it made was made in that time; an hour more each way for the clocks. */
const beforeMs = hourMs
const afterMs = 25 * hourMs
/** A hold that was placed longer ago than this has run out by itself: seven days, and one for the clocks. */
const standsForMs = 8 * dayMs
/** Clocks nearer than this are held to agree: the window's margins cover it. */
const agreeWithinMs = 10 * minuteMs
const mostPages = 200

export interface Found {
  readonly intents: readonly Intent[]
  readonly providerNowMs: number | null
}

/** The intents of this hold, or null when the list could not be read whole. */
export async function findByHoldKey(stripe: Stripe, asking: Asking, hold: HoldRequest): Promise<Found | null> {
  const nowMs = asking.clock.nowMs()
  const first = await within(stripe, asking, hold, hold.askedAtMs)
  if (first === null || first.intents.length > 0) return first
  // The fridge's clock may be wrong: look again where the provider's clock says it was.
  const skewMs = first.providerNowMs === null ? 0 : first.providerNowMs - nowMs
  if (Math.abs(skewMs) <= agreeWithinMs) return first
  asking.log.warn('the clocks of fridge and bank differ', { skewMs })
  return within(stripe, asking, hold, hold.askedAtMs + skewMs)
}

/**
 * The intents of this hold among all that can still stand, by the provider's clock alone; null when the list could not be
 * read whole. For a fridge whose clock has jumped since it asked: its own word on when that was is worth nothing.
 */
export const findStanding = (
  stripe: Stripe,
  asking: Asking,
  hold: HoldRequest,
  providerNowMs: number,
): Promise<Found | null> => between(stripe, asking, hold, providerNowMs - standsForMs, providerNowMs + hourMs)

const within = (stripe: Stripe, asking: Asking, hold: HoldRequest, askedAtMs: number): Promise<Found | null> =>
  between(stripe, asking, hold, askedAtMs - beforeMs, askedAtMs + afterMs)

async function between(
  stripe: Stripe,
  asking: Asking,
  hold: HoldRequest,
  fromMs: number,
  toMs: number,
): Promise<Found | null> {
  const gte = Math.max(0, Math.floor(fromMs / 1000))
  const lte = Math.max(0, Math.ceil(toMs / 1000))
  const intents: Intent[] = []
  let after: string | undefined
  for (let page = 0; page < mostPages; page += 1) {
    const listed = await ask(asking, 'list', intentListSchema, () =>
      stripe.paymentIntents.list({
        created: { gte, lte },
        limit: 100,
        expand: ['data.latest_charge'],
        ...(after === undefined ? {} : { starting_after: after }),
      }),
    )
    if (listed.type !== 'answered') return null
    intents.push(...listed.value.data.filter((intent) => intent.metadata['holdKey'] === hold.key))
    after = listed.value.data.at(-1)?.id
    if (!listed.value.has_more || after === undefined) return { intents, providerNowMs: listed.providerNowMs }
  }
  asking.log.warn('more holds in a day than can be looked through', { pages: mostPages })
  return null
}
