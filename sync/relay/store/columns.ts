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
type Value = string | number | null

/** One column. node-postgres asks an object for `toPostgres`, and sends a Buffer as binary. */
export class Column {
  readonly type: Type
  readonly values: readonly Value[]
  constructor(type: Type, values: readonly Value[]) {
    this.type = type
    this.values = values
  }

  /** Good until the next column is asked for the same: the driver copies each parameter before it looks at the next. */
  toPostgres(): Buffer {
    return written(this.type, this.values)
  }
}

export const text = <Row>(rows: readonly Row[], of: (row: Row) => string | null): Column =>
  new Column('text', rows.map(of))
export const int8 = <Row>(rows: readonly Row[], of: (row: Row) => number): Column => new Column('int8', rows.map(of))
export const int4 = <Row>(rows: readonly Row[], of: (row: Row) => number | null): Column =>
  new Column('int4', rows.map(of))
export const float8 = <Row>(rows: readonly Row[], of: (row: Row) => number | null): Column =>
  new Column('float8', rows.map(of))
/** Each of its letters is a byte (latin1). */
export const bytea = <Row>(rows: readonly Row[], of: (row: Row) => string): Column => new Column('bytea', rows.map(of))

/** `unnest($1::text[], ...)`: columns of the same rows. */
export const unnest = (...columns: readonly Column[]): RawBuilder<unknown> =>
  sql`unnest(${sql.join(columns.map((column) => sql`${column}::${sql.raw(column.type)}[]`))})`

/** PGlite's own way with arrays, given a column. */
export function teachColumns(pglite: PGlite): void {
  for (const { array } of Object.values(types)) {
    const plain = pglite.serializers[array]
    if (plain === undefined) throw new Error(`PGlite has no way with arrays of type ${array}`)
    pglite.serializers[array] = (value) => plain(value instanceof Column ? plainly(value) : value)
  }
}

const plainly = ({ type, values }: Column): readonly unknown[] =>
  type === 'bytea'
    ? values.map((value) => (typeof value === 'string' ? Buffer.from(value, 'latin1') : value))
    : [...values]

/** Where columns are put together: a batch has dozens, and memory that is fresh each time costs more than what is written. */
let scratch = Buffer.alloc(256 * 1024)

/** The array's head, and its elements, each behind its length; -1 is null. */
function written(type: Type, values: readonly Value[]): Buffer {
  const count = values.length
  scratch.writeInt32BE(count === 0 ? 0 : 1, 0)
  scratch.writeInt32BE(0, 4)
  scratch.writeInt32BE(types[type].oid, 8)
  if (count === 0) return scratch.subarray(0, 12)
  scratch.writeInt32BE(count, 12)
  scratch.writeInt32BE(1, 16) // arrays begin at 1
  let at = 20
  for (const value of values) {
    const most = 12 + (typeof value === 'string' ? 3 * value.length : 0)
    if (at + most > scratch.length) scratch = Buffer.concat([scratch], 2 * (at + most))
    if (value === null) scratch.writeInt32BE(1, 4) // there are some
    const length = value === null ? -1 : write(type, value, at + 4)
    scratch.writeInt32BE(length, at)
    at += length < 0 ? 4 : 4 + length
  }
  return scratch.subarray(0, at)
}

function write(type: Type, value: string | number, at: number): number {
  if (typeof value === 'string') return scratch.write(value, at, type === 'bytea' ? 'latin1' : 'utf8')
  if (type === 'float8') scratch.writeDoubleBE(value, at)
  else if (type === 'int8') writeInt8(value, at)
  else if (value === (value | 0)) scratch.writeInt32BE(value, at)
  // As the database says it of a text.
  else throw Object.assign(new Error(`value "${value}" is out of range for type integer`), { code: '22003' })
  return type === 'int4' ? 4 : 8
}

/** Eight bytes of a whole number, without a BigInt for each. What is none is refused by the way that a BigInt refuses it. */
function writeInt8(value: number, at: number): void {
  if (!Number.isSafeInteger(value)) {
    scratch.writeBigInt64BE(BigInt(value), at)
    return
  }
  const high = Math.floor(value / 2 ** 32)
  scratch.writeInt32BE(high, at)
  scratch.writeUInt32BE(value - high * 2 ** 32, at + 4)
}
