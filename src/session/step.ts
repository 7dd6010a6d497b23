/**
 * Step: what one visit may do next.
 *
 * Pure: (state, input, around) -> events + effects; the next state is evolve() of the events. No clock, no I/O.
 * Holds always (SPEC S1-S17): one visit at the door, one hold and at most one capture a visit, a way out by time.
 * Called by runtime/step only. How the money is settled once the basket is known stands in settle.ts.
 */
import type { Event } from '../core/events.ts'
import { unreachable } from '../core/result.ts'
import { join, nothing, type Decision } from './decision.ts'
import type { Around, SessionInput } from './input.ts'
import { holdKey, relockKey, resolveKey, unlockKey } from './keys.ts'
import {
  captureAnswered, openReview, release, releaseAnswered, reviewDecided, reviewsLapsed, weighed,
} from './settle.ts' // prettier-ignore
import { isFree, patienceMs, type Grams, type Holding, type Unlocked, type Unlocking, type Visits } from './state.ts'

export function decide(state: Visits, input: SessionInput, around: Around): Decision {
  const { session } = state
  switch (input.type) {
    case 'CardPresented':
      return cardPresented(state, input, around)
    case 'HoldBrought':
      return holdBrought(state, input, around)
    case 'HoldAnswered':
      return session.at === 'holding' && session.hold.key === input.key ? holdAnswered(session, input, around) : nothing
    case 'UnlockAnswered':
      return session.at === 'unlocking' && unlockKey(session.visit) === input.key
        ? unlockAnswered(state, session, input, around)
        : nothing
    case 'DoorOpened':
      return doorOpened(state)
    case 'DoorClosed':
      return doorClosed(state, around)
    case 'DoorRelocked':
      return doorRelocked(state, input, around)
    case 'DoorLeftOpen':
      return doorLeftOpen(state, input)
    case 'DoorForced':
      return session.at === 'settling' || session.at === 'blind'
        ? openReview(state, session, 'forced', null, around)
        : nothing
    case 'ControllerLost':
      return controllerLost(state, around)
    case 'DoorSeen':
      return doorSeen(state, input, around)
    case 'BasketWeighed':
      return session.at === 'settling' && resolveKey(session.visit, session.closedAtMs) === input.key
        ? weighed(state, session, input.resolution, around)
        : nothing
    case 'CaptureAnswered':
      return captureAnswered(state, input)
    case 'ReleaseAnswered':
      return releaseAnswered(state, input)
    case 'ReviewDecided':
      return reviewDecided(state, input, around)
    case 'Cancelled':
      return cancelled(state, around)
    case 'TimePassed':
      return join(timePassed(state, around), reviewsLapsed(state, around))
    case 'Restarted':
      return restarted(state, around)
    default:
      return unreachable(input)
  }
}

/** Somebody taps. One visit at a time, and only while the fridge may sell [S1, S2]. */
function cardPresented(state: Visits, input: SessionInput & { type: 'CardPresented' }, around: Around): Decision {
  if (!isFree(state.session) || around.closed) return nothing
  const { visit, holdMinor: amountMinor, currency } = input
  const { paymentMethod, fingerprint } = input.card
  const key = holdKey(visit)
  const hold = { key, visit, paymentMethod, amountMinor, currency, askedAtMs: around.atMs }
  const started: Event = {
    type: 'VisitStarted',
    visit,
    holdKey: key,
    paymentMethod,
    fingerprint,
    amountMinor,
    currency,
  }
  // Turned away before the bank is asked: nothing is held, and the screen says that this card can't be used [S19].
  if (around.denied?.has(fingerprint) === true)
    return join(
      { events: [started, { type: 'HoldDeclined', visit, holdKey: key, reason: 'cardUnusable' }], effects: [] },
      ended(visit, { type: 'declined', reason: 'cardUnusable' }),
    )
  return { events: [started], effects: [{ type: 'PlaceHold', key, visit, hold }] }
}

/** The hold stands already: the visit starts at its unlock, or not at all, and then nothing is written of it [S18]. */
function holdBrought(state: Visits, input: SessionInput & { type: 'HoldBrought' }, around: Around): Decision {
  const { visit, reference, holdMinor: amountMinor, currency, captureWithinMs } = input
  const { paymentMethod, fingerprint } = input.card
  if (!isFree(state.session) || around.closed || around.weights === null || state.settlements.has(visit)) return nothing
  if (around.denied?.has(fingerprint) === true) return nothing
  const key = holdKey(visit)
  const captureByMs = around.atMs + captureWithinMs
  return {
    events: [
      { type: 'VisitStarted', visit, holdKey: key, paymentMethod, fingerprint, amountMinor, currency },
      { type: 'HoldPlaced', visit, holdKey: key, reference, amountMinor, captureByMs },
      { type: 'UnlockRequested', visit, baseline: [...around.weights] },
    ],
    effects: [
      { type: 'UnlockDoor', key: unlockKey(visit), visit, expiresAtMs: around.atMs + patienceMs.unlocking / 2 },
    ],
  }
}

/** The bank answered. Only here, and only now, is a door unlocked [S4]. */
function holdAnswered(session: Holding, input: SessionInput & { type: 'HoldAnswered' }, around: Around): Decision {
  const { visit, hold } = session
  const { answer, key } = input
  if (!answer.ok) {
    if (answer.error.code === 'unreachable')
      return join(ended(visit, { type: 'bankSilent' }), release(hold, null, around)) // it may have been placed all the same [S14]
    const { reason } = answer.error
    return join(
      { events: [{ type: 'HoldDeclined', visit, holdKey: key, reason }], effects: [] },
      ended(visit, { type: 'declined', reason }),
    )
  }
  const { reference, amountMinor, captureWithinMs } = answer.value
  const placed: Event = {
    type: 'HoldPlaced', visit, holdKey: key, reference, amountMinor, captureByMs: around.atMs + captureWithinMs,
  } // prettier-ignore
  if (around.closed || around.weights === null)
    return join(
      { events: [placed, { type: 'UnlockFailed', visit, reason: 'closed' }], effects: [] },
      ended(visit, { type: 'unlockFailed', reason: 'closed' }),
      release(hold, reference, around),
    )
  return {
    events: [placed, { type: 'UnlockRequested', visit, baseline: [...around.weights] }],
    effects: [
      { type: 'UnlockDoor', key: unlockKey(visit), visit, expiresAtMs: around.atMs + patienceMs.unlocking / 2 },
    ],
  }
}

function unlockAnswered(
  state: Visits,
  session: Unlocking,
  input: SessionInput & { type: 'UnlockAnswered' },
  around: Around,
): Decision {
  const { visit } = session
  if (input.answer === 'unlocked') return { events: [{ type: 'DoorUnlocked', visit }], effects: [] }
  // Silence is not a refusal: the lock may have opened and its answer been lost. Look before judging [S6].
  if (input.answer === 'timeout') return join(interrupted(state, 'unlockUnanswered'), relock(visit, around))
  return join(
    { events: [{ type: 'UnlockFailed', visit, reason: input.answer }], effects: [] },
    ended(visit, { type: 'unlockFailed', reason: input.answer }),
    releaseHeld(state, around),
  )
}

function doorOpened(state: Visits): Decision {
  const { session } = state
  if (session.at === 'unlocking' || session.at === 'unlocked' || session.at === 'blind')
    return { events: [{ type: 'DoorOpened', visit: session.visit }], effects: [] }
  // Told late, about a door that we have seen open or closed since: now we know by whose right it was [S8].
  if (session.at === 'shopping' || session.at === 'settling')
    return session.opened ? nothing : { events: [{ type: 'DoorOpened', visit: session.visit }], effects: [] }
  return { events: [{ type: 'DoorOpened', visit: null }], effects: [] }
}

function doorClosed(state: Visits, around: Around): Decision {
  const { session } = state
  if (session.at === 'shopping' || session.at === 'blind')
    return weigh(session.visit, session.baseline, around, { type: 'DoorClosed', visit: session.visit })
  if (session.at === 'settling') return nothing
  return { events: [{ type: 'DoorClosed', visit: null }], effects: [] }
}

/** The controller locked again by itself. */
function doorRelocked(state: Visits, input: SessionInput & { type: 'DoorRelocked' }, around: Around): Decision {
  const { session } = state
  if ((session.at !== 'unlocked' && session.at !== 'unlocking') || session.visit !== input.visit) return nothing
  const relocked: Event = { type: 'DoorRelocked', visit: session.visit, reason: input.reason }
  const neverOpened = input.reason === 'notOpened' || input.reason === 'commanded' || input.reason === 'linkSilent'
  if (neverOpened)
    return join(
      { events: [relocked], effects: [] },
      ended(session.visit, { type: 'notOpened' }),
      releaseHeld(state, around),
    )
  // A reset forgets whether somebody had opened it meanwhile; the shelves do not.
  return join({ events: [relocked], effects: [] }, seenClosed(session, around))
}

function doorLeftOpen(state: Visits, input: SessionInput & { type: 'DoorLeftOpen' }): Decision {
  const visit = state.session.at === 'shopping' ? state.session.visit : null
  return { events: [{ type: 'DoorLeftOpen', visit, seconds: input.seconds }], effects: [] }
}

function controllerLost(state: Visits, around: Around): Decision {
  const { session } = state
  switch (session.at) {
    // An unlock that is still being asked for would reach the controller when it speaks again, after the visit's end.
    case 'unlocking':
    case 'unlocked':
      return join(interrupted(state, 'controller'), relock(session.visit, around))
    case 'shopping':
    case 'settling':
      return interrupted(state, 'controller')
    case 'idle':
    case 'holding':
    case 'blind':
    case 'ended':
      return nothing
    default:
      return unreachable(session)
  }
}

/** The controller speaks again, with the truth about the door. */
function doorSeen(state: Visits, seen: SessionInput & { type: 'DoorSeen' }, around: Around): Decision {
  const { session } = state
  switch (session.at) {
    case 'blind':
      if (seen.doorOpen)
        return { events: [{ type: 'VisitResumed', visit: session.visit, doorOpen: true }], effects: [] }
      // Closed but still unlocked: nobody waits for this door any more, so lock it, and look again.
      return seen.lockOpen ? relock(session.visit, around) : seenClosed(session, around)
    case 'unlocking':
    case 'unlocked':
      if (seen.doorOpen) return doorOpened(state)
      return session.at === 'unlocking' || seen.lockOpen ? nothing : seenClosed(session, around)
    case 'shopping':
      return seen.doorOpen ? nothing : doorClosed(state, around)
    case 'idle':
    case 'holding':
    case 'settling':
    case 'ended':
      return nothing
    default:
      return unreachable(session)
  }
}

/** "Cancel" on the screen: before the door was opened it costs nothing. */
function cancelled(state: Visits, around: Around): Decision {
  const { session } = state
  if (session.at === 'holding')
    return join(ended(session.visit, { type: 'notOpened' }), release(session.hold, null, around))
  if (session.at === 'unlocked') return relock(session.visit, around) // its DoorRelocked ends the visit, unless the door opens first
  return nothing
}

/** What was waited for did not come [S5]. */
function timePassed(state: Visits, around: Around): Decision {
  const { session } = state
  if (!('untilMs' in session) || around.atMs < session.untilMs) return nothing
  switch (session.at) {
    case 'holding':
      return join(ended(session.visit, { type: 'bankSilent' }), release(session.hold, null, around))
    case 'unlocking':
    case 'unlocked':
      return join(interrupted(state, 'unlockUnanswered'), relock(session.visit, around))
    case 'shopping':
      return openReview(state, session, 'doorLeftOpen', null, around)
    case 'blind':
      return openReview(state, session, 'controller', null, around)
    case 'settling':
      return openReview(state, session, 'scales', null, around)
    default:
      return unreachable(session)
  }
}

/** The process died. Nothing that waited for this moment may be done late [S17]. */
function restarted(state: Visits, around: Around): Decision {
  const { session } = state
  switch (session.at) {
    case 'holding':
      return join(ended(session.visit, { type: 'interrupted' }), release(session.hold, null, around))
    case 'unlocking':
    case 'unlocked':
    case 'shopping':
    case 'settling':
      return interrupted(state, 'restart')
    case 'idle':
    case 'blind':
    case 'ended':
      return nothing
    default:
      return unreachable(session)
  }
}

// ---- the few things that several answers share --------------------------------------------------------------------

const ended = (visit: Holding['visit'], ending: (Event & { type: 'VisitEnded' })['ending']): Decision => ({
  events: [{ type: 'VisitEnded', visit, ending }],
  effects: [],
})

const relock = (visit: Holding['visit'], around: Around): Decision => ({
  events: [],
  effects: [{ type: 'RelockDoor', key: relockKey(visit, around.atMs), visit }],
})

function interrupted(state: Visits, cause: 'restart' | 'controller' | 'unlockUnanswered'): Decision {
  const { session } = state
  return session.at === 'idle'
    ? nothing
    : { events: [{ type: 'VisitInterrupted', visit: session.visit, cause }], effects: [] }
}

function releaseHeld(state: Visits, around: Around): Decision {
  const { session } = state
  const money = session.at === 'idle' ? undefined : state.settlements.get(session.visit)
  return money?.at === 'held' ? release(money.hold, money.reference, around) : nothing
}

/** The door is known closed without our having heard it close. */
const seenClosed = (session: Pick<Unlocked, 'visit' | 'baseline'>, around: Around): Decision =>
  weigh(session.visit, session.baseline, around, { type: 'VisitResumed', visit: session.visit, doorOpen: false })

const weigh = (visit: Holding['visit'], baseline: Grams, around: Around, because: Event): Decision => ({
  events: [because],
  effects: [{ type: 'ResolveBasket', key: resolveKey(visit, around.atMs), visit, baseline: [...baseline] }],
})
