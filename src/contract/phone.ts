/**
 * Phone: what a shopper's phone page and the relay tell each other, under `/shop` (and the older `/transactions`, `/unlock` and
 * `/save-payment`). The relay answers in these shapes and the page believes nothing else. Amounts are minor units; times are
 * ms since 1970. Schemas of zod's small half: the page's first load has 100 kB for everything.
 * Who is signed in sends `Authorization: Bearer TOKEN`; what is refused is `{status: 'error', code, message, reason?}`.
 */
import * as z from 'zod/mini'
import { currencies } from '../core/money.ts'

const words = z.object({ en: z.string(), es: z.string(), de: z.string() })
const currency = z.enum(currencies)
const count = z.number()

/** GET /shop/setup: what this relay can do for phones. */
export const phoneSetupSchema = z.object({
  /** The provider's script and the key it is begun with; null: phones can't pay here. */
  payments: z.nullable(z.object({ script: z.string(), publishableKey: z.string() })),
  /** False: no mail can be sent, so nobody can sign in. */
  mail: z.boolean(),
  /** The VAPID public key, base64url. */
  pushKey: z.nullable(z.string()),
})
export type PhoneSetup = z.infer<typeof phoneSetupSchema>

export const phoneProductSchema = z.object({
  sku: z.string(),
  name: words,
  priceMinor: count,
  /** Null: not known. */
  left: z.nullable(count),
  pictureUrl: z.nullable(z.string()),
})
export type PhoneProduct = z.infer<typeof phoneProductSchema>

/** GET /shop/fridges/:fridge, for anybody who has its code. */
export const phoneFridgeSchema = z.object({
  fridge: z.string(),
  name: z.string(),
  contact: z.string(),
  currency,
  holdMinor: count,
  online: z.boolean(),
  /** Somebody's visit is under way. */
  busy: z.boolean(),
  /** Why nothing is sold just now; the kiosk's reasons. */
  closed: z.nullable(z.string()),
  celsius: z.nullable(z.number()),
  products: z.array(phoneProductSchema),
})
export type PhoneFridge = z.infer<typeof phoneFridgeSchema>

/**
 * POST /shop/sign-in {email, language} -> 202, whoever it is, or 429 `wait`; POST /shop/sign-in/code {email, code} -> this, or
 * 401 `wrongCode`, 429 `wait` (both with Retry-After where a time helps). POST /shop/sign-out ends this sign-in.
 */
export const phoneTokenSchema = z.object({ token: z.string(), expiresAtMs: z.number() })

export const phoneCardSchema = z.object({ brand: z.nullable(z.string()), last4: z.nullable(z.string()) })
export type PhoneCard = z.infer<typeof phoneCardSchema>

/**
 * GET /shop/me; POST /shop/me {language?, mailReceipts?} changes it; DELETE /shop/me ends the account (409 `visitOpen` while
 * one is under way). DELETE /shop/card removes the card; saving another replaces it. POST /shop/push {subscription, language}
 * as the browser's PushSubscription says itself, DELETE /shop/push {endpoint}.
 */
export const phoneMeSchema = z.object({
  email: z.string(),
  /** Every receipt comes by mail, unasked. */
  mailReceipts: z.optional(z.boolean()),
  card: z.nullable(phoneCardSchema),
  /** A visit that has not ended: the page goes on with it. */
  visit: z.nullable(z.string()),
})
export type PhoneMe = z.infer<typeof phoneMeSchema>

export const phoneLineSchema = z.object({
  sku: z.string(),
  name: words,
  count,
  priceMinor: count,
  pictureUrl: z.nullable(z.string()),
  /** Names of what else it may have been, at the same price. */
  or: z.optional(z.array(words)),
})
export type PhoneLine = z.infer<typeof phoneLineSchema>

export const phoneReceiptSchema = z.object({
  number: z.string(),
  atMs: z.number(),
  lines: z.array(phoneLineSchema),
  totalMinor: count,
  chargedMinor: count,
  /** `paid`: the bank said so. */
  payment: z.enum(['paying', 'paid']),
  /** Paid back since; `asked`: the bank has not answered yet. */
  refund: z.nullable(z.object({ amountMinor: count, state: z.enum(['asked', 'done']) })),
  /** Of what was charged, so much goes back to the card for a voucher. */
  voucherMinor: z.optional(count),
})
export type PhoneReceipt = z.infer<typeof phoneReceiptSchema>

/** What a voucher is worth: of what will be charged so many percent (null: all), and `mostMinor` at most. */
export const phoneVoucherSchema = z.object({ percent: z.nullable(count), mostMinor: count })

/**
 * How a visit stands: from the offer to its end. GET /shop/visits/:id, or as a stream of events while it lasts:
 * GET /shop/visits/:id/live (text/event-stream: `event: visit`, this as `data`, an `id` to go on from by Last-Event-ID; the
 * stream ends with the visit). POST /shop/visits/:id/voucher {code} reserves a voucher for one that was offered and not asked for yet
 * (phoneVoucherSchema, or 409 with `noVoucher`, `voucherOver`, `voucherElsewhere`, `voucherUsed`, `tooLate`). POST /shop/visits/:id/mail {language} -> 202; GET /shop/visits/:id/receipt.pdf?language=en.
 */
export const phoneVisitSchema = z.object({
  id: z.string(),
  fridge: z.string(),
  fridgeName: z.string(),
  contact: z.string(),
  currency,
  holdMinor: count,
  at: z.enum(['offered', 'holding', 'unlocking', 'unlocked', 'declined', 'releasing', 'released']),
  why: z.nullable(z.string()),
  expired: z.boolean(),
  /** What the fridge says while its door is unlocked or open; null: it says nothing of this visit. */
  live: z.nullable(
    z.object({
      at: z.enum(['unlocked', 'shopping', 'settling']),
      leftMs: z.nullable(z.number()),
      /** Null: this fridge does not tell baskets to phones. */
      lines: z.nullable(z.array(phoneLineSchema)),
      totalMinor: count,
      /** Open for a minute or more. */
      leftOpen: z.boolean(),
      /** How long ago the fridge said so. */
      heardMs: z.number(),
    }),
  ),
  /** What the fridge's books say in the end. */
  end: z.nullable(
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('receipt'), receipt: phoneReceiptSchema }),
      /** A person decides; what is sure is charged if nobody does. */
      z.object({ type: z.literal('review'), sureLines: z.array(phoneLineSchema), sureMinor: count }),
      z.object({ type: z.literal('nothingTaken') }),
      z.object({ type: z.literal('notOpened') }),
      z.object({ type: z.literal('interrupted') }),
    ]),
  ),
})
export type PhoneVisit = z.infer<typeof phoneVisitSchema>

/** GET /shop/visits?before=MS: those with a receipt or under review, newest first. */
export const phoneVisitsSchema = z.object({
  visits: z.array(
    z.object({
      id: z.string(),
      fridgeName: z.string(),
      atMs: z.number(),
      currency,
      chargedMinor: count,
      refundedMinor: count,
      review: z.boolean(),
    }),
  ),
  more: z.boolean(),
})
export type PhoneVisits = z.infer<typeof phoneVisitsSchema>
