/**
 * Event reads: which rows of which fridge are to be published next, and how far it has come (SPEC RL51-RL53).
 * Holds always: a fridge is one copy's at a time, for a minute; its cursor moves only from where that copy found it, and only
 * after the broker has confirmed. What the books' restart or the quarantine's retake does behind a cursor stands in
 * `event_late_rows`, written in the same transaction by which it is so.
 */
import { sql } from 'kysely'
import type { Currency } from '../../../src/core/money.ts'
import type { Db } from './open.ts'

export const leaseMs = 60_000

export interface Lease {
  readonly fridge: string
  readonly books: number
  readonly seq: number
}

/** A row as it is published: its books', its place and its hash make its name; `money` is its visit's currency. */
export interface FactRow {
  readonly fridge: string
  readonly books: number
  readonly seq: number
  readonly atMs: number
  readonly hash: Uint8Array
  /** Null where the row was set aside. */
  readonly body: string | null
  readonly money: Currency | null
}

/** `history`: what was there before the first start with this sink is told too. */
export async function openSink(db: Db, sink: string, history: boolean): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const made = await sql`insert into event_sinks (sink, since, looked_at)
      values (${sink}, ${history ? sql`'epoch'` : sql`now()`}, ${history ? sql`'epoch'` : sql`now()`})
      on conflict (sink) do nothing returning sink`.execute(trx)
    if (made.rows.length === 0 || sink !== 'rabbitmq' || history) return
    await sql`insert into event_cursors (fridge, books, seq) select id, books, upto from fridges
      on conflict (fridge) do nothing`.execute(trx)
  })
}

/** Fridges that were paired since are told of from their first row on. */
export async function followNewFridges(db: Db): Promise<void> {
  await sql`with made as (
      insert into event_cursors (fridge, books, seq)
      select id, books, 0 from fridges f where not exists (select from event_cursors c where c.fridge = f.id)
      on conflict (fridge) do nothing returning fridge)
    insert into event_late_rows (fridge, books, seq)
    select r.fridge, r.books, r.seq from former_rows r join made on made.fridge = r.fridge
    on conflict do nothing`.execute(db)
}

/** A row of `l` is behind the cursor `c`. */
const isLate = sql`(l.books < c.books or l.seq <= c.seq)`

/** Takes fridges that have something to tell, those that waited longest first. */
export async function leaseFridges(db: Db, me: string, limit: number): Promise<Lease[]> {
  const { rows } = await sql<Lease>`with behind as (
      select c.fridge from event_cursors c join fridges f on f.id = c.fridge
      where c.taken_until <= now()
        and (f.upto > c.seq or exists (select from event_late_rows l where l.fridge = c.fridge and ${isLate}))
      order by c.taken_until limit ${limit} for update of c skip locked)
    update event_cursors c set taken_until = now() + ${leaseMs} * interval '1 millisecond', taken_by = ${me}
    from behind where c.fridge = behind.fridge returning c.fridge, c.books, c.seq`.execute(db)
  return rows
}

const money = sql`coalesce((select v.currency from visits v where v.fridge = r.fridge
    and v.visit = substring(r.body from '"visit":"([^"]*)"')), (select f.currency from fridges f where f.id = r.fridge))`

/** The next rows behind a fridge's cursor, in order. */
export async function rowsBehind(db: Db, { fridge, books, seq }: Lease, limit: number): Promise<FactRow[]> {
  const { rows } = await sql<FactRow>`select r.fridge, ${books}::int as books, r.seq, r.at_ms as "atMs", r.hash, r.body,
      case when r.body is null then null else ${money} end as money
    from ledger_rows r where r.fridge = ${fridge} and r.seq > ${seq} order by r.seq limit ${limit}`.execute(db)
  return rows
}

/** Those that come late, wherever they stand now. What the cursor has not passed yet has its turn there. */
export async function lateRows(db: Db, fridge: string, limit: number): Promise<FactRow[]> {
  const { rows } =
    await sql<FactRow>`select r.fridge, l.books, l.seq, r.at_ms as "atMs", r.hash, r.body, ${money} as money
    from event_late_rows l join event_cursors c on c.fridge = l.fridge and ${isLate} cross join lateral (
      select fridge, at_ms, hash, body from former_rows f where f.fridge = l.fridge and f.books = l.books and f.seq = l.seq
      union all
      select fridge, at_ms, hash, body from ledger_rows k where k.fridge = l.fridge and k.seq = l.seq
        and not exists (select from former_rows f where f.fridge = l.fridge and f.books = l.books and f.seq = l.seq)
    ) r where l.fridge = ${fridge} order by l.books, l.seq limit ${limit}`.execute(db)
  return rows
}

/** What was confirmed is told. False: the books began anew meanwhile, or another copy went on; it is told again. */
export async function advance(
  db: Db,
  me: string,
  { fridge, books, seq }: Lease,
  uptoSeq: number,
  late: readonly FactRow[],
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const moved = await sql`update event_cursors set seq = ${uptoSeq}, taken_until = now(), taken_by = null
      where fridge = ${fridge} and books = ${books} and seq = ${seq} and taken_by = ${me} returning fridge`.execute(trx)
    if (moved.rows.length === 0) return false
    if (late.length > 0)
      await sql`delete from event_late_rows l using unnest(${late.map((row) => row.books)}::int[],
        ${late.map((row) => row.seq)}::bigint[]) as t (books, seq)
        where l.fridge = ${fridge} and l.books = t.books and l.seq = t.seq`.execute(trx)
    return true
  })
}

/** Not told after all: another turn, or another copy, may at once. */
export async function giveBack(db: Db, me: string, fridges: readonly string[]): Promise<void> {
  await sql`update event_cursors set taken_until = now(), taken_by = null
    where fridge = any(${fridges}::text[]) and taken_by = ${me}`.execute(db)
}

/** Rows that are not published yet, over the fleet. */
export async function countBehind(db: Db): Promise<number> {
  const { rows } = await sql<{ behind: number }>`select
      coalesce((select sum(greatest(f.upto - c.seq, 0)) from event_cursors c join fridges f on f.id = c.fridge), 0)::bigint
      + (select count(*) from event_late_rows) as behind`.execute(db)
  return rows[0]?.behind ?? 0
}

// ---- what other rooms of the store do behind a cursor, in their own transactions -------------------------------------

/** The books begin anew behind row `common`: what was moved and not told yet comes late, and the cursor goes back. */
export async function cursorRestarts(trx: Db, fridge: string, common: number): Promise<void> {
  await sql`insert into event_late_rows (fridge, books, seq)
    select r.fridge, r.books, r.seq from former_rows r join event_cursors c on c.fridge = r.fridge
    where r.fridge = ${fridge} and r.books = c.books and r.seq > greatest(c.seq, ${common}::bigint)
    on conflict do nothing`.execute(trx)
  await sql`update event_cursors set books = books + 1, seq = least(seq, ${common}) where fridge = ${fridge}`.execute(
    trx,
  )
}

/** Rows taken out of quarantine: behind the cursor, or in a copy's hands as they were before. */
export async function cursorRetakes(trx: Db, fridge: string, seqs: readonly number[]): Promise<void> {
  await sql`insert into event_late_rows (fridge, books, seq)
    select c.fridge, c.books, t.seq from event_cursors c, unnest(${seqs}::bigint[]) as t (seq)
    where c.fridge = ${fridge} on conflict do nothing`.execute(trx)
}
