/**
 * Reads: what an owner asks of the tables. Every amount is in minor units with its currency, never summed across
 * currencies; pages are cut by key, not by offset, so that a table of millions costs what a page costs.
 */
import { sql } from 'kysely'
import type { FleetStock } from '../../../src/contract/fleet.ts'
import type { Db } from './open.ts'

export interface FridgeRow {
  readonly fridge: string
  readonly version: string | null
  readonly currency: string | null
  readonly pairedAtMs: number
  readonly revokedAtMs: number | null
  /** Rows kept without a gap. */
  readonly acknowledgedSeq: number
  /** The relay's time when it last heard of the fridge, and the fridge's time of the last event it has from it. */
  readonly seenAtMs: number | null
  readonly lastEventAtMs: number | null
  /** How long ago the relay heard of it, by the database's clock. */
  readonly silentMs: number | null
  readonly setAside: number
  /** The first row that differs from what the fridge has: it waits for its owner's word. Null: they agree. */
  readonly divergedAtSeq: number | null
  readonly mayRestartUntilMs: number | null
  /** Why it has stopped selling until somebody looks; null: it has not, as far as its books tell. */
  readonly stopped: string | null
}

export async function listFridges(db: Db): Promise<FridgeRow[]> {
  const { rows } = await sql<Omit<FridgeRow, 'acknowledgedSeq' | 'setAside'> & { upto: number; set_aside: number }>`
    select id as fridge, version, currency, ${ms('paired_at')} as "pairedAtMs", ${ms('revoked_at')} as "revokedAtMs",
      upto, ${ms('seen_at')} as "seenAtMs", last_event_ms as "lastEventAtMs",
      round(extract(epoch from now() - seen_at) * 1000)::float8 as "silentMs", diverged_seq as "divergedAtSeq",
      (select detail from alerts a where a.fridge = fridges.id and a.kind = 'temperature' and a.cleared_at is null)
        as stopped,
      case when restart_until > now() then ${ms('restart_until')} end as "mayRestartUntilMs",
      (select count(*) from quarantine q where q.fridge = fridges.id) as set_aside
    from fridges order by id`.execute(db)
  return rows.map(({ upto, set_aside, ...row }) => ({
    ...row,
    acknowledgedSeq: upto,
    setAside: set_aside,
  }))
}

export interface ReceiptRow {
  readonly fridge: string
  readonly visit: string
  readonly number: number
  readonly atMs: number
  readonly totalMinor: number
  readonly chargedMinor: number
  readonly currency: string
  readonly lines: readonly { readonly sku: string; readonly count: number; readonly priceMinor: number }[]
}

export interface ReceiptsAsked {
  readonly fridge?: string | undefined
  /** Only receipts older than this one, as the last page ended. */
  readonly before?: { readonly atMs: number; readonly fridge: string; readonly visit: string } | undefined
  readonly limit: number
}

/** Newest first. */
export async function listReceipts(db: Db, { fridge, before, limit }: ReceiptsAsked): Promise<ReceiptRow[]> {
  let query = db.selectFrom('receipts').selectAll()
  if (fridge !== undefined) query = query.where('fridge', '=', fridge)
  if (before !== undefined)
    query = query.where(sql<boolean>`(at_ms, fridge, visit) < (${before.atMs}, ${before.fridge}, ${before.visit})`)
  const receipts = await query
    .orderBy('at_ms', 'desc')
    .orderBy('fridge', 'desc')
    .orderBy('visit', 'desc')
    .limit(limit)
    .execute()
  const lines = await sql<{
    fridge: string
    visit: string
    sku: string
    count: number
    price_minor: number
    alternatives: string | null
  }>`
    select l.fridge, l.visit, l.sku, l.count, l.price_minor, l.alternatives from receipt_lines l
    join unnest(${receipts.map((one) => one.fridge)}::text[], ${receipts.map((one) => one.visit)}::text[])
      as r (fridge, visit) on r.fridge = l.fridge and r.visit = l.visit
    order by l.fridge, l.visit, l.line`.execute(db)
  const ofReceipt = Map.groupBy(lines.rows, (line) => `${line.fridge}/${line.visit}`)
  return receipts.map((one) => ({
    fridge: one.fridge,
    visit: one.visit,
    number: one.number,
    atMs: one.at_ms,
    totalMinor: one.total_minor,
    chargedMinor: one.charged_minor,
    currency: one.currency,
    lines: (ofReceipt.get(`${one.fridge}/${one.visit}`) ?? []).map((line) => ({
      sku: line.sku,
      count: line.count,
      priceMinor: line.price_minor,
      ...alternativesOf(line),
    })),
  }))
}

/** What a line may have been instead (session S21), as far as it says so. */
export const alternativesOf = ({
  alternatives,
}: {
  readonly alternatives: string | null
}): { readonly or?: string[] } => (alternatives === null ? {} : { or: JSON.parse(alternatives) as string[] })

export interface SalesAsked {
  readonly fridge?: string | undefined
  readonly fromMs: number
  readonly toMs: number
}

/** What was sold from `fromMs` on and before `toMs`, by product, at its shelf price. */
export async function salesByProduct(
  db: Db,
  { fridge, fromMs, toMs }: SalesAsked,
): Promise<{ sku: string; currency: string; count: number; amountMinor: number }[]> {
  const { rows } = await sql<{ sku: string; currency: string; count: number; amount: number }>`
    select l.sku, r.currency, sum(l.count)::bigint as count, sum(l.count * l.price_minor)::bigint as amount
    from receipts r join receipt_lines l on l.fridge = r.fridge and l.visit = r.visit
    where r.at_ms >= ${fromMs} and r.at_ms < ${toMs} and (${fridge ?? null}::text is null or r.fridge = ${fridge ?? null})
    group by l.sku, r.currency order by amount desc, l.sku`.execute(db)
  return rows.map(({ sku, currency, count, amount }) => ({
    sku,
    currency,
    count: count,
    amountMinor: amount,
  }))
}

/** Captures beside receipts, by fridge and currency: equal once a fridge has synced (law M9). */
export async function moneyByFridge(
  db: Db,
): Promise<{ fridge: string; currency: string; capturedMinor: number; receiptsMinor: number; receipts: number }[]> {
  const { rows } = await sql<{ fridge: string; currency: string; captured: number; charged: number; receipts: number }>`
    select fridge, currency, sum(captured)::bigint as captured, sum(charged)::bigint as charged,
      sum(receipt)::bigint as receipts
    from (
      select fridge, currency, amount_minor as captured, 0 as charged, 0 as receipt from captures
      union all select fridge, currency, 0, charged_minor, 1 from receipts
    ) as both_books group by fridge, currency order by fridge, currency`.execute(db)
  return rows.map(({ fridge, currency, captured, charged, receipts }) => ({
    fridge,
    currency,
    capturedMinor: captured,
    receiptsMinor: charged,
    receipts: receipts,
  }))
}

/** What was charged from `fromMs` on and before `toMs`, by spans of `spanMs` that begin at `fromMs`. */
export async function salesBySpan(
  db: Db,
  { fridge, fromMs, toMs }: SalesAsked,
  spanMs: number,
): Promise<{ fromMs: number; currency: string; receipts: number; chargedMinor: number }[]> {
  const { rows } = await sql<{ span: number; currency: string; receipts: number; charged: number }>`
    select floor((at_ms - ${fromMs}::float8) / ${spanMs}::float8)::int as span, currency, count(*)::bigint as receipts,
      sum(charged_minor)::bigint as charged
    from receipts
    where at_ms >= ${fromMs} and at_ms < ${toMs} and (${fridge ?? null}::text is null or fridge = ${fridge ?? null})
    group by 1, 2 order by 1, 2`.execute(db)
  return rows.map(({ span, currency, receipts, charged }) => ({
    fromMs: fromMs + span * spanMs,
    currency,
    receipts,
    chargedMinor: charged,
  }))
}

/** `most`: the most that ever stood there, as far as the relay has looked. `capacity`: what fits, where a person has said it. */
export async function listStock(db: Db, fridge: string): Promise<FleetStock[]> {
  const { rows } = await sql<FleetStock>`select shelf, sku, count, most, capacity from stock_rooms
    where fridge = ${fridge} order by shelf, sku`.execute(db)
  return rows
}

export interface SetAsideRow {
  readonly seq: number
  readonly why: string
  readonly detail: string
  readonly setAsideAtMs: number
  /** The row's body as text, where it came at all. */
  readonly body: string | null
}

export async function listSetAside(db: Db, fridge: string, limit: number): Promise<SetAsideRow[]> {
  const rows = await db
    .selectFrom('quarantine')
    .selectAll()
    .where('fridge', '=', fridge)
    .orderBy('seq', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ seq, why, detail, set_aside_at, body }) => ({
    seq: seq,
    why,
    detail,
    setAsideAtMs: set_aside_at.getTime(),
    body: body === null ? null : Buffer.from(body).toString('utf8'),
  }))
}

export const isKnown = async (db: Db, fridge: string): Promise<boolean> =>
  (await db.selectFrom('fridges').select('id').where('id', '=', fridge).executeTakeFirst()) !== undefined

export interface Counts {
  readonly paired: number
  /** Paired, not revoked, and not heard of for five minutes. */
  readonly silent: number
  readonly revoked: number
  readonly setAside: number
}

export async function countFleet(db: Db): Promise<Counts> {
  const { rows } = await sql<{ paired: number; silent: number; revoked: number; set_aside: number }>`
    select count(*) filter (where revoked_at is null) as paired,
      count(*) filter (where revoked_at is null and coalesce(seen_at, paired_at) < now() - interval '300 seconds') as silent,
      count(*) filter (where revoked_at is not null) as revoked,
      (select count(*) from quarantine) as set_aside from fridges`.execute(db)
  const [row] = rows
  return {
    paired: Number(row?.paired),
    silent: Number(row?.silent),
    revoked: Number(row?.revoked),
    setAside: Number(row?.set_aside),
  }
}

const ms = (column: 'paired_at' | 'revoked_at' | 'seen_at' | 'restart_until') =>
  sql`round(extract(epoch from ${sql.ref(column)}) * 1000)::float8`
