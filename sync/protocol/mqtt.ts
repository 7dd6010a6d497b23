/**
 * MQTT: the topics, and all that a fridge and its relay say on them, version 1 (SPEC.md, SY31 on).
 * Holds always: what is parsed by these schemas is bounded; a lane's numbers rise by its commands, and each is acted on once.
 */
import { z } from 'zod'
import { definitionSchema, skuSchema } from '../../src/core/definition.ts'
import { commandLanes } from '../../src/core/events.ts'
import { currencies } from '../../src/core/money.ts'
import { fridgeIdSchema } from './messages.ts'

/** Where a command travels: `now` is good for seconds or never; `kept` waits for the fridge, one after the other. */
export const lanes = commandLanes
export type Lane = (typeof lanes)[number]

export const upTopics = ['online', 'state', 'outcome'] as const
export type UpTopic = (typeof upTopics)[number]

export const upTopic = (fridge: string, what: UpTopic): string => `fridge/${fridge}/up/${what}`
export const downTopic = (fridge: string, lane: Lane): string => `fridge/${fridge}/down/${lane}`
export const allUp = (what: UpTopic): string => `fridge/+/up/${what}`
export const allDown = (fridge: string): string => `fridge/${fridge}/down/+`

/** Whose topic it is and which; null for any other. */
export function readTopic(topic: string): { fridge: string; way: 'up' | 'down'; what: string } | null {
  const [, fridge, way, what] = /^fridge\/([a-z0-9-]{1,40})\/(up|down)\/([a-z]{1,16})$/.exec(topic) ?? []
  if (fridge === undefined || what === undefined || (way !== 'up' && way !== 'down')) return null
  return { fridge, way, what }
}

const number = z.int().nonnegative()
const amountMinor = z.int().nonnegative()
const word = z.string().max(64)
const sku = z.string().min(1).max(64)
const who = z.string().min(1).max(100)

// ---- fridge to relay -------------------------------------------------------------------------------------------------

/** Retained. The broker says the second in the fridge's name when it is gone. */
export const onlineSchema = z.discriminatedUnion('online', [
  z.object({
    online: z.literal(true),
    /** Fridge time. */
    atMs: z.number(),
    version: z.string().max(40),
    name: z.string().max(60),
    holdMinor: amountMinor,
    currency: z.enum(currencies),
    /** The highest command of each lane that the fridge's ledger knows. */
    acted: z.object({ now: number, kept: number }),
  }),
  z.object({ online: z.literal(false) }),
])
export type Online = z.infer<typeof onlineSchema>
export type OnlineFacts = Omit<Extract<Online, { online: true }>, 'online'>

export const stateSchema = z.object({
  atMs: z.number(),
  doorOpen: z.boolean().nullable(),
  celsius: z.number().nullable(),
  /** Where the visit at the door stands. */
  at: word,
  /** Why nothing is sold just now. */
  closed: word.nullable(),
  /** Rows that the relay has not acknowledged. */
  pending: number,
  /** The visit that the relay's hold was brought for, while its door is unlocked, open or just closed: for its phone [SY42]. */
  visit: z
    .object({
      visit: z.uuid(),
      at: z.enum(['unlocked', 'shopping', 'settling']),
      /** Until the door locks again, if nobody opens it. */
      leftMs: z.number().nullable(),
      /** What the shelves say is out of the fridge: a picture of the basket, not yet a charge. */
      lines: z.array(z.object({ sku, count: z.int().min(1).max(200), priceMinor: amountMinor })).max(100),
      totalMinor: amountMinor,
      leftOpen: z.boolean(),
    })
    .optional(),
})
export type LiveVisit = NonNullable<z.infer<typeof stateSchema>['visit']>
export type LiveState = z.infer<typeof stateSchema>

/** What became of a command. `done`: it is in the fridge's ledger with all that it means. */
export const outcomes = ['done', 'refused', 'stale'] as const
export const outcomeSchema = z.object({
  lane: z.enum(lanes),
  number,
  outcome: z.enum(outcomes),
  /** Why it was refused. */
  why: word.nullable(),
  /** Of a number that was used up: the highest of its lane that the ledger knows. */
  highest: number.optional(),
})
export type Outcome = z.infer<typeof outcomeSchema>

// ---- relay to fridge -------------------------------------------------------------------------------------------------

/** Opens the door on a hold that the relay has placed with the provider that the fridge captures with [SY36]. */
const unlock = z.object({
  type: z.literal('unlock'),
  visit: z.uuid(),
  hold: z.object({
    reference: z.string().min(1).max(100),
    paymentMethod: z.string().min(1).max(100),
    fingerprint: z.string().max(100),
    amountMinor: amountMinor.min(1),
    currency: z.enum(currencies),
    captureWithinMs: number,
  }),
})
/** Opens the door for a person of the owner's, who takes nothing that is charged. */
const openDoor = z.object({ type: z.literal('openDoor'), visit: z.uuid() })
const prices = z.object({
  type: z.literal('prices'),
  prices: z.array(z.object({ sku, priceMinor: amountMinor })).min(1).max(500), // prettier-ignore
})
const planogram = z.object({
  type: z.literal('planogram'),
  places: z.array(z.object({ sku, shelf: z.int().min(1).max(20) })).min(1).max(500), // prettier-ignore
})
/** All cards that are turned away: what stood before is forgotten. */
const denied = z.object({ type: z.literal('denied'), fingerprints: z.array(z.string().min(1).max(100)).max(500) })
const review = z.object({
  type: z.literal('review'),
  visit: z.uuid(),
  taken: z.array(z.object({ sku, count: z.int().min(1).max(200) })).max(100),
})

/** A product: new to the fridge, or changed in what it is [SY80]. */
const product = z.object({ type: z.literal('product'), product: definitionSchema })
/** Products that are withdrawn, or offered again. */
const offers = z.object({ type: z.literal('offers'), offers: z.array(z.object({ sku: skuSchema, offered: z.boolean() })).min(1).max(200) }) // prettier-ignore
/** What stands on a shelf, counted by a person. */
const counts = z.object({
  type: z.literal('counts'),
  counts: z.array(z.object({ sku: skuSchema, shelf: z.int().min(1).max(20), count: z.int().min(0).max(500) })).min(1).max(200),
}) // prettier-ignore

export const orderSchema = z.discriminatedUnion('type', [
  unlock, openDoor, prices, planogram, denied, review, product, offers, counts,
]) // prettier-ignore
export type Order = z.infer<typeof orderSchema>

export const laneOf: Readonly<Record<Order['type'], Lane>> = {
  unlock: 'now',
  openDoor: 'now',
  prices: 'kept',
  planogram: 'kept',
  denied: 'kept',
  review: 'kept',
  product: 'kept',
  offers: 'kept',
  counts: 'kept',
}

/** What a visit is priced, named and weighed by does not change under it: these are taken when nobody is at the door. */
export const betweenVisits: ReadonlySet<Order['type']> = new Set(['prices', 'planogram', 'product', 'offers', 'counts'])

/** Its number is the message's counter. */
export const commandSchema = z.object({
  fridge: fridgeIdSchema,
  /** Fridge time after which it means nothing any more. */
  untilMs: z.number(),
  by: who,
  reason: z.string().max(200),
  order: orderSchema,
})
export type CommandBody = z.infer<typeof commandSchema>
/** `digest`: of the order as it came [SY85]. */
export type Command = CommandBody & { readonly lane: Lane; readonly number: number; readonly digest: string }
