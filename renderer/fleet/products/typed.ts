/** Typed: a product as a person types it, field by field, and what it becomes; every field that does not fit is named. */
import { definitionSchema, type Definition } from '../../../src/core/definition.ts'
import { allergens } from '../../../src/core/product.ts'
import { minorOf, textOf } from '../changes/price-text.ts'

export const textFields = ['sku', 'price', 'weight', 'spread', 'shelf', 'size', 'energy'] as const
export type TextField = (typeof textFields)[number]
type Three = Readonly<Record<'en' | 'es' | 'de', string>>

export interface Typed extends Readonly<Record<TextField, string>> {
  readonly name: Three
  readonly ingredients: Three
  readonly currency: Definition['currency']
  readonly allergens: readonly string[]
  readonly pictures: Definition['pictures']
}
export type Field = TextField | 'name' | 'ingredients' | 'allergens' | 'pictures' | 'currency'

const empty: Three = { en: '', es: '', de: '' }

export const nothingTyped = (currency: Definition['currency']): Typed => ({
  sku: '', price: '', weight: '', spread: '', shelf: '1', size: '', energy: '',
  name: empty, ingredients: empty, currency, allergens: [], pictures: [],
}) // prettier-ignore

export const typedOf = (one: Definition): Typed => ({
  sku: one.sku,
  price: textOf(one.priceMinor, one.currency),
  weight: String(one.weightGrams),
  spread: String(one.weightSpreadGrams),
  shelf: String(one.shelf),
  size: one.size ?? '',
  energy: one.energyKcal === undefined ? '' : String(one.energyKcal),
  name: one.name,
  ingredients: one.ingredients ?? empty,
  currency: one.currency,
  allergens: one.allergens,
  pictures: one.pictures,
})

const fieldOf: Readonly<Record<string, Field>> = {
  priceMinor: 'price', weightGrams: 'weight', weightSpreadGrams: 'spread', energyKcal: 'energy',
} // prettier-ignore

/** The product, or the fields that do not fit. */
export function productOf(typed: Typed): Definition | readonly Field[] {
  const number = (text: string): number => (text.trim() === '' ? NaN : Number(text.replace(',', '.')))
  const given = (words: Three): Partial<Three> | undefined => {
    const some = Object.entries(words).filter(([, text]) => text.trim() !== '')
    return some.length === 0 ? undefined : Object.fromEntries(some)
  }
  const ingredients = given(typed.ingredients)
  const parsed = definitionSchema.safeParse({
    sku: typed.sku,
    name: given(typed.name) ?? {},
    currency: typed.currency,
    priceMinor: minorOf(typed.price, typed.currency),
    weightGrams: number(typed.weight),
    weightSpreadGrams: number(typed.spread),
    shelf: number(typed.shelf),
    ...(typed.size.trim() === '' ? {} : { size: typed.size }),
    ...(ingredients === undefined ? {} : { ingredients }),
    allergens: allergens.filter((one) => typed.allergens.includes(one)),
    ...(typed.energy.trim() === '' ? {} : { energyKcal: number(typed.energy) }),
    pictures: typed.pictures,
  })
  if (parsed.success && typed.pictures.length > 0) return parsed.data
  const fields = parsed.success ? [] : parsed.error.issues.map(({ path }) => fieldOf[String(path[0])] ?? (String(path[0]) as Field)) // prettier-ignore
  return [...new Set([...fields, ...(typed.pictures.length === 0 ? (['pictures'] as const) : [])])]
}
