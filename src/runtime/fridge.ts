/**
 * Fridge: the whole state, as the fold of the ledger, and the one step that moves it.
 *
 * Pure. Each input goes to the rooms that have a say in it, the cabinet first: whether the fridge may sell is decided
 * before somebody buys. Called by runtime/inbox (step, evolve) and runtime/recover (evolve).
 */
import {
  decide as cabinetStep,
  evolve as cabinetEvolve,
  newCabinet,
  nextDeadline as cabinetDeadline,
} from '../cabinet/cabinet.ts'
import type { Cabinet, CabinetInput, CabinetLimits } from '../cabinet/cabinet.ts'
import { evolve as stockEvolve, noStock, type Stock } from '../catalog/stock.ts'
import type { Event, EventOf } from '../core/events.ts'
import type { FridgeId } from '../core/ids.ts'
import type { Command } from '../../sync/protocol/mqtt.ts'
import { join, nothing, type Decision } from '../session/decision.ts'
import { evolve as visitsEvolve } from '../session/evolve.ts'
import type { SessionInput } from '../session/input.ts'
import {
  decide as remoteStep,
  evolve as remoteEvolve,
  follow,
  newRemote,
  nextDeadline as remoteDeadline,
} from './remote.ts'
import type { Remote } from './remote.ts'
import { isFree, nextDeadline as visitsDeadline, noVisits, type Grams, type Visits } from '../session/state.ts'
import { decide as visitsStep } from '../session/step.ts'

export interface Fridge {
  readonly visits: Visits
  readonly cabinet: Cabinet
  readonly stock: Stock
  readonly remote: Remote
}
export const newFridge: Fridge = { visits: noVisits, cabinet: newCabinet, stock: noStock, remote: newRemote }

export type FridgeInput =
  | Exclude<SessionInput, { type: 'Restarted' | 'DoorSeen' | 'HoldBrought' }>
  | Exclude<CabinetInput, { type: 'Restarted' | 'ControllerFound' }>
  | { readonly type: 'Restarted'; readonly fridge: FridgeId; readonly version: string; readonly offMs: number }
  /** The link to the controller is up: new, or after a silence. */
  | {
      readonly type: 'ControllerFound'
      readonly bootId: number
      readonly uptimeMs: number
      readonly doorOpen: boolean
      readonly lockOpen: boolean
    }
  /** It still speaks; asked for only while a visit is blind. */
  | { readonly type: 'DoorSeen'; readonly doorOpen: boolean; readonly lockOpen: boolean }
  /** What the fridge is to sell, with what stands on its shelves at the start. */
  | { readonly type: 'CatalogueOffered'; readonly events: readonly Event[]; readonly hash: string }
  /** The relay's word, its seal found good; what is known already, or late, changes nothing. */
  | { readonly type: 'CommandReceived'; readonly command: Command }
  /** The relay took the fridge's key: an operator typed its code. */
  | { readonly type: 'RelayPaired'; readonly relay: string; readonly by: string; readonly reason: string }
  /** Old rows are about to go from the disk (runtime/prune). */
  | EventOf<'LedgerPruned'>
  /** An effect with no answer of its own was performed. */
  | { readonly type: 'Performed' }

/** What is true now and never written: it comes from the world anew after each start. */
export interface Live {
  readonly doorOpen: boolean
  /** The disk takes no more visits (law L5). */
  readonly storageFull: boolean
  readonly weights: Grams | null
}

export type ClosedReason = 'temperature' | 'sensor' | 'controller' | 'storage' | 'doorOpen' | 'starting'

/** Why nothing is sold just now, or null. The gravest first: food before convenience. */
export function closedReason(fridge: Fridge, live: Live): ClosedReason | null {
  const { stopped, controllerUp } = fridge.cabinet
  if (stopped !== null) return stopped === 'sensor' ? 'sensor' : 'temperature'
  if (live.storageFull) return 'storage'
  if (fridge.stock.catalogue === null) return 'starting'
  if (!controllerUp) return 'controller'
  if (fridge.cabinet.away !== null) return 'starting' // nobody knows how cold it is [cabinet C3]
  if (live.doorOpen || fridge.remote.service !== null) return 'doorOpen'
  if (live.weights === null) return 'starting'
  return null
}

/** Whether a card may start a visit: `soon`, when only the shelves' rest is waited for, is a matter of a moment. */
export function opening(fridge: Fridge, live: Live): 'now' | 'soon' | 'no' {
  if (!isFree(fridge.visits.session)) return 'no'
  if (closedReason(fridge, live) === null) return 'now'
  return closedReason(fridge, { ...live, weights: live.weights ?? [] }) === null ? 'soon' : 'no'
}

export function step(fridge: Fridge, input: FridgeInput, atMs: number, live: Live, limits: CabinetLimits): Decision {
  const reason = closedReason(fridge, live)
  const { denied } = fridge.remote
  const around = { atMs, closed: reason !== null, weights: live.weights, denied }
  const visits = (as: SessionInput): Decision => visitsStep(fridge.visits, as, around)
  const cabinet = (as: CabinetInput): Decision => ({
    events: cabinetStep(fridge.cabinet, as, atMs, limits),
    effects: [],
  })
  switch (input.type) {
    case 'Restarted': {
      const started: Event = { type: 'FridgeStarted', fridge: input.fridge, version: input.version, offMs: input.offMs }
      return join(
        { events: [started], effects: [] },
        cabinet(input),
        visits({ type: 'Restarted' }),
        follow(fridge.remote, { type: 'Restarted' }, atMs),
      )
    }
    case 'ControllerFound':
      return join(
        cabinet(input),
        visits({ type: 'DoorSeen', doorOpen: input.doorOpen, lockOpen: input.lockOpen }),
        follow(fridge.remote, input, atMs),
      )
    case 'ControllerLost':
    case 'DoorForced':
      return join(cabinet(input), visits(input))
    case 'TimePassed':
      return join(cabinet(input), visits(input), follow(fridge.remote, input, atMs))
    case 'UnlockAnswered':
    case 'DoorRelocked':
      return join(visits(input), follow(fridge.remote, input, atMs))
    case 'TemperatureRead':
    case 'SafetyCleared':
      return cabinet(input)
    case 'CatalogueOffered':
      // Prices hold for a whole visit: a new catalogue waits for an empty doorway.
      return isFree(fridge.visits.session) && fridge.stock.catalogue?.hash !== input.hash
        ? { events: input.events, effects: [] }
        : nothing
    case 'CommandReceived': {
      const { controllerUp } = fridge.cabinet
      const { doorOpen } = live
      const shelves = live.weights?.length ?? null
      const whole = {
        atMs,
        visits: fridge.visits,
        stock: fridge.stock,
        closed: reason,
        doorOpen,
        controllerUp,
        shelves,
      }
      return remoteStep(fridge.remote, input.command, { ...whole, asVisit: visits })
    }
    case 'RelayPaired':
    case 'LedgerPruned':
      return { events: [input], effects: [] }
    case 'Performed':
      return nothing
    default:
      return visits(input)
  }
}

export function evolve(fridge: Fridge, event: Event, atMs: number): Fridge {
  return {
    visits: visitsEvolve(fridge.visits, event, atMs),
    cabinet: cabinetEvolve(fridge.cabinet, event, atMs),
    stock: stockEvolve(fridge.stock, event),
    remote: remoteEvolve(fridge.remote, event, atMs),
  }
}

/** When time alone changes something next, or null. */
export function nextDeadline(fridge: Fridge): number | null {
  const earliest = Math.min(
    visitsDeadline(fridge.visits) ?? Infinity,
    cabinetDeadline(fridge.cabinet) ?? Infinity,
    remoteDeadline(fridge.remote) ?? Infinity,
  )
  return earliest === Infinity ? null : earliest
}
