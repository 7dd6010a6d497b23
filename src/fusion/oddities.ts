/**
 * Oddities: what a shelf can show beyond takes of what is believed to stand there: a put (of something taken from
 * another shelf), or a take of more than is believed. Rare, so a way has at most two of them on one shelf; a third is
 * read as unknown (SPEC, "The prior").
 */
import { at, type Question, type ShelfQuestion } from './question.ts'
import { logTaken } from './takes.ts'

/** Negative taken off, positive put on. */
export interface Change {
  readonly product: number
  readonly count: number
}

export interface Oddity extends Change {
  readonly logPrior: number
  readonly grams: number
  readonly variance: number
  /** What the rest of the fridge must at least lose for it: a put needs a take of the same product elsewhere. */
  readonly needs: number
}

/** At most two oddities of different products. */
export interface OdditySet {
  readonly oddities: readonly Oddity[]
  readonly logPrior: number
  readonly grams: number
  readonly variance: number
  readonly needs: number
}

export const noOddity: OdditySet = { oddities: [], logPrior: 0, grams: 0, variance: 0, needs: 0 }

const mostOddUnits = 2

/** Likeliest first. `needs[product]` is in nats, 0 where nothing is known. */
export function odditiesOf(question: Question, { shelf, stock }: ShelfQuestion, needs: Float64Array): Oddity[] {
  const { misplacedOdds, miscountOdds, strayOdds } = question.parameters
  const oddities: Oddity[] = []
  const add = (product: number, count: number, logPrior: number, need: number): void => {
    const grams = count * at(question.weights, product)
    const variance = Math.abs(count) * at(question.variances, product)
    oddities.push({ product, count, logPrior, grams, variance, needs: need })
  }
  for (const product of question.skus.keys()) {
    const believed = at(stock, product)
    const beyond = believed > 0 || at(question.homes, product) === shelf ? miscountOdds : strayOdds
    for (let units = 1; units <= mostOddUnits; units++) {
      add(product, units, Math.log(misplacedOdds) + (units - 1) * question.logRepeat, at(needs, product))
      add(product, -(believed + units), Math.log(beyond) + logTaken(question, believed + units), 0)
    }
  }
  return oddities.sort((a, b) => b.logPrior - a.logPrior || a.product - b.product || a.count - b.count)
}

/** None, each one, and each two of different products, as long as prior less needs is `least` or more; likeliest first. */
export function odditySets(oddities: readonly Oddity[], least: number): OdditySet[] {
  const worthwhile = oddities.filter(({ logPrior, needs }) => logPrior - needs >= least)
  const sets = [noOddity]
  for (const [index, first] of worthwhile.entries()) {
    sets.push({ ...first, oddities: [first] })
    for (let next = index + 1; next < worthwhile.length; next++) {
      const second = worthwhile[next] as Oddity
      const logPrior = first.logPrior + second.logPrior
      const needs = Math.max(first.needs, second.needs)
      if (logPrior < least) break
      if (logPrior - needs < least || second.product === first.product) continue
      const variance = first.variance + second.variance
      sets.push({ oddities: [first, second], logPrior, grams: first.grams + second.grams, variance, needs })
    }
  }
  return sets.sort((a, b) => b.logPrior - a.logPrior)
}
