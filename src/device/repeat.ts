/** Repetition through the clock: says something again and again, because a frame may be lost, until told to stop. */
import type { Cancel, Clock } from '../core/ports.ts'

export interface RepetitionSettings {
  readonly everyMs: number
  /** When to give up, in the clock's time; Infinity: never. */
  readonly untilMs: number
  readonly again: () => void
  readonly expired: () => void
}

export interface Repetition {
  /** Calls `again` now and every `everyMs`, then, once, `expired`. Apart from making it, because `again` may stop it. */
  begin(): void
  stop(): void
}

export function createRepetition(clock: Clock, settings: RepetitionSettings): Repetition {
  const { everyMs, untilMs, again, expired } = settings
  let over = false
  let cancelTimer: Cancel = () => {}

  function due(): void {
    if (over) return
    const leftMs = untilMs - clock.nowMs()
    if (leftMs <= 0) {
      over = true
      return expired()
    }
    cancelTimer = clock.after(Math.min(everyMs, leftMs), due)
    again()
  }

  return {
    begin: due,
    stop() {
      over = true
      cancelTimer()
    },
  }
}
