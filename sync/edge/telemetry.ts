/**
 * Telemetry: how the fridge is just now, told when it changes and now and then, within a budget of bytes [SY38]. Pure but
 * for its clock. A change that the budget has no room for is told later, as it then is: what was between is not missed.
 */
import type { Cancel, Clock } from '../../src/core/ports.ts'
import { hourMs, minuteMs, secondMs } from '../../src/core/time.ts'
import type { LiveState } from '../protocol/mqtt.ts'

export interface Telemetry {
  start(): void
  changed(): void
  stop(): void
}

/** A visit changes the state some eight times, at about 200 bytes each: on LTE it stays beside the visit's own rows. */
export const budgetBytesPerHour = 48 * 1024
/** Filled to here after a quiet time. */
const burstBytes = 4 * 1024
const heartbeatMs = 2 * minuteMs
/** Changes that come together travel together. */
const gatherMs = secondMs / 4
const celsiusStep = 0.5

/** `tell` sends a state and answers how many bytes that took; 0: nobody was there. */
export function createTelemetry(
  ports: { readonly clock: Clock; readonly state: () => LiveState },
  tell: (state: LiveState) => number,
): Telemetry {
  const { clock } = ports
  let running = false
  let told: LiveState | null = null
  let tokens = burstBytes
  let filledAtMs = clock.nowMs()
  let cancelNext: Cancel = () => {}
  let due = false

  function refill(): void {
    const nowMs = clock.nowMs()
    tokens = Math.min(burstBytes, tokens + ((nowMs - filledAtMs) / hourMs) * budgetBytesPerHour)
    filledAtMs = nowMs
  }

  function next(delayMs: number): void {
    cancelNext()
    cancelNext = clock.after(delayMs, turn)
  }

  function turn(): void {
    due = false
    if (!running) return
    refill()
    if (tokens <= 0) {
      due = true
      return next(Math.ceil((-tokens + 256) / (budgetBytesPerHour / hourMs)))
    }
    const state = ports.state()
    told = state
    tokens -= tell(state)
    next(heartbeatMs)
  }

  return {
    start() {
      running = true
      told = null
      due = true
      next(0)
    },
    changed() {
      if (!running || due || (told !== null && !differs(told, ports.state()))) return
      due = true
      next(gatherMs)
    },
    stop() {
      running = false
      cancelNext()
    },
  }
}

function differs(told: LiveState, now: LiveState): boolean {
  if (told.at !== now.at || told.closed !== now.closed || told.doorOpen !== now.doorOpen) return true
  if (basketOf(told) !== basketOf(now)) return true
  if (told.celsius === null || now.celsius === null) return told.celsius !== now.celsius
  return Math.abs(told.celsius - now.celsius) >= celsiusStep
}

/** How long a door stays unlocked runs on by itself, and need not be told again. */
const basketOf = ({ visit }: LiveState): string =>
  visit === undefined ? '' : JSON.stringify([visit.visit, visit.at, visit.lines, visit.leftOpen])
