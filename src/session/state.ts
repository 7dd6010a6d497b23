/**
 * State of the visits: the one at the door, and the money of those that are not settled yet.
 * Holds always: it is the fold of the ledger's events (evolve.ts); a state carries only its own data.
 */
import type { Line, Move } from '../core/basket.ts'
import type { Ending } from '../core/events.ts'
import type { EffectKey, VisitId } from '../core/ids.ts'
import type { Minor } from '../core/money.ts'
import type { HoldRequest } from '../core/ports.ts'
import { minuteMs, secondMs } from '../core/time.ts'

/** Grams by shelf, top first. */
export type Grams = readonly (number | null)[]

export interface Idle {
  readonly at: 'idle'
}
export interface Holding {
  readonly at: 'holding'
  readonly visit: VisitId
  readonly hold: HoldRequest
  readonly untilMs: number
}
interface Held {
  readonly visit: VisitId
  readonly holdMinor: Minor
  /** The shelves before the unlock. */
  readonly baseline: Grams
  /** The controller said that the door was opened by this visit's right. */
  readonly opened: boolean
}
export interface Unlocking extends Held {
  readonly at: 'unlocking'
  readonly untilMs: number
}
export interface Unlocked extends Held {
  readonly at: 'unlocked'
  /** When the controller relocks by itself, for the screen's count-down. */
  readonly relockMs: number
  readonly untilMs: number
}
export interface Shopping extends Held {
  readonly at: 'shopping'
  readonly leftOpen: 0 | 1 | 2
  readonly untilMs: number
}
export interface Blind extends Held {
  readonly at: 'blind'
  readonly untilMs: number
}
export interface Settling extends Held {
  readonly at: 'settling'
  readonly closedAtMs: number
  readonly untilMs: number
}
export interface Ended {
  readonly at: 'ended'
  readonly visit: VisitId
  readonly holdMinor: Minor
  readonly ending: Ending
  readonly endedAtMs: number
  readonly receipt: number | null
}
export type Session = Idle | Holding | Unlocking | Unlocked | Shopping | Blind | Settling | Ended

/** The money of one visit, from the question to the bank until the bank's last word. */
export type Settlement =
  | { readonly at: 'asked'; readonly hold: HoldRequest }
  | ({ readonly at: 'held' } & HeldMoney)
  | ({ readonly at: 'review'; readonly review: Review } & HeldMoney)
  | ({ readonly at: 'capturing'; readonly key: EffectKey; readonly capture: Capture } & HeldMoney)
  | { readonly at: 'releasing'; readonly key: EffectKey }

export interface HeldMoney {
  readonly hold: HoldRequest
  readonly reference: string
  /** Fridge time until which the provider takes a capture, by its own word. */
  readonly captureByMs: number
}
export interface Review {
  readonly sureLines: readonly Line[]
  readonly likelyMoves: readonly Move[]
  readonly decideByMs: number
}
export interface Capture {
  readonly lines: readonly Line[]
  readonly totalMinor: Minor
  readonly amountMinor: Minor
}

export interface Visits {
  readonly session: Session
  readonly settlements: ReadonlyMap<VisitId, Settlement>
  readonly receipts: number
}

export const noVisits: Visits = { session: { at: 'idle' }, settlements: new Map(), receipts: 0 }

/** How long each state waits for what may never come [S5]. */
export const patienceMs = {
  holding: 15 * secondMs,
  unlocking: 12 * secondMs,
  unlocked: 15 * secondMs,
  shopping: 30 * minuteMs,
  blind: 10 * minuteMs,
  settling: 20 * secondMs,
} as const

/** The controller relocks a door that nobody opened after this long (law D2). */
export const openTimeoutMs = 10 * secondMs
/** A basket less probable than this goes to review [S13]. */
export const sureProbability = 0.97

/** When time alone moves the session or a settlement on: the earliest, or null. */
export function nextDeadline(state: Visits): number | null {
  let earliest = 'untilMs' in state.session ? state.session.untilMs : Infinity
  for (const settlement of state.settlements.values())
    if (settlement.at === 'review') earliest = Math.min(earliest, settlement.review.decideByMs)
  return earliest === Infinity ? null : earliest
}

/** Whether a card may start a visit: nobody is at the door. */
export const isFree = (session: Session): session is Idle | Ended => session.at === 'idle' || session.at === 'ended'
