/**
 * Columns: many values of one type as one parameter of a statement, which unnests them there.
 * Holds always: PostgreSQL gets them in its own binary form, which neither side has to write or read as text; PGlite, whose
 * driver knows no such form, gets the plain array. A batch spends less on it than on anything else.
 */
import type { PGlite } from '@electric-sql/pglite'
import { sql, type RawBuilder } from 'kysely'

/** The elements' type, by PostgreSQL's number for it (pg_type.dat), and the array's. */
const types = {
  text: { oid: 25, array: 1009 },
  int8: { oid: 20, array: 1016 },
  int4: { oid: 23, array: 1007 },
  float8: { oid: 701, array: 1022 },
  bytea: { oid: 17, array: 1001 },
} as const
type Type = keyof typeof types
type Value = string | number | Uint8Array | null

/** One column. node-postgres asks an object for `toPostgres`, and sends a Buffer as binary. */
class Column {
  readonly type: Type
  readonly values: readonly Value[]
  constructor(type: Type, values: readonly Value[]) {
    this.type = type
    this.values = values
  }

  toPostgres(): Buffer {
    const { type, values } = this
    const head = Buffer.alloc(values.length === 0 ? 12 : 20)
    head.writeInt32BE(values.length === 0 ? 0 : 1, 0)
    head.writeInt32BE(values.includes(null) ? 1 : 0, 4)
    head.writeInt32BE(types[type].oid, 8)
    if (values.length === 0) return head
    head.writeInt32BE(values.length, 12)
    head.writeInt32BE(1, 16) // arrays begin at 1
    return withBody(head, type, values)
  }
}

/** What of each row stands in one column. */
interface Taken<Row> {
  readonly type: Type
  readonly of: (row: Row) => Value
}
export const text = <Row>(of: (row: Row) => string | null): Taken<Row> => ({ type: 'text', of })
export const int8 = <Row>(of: (row: Row) => number): Taken<Row> => ({ type: 'int8', of })
export const int4 = <Row>(of: (row: Row) => number): Taken<Row> => ({ type: 'int4', of })
export const float8 = <Row>(of: (row: Row) => number | null): Taken<Row> => ({ type: 'float8', of })
export const bytea = <Row>(of: (row: Row) => Uint8Array): Taken<Row> => ({ type: 'bytea', of })

/** `unnest($1::text[], ...)`, of these columns of the rows. */
export const unnest = <Row>(rows: readonly Row[], ...columns: readonly Taken<Row>[]): RawBuilder<unknown> =>
  sql`unnest(${sql.join(columns.map(({ type, of }) => sql`${new Column(type, rows.map(of))}::${sql.raw(type)}[]`))})`

/** PGlite's own way with arrays, given a column. */
export function teachColumns(pglite: PGlite): void {
  for (const { array } of Object.values(types)) {
    const plain = pglite.serializers[array]
    if (plain === undefined) throw new Error(`PGlite has no way with arrays of type ${array}`)
    pglite.serializers[array] = (value) => plain(value instanceof Column ? [...value.values] : value)
  }
}

/** Where a column is put together: a batch has a dozen, and memory that is fresh each time costs more than what is written. */
let scratch = Buffer.alloc(64 * 1024)
const keptScratchBytes = 4 * 1024 * 1024

/** The elements behind `head`, each behind its length; -1 is null. */
function withBody(head: Buffer, type: Type, values: readonly Value[]): Buffer {
  let bytes = head.length
  for (const value of values) bytes += 4 + mostBytes(type, value)
  if (bytes > scratch.length && bytes <= keptScratchBytes) scratch = Buffer.alloc(bytes)
  const column = bytes <= scratch.length ? scratch : Buffer.allocUnsafe(bytes)
  column.set(head, 0)
  let at = head.length
  for (const value of values) {
    const length = value === null ? -1 : write(type, value, column, at + 4)
    column.writeInt32BE(length, at)
    at += 4 + Math.max(0, length)
  }
  return Buffer.from(column.subarray(0, at))
}

function mostBytes(type: Type, value: Value): number {
  if (typeof value === 'string') return 3 * value.length
  if (typeof value === 'number') return type === 'int4' ? 4 : 8
  return value?.length ?? 0
}

function write(type: Type, value: string | number | Uint8Array, into: Buffer, at: number): number {
  if (typeof value === 'string') return into.write(value, at, 'utf8')
  if (typeof value === 'number') {
    if (type === 'float8') into.writeDoubleBE(value, at)
    else if (type === 'int8') writeInt8(value, into, at)
    else if (value === (value | 0)) into.writeInt32BE(value, at)
    // As the database says it of a text.
    else throw Object.assign(new Error(`value "${value}" is out of range for type integer`), { code: '22003' })
    return type === 'int4' ? 4 : 8
  }
  into.set(value, at)
  return value.length
}

/** Eight bytes of a whole number, without a BigInt for each. What is none is refused by the way that a BigInt refuses it. */
function writeInt8(value: number, into: Buffer, at: number): void {
  if (!Number.isSafeInteger(value)) {
    into.writeBigInt64BE(BigInt(value), at)
    return
  }
  const high = Math.floor(value / 2 ** 32)
  into.writeInt32BE(high, at)
  into.writeUInt32BE(value - high * 2 ** 32, at + 4)
}
