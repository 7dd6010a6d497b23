/**
 * Tally: what each shopper truly took against what was charged. One visit charged too much is no broken law by itself:
 * scales are not certain, and the fridge says how sure it is. That it is wrong no more often than it says is judged over
 * many seeds, by scripts/sim.ts, from these counts.
 */
import type { HoldSummary } from '../../../src/virtual/bank/summary.ts'
import { totalOfLines, type VisitRecord } from './record.ts'

export interface Tally {
  /** Visits whose door was opened. */
  readonly opened: number
  readonly charged: number
  readonly chargedRight: number
  /** Charged more than what was taken costs. A verdict of the (pretend) reviewer that was not the truth is not counted. */
  readonly overcharged: number
  readonly overchargedMinor: number
  readonly undercharged: number
  readonly underchargedMinor: number
  /** Visits settled as sure, how many of them were wrong, and how many were to be expected by the claimed probabilities. */
  readonly sure: number
  readonly sureWrong: number
  readonly sureWrongExpected: number
  /** The same of what they cost: two goods of one price may be taken for one another, and the amount is right. */
  readonly amountWrong: number
  readonly amountWrongExpected: number
  /** Of the sure ones, those that say of a line that it was this or that. */
  readonly eitherOr: number
  readonly reviews: number
  readonly lapsed: number
}

/** `exempt`: visits whose scales were tampered with in truth, so that the model's claim does not cover them. */
export function tally(
  visits: Iterable<VisitRecord>,
  holdOf: (visit: string) => HoldSummary | undefined,
  verdictWasTruth: (visit: string) => boolean,
): Tally {
  const sums = {
    opened: 0,
    charged: 0,
    chargedRight: 0,
    overcharged: 0,
    overchargedMinor: 0,
    undercharged: 0,
    underchargedMinor: 0,
    sure: 0,
    sureWrong: 0,
    sureWrongExpected: 0,
    amountWrong: 0,
    amountWrongExpected: 0,
    eitherOr: 0,
    reviews: 0,
    lapsed: 0,
  }
  for (const visit of visits) {
    if (!visit.opened) continue
    sums.opened++
    if (visit.review !== null) sums.reviews++
    if (visit.lapsed) sums.lapsed++
    if (visit.resolved !== null) {
      sums.sure++
      sums.sureWrongExpected += 1 - visit.resolved.probability
      if (!sameAsTaken(visit.resolved.lines, visit.taken)) sums.sureWrong++
      sums.amountWrongExpected += 1 - visit.resolved.totalProbability
      if (totalOfLines(visit.resolved.lines) !== costOf(visit.taken, visit.prices)) sums.amountWrong++
      if (visit.resolved.lines.some(({ or }) => or !== undefined)) sums.eitherOr++
    }
    if (visit.decided !== null && !verdictWasTruth(visit.visit)) continue
    const chargedMinor = holdOf(visit.visit)?.capturedMinor ?? 0
    const owedMinor = Math.min(costOf(visit.taken, visit.prices), visit.holdMinor)
    if (chargedMinor > 0) sums.charged++
    if (chargedMinor > owedMinor) {
      sums.overcharged++
      sums.overchargedMinor += chargedMinor - owedMinor
    } else if (chargedMinor < owedMinor) {
      sums.undercharged++
      sums.underchargedMinor += owedMinor - chargedMinor
    } else if (chargedMinor > 0) sums.chargedRight++
  }
  return sums
}

/** Sure baskets that were not the truth, in words: for whoever looks into why. */
export function misreadings(visits: Iterable<VisitRecord>): string[] {
  const told: string[] = []
  for (const { visit, opened, resolved, taken } of visits) {
    if (!opened || resolved === null || sameAsTaken(resolved.lines, taken)) continue
    const said = resolved.lines.map((line) => `${line.count} ${line.sku}`).join(', ') || 'nothing'
    const truth = [...taken].map(([sku, count]) => `${count} ${sku}`).join(', ') || 'nothing'
    told.push(`${visit}: said ${said} (${resolved.probability.toFixed(4)}), taken ${truth}`)
  }
  return told
}

function sameAsTaken(lines: readonly { sku: string; count: number }[], taken: ReadonlyMap<string, number>): boolean {
  const gone = [...taken].filter(([, count]) => count > 0)
  return gone.length === lines.length && lines.every((line) => taken.get(line.sku) === line.count)
}

const costOf = (taken: ReadonlyMap<string, number>, prices: ReadonlyMap<string, number>): number =>
  [...taken].reduce((sum, [sku, count]) => sum + Math.max(0, count) * (prices.get(sku) ?? 0), 0)
