/** The real clock, chance and log: the only room that reads them (architecture: runtime builds adapters). */
import { randomBytes, randomUUID } from 'node:crypto'
import pino from 'pino'
import type { Clock, Log, Random } from '../core/ports.ts'

/**
 * Fridge time: the wall clock at the start, or `notBeforeMs` (the ledger's last time) where that is later, and from then on
 * the monotonic clock. A wall clock that is set meanwhile moves nothing.
 */
export function realClock(notBeforeMs: number): Clock {
  const startMs = Math.max(Date.now(), notBeforeMs) - performance.now()
  return {
    nowMs: () => Math.round(startMs + performance.now()),
    after(delayMs, due) {
      const timer = setTimeout(due, Math.min(delayMs, longestTimerMs))
      return () => clearTimeout(timer)
    },
  }
}

/** setTimeout's longest; whoever waits longer is woken early, looks, and waits again. */
const longestTimerMs = 2 ** 31 - 1

export const realRandom: Random = {
  bytes: (count) => randomBytes(count),
  uuid: () => randomUUID(),
}

/** JSON lines on stderr; stdout carries the one line that says where the fridge is. */
export function realLog(name: string): Log {
  const logger = pino({ name, base: null, level: process.env['VISIONVEND_LOG'] ?? 'info' }, pino.destination(2))
  return {
    info: (what, detail) => logger.info(detail ?? {}, what),
    warn: (what, detail) => logger.warn(detail ?? {}, what),
  }
}
