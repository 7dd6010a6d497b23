/**
 * Shop fields: what an owner may write in catalogue.json, field by field, and what it becomes.
 *
 * Each field is judged by itself, so that one fault hides no other; `Written.complete` makes the Product only when all of
 * them held. Two spellings of a field (`price` or `priceMinor`) are one field: exactly one must be there. Pure; called by
 * shop.ts.
 */
import { z } from 'zod'
import { sku as asSku } from '../core/ids.ts'
import { currencies, minor, type Currency } from '../core/money.ts'
import { allergens, languages, type Product, type Words } from '../core/product.ts'

export interface FieldFault {
  readonly code: 'field' | 'unknownField' | 'duplicateSku'
  readonly path: string
  readonly message: string
}

type Tell = (fault: FieldFault) => void

/** A product as far as it could be read. */
export interface Written {
  readonly path: string
  readonly sku: string | null
  /** A plain file name ending in .svg or .png, or null when that is at fault. */
  readonly picture: string | null
  /** Makes the product, its picture's shape now known; null when a field is at fault. */
  readonly complete: ((picture: { width: number; height: number }) => Product) | null
}

export const kinds = ['can', 'bottle', 'carton', 'cup', 'pouch', 'bag', 'bowl', 'box', 'jar', 'tray', 'other'] as const
/** The controller has four scales. */
export const mostShelves = 4
const mostProducts = 200

const line = (most: number) =>
  z
    .string('should be a text')
    .trim()
    .min(1, 'is empty')
    .max(most, `is longer than ${most} letters`)
    .refine((text) => !/\p{Cc}/u.test(text), 'holds a control character')

/** A text for all languages, or one for each; a language left out takes the first one given. */
const words = (most: number) => {
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

const whole = (least: number, most: number) =>
  z
    .int('should be a whole number')
    .min(least, `should be ${least} to ${most}`)
    .max(most, `should be ${least} to ${most}`)

const between = (least: number, most: number, unit: string) =>
  z
    .number('should be a number')
    .min(least, `should be ${least} to ${most} ${unit}`)
    .max(most, `should be ${least} to ${most} ${unit}`)

const mostMinor = 100_000
const priceMinor = whole(1, mostMinor)
const priceText = z
  .string('should be a text like "2.50" (or write "priceMinor": 250, in cents)')
  .trim()
  .regex(/^\d{1,4}(?:[.,]\d{2})?$/, 'should be like "2.50" or "2": digits and at most two places')
  .transform((text) => Math.round(Number(text.replace(',', '.')) * 100))
  .pipe(whole(1, mostMinor))

const weightGrams = between(5, 20_000, 'g')
/** Grams, or a part of the weight as "0.5 %". */
const spread = z.union([
  between(0.05, 2000, 'g'),
  z
    .string()
    .trim()
    .regex(/^\d{1,2}(?:[.,]\d{1,3})?\s*%$/, 'should be grams (a number) or a part of the weight like "0.5 %"')
    .transform((text) => ({ part: Number(text.replace('%', '').replace(',', '.').trim()) / 100 })),
])

const sides = z.strictObject({
  width: between(5, 1000, 'mm'),
  height: between(5, 1000, 'mm'),
  depth: between(5, 1000, 'mm'),
})

const fields = {
  sku: z
    .union([z.string(), z.int().nonnegative()], 'should be a text')
    .transform((text) => String(text).trim())
    .refine((text) => /^[A-Za-z0-9][\w.-]{0,63}$/.test(text), 'should be 1 to 64 letters, digits, dots or dashes'),
  name: words(60),
  price: priceText,
  priceMinor,
  weight: weightGrams,
  weightGrams,
  spread,
  weightSpreadGrams: between(0.05, 2000, 'g'),
  picture: z
    .string('should be the name of a picture file')
    .trim()
    .regex(/^[^/\\.][^/\\]{0,100}\.(?:svg|png)$/i, 'should be the plain name of an .svg or .png file in the folder'),
  kind: z.enum(kinds, `should be one of ${kinds.join(', ')}`),
  size: line(24),
  stock: whole(0, 200),
  capacity: whole(1, 200),
  sizeMm: sides,
  ingredients: words(1000),
  allergens: z.array(z.enum(allergens, `should be one of ${allergens.join(', ')}`), 'should be a list'),
  energyKcal: between(0, 20_000, 'kcal'),
} as const
type Fields = typeof fields
type Value<Name extends keyof Fields> = z.output<Fields[Name]>

const head = {
  currency: z.enum(currencies, `should be one of ${currencies.join(', ')}`),
  shelves: whole(1, mostShelves),
  products: z
    .array(z.unknown(), 'should be a list')
    .min(1, 'is empty')
    .max(mostProducts, `has more than ${mostProducts}`),
} as const

/** The catalogue around its products; what is at fault takes its default, so that reading goes on. */
export function catalogueHead(
  json: unknown,
  tell: Tell,
): { currency: Currency; shelves: number; products: readonly unknown[] } {
  const raw = record(json, '', tell)
  if (raw === null) return { currency: 'EUR', shelves: mostShelves, products: [] }
  unknown(raw, Object.keys(head), '', tell)
  if (raw['products'] === undefined) tell({ code: 'field', path: 'products', message: 'is missing' })
  const of = <T>(schema: z.ZodType<T>, name: string) => read(schema, raw[name], name, tell)
  return {
    currency: of(head.currency, 'currency') ?? 'EUR',
    shelves: of(head.shelves, 'shelves') ?? mostShelves,
    products: of(head.products, 'products') ?? [],
  }
}

/** One entry of `products`, with every fault of its fields told. */
export function readProduct(json: unknown, path: string, shelves: number, tell: Tell): Written {
  const raw = record(json, path, tell)
  if (raw === null) return { path, sku: null, picture: null, complete: null }
  const told: FieldFault[] = []
  const note: Tell = (fault) => {
    told.push(fault)
    tell(fault)
  }
  const at = (name: string) => `${path}.${name}`
  const fault = (name: string, message: string) => note({ code: 'field', path: at(name), message })
  const of = <Name extends keyof Fields>(name: Name): Value<Name> | null =>
    read(fields[name] as unknown as z.ZodType<Value<Name>>, raw[name], at(name), note)
  /** Exactly one of two spellings. */
  const either = <A extends keyof Fields, B extends keyof Fields>(a: A, b: B): Value<A> | Value<B> | null => {
    if (raw[a] !== undefined && raw[b] !== undefined) fault(b, `is there beside "${a}": write one of them`)
    if (raw[a] === undefined && raw[b] === undefined) fault(a, `is missing (or "${b}")`)
    return raw[a] === undefined ? of(b) : of(a)
  }
  const needed = <Name extends keyof Fields>(name: Name): Value<Name> | null => {
    if (raw[name] === undefined) fault(name, 'is missing')
    return of(name)
  }

  unknown(raw, [...Object.keys(fields), 'shelf'], path, note)
  const sku = needed('sku')
  const name = needed('name')
  const price = either('price', 'priceMinor')
  const weight = either('weight', 'weightGrams')
  const written = either('spread', 'weightSpreadGrams')
  if (raw['shelf'] === undefined) fault('shelf', 'is missing')
  const shelf = read(whole(1, shelves), raw['shelf'], at('shelf'), note)
  const picture = needed('picture')
  const [kind, size, sizeMm, ingredients] = [of('kind'), of('size'), of('sizeMm'), of('ingredients')]
  const [energyKcal, contains] = [of('energyKcal'), of('allergens')]
  const [stock, room] = [of('stock'), of('capacity')]
  const spreadGrams = typeof written === 'object' && written !== null ? (weight ?? 0) * written.part : written
  // Beyond this the scales can't tell one from none, and before it every basket would go to review.
  if (weight !== null && spreadGrams !== null && (spreadGrams > weight / 5 || spreadGrams <= 0))
    fault('spread' in raw ? 'spread' : 'weightSpreadGrams', `should be more than 0 and at most a fifth of the weight`)
  if (stock !== null && room !== null && stock > room) fault('stock', `is more than the capacity of ${room}`)

  const complete = (seen: { width: number; height: number }): Product => ({
    sku: asSku(sku ?? ''),
    name: name ?? { en: '', es: '', de: '' },
    priceMinor: minor(price ?? 0),
    weightGrams: weight ?? 0,
    weightSpreadGrams: spreadGrams ?? 0,
    shelf: shelf ?? 1,
    stock: stock ?? Math.min(8, room ?? 8),
    capacity: room ?? Math.max(12, stock ?? 0),
    picture: picture ?? '',
    kind: kind ?? 'other',
    allergens: [...new Set(contains ?? [])],
    sizeMm: sizeMm ?? guessedSize(seen),
    ...(size === null ? {} : { size }),
    ...(ingredients === null ? {} : { ingredients }),
    ...(energyKcal === null ? {} : { energyKcal }),
  })
  return { path, sku, picture, complete: told.length === 0 ? complete : null }
}

/** When the size is not told: as the picture is shaped, the longer side 150 mm. */
export function guessedSize({ width, height }: { width: number; height: number }): Product['sizeMm'] {
  const scale = 150 / Math.max(width, height)
  const [across, up] = [Math.round(width * scale), Math.round(height * scale)]
  return { width: across, height: up, depth: Math.min(across, up, 80) }
}

type Raw = Readonly<Record<string, unknown>>

function record(json: unknown, path: string, tell: Tell): Raw | null {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Raw
  tell({ code: 'field', path, message: 'should be an object: { ... }' })
  return null
}

function unknown(raw: Raw, known: readonly string[], path: string, tell: Tell): void {
  for (const key of Object.keys(raw).filter((one) => !known.includes(one))) {
    const near = known.find(
      (one) => one.toLowerCase() === key.toLowerCase() || one.startsWith(key) || key.startsWith(one),
    )
    const hint = near === undefined ? `known are ${known.join(', ')}` : `is "${near}" meant?`
    tell({ code: 'unknownField', path: path === '' ? key : `${path}.${key}`, message: `is not a known field: ${hint}` })
  }
}

/** The value, or null when it is not there or at fault (then it is told). */
function read<T>(schema: z.ZodType<T>, value: unknown, path: string, tell: Tell): T | null {
  if (value === undefined) return null
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  for (const issue of closest(parsed.error.issues, value)) {
    const inner = issue.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')
    const told = issue.code === 'unrecognized_keys' ? `has unknown fields: ${issue.keys.join(', ')}` : issue.message
    tell({ code: issue.code === 'unrecognized_keys' ? 'unknownField' : 'field', path: path + inner, message: told })
  }
  return null
}

/** Of a union's answers the ones for the form that was written: a text's faults for a text. */
function closest(issues: readonly z.core.$ZodIssue[], value: unknown): readonly z.core.$ZodIssue[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'invalid_union') return [issue]
    const fitting = issue.errors.filter(
      (branch) => !branch.some((one) => one.code === 'invalid_type' && one.path.length === 0),
    )
    return fitting[0] ?? [{ ...issue, message: formOf(issue.errors, value) }]
  })
}

const formOf = (branches: readonly (readonly z.core.$ZodIssue[])[], value: unknown): string => {
  const forms = branches.flatMap((branch) =>
    branch.flatMap((one) => (one.code === 'invalid_type' ? [one.expected] : [])),
  )
  return `should be ${[...new Set(forms)].join(' or ')}, not ${value === null ? 'null' : typeof value}`
}
