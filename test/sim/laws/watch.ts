/**
 * D4's pictures: where a fridge has cameras, they look at a door that the ledger says was forced, under the name of that row. Not
 * judged where a visit is under way, which the cameras belong to, or where process or wire were not whole.
 */
import type { Recorded } from '../../../src/core/events.ts'
import { count, type Judged, type Report, type VisitRecord } from './record.ts'

/** The process looks as soon as the row is written; but it may be held still for a moment. */
const withinMs = 500

export function watchLaws(
  ports: Judged & {
    readonly nowMs: () => number
    readonly later: (delayMs: number, check: () => void) => void
    readonly report: Report
    readonly visits: ReadonlyMap<string, VisitRecord>
    /** True time of the last disturbance or trouble; now, while one lasts. */
    readonly brokenAtMs: () => number
  },
): { begun(watched: string): void; row(row: Recorded): void } {
  const { nowMs, later, report, visits, brokenAtMs, judged, excused } = ports
  const begun = new Set<string>()
  return {
    begun: (watched) => void begun.add(watched),
    row({ seq, event }) {
      if (event.type !== 'DoorForced') return
      const atMs = nowMs()
      later(withinMs, () => {
        const looked = begun.has(`tamper-${seq}`)
        const visiting = [...visits.values()].some(({ endedAtMs }) => endedAtMs === null)
        if (!looked && (visiting || brokenAtMs() > atMs - 1_000)) return count(excused, 'D4 pictures')
        count(judged, 'D4 pictures')
        if (!looked) report('D4', 'the door was forced, and no camera looked')
      })
    },
  }
}
