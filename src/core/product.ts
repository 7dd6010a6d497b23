/**
 * Product: what the fridge sells, as every room speaks of it. The catalogue's files are read by src/virtual/shop (or a
 * relay, later) and become this.
 */
import type { Sku } from './ids.ts'
import type { Minor } from './money.ts'

export const languages = ['en', 'es', 'de'] as const
export type Language = (typeof languages)[number]
export type Words = Readonly<Record<Language, string>>

/** The 14 allergens that Regulation (EU) No 1169/2011, Annex II wants named. */
export const allergens = [
  'gluten', 'crustaceans', 'eggs', 'fish', 'peanuts', 'soybeans', 'milk', 'nuts', 'celery', 'mustard', 'sesame',
  'sulphites', 'lupin', 'molluscs',
] as const // prettier-ignore
export type Allergen = (typeof allergens)[number]

export interface Product {
  readonly sku: Sku
  readonly name: Words
  readonly priceMinor: Minor
  /** Gross weight of one unit, mean and one standard deviation between units. */
  readonly weightGrams: number
  readonly weightSpreadGrams: number
  /** Where it belongs: 1 is the top shelf. */
  readonly shelf: number
  /** How many the shelf can hold, and how many a fresh virtual fridge starts with. */
  readonly capacity: number
  readonly stock: number
  /** File name of the picture, in the catalogue's folder. */
  readonly picture: string
  readonly kind: string
  readonly size?: string
  readonly ingredients?: Words
  readonly allergens: readonly Allergen[]
  readonly energyKcal?: number
  readonly sizeMm: { readonly width: number; readonly height: number; readonly depth: number }
}
