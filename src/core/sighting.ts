/**
 * Sighting: one thing that a camera saw leave the fridge or come back, with calibrated odds of what it was. Vision makes
 * them, fusion weighs them against the scales; the words of neither stand here but these.
 *
 * Holds always: the candidates' probabilities and `noneProbability` add up to 1, as a posterior over a prior in which
 * every taught product, and "none of these", was as likely as any other. So a product's likelihood is its probability.
 */
import type { Sku } from './ids.ts'

export type WitnessKind =
  /** A camera that watched the opening: things carried out through the door's plane, or in. */
  | 'crossing'
  /** A camera that compared a shelf before and after: things that stand there no more, or newly. */
  | 'shelf'

export interface Candidate {
  readonly sku: Sku
  readonly probability: number
}

export interface Sighting {
  /** Which witness tells it (`Witness.id`). */
  readonly witness: string
  readonly direction: 'taken' | 'returned'
  /** 1 is the top shelf; null where it can't be told. A shelf witness always tells it. */
  readonly shelf: number | null
  /** Fridge time at which it crossed, or was seen gone; null where only before and after are known. */
  readonly atMs: number | null
  /** Most probable first; a product that is not listed has probability 0 and is thought of as next to impossible. */
  readonly candidates: readonly Candidate[]
  readonly noneProbability: number
}

/** One camera in one role, and what it could not see: what it does not tell of there is no evidence of anything. */
export interface Witness {
  readonly id: string
  readonly kind: WitnessKind
  /** Of the visit's open time, the share in which it saw nothing: no picture, black, frozen, fogged, or too late. */
  readonly blindShare: number
  /** Shelves that stood hidden from it before or after. */
  readonly blindShelves: readonly number[]
}

/** All that the cameras saw of one visit. No witnesses: no cameras, and the scales alone decide. */
export interface Sights {
  readonly witnesses: readonly Witness[]
  readonly sightings: readonly Sighting[]
  /** The products that vision has learned, so that it can name them; absent: all. The others look like none of these. */
  readonly taught?: readonly Sku[]
}

export const nothingSeen: Sights = { witnesses: [], sightings: [] }
