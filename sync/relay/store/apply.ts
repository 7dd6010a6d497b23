/**
 * Apply: writes judged rows and what they change, inside the caller's transaction. One statement a table, whatever the
 * number of rows: arrays go in as parameters and are unnested there.
 * Called by ingest.ts, which holds the fridge's row locked.
 */
import { sql, type Transaction } from 'kysely'
import type { Move } from '../../../src/core/basket.ts'
import type { Recorded } from '../../../src/core/events.ts'
import { version } from '../../../src/core/version.ts'
import type { Refused } from '../../protocol/messages.ts'
import type { JudgedRow, Refusal, Verdict } from '../judge.ts'
import { closesReviewsOf, project, type Changes } from '../projection.ts'
import { bytea, float8, int4, int8, text, unnest } from './columns.ts'
import type { Tables } from './tables.ts'

type Trx = Transaction<Tables>

const isRefusal = (verdict: Verdict): verdict is Refusal => 'why' in verdict

/** Writes `rows`, which follow the fridge's last one. Returns those that were set aside. */
export async function apply(trx: Trx, fridge: string, rows: readonly JudgedRow[]): Promise<Refused[]> {
  const refused = rows.flatMap(({ seq, verdict }) => (isRefusal(verdict) ? [{ seq, ...verdict }] : []))
  const recorded = rows.flatMap(({ seq, atMs, verdict }): Recorded[] =>
    isRefusal(verdict) ? [] : [{ seq, atMs, event: verdict.event }],
  )
  await insertRows(trx, fridge, rows)
  if (refused.length > 0) await insertQuarantine(trx, fridge, rows)
  const { currency, version: runs } = await applyEvents(trx, fridge, recorded)
  const last = rows.at(-1)
  if (last !== undefined)
    await sql`update fridges set upto = ${last.seq}, head = ${last.hash}, seen_at = now(), last_event_ms = ${last.atMs},
      currency = coalesce(${currency}, currency), version = coalesce(${runs}, version), diverged_seq = null
      where id = ${fridge}`.execute(trx)
  return refused
}

/** What these events change, in all tables but the rows' own. They follow what was applied before. */
export async function applyEvents(
  trx: Trx,
  fridge: string,
  events: readonly Recorded[],
  books: number | null = null,
): Promise<Pick<Changes, 'currency' | 'version'>> {
  const changes = project(events, await guesses(trx, fridge, closesReviewsOf(events)))
  await insertVisits(trx, fridge, changes)
  await insertReviews(trx, fridge, changes)
  await insertMoney(trx, fridge, changes, books)
  await changeStock(trx, fridge, changes)
  return changes
}

async function insertRows(trx: Trx, fridge: string, rows: readonly JudgedRow[]): Promise<void> {
  const kept = ({ body, verdict }: JudgedRow): string | null => (isRefusal(verdict) ? null : body)
  await sql`insert into ledger_rows (fridge, seq, at_ms, hash, body)
    select ${fridge}, * from ${unnest(
      rows,
      int8(({ seq }) => seq),
      float8(({ atMs }) => atMs),
      bytea(({ hash }) => hash),
      text(kept),
    )}`.execute(trx)
}

/** A refused body may be anything, so its bytes are kept, not its text. */
async function insertQuarantine(trx: Trx, fridge: string, rows: readonly JudgedRow[]): Promise<void> {
  const values = rows.flatMap(({ seq, body, verdict }) =>
    isRefusal(verdict)
      ? [{ fridge, seq, ...verdict, body: body === null ? null : Buffer.from(body, 'utf8'), relay_version: version }]
      : [],
  )
  await trx.insertInto('quarantine').values(values).execute()
}

async function guesses(trx: Trx, fridge: string, visits: readonly string[]): Promise<Map<string, readonly Move[]>> {
  if (visits.length === 0) return new Map()
  const { rows } = await sql<{ visit: string; likely_moves: string }>`select visit, likely_moves from reviews
    where fridge = ${fridge} and closed_ms is null and visit = any(${visits}::text[])`.execute(trx)
  return new Map(rows.map((row) => [row.visit, JSON.parse(row.likely_moves) as Move[]]))
}

async function insertVisits(trx: Trx, fridge: string, { visitsStarted, visitsEnded }: Changes): Promise<void> {
  if (visitsStarted.length > 0)
    await sql`insert into visits (fridge, visit, started_ms, hold_minor, currency)
      select ${fridge}, * from ${unnest(
        visitsStarted,
        text(({ event }) => event.visit),
        float8(({ atMs }) => atMs),
        int8(({ event }) => event.amountMinor),
        text(({ event }) => event.currency),
      )}`.execute(trx)
  if (visitsEnded.length > 0)
    await sql`update visits set ended_ms = t.at_ms, ending = t.ending
      from ${unnest(
        visitsEnded,
        text(({ event }) => event.visit),
        float8(({ atMs }) => atMs),
        text(({ event }) => event.ending.type),
      )} as t (visit, at_ms, ending)
      where visits.fridge = ${fridge} and visits.visit = t.visit`.execute(trx)
}

async function insertReviews(trx: Trx, fridge: string, { reviewsOpened, reviewsClosed }: Changes): Promise<void> {
  if (reviewsOpened.length > 0)
    await trx
      .insertInto('reviews')
      .values(
        reviewsOpened.map(({ atMs, event }) => ({
          fridge,
          visit: event.visit,
          cause: event.cause,
          opened_ms: atMs,
          decide_by_ms: event.decideByMs,
          probability: event.probability,
          likely_moves: JSON.stringify(event.likelyMoves),
        })),
      )
      .execute()
  for (const { atMs, event } of reviewsClosed)
    await trx
      .updateTable('reviews')
      .set({
        closed_ms: atMs,
        outcome: event.type === 'ReviewDecided' ? 'decided' : 'lapsed',
        decided_by: event.type === 'ReviewDecided' ? event.by : null,
        reason: event.type === 'ReviewDecided' ? event.reason : null,
      })
      .where('fridge', '=', fridge)
      .where('visit', '=', event.visit)
      .execute()
}

/**
 * A capture or a receipt is in the currency of its visit; the catalogue's stands in where the visit's start was set aside.
 * `books`: null for the fridge's present ones.
 */
async function insertMoney(trx: Trx, fridge: string, changes: Changes, books: number | null): Promise<void> {
  const { captures, receipts, receiptLines } = changes
  const currency = sql`coalesce((select v.currency from visits v where v.fridge = ${fridge} and v.visit = t.visit),
    ${changes.currency}, (select f.currency from fridges f where f.id = ${fridge}))`
  if (captures.length > 0)
    await sql`insert into captures (fridge, visit, at_ms, amount_minor, currency)
      select ${fridge}, t.visit, t.at_ms, t.amount_minor, ${currency}
      from ${unnest(
        captures,
        text(({ event }) => event.visit),
        float8(({ atMs }) => atMs),
        int8(({ event }) => event.amountMinor),
      )} as t (visit, at_ms, amount_minor)`.execute(trx)
  if (receipts.length > 0)
    await sql`insert into receipts (fridge, visit, number, at_ms, total_minor, charged_minor, currency, books)
      select ${fridge}, t.visit, t.number, t.at_ms, t.total_minor, t.charged_minor, ${currency},
        coalesce(${books}::int, (select f.books from fridges f where f.id = ${fridge}))
      from ${unnest(
        receipts,
        text(({ event }) => event.visit),
        int8(({ event }) => event.number),
        float8(({ atMs }) => atMs),
        int8(({ event }) => event.totalMinor),
        int8(({ event }) => event.chargedMinor),
      )} as t (visit, number, at_ms, total_minor, charged_minor)`.execute(trx)
  if (receiptLines.length > 0)
    await sql`insert into receipt_lines (fridge, visit, line, sku, count, price_minor)
      select ${fridge}, * from ${unnest(
        receiptLines,
        text(({ visit }) => visit),
        int4(({ line }) => line),
        text(({ sku }) => sku),
        int8(({ count }) => count),
        int8(({ priceMinor }) => priceMinor),
      )}`.execute(trx)
}

async function changeStock(trx: Trx, fridge: string, { stock }: Changes): Promise<void> {
  const changes = [...stock.values()]
  const counted = changes.flatMap((one) => (one.counted === null ? [] : [{ ...one, count: one.counted + one.moved }]))
  const moved = changes.flatMap((one) => (one.counted === null ? [{ ...one, count: one.moved }] : []))
  const inserted = (rows: readonly { shelf: number; sku: string; count: number }[]) =>
    sql`insert into stock (fridge, shelf, sku, count)
      select ${fridge}, * from ${unnest(
        rows,
        int4(({ shelf }) => shelf),
        text(({ sku }) => sku),
        int8(({ count }) => count),
      )}
      on conflict (fridge, shelf, sku) do update`
  if (counted.length > 0) await sql`${inserted(counted)} set count = excluded.count`.execute(trx)
  if (moved.length > 0) await sql`${inserted(moved)} set count = stock.count + excluded.count`.execute(trx)
}
