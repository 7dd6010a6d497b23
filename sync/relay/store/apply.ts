/**
 * Apply: writes judged rows and what they change, inside the caller's transaction: all of it one statement, whatever the
 * number of rows [RL85]: arrays go in as parameters and are unnested there. Its parts see the tables as they were before it, so
 * what a part has to know of another (a visit's currency, its end) is put together here. Reviews and what is set aside are
 * seldom, and statements of their own.
 * Called by ingest.ts, which holds the fridge's row locked.
 */
import { sql, type RawBuilder, type Transaction } from 'kysely'
import type { Move } from '../../../src/core/basket.ts'
import type { Recorded } from '../../../src/core/events.ts'
import { version } from '../../../src/core/version.ts'
import type { Refused } from '../../protocol/messages.ts'
import type { JudgedRow, Refusal, Verdict } from '../judge.ts'
import { closesReviewsOf, project, type Changes } from '../projection.ts'
import { bytea, float8, int4, int8, text, unnest } from './columns.ts'
import { prepared } from './prepared.ts'
import type { Tables } from './tables.ts'

type Trx = Transaction<Tables>

const isRefusal = (verdict: Verdict): verdict is Refusal => 'why' in verdict

/** Writes `rows`, which follow the fridge's last one. Returns those that were set aside. */
export async function apply(trx: Trx, fridge: string, rows: readonly JudgedRow[]): Promise<Refused[]> {
  const last = rows.at(-1)
  if (last === undefined) return []
  const refused: Refused[] = []
  const recorded: Recorded[] = []
  for (const { seq, atMs, verdict } of rows)
    if (isRefusal(verdict)) refused.push({ seq, ...verdict })
    else recorded.push({ seq, atMs, event: verdict.event })
  if (refused.length > 0) await insertQuarantine(trx, fridge, rows)
  const changes = await changesOf(trx, fridge, recorded)
  const { currency, version: runs } = changes
  await sql`${prepared} with ${sql.join([keptRows(fridge, rows), ...projections(fridge, changes, null)])}
    update fridges set upto = ${last.seq}, head = ${last.hash}, seen_at = now(), last_event_ms = ${last.atMs},
      currency = coalesce(${currency}, currency), version = coalesce(${runs}, version), diverged_seq = null
      where id = ${fridge}`.execute(trx)
  await writeReviews(trx, fridge, changes)
  return refused
}

/** What these events change, in all tables but the rows' own and the fridge's. They follow what was applied before. */
export async function applyEvents(trx: Trx, fridge: string, events: readonly Recorded[], books: number): Promise<void> {
  const changes = await changesOf(trx, fridge, events)
  await sql`${prepared} with ${sql.join(projections(fridge, changes, books))} select 1`.execute(trx)
  await writeReviews(trx, fridge, changes)
}

const changesOf = async (trx: Trx, fridge: string, events: readonly Recorded[]): Promise<Changes> =>
  project(events, await guesses(trx, fridge, closesReviewsOf(events)))

/** A part of the one statement. */
type Part = RawBuilder<unknown>

function keptRows(fridge: string, rows: readonly JudgedRow[]): Part {
  const kept = ({ body, verdict }: JudgedRow): string | null => (isRefusal(verdict) ? null : body)
  return sql`kept as (insert into ledger_rows (fridge, seq, at_ms, hash, body)
    select ${fridge}, * from ${unnest(
      rows,
      int8(({ seq }) => seq),
      float8(({ atMs }) => atMs),
      bytea(({ hash }) => hash),
      text(kept),
    )})`
}

/** `books`: null for the fridge's present ones. */
const projections = (fridge: string, changes: Changes, books: number | null): Part[] => [
  ...visitParts(fridge, changes),
  ...moneyParts(fridge, changes, books),
  ...stockParts(fridge, changes),
]

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

/** A visit that began in this run is written with its end; one that was there gets it. */
function visitParts(fridge: string, { visitsStarted, visitsEnded }: Changes): Part[] {
  const ends = new Map(visitsEnded.map((one) => [one.event.visit, one]))
  const began = new Set(visitsStarted.map(({ event }) => event.visit))
  return [
    sql`began as (insert into visits (fridge, visit, started_ms, hold_minor, currency, ended_ms, ending)
      select ${fridge}, * from ${unnest(
        visitsStarted,
        text(({ event }) => event.visit),
        float8(({ atMs }) => atMs),
        int8(({ event }) => event.amountMinor),
        text(({ event }) => event.currency),
        float8(({ event }) => ends.get(event.visit)?.atMs ?? null),
        text(({ event }) => ends.get(event.visit)?.event.ending.type ?? null),
      )})`,
    sql`ended as (update visits set ended_ms = t.at_ms, ending = t.ending
      from ${unnest(
        [...ends.values()].filter(({ event }) => !began.has(event.visit)),
        text(({ event }) => event.visit),
        float8(({ atMs }) => atMs),
        text(({ event }) => event.ending.type),
      )} as t (visit, at_ms, ending)
      where visits.fridge = ${fridge} and visits.visit = t.visit)`,
  ]
}

async function writeReviews(trx: Trx, fridge: string, { reviewsOpened, reviewsClosed }: Changes): Promise<void> {
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
 */
function moneyParts(fridge: string, changes: Changes, books: number | null): Part[] {
  const { captures, receipts, receiptLines } = changes
  const currencies = new Map(changes.visitsStarted.map(({ event }) => [event.visit, event.currency]))
  const began = text(({ event }: (typeof captures)[number] | (typeof receipts)[number]) => currencies.get(event.visit) ?? null) // prettier-ignore
  const currency = sql`coalesce(t.began, (select v.currency from visits v where v.fridge = ${fridge} and v.visit = t.visit),
    ${changes.currency}, (select f.currency from fridges f where f.id = ${fridge}))`
  return [
    sql`captured as (insert into captures (fridge, visit, at_ms, amount_minor, currency)
      select ${fridge}, t.visit, t.at_ms, t.amount_minor, ${currency}
      from ${unnest(
        captures,
        text(({ event }) => event.visit),
        float8(({ atMs }) => atMs),
        int8(({ event }) => event.amountMinor),
        began,
      )} as t (visit, at_ms, amount_minor, began))`,
    sql`received as (insert into receipts (fridge, visit, number, at_ms, total_minor, charged_minor, currency, books)
      select ${fridge}, t.visit, t.number, t.at_ms, t.total_minor, t.charged_minor, ${currency},
        coalesce(${books}::int, (select f.books from fridges f where f.id = ${fridge}))
      from ${unnest(
        receipts,
        text(({ event }) => event.visit),
        int8(({ event }) => event.number),
        float8(({ atMs }) => atMs),
        int8(({ event }) => event.totalMinor),
        int8(({ event }) => event.chargedMinor),
        began,
      )} as t (visit, number, at_ms, total_minor, charged_minor, began))`,
    sql`lines as (insert into receipt_lines (fridge, visit, line, sku, count, price_minor, alternatives)
      select ${fridge}, * from ${unnest(
        receiptLines,
        text(({ visit }) => visit),
        int4(({ line }) => line),
        text(({ sku }) => sku),
        int8(({ count }) => count),
        int8(({ priceMinor }) => priceMinor),
        text(({ or }) => (or === undefined ? null : JSON.stringify(or))),
      )})`,
  ]
}

/** No place stands in both: one statement may touch a row once. */
function stockParts(fridge: string, { stock }: Changes): Part[] {
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
  return [
    sql`counted as (${inserted(counted)} set count = excluded.count)`,
    sql`moved as (${inserted(moved)} set count = stock.count + excluded.count)`,
  ]
}
