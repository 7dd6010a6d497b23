/**
 * Bill: what a visit owes, and how sure that is. Pure.
 *
 * Holds always [S21]: what is billed is the most probable basket; it is as sure as that basket, or, where others could have been
 * taken for it by exchanging goods of one price one for one, as sure as all of these together: then its lines say `or`.
 * Called by settle.ts, and by whoever judges the decision from outside.
 */
import type { Line } from '../core/basket.ts'
import type { Sku } from '../core/ids.ts'
import type { Minor } from '../core/money.ts'
import type { Resolution } from './input.ts'
import { sureProbability } from './state.ts'

export interface Bill {
  readonly lines: readonly Line[]
  /** That the lines' total is what the visit owes. */
  readonly probability: number
}

type Weighed = Pick<Resolution, 'lines' | 'probability' | 'baskets'>

/** The bill of a resolution; to be charged at once where its probability is `sure` or more. */
export function billOf({ lines, probability, baskets = [] }: Weighed, sure = sureProbability): Bill {
  const [best, ...others] = baskets
  if (probability >= sure || best === undefined || !isSame(best.lines, lines)) return { lines, probability }
  const alike = others.flatMap((other) => {
    const exchange = exchangeOf(lines, other.lines)
    return exchange === null ? [] : [{ exchange, probability: other.probability }]
  })
  const together = Math.min(1, probability + alike.reduce((sum, other) => sum + other.probability, 0))
  if (together < sure) return { lines, probability }
  // The receipt names no more than it takes to be sure: the likeliest first.
  let named = probability
  const told = alike.filter((other) => {
    if (named >= sure) return false
    named += other.probability
    return true
  })
  return { lines: withOthers(lines, told.map((other) => other.exchange)), probability: together } // prettier-ignore
}

/** Of one price: what the other basket has less of, and what it has more of. */
interface Exchange {
  readonly given: readonly Sku[]
  readonly got: readonly Sku[]
}

/** By price; null where the baskets do not have the same number of units of each price. */
function exchangeOf(lines: readonly Line[], other: readonly Line[]): Exchange[] | null {
  const more = new Map<Sku, { readonly priceMinor: Minor; count: number }>()
  for (const { sku, priceMinor, count } of other) more.set(sku, { priceMinor, count })
  for (const { sku, priceMinor, count } of lines)
    more.set(sku, { priceMinor, count: (more.get(sku)?.count ?? 0) - count })
  const byPrice = Map.groupBy([...more], ([, { priceMinor }]) => priceMinor)
  const exchanges: Exchange[] = []
  for (const changes of byPrice.values()) {
    if (changes.reduce((sum, [, { count }]) => sum + count, 0) !== 0) return null
    const given = changes.flatMap(([sku, { count }]) => (count < 0 ? [sku] : []))
    const got = changes.flatMap(([sku, { count }]) => (count > 0 ? [sku] : []))
    if (got.length > 0) exchanges.push({ given, got })
  }
  return exchanges
}

/** The lines with what each may have been. What a smaller exchange explains already, a larger one need not say again. */
function withOthers(lines: readonly Line[], told: readonly (readonly Exchange[])[]): Line[] {
  const others = new Map<Sku, Set<Sku>>()
  const exchanges = told.flat().sort((a, b) => a.given.length - b.given.length)
  for (const { given, got } of exchanges) {
    for (const sku of got) {
      if (given.some((line) => others.get(line)?.has(sku) === true)) continue
      for (const line of given) others.set(line, (others.get(line) ?? new Set()).add(sku))
    }
  }
  return lines.map((line) => {
    const or = others.get(line.sku)
    return or === undefined ? line : { ...line, or: [...or].sort() }
  })
}

const isSame = (one: readonly Line[], other: readonly Line[]): boolean =>
  one.length === other.length && one.every(({ sku, count }, index) => other[index]?.sku === sku && other[index].count === count) // prettier-ignore
