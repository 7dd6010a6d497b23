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

/** Who reads the rows, each by cursors of its own. */
export type RowSink = 'rabbitmq' | 'sheets'

export interface Lease {
  readonly sink: RowSink
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
export async function openSink(db: Db, sink: RowSink | 'webhook' | `mail/${string}`, history: boolean): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const made = await sql`insert into event_sinks (sink, since, looked_at)
      values (${sink}, ${history ? sql`'epoch'` : sql`now()`}, ${history ? sql`'epoch'` : sql`now()`})
      on conflict (sink) do nothing returning sink`.execute(trx)
    if (made.rows.length === 0 || (sink !== 'rabbitmq' && sink !== 'sheets') || history) return
    await sql`insert into event_cursors (fridge, sink, books, seq) select id, ${sink}, books, upto from fridges
      on conflict (fridge, sink) do nothing`.execute(trx)
  })
}

/** Fridges that were paired since are told of from their first row on. */
export async function followNewFridges(db: Db, sink: RowSink): Promise<void> {
  await sql`with made as (
      insert into event_cursors (fridge, sink, books, seq)
      select id, ${sink}, books, 0 from fridges f
      where not exists (select from event_cursors c where c.fridge = f.id and c.sink = ${sink})
      on conflict (fridge, sink) do nothing returning fridge)
    insert into event_late_rows (fridge, sink, books, seq)
    select r.fridge, ${sink}, r.books, r.seq from former_rows r join made on made.fridge = r.fridge
    on conflict do nothing`.execute(db)
}

/** A row of `l` is behind the cursor `c`. */
const isLate = sql`(l.sink = c.sink and (l.books < c.books or l.seq <= c.seq))`

/** Fridges that have something to tell, those that waited longest first, locked. */
const behind = (
  sink: RowSink,
  limit: number,
  only: readonly string[] | null,
) => sql`select c.sink, c.fridge, c.books, c.seq
  from event_cursors c join fridges f on f.id = c.fridge
  where c.sink = ${sink} and c.taken_until <= now() and (${only === null} or c.fridge = any(${only ?? []}::text[]))
    and (f.upto > c.seq or exists (select from event_late_rows l where l.fridge = c.fridge and ${isLate}))
  order by c.taken_until limit ${limit} for update of c skip locked`

/** As leaseFridges, for one that is done with them in its transaction. */
export async function lockFridges(trx: Db, sink: RowSink, limit: number): Promise<Lease[]> {
  const { rows } = await behind(sink, limit, null).$castTo<Lease>().execute(trx)
  return rows
}

/** Takes fridges that have something to tell, those that waited longest first. `only`: of these; null: of all. */
export async function leaseFridges(
  db: Db,
  sink: RowSink,
  me: string,
  limit: number,
  only: readonly string[] | null,
): Promise<Lease[]> {
  const { rows } = await sql<Lease>`with behind as (${behind(sink, limit, only)})
    update event_cursors c set taken_until = now() + ${leaseMs} * interval '1 millisecond', taken_by = ${me}
    from behind where c.fridge = behind.fridge and c.sink = ${sink}
    returning c.sink, c.fridge, c.books, c.seq`.execute(db)
  return rows
}

const money = sql`coalesce((select v.currency from visits v where v.fridge = r.fridge
    and v.visit = substring(r.body from '"visit":"([^"]*)"')), (select f.currency from fridges f where f.id = r.fridge))`

/** The next rows behind a fridge's cursor, in order. `only`: the bodies of this type of event, as a ledger's row begins. */
export async function rowsBehind(db: Db, { fridge, books, seq }: Lease, limit: number, only = ''): Promise<FactRow[]> {
  const wanted = sql`r.body like ${`{"type":"${only}%`}`
  const { rows } = await sql<FactRow>`select r.fridge, ${books}::int as books, r.seq, r.at_ms as "atMs", r.hash,
      case when ${wanted} then r.body end as body, case when ${wanted} then ${money} end as money
    from ledger_rows r where r.fridge = ${fridge} and r.seq > ${seq} order by r.seq limit ${limit}`.execute(db)
  return rows
}

/** Those that come late, wherever they stand now. What the cursor has not passed yet has its turn there. */
export async function lateRows(db: Db, { sink, fridge }: Lease, limit: number): Promise<FactRow[]> {
  const { rows } =
    await sql<FactRow>`select r.fridge, l.books, l.seq, r.at_ms as "atMs", r.hash, r.body, ${money} as money
    from event_late_rows l join event_cursors c on c.fridge = l.fridge and ${isLate} cross join lateral (
      select fridge, at_ms, hash, body from former_rows f where f.fridge = l.fridge and f.books = l.books and f.seq = l.seq
      union all
      select fridge, at_ms, hash, body from ledger_rows k where k.fridge = l.fridge and k.seq = l.seq
        and not exists (select from former_rows f where f.fridge = l.fridge and f.books = l.books and f.seq = l.seq)
    ) r where l.fridge = ${fridge} and l.sink = ${sink} order by l.books, l.seq limit ${limit}`.execute(db)
  return rows
}

/** What was confirmed is told. False: the books began anew meanwhile, or another copy went on; it is told again. */
export async function advance(
  db: Db,
  me: string,
  { sink, fridge, books, seq }: Lease,
  uptoSeq: number,
  late: readonly FactRow[],
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const moved = await sql`update event_cursors set seq = ${uptoSeq}, taken_until = now(), taken_by = null
      where fridge = ${fridge} and sink = ${sink} and books = ${books} and seq = ${seq} and taken_by = ${me}
      returning fridge`.execute(trx)
    if (moved.rows.length === 0) return false
    await forgetLate(trx, sink, fridge, late)
    return true
  })
}

/** Moves a cursor that lockFridges gave, in its transaction. */
export async function advanceLocked(
  trx: Db,
  { sink, fridge }: Lease,
  uptoSeq: number,
  late: readonly FactRow[],
): Promise<void> {
  await sql`update event_cursors set seq = ${uptoSeq}, taken_until = now() where fridge = ${fridge} and sink = ${sink}`.execute(
    trx,
  )
  await forgetLate(trx, sink, fridge, late)
}

async function forgetLate(trx: Db, sink: RowSink, fridge: string, late: readonly FactRow[]): Promise<void> {
  if (late.length === 0) return
  await sql`delete from event_late_rows l using unnest(${late.map((row) => row.books)}::int[],
    ${late.map((row) => row.seq)}::bigint[]) as t (books, seq)
    where l.fridge = ${fridge} and l.sink = ${sink} and l.books = t.books and l.seq = t.seq`.execute(trx)
}

/** Not told after all: another turn, or another copy, may at once. */
export async function giveBack(db: Db, sink: RowSink, me: string, fridges: readonly string[]): Promise<void> {
  await sql`update event_cursors set taken_until = now(), taken_by = null
    where fridge = any(${fridges}::text[]) and sink = ${sink} and taken_by = ${me}`.execute(db)
}

/** Rows that are not published yet, over the fleet. */
export async function countBehind(db: Db, sink: RowSink): Promise<number> {
  const { rows } = await sql<{ behind: number }>`select
      coalesce((select sum(greatest(f.upto - c.seq, 0)) from event_cursors c join fridges f on f.id = c.fridge
        where c.sink = ${sink}), 0)::bigint + (select count(*) from event_late_rows where sink = ${sink}) as behind`.execute(
    db,
  )
  return rows[0]?.behind ?? 0
}

/** A fridge that is paired now is followed from its first row on, by whoever reads rows. */
export async function cursorBegins(trx: Db, fridge: string): Promise<void> {
  await sql`insert into event_cursors (fridge, sink, books, seq)
    select f.id, s.sink, f.books, 0 from fridges f, event_sinks s
    where f.id = ${fridge} and s.sink in ('rabbitmq', 'sheets') on conflict (fridge, sink) do nothing`.execute(trx)
}

// ---- what other rooms of the store do behind a cursor, in their own transactions -------------------------------------

/** The books begin anew behind row `common`: what was moved and not told yet comes late, and the cursor goes back. */
export async function cursorRestarts(trx: Db, fridge: string, common: number): Promise<void> {
  await sql`insert into event_late_rows (fridge, sink, books, seq)
    select r.fridge, c.sink, r.books, r.seq from former_rows r join event_cursors c on c.fridge = r.fridge
    where r.fridge = ${fridge} and r.books = c.books and r.seq > greatest(c.seq, ${common}::bigint)
    on conflict do nothing`.execute(trx)
  await sql`update event_cursors set books = books + 1, seq = least(seq, ${common}) where fridge = ${fridge}`.execute(
    trx,
  )
}

/**
 * Rows taken out of quarantine: behind the cursor; for RabbitMQ also those that a copy may have in its hands as they were
 * before, since there the same event may be told twice. The cursors are locked: a spreadsheet's moves in one transaction with
 * what it read.
 */
export async function cursorRetakes(trx: Db, fridge: string, seqs: readonly number[]): Promise<void> {
  await sql`insert into event_late_rows (fridge, sink, books, seq)
    select c.fridge, c.sink, c.books, t.seq
    from (select * from event_cursors where fridge = ${fridge} for update) c, unnest(${seqs}::bigint[]) as t (seq)
    where c.sink = 'rabbitmq' or t.seq <= c.seq on conflict do nothing`.execute(trx)
}
