/**
 * Looks: what a look at a unit tells of which product it is. Each product has a place in a space of a few dimensions, near
 * its look-alikes; a look lands around it, and what is told is the posterior of all products and "none of these", every one
 * as likely before. So it is calibrated by construction, but for the overconfidence that is asked for.
 */
import type { Candidate } from '../../core/sighting.ts'
import type { Product } from '../../core/product.ts'
import type { Dice } from '../world/dice.ts'
import type { SightErrors } from './errors.ts'

const dimensions = 8
/** Things that the shop does not sell lie anywhere: so wide, in `others`. */
const strangeWidth = 0.8
/** Fewer are told, as vision tells few. */
const mostCandidates = 6

export interface Look {
  readonly candidates: readonly Candidate[]
  readonly noneProbability: number
}

/** What all looks at one unit have in common: where the product lies, and how this one is off. */
export type Subject = Float64Array

export interface Looks {
  /** One unit of a product; null is a thing that the shop does not sell. */
  subject(sku: string | null, dice: Dice): Subject
  look(subject: Subject, dice: Dice): Look
}

export function looksOf(products: readonly Product[], { looks }: SightErrors): Looks {
  const { blurredShare, blurredTimes, commonShare, overconfidence } = looks
  // Distances between random directions add up by their squares; each level adds what the one below lacks.
  const twin = looks.twins / Math.SQRT2
  const cousin = Math.sqrt(Math.max(0, looks.cousins ** 2 - looks.twins ** 2) / 2)
  const other = Math.sqrt(Math.max(0, looks.others ** 2 - looks.cousins ** 2) / 2)
  const places = new Map<string, Float64Array>(
    products.map(({ sku, kind }): [string, Float64Array] => {
      const brand = sku.split('-')[0] ?? sku
      const parts = [direction(kind), direction(`${kind} ${brand}`), direction(sku)]
      const scales = [other, cousin, twin]
      return [
        sku,
        new Float64Array(dimensions).map((_, axis) =>
          parts.reduce((sum, part, level) => sum + (part[axis] ?? 0) * (scales[level] ?? 0), 0),
        ),
      ]
    }),
  )
  const common = Math.sqrt(commonShare)
  const own = Math.sqrt(1 - commonShare)
  const strange = strangeWidth * looks.others

  /** log density of a look at a distance, the error being blurred or not, on top of `width`. */
  function logDensity(square: number, width: number): number {
    const part = (share: number, times: number): number => {
      const variance = times ** 2 + width ** 2
      return Math.log(share) - square / (2 * variance) - (dimensions / 2) * Math.log(variance)
    }
    const sharp = part(1 - blurredShare, 1)
    const blurred = part(blurredShare, blurredTimes)
    const most = Math.max(sharp, blurred)
    return most + Math.log(Math.exp(sharp - most) + Math.exp(blurred - most))
  }

  return {
    subject(sku, dice) {
      const place = sku === null ? undefined : places.get(sku)
      const width = place === undefined ? strange : common
      return new Float64Array(dimensions).map((_, axis) => (place?.[axis] ?? 0) + width * dice.normal())
    },
    look(subject, dice) {
      const times = dice.happens(blurredShare) ? blurredTimes : 1
      const width = Math.sqrt(Math.max(0, times ** 2 - commonShare))
      const point = subject.map((value) => value + (times === 1 ? own : width) * dice.normal())
      const named = [...places].map(([sku, place]) => ({ sku, log: logDensity(squareTo(point, place), 0) }))
      const logNone = logDensity(squareTo(point, new Float64Array(dimensions)), strange)
      const most = Math.max(logNone, ...named.map(({ log }) => log))
      const weigh = (log: number): number => Math.exp(overconfidence * (log - most))
      const likely = named
        .map(({ sku, log }) => ({ sku, weight: weigh(log) }))
        .sort((a, b) => b.weight - a.weight || (a.sku < b.sku ? -1 : 1))
        .slice(0, mostCandidates)
      const total = likely.reduce((sum, { weight }) => sum + weight, weigh(logNone))
      return {
        candidates: likely.map(({ sku, weight }) => ({ sku: sku as Candidate['sku'], probability: weight / total })),
        noneProbability: weigh(logNone) / total,
      }
    },
  }
}

const squareTo = (point: Float64Array, place: Float64Array): number =>
  point.reduce((sum, value, axis) => sum + (value - (place[axis] ?? 0)) ** 2, 0)

/** A direction of unit length that hangs on the name alone: the same product looks the same in every run. */
function direction(name: string): Float64Array {
  let state = 0x811c9dc5
  for (let index = 0; index < name.length; index++) state = Math.imul(state ^ name.charCodeAt(index), 0x01000193)
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let word = Math.imul(state ^ (state >>> 15), 1 | state)
    word ^= word + Math.imul(word ^ (word >>> 7), 61 | word)
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32
  }
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  const axes = Float64Array.from({ length: dimensions }, normal)
  const length = Math.sqrt(axes.reduce((sum, value) => sum + value * value, 0))
  return axes.map((value) => value / length)
}
