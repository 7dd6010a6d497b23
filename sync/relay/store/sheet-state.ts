/**
 * Sheet state: how far a spreadsheet is filled, what is on its way to it, and what was taken from it (SPEC RL58, RL59).
 * Holds always: one copy of the relay at a time speaks to a spreadsheet; rows leave the ledger's cursors for `pending` in one
 * transaction, and `pending` for good when they are known to stand there.
 */
import { sql } from 'kysely'
import type { Db } from './open.ts'

export interface Pending {
  /** The row of the spreadsheet where the first goes. Null: not decided. */
  readonly row: number | null
  /** The first of each is its key. */
  readonly values: readonly (readonly (string | number)[])[]
}

export interface SheetState {
  readonly nextRow: number
  readonly lastKey: string | null
  readonly pending: Pending | null
  readonly stockHash: string | null
}

/** A copy has a spreadsheet for so long, and says again that it has. */
const takenMs = 120_000

/** Null: another copy is at it. */
export async function takeSheet(db: Db, sheet: string, me: string): Promise<SheetState | null> {
  await sql`insert into sheets (sheet) values (${sheet}) on conflict (sheet) do nothing`.execute(db)
  const { rows } = await sql<{
    next_row: number
    last_key: string | null
    pending: string | null
    stock_hash: string | null
  }>`update sheets set taken_until = now() + ${takenMs} * interval '1 millisecond', taken_by = ${me}
    where sheet = ${sheet} and (taken_until <= now() or taken_by = ${me})
    returning next_row, last_key, pending, stock_hash`.execute(db)
  const [row] = rows
  if (row === undefined) return null
  return {
    nextRow: row.next_row,
    lastKey: row.last_key,
    pending: row.pending === null ? null : (JSON.parse(row.pending) as Pending),
    stockHash: row.stock_hash,
  }
}

export async function leaveSheet(db: Db, sheet: string, me: string): Promise<void> {
  await sql`update sheets set taken_until = now(), taken_by = null where sheet = ${sheet} and taken_by = ${me}`.execute(
    db,
  )
}

/** Another copy has taken it meanwhile: what was to be written is its own. */
export class SheetLost extends Error {}

/** What changed, if this copy still has the spreadsheet. Throws SheetLost where it has not. */
export async function keepSheet(
  db: Db,
  sheet: string,
  me: string,
  change: { nextRow?: number; lastKey?: string | null; pending?: Pending | null; stockHash?: string },
): Promise<void> {
  const { rows } = await sql`update sheets set taken_until = now() + ${takenMs} * interval '1 millisecond',
      next_row = coalesce(${change.nextRow ?? null}, next_row),
      last_key = case when ${change.lastKey !== undefined} then ${change.lastKey ?? null} else last_key end,
      pending = case when ${change.pending !== undefined}
        then ${change.pending === undefined || change.pending === null ? null : JSON.stringify(change.pending)} else pending end,
      stock_hash = coalesce(${change.stockHash ?? null}, stock_hash)
    where sheet = ${sheet} and taken_by = ${me} returning sheet`.execute(db)
  if (rows.length === 0) throw new SheetLost('another copy of the relay has the spreadsheet')
}

// ---- what was taken from it ------------------------------------------------------------------------------------------

/** A price (minor units) or a shelf that the spreadsheet gave, and the order that it became, if it had to. */
export interface Taken {
  readonly fridge: string
  readonly sku: string
  readonly what: 'price' | 'shelf'
  readonly value: number
  readonly command: number | null
}

export async function takenFrom(db: Db, sheet: string): Promise<Taken[]> {
  const { rows } = await sql<Taken>`select fridge, sku, what, value, command from sheet_products
    where sheet = ${sheet}`.execute(db)
  return rows
}

export async function keepTaken(trx: Db, sheet: string, taken: readonly Taken[]): Promise<void> {
  if (taken.length === 0) return
  await sql`insert into sheet_products (fridge, sku, sheet, what, value, command)
    select fridge, sku, ${sheet}, what, value, command from unnest(${taken.map((one) => one.fridge)}::text[],
      ${taken.map((one) => one.sku)}::text[], ${taken.map((one) => one.what)}::text[],
      ${taken.map((one) => one.value)}::bigint[], ${taken.map((one) => one.command)}::bigint[])
      as t (fridge, sku, what, value, command)
    on conflict (fridge, sku, sheet, what) do update set value = excluded.value, command = excluded.command`.execute(
    trx,
  )
}

/** What became of commands: by fridge and number. */
export async function outcomesOf(
  db: Db,
  commands: readonly { readonly fridge: string; readonly number: number }[],
): Promise<Map<string, { readonly outcome: string | null; readonly why: string | null }>> {
  const { rows } = await sql<{ fridge: string; number: number; outcome: string | null; why: string | null }>`
    select c.fridge, c.number, c.outcome, c.why from commands c
    join unnest(${commands.map((one) => one.fridge)}::text[], ${commands.map((one) => one.number)}::bigint[])
      as t (fridge, number) on t.fridge = c.fridge and t.number = c.number and c.lane = 'kept'`.execute(db)
  return new Map(rows.map(({ fridge, number, outcome, why }) => [`${fridge}/${number}`, { outcome, why }]))
}

// ---- what goes to it -------------------------------------------------------------------------------------------------

/** All that stands on shelves, as the fridges believe. */
export async function wholeStock(db: Db) {
  const { rows } = await sql<{ fridge: string; shelf: number; sku: string; count: number; most: number }>`
    select fridge, shelf, sku, count, greatest(most, count) as most from stock order by fridge, shelf, sku`.execute(db)
  return rows
}

export async function knownFridges(db: Db): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id from fridges where revoked_at is null order by id`.execute(db)
  return rows.map(({ id }) => id)
}
