/** Back-off: how long to wait before the next try [SY11]. Pure; chance comes from its port. */
import type { Random } from '../../src/core/ports.ts'
import { minuteMs, secondMs } from '../../src/core/time.ts'

const firstMs = secondMs
const longestMs = 5 * minuteMs

/** After this many failures in a row: 1 s, doubled up to 5 min, never less than the relay asked for, and spread. */
export function backOffMs(random: Random, failures: number, atLeastMs: number): number {
  const wantedMs = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 20))
  return spread(random, Math.max(wantedMs, Math.min(atLeastMs, longestMs)))
}

/** Between one and one and a half times as long, so that many fridges do not come together. */
export function spread(random: Random, delayMs: number): number {
  const [high = 0, low = 0] = random.bytes(2)
  return Math.round(delayMs * (1 + (high * 256 + low) / 131_072))
}
