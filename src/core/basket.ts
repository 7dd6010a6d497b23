/**
 * Basket: what a visit took, as lines; and how the shelves changed for it, as moves.
 * Holds always: a line's count is at least 1; lines are sorted by sku, so that equal baskets are equal texts.
 */
import { addMinor, timesMinor, zero, type Minor } from './money.ts'
import type { Sku } from './ids.ts'

export interface Line {
  readonly sku: Sku
  readonly count: number
  /** The price of one, as it stood when the door was unlocked. */
  readonly priceMinor: Minor
  /** Any of them may have been one of these, which cost the same: nobody could tell. Booked as `sku`; shown as "this or that". */
  readonly or?: Sku[] | undefined
}

/** A change of what stands on a shelf: negative taken off, positive put on. Shelves count from 1 at the top. */
export interface Move {
  readonly sku: Sku
  readonly shelf: number
  readonly count: number
}

export const totalOf = (lines: readonly Line[]): Minor =>
  lines.reduce((sum, line) => addMinor(sum, timesMinor(line.priceMinor, line.count)), zero)
