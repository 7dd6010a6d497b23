/**
 * Expand: `expand[]=latest_charge` puts the object where its id stood, to any depth the provider allows (4), through
 * lists by `data.`. An unknown or inexpandable path is refused, naming it.
 */
import type { Books } from './books.ts'
import { chargeObject, customerObject, intentObject, methodObject, setupIntentObject } from './objects.ts'
import { invalid } from './refusal.ts'
import type { Json, JsonObject } from './wire.ts'

type Show = (books: Books, id: string) => JsonObject | null

const shown =
  <T>(find: (books: Books) => ReadonlyMap<string, T>, show: (books: Books, one: T) => JsonObject): Show =>
  (books, id) => {
    const one = find(books).get(id)
    return one === undefined ? null : show(books, one)
  }

const showCharge = shown((books) => books.charges, chargeObject)
const showMethod = shown((books) => books.methods, (_, method) => methodObject(method)) // prettier-ignore
const showCustomer = shown((books) => books.customers, (_, customer) => customerObject(customer)) // prettier-ignore
const showIntent = shown((books) => books.intents, intentObject)
const showSetupIntent = shown((books) => books.setupIntents, (_, setup) => setupIntentObject(setup)) // prettier-ignore

/** What stands behind an id, by the name of the field it stands in. */
const expandable: ReadonlyMap<string, Show> = new Map([
  ['latest_charge', showCharge],
  ['charge', showCharge],
  ['payment_method', showMethod],
  ['customer', showCustomer],
  ['payment_intent', showIntent],
  ['setup_intent', showSetupIntent],
])

export function expand(books: Books, object: JsonObject, paths: readonly string[]): JsonObject {
  return paths.reduce((before, path) => {
    const names = path.split('.')
    if (names.length > 4) throw invalid(`You cannot expand more than 4 levels of a property (${path}).`, 'expand')
    return at(books, before, names, path)
  }, object)
}

function at(books: Books, object: JsonObject, names: readonly string[], path: string): JsonObject {
  const [name, ...rest] = names
  if (name === undefined) return object
  const value = object[name]
  if (name === 'data' && Array.isArray(value)) {
    const items: readonly Json[] = value
    return { ...object, data: items.map((item) => (isObject(item) ? at(books, item, rest, path) : item)) }
  }
  if (value === undefined) throw invalid(`This property cannot be expanded (${path}).`, 'expand')
  if (value === null) return object
  if (typeof value === 'string') {
    const there = expandable.get(name)?.(books, value) ?? null
    if (there === null) throw invalid(`This property cannot be expanded (${path}).`, 'expand')
    return { ...object, [name]: at(books, there, rest, path) }
  }
  if (isObject(value) && rest.length > 0) return { ...object, [name]: at(books, value, rest, path) }
  // Already an object: expanded by an earlier path, or always shown whole.
  return object
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
