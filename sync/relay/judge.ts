/**
 * Judge: what a relay thinks of a batch before it asks its database. Pure.
 * Holds always: the chain is computed here, never believed [SY1]; a row is taken or refused by itself, and a refused one
 * never spoils its neighbours [SY7]. Called by intake.ts.
 */
import { eventSchema, type Event } from '../../src/core/events.ts'
import { err, ok, type Result } from '../../src/core/result.ts'
import { digestOf, rowDigest, type Digest } from '../protocol/chain.ts'
import { readJson } from '../protocol/json.ts'
import type { AnswerOf, Batch, RefusalReason, WireRow } from '../protocol/messages.ts'
import { fitting } from './shape.ts'

export interface JudgedRow {
  readonly seq: number
  readonly atMs: number
  readonly digest: Digest
  /** As it came; null where the fridge withheld it. */
  readonly body: string | null
  readonly verdict: Verdict
}
export type Verdict = { readonly event: Event } | Refusal
export interface Refusal {
  readonly why: RefusalReason
  readonly detail: string
}

/** Every row with its hash and its verdict, or the break of the chain. */
export function judge(batch: Batch): Result<readonly JudgedRow[], AnswerOf<'brokenChain'>> {
  let tip = digestOf(batch.previousHash)
  const rows = batch.rows.map((row, index): JudgedRow => {
    const seq = batch.fromSeq + index
    tip = 'hash' in row ? digestOf(row.hash) : rowDigest(tip, seq, row.atMs, row.body)
    const body = 'body' in row ? row.body : null
    return { seq, atMs: row.atMs, digest: tip, body, verdict: verdictOn(row, batch.fridge) }
  })
  if (tip !== digestOf(batch.lastHash)) return err({ type: 'brokenChain', seq: batch.fromSeq + rows.length - 1 })
  return ok(rows)
}

const verdictOn = (row: WireRow, fridge: string): Verdict =>
  'withheld' in row ? { why: row.withheld, detail: 'withheld by the fridge' } : verdict(row.body, fridge)

const isEvent = fitting(eventSchema)

/** What this release makes of a row's body. */
export function verdict(body: string, fridge: string): Verdict {
  const json = readJson(body)
  if (!json.ok) return { why: json.error, detail: '' }
  const read = readEvent(json.value)
  if ('event' in read && read.event.type === 'FridgeStarted' && read.event.fridge !== fridge)
    return { why: 'foreignFridge', detail: plain(`the row is of ${read.event.fridge}`) }
  return read
}

function readEvent(value: unknown): Verdict {
  if (isEvent(value)) return { event: value as Event } // and the schema would make the same of it [RL86]
  const event = eventSchema.safeParse(value)
  if (event.success) return { event: event.data }
  const [issue] = event.error.issues
  return { why: 'unknownEvent', detail: plain(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`) }
}

/** Words that a database, a log line and an answer can hold, whatever a stranger put into them. */
export const plain = (text: string): string => text.replaceAll(/\p{C}/gu, '?').slice(0, 300)
