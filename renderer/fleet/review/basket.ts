/** Basket: what a choice says and costs, and what it should weigh. Pure. */
import type { Review, ReviewCatalogue } from '../../../src/contract/review.ts'

export interface Counted {
  readonly sku: string
  readonly count: number
}
export type Line = NonNullable<Review['evidence']>['likelyLines'][number]

/** What the fridge would charge: the lines' prices, at most the hold (law M2). */
export function chargeOf(lines: readonly Line[], holdMinor: number | null): { minor: number; capped: boolean } {
  const total = lines.reduce((sum, { count, priceMinor }) => sum + count * priceMinor, 0)
  return holdMinor !== null && total > holdMinor ? { minor: holdMinor, capped: true } : { minor: total, capped: false }
}

/** By shelf, what is gone if these were taken from where they belong. */
export function gramsGone(lines: readonly Counted[], catalogue: ReviewCatalogue, shelf: number): number {
  return lines.reduce((sum, { sku, count }) => {
    const product = catalogue.products.find((one) => one.sku === sku)
    return product?.shelf === shelf ? sum - count * product.weightGrams : sum
  }, 0)
}

/** There is a second basket to choose: its fridge said how probable it is, or at least what is in it. */
export const hasRunnerUp = ({ evidence }: Review): boolean =>
  evidence !== null && (evidence.runnerUpProbability !== null || evidence.runnerUp.length > 0)

export const hasProposal = ({ evidence, probability }: Review): boolean =>
  evidence !== null && (evidence.likelyLines.length > 0 || probability > 0)

export const keyOf = ({ fridge, visit }: Pick<Review, 'fridge' | 'visit'>): string => `${fridge}/${visit}`

/** Nobody has decided it, and no verdict is on its way; the oldest first. */
export const waitingOf = (reviews: readonly Review[]): Review[] =>
  reviews
    .filter(({ closedAtMs, command }) => closedAtMs === null && (command === null || isOff(command.outcome)))
    .toSorted((a, b) => a.openedAtMs - b.openedAtMs || (keyOf(a) < keyOf(b) ? -1 : 1))

/** A verdict that the fridge did not take: somebody must look again. */
const isOff = (outcome: string | null): boolean => outcome !== null && outcome !== 'done'
