/**
 * Review: what the relay tells an owner's pages of visits in doubt, under `/api/v1`. The relay answers in these shapes (a
 * contract test holds it to them on every store) and the pages believe nothing else. Minor units; ms since 1970; grams.
 */
import { z } from 'zod'
import { currencies } from '../core/money.ts'

const line = z.object({ sku: z.string(), count: z.number(), priceMinor: z.number() })
/** By shelf, the top one first; null: its cell could not say. */
const grams = z.array(z.number().nullable())

export const reviewPictureSchema = z.object({
  sha256: z.string(),
  camera: z.string(),
  why: z.string(),
  atMs: z.number(),
  /** Its time was up: it was here, and was deleted. */
  gone: z.boolean(),
})
export type ReviewPicture = z.infer<typeof reviewPictureSchema>

export const reviewSchema = z.object({
  fridge: z.string(),
  visit: z.string(),
  cause: z.string(),
  openedAtMs: z.number(),
  /** From then on the fridge charges what is sure, and nobody can decide any more. */
  decideByMs: z.number(),
  probability: z.number(),
  closedAtMs: z.number().nullable(),
  outcome: z.string().nullable(),
  currency: z.enum(currencies).nullable(),
  /** What is reserved: more can't be charged. */
  holdMinor: z.number().nullable(),
  evidence: z
    .object({
      sureLines: z.array(line),
      likelyLines: z.array(line),
      runnerUp: z.array(line),
      /** Null: there is none, or its fridge does not say so yet. */
      runnerUpProbability: z.number().nullable(),
      /** What tells the likely lines from the runner-up; nats for the likely ones, below zero against them. */
      apart: z.array(z.object({ by: z.string(), nats: z.number() })),
      before: grams,
      after: grams,
    })
    .nullable(),
  pictures: z.array(reviewPictureSchema),
  /** A verdict that is on its way to the fridge, or what became of it. */
  command: z.object({ number: z.number(), outcome: z.string().nullable(), why: z.string().nullable() }).nullable(),
})
export type Review = z.infer<typeof reviewSchema>

/** What a verdict is made of: the products that the fridge sells. */
export const reviewCatalogueSchema = z.object({
  currency: z.enum(currencies),
  products: z.array(z.object({ sku: z.string(), priceMinor: z.number(), weightGrams: z.number(), shelf: z.number() })),
})
export type ReviewCatalogue = z.infer<typeof reviewCatalogueSchema>

/** `first` false: somebody had decided it before, and that stands. */
export const decidedSchema = z.object({ command: z.number().nullable(), first: z.boolean() })
