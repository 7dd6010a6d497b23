/** The hash chain over the ledger's rows (SPEC LED2). Pure. */
import { createHash } from 'node:crypto'

export const chainStart: Buffer = Buffer.alloc(32)

/** The hash of row `seq`, given its predecessor's. `body` is the event's JSON exactly as stored. */
export function chainHash(previous: Uint8Array, seq: number, atMs: number, body: string): Buffer {
  const place = Buffer.alloc(16)
  place.writeBigUInt64LE(BigInt(seq), 0)
  place.writeDoubleLE(atMs, 8)
  return createHash('sha256').update(previous).update(place).update(body, 'utf8').digest()
}
