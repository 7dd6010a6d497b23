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
  /** `unreadSinceMs`: when it was last read, where nothing is read now. */
  | { readonly type: 'TemperatureRead'; readonly celsius: number | null; readonly unreadSinceMs?: number }
  | { readonly type: 'ControllerLost'; readonly unreadSinceMs?: number }
  | {
      readonly type: 'ControllerFound'
      readonly bootId: number
      readonly uptimeMs?: number | undefined
      readonly doorOpen: boolean
    }
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
  /** Started, and no reading yet. Null after the first [C3]. */
  readonly away: Away | null
  /** Which start of the controller spoke last, and when: the same one again has had power all the while. */
  readonly boot: { readonly id: number; readonly uptimeMs: number | null; readonly atMs: number } | null
  /** Of the ledger's last event: so long we were certainly awake. */
  readonly lastAtMs: number
}

interface Away {
  /** The ledger's last time before. */
  readonly sinceMs: number
  /** How long at most. */
  readonly forMs: number
  readonly power: 'unknown' | 'lost' | 'kept'
}

export const newCabinet: Cabinet = {
  controllerUp: false,
  stopped: null,
  warmSinceMs: null,
  sensorLostAtMs: null,
  away: null,
  boot: null,
  lastAtMs: 0,
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
      return input.celsius === null
        ? sensorSilent(state, atMs, input.unreadSinceMs)
        : read(state, input.celsius, atMs, limits)
    case 'ControllerLost':
      return state.controllerUp ? [{ type: 'ControllerLost' }, ...sensorSilent(state, atMs, input.unreadSinceMs)] : []
    case 'ControllerFound':
      return [{ type: 'ControllerFound', bootId: input.bootId, uptimeMs: input.uptimeMs, doorOpen: input.doorOpen }]
    case 'DoorForced':
      return [{ type: 'DoorForced' }]
    case 'TimePassed':
      return overdue(state, atMs)
    case 'Restarted':
      return [
        ...(state.controllerUp ? ([{ type: 'ControllerLost' }] as const) : []),
        // Nobody has read it since we were last awake; if nobody ever does, that is a dead sensor. A longer absence is
        // judged by itself, at the first reading [C3].
        ...sensorSilent(state, atMs, input.offMs < warmLimitMs ? atMs - input.offMs : atMs),
      ]
    case 'SafetyCleared':
      return state.stopped === null ? [] : [{ type: 'SalesCleared', by: input.by, reason: input.reason }]
    default:
      return unreachable(input)
  }
}

export function evolve(state: Cabinet, event: Event, atMs: number): Cabinet {
  return { ...evolved(state, event, atMs), lastAtMs: atMs }
}

function evolved(state: Cabinet, event: Event, atMs: number): Cabinet {
  switch (event.type) {
    case 'FridgeStarted': {
      // No time at all: the clock stands behind the ledger's last word, and can't say for how long we were away.
      const forMs = event.offMs > 0 || state.boot === null ? event.offMs : warmLimitMs
      // A second start before anybody read the sensor does not make the first one's absence undone.
      const { sinceMs, power }: Pick<Away, 'sinceMs' | 'power'> = state.away ?? {
        sinceMs: state.lastAtMs,
        power: 'unknown',
      }
      return { ...state, away: { sinceMs, forMs: Math.max(state.away?.forMs ?? 0, forMs), power } }
    }
    case 'ControllerFound': {
      const boot = { id: event.bootId, uptimeMs: event.uptimeMs ?? null, atMs }
      return {
        ...state,
        controllerUp: true,
        boot,
        away: state.away === null ? null : judged(state.away, state.boot, boot),
      }
    }
    case 'ControllerLost':
      return { ...state, controllerUp: false }
    case 'WarmingBegan':
      return { ...state, warmSinceMs: event.sinceMs }
    case 'WarmingEnded':
      return { ...state, warmSinceMs: null }
    case 'SensorLost':
      return { ...state, sensorLostAtMs: event.sinceMs ?? atMs }
    case 'SensorFound':
      return { ...state, sensorLostAtMs: null, away: null }
    case 'SalesStopped':
      return { ...state, stopped: event.reason }
    case 'SalesCleared':
      return {
        ...state,
        stopped: null,
        away: null, // somebody has looked
        warmSinceMs: state.warmSinceMs === null ? null : atMs,
        sensorLostAtMs: state.sensorLostAtMs === null ? null : atMs,
      }
    default:
      return state
  }
}

/** What the controller's own clock says of our absence: the same start of it has counted on while we did not [C3]. */
function judged(away: Away, before: Cabinet['boot'], now: NonNullable<Cabinet['boot']>): Away {
  if (away.power === 'lost' || before === null) return away
  if (before.id !== now.id) return { ...away, power: 'lost' }
  if (before.uptimeMs === null || now.uptimeMs === null) return { ...away, power: 'kept' }
  const countedMs = (now.uptimeMs - before.uptimeMs) >>> 0 // a u32, which wraps
  return { ...away, power: 'kept', forMs: Math.max(0, countedMs - (away.sinceMs - before.atMs)) }
}

/** When time alone would stop sales, or null. */
export function nextDeadline(state: Cabinet): number | null {
  if (state.stopped !== null) return null
  const since = Math.min(state.warmSinceMs ?? Infinity, state.sensorLostAtMs ?? Infinity)
  return since === Infinity ? null : since + warmLimitMs
}

/** One reading of the air. */
function read(state: Cabinet, celsius: number, atMs: number, limits: CabinetLimits): readonly Event[] {
  const events: Event[] = state.sensorLostAtMs === null ? [] : [...overdue(state, atMs), { type: 'SensorFound' }]
  const warm = celsius > limits.warmCelsius
  if (state.away !== null) events.push(...firstRead(state, state.away, warm))
  if (warm && state.warmSinceMs === null) {
    // Blind while it warmed? Then it was warm since the sensor was last heard [C1, C2 together].
    const sinceMs = Math.min(state.sensorLostAtMs ?? atMs, atMs - (state.away?.forMs ?? 0))
    events.push({ type: 'WarmingBegan', celsius, sinceMs })
    if (atMs - sinceMs >= warmLimitMs) events.push(...stop(state, 'temperature'))
  } else if (!warm && state.warmSinceMs !== null) {
    if (atMs - state.warmSinceMs >= warmLimitMs) events.push(...stop(state, 'temperature')) // it was, for too long, unseen
    events.push({ type: 'WarmingEnded', celsius })
  } else if (warm) events.push(...overdue(state, atMs))
  return oneStop(events)
}

/** The first reading after a start. A clock may have stood still while the power was gone: warm is then warm for long. */
function firstRead(state: Cabinet, { forMs, power }: NonNullable<Cabinet['away']>, warm: boolean): readonly Event[] {
  // The power was there, but nobody read the sensor: that is a dead one [C2].
  if (power === 'kept') return forMs >= warmLimitMs ? stop(state, warm ? 'temperature' : 'sensor') : []
  const tooLong = forMs >= (warm ? warmLimitMs : longOffMs)
  return tooLong || (warm && power === 'lost') ? stop(state, 'powerCut') : []
}

/** Sales are stopped once, for the first reason found. */
function oneStop(events: readonly Event[]): readonly Event[] {
  const first = events.findIndex(({ type }) => type === 'SalesStopped')
  return events.filter(({ type }, index) => type !== 'SalesStopped' || index === first)
}

function sensorSilent(state: Cabinet, atMs: number, unreadSinceMs: number = atMs): readonly Event[] {
  if (state.sensorLostAtMs !== null) return overdue(state, atMs)
  const sinceMs = Math.min(unreadSinceMs, atMs)
  const lost: Event = sinceMs === atMs ? { type: 'SensorLost' } : { type: 'SensorLost', sinceMs }
  return [lost, ...overdue({ ...state, sensorLostAtMs: sinceMs }, atMs)]
}

function overdue(state: Cabinet, atMs: number): readonly Event[] {
  if (state.warmSinceMs !== null && atMs - state.warmSinceMs >= warmLimitMs) return stop(state, 'temperature')
  if (state.sensorLostAtMs !== null && atMs - state.sensorLostAtMs >= warmLimitMs) return stop(state, 'sensor')
  return []
}

const stop = (state: Cabinet, reason: StopReason): readonly Event[] =>
  state.stopped === null ? [{ type: 'SalesStopped', reason }] : []
