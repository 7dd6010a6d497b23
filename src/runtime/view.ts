/** View: what the kiosk shows, as a projection of the committed state and the live world. Pure. */
import { bySku } from '../catalog/stock.ts'
import type { KioskView, Screen } from '../contract/kiosk.ts'
import type { Line } from '../core/basket.ts'
import { totalOf } from '../core/basket.ts'
import type { Currency, Minor } from '../core/money.ts'
import { secondMs } from '../core/time.ts'
import { unreachable } from '../core/result.ts'
import { isFree, type Ended, type Session, type Visits } from '../session/state.ts'
import { closedReason, type Fridge, type Live } from './fridge.ts'

export interface Sign {
  readonly id: string
  readonly name: string
  readonly contact: string
}

export interface Seen {
  readonly fridge: Fridge
  readonly live: Live
  readonly sign: Sign
  readonly currency: Currency
  readonly holdMinor: Minor
  readonly online: boolean
  readonly temperatureCelsius: number | null
  /** The basket as the shelves show it just now. */
  readonly glance: readonly Line[]
  readonly moving: boolean
  /** A visit whose last screen the shopper has put away. */
  readonly dismissed: string | null
  /** A card was presented, and its visit starts once the shelves rest [session S20]. */
  readonly cardWaits: boolean
  readonly atMs: number
}

/** How long the last screen of a visit stays, by how much there is to read. */
const endingMs = {
  paid: 25 * secondMs,
  unsure: 25 * secondMs,
  nothingTaken: 8 * secondMs,
  notOpened: 8 * secondMs,
  declined: 10 * secondMs,
  bankSilent: 12 * secondMs,
  unlockFailed: 12 * secondMs,
  interrupted: 12 * secondMs,
} as const

/** When the screen changes by time alone, or null. */
export function screenDeadline(fridge: Fridge): number | null {
  const { session } = fridge.visits
  return session.at === 'ended' ? session.endedAtMs + endingMs[session.ending.type] : null
}

/** The last screen of this visit has been read, or put away: the fridge is free for all to see. */
export const isPast = (session: Session, dismissed: string | null, atMs: number): boolean =>
  session.at === 'ended' && (dismissed === session.visit || atMs >= session.endedAtMs + endingMs[session.ending.type])

export function viewOf(seen: Seen): KioskView {
  const { fridge, live, sign, currency, holdMinor, online, temperatureCelsius } = seen
  return {
    type: 'view',
    fridge: { id: sign.id, name: sign.name, contact: sign.contact },
    currency,
    holdMinor,
    online,
    temperatureCelsius,
    screen: screenOf(fridge.visits, seen),
    stock: Object.fromEntries(bySku(fridge.stock)),
  }

  function screenOf(visits: Visits, { atMs, glance, moving, cardWaits }: Seen): Screen {
    const session: Session = visits.session
    if (cardWaits && isFree(session)) return { at: 'moment', amountMinor: holdMinor }
    switch (session.at) {
      case 'idle':
        return free()
      case 'holding':
        return { at: 'holding', amountMinor: session.hold.amountMinor }
      case 'unlocking':
        return { at: 'unlocking', holdMinor: session.holdMinor }
      case 'unlocked':
        return { at: 'unlocked', holdMinor: session.holdMinor, leftMs: Math.max(0, session.relockMs - atMs) }
      case 'shopping': {
        const { leftOpen } = session
        return {
          at: 'shopping',
          holdMinor: session.holdMinor,
          lines: [...glance],
          totalMinor: totalOf(glance),
          leftOpen,
          moving,
        }
      }
      case 'blind':
        return { at: 'blind', holdMinor: session.holdMinor }
      case 'settling':
        return { at: 'settling', holdMinor: session.holdMinor, lines: [...glance] }
      case 'ended': {
        return isPast(session, seen.dismissed, atMs) ? free() : endingScreen(session, visits)
      }
      default:
        return unreachable(session)
    }
  }

  function free(): Screen {
    const reason = closedReason(fridge, live)
    return reason === null ? { at: 'attract' } : { at: 'closed', reason }
  }
}

function endingScreen(session: Ended, visits: Visits): Screen {
  const { ending, holdMinor, visit, endedAtMs: issuedAtMs } = session
  switch (ending.type) {
    case 'paid': {
      const payment = visits.settlements.has(visit) ? 'paying' : 'paid'
      const number = session.receipt === null ? null : String(session.receipt).padStart(6, '0')
      const { lines, totalMinor, chargedMinor } = ending
      return { at: 'receipt', visit, lines, totalMinor, chargedMinor, holdMinor, payment, number, issuedAtMs }
    }
    case 'unsure':
      return { at: 'unsure', holdMinor, sureLines: ending.sureLines, sureMinor: ending.sureMinor }
    case 'declined':
      return { at: 'declined', reason: ending.reason }
    case 'nothingTaken':
    case 'notOpened':
    case 'bankSilent':
    case 'unlockFailed':
    case 'interrupted':
      return { at: ending.type, holdMinor }
    default:
      return unreachable(ending)
  }
}
