/**
 * Score: how well fusion did on visits whose truth is known, by goods and by money, and whether it was as right as it said.
 * What is charged is the session's own decision; visits below the threshold go to review: their sure lines are charged if nobody looks, and all of them if somebody does.
 */
import type { Product } from '../../src/core/product.ts'
import type { CountedSku, Resolution } from '../../src/fusion/evidence.ts'
import { billedAs } from '../fusion/recording.ts'

export interface Judged {
  readonly truth: readonly CountedSku[]
  readonly lines: readonly CountedSku[]
  readonly sure: readonly CountedSku[]
  readonly probability: number
  readonly baskets: Resolution['baskets']
  readonly exhausted: boolean
  /** Fusion's own time. */
  readonly resolvedMs: number
  /** From the door's closing until the shelves stood still, or were given up on. */
  readonly settledMs: number
}

export interface Score {
  readonly visits: number
  /** Of visits that were not sent to review: the basket as it is named; what it costs. */
  readonly exactUnreviewed: number
  readonly amountRight: number
  /** Of all visits: charged at once because all likely baskets cost the same, some lines named "this or that". */
  readonly eitherOr: number
  readonly reviewed: number
  /** Of all visits' most probable baskets, reviewed or not. */
  readonly exact: number
  readonly itemPrecision: number
  readonly itemRecall: number
  /** Of all visits: those charged at once whose total is above, or below, the truth; and how much, of all that was taken. */
  readonly overcharged: number
  readonly overchargedMoney: number
  readonly undercharged: number
  readonly underchargedMoney: number
  /** Of all visits: those under review whose sure lines alone cost more than what was taken. */
  readonly overchargedByReview: number
  /** Mean over bins of equal size of |claimed - true|, of the most probable basket's probability. */
  readonly calibrationError: number
  /** Claimed to be wrong, of those charged at once, and truly wrong: the names, and the amount. */
  readonly wrongClaimed: number
  readonly wrong: number
  readonly wrongAmountClaimed: number
  readonly wrongAmount: number
  readonly exhausted: number
  readonly computeMs: Percentiles
  readonly doorToBasketMs: Percentiles
}

interface Percentiles {
  readonly p50: number
  readonly p99: number
}

const calibrationBins = 15

export const named = (lines: readonly CountedSku[]): string => lines.map(({ sku, count }) => `${count}x${sku}`).join()
export const isExact = ({ truth, lines }: Pick<Judged, 'truth' | 'lines'>): boolean => named(truth) === named(lines)

export function score(visits: readonly Judged[], products: readonly Product[], threshold: number): Score {
  const prices = new Map<string, number>(products.map(({ sku, priceMinor }) => [sku, priceMinor]))
  const costOf = (lines: readonly CountedSku[]): number =>
    lines.reduce((sum, { sku, count }) => sum + count * (prices.get(sku) ?? 0), 0)
  const bills = visits.map((visit) => billedAs(visit, products, threshold))
  const isCharged = (index: number): boolean => (bills[index]?.probability ?? 0) >= threshold
  const charged = visits.filter((_, index) => isCharged(index))
  const reviewed = visits.filter((_, index) => !isCharged(index))
  const claimed = bills.filter((_, index) => isCharged(index))
  const over = charged.map(({ truth, lines }) => costOf(lines) - costOf(truth))
  const taken = sum(visits.map(({ truth }) => costOf(truth)))
  const right = sum(visits.map(({ truth, lines }) => commonUnits(truth, lines)))
  return {
    visits: visits.length,
    exactUnreviewed: ratio(charged.filter(isExact).length, charged.length),
    amountRight: ratio(over.filter((minor) => minor === 0).length, charged.length),
    eitherOr: ratio(charged.filter(({ probability }) => probability < threshold).length, visits.length),
    reviewed: ratio(reviewed.length, visits.length),
    exact: ratio(visits.filter(isExact).length, visits.length),
    itemPrecision: ratio(right, sum(visits.map(({ lines }) => unitsOf(lines)))),
    itemRecall: ratio(right, sum(visits.map(({ truth }) => unitsOf(truth)))),
    overcharged: ratio(over.filter((minor) => minor > 0).length, visits.length),
    overchargedMoney: ratio(sum(over.filter((minor) => minor > 0)), taken),
    undercharged: ratio(over.filter((minor) => minor < 0).length, visits.length),
    underchargedMoney: ratio(-sum(over.filter((minor) => minor < 0)), taken),
    overchargedByReview: ratio(
      reviewed.filter(({ truth, sure }) => costOf(sure) > costOf(truth)).length,
      visits.length,
    ),
    calibrationError: calibrationError(visits),
    wrongClaimed: sum(charged.map(({ probability }) => 1 - probability)),
    wrong: charged.length - charged.filter(isExact).length,
    wrongAmountClaimed: sum(claimed.map(({ probability }) => 1 - probability)),
    wrongAmount: over.filter((minor) => minor !== 0).length,
    exhausted: visits.filter(({ exhausted }) => exhausted).length,
    computeMs: percentiles(visits.map(({ resolvedMs }) => resolvedMs)),
    doorToBasketMs: percentiles(visits.map(({ resolvedMs, settledMs }) => resolvedMs + settledMs)),
  }
}

function calibrationError(visits: readonly Judged[]): number {
  const ranked = visits.toSorted((a, b) => a.probability - b.probability)
  let error = 0
  for (let bin = 0; bin < calibrationBins; bin++) {
    const within = ranked.slice(
      Math.floor((bin * ranked.length) / calibrationBins),
      Math.floor(((bin + 1) * ranked.length) / calibrationBins),
    )
    const claimed = sum(within.map(({ probability }) => probability))
    error += Math.abs(claimed - within.filter(isExact).length)
  }
  return ratio(error, visits.length)
}

/** The thresholds at which a basket may be charged at once, with what each costs: reviews, and wrong baskets. */
export function thresholds(
  visits: readonly Judged[],
  products: readonly Product[],
): readonly { readonly threshold: number; readonly score: Score }[] {
  return [0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999].map((threshold) => ({
    threshold,
    score: score(visits, products, threshold),
  }))
}

function commonUnits(truth: readonly CountedSku[], lines: readonly CountedSku[]): number {
  return sum(truth.map(({ sku, count }) => Math.min(count, lines.find((line) => line.sku === sku)?.count ?? 0)))
}
const unitsOf = (lines: readonly CountedSku[]): number => sum(lines.map(({ count }) => count))
const sum = (list: readonly number[]): number => list.reduce((total, value) => total + value, 0)
const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)

function percentiles(values: readonly number[]): Percentiles {
  const ranked = values.toSorted((a, b) => a - b)
  return { p50: ranked[ranked.length >> 1] ?? 0, p99: ranked[Math.floor(ranked.length * 0.99)] ?? 0 }
}
