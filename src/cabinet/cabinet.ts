/**
 * Cabinet: the laws of the cold, the door and the controller's presence.
 *
 * Pure: decide() gives events, evolve() the state they leave. Readings come ten times a minute and make an event only when
 * they change what may be sold. Holds always (SPEC C1-C7). Called by runtime/step only.
 */
import type { Event, StopReason } from '../core/events.ts'
import { unreachable } from '../core/result.ts'
import { hourMs, minuteMs } from '../core/time.ts'

export type CabinetInput =
  | { readonly type: 'TemperatureRead'; readonly celsius: number | null }
  | { readonly type: 'ControllerLost' }
  | { readonly type: 'ControllerFound'; readonly bootId: number; readonly doorOpen: boolean }
  | { readonly type: 'DoorForced' }
  | { readonly type: 'TimePassed' }
  /** `offMs`: from the ledger's last event to this start; the caller writes it with FridgeStarted, before these events. */
  | { readonly type: 'Restarted'; readonly offMs: number }
  | { readonly type: 'SafetyCleared'; readonly by: string; readonly reason: string }

export interface Cabinet {
  readonly controllerUp: boolean
  readonly stopped: StopReason | null
  readonly warmSinceMs: number | null
  readonly sensorLostAtMs: number | null
  /** How long we were away before this start, until a first reading has judged what that did [C3]. */
  readonly awayMs: number
  /** Started, and no reading yet. */
  readonly startedBlind: boolean
  /** Which start of the controller spoke last: another one has been without power, for as long as nobody knows. */
  readonly bootId: number | null
}

export const newCabinet: Cabinet = {
  controllerUp: false,
  stopped: null,
  warmSinceMs: null,
  sensorLostAtMs: null,
  awayMs: 0,
  startedBlind: false,
  bootId: null,
}

export interface CabinetLimits {
  readonly warmCelsius: number
}
export const defaultLimits: CabinetLimits = { warmCelsius: 5 }

export const warmLimitMs = 30 * minuteMs
export const longOffMs = 4 * hourMs

export function decide(state: Cabinet, input: CabinetInput, atMs: number, limits: CabinetLimits): readonly Event[] {
  switch (input.type) {
    case 'TemperatureRead':
      return input.celsius === null ? sensorSilent(state, atMs) : read(state, input.celsius, atMs, limits)
    case 'ControllerLost':
      return state.controllerUp ? [{ type: 'ControllerLost' }, ...sensorSilent(state, atMs)] : []
    case 'ControllerFound':
      return [{ type: 'ControllerFound', bootId: input.bootId, doorOpen: input.doorOpen }]
    case 'DoorForced':
      return [{ type: 'DoorForced' }]
    case 'TimePassed':
      return overdue(state, atMs)
    case 'Restarted':
      return [
        ...(state.controllerUp ? ([{ type: 'ControllerLost' }] as const) : []),
        ...(input.offMs >= longOffMs ? stop(state, 'powerCut') : []),
        ...sensorSilent(state, atMs), // nobody has read it since the start; if nobody ever does, that is a dead sensor
      ]
    case 'SafetyCleared':
      return state.stopped === null ? [] : [{ type: 'SalesCleared', by: input.by, reason: input.reason }]
    default:
      return unreachable(input)
  }
}

export function evolve(state: Cabinet, event: Event, atMs: number): Cabinet {
  switch (event.type) {
    case 'FridgeStarted':
      // A second start before anybody read the sensor does not make the first one's absence undone.
      return {
        ...state,
        awayMs: state.sensorLostAtMs === null ? event.offMs : Math.max(state.awayMs, event.offMs),
        startedBlind: true,
      }
    case 'ControllerFound': {
      // Both had gone, so the power had; the clock that says for how long may have stood still, or be wrong.
      const bothAnew = state.startedBlind && state.bootId !== null && state.bootId !== event.bootId
      const awayMs = bothAnew ? Math.max(state.awayMs, warmLimitMs) : state.awayMs
      return { ...state, controllerUp: true, bootId: event.bootId, awayMs }
    }
    case 'ControllerLost':
      return { ...state, controllerUp: false }
    case 'WarmingBegan':
      return { ...state, warmSinceMs: event.sinceMs }
    case 'WarmingEnded':
      return { ...state, warmSinceMs: null }
    case 'SensorLost':
      return { ...state, sensorLostAtMs: atMs }
    case 'SensorFound':
      return { ...state, sensorLostAtMs: null, awayMs: 0, startedBlind: false }
    case 'SalesStopped':
      return { ...state, stopped: event.reason }
    case 'SalesCleared':
      return {
        ...state,
        stopped: null,
        warmSinceMs: state.warmSinceMs === null ? null : atMs,
        sensorLostAtMs: state.sensorLostAtMs === null ? null : atMs,
      }
    default:
      return state
  }
}

/** When time alone would stop sales, or null. */
export function nextDeadline(state: Cabinet): number | null {
  if (state.stopped !== null) return null
  const since = Math.min(state.warmSinceMs ?? Infinity, state.sensorLostAtMs ?? Infinity)
  return since === Infinity ? null : since + warmLimitMs
}

/** One reading of the air. */
function read(state: Cabinet, celsius: number, atMs: number, limits: CabinetLimits): readonly Event[] {
  const events: Event[] = state.sensorLostAtMs === null ? [] : [{ type: 'SensorFound' }]
  const warm = celsius > limits.warmCelsius
  if (warm && state.awayMs >= warmLimitMs) events.push(...stop(state, 'powerCut'))
  if (warm && state.warmSinceMs === null) {
    // Blind while it warmed? Then it was warm since the sensor was last heard [C1, C2 together].
    const sinceMs = state.sensorLostAtMs ?? atMs
    events.push({ type: 'WarmingBegan', celsius, sinceMs })
    if (atMs - sinceMs >= warmLimitMs) events.push(...stop(state, 'temperature'))
  } else if (!warm && state.warmSinceMs !== null) {
    if (atMs - state.warmSinceMs >= warmLimitMs) events.push(...stop(state, 'temperature')) // it was, for too long, unseen
    events.push({ type: 'WarmingEnded', celsius })
  } else if (warm) events.push(...overdue(state, atMs))
  return events
}

const sensorSilent = (state: Cabinet, atMs: number): readonly Event[] =>
  state.sensorLostAtMs === null ? [{ type: 'SensorLost' }] : overdue(state, atMs)

function overdue(state: Cabinet, atMs: number): readonly Event[] {
  if (state.warmSinceMs !== null && atMs - state.warmSinceMs >= warmLimitMs) return stop(state, 'temperature')
  if (state.sensorLostAtMs !== null && atMs - state.sensorLostAtMs >= warmLimitMs) return stop(state, 'sensor')
  return []
}

const stop = (state: Cabinet, reason: StopReason): readonly Event[] =>
  state.stopped === null ? [{ type: 'SalesStopped', reason }] : []
