/**
 * Oddities: what a shelf can show beyond takes of what is believed to stand there: a put (of something taken from
 * another shelf), or a take of more than is believed. Rare, so a way has at most two of them on one shelf; a third is
 * read as unknown (SPEC, "The prior").
 */
import { at } from './element.ts'
import { placeOf, put, taken } from './hearing.ts'
import type { Question, ShelfQuestion } from './question.ts'
import { logTaken } from './takes.ts'

/** Negative taken off, positive put on. */
export interface Change {
  readonly product: number
  readonly count: number
}

export interface Oddity extends Change {
  /** With the most that witnesses may add. */
  readonly logPrior: number
  /** That most alone. */
  readonly bound: number
  readonly grams: number
  readonly variance: number
}

/** At most two oddities, of different products. */
export interface OdditySet {
  readonly oddities: readonly Oddity[]
  readonly logPrior: number
  readonly bound: number
  readonly grams: number
  readonly variance: number
  /** What the rest of the fridge must at least lose for it: a put needs a take of the same product elsewhere. */
  readonly needs: number
}

const mostOddUnits = 2

/** Likeliest first. */
export function odditiesOf(question: Question, { shelf, index, stock }: ShelfQuestion): Oddity[] {
  const { scene, testimony } = question
  const { misplacedOdds, miscountOdds, strayOdds } = question.parameters
  const oddities: Oddity[] = []
  const add = (product: number, count: number, logPrior: number): void => {
    const grams = count * at(question.weights, product)
    const variance = Math.abs(count) * at(question.variances, product)
    const bound = testimony.bound(placeOf(scene, count < 0 ? taken : put, index, product), Math.abs(count))
    oddities.push({ product, count, logPrior: logPrior + bound, bound, grams, variance })
  }
  for (const product of question.skus.keys()) {
    const believed = at(stock, product)
    const beyond = believed > 0 || at(question.homes, product) === shelf ? miscountOdds : strayOdds
    for (let units = 1; units <= mostOddUnits; units++) {
      add(product, units, Math.log(misplacedOdds) + (units - 1) * question.logRepeat)
      add(product, -(believed + units), Math.log(beyond) + logTaken(question, believed + units))
    }
  }
  return oddities.sort((a, b) => b.logPrior - a.logPrior || a.product - b.product || a.count - b.count)
}

/**
 * Visits the set of none, each one, and each two of different products, as long as prior less needs is `least()` or more;
 * that may rise while it goes on. `oddities` are likeliest first; `needs[product]` is what a put of it needs, in nats.
 */
export function eachOdditySet(
  oddities: readonly Oddity[],
  needs: Float64Array,
  least: () => number,
  visit: (set: OdditySet) => void,
): void {
  visit({ oddities: [], logPrior: 0, bound: 0, grams: 0, variance: 0, needs: 0 })
  // Odd as it is, one that was seen may make up for another.
  const best = Math.max(0, oddities[0]?.logPrior ?? 0)
  const needOf = ({ product, count }: Oddity): number => (count > 0 ? at(needs, product) : 0)
  const worthwhile = oddities.filter((oddity) => oddity.logPrior - needOf(oddity) + best >= least())
  for (const oddity of worthwhile) {
    const { logPrior, bound, grams, variance } = oddity
    if (logPrior - needOf(oddity) < least()) continue
    visit({ oddities: [oddity], logPrior, bound, grams, variance, needs: needOf(oddity) })
  }
  const logPriors = Float64Array.from(worthwhile, ({ logPrior }) => logPrior)
  const needed = Float64Array.from(worthwhile, needOf)
  let low = least()
  for (let one = 0; one < worthwhile.length; one++) {
    const first = worthwhile[one] as Oddity
    for (let next = one + 1; next < worthwhile.length; next++) {
      const logPrior = at(logPriors, one) + at(logPriors, next)
      if (logPrior < low) break
      const need = Math.max(at(needed, one), at(needed, next))
      if (logPrior - need < low) continue
      const second = worthwhile[next] as Oddity
      if (second.product === first.product) continue
      const grams = first.grams + second.grams
      const variance = first.variance + second.variance
      visit({ oddities: [first, second], logPrior, bound: first.bound + second.bound, grams, variance, needs: need })
      low = least()
    }
  }
}
