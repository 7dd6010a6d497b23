/**
 * Takes: the ways to take units that are believed to stand on one shelf, together weighing near a wanted weight.
 * A depth-first search that leaves a branch when its prior, or what it still lacks in weight, can't come back within
 * the least score (SPEC, "The search"); what it leaves is proved to score below that.
 */
import { cellVariance, logErrorDensity, reachGrams } from './likelihood.ts'
import { at } from './element.ts'
import { placeOf, taken } from './hearing.ts'
import type { Question, ShelfQuestion } from './question.ts'

/** One product where it is believed to stand. */
export interface Place {
  readonly product: number
  readonly stock: number
  readonly grams: number
  readonly variance: number
  /** By units taken: log prior weight with the most that witnesses may add, and that most alone. */
  readonly scores: Float64Array
  readonly bounds: Float64Array
  /** By units taken: the highest score of so many or more. */
  readonly bestFrom: Float64Array
}

export interface Places {
  /** Heaviest first. */
  readonly list: readonly Place[]
  /** From each place on, the most that witnesses may add to what is taken: 0 or more. */
  readonly gainsFrom: Float64Array
  /** From each place on, the most that taking anything may score, with what witnesses may add to that and lighter goods. */
  readonly takesFrom: Float64Array
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
  /** How much of the score witnesses may add at most. */
  readonly bound: number
}

/** log prior weight of taking `count` (1 or more) units of one product from one place. */
export const logTaken = (question: Question, count: number): number =>
  question.logTake + (count - 1) * question.logRepeat

export function placesOf(question: Question, { stock, index: shelf }: ShelfQuestion): Places {
  const { testimony, scene } = question
  const places: Place[] = []
  for (const [product, count] of stock.entries()) {
    if (count === 0) continue
    const place = placeOf(scene, taken, shelf, product)
    const bounds = Float64Array.from({ length: count + 1 }, (_, units) => testimony.bound(place, units))
    const scores = bounds.map((bound, units) => (units === 0 ? 0 : logTaken(question, units) + bound))
    const bestFrom = scores.slice()
    for (let units = count - 1; units >= 0; units--)
      bestFrom[units] = Math.max(at(bestFrom, units), at(bestFrom, units + 1))
    const grams = at(question.weights, product)
    places.push({ product, stock: count, grams, variance: at(question.variances, product), scores, bounds, bestFrom })
  }
  places.sort((a, b) => b.grams - a.grams || a.product - b.product)
  const gainsFrom = new Float64Array(places.length + 1)
  const takesFrom = new Float64Array(places.length + 1).fill(-Infinity)
  for (const [index, { bounds, bestFrom }] of [...places.entries()].reverse()) {
    gainsFrom[index] = at(gainsFrom, index + 1) + bounds.reduce((most, bound) => Math.max(most, bound), 0)
    takesFrom[index] = Math.max(at(takesFrom, index + 1), at(bestFrom, 1) + at(gainsFrom, index + 1))
  }
  return {
    list: places,
    gainsFrom,
    takesFrom,
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
  { list: places, gainsFrom, takesFrom, lightestGrams, variancePerGram }: Places,
  wanted: Wanted,
  threshold: Threshold,
  found: (take: Found) => void,
): void {
  const { cell, logTake, logRepeat, effort } = question
  const { peak } = cell
  if (--effort.visitsLeft < 0) return
  const spare = peak + wanted.logPrior - threshold.least
  const bare = spare + at(takesFrom, 0) < 0
  // Nothing can be taken, and to take nothing is too far off: the usual end.
  if (
    bare &&
    Math.abs(wanted.grams) > reachGrams(cell, cellVariance(wanted.offsetGrams, cell) + wanted.variance, spare)
  )
    return
  const nats = spare + at(gainsFrom, 0)
  const most = mostTaken(question, variancePerGram, wanted, nats)
  if (most.grams < 0) return
  if (most.grams < lightestGrams && Math.abs(wanted.grams) > reachGrams(cell, most.load + wanted.variance, nats)) return
  const units = new Uint8Array(places.length)
  const take = { places, units, grams: 0, score: 0, bound: 0 }
  const cheapest = Math.max(logRepeat, logTake)

  const extend = (from: number, grams: number, logPrior: number, variance: number): void => {
    if (--effort.visitsLeft < 0) return
    const widest = most.load + variance + variancePerGram * Math.max(0, most.grams - grams)
    const error = wanted.grams - grams
    const here = peak + logPrior - threshold.least
    if (Math.abs(error) <= reachGrams(cell, widest, here)) {
      const whole = cellVariance(wanted.offsetGrams - grams, cell) + variance
      const score = logPrior + logErrorDensity(error, whole, cell)
      if (score >= threshold.least) {
        take.grams = grams
        take.score = score
        take.bound = boundTaken(places, units)
        found(take)
      }
    }
    if (peak + logPrior - threshold.least + at(takesFrom, from) < 0) return
    // No further take reaches farther than this: what is heavier than that is passed over.
    const heaviest = error + reachGrams(cell, widest, peak + logPrior - threshold.least + at(gainsFrom, from))
    for (let index = from; index < places.length; index++) {
      const place = places[index] as Place
      if (place.grams > heaviest) continue
      const next = places[index + 1]?.grams ?? 0
      let total = grams + place.grams
      for (let count = 1; count <= place.stock; count++) {
        // With the most that witnesses may add to lighter goods; first of these and more units, then of so many.
        const some = peak + logPrior + at(gainsFrom, index + 1) - threshold.least
        const most = some + at(place.bestFrom, count)
        if (most < 0) break
        const reach = reachGrams(cell, widest, most)
        if (total > wanted.grams + reach) break
        // What is lacking would have to come from lighter goods: one new product, and further units at the cheapest.
        const lacking = wanted.grams - reach - total
        const further = lacking <= 0 ? 0 : next > 0 ? logTake + (Math.ceil(lacking / next) - 1) * cheapest : -Infinity
        if (some + at(place.scores, count) + further >= 0) {
          units[index] = count
          extend(index + 1, total, logPrior + at(place.scores, count), variance + count * place.variance)
        }
        total += place.grams
      }
      units[index] = 0
    }
  }
  extend(0, 0, wanted.logPrior, wanted.variance)
}

/** How much witnesses may add to what is taken. */
function boundTaken(places: readonly Place[], units: Uint8Array): number {
  let sum = 0
  for (let index = 0; index < units.length; index++) sum += at((places[index] as Place).bounds, at(units, index))
  return sum
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
