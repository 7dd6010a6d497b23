/**
 * Route: the parts every endpoint shares: its type, the lists with their cursor and their `created` filter, and the
 * checks on amounts and currencies.
 */
import { currencies } from '../../core/money.ts'
import type { Books } from './books.ts'
import type { ObjectName } from './expand.ts'
import type { BankOperation } from './faults.ts'
import type { Params } from './params.ts'
import { invalid } from './refusal.ts'
import type { JsonObject } from './wire.ts'

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** `/v1/payment_intents/:id/capture`: a name after a colon stands for one segment. */
  readonly path: string
  readonly operation: BankOperation
  /** What it answers with, alone or in a list: decides what can be expanded. */
  readonly shows: ObjectName
  /** Reads and checks the parameters, then takes effect. Throws a Refusal. */
  run(books: Books, params: Params, id: string, path: string): JsonObject
}

/** The chargeable least, as the provider publishes it for the currencies that a fridge sells in. */
const leastMinor: Readonly<Record<string, number>> = { eur: 50, usd: 50, gbp: 30, chf: 50 }

export function currencyOf(params: Params): string {
  const currency = params.need('currency').toLowerCase()
  if (!currencies.some((known) => known.toLowerCase() === currency)) {
    throw invalid(`Invalid currency: ${currency}. This bank keeps books in ${currencies.join(', ')}.`, 'currency')
  }
  return currency
}

export function checkAmount(amountMinor: number, currency: string): void {
  const least = leastMinor[currency] ?? 50
  if (amountMinor < least) {
    throw invalid(
      `Amount must be at least ${least} ${currency} in minor units, not ${amountMinor}.`,
      'amount',
      'amount_too_small',
    )
  }
  if (amountMinor > 99_999_999) throw invalid('Amount must be no more than 999,999.99', 'amount', 'amount_too_large')
}

/**
 * `allowed_payment_method_types`, cut down to what this bank issues. Its forerunner `payment_method_types` is refused, as
 * the provider does since version 2026-09-30.
 */
export function methodTypesOf(params: Params): readonly string[] {
  if (params.has('payment_method_types')) {
    throw invalid(
      'payment_method_types is no longer supported. Use allowed_payment_method_types instead.',
      'payment_method_types',
      'payment_method_types_no_longer_supported',
    )
  }
  const allowed = params.list('allowed_payment_method_types')
  if (allowed.length === 0) return ['card']
  const issued = allowed.filter((type) => type === 'card' || type === 'card_present')
  if (issued.length === 0) {
    throw invalid(
      `None of the allowed payment method types is available: ${allowed.join(', ')}.`,
      'allowed_payment_method_types',
    )
  }
  return issued
}

interface Listed {
  readonly id: string
  readonly createdS: number
}

/**
 * One page, newest first, of what `show` makes of `all` (oldest first). Reads `limit`, `starting_after`,
 * `ending_before` and `created`.
 */
export function pageOf<T extends Listed>(
  params: Params,
  url: string,
  all: Iterable<T>,
  keep: (one: T) => boolean,
  show: (one: T) => JsonObject,
): JsonObject {
  const limit = params.integer('limit') ?? 10
  if (limit < 1 || limit > 100)
    throw invalid('This value must be between 1 and 100 (inclusive).', 'limit', 'parameter_invalid_integer')
  const after = params.text('starting_after')
  const before = params.text('ending_before')
  const within = createdFilter(params)
  params.finish()
  const newest = [...all].filter((one) => keep(one) && within(one.createdS)).reverse()
  const index = (id: string, name: string): number => {
    const at = newest.findIndex((one) => one.id === id)
    if (at < 0) throw invalid(`No such object: '${id}'`, name, 'resource_missing')
    return at
  }
  let from = 0
  let to = newest.length
  if (after !== null) from = index(after, 'starting_after') + 1
  if (before !== null) {
    to = index(before, 'ending_before')
    from = Math.max(from, to - limit)
  }
  const page = newest.slice(from, Math.min(to, from + limit))
  const more = before === null ? from + page.length < to : from > 0
  return { object: 'list', data: page.map(show), has_more: more, url }
}

function createdFilter(params: Params): (createdS: number) => boolean {
  if (!params.has('created')) return () => true
  // `created=123` is a text, `created[gte]=123` an object.
  const exact = params.isText('created') ? params.integer('created') : null
  if (exact !== null) return (createdS) => createdS === exact
  const range = params.sub('created')
  const [gt, gte, lt, lte] = ['gt', 'gte', 'lt', 'lte'].map((name) => range.integer(name))
  range.finish()
  return (createdS) =>
    createdS > (gt ?? -Infinity) &&
    createdS >= (gte ?? -Infinity) &&
    createdS < (lt ?? Infinity) &&
    createdS <= (lte ?? Infinity)
}
