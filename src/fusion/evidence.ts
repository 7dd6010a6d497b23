/**
 * Evidence and resolution: what fusion is asked, and what it answers. Evidence is a value: the same evidence, in
 * whatever order its lists are, gives the same resolution (SPEC FU1). The runtime gathers it at door closed, and
 * several times a second while the door is open for the live basket.
 */
import type { Move } from '../core/basket.ts'
import type { Sku } from '../core/ids.ts'
import type { Sights } from '../core/sighting.ts'

export interface WeighedProduct {
  readonly sku: Sku
  /** Gross weight of one unit, mean and one standard deviation between units. */
  readonly weightGrams: number
  readonly weightSpreadGrams: number
  /** Where the planogram has it: 1 is the top shelf. */
  readonly shelf: number
}

/** How many of a product the books believe to stand on a shelf, misplaced ones where they stand. */
export interface BelievedStock {
  readonly sku: Sku
  readonly shelf: number
  readonly count: number
}

/** What the cell under a shelf said when the door was unlocked, and says now; null where it is dead or saturated. */
export interface ShelfWeights {
  readonly shelf: number
  readonly beforeGrams: number | null
  readonly afterGrams: number | null
}

export interface Evidence {
  readonly products: readonly WeighedProduct[]
  /** Counts below zero are read as none; a product that `products` does not list is left out (its taking is unknown). */
  readonly stock: readonly BelievedStock[]
  /** A shelf with believed stock that is not listed here counts as one with a dead cell. */
  readonly shelves: readonly ShelfWeights[]
  /** What cameras saw; absent: there are none, and the scales alone decide. */
  readonly sights?: Sights
}

export interface CountedSku {
  readonly sku: Sku
  readonly count: number
}

export interface LikelyBasket {
  readonly lines: readonly CountedSku[]
  readonly probability: number
}

export interface RunnerUp {
  readonly lines: readonly CountedSku[]
  readonly probability: number
  /** What tells it from the most probable basket, most telling first; what says nothing is left out. */
  readonly apart: readonly Telling[]
}

/** By how much a source speaks for the most probable basket (positive) or for the runner-up (negative), nats. */
export interface Telling {
  /** `shelf 2` for its weight and stock, or a witness's id. */
  readonly by: string
  readonly nats: number
}

export interface Resolution {
  /** The most probable basket, sorted by sku. Where a shelf's change is unknown: what is known of it. */
  readonly lines: readonly CountedSku[]
  /** How the shelves changed for it, in its most probable way: sorted by shelf, then sku. */
  readonly moves: readonly Move[]
  /** That the basket is exactly `lines`, over all the ways the shelves may have come to it. */
  readonly probability: number
  /** The next basket, with other lines; null when nothing else is worth a word. */
  readonly runnerUp: RunnerUp | null
  /** The most probable baskets of which nothing is unknown, best first, `mostBaskets` at most: for whoever sums what they share. */
  readonly baskets: readonly LikelyBasket[]
  /** Of each product the most that was taken with a probability of `sureThreshold` or more. Sorted by sku. */
  readonly sure: readonly CountedSku[]
  /** That something left which can't be named: a dead cell, a foreign thing, a belief about stock far off. */
  readonly unknownProbability: number
  /** What the most probable way leaves of each live shelf's change, grams: weighed minus explained. */
  readonly unexplainedGrams: readonly { readonly shelf: number; readonly grams: number }[]
  /** The bounded search had to stop: `probability` is 0, `baskets` and `sure` are empty, whatever was found. */
  readonly exhausted: boolean
}
