/**
 * Fleet changes: prices, places and products that an owner's people change from afar, between the relay and their pages. A change is
 * a draft, then a difference at each fridge, then applied; each word of it is checked on both sides.
 */
import { z } from 'zod'
import { definedSchema, definitionSchema } from '../core/definition.ts'
import { currencies } from '../core/money.ts'

const sku = z.string().min(1).max(64)
const priceMinor = z.int().min(1).max(10_000_000)
const shelf = z.int().min(1).max(20)
const once = (rows: readonly { readonly sku: string }[]): boolean => new Set(rows.map((one) => one.sku)).size === rows.length // prettier-ignore
const twice = { message: 'names a product twice' }

export const changesSchema = z.strictObject({
  /** Of the prices: fridges of another are left alone, and it is said. */
  currency: z.enum(currencies).nullable(),
  prices: z.array(z.strictObject({ sku, priceMinor })).max(200).refine(once, twice),
  places: z.array(z.strictObject({ sku, shelf })).max(200).refine(once, twice),
  /** `isNew`: no fridge knows its sku yet; else it is changed, or comes to more fridges. */
  products: z
    .array(z.strictObject({ isNew: z.boolean(), product: definitionSchema }))
    .max(20)
    .refine((rows) => once(rows.map(({ product }) => product)), twice)
    .optional(),
  offers: z.array(z.strictObject({ sku, offered: z.boolean() })).max(200).refine(once, twice).optional(),
}) // prettier-ignore
export type Changes = z.infer<typeof changesSchema>

/**
 * What a fridge sells by, once all that it was told has come to it. `version` is of prices and places as they stand here;
 * `waiting`: orders that it has not answered yet.
 */
export const standingSchema = z.object({
  fridge: z.string(),
  currency: z.enum(currencies),
  version: z.string(),
  shelves: z.number(),
  waiting: z.number(),
  products: z.array(
    z.object({
      sku: z.string(),
      priceMinor: z.number(),
      shelf: z.number(),
      weightGrams: z.number(),
      weightSpreadGrams: z.number(),
      offered: z.boolean(),
      /** Null: the fridge knows it by a catalogue of its own. */
      definition: definedSchema.nullable(),
    }),
  ),
})
export type Standing = z.infer<typeof standingSchema>

/**
 * Why a change does not go to a fridge. `changed`: somebody else changed it after it was seen; `placesLater`: products move
 * when somebody carries them, which no clock does. `skuTaken`: somebody has another product of that sku, here or elsewhere;
 * `noPicture`: it has none, or one that the relay has not.
 */
export const changeFaults = ['unknownFridge', 'noCatalogue', 'unknownProduct', 'currency', 'noShelf', 'changed', 'placesLater', 'past', 'productsLater', 'skuTaken', 'noPicture'] as const // prettier-ignore
export const diffSchema = z.object({
  fridge: z.string(),
  currency: z.enum(currencies).nullable(),
  version: z.string(),
  prices: z.array(z.object({ sku: z.string(), fromMinor: z.number(), toMinor: z.number() })),
  places: z.array(z.object({ sku: z.string(), from: z.number(), to: z.number() })),
  /** `from` null: it is new there. */
  products: z.array(z.object({ from: definedSchema.nullable(), to: definedSchema })).default([]),
  offers: z.array(z.object({ sku: z.string(), offered: z.boolean() })).default([]),
  faults: z.array(z.object({ code: z.enum(changeFaults), sku: z.string().nullable() })),
})
export type Diff = z.infer<typeof diffSchema>

export const applyAnswerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('applied'), change: z.string(), fridges: z.array(z.string()) }),
  /** Nothing was done anywhere. */
  z.object({ type: z.literal('refused'), diffs: z.array(diffSchema) }),
  z.object({ type: z.literal('nothing') }),
])
export type ApplyAnswer = z.infer<typeof applyAnswerSchema>

export const partStates = ['scheduled', 'cancelled', 'waiting', 'done', 'refused'] as const
export const changeSchema = z.object({
  id: z.string(),
  name: z.string(),
  by: z.string(),
  reason: z.string(),
  madeAtMs: z.number(),
  dueAtMs: z.number().nullable(),
  undoes: z.string().nullable(),
  undoneBy: z.string().nullable(),
  parts: z.array(
    diffSchema
      .pick({ fridge: true, currency: true, prices: true, places: true, products: true, offers: true })
      .extend({ state: z.enum(partStates), why: z.string().nullable() }),
  ),
})
export type FleetChange = z.infer<typeof changeSchema>

/** `left`: what somebody has changed again since, which stays. */
export const undoAnswerSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('undone'),
    cancelled: z.array(z.string()),
    fridges: z.array(z.string()),
    left: z.array(z.object({ fridge: z.string(), sku: z.string() })),
  }),
  z.object({ type: z.literal('before'), by: z.string() }),
])
export type UndoAnswer = z.infer<typeof undoAnswerSchema>

export const draftSchema = z.strictObject({
  id: z.uuid(),
  name: z.string().trim().min(1).max(60),
  /** The one that was seen; 0 for a new one. */
  version: z.int().min(0),
  changes: changesSchema,
})
export type Draft = z.infer<typeof draftSchema>
export const keptDraftSchema = draftSchema.extend({ by: z.string(), changedAtMs: z.number() })
export type KeptDraft = z.infer<typeof keptDraftSchema>

/** `changed`: somebody else kept it after it was seen; null: they threw it away. */
export const draftAnswerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('kept'), version: z.number() }),
  z.object({ type: z.literal('changed'), draft: keptDraftSchema.nullable() }),
])
export type DraftAnswer = z.infer<typeof draftAnswerSchema>

/** `POST /product-pictures`: what a definition names the picture by. */
export const broughtPictureSchema = definedSchema.shape.pictures.element
