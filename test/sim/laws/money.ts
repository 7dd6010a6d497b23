/**
 * The money's laws, M1 to M6 and M9, judged from the bank's books, the requests on the wire to it, the true door and the
 * ledger's rows. What a shopper truly took is compared with what was charged in tally.ts.
 */
import type { HoldSummary } from '../../../src/virtual/bank/summary.ts'
import { count, totalOfLines, type Judged, type Report, type VisitRecord } from './record.ts'

export interface MoneyPorts extends Judged {
  readonly report: Report
  readonly nowMs: () => number
  readonly later: (delayMs: number, check: () => void) => void
  readonly visits: ReadonlyMap<string, VisitRecord>
  readonly doorOpenFor: () => VisitRecord | null
  /** The relay places its hold, before the fridge's books know of it. */
  readonly isPhone: (visit: string) => boolean
  /** True time of the last trouble of bank, network, process or disk; in the future while one lasts. */
  readonly troubledAtMs: () => number
}

export interface BankRequest {
  readonly method: string
  readonly path: string
  readonly idempotencyKey: string | null
  readonly body: string
}

export interface MoneyLaws {
  asked(request: BankRequest): void
  /** The books after a request, against the books before it. */
  moved(holds: readonly HoldSummary[]): void
  /** A visit is billed at once: what it owes is sure, and a name that is not sure is not said as if it were. */
  resolved(visit: VisitRecord): void
  /** A visit's basket was found empty, and surely so. */
  resolvedEmpty(visit: VisitRecord): void
  /** A hold was written down, when the fridge's clock said this. */
  holdPlaced(visit: VisitRecord, fridgeMs: number): void
  /** A visit went to review, to be decided by then, when the fridge's clock said this. */
  reviewOpened(visit: VisitRecord, decideByMs: number, fridgeMs: number): void
  holdOf(visit: string): HoldSummary | undefined
  /** All faults have ended, and time enough has passed. `receipts`: the sum of their charges, per currency. */
  finish(receiptsMinor: number, currency: string): void
}

/** LAWS M5, as SPEC S13 has it. */
const sureEnough = 0.97
const dayMs = 24 * 3_600_000
/** A release is asked at once; the bank may be slow, not silent. */
const atOnceMs = 30_000

export function moneyLaws(ports: MoneyPorts): MoneyLaws {
  const { report, nowMs, later, visits, doorOpenFor, isPhone, troubledAtMs, judged, excused } = ports
  const known = new Map<string, HoldSummary>()
  const byVisit = new Map<string, HoldSummary>()
  const keys = new Map<string, { request: string; firstAtMs: number }>()
  const amounts = new Map<string, string>()
  /** By how much the fridge's clock was ahead of the truth when each visit's hold was placed. */
  const aheadMs = new Map<string, number>()

  function captured(hold: HoldSummary, visit: VisitRecord | undefined): void {
    const { reference, capturedMinor } = hold
    count(judged, 'M1')
    if (visit === undefined) return report('M1', `hold ${reference} was captured for no visit that the ledger knows`)
    const name = visit.visit
    if (visit.closedAtMs === null || doorOpenFor() === visit)
      report('M1', `visit ${name} was charged ${capturedMinor} before its door had closed`)
    if (!visit.opened) report('M1', `visit ${name} was charged ${capturedMinor}, and its door had never opened`)
    const because = visit.decided ?? (visit.lapsed ? visit.review?.sureLines : undefined) ?? visit.resolved?.lines
    if (because === undefined) return report('M1', `visit ${name} was charged before its basket was known`)
    count(judged, 'M2')
    const owedMinor = Math.min(totalOfLines(because), visit.holdMinor)
    if (capturedMinor !== owedMinor)
      report(
        'M2',
        `visit ${name} was charged ${capturedMinor}; its lines cost ${owedMinor}, its hold was ${visit.holdMinor}`,
      )
    if (visit.review !== null && visit.decided === null && !visit.lapsed)
      report('M5', `visit ${name} was charged while it is in review`)
  }

  function one(hold: HoldSummary): void {
    const before = known.get(hold.reference)
    if (
      before?.status === hold.status &&
      before.capturedMinor === hold.capturedMinor &&
      before.captures === hold.captures
    )
      return
    known.set(hold.reference, hold)
    const name = hold.visit
    const visit = name === null ? undefined : visits.get(name)
    if (name !== null) {
      const other = byVisit.get(name)
      if (other === undefined || other.reference === hold.reference || hold.status === 'held') byVisit.set(name, hold)
      if (other !== undefined && other.reference !== hold.reference && hold.status === 'held')
        if (other.status === 'held' || other.status === 'captured')
          report('M3', `visit ${name} has two holds at once: ${other.reference} and ${hold.reference}`)
    }
    if (hold.capturedMinor + hold.releasedMinor > hold.amountMinor || hold.capturedMinor > hold.amountMinor)
      report('M2', `hold ${hold.reference} of ${hold.amountMinor} gave ${hold.capturedMinor}`)
    if (hold.captures > 1) report('M3', `hold ${hold.reference} was captured ${hold.captures} times`)
    if (hold.captures > (before?.captures ?? 0)) captured(hold, visit)
    if (before === undefined && visit === undefined && !(name !== null && isPhone(name)))
      report('L1', `the bank was asked for a hold for visit ${name ?? '(none)'}, which is not in the ledger`)
  }

  return {
    asked({ method, path, idempotencyKey, body }) {
      if (method !== 'POST') return
      count(judged, 'M6')
      if (idempotencyKey === null) return report('M6', `${path} was asked for without a key`)
      const request = `${path} ${body}`
      const first = keys.get(idempotencyKey)
      if (first === undefined) keys.set(idempotencyKey, { request, firstAtMs: nowMs() })
      else if (first.request !== request) report('M6', `key ${idempotencyKey} was used for two different requests`)
      else if (path === '/v1/payment_intents' && nowMs() - first.firstAtMs > dayMs)
        report(
          'M6',
          `a hold was asked for again blindly ${Math.round((nowMs() - first.firstAtMs) / 3_600_000)} h later`,
        )
      if (!path.endsWith('/capture')) return
      const amount = amounts.get(path)
      if (amount === undefined) amounts.set(path, body)
      else if (amount !== body) report('M6', `${path} was asked for with ${amount}, then with ${body}`)
    },
    moved(holds) {
      for (const hold of holds) one(hold)
    },
    resolved({ visit, resolved, prices }) {
      if (resolved === null) return
      count(judged, 'M5 sure')
      const { lines, probability, totalProbability } = resolved
      const others = lines.flatMap(({ or = [], priceMinor }) => or.map((sku) => ({ sku, priceMinor })))
      if (totalProbability < sureEnough)
        report('M5', `visit ${visit} is billed at once, with a probability of ${totalProbability}`)
      if (probability < sureEnough && others.length === 0)
        report('M5', `visit ${visit} is billed for goods as if they were sure, with a probability of ${probability}`)
      for (const { sku, priceMinor } of others)
        if (prices.get(sku) !== priceMinor)
          report('M5', `visit ${visit} may have taken ${sku}, which does not cost the ${priceMinor} that is billed`)
    },
    resolvedEmpty(visit) {
      const atMs = nowMs()
      later(atOnceMs, () => {
        if (troubledAtMs() > atMs - 60_000) return count(excused, 'M4')
        count(judged, 'M4')
        const hold = byVisit.get(visit.visit)
        if (hold?.status === 'held') report('M4', `visit ${visit.visit} took nothing, and its hold still stands`)
      })
    },
    holdPlaced(visit, fridgeMs) {
      aheadMs.set(visit.visit, fridgeMs - nowMs())
    },
    reviewOpened(visit, decideByMs, fridgeMs) {
      const captureBeforeMs = byVisit.get(visit.visit)?.captureBeforeMs
      if (captureBeforeMs == null) return
      const withinMs = decideByMs - fridgeMs
      if (withinMs <= 0 || nowMs() + withinMs <= captureBeforeMs) return count(judged, 'M5 in time')
      // A clock that has lost half a day since the hold was placed can't tell when that runs out.
      const lostMs = (aheadMs.get(visit.visit) ?? 0) - (fridgeMs - nowMs())
      if (nowMs() + withinMs - lostMs <= captureBeforeMs) return count(excused, 'M5 in time')
      report('M5', `visit ${visit.visit} is to be decided after its hold has run out`)
    },
    holdOf: (visit) => byVisit.get(visit),
    finish(receiptsMinor, currency) {
      const all = [...known.values()]
      for (const hold of all) {
        count(judged, 'settled')
        const visit = hold.visit === null ? undefined : visits.get(hold.visit)
        if (hold.status === 'held' || hold.status === 'open')
          report('M6', `hold ${hold.reference} of visit ${hold.visit ?? '(none)'} is still ${hold.status} at the end`)
        if (hold.status === 'captured' && visit?.receiptMinor == null)
          report('M9', `visit ${hold.visit ?? '(none)'} was charged ${hold.capturedMinor} and got no receipt`)
        if (hold.status === 'captured' && visit?.releaseRequested === true)
          report('M3', `visit ${hold.visit ?? '(none)'} was charged and its hold released`)
      }
      const perVisit = new Map<string, number>()
      for (const hold of all)
        if (hold.visit !== null && hold.captures > 0)
          perVisit.set(hold.visit, (perVisit.get(hold.visit) ?? 0) + hold.captures)
      for (const [visit, captures] of perVisit)
        if (captures > 1) report('M3', `visit ${visit} was charged ${captures} times`)
      count(judged, 'M9')
      const takenMinor = all
        .filter((hold) => hold.currency === currency)
        .reduce((sum, hold) => sum + hold.capturedMinor, 0)
      if (takenMinor !== receiptsMinor)
        report('M9', `the bank has taken ${takenMinor} ${currency}, and the receipts say ${receiptsMinor}`)
    },
  }
}
