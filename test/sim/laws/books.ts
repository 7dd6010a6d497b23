/**
 * The ledger's laws, L1, L2, L4 and P1, judged from the rows that the process told the world about, and from the file as
 * it is found after each death. The chain is computed here anew, from SPEC L2's words, not with the ledger's own code.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { eventSchema, type Event, type Recorded } from '../../../src/core/events.ts'
import { count, type Judged, type Report, type Row } from './record.ts'

export interface BooksPorts extends Judged {
  readonly report: Report
  /** A row that the world may know of from now on, in order, once. */
  readonly learned: (event: Event, fridgeMs: number) => void
}

export interface BooksLaws {
  /** The process was told that these are on disk. */
  acknowledged(rows: readonly Recorded[]): void
  /** The ledger as it lies in `dir`, after a death: nothing told may be missing. */
  found(dir: string): void
  /** What the fridge says it has, against the rows. */
  stockShown(stock: Readonly<Record<string, number>>): void
  /** Numbers and uids that must be nowhere in it. */
  finish(dir: string, secrets: readonly string[]): void
  rows(): number
}

/** What lies on the disk: rows, and the last one before them, where old ones were let go of. */
interface Kept {
  readonly rows: readonly Found[]
  readonly anchor: { readonly seq: number; readonly hash: Buffer; readonly state: string }
}

interface Found {
  readonly seq: number
  readonly atMs: number
  readonly body: string
  readonly hash: Buffer
}

export function booksLaws({ report, learned, judged }: BooksPorts): BooksLaws {
  const told: Row[] = []
  const hashes: Buffer[] = []
  const stock = createStock()

  function learn(row: Row): void {
    hashes.push(chained(hashes.at(-1) ?? nothingBefore, row))
    told.push(row)
    stock.row(row.event)
    learned(row.event, row.atMs)
  }

  function read(dir: string): Kept {
    const file = join(dir, 'ledger.db')
    const empty = { rows: [], anchor: { seq: 0, hash: nothingBefore, state: '' } }
    if (!existsSync(file)) return empty
    const db = new Database(file, { readonly: true })
    try {
      const rows = db.prepare('SELECT seq, at_ms AS atMs, body, hash FROM events ORDER BY seq').all() as Found[]
      const anchors =
        rows.length === 0 ? [] : (db.prepare('SELECT seq, hash, state FROM anchor').all() as Kept['anchor'][])
      return { rows, anchor: anchors[0] ?? empty.anchor }
    } finally {
      db.close()
    }
  }

  /** Rows may be missing from the front only, and only those that the fridge said it lets go of. */
  function judge({ rows, anchor }: Kept): boolean {
    count(judged, 'L2')
    let previous = anchor.hash
    let lastMs = -Infinity
    if (anchor.seq > 0) {
      count(judged, 'L2 pruned')
      const said = told.some(({ event }) => event.type === 'LedgerPruned' && event.uptoSeq === anchor.seq)
      if (!said || hashes[anchor.seq - 1]?.equals(anchor.hash) !== true) {
        report('L2', `the rows up to ${anchor.seq} are gone, and nobody said so`)
        return false
      }
    }
    for (const [index, row] of rows.entries()) {
      if (row.seq !== anchor.seq + index + 1) {
        report('L2', `row ${anchor.seq + index + 1} is missing`)
        return false
      }
      previous = chained(previous, row)
      if (!previous.equals(row.hash)) {
        report('L2', `row ${row.seq} does not fit the chain`)
        return false
      }
      if (row.atMs < lastMs) report('L2', `row ${row.seq} goes back in time`)
      lastMs = row.atMs
    }
    return true
  }

  return {
    acknowledged(rows) {
      for (const { seq, atMs, event } of rows) {
        if (seq !== told.length + 1) report('L2', `row ${seq} was written after row ${told.length}`)
        learn({ seq, atMs, event, body: JSON.stringify(event) })
      }
    },
    found(dir) {
      const kept = read(dir)
      if (!judge(kept)) return
      count(judged, 'L1')
      const { rows, anchor } = kept
      for (const row of told.slice(anchor.seq)) {
        const found = rows[row.seq - anchor.seq - 1]
        if (found === undefined)
          return report('L1', `row ${row.seq} (${row.event.type}) was told to the world, and is lost`)
        if (found.body !== row.body)
          return report('L1', `row ${row.seq} (${row.event.type}) has changed to ${found.body}`)
      }
      // A commit whose answer nobody lived to hear may be there or not; from now on it is.
      for (const row of rows.slice(told.length - anchor.seq))
        learn({ seq: row.seq, atMs: row.atMs, event: eventSchema.parse(JSON.parse(row.body)), body: row.body })
    },
    stockShown(shown) {
      count(judged, 'L4')
      for (const [sku, believed] of stock.bySku())
        if ((shown[sku] ?? 0) !== Math.max(0, believed))
          return report('L4', `the rows add up to ${believed} of ${sku}, and the fridge says ${shown[sku] ?? 0}`)
    },
    finish(dir, secrets) {
      const kept = read(dir)
      judge(kept)
      const there = kept.anchor.seq + kept.rows.length
      if (there !== told.length) report('L2', `${told.length} rows were told, and ${there} are there`)
      count(judged, 'P1')
      const whole = [...told.map((row) => row.body), kept.anchor.state].join('\n').toUpperCase()
      for (const secret of secrets)
        if (whole.includes(secret.toUpperCase()))
          report('P1', `a card's number (${secret.slice(0, 4)}...) is in the ledger`)
    },
    rows: () => told.length,
  }
}

const nothingBefore = Buffer.alloc(32)

/** SPEC LED2, in its own words. */
function chained(previous: Buffer, { seq, atMs, body }: Pick<Found, 'seq' | 'atMs' | 'body'>): Buffer {
  const place = Buffer.alloc(16)
  place.writeBigUInt64LE(BigInt(seq), 0)
  place.writeDoubleLE(atMs, 8)
  return createHash('sha256').update(previous).update(place).update(body).digest()
}

/** Opening count + counted - sold = closing count, from the rows alone (L4). */
function createStock() {
  const counts = new Map<string, number>()
  const assumed = new Map<string, readonly { sku: string; shelf: number; count: number }[]>()
  const move = (moves: readonly { sku: string; shelf: number; count: number }[], sign: 1 | -1): void => {
    for (const { sku, shelf, count: change } of moves) {
      const place = `${sku}@${shelf}`
      counts.set(place, (counts.get(place) ?? 0) + sign * change)
    }
  }
  return {
    row(event: Event): void {
      switch (event.type) {
        case 'StockCounted':
          counts.set(`${event.sku}@${event.shelf}`, event.count)
          return
        case 'BasketResolved':
          return move(event.moves, 1)
        case 'ReviewOpened':
          assumed.set(event.visit, event.likelyMoves)
          return move(event.likelyMoves, 1)
        case 'ReviewDecided':
          move(assumed.get(event.visit) ?? [], -1)
          return move(event.moves, 1)
        default:
          return
      }
    },
    bySku(): Map<string, number> {
      const sums = new Map<string, number>()
      for (const [place, held] of counts) {
        const sku = place.slice(0, place.lastIndexOf('@'))
        sums.set(sku, (sums.get(sku) ?? 0) + held)
      }
      return sums
    },
  }
}
