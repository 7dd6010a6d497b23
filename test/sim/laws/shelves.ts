/**
 * The shelves' law (session SPEC S7): a visit is judged from its own shelves, as they stood before its unlock and after its
 * door closed. What the ledger says they weighed is held against what truly stood there.
 */
import type { Event } from '../../../src/core/events.ts'
import { count, type Judged, type Report } from './record.ts'

export interface ShelfPorts extends Judged {
  readonly report: Report
  /** What stands on each shelf in truth, grams, top first. */
  readonly grams: () => readonly number[]
}

export interface ShelfLaws {
  /** Goods move only while the door is open: what stands there at its closing stands there until it opens again. */
  closed(): void
  /** A row as it was acknowledged, not one that was found after a crash. */
  row(event: Event): void
}

/** Cells creep, drift with their metal's cold, and are off by a share of what was moved. No product is as light. */
const toleranceGrams = 14
const toleranceShare = 0.005

export function shelfLaws({ report, grams, judged }: ShelfPorts): ShelfLaws {
  /** Null until the door first closes; before that nothing has moved. */
  let closedOn: readonly number[] | null = null
  const before = new Map<string, readonly number[]>()

  return {
    closed() {
      closedOn = grams()
    },
    row(event) {
      const standing = closedOn ?? grams()
      if (event.type === 'UnlockRequested') before.set(event.visit, standing)
      if (event.type !== 'BasketResolved') return
      const stood = before.get(event.visit)
      if (stood === undefined) return
      count(judged, 'S7')
      for (const [shelf, after] of event.after.entries()) {
        const was = event.before[shelf]
        const truly = (standing[shelf] ?? 0) - (stood[shelf] ?? 0)
        if (after === null || was == null) continue
        const off = Math.abs(after - was - truly)
        if (off > toleranceGrams + toleranceShare * Math.abs(truly))
          report(
            'S7',
            `visit ${event.visit} was settled on a change of ${Math.round(after - was)} g on shelf ${shelf + 1}, which was ${Math.round(truly)} g`,
          )
      }
    },
  }
}
