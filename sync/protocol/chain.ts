/**
 * Chain: the hash of a ledger row, as the relay computes it anew [SY1]. Pure.
 * The rule is src/ledger/SPEC.md's LED2. It stands here a second time on purpose: the relay judges a fridge's books and
 * does not borrow the fridge's own code for it; golden vectors hold both to the same bytes.
 */
import { hash } from 'node:crypto'

/** What stands before the first row: 32 zero bytes. */
export const chainStart: Uint8Array = new Uint8Array(32)

/** A hash as 32 letters of one byte each (latin1): a batch has a thousand, and an object for each costs more than the hashing. */
export type Digest = string
export const digestOf = (hash: Uint8Array): Digest => Buffer.from(hash).toString('latin1')
export const hashOf = (digest: Digest): Uint8Array => Buffer.from(digest, 'latin1')

/** What is hashed of a row, one after the other in the same place. */
let scratch = Buffer.alloc(4_096)
const placeAt = 32
const bodyAt = placeAt + 16

/** The digest of row `seq` after `previous`. `body` is the row's text exactly as the ledger holds it. */
export function rowDigest(previous: Digest, seq: number, atMs: number, body: string): Digest {
  // No text takes more bytes than three for each of its units.
  const most = bodyAt + 3 * body.length
  if (scratch.length < most) scratch = Buffer.alloc(2 * most)
  scratch.write(previous, 0, 'latin1')
  const high = Math.floor(seq / 2 ** 32)
  scratch.writeUInt32LE(seq - high * 2 ** 32, placeAt)
  scratch.writeUInt32LE(high, placeAt + 4)
  scratch.writeDoubleLE(atMs, placeAt + 8)
  const end = bodyAt + scratch.write(body, bodyAt, 'utf8')
  return hash('sha256', scratch.subarray(0, end), 'binary')
}

export const sameHash = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
