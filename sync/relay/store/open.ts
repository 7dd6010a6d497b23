/**
 * Open: the relay's database, embedded (PGlite in a folder) or PostgreSQL, with its tables as this version wants them.
 * Holds always: what stands behind `db` is one dialect, so there is one code path; one process holds an embedded folder
 * (PGlite itself locks nothing). PGlite does not wait for the disk: a first look and tests, not money.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Kysely, PGliteDialect, PostgresDialect, sql } from 'kysely'
import { Pool, types, type CustomTypesConfig } from 'pg'
import { teachColumns } from './columns.ts'
import { migrate } from './migrations.ts'
import { preparing } from './prepared.ts'
import type { Tables } from './tables.ts'

export type Db = Kysely<Tables>

export interface OpenStore {
  readonly db: Db
  readonly kind: 'embedded' | 'postgresql'
  /** Throws when the database does not answer. */
  ping(): Promise<void>
  close(): Promise<void>
}

/**
 * An embedded database in `dir`, made if missing; null keeps it in memory, where it may begin as `copied`, a dump of PGlite's.
 * Throws when another process has the folder.
 */
export async function openEmbedded(dir: string | null, copied?: Blob): Promise<OpenStore> {
  const release = dir === null ? () => {} : await holdFolder(dir)
  try {
    // Loaded only where they are used: the heaviest parts of a relay, and PostgreSQL needs none of them.
    const { PGlite } = await import('@electric-sql/pglite')
    const pglite = await PGlite.create(
      dir === null ? { ...(copied !== undefined && { loadDataDir: copied }) } : { dataDir: join(dir, 'pglite') },
    )
    teachColumns(pglite)
    return await opened(new Kysely({ dialect: new PGliteDialect({ pglite }) }), 'embedded', release)
  } catch (error) {
    release()
    throw error
  }
}

/** pg gives a bigint as text; here it is a number, as PGlite gives it. Everything else is as pg does it. */
const bigintsAsNumbers: CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === types.builtins.INT8 ? Number : (types.getTypeParser(oid, format) as (text: string) => unknown),
}

/** `connections`: at most so many at once from this process. */
export function openPostgresql(url: string, connections = 10): Promise<OpenStore> {
  const pool = new Pool({
    connectionString: url,
    max: connections,
    types: bigintsAsNumbers,
    connectionTimeoutMillis: 5_000,
    application_name: 'visionvend-relay',
  })
  // A connection that breaks while nobody uses it: the next query gets another one, or says what is wrong.
  pool.on('error', () => {})
  // One that breaks while a transaction has it tells the transaction; its own event would end the process.
  pool.on('connect', (client) => void client.on('error', () => {}))
  return opened(new Kysely({ dialect: new PostgresDialect({ pool: preparing(pool) }) }), 'postgresql', () => {})
}

async function opened(db: Db, kind: OpenStore['kind'], release: () => void): Promise<OpenStore> {
  try {
    await migrate(db)
  } catch (error) {
    await db.destroy()
    throw error
  }
  return {
    db,
    kind,
    async ping() {
      await sql`select 1`.execute(db)
    },
    async close() {
      await db.destroy()
      release()
    },
  }
}

/** A SQLite file held locked: the system lets go of it when the process dies, however it dies. */
async function holdFolder(dir: string): Promise<() => void> {
  const { default: Database } = await import('better-sqlite3')
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const lock = new Database(join(dir, 'in-use.lock'), { timeout: 0 })
  try {
    lock.pragma('locking_mode = EXCLUSIVE')
    lock.exec('BEGIN EXCLUSIVE')
    return () => lock.close()
  } catch (error) {
    lock.close()
    throw new Error(`${dir} is in use by another relay`, { cause: error })
  }
}
