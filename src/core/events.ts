/**
 * Events: all that the ledger can say. Past tense, facts only; each is validated once when it is read back from disk.
 * Holds always: the fridge's state is the fold of these, so whatever must survive a restart is in here.
 * Ledger rows outlive releases: fields may be added as optional, never renamed or given another meaning.
 */
import { z } from 'zod'
import { definedSchema } from './definition.ts'
import { currencies, type Minor } from './money.ts'
import type { EffectKey, FridgeId, Sku, VisitId } from './ids.ts'

const visit = z.string().transform((text) => text as VisitId)
const key = z.string().transform((text) => text as EffectKey)
const sku = z.string().transform((text) => text as Sku)
const amountMinor = z.int().nonnegative().transform((amount) => amount as Minor) // prettier-ignore
const atMs = z.number()
const count = z.int()
/** `or`: what else each of them may have been, at the same price [session S21]; rows before it was known have none. */
const line = z.object({ sku, count: count.positive(), priceMinor: amountMinor, or: z.array(sku).optional() })
const move = z.object({ sku, shelf: z.int().positive(), count })
/** Grams by shelf, top first; null where a cell could not say. */
const grams = z.array(z.number().nullable())

export const declineReasons = [
  'declined',
  'insufficientFunds',
  'expiredCard',
  'authenticationNeeded',
  'cardUnusable',
] as const
const relockReasons = ['doorClosed', 'notOpened', 'linkSilent', 'reset', 'brownOut', 'commanded'] as const
const unlockFailures = ['doorOpen', 'busy', 'stale', 'fault', 'lowPower', 'controllerLost', 'closed'] as const
const reviewCauses = ['evidence', 'scales', 'controller', 'doorLeftOpen', 'forced'] as const
/** As sync/protocol's: a command of `now` is good for seconds, one of `kept` waits for the fridge. */
export const commandLanes = ['now', 'kept'] as const
export const stopReasons = ['temperature', 'sensor', 'powerCut'] as const

/** How a visit ended for the shopper: what the last screen says. */
export const endingSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('paid'), lines: z.array(line), totalMinor: amountMinor, chargedMinor: amountMinor }),
  z.object({ type: z.literal('unsure'), sureLines: z.array(line), sureMinor: amountMinor }),
  z.object({ type: z.literal('nothingTaken') }),
  z.object({ type: z.literal('notOpened') }),
  z.object({ type: z.literal('declined'), reason: z.enum(declineReasons) }),
  z.object({ type: z.literal('bankSilent') }),
  z.object({ type: z.literal('unlockFailed'), reason: z.enum(unlockFailures) }),
  z.object({ type: z.literal('interrupted') }),
])
export type Ending = z.infer<typeof endingSchema>

export const eventSchema = z.discriminatedUnion('type', [
  // the fridge
  z.object({
    type: z.literal('FridgeStarted'),
    fridge: z.string().transform((text) => text as FridgeId),
    version: z.string(),
    offMs: z.number(),
  }),
  z.object({
    type: z.literal('CatalogueAdopted'),
    hash: z.string(),
    currency: z.enum(currencies),
    products: z.array(
      z.object({
        sku,
        priceMinor: amountMinor,
        weightGrams: z.number(),
        weightSpreadGrams: z.number(),
        shelf: z.int().positive(),
      }),
    ),
  }),
  z.object({
    type: z.literal('StockCounted'),
    sku,
    shelf: z.int().positive(),
    count: count.nonnegative(),
    by: z.string(),
    reason: z.string(),
  }),

  // a visit
  z.object({
    type: z.literal('VisitStarted'),
    visit,
    holdKey: key,
    paymentMethod: z.string(),
    fingerprint: z.string(),
    amountMinor,
    currency: z.enum(currencies),
  }),
  z.object({
    type: z.literal('HoldPlaced'),
    visit,
    holdKey: key,
    reference: z.string(),
    amountMinor,
    captureByMs: atMs,
  }),
  z.object({ type: z.literal('HoldDeclined'), visit, holdKey: key, reason: z.enum(declineReasons) }),
  z.object({ type: z.literal('UnlockRequested'), visit, baseline: grams }),
  z.object({ type: z.literal('DoorUnlocked'), visit }),
  z.object({ type: z.literal('UnlockFailed'), visit, reason: z.enum(unlockFailures) }),
  z.object({
    type: z.literal('VisitInterrupted'),
    visit,
    cause: z.enum(['restart', 'controller', 'unlockUnanswered']),
  }),
  z.object({ type: z.literal('VisitResumed'), visit, doorOpen: z.boolean() }),
  z.object({
    type: z.literal('BasketResolved'),
    visit,
    lines: z.array(line),
    moves: z.array(move),
    totalMinor: amountMinor,
    probability: z.number(),
    /** That `totalMinor` is what was taken, where that is surer than the lines, some of which then say `or` [session S21]. */
    totalProbability: z.number().optional(),
    before: grams,
    after: grams,
  }),
  z.object({ type: z.literal('VisitEnded'), visit, ending: endingSchema }),

  // a doubt
  z.object({
    type: z.literal('ReviewOpened'),
    visit,
    cause: z.enum(reviewCauses),
    sureLines: z.array(line),
    likelyLines: z.array(line),
    likelyMoves: z.array(move),
    probability: z.number(),
    runnerUp: z.array(line),
    /** Of the runner-up; absent where there is none, and in rows of before it was written. */
    runnerUpProbability: z.number().optional(),
    /** What tells the likely lines from the runner-up; rows before it was known have none. */
    apart: z.array(z.object({ by: z.string(), nats: z.number() })).optional(),
    before: grams,
    after: grams,
    decideByMs: atMs,
  }),
  z.object({
    type: z.literal('ReviewDecided'),
    visit,
    lines: z.array(line),
    moves: z.array(move),
    by: z.string(),
    reason: z.string(),
  }),
  z.object({ type: z.literal('ReviewLapsed'), visit }),

  // its money
  z.object({
    type: z.literal('CaptureRequested'),
    visit,
    key,
    lines: z.array(line),
    totalMinor: amountMinor,
    amountMinor,
  }),
  z.object({ type: z.literal('HoldCaptured'), visit, key, amountMinor }),
  z.object({ type: z.literal('CaptureLost'), visit, key, detail: z.string() }),
  z.object({
    type: z.literal('ReceiptIssued'),
    visit,
    number: z.int().positive(),
    lines: z.array(line),
    totalMinor: amountMinor,
    chargedMinor: amountMinor,
  }),
  z.object({ type: z.literal('ReleaseRequested'), visit, key }),
  z.object({ type: z.literal('HoldReleased'), visit, key, found: z.enum(['released', 'neverPlaced', 'captured']) }),

  // from afar: the relay's commands
  /** Acted on or refused in this commit. Its lane and number are the relay's. */
  z.object({
    type: z.literal('CommandTaken'),
    lane: z.enum(commandLanes),
    number: z.int().positive(),
    what: z.string(),
    by: z.string(),
    reason: z.string(),
    outcome: z.enum(['done', 'refused']),
    why: z.string().nullable(),
    /** The visit that it is about. */
    about: z.string().optional(),
    /** Of the order as it came [SY85]; older rows lack it. */
    digest: z.string().optional(),
  }),
  z.object({ type: z.literal('PricesSet'), prices: z.array(z.object({ sku, priceMinor: amountMinor })) }),
  z.object({ type: z.literal('PlacesSet'), places: z.array(z.object({ sku, shelf: z.int().positive() })) }),
  /** A product that the owner defined: new, or changed in what it is. Its price and place are of a new one [catalog K7]. */
  z.object({ type: z.literal('ProductDefined'), product: definedSchema }),
  /** Products that are withdrawn, or offered again. */
  z.object({ type: z.literal('OffersSet'), offers: z.array(z.object({ sku, offered: z.boolean() })) }),
  /** All cards that are turned away from now on. */
  z.object({ type: z.literal('CardsDenied'), fingerprints: z.array(z.string()) }),
  /** The door is opened for a person of the owner's: nothing of it is sold. */
  z.object({ type: z.literal('ServiceBegan'), visit, by: z.string(), reason: z.string() }),
  z.object({ type: z.literal('ServiceEnded'), visit, how: z.string() }),

  // the door and the cold
  z.object({ type: z.literal('DoorOpened'), visit: visit.nullable() }),
  z.object({ type: z.literal('DoorClosed'), visit: visit.nullable() }),
  z.object({ type: z.literal('DoorRelocked'), visit, reason: z.enum(relockReasons) }),
  z.object({
    type: z.literal('DoorLeftOpen'),
    visit: visit.nullable(),
    seconds: z.union([z.literal(60), z.literal(120)]),
  }),
  z.object({ type: z.literal('DoorForced') }),
  z.object({ type: z.literal('ControllerLost') }),
  /** `uptimeMs`: the controller's own clock, a u32 that wraps: it ran on while ours did not. Older rows lack it. */
  z.object({
    type: z.literal('ControllerFound'),
    bootId: z.int(),
    uptimeMs: z.int().nonnegative().optional(),
    doorOpen: z.boolean(),
  }),
  z.object({ type: z.literal('WarmingBegan'), celsius: z.number(), sinceMs: atMs }),
  z.object({ type: z.literal('WarmingEnded'), celsius: z.number() }),
  /** `sinceMs`: last time that it was read, where that was before. */
  z.object({ type: z.literal('SensorLost'), sinceMs: atMs.optional() }),
  z.object({ type: z.literal('SensorFound') }),
  z.object({ type: z.literal('SalesStopped'), reason: z.enum(stopReasons) }),
  z.object({ type: z.literal('SalesCleared'), by: z.string(), reason: z.string() }),
  /** An operator connected the fridge to its owner's relay (law P3). */
  z.object({ type: z.literal('RelayPaired'), relay: z.string(), by: z.string(), reason: z.string() }),
  /** Rows that the relay has, and that are old, go from the fridge's disk: hashes (hex) of the last one and of all they came to. */
  z.object({ type: z.literal('LedgerPruned'), uptoSeq: z.int().positive(), hash: z.string(), stateHash: z.string() }),
])

export type Event = z.infer<typeof eventSchema>
export type EventOf<Type extends Event['type']> = Extract<Event, { type: Type }>
export type UnlockFailure = (typeof unlockFailures)[number]
export type ReviewCause = (typeof reviewCauses)[number]
export type StopReason = (typeof stopReasons)[number]

/** An event as the ledger keeps it. */
export interface Recorded {
  readonly seq: number
  readonly atMs: number
  readonly event: Event
}
