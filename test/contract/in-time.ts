/**
 * In time: what tests of the relay wait by, and the stores that each of them runs on. Used by the tests of phones and unlocks.
 */
import { randomBytes } from 'node:crypto'
import { describe } from 'vitest'
import type { Clock } from '../../src/core/ports.ts'
import { openMemory, openOwnPostgresql, postgresqlBin, type TestStore } from './relay-stores.ts'

const ci = process.env['CI'] === 'true'
/** For what starts a database. */
export const slow = 120_000
export const real: Clock = {
  nowMs: () => Date.now(),
  after(delayMs, due) {
    const timer = setTimeout(due, delayMs)
    return () => clearTimeout(timer)
  },
}
/** Waits a twentieth of what it is asked for. */
export const quick: Clock = { ...real, after: (delayMs, due) => real.after(delayMs / 20, due) }
export const random = { bytes: (count: number) => randomBytes(count), uuid: () => crypto.randomUUID() }
export const secret = Buffer.alloc(32, 3)

/** Each store keeps the same promises. */
export function onEachStore(contract: (open: () => Promise<TestStore>) => void): void {
  describe('on an embedded database', () => {
    contract(openMemory)
  })
  describe.skipIf(postgresqlBin === null && !ci)('on PostgreSQL', () => {
    contract(openOwnPostgresql)
  })
}

/** What `look` gives once it gives anything: looked at for ten seconds. */
export async function until<T>(
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
): Promise<T> {
  for (let tried = 0; tried < 400; tried++) {
    const found = await look()
    if (found !== null && found !== undefined && found !== false) return found
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('it did not come to that')
}
