/**
 * Notices: what the relay itself found out (alerts, refunds), once for each sink that is told of it (SPEC RL54).
 * Holds always: a notice is made from the fact as it stands in its own table, so that none is lost however long nobody looked;
 * one of a fact stands for a sink, whichever copies look; those about one thing are told in their order; a notice is one
 * copy's at a time. What was told is forgotten after three days, what was given up after thirty.
 */
import { sql } from 'kysely'
import type { Db } from './open.ts'

export interface Notice {
  readonly fridge: string
  readonly id: string
  readonly type: string
  readonly atMs: number
  readonly body: string
  /** How often it was tried, this time included. */
  readonly tries: number
}

/** A copy that took a notice has it for so long. */
const takenMs = 60_000
/** A fact's own transaction may have begun so long before others saw it. */
const margin = sql`interval '1 hour'`

export interface Wanted {
  /** Older facts are of no use to this sink; null: all are. */
  readonly withinHours: number | null
  /** Types of notices, as patterns of SQL's LIKE. */
  readonly only: readonly string[]
}

export const allNotices: Wanted = { withinHours: null, only: ['%'] }

/** Makes notices of what was found since somebody looked for this sink. */
export async function gather(db: Db, sink: string, { withinHours, only }: Wanted): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const found = await sql<{ from: Date; now: Date }>`select
        greatest(since, looked_at - ${margin}, now() - ${withinHours}::float8 * interval '1 hour') as "from", now() as now
      from event_sinks where sink = ${sink}`.execute(trx)
    const [sinkRow] = found.rows
    if (sinkRow === undefined) return
    await sql`insert into event_notices (fridge, sink, id, about, type, at, body)
      select f.fridge, ${sink}, f.about || '.' || f.type, f.about, f.type, f.at, f.body from (
        select a.fridge, 'alert-' || a.id as about, 'alert.' || t.what as type, t.at,
          json_build_object('alert', a.id, 'kind', a.kind, 'subject', a.subject, 'detail', a.detail,
            'by', a.acknowledged_by, 'note', a.note)::text as body
        from alerts a cross join lateral (values ('raised', a.raised_at), ('acknowledged', a.acknowledged_at),
          ('escalated', a.escalated_at), ('cleared', a.cleared_at)) as t (what, at)
        where greatest(a.raised_at, a.acknowledged_at, a.escalated_at, a.cleared_at) > ${sinkRow.from}
        union all
        select r.fridge, 'refund-' || r.visit || '-' || r.key, 'refund.' || r.at, r.changed_at,
          json_build_object('visit', r.visit, 'key', r.key, 'amountMinor', r.amount_minor, 'currency', r.currency,
            'why', r.why, 'by', r.who, 'reason', r.reason)::text
        from refunds r where r.at in ('done', 'refused') and r.changed_at > ${sinkRow.from}
      ) f where f.at > ${sinkRow.from} and f.type like any (${[...only]}::text[]) on conflict (fridge, sink, id) do nothing`.execute(
      trx,
    )
    // Within the margin nothing is missed, and a quiet relay writes once a minute.
    await sql`update event_sinks set looked_at = ${sinkRow.now} where sink = ${sink}
      and looked_at < ${sinkRow.now}::timestamptz - interval '1 minute'`.execute(trx)
    await sql`delete from event_notices where sink = ${sink} and done_at is not null
      and done_at < now() - case when outcome = 'told' then interval '3 days' else interval '30 days' end`.execute(trx)
  })
}

/** Takes what is due, the oldest first; of each thing only what comes next. */
export async function takeNotices(db: Db, sink: string, limit: number): Promise<Notice[]> {
  const { rows } = await sql<Notice>`with due as (
      select n.fridge, n.sink, n.id from event_notices n
      where n.sink = ${sink} and n.done_at is null and n.due_at <= now() and not exists (
        select from event_notices b where b.sink = n.sink and b.about = n.about and b.fridge = n.fridge
          and b.done_at is null and (b.at, b.id) < (n.at, n.id))
      order by n.at, n.id limit ${limit} for update of n skip locked)
    update event_notices n set tries = n.tries + 1, due_at = now() + ${takenMs} * interval '1 millisecond'
    from due where n.fridge = due.fridge and n.sink = due.sink and n.id = due.id
    returning n.fridge, n.id, n.type, round(extract(epoch from n.at) * 1000)::float8 as "atMs", n.body, n.tries`.execute(
    db,
  )
  return rows.toSorted((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1))
}

export async function noticesTold(db: Db, sink: string, notices: readonly Notice[]): Promise<void> {
  await settle(db, sink, notices, 'told')
}

/** Nobody can be told of these any more; `why` stands beside them for thirty days. */
export async function noticesGivenUp(db: Db, sink: string, notices: readonly Notice[], why: string): Promise<void> {
  await settle(db, sink, notices, why.slice(0, 200))
}

async function settle(db: Db, sink: string, notices: readonly Notice[], outcome: string): Promise<void> {
  if (notices.length === 0) return
  await sql`update event_notices n set done_at = now(), outcome = ${outcome}
    from unnest(${notices.map((one) => one.fridge)}::text[], ${notices.map((one) => one.id)}::text[]) as t (fridge, id)
    where n.sink = ${sink} and n.fridge = t.fridge and n.id = t.id and n.done_at is null`.execute(db)
}

/** Again, so much later. */
export async function noticesLater(db: Db, sink: string, notices: readonly Notice[], delayMs: number): Promise<void> {
  if (notices.length === 0) return
  await sql`update event_notices n set due_at = now() + ${delayMs} * interval '1 millisecond'
    from unnest(${notices.map((one) => one.fridge)}::text[], ${notices.map((one) => one.id)}::text[]) as t (fridge, id)
    where n.sink = ${sink} and n.fridge = t.fridge and n.id = t.id and n.done_at is null`.execute(db)
}

export async function countNotices(db: Db, sink: string): Promise<number> {
  const { rows } = await sql<{ waiting: number }>`select count(*)::bigint as waiting from event_notices
    where sink = ${sink} and done_at is null`.execute(db)
  return rows[0]?.waiting ?? 0
}
