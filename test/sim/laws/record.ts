/**
 * Record: all that the auditor knows, gathered from outside: what the ledger told the world, what the world did, what
 * the bank's books say. No law is judged in here; laws/*.ts read it.
 */
import type { Line } from '../../../src/core/basket.ts'
import type { Ending, Event, ReviewCause } from '../../../src/core/events.ts'

export interface VisitRecord {
  readonly visit: string
  readonly startedAtMs: number
  readonly holdMinor: number
  /** What everything cost when it began. */
  readonly prices: ReadonlyMap<string, number>
  unlockRequestedAtMs: number | null
  /** How often the lock was released for it, in truth. */
  releases: number
  /** The door was opened for it, in truth. */
  opened: boolean
  /** When the door closed behind it, in truth; null before. */
  closedAtMs: number | null
  /** What left the fridge while its door was open, less what came back; by sku, in truth. */
  readonly taken: Map<string, number>
  /** The same by `sku@shelf`, signed as a move is: negative is gone. */
  readonly moves: Map<string, number>
  ending: Ending | null
  endedAtMs: number | null
  resolved: {
    readonly lines: readonly Line[]
    readonly probability: number
    readonly totalProbability: number
    readonly atMs: number
  } | null
  review: {
    readonly cause: ReviewCause
    readonly sureLines: readonly Line[]
    readonly decideByMs: number
    readonly atMs: number
  } | null
  decided: readonly Line[] | null
  lapsed: boolean
  captureRequestedMinor: number | null
  releaseRequested: boolean
  receiptMinor: number | null
  captureLost: boolean
}

export interface Row {
  readonly seq: number
  /** By the fridge's clock. */
  readonly atMs: number
  readonly event: Event
  readonly body: string
}

/** What the auditor found broken. */
export type Report = (law: string, what: string) => void

export interface Judged {
  /** How often each law had something to judge, and how often that could not be judged because a fault stood in the way. */
  readonly judged: Map<string, number>
  readonly excused: Map<string, number>
}

export const count = (map: Map<string, number>, name: string): void => void map.set(name, (map.get(name) ?? 0) + 1)

/** The visits, as told by the ledger's rows. `atMs` is true time. */
export function follow(
  visits: Map<string, VisitRecord>,
  event: Event,
  atMs: number,
  prices: ReadonlyMap<string, number>,
): void {
  if (event.type === 'VisitStarted') {
    visits.set(event.visit, {
      visit: event.visit,
      startedAtMs: atMs,
      holdMinor: event.amountMinor,
      prices,
      unlockRequestedAtMs: null,
      releases: 0,
      opened: false,
      closedAtMs: null,
      taken: new Map(),
      moves: new Map(),
      ending: null,
      endedAtMs: null,
      resolved: null,
      review: null,
      decided: null,
      lapsed: false,
      captureRequestedMinor: null,
      releaseRequested: false,
      receiptMinor: null,
      captureLost: false,
    })
    return
  }
  const visit = 'visit' in event && event.visit !== null ? visits.get(event.visit) : undefined
  if (visit === undefined) return
  switch (event.type) {
    case 'UnlockRequested':
      visit.unlockRequestedAtMs = atMs
      return
    case 'BasketResolved':
      visit.resolved = {
        lines: event.lines,
        probability: event.probability,
        totalProbability: event.totalProbability ?? event.probability,
        atMs,
      }
      return
    case 'ReviewOpened':
      visit.review = { cause: event.cause, sureLines: event.sureLines, decideByMs: event.decideByMs, atMs }
      return
    case 'ReviewDecided':
      visit.decided = event.lines
      return
    case 'ReviewLapsed':
      visit.lapsed = true
      return
    case 'VisitEnded':
      visit.ending = event.ending
      visit.endedAtMs = atMs
      return
    case 'CaptureRequested':
      visit.captureRequestedMinor = event.amountMinor
      return
    case 'ReleaseRequested':
      visit.releaseRequested = true
      return
    case 'ReceiptIssued':
      visit.receiptMinor = (visit.receiptMinor ?? 0) + event.chargedMinor
      return
    case 'CaptureLost':
      visit.captureLost = true
      return
    default:
      return
  }
}

export const totalOfLines = (lines: readonly Line[]): number =>
  lines.reduce((sum, line) => sum + line.priceMinor * line.count, 0)
