/**
 * Expand: `expand[]=latest_charge` puts the object where its id stood, to the depth the provider allows (4), through
 * lists by `data.`. Paths are checked before a request takes effect, so that a bad one changes nothing.
 */
import type { Books } from './books.ts'
import { chargeObject, customerObject, intentObject, methodObject, setupIntentObject } from './objects.ts'
import { invalid } from './refusal.ts'
import type { Json, JsonObject } from './wire.ts'

export type ObjectName = 'payment_intent' | 'charge' | 'payment_method' | 'customer' | 'setup_intent' | 'refund'

/** The fields that hold an id, and whose id. */
const expandable: Readonly<Record<ObjectName, Readonly<Record<string, ObjectName>>>> = {
  payment_intent: { latest_charge: 'charge', payment_method: 'payment_method', customer: 'customer' },
  charge: { payment_intent: 'payment_intent', customer: 'customer' },
  payment_method: { customer: 'customer' },
  customer: {},
  setup_intent: { payment_method: 'payment_method', customer: 'customer' },
  refund: { charge: 'charge', payment_intent: 'payment_intent' },
}

/** Throws a Refusal (400) that names the first path an answer showing `shows` can't expand. */
export function checkPaths(shows: ObjectName, paths: readonly string[]): void {
  for (const path of paths) {
    const names = path.split('.')
    if (names.length > 4) throw invalid(`You cannot expand more than 4 levels of a property (${path}).`, 'expand')
    let here: ObjectName | undefined = shows
    for (const [depth, name] of names.entries()) {
      if (depth === 0 && name === 'data' && names.length > 1) continue
      here = here === undefined ? undefined : expandable[here][name]
    }
    if (here === undefined) throw invalid(`This property cannot be expanded (${path}).`, 'expand')
  }
}

/** `object` with the objects put where `paths`, checked before, say. */
export function expand(books: Books, shows: ObjectName, object: JsonObject, paths: readonly string[]): JsonObject {
  return paths.reduce((before, path) => at(books, shows, before, path.split('.')), object)
}

function at(books: Books, shows: ObjectName, object: JsonObject, names: readonly string[]): JsonObject {
  const [name, ...rest] = names
  if (name === undefined) return object
  const value = object[name]
  if (name === 'data' && Array.isArray(value)) {
    const items: readonly Json[] = value
    return { ...object, data: items.map((item) => (isObject(item) ? at(books, shows, item, rest) : item)) }
  }
  const next = expandable[shows][name]
  if (next === undefined || value === undefined || value === null) return object
  const there = typeof value === 'string' ? find(books, next, value) : isObject(value) ? value : null
  return there === null ? object : { ...object, [name]: at(books, next, there, rest) }
}

function find(books: Books, name: ObjectName, id: string): JsonObject | null {
  const shown = <T>(one: T | undefined, show: (one: T) => JsonObject): JsonObject | null =>
    one === undefined ? null : show(one)
  switch (name) {
    case 'payment_intent':
      return shown(books.intents.get(id), (intent) => intentObject(books, intent))
    case 'charge':
      return shown(books.charges.get(id), (charge) => chargeObject(books, charge))
    case 'payment_method':
      return shown(books.methods.get(id), methodObject)
    case 'customer':
      return shown(books.customers.get(id), customerObject)
    case 'setup_intent':
      return shown(books.setupIntents.get(id), setupIntentObject)
    case 'refund':
      return null // nothing points to a refund
  }
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
