/**
 * The screen's part of the laws: M4 ("nothing charged"), M5 (only what is sure), M8 (the hold, before it is made), L5 (full
 * disk). What a shopper was shown is held against the bank's books and the ledger's rows.
 */
import type { KioskView } from '../../../src/contract/kiosk.ts'
import type { HoldSummary } from '../../../src/virtual/bank/summary.ts'
import { count, totalOfLines, type Judged, type Report, type VisitRecord } from './record.ts'

export interface ScreenPorts extends Judged {
  readonly nowMs: () => number
  readonly later: (delayMs: number, check: () => void) => void
  /** True time of the last disturbance of runtime, controller or wire; now, while one lasts. */
  readonly disturbedAtMs: () => number
  readonly report: Report
  readonly visits: ReadonlyMap<string, VisitRecord>
  readonly holdOf: (visit: string) => HoldSummary | undefined
  readonly current: () => VisitRecord | null
}

export interface ScreenLaws {
  shown(view: KioskView): void
  /** The process is gone, and its screen with it. What the shopper read there they have read. */
  dark(): void
  visitStarted(visit: VisitRecord): void
  /** A visit's basket was found empty, and surely so. */
  resolvedEmpty(visit: VisitRecord): void
  /** The disk takes no more visits, or does again. */
  storageFull(full: boolean): void
  finish(): void
}

/** The free disk is looked at once a second, at most. */
const noticedMs = 3_000

export function screenLaws(ports: ScreenPorts): ScreenLaws {
  const { report, nowMs, later, visits, holdOf, current, disturbedAtMs, judged, excused } = ports
  let fullSinceMs: number | null = null
  let shownAt = ''
  let holdShownMinor: number | null = null
  let last = ''
  const saidNothing = new Set<string>()
  const saidUnopened = new Set<string>()

  return {
    shown(view) {
      holdShownMinor = view.holdMinor
      const { screen } = view
      shownAt = screen.at === 'closed' ? `closed ${screen.reason}` : screen.at
      const said = screen.at === 'receipt' ? `${screen.at} ${screen.visit} ${screen.payment}` : screen.at
      if (said === last) return
      last = said
      const visit = current()
      switch (screen.at) {
        case 'nothingTaken':
          if (visit !== null) saidNothing.add(visit.visit)
          return
        case 'notOpened':
        case 'unlockFailed':
        case 'bankSilent':
        case 'interrupted':
          if (visit !== null) saidUnopened.add(visit.visit)
          return
        case 'unsure': {
          count(judged, 'M5 screen')
          const surelyMinor =
            visit?.review == null ? null : Math.min(totalOfLines(visit.review.sureLines), visit.holdMinor)
          if (surelyMinor !== screen.sureMinor)
            report(
              'M5',
              `the screen says ${screen.sureMinor} is sure, and the ledger ${surelyMinor ?? 'nothing of it'}`,
            )
          return
        }
        case 'receipt': {
          if (screen.payment !== 'paid') return
          count(judged, 'M9 screen')
          const hold = holdOf(screen.visit)
          const lost = visits.get(screen.visit)?.captureLost === true
          if (hold?.capturedMinor !== screen.chargedMinor && !lost)
            report(
              'M9',
              `the screen says ${screen.chargedMinor} is paid, and the bank took ${hold?.capturedMinor ?? 0}`,
            )
          return
        }
        default:
          return
      }
    },
    dark() {
      last = ''
      shownAt = ''
    },
    resolvedEmpty(visit) {
      const atMs = nowMs()
      later(noticedMs, () => {
        if (disturbedAtMs() > atMs - 1_000) return count(excused, 'M4 said')
        count(judged, 'M4 said')
        if (!saidNothing.has(visit.visit))
          report('M4', `visit ${visit.visit} took nothing, and the screen did not say "nothing charged"`)
      })
    },
    storageFull(full) {
      if (!full) return void (fullSinceMs = null)
      const atMs = nowMs()
      fullSinceMs = atMs
      later(noticedMs, () => {
        if (fullSinceMs !== atMs) return
        if (disturbedAtMs() > atMs - 1_000 || !(shownAt === 'attract' || shownAt.startsWith('closed')))
          return count(excused, 'L5 screen')
        count(judged, 'L5 screen')
        if (shownAt === 'attract') report('L5', 'the disk is full, and the screen invites to buy')
      })
    },
    visitStarted(visit) {
      count(judged, 'M8')
      if (fullSinceMs !== null && nowMs() - fullSinceMs > noticedMs)
        report('L5', `visit ${visit.visit} was begun on a full disk`)
      if (holdShownMinor !== visit.holdMinor)
        report('M8', `${visit.holdMinor} is to be held, and the screen said ${holdShownMinor ?? 'nothing'}`)
    },
    finish() {
      for (const visit of saidNothing) {
        count(judged, 'M4 screen')
        const hold = holdOf(visit)
        if (hold !== undefined && hold.capturedMinor > 0)
          report('M4', `the screen said "nothing charged" to visit ${visit}, and the bank took ${hold.capturedMinor}`)
      }
      for (const visit of saidUnopened) {
        const hold = holdOf(visit)
        if (hold !== undefined && hold.capturedMinor > 0)
          report('M1', `the screen said that visit ${visit} came to nothing, and the bank took ${hold.capturedMinor}`)
      }
    },
  }
}
