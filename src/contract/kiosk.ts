/**
 * Contract: all that a kiosk screen may see (KioskView, pushed whole over the WebSocket whenever it changes) and say
 * (KioskMessage). The gateway and the renderer both validate with these schemas and share nothing else.
 * Holds always: a view is a projection of committed state; money on it is what the ledger will say, or is called a hold.
 */
import { z } from 'zod'
import { allergens, languages } from '../core/product.ts'
import { currencies } from '../core/money.ts'

const amountMinor = z.int().nonnegative()
const words = z.object({ en: z.string(), es: z.string(), de: z.string() })

export const lineSchema = z.object({
  sku: z.string(),
  count: z.int().positive(),
  priceMinor: amountMinor,
  /** What else each of them may have been, at the same price: shown as "this or that", never as if it were known. */
  or: z.array(z.string()).optional(),
})
export type LineView = z.infer<typeof lineSchema>

/** Why nothing is sold just now. `contact` on the fridge says whom to call. */
export const closedReasons = ['temperature', 'sensor', 'controller', 'storage', 'doorOpen', 'starting', 'bank'] as const
export const declineReasons = [
  'declined',
  'insufficientFunds',
  'expiredCard',
  'authenticationNeeded',
  'cardUnusable',
] as const

/**
 * One screen for each thing a shopper may have to know. `leftMs` counts from when the view was made.
 *
 * `attract` covers everything before a card: browsing, a product's page, how to pay, all of which is the renderer's own
 * business; a card may be tapped at any time of it, so the hold's amount is always in sight (law M8).
 */
export const screenSchema = z.discriminatedUnion('at', [
  z.object({ at: z.literal('attract') }),
  z.object({ at: z.literal('closed'), reason: z.enum(closedReasons) }),
  /** A card was read, and its visit starts within a moment: nothing is asked of the bank yet, and this is what will be. */
  z.object({ at: z.literal('moment'), amountMinor }),
  z.object({ at: z.literal('holding'), amountMinor }),
  z.object({ at: z.literal('unlocking'), holdMinor: amountMinor }),
  z.object({ at: z.literal('unlocked'), holdMinor: amountMinor, leftMs: z.number() }),
  z.object({
    at: z.literal('shopping'),
    holdMinor: amountMinor,
    /** What the shelves say is out of the fridge just now; a picture of the basket, not yet a charge. */
    lines: z.array(lineSchema),
    totalMinor: amountMinor,
    /** 0 under a minute, 1 after 60 s ("please close"), 2 after 120 s (an alert has been sent). */
    leftOpen: z.union([z.literal(0), z.literal(1), z.literal(2)]),
    /** The weights are moving: the basket on screen is about to change. */
    moving: z.boolean(),
  }),
  /** The controller went silent in the middle of a visit; nothing is charged while we do not know. */
  z.object({ at: z.literal('blind'), holdMinor: amountMinor }),
  z.object({ at: z.literal('settling'), holdMinor: amountMinor, lines: z.array(lineSchema) }),
  z.object({
    at: z.literal('receipt'),
    visit: z.string(),
    lines: z.array(lineSchema),
    totalMinor: amountMinor,
    /** What is charged: less than the total where the total went beyond the hold. */
    chargedMinor: amountMinor,
    holdMinor: amountMinor,
    /** `paid`: the bank said so. `paying`: it has not answered yet, we keep asking, and it is charged once. */
    payment: z.enum(['paying', 'paid']),
    number: z.string().nullable(),
    issuedAtMs: z.number(),
  }),
  z.object({ at: z.literal('nothingTaken'), holdMinor: amountMinor }),
  z.object({ at: z.literal('notOpened'), holdMinor: amountMinor }),
  z.object({
    at: z.literal('unsure'),
    holdMinor: amountMinor,
    sureLines: z.array(lineSchema),
    sureMinor: amountMinor,
  }),
  z.object({ at: z.literal('declined'), reason: z.enum(declineReasons) }),
  z.object({ at: z.literal('bankSilent'), holdMinor: amountMinor }),
  z.object({ at: z.literal('unlockFailed'), holdMinor: amountMinor }),
  /** The power or the program went away in a visit; what was held is given back. */
  z.object({ at: z.literal('interrupted'), holdMinor: amountMinor }),
])
export type Screen = z.infer<typeof screenSchema>

/** The view is pushed so often even where nothing changed: a screen that hears nothing for longer shows no old money. */
export const viewEveryMs = 2_000

export const kioskViewSchema = z.object({
  type: z.literal('view'),
  fridge: z.object({ id: z.string(), name: z.string(), contact: z.string() }),
  /** Where phones find this fridge; absent: they can't pay here. */
  phone: z.url({ protocol: /^https?$/ }).optional(),
  currency: z.enum(currencies),
  /** What a card is asked to reserve: shown before it is asked (law M8). */
  holdMinor: amountMinor,
  /** False when the bank could not be reached lately; cards can't be held then. */
  online: z.boolean(),
  temperatureCelsius: z.number().nullable(),
  screen: screenSchema,
  /** How many of each product the fridge believes it has: 0 is shown as sold out. */
  stock: z.record(z.string(), z.int().nonnegative()),
})
export type KioskView = z.infer<typeof kioskViewSchema>

/** GET /api/catalogue: once per start and whenever `catalogueHash` changes. Pictures: GET /api/products/:sku/picture. */
export const catalogueSchema = z.object({
  currency: z.enum(currencies),
  products: z.array(
    z.object({
      sku: z.string(),
      name: words,
      priceMinor: amountMinor,
      shelf: z.int().positive(),
      kind: z.string(),
      size: z.string().optional(),
      ingredients: words.optional(),
      allergens: z.array(z.enum(allergens)),
      energyKcal: z.number().optional(),
      /** Not offered any more: shown while some of it is there. */
      withdrawn: z.boolean().optional(),
      weightGrams: z.number(),
      sizeMm: z.object({ width: z.number(), height: z.number(), depth: z.number() }),
      pictureUrl: z.string(),
    }),
  ),
})
export type Catalogue = z.infer<typeof catalogueSchema>

/** Screen to runtime. Little, because the fridge is driven by cards and doors, not by buttons. */
export const kioskMessageSchema = z.discriminatedUnion('type', [
  /** "Done" on a receipt or a failure: back to attract. */
  z.object({ type: z.literal('dismiss') }),
  /** "Cancel" before the door was opened: relock, release the hold. */
  z.object({ type: z.literal('cancel') }),
  z.object({ type: z.literal('language'), language: z.enum(languages) }),
])
export type KioskMessage = z.infer<typeof kioskMessageSchema>

/** POST /api/operator/clear: an operator signs for the food and opens sales again (law D5). */
export const clearSafetySchema = z.object({
  name: z.string().min(1).max(60),
  pin: z.string().regex(/^\d{6,12}$/, 'a PIN is 6 to 12 digits'),
  reason: z.string().min(3).max(200),
})
export type ClearSafety = z.infer<typeof clearSafetySchema>

/** POST /api/operator/pair: an operator types the code that the owner's relay gave. `relay`: where none is set up. */
export const pairRelaySchema = z.object({
  ...clearSafetySchema.shape,
  code: z.string().trim().min(8).max(12),
  relay: z.string().max(200).optional(),
})
export type PairRelay = z.infer<typeof pairRelaySchema>

/** Why rows do not reach the relay; the screens have words for each. */
export const relayFaults = [
  'noAnswer', 'busy', 'failed', 'malformed', 'tooBig', 'fork', 'relayAhead', 'rowsPruned', 'brokenChain', 'ledgerDamaged',
  'unknownFridge', 'revoked', 'badSignature', 'foreignRows', 'unsupportedVersion',
] as const // prettier-ignore

/** GET /api/operator/relay: how far the owner's relay has come. */
export const relayViewSchema = z.object({
  fridge: z.string(),
  /** Null: none is named yet. */
  relay: z.string().nullable(),
  paired: z.boolean(),
  /** `off`: not paired. */
  at: z.enum(['off', 'asking', 'gathering', 'sending', 'waiting', 'idle', 'refused', 'stopped']),
  acknowledgedSeq: z.int().nonnegative(),
  pending: z.int().nonnegative(),
  lastError: z.object({ code: z.enum(relayFaults), detail: z.string(), atMs: z.number() }).nullable(),
  /** Rows that the relay could not take and keeps aside, the last of them. */
  setAside: z.array(z.object({ seq: z.int(), why: z.string(), detail: z.string() })),
})
export type RelayView = z.infer<typeof relayViewSchema>

/** GET /api/operator/cameras: who looks into the fridge, and what keeps them from it. */
export const camerasViewSchema = z.object({
  /** `none`: there are no cameras. `down`: it ended and is started again. `unable`: without models or products to name. */
  worker: z.enum(['none', 'starting', 'ready', 'unable', 'down']),
  says: z.string().nullable(),
  cameras: z.array(z.object({ camera: z.string(), fault: z.string().nullable(), says: z.string().nullable() })),
})
export type CamerasView = z.infer<typeof camerasViewSchema>

/** POST /api/operator/review: an operator says what a visit in doubt took (law M5). An empty list: nothing. */
export const decideReviewSchema = z.object({
  ...clearSafetySchema.shape,
  visit: z.uuid(),
  lines: z.array(z.object({ sku: z.string().min(1).max(64), count: z.int().positive().max(99) })).max(50),
})
