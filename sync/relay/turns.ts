/**
 * Turns: a piece of work that is done again and again: at once while there is more, after a while when there is none, and
 * ever later while it fails.
 * Holds always: one turn at a time; `close` waits for the one that is under way, which is told by its signal to hurry.
 */
import { faultOf } from './store/faults.ts'

export interface TurnPorts {
  /** Does a piece. `more`: there is more to do now. Throws where it could not be done. */
  readonly turn: (ending: AbortSignal) => Promise<'more' | 'done'>
  readonly everyMs: number
  /** The longest wait after failures. */
  readonly mostMs?: number
  readonly chance?: () => number
  /** Told of the first failure of a row of them, and of each that is of another kind. */
  readonly failed: (error: unknown, times: number) => void
}

export interface Turns {
  close(): Promise<void>
}

const firstBackOffMs = 1_000

/** A failure that says when to come again: a provider's Retry-After. */
export class ComeAgain extends Error {
  readonly afterMs: number
  constructor(what: string, afterMs: number) {
    super(what)
    this.afterMs = afterMs
  }
}

/** How long to wait after so many failures: doubled each time, half of it by chance, so that copies don't come together. */
export function backOffMs(times: number, mostMs: number, chance: number): number {
  const whole = Math.min(firstBackOffMs * 2 ** Math.min(times - 1, 20), mostMs)
  return whole / 2 + (whole / 2) * chance
}

export function takeTurns({ turn, everyMs, mostMs = 60_000, chance = Math.random, failed }: TurnPorts): Turns {
  const ending = new AbortController()
  let failures = 0
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> = Promise.resolve()

  const later = (delayMs: number): void => {
    if (ending.signal.aborted) return
    timer = setTimeout(() => {
      running = run()
    }, delayMs)
    timer.unref()
  }
  async function run(): Promise<void> {
    try {
      const outcome = await turn(ending.signal)
      failures = 0
      later(outcome === 'more' ? 0 : everyMs)
    } catch (error) {
      if (ending.signal.aborted) return
      failures++
      // A database that is away is told of by the relay's health; it is waited for like anything else.
      if (faultOf(error) !== 'away' || failures === 1) failed(error, failures)
      later(Math.max(backOffMs(failures, mostMs, chance()), error instanceof ComeAgain ? error.afterMs : 0))
    }
  }
  later(0)
  return {
    async close() {
      ending.abort()
      if (timer !== null) clearTimeout(timer)
      await running
    },
  }
}

/** RFC 9110's Retry-After, seconds or a date, as ms from now; null where it says nothing that can be read. */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null
  const seconds = /^\d{1,9}$/.test(header)
  const untilMs = seconds ? nowMs + Number(header) * 1_000 : header.endsWith(' GMT') ? Date.parse(header) : NaN
  return Number.isNaN(untilMs) ? null : Math.max(0, untilMs - nowMs)
}
