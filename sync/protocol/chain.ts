/**
 * Chain: the hash of a ledger row, as the relay computes it anew [SY1]. Pure.
 * The rule is src/ledger/SPEC.md's LED2. It stands here a second time on purpose: the relay judges a fridge's books and
 * does not borrow the fridge's own code for it; golden vectors hold both to the same bytes.
 */
import { createHash } from 'node:crypto'

/** What stands before the first row: 32 zero bytes. */
export const chainStart: Uint8Array = new Uint8Array(32)

/** The hash of row `seq` after `previous`. `body` is the row's text exactly as the ledger holds it. */
export function rowHash(previous: Uint8Array, seq: number, atMs: number, body: string): Uint8Array {
  const place = new DataView(new ArrayBuffer(16))
  place.setBigUint64(0, BigInt(seq), true)
  place.setFloat64(8, atMs, true)
  const hash = createHash('sha256').update(previous)
  return hash.update(new Uint8Array(place.buffer)).update(body, 'utf8').digest()
}

export const sameHash = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
