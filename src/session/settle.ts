/**
 * Settle: from a weighed basket to the bank's last word.
 *
 * Pure, like step.ts, which calls it. Holds always: one capture or one release a hold, never both [S11]; a capture never
 * above the hold [S10]; doubt of what is owed is the shopper's gain now and a person's question later [S13, S21].
 */
import { totalOf, type Line } from '../core/basket.ts'
import type { Event, ReviewCause } from '../core/events.ts'
import type { VisitId } from '../core/ids.ts'
import { leastMinor } from '../core/money.ts'
import { invariant } from '../core/result.ts'
import type { HoldRequest } from '../core/ports.ts'
import { hourMs } from '../core/time.ts'
import { billOf } from './bill.ts'
import { join, nothing, type Decision } from './decision.ts'
import type { Around, Resolution, SessionInput } from './input.ts'
import { captureKey, releaseKey } from './keys.ts'
import { sureProbability, type Grams, type HeldMoney, type Visits } from './state.ts'

/** The shelves have been read. */
export function weighed(
  state: Visits,
  session: { visit: VisitId; baseline: Grams; opened: boolean },
  resolution: Resolution | null,
  around: Around,
): Decision {
  if (resolution === null) return openReview(state, session, 'scales', null, around)
  // Something is gone, and nobody heard this visit open the door: it may have been anybody, while we were without power.
  if (!session.opened && resolution.lines.length > 0)
    return openReview(state, session, 'controller', { ...resolution, sureLines: [] }, around)
  const { lines, probability: totalProbability } = billOf(resolution)
  if (totalProbability < sureProbability) return openReview(state, session, 'evidence', resolution, around)
  const money = heldMoney(state, session.visit)
  const { visit } = session
  const { moves, probability, after } = resolution
  const totalMinor = totalOf(lines)
  const chargedMinor = leastMinor(totalMinor, money.hold.amountMinor)
  const resolved: Event = {
    type: 'BasketResolved',
    visit,
    lines: [...lines],
    moves: [...moves],
    totalMinor,
    probability,
    ...(totalProbability === probability ? {} : { totalProbability }),
    before: [...session.baseline],
    after: [...after],
  }
  const ending: Event =
    chargedMinor === 0
      ? { type: 'VisitEnded', visit, ending: { type: 'nothingTaken' } }
      : { type: 'VisitEnded', visit, ending: { type: 'paid', lines: [...lines], totalMinor, chargedMinor } }
  return join({ events: [resolved, ending], effects: [] }, charge(visit, money, lines, around))
}

/**
 * Doubt: the visit ends for the shopper with what is sure; its hold stays until somebody has looked, or until it would run
 * out. The provider's own deadline decides, less a margin for being asked late.
 */
export function openReview(
  state: Visits,
  session: { visit: VisitId; baseline: Grams },
  cause: ReviewCause,
  resolution: Resolution | null,
  around: Around,
): Decision {
  const { visit } = session
  const money = heldMoney(state, visit)
  const leftMs = Math.max(0, money.captureByMs - around.atMs)
  const sureLines = [...(resolution?.sureLines ?? [])]
  const review: Event = {
    type: 'ReviewOpened',
    visit,
    cause,
    sureLines,
    likelyLines: [...(resolution?.lines ?? [])],
    likelyMoves: [...(resolution?.moves ?? [])],
    probability: resolution?.probability ?? 0,
    runnerUp: [...(resolution?.runnerUp ?? [])],
    ...(resolution?.runnerUpProbability === undefined ? {} : { runnerUpProbability: resolution.runnerUpProbability }),
    ...(resolution?.apart === undefined ? {} : { apart: [...resolution.apart] }),
    before: [...session.baseline],
    after: [...(resolution?.after ?? [])],
    decideByMs: around.atMs + leftMs - Math.min(12 * hourMs, leftMs / 4),
  }
  const sureMinor = leastMinor(totalOf(sureLines), money.hold.amountMinor)
  return {
    events: [review, { type: 'VisitEnded', visit, ending: { type: 'unsure', sureLines, sureMinor } }],
    effects: [],
  }
}

/** Somebody looked at the pictures. */
export function reviewDecided(
  state: Visits,
  input: SessionInput & { type: 'ReviewDecided' },
  around: Around,
): Decision {
  const { visit, lines, moves, by, reason } = input
  const money = state.settlements.get(visit)
  if (money?.at !== 'review') return nothing
  return join(
    { events: [{ type: 'ReviewDecided', visit, lines: [...lines], moves: [...moves], by, reason }], effects: [] },
    charge(visit, money, lines, around),
  )
}

/** Nobody looked in time: what was sure is charged, and nothing else ever is. */
export function reviewsLapsed(state: Visits, around: Around): Decision {
  const lapsed: Decision[] = []
  for (const [visit, money] of state.settlements)
    if (money.at === 'review' && money.review.decideByMs <= around.atMs)
      lapsed.push(
        { events: [{ type: 'ReviewLapsed', visit }], effects: [] },
        charge(visit, money, money.review.sureLines, around),
      )
  return join(...lapsed)
}

/** Captures what the lines cost, at most the hold; or gives all of it back where they cost nothing. */
function charge(visit: VisitId, money: HeldMoney, lines: readonly Line[], around: Around): Decision {
  const totalMinor = totalOf(lines)
  const amountMinor = leastMinor(totalMinor, money.hold.amountMinor)
  if (amountMinor === 0) return release(money.hold, money.reference, around)
  const key = captureKey(visit)
  return {
    events: [{ type: 'CaptureRequested', visit, key, lines: [...lines], totalMinor, amountMinor }],
    effects: [{ type: 'CaptureHold', key, visit, reference: money.reference, amountMinor, askedAtMs: around.atMs }],
  }
}

/** Gives the hold back; with no reference, whatever its key may have placed. */
export function release(hold: HoldRequest, reference: string | null, around: Around): Decision {
  const { visit } = hold
  const key = releaseKey(visit)
  return {
    events: [{ type: 'ReleaseRequested', visit, key }],
    effects: [{ type: 'ReleaseHold', key, visit, reference, hold, askedAtMs: around.atMs }],
  }
}

export function captureAnswered(state: Visits, input: SessionInput & { type: 'CaptureAnswered' }): Decision {
  const { visit, key, answer } = input
  const money = state.settlements.get(visit)
  if (money?.at !== 'capturing' || money.key !== key) return nothing
  if (answer.ok) {
    const { amountMinor } = answer.value
    const { lines, totalMinor } = money.capture
    const number = state.receipts + 1
    return {
      events: [
        { type: 'HoldCaptured', visit, key, amountMinor },
        { type: 'ReceiptIssued', visit, number, lines: [...lines], totalMinor, chargedMinor: amountMinor },
      ],
      effects: [],
    }
  }
  // The bank's last word: the hold ran out, or somebody cancelled it there. The sale is lost, the shopper is not asked twice.
  if (answer.error.code === 'gone')
    return { events: [{ type: 'CaptureLost', visit, key, detail: answer.error.detail }], effects: [] }
  return nothing
}

export function releaseAnswered(state: Visits, input: SessionInput & { type: 'ReleaseAnswered' }): Decision {
  const { visit, key, answer } = input
  const money = state.settlements.get(visit)
  if (money?.at !== 'releasing' || money.key !== key) return nothing
  if (answer.ok) return { events: [{ type: 'HoldReleased', visit, key, found: answer.value }], effects: [] }
  if (answer.error.code === 'captured')
    return { events: [{ type: 'HoldReleased', visit, key, found: 'captured' }], effects: [] }
  return nothing
}

function heldMoney(state: Visits, visit: VisitId): HeldMoney {
  const money = state.settlements.get(visit)
  invariant(money?.at === 'held', `a visit at the door has a hold, but ${visit} is ${money?.at ?? 'unknown'}`)
  return money
}
