/**
 * Alerts: what an owner must be told of one fridge, found by looking at the tables every few seconds.
 * Holds always: one alert of a kind stands open for a fridge (and product) at a time, whichever copies of the relay look; it
 * closes by itself when its cause is gone; who acknowledged it is in the audit log. Windows are in the fridge's own time,
 * so that a month that arrives late raises nothing of last week. Numbers: the reference's (its README, "Alerts").
 */
import { sql } from 'kysely'
import type { FleetAlert } from '../../../src/contract/fleet.ts'
import { note } from './audit.ts'
import { nearlyGone } from './capacities.ts'
import type { Db } from './open.ts'

const type = `split_part(body, '"', 4)`
const troubles = `('HoldDeclined', 'CaptureLost', 'UnlockFailed', 'DoorForced', 'DoorLeftOpen', 'DoorClosed')`
const stops = `('SalesStopped', 'SalesCleared')`

/** Partial indices: an ordinary row of a visit is in none of them. */
export const alertTables: readonly string[] = [
  `CREATE INDEX ledger_rows_troubles ON ledger_rows (at_ms) WHERE ${type} IN ${troubles}`,
  `CREATE INDEX ledger_rows_stops ON ledger_rows (fridge, at_ms DESC) WHERE ${type} IN ${stops}`,
  // The most that ever stood there: what "20 %" is of.
  `ALTER TABLE stock ADD COLUMN most bigint NOT NULL DEFAULT 0`,
  `CREATE TABLE alerts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fridge text NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    detail text NOT NULL,
    raised_at timestamptz NOT NULL DEFAULT now(),
    cleared_at timestamptz,
    acknowledged_by text,
    acknowledged_at timestamptz,
    note text,
    escalated_at timestamptz
  )`,
  `CREATE UNIQUE INDEX alerts_open ON alerts (fridge, kind, subject) WHERE cleared_at IS NULL`,
  `CREATE INDEX alerts_by_time ON alerts (raised_at DESC)`,
]

/** Who called for more people, and why: the step 031. Null where nobody did, and time alone escalated it. */
export const escalationColumns: readonly string[] = [
  `ALTER TABLE alerts ADD COLUMN escalated_by text`,
  `ALTER TABLE alerts ADD COLUMN escalation_note text`,
]

/** What is wrong now, as rows of fridge, kind, subject and detail. */
const wrong = `
  WITH clock AS (SELECT extract(epoch from now()) * 1000 AS ms),
  known AS (
    SELECT id, greatest(seen_at, heard_at) AS seen_at FROM fridges LEFT JOIN channels ON channels.fridge = fridges.id
    WHERE revoked_at IS NULL
  ),
  troubles AS (
    SELECT fridge, at_ms, ${type} AS type FROM ledger_rows, clock
    WHERE ${type} IN ${troubles} AND at_ms > clock.ms - 24 * 3600000
  ),
  doors AS (
    SELECT DISTINCT ON (fridge) fridge, type FROM troubles WHERE type IN ('DoorLeftOpen', 'DoorClosed')
    ORDER BY fridge, at_ms DESC, type
  ),
  stops AS (
    SELECT DISTINCT ON (fridge) fridge, ${type} AS type, body FROM ledger_rows WHERE ${type} IN ${stops}
    ORDER BY fridge, at_ms DESC
  ),
  found AS (
    SELECT id AS fridge, 'offline' AS kind, '' AS subject, 'not heard of for 300 s' AS detail FROM known
      WHERE seen_at < now() - interval '300 s'
    UNION ALL
    SELECT fridge, 'payments', '', count(*) || ' payments failed within 15 minutes' FROM troubles, clock
      WHERE type IN ('HoldDeclined', 'CaptureLost') AND at_ms > clock.ms - 900000 GROUP BY fridge HAVING count(*) >= 3
    UNION ALL
    SELECT fridge, 'suspicious', '', count(*) || ' times forced or refused within 5 minutes' FROM troubles, clock
      WHERE type IN ('HoldDeclined', 'UnlockFailed', 'DoorForced') AND at_ms > clock.ms - 300000
      GROUP BY fridge HAVING count(*) >= 3
    UNION ALL
    SELECT fridge, 'door', '', 'the door stands open' FROM doors WHERE type = 'DoorLeftOpen'
    UNION ALL
    SELECT fridge, 'temperature', '', 'sales are stopped: ' || split_part(body, '"', 8) FROM stops
      WHERE type = 'SalesStopped'
    UNION ALL
    SELECT fridge, 'stock', sku, sum(count) || ' of ' || sum(room) || ' left' FROM stock_rooms
      GROUP BY fridge, sku HAVING ${nearlyGone}
  )
  SELECT found.* FROM found JOIN known ON known.id = found.fridge`

/** Raises, closes and escalates. Any number of copies may do so at once. */
export async function sweepAlerts(db: Db): Promise<void> {
  // A place that a fridge's rows are changing now is left for the next time: to wait here for one and hold another would be a
  // deadlock with them.
  await sql`update stock s set most = s.count from (select fridge, shelf, sku from stock where count > most
    for update skip locked) grown where s.fridge = grown.fridge and s.shelf = grown.shelf and s.sku = grown.sku`.execute(
    db,
  )
  await db.transaction().execute(async (trx) => {
    // One copy at a time: two that look at different moments would take turns at opening and closing one alert.
    await sql`select pg_advisory_xact_lock(8470)`.execute(trx)
    await sql`create temporary table wrong on commit drop as ${sql.raw(wrong)}`.execute(trx)
    await sql`update alerts set cleared_at = now() where cleared_at is null and not exists (select 1 from wrong w
      where w.fridge = alerts.fridge and w.kind = alerts.kind and w.subject = alerts.subject)`.execute(trx)
    await sql`insert into alerts (fridge, kind, subject, detail) select fridge, kind, subject, detail from wrong
      on conflict (fridge, kind, subject) where cleared_at is null do update set detail = excluded.detail`.execute(trx)
    await sql`update alerts set escalated_at = now() where cleared_at is null and acknowledged_at is null
      and escalated_at is null and raised_at < now() - interval '15 minutes'`.execute(trx)
  })
}

export async function countAlerts(db: Db): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ kind: string; count: number }>`select kind, count(*) as count from alerts
    where cleared_at is null group by kind`.execute(db)
  return new Map(rows.map(({ kind, count }) => [kind, count]))
}

/** Newest first; those that stand open, or all. */
export async function listAlerts(db: Db, { open, limit }: { open: boolean; limit: number }): Promise<FleetAlert[]> {
  const ms = (column: string) => sql.raw(`round(extract(epoch from ${column}) * 1000)::float8`)
  const { rows } =
    await sql<FleetAlert>`select id, fridge, kind, subject, detail, note, ${ms('raised_at')} as "raisedAtMs",
      ${ms('cleared_at')} as "clearedAtMs", acknowledged_by as "acknowledgedBy",
      ${ms('acknowledged_at')} as "acknowledgedAtMs", ${ms('escalated_at')} as "escalatedAtMs",
      escalated_by as "escalatedBy", escalation_note as "escalationNote"
    from alerts where cleared_at is null or not ${open}
    order by raised_at desc, id desc limit ${limit}`.execute(db)
  return rows
}

/** False where no such alert waits for it. */
export async function acknowledgeAlert(db: Db, id: number, who: string, reason: string): Promise<boolean> {
  const { rows } = await sql<{ fridge: string; kind: string }>`update alerts
    set acknowledged_by = ${who}, acknowledged_at = now(), note = ${reason}
    where id = ${id} and acknowledged_at is null returning fridge, kind`.execute(db)
  const [alert] = rows
  if (alert === undefined) return false
  await note(db, who, `acknowledge ${alert.kind}`, alert.fridge, reason)
  return true
}

/** By a person, of one that stands open, once: false otherwise. What time alone has escalated gets a name and a word, and is not told again outside. */
export async function escalateAlert(db: Db, id: number, who: string, reason: string): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ fridge: string; kind: string }>`update alerts
      set escalated_by = ${who}, escalated_at = coalesce(escalated_at, now()), escalation_note = ${reason}
      where id = ${id} and escalated_by is null and cleared_at is null returning fridge, kind`.execute(trx)
    const [alert] = rows
    if (alert === undefined) return false
    await note(trx, who, `escalate ${alert.kind}`, alert.fridge, reason)
    return true
  })
}
