/**
 * Ledger: what happened, and what is promised, on disk.
 *
 * Holds always (SPEC LED1-LED10): a commit is whole and durable when it returns; rows are chained and never change; a failure
 * is thrown as LedgerFailed and ends the process. Called by runtime/inbox (commit), recovery (replay, pending) and the
 * ledger's own command line (verify).
 */
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { effectSchema, type Effect } from '../core/effects.ts'
import { eventSchema, type Event, type EventOf, type Recorded } from '../core/events.ts'
import type { EffectKey } from '../core/ids.ts'
import { chainHash, chainStart } from './chain.ts'
import { applicationId, migrate, schemaVersion } from './schema.ts'

export interface Batch {
  /** Never before the last batch's (SPEC LED8). */
  readonly atMs: number
  readonly events: readonly Event[]
  readonly effects: readonly Effect[]
  /** Effects that this batch answers. */
  readonly done: readonly EffectKey[]
  /** Effects that must never be performed any more. */
  readonly abandoned: readonly EffectKey[]
}

export interface Written {
  readonly recorded: readonly Recorded[]
  /** The batch's effects less those whose key was known already: these are to be performed. */
  readonly effects: readonly Effect[]
}

/** The last row that was let go of, and what the rows up to it had come to: where a replay begins (SPEC LED9). */
export interface Anchor {
  readonly seq: number
  readonly hash: Uint8Array
  readonly state: string
}

/** A row to the byte, for whoever carries it away: the pusher sends it, and the relay checks its chain (SPEC LED2). */
export interface Row {
  readonly seq: number
  readonly atMs: number
  readonly body: string
  readonly hash: Uint8Array
}

export interface Ledger {
  commit(batch: Batch): Written
  /** Every event after the anchor in order, each checked against the chain. Throws LedgerFailed at the first that does not fit. */
  replay(): Generator<Recorded>
  /** Effects promised and not answered, in the order of their promise. */
  pending(): readonly Effect[]
  /** At most `limit` rows after `afterSeq`, in order, as they stand on disk: not parsed, not checked against the chain. */
  rows(afterSeq: number, limit: number): readonly Row[]
  /** Null: every row is there. */
  anchor(): Anchor | null
  /**
   * Lets go of the rows up to `seq`, whose fold is `state`. An event `LedgerPruned` has said so before, with the hash of both;
   * where none has, this throws. A few thousand rows at a time: it is one transaction.
   */
  prune(seq: number, state: string): void
  /** Seq and time of the last event; seq 0 in a new ledger. */
  last(): { readonly seq: number; readonly atMs: number }
  close(): void
}

export type LedgerFault = 'io' | 'full' | 'damaged' | 'foreign' | 'older' | 'newer' | 'inUse'
/** Stops whoever holds the ledger. `code` says why, the message where. */
export class LedgerFailed extends Error {
  override readonly name = 'LedgerFailed'
  readonly code: LedgerFault
  constructor(code: LedgerFault, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** Opens the ledger in `dir`, made if missing, for reading and writing, and holds the folder until `close`. */
export function openLedger(dir: string): Ledger {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const lock = holdFolder(dir)
  const file = join(dir, 'ledger.db')
  try {
    const db = openDatabase(file)
    db.pragma('auto_vacuum = INCREMENTAL') // heeded by a new file only: what is pruned goes back to the disk
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    migrate(db)
    return ledgerOn(db, file, () => {
      db.close()
      lock.close()
    })
  } catch (error) {
    lock.close()
    throw failed(error, `opening ${file}`)
  }
}

/** Opens the ledger for reading only, also while a fridge runs on it. */
export function readLedger(dir: string): Ledger {
  const file = join(dir, 'ledger.db')
  try {
    const db = openDatabase(file, { readonly: true, fileMustExist: true })
    const version = Number(db.pragma('user_version', { simple: true }))
    if (version < schemaVersion)
      throw new LedgerFailed(
        'older',
        `${file} has version ${version}; this program's runtime brings it to ${schemaVersion}`,
      )
    return ledgerOn(db, file, () => db.close())
  } catch (error) {
    throw failed(error, `opening ${file}`)
  }
}

function ledgerOn(db: Database.Database, file: string, close: () => void): Ledger {
  const insertEvent = db.prepare('INSERT INTO events (seq, at_ms, body, hash) VALUES (?, ?, ?, ?)')
  const insertEffect = db.prepare('INSERT INTO effects (key, seq, body) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING')
  const endEffect = db.prepare("UPDATE effects SET status = ? WHERE key = ? AND status = 'pending'")
  const moveHead = db.prepare('UPDATE head SET seq = ?, hash = ? WHERE one = 1')
  const selectEvents = db.prepare('SELECT seq, at_ms AS atMs, body, hash FROM events ORDER BY seq')
  const selectRows = db.prepare('SELECT seq, at_ms AS atMs, body, hash FROM events WHERE seq > ? ORDER BY seq LIMIT ?')
  const selectPending = db.prepare("SELECT body FROM effects WHERE status = 'pending' ORDER BY seq, rowid")
  const selectHead = db.prepare('SELECT seq, hash FROM head')
  const selectPrunings = db.prepare(`SELECT body FROM events WHERE seq > ? AND body LIKE '{"type":"LedgerPruned"%'`)
  const moveAnchor = db.prepare(
    'INSERT INTO anchor VALUES (1, ?, ?, ?) ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, state = excluded.state',
  )
  const deleteEvents = db.prepare('DELETE FROM events WHERE seq <= ?')
  const deleteEffects = db.prepare("DELETE FROM effects WHERE seq <= ? AND status <> 'pending'")
  const selectAnchor = db.prepare('SELECT seq, hash, state FROM anchor')
  const selectLastTime = db.prepare('SELECT at_ms AS atMs FROM events ORDER BY seq DESC LIMIT 1')

  let { seq, hash } = headOf(selectHead.get(), file)
  let lastAtMs = (selectLastTime.get() as { atMs: number } | undefined)?.atMs ?? 0

  const write = db.transaction((batch: Batch): Written & { hash: Buffer } => {
    const recorded: Recorded[] = []
    let tip = hash
    for (const event of batch.events) {
      const body = JSON.stringify(event)
      const row: Recorded = { seq: seq + recorded.length + 1, atMs: batch.atMs, event }
      tip = chainHash(tip, row.seq, row.atMs, body)
      insertEvent.run(row.seq, row.atMs, body, tip)
      recorded.push(row)
    }
    const effects = batch.effects.filter(
      (effect) => insertEffect.run(effect.key, seq + recorded.length, JSON.stringify(effect)).changes === 1,
    )
    for (const key of batch.done) endEffect.run('done', key)
    for (const key of batch.abandoned) endEffect.run('abandoned', key)
    if (recorded.length > 0) moveHead.run(seq + recorded.length, tip)
    return { recorded, effects, hash: tip }
  })

  const letGo = db.transaction((next: Anchor): void => {
    moveAnchor.run(next.seq, next.hash, next.state)
    deleteEvents.run(next.seq)
    deleteEffects.run(next.seq)
  })

  const anchor = (): Anchor | null => (selectAnchor.get() as Anchor | undefined) ?? null

  return {
    commit(batch) {
      if (batch.atMs < lastAtMs) throw new LedgerFailed('damaged', `time went back from ${lastAtMs} to ${batch.atMs}`)
      try {
        const written = write.immediate(batch)
        seq += written.recorded.length
        hash = written.hash
        if (written.recorded.length > 0) lastAtMs = batch.atMs
        return written
      } catch (error) {
        throw failed(error, `writing to ${file}`)
      }
    },
    *replay() {
      // Read first: while the fridge writes on, a reader sees more events than this head promises, and never fewer.
      const head = headOf(selectHead.get(), file)
      const from = anchor()
      let tip = from === null ? chainStart : Buffer.from(from.hash)
      let expected = (from?.seq ?? 0) + 1
      let agreed = from === null
      for (const row of selectEvents.iterate() as IterableIterator<Row & { hash: Buffer }>) {
        if (row.seq !== expected) throw new LedgerFailed('damaged', `${file}: event ${expected} is missing`)
        tip = chainHash(tip, row.seq, row.atMs, row.body)
        if (!tip.equals(row.hash)) throw new LedgerFailed('damaged', `${file}: event ${row.seq} was changed`)
        if (row.seq === head.seq && !head.hash.equals(tip))
          throw new LedgerFailed('damaged', `${file}: the last event, ${head.seq}, is not the one that was written`)
        const event = parsed(eventSchema, row.body, `${file}: event ${row.seq}`)
        if (from !== null && event.type === 'LedgerPruned') agreed ||= agrees(event, from)
        yield { seq: row.seq, atMs: row.atMs, event }
        expected++
      }
      if (!agreed)
        throw new LedgerFailed('damaged', `${file}: nothing says that the events up to ${expected - 1} were let go of`)
      if (head.seq >= expected)
        throw new LedgerFailed('damaged', `${file}: events ${expected} to ${head.seq} are missing`)
    },
    pending: () =>
      (selectPending.all() as { body: string }[]).map((row, index) =>
        parsed(effectSchema, row.body, `${file}: pending effect ${index + 1}`),
      ),
    rows(afterSeq, limit) {
      try {
        return selectRows.all(afterSeq, limit) as Row[]
      } catch (error) {
        throw failed(error, `reading ${file}`)
      }
    },
    anchor,
    prune(uptoSeq, state) {
      try {
        const [row] = selectRows.all(uptoSeq - 1, 1) as Row[]
        const next = row?.seq === uptoSeq ? { seq: uptoSeq, hash: row.hash, state } : null
        const said = (selectPrunings.all(uptoSeq) as { body: string }[]).map(({ body }) =>
          parsed(eventSchema, body, `${file}: an event of pruning`),
        )
        if (next === null || !said.some((event) => event.type === 'LedgerPruned' && agrees(event, next)))
          throw new LedgerFailed('damaged', `${file}: nothing says that the events up to ${uptoSeq} are let go of`)
        letGo.immediate(next)
        db.pragma('incremental_vacuum')
      } catch (error) {
        throw failed(error, `pruning ${file}`)
      }
    },
    last: () => ({ seq, atMs: lastAtMs }),
    close,
  }
}

/** One process a folder: a second SQLite file is held locked, and the system lets go of it when the process dies. */
function holdFolder(dir: string): Database.Database {
  const lock = new Database(join(dir, 'in-use.lock'), { timeout: 0 })
  try {
    lock.pragma('locking_mode = EXCLUSIVE')
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock.close()
    throw new LedgerFailed('inUse', `${dir} is in use by another fridge's runtime`, error)
  }
}

function openDatabase(file: string, options: Database.Options = {}): Database.Database {
  const db = new Database(file, options)
  try {
    const version = Number(db.pragma('user_version', { simple: true }))
    const id = Number(db.pragma('application_id', { simple: true }))
    const tables = Number(db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get())
    if (tables > 0 && id !== applicationId) throw new LedgerFailed('foreign', `${file} is a database, but not a ledger`)
    if (version > schemaVersion)
      throw new LedgerFailed('newer', `${file} has version ${version}, and this program knows ${schemaVersion}`)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** The words of `LedgerPruned` are those of this anchor. */
const agrees = (said: EventOf<'LedgerPruned'>, { seq, hash, state }: Anchor): boolean =>
  said.uptoSeq === seq && said.hash === Buffer.from(hash).toString('hex') && said.stateHash === stateHash(state)

/** As `LedgerPruned` carries it. */
export const stateHash = (state: string): string => createHash('sha256').update(state).digest('hex')

function headOf(row: unknown, file: string): { seq: number; hash: Buffer } {
  if (row === undefined) throw new LedgerFailed('damaged', `${file}: its head row is missing`)
  return row as { seq: number; hash: Buffer }
}

function parsed<T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false; error: Error } },
  body: string,
  where: string,
): T {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch (error) {
    throw new LedgerFailed('damaged', `${where} is not JSON`, error)
  }
  const result = schema.safeParse(value)
  if (!result.success) throw new LedgerFailed('damaged', `${where}: ${result.error.message}`, result.error)
  return result.data
}

function failed(error: unknown, where: string): LedgerFailed {
  if (error instanceof LedgerFailed) return error
  const code = error instanceof Database.SqliteError ? error.code : ''
  const fault: LedgerFault = code.startsWith('SQLITE_FULL')
    ? 'full'
    : code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_CONSTRAINT')
      ? 'damaged'
      : 'io'
  return new LedgerFailed(fault, `${where}: ${error instanceof Error ? error.message : String(error)}`, error)
}
