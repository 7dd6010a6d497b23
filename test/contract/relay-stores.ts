/**
 * Stores for the relay's contract: an embedded one in memory, and a database of this test's own on PostgreSQL: a fresh
 * cluster in a temporary folder, on a Unix socket only, run by a user who is not root, with its disk settings as they come.
 * Contract tests have one cluster for the whole run (once-a-run.ts); who crashes it or restores into it has one to itself.
 */
import { execFile, execFileSync, spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { PGlite } from '@electric-sql/pglite'
import { Kysely, PGliteDialect } from 'kysely'
import { Client } from 'pg'
import { migrate } from '../../sync/relay/store/migrations.ts'
import { openEmbedded, openPostgresql, type OpenStore } from '../../sync/relay/store/open.ts'

export interface TestStore {
  readonly store: OpenStore
  /** Another relay's own way to the same database: of an embedded one, whose folder lets nobody else in, the same. */
  readonly another: () => Promise<OpenStore>
  close(): Promise<void>
}

const root = join(import.meta.dirname, '..', '..')
const cache = join(root, '.cache')

export const postgresqlBin = ((): string | null => {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : []
  const [newest] = versions
    .map((version) => join('/usr/lib/postgresql', version, 'bin'))
    .filter((bin) => existsSync(join(bin, 'initdb')))
    .toReversed()
  return newest ?? null
})()

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of the run's cluster; null where there is no PostgreSQL. */
    cluster?: string | null
  }
}

export async function openMemory(): Promise<TestStore> {
  const store = await openEmbedded(null, new Blob([readFileSync(await embeddedFile())]))
  return { store, another: async () => ({ ...store, close: async () => {} }), close: () => store.close() }
}

/**
 * A tar of an embedded database's folder with the relay's tables, and nothing in them: made by the relay's own opening, and kept
 * from run to run while PGlite and what makes the tables are the same. To make one takes five seconds of a processor, to copy
 * one half a second.
 */
export async function embeddedFile(): Promise<string> {
  const store = join(root, 'sync', 'relay', 'store')
  const sum = createHash('sha256')
  sum.update(readFileSync(join(root, 'node_modules', '@electric-sql', 'pglite', 'package.json')))
  for (const name of readdirSync(store).toSorted()) sum.update(readFileSync(join(store, name)))
  const file = join(cache, `embedded-${sum.digest('hex').slice(0, 16)}.tar`)
  if (existsSync(file)) return file
  mkdirSync(cache, { recursive: true })
  const pglite = await PGlite.create({})
  await migrate(new Kysely({ dialect: new PGliteDialect({ pglite }) }))
  const dump = await pglite.dumpDataDir('none')
  await pglite.close()
  const fresh = join(mkdtempSync(`${file}.new-`), 'tar')
  writeFileSync(fresh, new Uint8Array(await dump.arrayBuffer()))
  renameSync(fresh, file)
  rmSync(dirname(fresh), { recursive: true })
  for (const old of readdirSync(cache)) if (/^embedded-\w+\.tar$/.test(old)) forget(join(cache, old))
  return file
}

/** What nobody has made for a day is of other sources. */
function forget(file: string): void {
  if (Date.now() - statSync(file).mtimeMs > 24 * 3_600_000) rmSync(file, { force: true })
}

/** A database of its own; its files go with the run's cluster. */
export async function openOwnPostgresql(): Promise<TestStore> {
  // Not at the top: scripts use this file too, and are no tests.
  const { inject } = await import('vitest')
  const cluster = inject('cluster') ?? null
  if (cluster === null) throw new Error(missing)
  const url = await copyOfTables(cluster)
  const store = await openPostgresql(url)
  return { store, another: () => openPostgresql(url), close: () => store.close() }
}

/** The address of a new database with the relay's tables, and nothing in them. */
async function copyOfTables(clusterUrl: string): Promise<string> {
  const name = `own_${randomUUID().replaceAll('-', '')}`
  const client = new Client({ connectionString: clusterUrl })
  await client.connect()
  try {
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${tablesDatabase}`)
  } finally {
    await client.end()
  }
  return databaseOf(clusterUrl, name)
}

/** In the run's cluster: the relay's tables, as its own opening makes them. Nobody may be connected to it. */
export async function makeTables(clusterUrl: string): Promise<void> {
  const client = new Client({ connectionString: clusterUrl })
  await client.connect()
  try {
    await client.query(`CREATE DATABASE ${tablesDatabase}`)
  } finally {
    await client.end()
  }
  const store = await openPostgresql(databaseOf(clusterUrl, tablesDatabase), 1)
  await store.close()
}

const tablesDatabase = 'relay_tables'
const databaseOf = (clusterUrl: string, database: string): string => clusterUrl.replace('/postgres?', `/${database}?`)

export interface Cluster {
  readonly url: string
  /** As a machine that loses power: nothing is tidied up, and the next start recovers. */
  crash(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

const missing = 'PostgreSQL is not installed here: on Debian, sudo apt-get install postgresql'

export async function startPostgresql(): Promise<Cluster> {
  if (postgresqlBin === null) throw new Error(missing)
  const bin = postgresqlBin
  const dir = mkdtempSync(join(tmpdir(), 'relay-pg-'))
  const user = unprivileged()
  if (user !== null) chownSync(dir, user.uid, user.gid)
  const data = join(dir, 'data')
  const as = { ...user, cwd: dir, env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8' } }
  const made = ['-D', data, '-U', 'relay', '-A', 'trust', '-E', 'UTF8', '--no-sync']
  await promisify(execFile)(join(bin, 'initdb'), made, as)
  let end = async (_signal: NodeJS.Signals): Promise<void> => {}

  async function start(): Promise<void> {
    const args = ['-D', data, '-k', dir, '-c', 'listen_addresses=']
    const server = spawn(join(bin, 'postgres'), args, { ...as, stdio: ['ignore', 'ignore', 'pipe'] })
    const ended = new Promise<void>((resolve) => void server.on('exit', () => resolve()))
    end = (signal) => {
      server.kill(signal)
      return ended
    }
    let said = ''
    await new Promise<void>((resolve, reject) => {
      server.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        if (said.includes('ready to accept connections')) resolve()
      })
      void ended.then(() => reject(new Error(`PostgreSQL did not start:\n${said}`)))
    })
  }

  await start()
  return {
    url: `postgres://relay@/postgres?host=${encodeURIComponent(dir)}`,
    crash: () => end('SIGQUIT'),
    start,
    async stop() {
      await end('SIGQUIT') // without a last checkpoint: its files go next
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** PostgreSQL refuses to run as root. */
function unprivileged(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}
