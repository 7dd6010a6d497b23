/**
 * Apply: writes judged rows of one fridge or several, and what they change: all of it one statement, whatever the number of rows
 * and fridges [RL85]: arrays go in as parameters and are unnested there. Its parts see the tables as they were before it, so what
 * a part has to know of another (a visit's currency, its end) is put together here. What is set aside is seldom, and a
 * statement of its own.
 * Called by ingest.ts: with a fridge's row locked (`apply`), or for batches that just go on (`append`).
 */
import { sql, type RawBuilder, type Transaction } from 'kysely'
import type { Move } from '../../../src/core/basket.ts'
import type { Recorded } from '../../../src/core/events.ts'
import { version } from '../../../src/core/version.ts'
import { digestOf, type Digest } from '../../protocol/chain.ts'
import type { Batch, Refused } from '../../protocol/messages.ts'
import type { JudgedRow, Refusal, Verdict } from '../judge.ts'
import { closesReviewsOf, project, type Changes } from '../projection.ts'
import { bytea, float8, int4, int8, text, unnest, type Column } from './columns.ts'
import type { Db } from './open.ts'
import { prepared } from './prepared.ts'
import type { Tables } from './tables.ts'

type Trx = Transaction<Tables>

/** What is written of one fridge. */
interface Page {
  readonly fridge: string
  readonly rows: readonly JudgedRow[]
  readonly changes: Changes
  /** Null for the fridge's present ones. */
  readonly books: number | null
}

/** A batch that goes on where its fridge's books end, if they end at `upto` with `head`. */
export interface Following extends Page {
  readonly upto: number
  readonly head: Digest
}

const isRefusal = (verdict: Verdict): verdict is Refusal => 'why' in verdict

/** The batch as one that needs nothing but to be written; null where something must be looked up or set aside. */
export function following({ fridge, fromSeq, previousHash }: Batch, rows: readonly JudgedRow[]): Following | null {
  const { recorded, refused } = sorted(rows)
  if (rows.length === 0 || refused.length > 0 || closesReviewsOf(recorded).length > 0) return null
  const changes = project(recorded, new Map())
  return { fridge, rows, changes, books: null, upto: fromSeq - 1, head: digestOf(previousHash) }
}

/** Writes all of them, in one commit, if each just goes on; else nothing, and says false. Their fridges differ. */
export async function append(db: Db, pages: readonly Following[]): Promise<boolean> {
  // In one order, whoever writes: two that wait for each other would be a deadlock.
  const due = sql`due as (select f.id, f.books, f.currency from fridges f join ${unnest(
    text(pages, ({ fridge }) => fridge),
    int8(pages, ({ upto }) => upto),
    bytea(pages, ({ head }) => head),
  )} as t (id, upto, head) on f.id = t.id
    where f.upto = t.upto and f.head = t.head and f.revoked_at is null order by f.id for update of f)`
  return (await write(db, due, pages)) === pages.length
}

/** Writes `rows`, which follow the fridge's last one. Returns those that were set aside. */
export async function apply(trx: Trx, fridge: string, rows: readonly JudgedRow[]): Promise<Refused[]> {
  if (rows.length === 0) return []
  const { recorded, refused } = sorted(rows)
  if (refused.length > 0) await insertQuarantine(trx, fridge, rows)
  await write(trx, held(fridge), [{ fridge, rows, changes: await changesOf(trx, fridge, recorded), books: null }])
  return refused
}

/** What these events change, in all tables but the rows' own and the fridge's. They follow what was applied before. */
export async function applyEvents(trx: Trx, fridge: string, events: readonly Recorded[], books: number): Promise<void> {
  await write(trx, held(fridge), [{ fridge, rows: [], changes: await changesOf(trx, fridge, events), books }])
}

function sorted(rows: readonly JudgedRow[]): { readonly recorded: Recorded[]; readonly refused: Refused[] } {
  const refused: Refused[] = []
  const recorded: Recorded[] = []
  for (const { seq, atMs, verdict } of rows)
    if (isRefusal(verdict)) refused.push({ seq, ...verdict })
    else recorded.push({ seq, atMs, event: verdict.event })
  return { recorded, refused }
}

const changesOf = async (trx: Trx, fridge: string, events: readonly Recorded[]): Promise<Changes> =>
  project(events, await guesses(trx, fridge, closesReviewsOf(events)))

async function guesses(trx: Trx, fridge: string, visits: readonly string[]): Promise<Map<string, readonly Move[]>> {
  if (visits.length === 0) return new Map()
  const { rows } = await sql<{ visit: string; likely_moves: string }>`select visit, likely_moves from reviews
    where fridge = ${fridge} and closed_ms is null and visit = any(${visits}::text[])`.execute(trx)
  return new Map(rows.map((row) => [row.visit, JSON.parse(row.likely_moves) as Move[]]))
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

// ---- the one statement -----------------------------------------------------------------------------------------------

/** A part of it. `due` is the first: the fridges that are written, each part does nothing unless all of them are there. */
type Part = RawBuilder<unknown>

/** The fridge's row is locked already. */
const held = (fridge: string): Part => sql`due as (select id, books, currency from fridges where id = ${fridge})`

/** Returns how many fridges' rows were written on. */
async function write(db: Db | Trx, due: Part, pages: readonly Page[]): Promise<number> {
  const all = sql`(select count(*) from due) = ${pages.length}::int`
  const written = pages.filter(({ rows }) => rows.length > 0)
  const last = ({ rows }: Page): JudgedRow => rows.at(-1) as JudgedRow
  const parts = [
    due,
    keptRows(pages, all),
    ...visitParts(pages, all),
    ...reviewParts(pages, all),
    ...moneyParts(pages, all),
    ...stockParts(pages, all),
  ]
  const { numAffectedRows } = await sql`${prepared} with ${sql.join(parts)}
    update fridges set upto = t.upto, head = t.head, seen_at = now(), last_event_ms = t.at_ms,
      currency = coalesce(t.currency, fridges.currency), version = coalesce(t.version, fridges.version), diverged_seq = null
    from ${unnest(
      text(written, ({ fridge }) => fridge),
      int8(written, (page) => last(page).seq),
      bytea(written, (page) => last(page).digest),
      float8(written, (page) => last(page).atMs),
      text(written, ({ changes }) => changes.currency),
      text(written, ({ changes }) => changes.version),
    )} as t (id, upto, head, at_ms, currency, version) where fridges.id = t.id and ${all}`.execute(db)
  return Number(numAffectedRows ?? 0)
}

/** What there is of one kind on all pages, with whose it is. */
interface Of<One> {
  readonly page: Page
  readonly one: One
}
function of<One>(pages: readonly Page[], pick: (page: Page) => Iterable<One>): Of<One>[] {
  const found: Of<One>[] = []
  for (const page of pages) for (const one of pick(page)) found.push({ page, one })
  return found
}
const owner = (found: readonly Of<unknown>[]): Column => text(found, ({ page }) => page.fridge)

function keptRows(pages: readonly Page[], all: Part): Part {
  const rows = pages.flatMap((page) => page.rows)
  const fridges = pages.flatMap(({ fridge, rows: { length } }) => Array.from({ length }, () => fridge))
  return sql`kept as (insert into ledger_rows (fridge, seq, at_ms, hash, body)
    select * from ${unnest(
      text(fridges, (fridge) => fridge),
      int8(rows, ({ seq }) => seq),
      float8(rows, ({ atMs }) => atMs),
      bytea(rows, ({ digest }) => digest),
      text(rows, ({ body, verdict }) => (isRefusal(verdict) ? null : body)),
    )} where ${all})`
}

/** A visit that began in this run is written with its end; one that was there gets it. */
function visitParts(pages: readonly Page[], all: Part): Part[] {
  type End = Changes['visitsEnded'][number]
  const ends = new Map(pages.map(({ fridge, changes }) => [fridge, new Map(changes.visitsEnded.map((one) => [one.event.visit, one]))])) // prettier-ignore
  const began = of(pages, ({ changes }) => changes.visitsStarted)
  const endOf = ({ page, one }: (typeof began)[number]): End | undefined => ends.get(page.fridge)?.get(one.event.visit)
  const ended = of(pages, ({ fridge, changes }) => {
    const open = new Map(ends.get(fridge))
    for (const { event } of changes.visitsStarted) open.delete(event.visit)
    return open.values()
  })
  return [
    sql`began as (insert into visits (fridge, visit, started_ms, hold_minor, currency, ended_ms, ending)
      select * from ${unnest(
        owner(began),
        text(began, ({ one }) => one.event.visit),
        float8(began, ({ one }) => one.atMs),
        int8(began, ({ one }) => one.event.amountMinor),
        text(began, ({ one }) => one.event.currency),
        float8(began, (visit) => endOf(visit)?.atMs ?? null),
        text(began, (visit) => endOf(visit)?.event.ending.type ?? null),
      )} where ${all})`,
    sql`ended as (update visits set ended_ms = t.at_ms, ending = t.ending
      from ${unnest(
        owner(ended),
        text(ended, ({ one }) => one.event.visit),
        float8(ended, ({ one }) => one.atMs),
        text(ended, ({ one }) => one.event.ending.type),
      )} as t (fridge, visit, at_ms, ending)
      where visits.fridge = t.fridge and visits.visit = t.visit and ${all})`,
  ]
}

/** As visits: one that is closed in the run that opened it is written so. */
function reviewParts(pages: readonly Page[], all: Part): Part[] {
  type Closed = Changes['reviewsClosed'][number]
  const closes = new Map(pages.map(({ fridge, changes }) => [fridge, new Map(changes.reviewsClosed.map((one) => [one.event.visit, one]))])) // prettier-ignore
  const opened = of(pages, ({ changes }) => changes.reviewsOpened)
  const closeOf = ({ page, one }: (typeof opened)[number]): Closed | undefined =>
    closes.get(page.fridge)?.get(one.event.visit)
  const closed = of(pages, ({ fridge, changes }) => {
    const open = new Map(closes.get(fridge))
    for (const { event } of changes.reviewsOpened) open.delete(event.visit)
    return open.values()
  })
  const outcome = (one: Closed | undefined): string | null =>
    one === undefined ? null : one.event.type === 'ReviewDecided' ? 'decided' : 'lapsed'
  const said = (one: Closed | undefined, what: 'by' | 'reason'): string | null =>
    one?.event.type === 'ReviewDecided' ? one.event[what] : null
  return [
    sql`doubted as (insert into reviews (fridge, visit, cause, opened_ms, decide_by_ms, probability, likely_moves,
        closed_ms, outcome, decided_by, reason)
      select * from ${unnest(
        owner(opened),
        text(opened, ({ one }) => one.event.visit),
        text(opened, ({ one }) => one.event.cause),
        float8(opened, ({ one }) => one.atMs),
        float8(opened, ({ one }) => one.event.decideByMs),
        float8(opened, ({ one }) => one.event.probability),
        text(opened, ({ one }) => JSON.stringify(one.event.likelyMoves)),
        float8(opened, (review) => closeOf(review)?.atMs ?? null),
        text(opened, (review) => outcome(closeOf(review))),
        text(opened, (review) => said(closeOf(review), 'by')),
        text(opened, (review) => said(closeOf(review), 'reason')),
      )} where ${all})`,
    sql`settled as (update reviews set closed_ms = t.at_ms, outcome = t.outcome, decided_by = t.decided_by, reason = t.reason
      from ${unnest(
        owner(closed),
        text(closed, ({ one }) => one.event.visit),
        float8(closed, ({ one }) => one.atMs),
        text(closed, ({ one }) => outcome(one)),
        text(closed, ({ one }) => said(one, 'by')),
        text(closed, ({ one }) => said(one, 'reason')),
      )} as t (fridge, visit, at_ms, outcome, decided_by, reason)
      where reviews.fridge = t.fridge and reviews.visit = t.visit and ${all})`,
  ]
}

/**
 * A capture or a receipt is in the currency of its visit; the catalogue's stands in where the visit's start was set aside.
 */
function moneyParts(pages: readonly Page[], all: Part): Part[] {
  const captures = of(pages, ({ changes }) => changes.captures)
  const receipts = of(pages, ({ changes }) => changes.receipts)
  const lines = of(pages, ({ changes }) => changes.receiptLines)
  const currencies = new Map(pages.map(({ fridge, changes }) => [fridge, new Map<string, string>(changes.visitsStarted.map(({ event }) => [event.visit, event.currency]))])) // prettier-ignore
  const began = (found: readonly Of<{ event: { visit: string } }>[]): Column =>
    text(found, ({ page, one }) => currencies.get(page.fridge)?.get(one.event.visit) ?? null)
  const currency = sql`coalesce(t.began, (select v.currency from visits v where v.fridge = t.fridge and v.visit = t.visit),
    t.adopted, (select d.currency from due d where d.id = t.fridge))`
  return [
    sql`captured as (insert into captures (fridge, visit, at_ms, amount_minor, currency)
      select t.fridge, t.visit, t.at_ms, t.amount_minor, ${currency}
      from ${unnest(
        owner(captures),
        text(captures, ({ one }) => one.event.visit),
        float8(captures, ({ one }) => one.atMs),
        int8(captures, ({ one }) => one.event.amountMinor),
        began(captures),
        text(captures, ({ page }) => page.changes.currency),
      )} as t (fridge, visit, at_ms, amount_minor, began, adopted) where ${all})`,
    sql`received as (insert into receipts (fridge, visit, number, at_ms, total_minor, charged_minor, currency, books)
      select t.fridge, t.visit, t.number, t.at_ms, t.total_minor, t.charged_minor, ${currency},
        coalesce(t.books, (select d.books from due d where d.id = t.fridge))
      from ${unnest(
        owner(receipts),
        text(receipts, ({ one }) => one.event.visit),
        int8(receipts, ({ one }) => one.event.number),
        float8(receipts, ({ one }) => one.atMs),
        int8(receipts, ({ one }) => one.event.totalMinor),
        int8(receipts, ({ one }) => one.event.chargedMinor),
        began(receipts),
        text(receipts, ({ page }) => page.changes.currency),
        int4(receipts, ({ page }) => page.books),
      )} as t (fridge, visit, number, at_ms, total_minor, charged_minor, began, adopted, books) where ${all})`,
    sql`lines as (insert into receipt_lines (fridge, visit, line, sku, count, price_minor, alternatives)
      select * from ${unnest(
        owner(lines),
        text(lines, ({ one }) => one.visit),
        int4(lines, ({ one }) => one.line),
        text(lines, ({ one }) => one.sku),
        int8(lines, ({ one }) => one.count),
        int8(lines, ({ one }) => one.priceMinor),
        text(lines, ({ one }) => (one.or === undefined ? null : JSON.stringify(one.or))),
      )} where ${all})`,
  ]
}

/** No place stands in both: one statement may touch a row once. */
function stockParts(pages: readonly Page[], all: Part): Part[] {
  const changed = of(pages, ({ changes }) => changes.stock.values())
  const counted = changed.filter(({ one }) => one.counted !== null)
  const moved = changed.filter(({ one }) => one.counted === null)
  const inserted = (rows: typeof changed) =>
    sql`insert into stock (fridge, shelf, sku, count)
      select * from ${unnest(
        owner(rows),
        int4(rows, ({ one }) => one.shelf),
        text(rows, ({ one }) => one.sku),
        int8(rows, ({ one }) => (one.counted ?? 0) + one.moved),
      )} where ${all}
      on conflict (fridge, shelf, sku) do update`
  return [
    sql`counted as (${inserted(counted)} set count = excluded.count)`,
    sql`moved as (${inserted(moved)} set count = stock.count + excluded.count)`,
  ]
}
