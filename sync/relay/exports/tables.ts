/**
 * Export tables: what can be taken away as a file, column by column. Read in pages by key, oldest first, so that years of it
 * need no more memory than a page.
 * Holds always: an amount is exact (its minor units), with its currency beside it; a time is given in the zone that was asked
 * for, and in UTC, since a zone's clock may say the same hour twice.
 */
import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../store/open.ts'

/** What stands in a column: words, whole numbers, amounts in minor units, or times in ms since 1970. */
export type Kind = 'text' | 'count' | 'amount' | 'time'
export interface Column {
  readonly name: string
  readonly kind: Kind
}
export type Cell = string | number | null
export type Row = readonly Cell[]

export interface ExportAsked {
  readonly fridge?: string | undefined
  readonly fromMs: number
  readonly toMs: number
}

interface Table {
  readonly what: string
  readonly columns: readonly Column[]
  /** A query of all its rows, whose columns are `columns` by name and the place `k1, k2, k3` (number, text, text). */
  readonly rows: (asked: ExportAsked) => RawBuilder<unknown>
}

const text = (name: string): Column => ({ name, kind: 'text' })
const count = (name: string): Column => ({ name, kind: 'count' })
const amount = (name: string): Column => ({ name, kind: 'amount' })
const time = (name: string): Column => ({ name, kind: 'time' })

const within = (column: string, { fridge, fromMs, toMs }: ExportAsked): RawBuilder<unknown> =>
  sql`${sql.raw(column)} >= ${fromMs} and ${sql.raw(column)} < ${toMs}
    and (${fridge ?? null}::text is null or t.fridge = ${fridge ?? null})`

/** The database's own time as ms: rounded down, so that it is of one span only. */
const msOf = (column: string): RawBuilder<unknown> => sql.raw(`floor(extract(epoch from ${column}) * 1000)::float8`)
const since = (column: string, { fridge, fromMs, toMs }: ExportAsked): RawBuilder<unknown> =>
  sql`${sql.raw(column)} >= to_timestamp(${fromMs}::float8 / 1000) and ${sql.raw(column)} < to_timestamp(${toMs}::float8 / 1000)
    and (${fridge ?? null}::text is null or t.fridge = ${fridge ?? null})`

export const exportTables = {
  sales: {
    what: 'what was sold, a row for each line of each receipt',
    columns: [time('time'), text('fridge'), count('receipt'), text('visit'), text('sku'), count('count'), amount('price'), amount('amount'), text('currency')],
    rows: (asked) => sql`select t.at_ms as time, t.fridge, t.number as receipt, t.visit, l.sku, l.count,
        l.price_minor as price, l.count * l.price_minor as amount, t.currency,
        t.at_ms as k1, t.fridge as k2, t.visit || '/' || to_char(l.line, 'FM0000000000') as k3
      from receipts t join receipt_lines l on l.fridge = t.fridge and l.visit = t.visit where ${within('t.at_ms', asked)}`,
  },
  receipts: {
    what: 'receipts: what was bought, and what was charged for it',
    columns: [time('time'), text('fridge'), count('receipt'), text('visit'), amount('total'), amount('charged'), text('currency')],
    rows: (asked) => sql`select t.at_ms as time, t.fridge, t.number as receipt, t.visit, t.total_minor as total,
        t.charged_minor as charged, t.currency, t.at_ms as k1, t.fridge as k2, t.visit as k3
      from receipts t where ${within('t.at_ms', asked)}`,
  },
  captures: {
    what: 'what the provider captured',
    columns: [time('time'), text('fridge'), text('visit'), amount('amount'), text('currency')],
    rows: (asked) => sql`select t.at_ms as time, t.fridge, t.visit, t.amount_minor as amount, t.currency,
        t.at_ms as k1, t.fridge as k2, t.visit as k3 from captures t where ${within('t.at_ms', asked)}`,
  },
  refunds: {
    what: 'what was given back, and by whom',
    columns: [time('time'), text('fridge'), text('visit'), amount('amount'), text('currency'), text('state'), text('why'), text('by'), text('reason')],
    rows: (asked) => sql`select ${msOf('t.made_at')} as time, t.fridge, t.visit, t.amount_minor as amount, t.currency,
        t.at as state, t.why, t.who as by, t.reason, ${msOf('t.made_at')} as k1, t.fridge as k2, t.visit || '/' || t.key as k3
      from refunds t where ${since('t.made_at', asked)}`,
  },
  visits: {
    what: 'visits, and how each ended',
    columns: [time('time'), text('fridge'), text('visit'), amount('hold'), text('currency'), time('ended'), text('ending')],
    rows: (asked) => sql`select t.started_ms as time, t.fridge, t.visit, t.hold_minor as hold, t.currency,
        t.ended_ms as ended, t.ending, t.started_ms as k1, t.fridge as k2, t.visit as k3
      from visits t where ${within('t.started_ms', asked)}`,
  },
  alerts: {
    what: 'what an owner had to be told, and who acknowledged it',
    columns: [time('time'), text('fridge'), text('kind'), text('subject'), text('detail'), time('cleared'), text('acknowledged by'), text('note')],
    rows: (asked) => sql`select ${msOf('t.raised_at')} as time, t.fridge, t.kind, t.subject, t.detail,
        ${msOf('t.cleared_at')} as cleared, t.acknowledged_by as "acknowledged by", t.note,
        ${msOf('t.raised_at')} as k1, t.fridge as k2, to_char(t.id, 'FM0000000000000000000') as k3
      from alerts t where ${since('t.raised_at', asked)}`,
  },
  stock: {
    what: 'what the fridges believe stands on their shelves now; the time is not asked for',
    columns: [text('fridge'), count('shelf'), text('sku'), count('count'), count('most')],
    rows: ({ fridge }) => sql`select t.fridge, t.shelf, t.sku, t.count, greatest(t.most, t.count) as most,
        t.shelf::float8 as k1, t.fridge as k2, t.sku as k3 from stock t
      where (${fridge ?? null}::text is null or t.fridge = ${fridge ?? null})`,
  },
} as const satisfies Record<string, Table> // prettier-ignore
export type ExportName = keyof typeof exportTables
export const exportNames = Object.keys(exportTables) as ExportName[]

const pageRows = 2_000

/** How many rows there are, counted to one above `most`. */
export async function exportCount(db: Db, name: ExportName, asked: ExportAsked, most: number): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from (
    select 1 from (${exportTables[name].rows(asked)}) as all_rows limit ${most + 1}) as counted`.execute(db)
  return rows[0]?.n ?? 0
}

/** All rows that were asked for, page by page. */
export async function* exportRows(
  db: Db,
  name: ExportName,
  asked: ExportAsked,
  page = pageRows,
): AsyncGenerator<Row[]> {
  const { columns, rows }: Table = exportTables[name]
  let place: { readonly k1: number; readonly k2: string; readonly k3: string } | null = null
  for (;;) {
    const behind: RawBuilder<unknown> =
      place === null ? sql`true` : sql`(k1, k2, k3) > (${place.k1}::float8, ${place.k2}::text, ${place.k3}::text)`
    const read: { rows: Record<string, Cell>[] } = await sql<
      Record<string, Cell>
    >`select * from (${rows(asked)}) as all_rows
      where ${behind} order by k1, k2, k3 limit ${page}`.execute(db)
    const last = read.rows.at(-1)
    if (last === undefined) return
    yield read.rows.map((row) => columns.map((column) => row[column.name] ?? null))
    if (read.rows.length < page) return
    place = { k1: Number(last['k1']), k2: String(last['k2']), k3: String(last['k3']) }
  }
}
