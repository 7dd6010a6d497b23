/**
 * Takes: the ways to take units that are believed to stand on one shelf, together weighing near a wanted weight.
 * A depth-first search that leaves a branch when its prior, or what it still lacks in weight, can't come back within
 * the least score (SPEC, "The search"); what it leaves is proved to score below that.
 */
import { cellVariance, logErrorDensity, reachGrams } from './likelihood.ts'
import { at } from './element.ts'
import type { Question } from './question.ts'

/** One product where it is believed to stand. */
export interface Place {
  readonly product: number
  readonly stock: number
  readonly grams: number
  readonly variance: number
}

export interface Places {
  /** Heaviest first. */
  readonly list: readonly Place[]
  readonly lightestGrams: number
  /** The largest variance that a gram of these goods has. */
  readonly variancePerGram: number
}

export interface Wanted {
  /** What the taken units should weigh together. */
  readonly grams: number
  /** The change that the cell saw is `grams - offsetGrams`, negated; what was put down weighs `offsetGrams`. */
  readonly offsetGrams: number
  readonly variance: number
  readonly logPrior: number
}

/** The least score of interest; it may rise while a search for the best runs. */
export interface Threshold {
  least: number
}

export interface Found {
  readonly places: readonly Place[]
  readonly units: Uint8Array
  readonly grams: number
  readonly score: number
}

/** log prior weight of taking `count` (1 or more) units of one product from one place. */
export const logTaken = (question: Question, count: number): number =>
  question.logTake + (count - 1) * question.logRepeat

export function placesOf(question: Question, stock: Int32Array): Places {
  const places: Place[] = []
  for (const [product, count] of stock.entries()) {
    if (count === 0) continue
    places.push({
      product,
      stock: count,
      grams: at(question.weights, product),
      variance: at(question.variances, product),
    })
  }
  places.sort((a, b) => b.grams - a.grams || a.product - b.product)
  return {
    list: places,
    lightestGrams: places.at(-1)?.grams ?? Infinity,
    variancePerGram: places.reduce((most, { variance, grams }) => Math.max(most, variance / grams), 0),
  }
}

/**
 * Calls `found` for every take, the empty one too, whose score is `threshold.least` or more. `found`'s argument is reused.
 * Stops early, leaving the question's `visitsLeft` below zero, when it has looked at too many.
 */
export function takesNear(
  question: Question,
  { list: places, lightestGrams, variancePerGram }: Places,
  wanted: Wanted,
  threshold: Threshold,
  found: (take: Found) => void,
): void {
  const { cell, logTake, logRepeat, effort } = question
  const { peak } = cell
  const nats = peak + wanted.logPrior - threshold.least
  const most = mostTaken(question, variancePerGram, wanted, nats)
  // Nothing can be taken, and to take nothing is too far off: the usual end.
  if (--effort.visitsLeft < 0 || most.grams < 0) return
  if (most.grams < lightestGrams && Math.abs(wanted.grams) > reachGrams(cell, most.load + wanted.variance, nats)) return
  const units = new Uint8Array(places.length)
  const take = { places, units, grams: 0, score: 0 }
  const cheapest = Math.max(logRepeat, logTake)

  const extend = (from: number, grams: number, logPrior: number, variance: number): void => {
    if (--effort.visitsLeft < 0) return
    const widest = most.load + variance + variancePerGram * Math.max(0, most.grams - grams)
    const error = wanted.grams - grams
    if (Math.abs(error) <= reachGrams(cell, widest, peak + logPrior - threshold.least)) {
      const whole = cellVariance(wanted.offsetGrams - grams, cell) + variance
      const score = logPrior + logErrorDensity(error, whole, cell)
      if (score >= threshold.least) {
        take.grams = grams
        take.score = score
        found(take)
      }
    }
    for (let index = from; index < places.length; index++) {
      const place = places[index] as Place
      const next = places[index + 1]?.grams ?? 0
      let prior = logPrior + logTake
      let total = grams + place.grams
      for (let count = 1; count <= place.stock; count++) {
        const nats = peak + prior - threshold.least
        if (nats < 0) break
        const reach = reachGrams(cell, widest, nats)
        if (total > wanted.grams + reach) break
        // What is lacking would have to come from lighter goods: one new product, and further units at the cheapest.
        const lacking = wanted.grams - reach - total
        const further = lacking <= 0 ? 0 : next > 0 ? logTake + (Math.ceil(lacking / next) - 1) * cheapest : -Infinity
        if (nats + further >= 0) {
          units[index] = count
          extend(index + 1, total, prior, variance + count * place.variance)
        }
        prior += logRepeat
        total += place.grams
      }
      units[index] = 0
    }
  }
  extend(0, 0, wanted.logPrior, wanted.variance)
}

interface Most {
  readonly grams: number
  /** The cell's own variance for any change that is in reach, or more. */
  readonly load: number
}

/**
 * The most that may be taken and still reach the least score. The spread grows with what is taken: with g taken,
 * g <= wanted + k * sqrt(v + r * g), so g is at most the larger root.
 */
function mostTaken(question: Question, variancePerGram: number, wanted: Wanted, nats: number): Most {
  const { cell } = question
  const k = reachGrams(cell, 1, nats)
  // The load's own error counts as a further spread of all that moved, and a kilogram more, which no reach exceeds.
  const load = cellVariance(Math.abs(wanted.offsetGrams) + Math.abs(wanted.grams) + 1000, cell)
  const fixed = load + wanted.variance + variancePerGram * Math.max(0, wanted.grams)
  const half = (k * k * variancePerGram) / 2
  return { grams: wanted.grams + half + Math.sqrt(half * half + k * k * fixed), load }
}
