/**
 * Evolve: the state of the visits after one more event. The only way that state changes, in a running fridge and in a
 * replay alike. Events of other rooms pass through.
 */
import type { Event, EventOf } from '../core/events.ts'
import type { VisitId } from '../core/ids.ts'
import { invariant } from '../core/result.ts'
import {
  openTimeoutMs, patienceMs, type HeldMoney, type Session, type Settlement, type Visits,
} from './state.ts' // prettier-ignore

export function evolve(state: Visits, event: Event, atMs: number): Visits {
  switch (event.type) {
    case 'VisitStarted': {
      const { visit, holdKey: key, paymentMethod, amountMinor, currency } = event
      const hold = { key, visit, paymentMethod, amountMinor, currency, askedAtMs: atMs }
      return {
        ...withMoney(state, visit, { at: 'asked', hold }),
        session: { at: 'holding', visit, hold, untilMs: atMs + patienceMs.holding },
      }
    }
    case 'HoldPlaced': {
      const money = state.settlements.get(event.visit)
      invariant(money?.at === 'asked', `HoldPlaced answers a hold asked for (${event.visit})`)
      const { reference, captureByMs } = event
      const hold = { ...money.hold, amountMinor: event.amountMinor }
      return withMoney(state, event.visit, { at: 'held', hold, reference, captureByMs })
    }
    case 'HoldDeclined':
      return settled(state, event.visit)
    case 'UnlockRequested': {
      const money = open(state, event.visit)
      invariant(money.at === 'held', `UnlockRequested needs a hold (${event.visit})`)
      const { visit, baseline } = event
      return at(state, {
        at: 'unlocking',
        visit,
        baseline,
        opened: false,
        holdMinor: money.hold.amountMinor,
        untilMs: atMs + patienceMs.unlocking,
      })
    }
    case 'DoorUnlocked':
      return at(state, {
        at: 'unlocked',
        ...held(state, event.visit),
        relockMs: atMs + openTimeoutMs,
        untilMs: atMs + patienceMs.unlocked,
      })
    case 'DoorOpened':
      return event.visit === null ? state : doorOpened(state, event.visit, atMs)
    case 'DoorClosed':
      return event.visit === null ? state : settling(state, event.visit, atMs)
    case 'DoorLeftOpen':
      return event.visit === null || state.session.at !== 'shopping'
        ? state
        : at(state, { ...state.session, leftOpen: event.seconds === 60 ? 1 : 2 })
    case 'VisitInterrupted':
      return at(state, { at: 'blind', ...held(state, event.visit), untilMs: atMs + patienceMs.blind })
    case 'VisitResumed':
      return event.doorOpen
        ? at(state, { at: 'shopping', ...held(state, event.visit), leftOpen: 0, untilMs: atMs + patienceMs.shopping })
        : settling(state, event.visit, atMs)
    case 'VisitEnded': {
      const { visit, ending } = event
      const { session } = state
      invariant(session.at !== 'idle' && session.visit === visit, `VisitEnded ends the visit at the door (${visit})`)
      const holdMinor = session.at === 'holding' ? session.hold.amountMinor : session.holdMinor
      return at(state, { at: 'ended', visit, holdMinor, ending, endedAtMs: atMs, receipt: null })
    }
    case 'ReviewOpened': {
      const { sureLines, likelyMoves, decideByMs } = event
      return withMoney(state, event.visit, {
        ...kept(state, event.visit),
        at: 'review',
        review: { sureLines, likelyMoves, decideByMs },
      })
    }
    case 'CaptureRequested': {
      const { key, lines, totalMinor, amountMinor } = event
      return withMoney(state, event.visit, {
        ...kept(state, event.visit),
        at: 'capturing',
        key,
        capture: { lines, totalMinor, amountMinor },
      })
    }
    case 'ReleaseRequested':
      open(state, event.visit)
      return withMoney(state, event.visit, { at: 'releasing', key: event.key })
    case 'HoldCaptured':
    case 'CaptureLost':
    case 'HoldReleased':
      return settled(state, event.visit)
    case 'ReceiptIssued':
      return receiptIssued(state, event)
    default:
      return state
  }
}

function receiptIssued(state: Visits, event: EventOf<'ReceiptIssued'>): Visits {
  invariant(
    event.number === state.receipts + 1,
    `receipts are numbered without gaps: ${event.number} after ${state.receipts}`,
  )
  const { session } = state
  const shown =
    session.at === 'ended' && session.visit === event.visit ? { ...session, receipt: event.number } : session
  return { ...state, session: shown, receipts: event.number }
}

const at = (state: Visits, session: Session): Visits => ({ ...state, session })

function held(state: Visits, visit: VisitId) {
  const { session } = state
  invariant('baseline' in session && session.visit === visit, `the visit at the door is ${visit}`)
  return { visit, holdMinor: session.holdMinor, baseline: session.baseline, opened: session.opened }
}

function doorOpened(state: Visits, visit: VisitId, atMs: number): Visits {
  // Told late, of a door that has been seen closed since: it is known to have been opened, and stays closed.
  if (state.session.at === 'settling') return at(state, { ...state.session, opened: true })
  const shopping = { ...held(state, visit), opened: true, leftOpen: 0, untilMs: atMs + patienceMs.shopping } as const
  return at(state, { at: 'shopping', ...shopping })
}

const settling = (state: Visits, visit: VisitId, atMs: number): Visits =>
  at(state, { at: 'settling', ...held(state, visit), closedAtMs: atMs, untilMs: atMs + patienceMs.settling })

function withMoney(state: Visits, visit: VisitId, money: Settlement): Visits {
  return { ...state, settlements: new Map(state.settlements).set(visit, money) }
}

function settled(state: Visits, visit: VisitId): Visits {
  open(state, visit)
  const settlements = new Map(state.settlements)
  settlements.delete(visit)
  return { ...state, settlements }
}

function open(state: Visits, visit: VisitId): Settlement {
  const money = state.settlements.get(visit)
  invariant(money !== undefined, `the money of visit ${visit} is not settled yet`)
  return money
}

/** The hold itself, out of a settlement that still has one to capture. */
function kept(state: Visits, visit: VisitId): HeldMoney {
  const money = open(state, visit)
  invariant(money.at === 'held' || money.at === 'review', `visit ${visit} still has its hold, not ${money.at}`)
  return { hold: money.hold, reference: money.reference, captureByMs: money.captureByMs }
}
