/**
 * Definition: a product as its owner defined it from afar, whole: what it is, what it weighs, what it costs where it is new.
 * Holds always: what a person may write (`definitionSchema`) is bounded and makes sense; what stands in a ledger
 * (`definedSchema`) has the same form, and is believed. Called by events.ts, the relay's orders and its pages.
 */
import { z } from 'zod'
import type { Sku } from './ids.ts'
import { currencies, type Minor } from './money.ts'
import { allergens, languages, type Words } from './product.ts'

export const mostProductPictures = 20
/** Of one picture, as the relay has made it. */
export const mostPictureBytes = 192 * 1024
export const mostPicturePixels = 1_024

const sku = z.string().transform((text) => text as Sku)
const priceMinor = z.int().nonnegative().transform((amount) => amount as Minor) // prettier-ignore
const words = z.object({ en: z.string(), es: z.string(), de: z.string() })

export const definedSchema = z.object({
  sku,
  name: words,
  currency: z.enum(currencies),
  /** Where it is new. An edit leaves the price as it stands [catalog K7]. */
  priceMinor,
  /** Gross weight of one unit, mean and one standard deviation between units. */
  weightGrams: z.number(),
  weightSpreadGrams: z.number(),
  /** Where it is new, as the price. */
  shelf: z.int().positive(),
  /** Net quantity, as `330 ml`. */
  size: z.string().optional(),
  ingredients: words.optional(),
  allergens: z.array(z.enum(allergens)),
  energyKcal: z.number().optional(),
  /** The first is the one that is shown; all of them teach the cameras. */
  pictures: z.array(z.object({ sha256: z.string(), bytes: z.int(), width: z.int(), height: z.int() })),
})
/** Of a product. */
export type Definition = z.infer<typeof definedSchema>
export type DefinitionPicture = Definition['pictures'][number]

// ---- what a person may write -----------------------------------------------------------------------------------------

const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1, 'is empty')
    .max(most, `is longer than ${most} letters`)
    .refine((text) => !/\p{Cc}/u.test(text), 'holds a control character')

/** A text for all languages, or one for each; a language that is left out takes the first one given. */
const wordsOf = (most: number) => {
  const each = line(most).optional()
  return z.union([
    line(most).transform((text): Words => ({ en: text, es: text, de: text })),
    z.strictObject({ en: each, es: each, de: each }).transform((given, context): Words => {
      const some = languages.map((language) => given[language]).find((text) => text !== undefined)
      if (some === undefined) context.addIssue('needs a text in en, es or de')
      return { en: given.en ?? some ?? '', es: given.es ?? some ?? '', de: given.de ?? some ?? '' }
    }),
  ])
}

const side = z.int().min(1).max(mostPicturePixels)

export const skuSchema = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9][\w.-]{0,63}$/, 'should be 1 to 64 letters, digits, dots or dashes')
  .transform((text) => text as Sku)

export const definitionSchema = z
  .strictObject({
    sku: skuSchema,
    name: wordsOf(60),
    currency: z.enum(currencies),
    priceMinor: z.int().min(1).max(100_000).transform((amount) => amount as Minor),
    weightGrams: z.number().min(5).max(20_000),
    weightSpreadGrams: z.number().min(0.05).max(2_000),
    shelf: z.int().min(1).max(20),
    size: line(24).optional(),
    ingredients: wordsOf(1_000).optional(),
    allergens: z
      .array(z.enum(allergens))
      .max(allergens.length)
      .refine((list) => new Set(list).size === list.length, 'names an allergen twice'),
    energyKcal: z.number().min(0).max(20_000).optional(),
    pictures: z
      .array(
        z.strictObject({
          sha256: z.string().regex(/^[0-9a-f]{64}$/),
          bytes: z.int().min(1).max(mostPictureBytes),
          width: side,
          height: side,
        }),
      )
      .max(mostProductPictures)
      .refine((list) => new Set(list.map((one) => one.sha256)).size === list.length, 'names a picture twice'),
  })
  // Beyond this the scales can't tell one from none, and before it every basket would go to review.
  .refine(({ weightGrams, weightSpreadGrams }) => weightSpreadGrams <= weightGrams / 5, {
    message: 'should be at most a fifth of the weight',
    path: ['weightSpreadGrams'],
  }) // prettier-ignore

/** The same product, but for what an edit leaves as it stands. */
export const sameProduct = (one: Definition, other: Definition): boolean => essence(one) === essence(other)

/** The same text for the same product. */
export const essence = ({ sku, name, currency, weightGrams, weightSpreadGrams, size, ingredients, allergens, energyKcal, pictures }: Definition): string =>
  JSON.stringify([
    sku, [name.en, name.es, name.de], currency, weightGrams, weightSpreadGrams, size ?? null,
    ingredients === undefined ? null : [ingredients.en, ingredients.es, ingredients.de],
    allergens.toSorted(), energyKcal ?? null, pictures.map(({ sha256 }) => sha256),
  ]) // prettier-ignore
