/**
 * Stores for the relay's contract: an embedded one in memory, and a PostgreSQL of this test's own: a fresh cluster in a
 * temporary folder, on a Unix socket only, run by a user who is not root, with its disk settings as they come.
 */
import { execFileSync, spawn } from 'node:child_process'
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
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

export async function openMemory(): Promise<TestStore> {
  const store = await openEmbedded(null, await emptyDatabase())
  return { store, another: async () => ({ ...store, close: async () => {} }), close: () => store.close() }
}

/**
 * A new PGlite without any table, kept from run to run: to make one takes three seconds of a processor, to copy one half a
 * second. Its tables are made by each test's own opening, as everywhere.
 */
async function emptyDatabase(): Promise<Blob> {
  const itself = readFileSync(join(root, 'node_modules', '@electric-sql', 'pglite', 'package.json'), 'utf8')
  const { version } = JSON.parse(itself) as { version: string }
  const file = join(cache, `pglite-${version}.tar`)
  if (!existsSync(file)) {
    mkdirSync(cache, { recursive: true })
    const pglite = await PGlite.create({})
    const dump = await pglite.dumpDataDir('none')
    await pglite.close()
    const fresh = join(mkdtempSync(`${file}.new-`), 'tar')
    writeFileSync(fresh, new Uint8Array(await dump.arrayBuffer()))
    renameSync(fresh, file)
    rmSync(dirname(fresh), { recursive: true })
  }
  return new Blob([readFileSync(file)])
}

export async function openOwnPostgresql(): Promise<TestStore> {
  const cluster = await startPostgresql()
  const store = await openPostgresql(cluster.url)
  return {
    store,
    another: () => openPostgresql(cluster.url),
    async close() {
      await store.close()
      await cluster.stop()
    },
  }
}

export interface Cluster {
  readonly url: string
  /** As a machine that loses power: nothing is tidied up, and the next start recovers. */
  crash(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

export async function startPostgresql(): Promise<Cluster> {
  if (postgresqlBin === null)
    throw new Error('PostgreSQL is not installed here: on Debian, sudo apt-get install postgresql')
  const bin = postgresqlBin
  const dir = mkdtempSync(join(tmpdir(), 'relay-pg-'))
  const user = unprivileged()
  if (user !== null) chownSync(dir, user.uid, user.gid)
  const data = join(dir, 'data')
  const as = { ...user, cwd: dir, env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8' } }
  const made = ['-D', data, '-U', 'relay', '-A', 'trust', '-E', 'UTF8', '--no-sync']
  execFileSync(join(bin, 'initdb'), made, { ...as, stdio: 'ignore' })
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
      await end('SIGINT') // a fast shutdown
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
