/**
 * Sightings: a crossing and what its looks were taken for, as fusion wants to hear it.
 *
 * Looks at one thing are not independent: a worn label is worn in all of them. So their log odds are averaged and raised by
 * n to a fitted power between 0 (n looks tell as much as one) and 1 (each tells anew). Holds always: the probabilities of
 * all products and of "none of these" add up to 1. Pure. Called by the vision worker and by the fitting of the power.
 */
import { sku } from '../../src/core/ids.ts'
import type { Candidate, Sighting } from '../../src/core/sighting.ts'
import type { Crossing } from './crossings.ts'
import type { Look } from './journeys.ts'

/** What one look was taken for; `Identification` of the gallery is one. */
export interface Identified {
  readonly candidates: readonly { readonly product: string; readonly probability: number }[]
  readonly noneProbability: number
}

export interface LookFusion {
  /** Of the number of looks, 0 to 1. */
  readonly power: number
  /** No look is believed to exclude a product further than this. */
  readonly leastProbability: number
}

/** Chosen by likelihood on crossings of the virtual cameras that the shipped models looked at; `fitPower` finds the power. */
export const lookFusion: LookFusion = { power: 0.5, leastProbability: 1e-2 }

/** What looks at a carried thing tell, against looks at pictures as the gallery's calibration knows them. */
export interface InHand {
  /** Of the log odds against "none of these": less than 1 is less sure. */
  readonly sharpness: number
  /** Added to them, in nats: fingers and blur make a product look like none. */
  readonly favour: number
}

/** Chosen with `lookFusion` (same pictures: 74 crossings told by either camera in 30 visits, seeds 52001 and 52002). */
export const inHand: InHand = { sharpness: 0.5, favour: 1 }

/** The same look, believed as one at a thing in a hand. */
export function tempered({ candidates, noneProbability }: Identified, { sharpness, favour }: InHand): Identified {
  const none = Math.max(1e-12, noneProbability)
  const weights = candidates.map(({ product, probability }) => ({
    product,
    weight: Math.exp(sharpness * Math.log(Math.max(1e-12, probability) / none) + favour),
  }))
  const total = weights.reduce((sum, { weight }) => sum + weight, 1)
  return {
    candidates: weights.map(({ product, weight }) => ({ product, probability: weight / total })),
    noneProbability: 1 / total,
  }
}

/**
 * What the witness saw of this crossing. `products` is everything that the gallery knows: where no look could be identified,
 * each of them and "none" are equally likely.
 */
export function sightingOf(
  { direction, shelf, atMs, looks }: Crossing,
  witness: string,
  products: readonly string[],
  identify: (look: Look) => Identified | null,
  fusion: LookFusion = lookFusion,
): Sighting {
  const told = looks.map(identify).filter((one) => one !== null)
  const { candidates, noneProbability } = fuseLooks(told, products, fusion)
  const named = candidates.map(({ product, probability }): Candidate => ({ sku: sku(product), probability }))
  return { witness, direction, shelf, atMs, candidates: named, noneProbability }
}

/** One identification of several looks at the same thing, most probable first. */
export function fuseLooks(looks: readonly Identified[], products: readonly string[], fusion: LookFusion): Identified {
  const share = looks.length === 0 ? 0 : looks.length ** fusion.power / looks.length
  const weigh = (probabilityIn: (look: Identified) => number): number =>
    looks.reduce((sum, look) => sum + share * Math.log(Math.max(fusion.leastProbability, probabilityIn(look))), 0)
  const weights = products.map((product) =>
    weigh(({ candidates }) => candidates.find((one) => one.product === product)?.probability ?? 0),
  )
  const none = weigh(({ noneProbability }) => noneProbability)
  const most = Math.max(none, ...weights)
  const total = weights.reduce((sum, weight) => sum + Math.exp(weight - most), Math.exp(none - most))
  return {
    candidates: products
      .map((product, index) => ({ product, probability: Math.exp((weights[index] ?? 0) - most) / total }))
      .toSorted((a, b) => b.probability - a.probability),
    noneProbability: Math.exp(none - most) / total,
  }
}

export interface KnownTrack {
  readonly looks: readonly Identified[]
  /** What it was; null for none of the products. */
  readonly product: string | null
}

/** The power under which the truth of these tracks is most likely (golden-section search; the loss has one minimum). */
export function fitPower(
  tracks: readonly KnownTrack[],
  products: readonly string[],
  leastProbability = lookFusion.leastProbability,
): number {
  const loss = (power: number): number =>
    tracks.reduce((sum, { looks, product }) => {
      const { candidates, noneProbability } = fuseLooks(looks, products, { power, leastProbability })
      const truth = product === null ? noneProbability : candidates.find((one) => one.product === product)?.probability
      return sum - Math.log(Math.max(1e-12, truth ?? 0))
    }, 0)
  const golden = (Math.sqrt(5) - 1) / 2
  let [low, high] = [0, 1]
  while (high - low > 1e-3) {
    const [a, b] = [high - golden * (high - low), low + golden * (high - low)]
    if (loss(a) <= loss(b)) high = b
    else low = a
  }
  return (low + high) / 2
}
