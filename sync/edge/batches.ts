/**
 * Batches: the next rows of the ledger, cut to what the protocol takes [SY3], with the chain checked on the way out.
 * Pure but for the ledger's read. Called by pusher.ts.
 */
import { err, ok, type Result } from '../../src/core/result.ts'
import { chainStart, digestOf, hashOf, rowDigest } from '../protocol/chain.ts'
import { maxBatchBytes, maxBodyBytes, type Batch, type WireRow, type WithheldReason } from '../protocol/messages.ts'

/** The ledger, as far as the pusher sees it: src/ledger's `rows` and `last`. */
export interface RowSource {
  rows(afterSeq: number, limit: number): readonly LedgerRow[]
  /** The last row that is no longer there; null: all are. */
  anchor(): Cursor | null
  last(): { readonly seq: number }
}

export interface LedgerRow {
  readonly seq: number
  readonly atMs: number
  readonly body: string
  readonly hash: Uint8Array
}

/** Where the relay stands: the last row it has, and that row's hash. */
export interface Cursor {
  readonly seq: number
  readonly hash: Uint8Array
}

/** Before the first row. */
export const start: Cursor = { seq: 0, hash: chainStart }

/** What the envelope needs beside its rows, with room to spare. */
const envelopeBytes = 512
const rowBytes = 128
/** Of a text in JSON: `\\u0000`. */
const mostOfLetter = 6

/** The cursor at row `seq`, or null where the ledger has no such row. */
export function cursorAt(ledger: RowSource, seq: number): Cursor | null {
  if (seq === 0) return start
  const anchor = ledger.anchor()
  if (seq === anchor?.seq) return { seq, hash: anchor.hash }
  const [row] = ledger.rows(seq - 1, 1)
  return row?.seq === seq ? { seq, hash: row.hash } : null
}

/** A batch with no rows: how far have you come? */
export const question = (fridge: string, { seq, hash }: Cursor): Batch => ({
  fridge,
  fromSeq: seq + 1,
  previousHash: hash,
  lastHash: hash,
  rows: [],
})

/**
 * At most `limit` rows behind the cursor, fewer where they weigh much. Fails with the first row that does not fit the chain:
 * the file was changed behind the ledger's back.
 */
export function nextBatch(
  ledger: RowSource,
  fridge: string,
  cursor: Cursor,
  limit: number,
  withheld: ReadonlyMap<number, WithheldReason>,
): Result<Batch, { readonly seq: number }> {
  const rows: WireRow[] = []
  let tip = digestOf(cursor.hash)
  // By the most that they could take; counted to the byte, each once, only where that is too much.
  let bytes = envelopeBytes
  let counted = { rows: 0, bytes: envelopeBytes }
  for (const row of ledger.rows(cursor.seq, limit)) {
    const expectedSeq = cursor.seq + rows.length + 1
    const digest = rowDigest(tip, row.seq, row.atMs, row.body)
    if (row.seq !== expectedSeq || digest !== digestOf(row.hash)) return err({ seq: expectedSeq })
    const sent = wireRow(row, withheld.get(row.seq))
    bytes += rowBytes + ('body' in sent ? mostOfLetter * sent.body.length : 0)
    if (bytes > maxBatchBytes) {
      bytes = [...rows.slice(counted.rows), sent].reduce((sum, one) => sum + bytesOf(one), counted.bytes)
      counted = { rows: rows.length + 1, bytes }
    }
    if (bytes > maxBatchBytes) break
    rows.push(sent)
    tip = digest
  }
  return ok({ ...question(fridge, cursor), lastHash: hashOf(tip), rows })
}

const bytesOf = (row: WireRow): number => rowBytes + ('body' in row ? Buffer.byteLength(JSON.stringify(row.body)) : 0)

function wireRow({ atMs, body, hash }: LedgerRow, held: WithheldReason | undefined): WireRow {
  const withheld =
    held ?? (3 * body.length > maxBodyBytes && Buffer.byteLength(body) > maxBodyBytes ? 'tooBig' : undefined)
  return withheld === undefined ? { atMs, body } : { atMs, withheld, hash }
}
