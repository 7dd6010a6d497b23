/**
 * `npm run bench:relay [FRIDGES [VISITS]]`: ledger rows a second, over HTTP into a PostgreSQL of this run's own, beside bare
 * COPYs of the same rows in the same run. The relay is a process of its own, as it is in use, and all of it shares this machine.
 * Two ways in: fridges that cut, chain, compress and sign while they are timed, as real ones do each on its own processor; and
 * batches that were made before, as COPY's file is. Prints a table; writes nothing into the project.
 */
import { randomBytes } from 'node:crypto'
import { spawn, execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { Agent, request as httpRequest } from 'node:http'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { silent } from '../src/core/ports.ts'
import { cursorAt, nextBatch, start, type Cursor } from '../sync/edge/batches.ts'
import { pair } from '../sync/edge/pairing.ts'
import { createPusher } from '../sync/edge/pusher.ts'
import { encodeBatch } from '../sync/protocol/codec.ts'
import { headerNames, maxRows, paths, protocolVersion } from '../sync/protocol/messages.ts'
import { signedRows, signingKey, type SigningKey } from '../sync/protocol/signing.ts'
import { makePairingCode } from '../sync/relay/store/fridges.ts'
import { openPostgresql } from '../sync/relay/store/open.ts'
import { postgresqlBin, startPostgresql } from '../test/contract/relay-stores.ts'
import { soldBooks, type Books } from '../test/unit/sync/books.ts'

interface Fridge {
  readonly id: string
  readonly key: SigningKey
  readonly books: Books
}

const fridges = Number(process.argv[2] ?? 8)
const visits = Number(process.argv[3] ?? 1_500)
const copies = 3
const agent = new Agent({ keepAlive: true })
const users = ['relay', 'database', 'fridges', 'psql'] as const
const tables = ['LIKE ledger_rows INCLUDING ALL', 'LIKE ledger_rows INCLUDING DEFAULTS, PRIMARY KEY (fridge, seq)']
const clock = {
  nowMs: () => performance.now(),
  after(delayMs: number, due: () => void) {
    const timer = setTimeout(due, delayMs)
    return () => clearTimeout(timer)
  },
}

const cluster = await startPostgresql()
const host = decodeURIComponent(/host=([^&]+)/.exec(cluster.url)?.[1] ?? '')
const postmaster = Number(readFileSync(join(host, 'data', 'postmaster.pid'), 'utf8').split('\n')[0])
const store = await openPostgresql(cluster.url)
// Two copies of one relay: what one is sent alone, and what both are.
const relays = [1, 2].map(() =>
  spawn(process.execPath, ['sync/relay/main.ts'], {
    env: { ...process.env, DATABASE_URL: cluster.url, RELAY_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  }),
)
try {
  const urls = await Promise.all(relays.map(ready))
  // A relay that has run for a moment is what drains a fleet: its programs are compiled, its connections open.
  for (const url of urls)
    await Promise.all((await paired(url, `warm-${urls.indexOf(url)}`, 750)).map((fridge) => drained(url, fridge)))
  const [first = ''] = urls
  const real = await paired(first, 'real')
  const made = await paired(first, 'made')
  const both = await paired(first, 'both')
  const rows = real.reduce((sum, { books }) => sum + books.last().seq, 0)
  const [requests, requestsToBoth] = [made.map(requestsOf), both.map(requestsOf)]

  say(`${fridges} fridges, ${rows} rows, in batches of ${maxRows} at most`)
  // Before and after, since others may use the machine.
  const file = writeRows(real)
  const before = tables.map((table) => copied(file, table))
  const pushed = await timed(() => Promise.all(real.map((fridge) => drained(first, fridge))))
  const replayed = await timed(() => Promise.all(requests.map((mine) => sent(first, mine))))
  const shared = await timed(() =>
    Promise.all(requestsToBoth.map((mine, index) => sent(urls[index % urls.length] ?? first, mine))),
  )
  const [bare, keyed] = tables.map((table, index) => medianOf([...(before[index] ?? []), ...copied(file, table)]))
  if (bare === undefined || keyed === undefined) throw new Error('there are two tables')
  for (const { id, books } of [...real, ...made, ...both]) {
    const kept = await store.db.selectFrom('ledger_rows').select('seq').where('fridge', '=', id).execute()
    if (kept.length !== books.last().seq) throw new Error(`${kept.length} rows kept of ${books.last().seq}`)
  }

  const spent = (cpu: Cpu): number => users.reduce((sum, who) => sum + cpu[who], 0)
  const rate = (seconds: number): number => rows / seconds
  const figure = (what: string, { seconds, cpu }: Timed): void =>
    say(
      `${what.padEnd(74)} ${seconds.toFixed(2).padStart(6)} s ${Math.round(rate(seconds)).toLocaleString('en').padStart(9)} rows/s` +
        `   CPU us/row ${((spent(cpu) * 1e6) / rows).toFixed(1)}:${users.flatMap((who) => (cpu[who] > 0 ? [` ${who} ${((cpu[who] * 1e6) / rows).toFixed(1)}`] : [])).join(',')}`, // prettier-ignore
    )
  figure('bare COPY FROM (psql, one commit, WAL and fsync): columns, key, all indices', bare)
  figure('the same into a table with no index but the key', keyed)
  figure('fridges over HTTP: checked, chained, projected, committed', pushed)
  figure('the same, of batches made before', replayed)
  figure('the same again, at two copies of the relay', shared)
  for (const [what, one] of [
    ['fridges', pushed],
    ['batches made before', replayed],
    ['at two copies', shared],
  ] as const)
    // prettier-ignore
    say(
      `${what}: ${(bare.seconds / one.seconds).toFixed(2)} of COPY with all indices, ${(keyed.seconds / one.seconds).toFixed(2)} of COPY with the key only; of the processor's time ${(spent(bare.cpu) / spent(one.cpu)).toFixed(2)}; ` +
        `43M rows drain in ${(43e6 / rate(one.seconds) / 60).toFixed(0)} min`,
    )
} finally {
  agent.destroy()
  for (const relay of relays) relay.kill()
  await store.close()
  await cluster.stop()
}

/** Its address, once its database is open. */
async function ready({ stdout }: { readonly stdout: Readable }): Promise<string> {
  const line = await new Promise<string>((resolve) => stdout.once('data', (bytes: Buffer) => resolve(bytes.toString())))
  const { relay: url } = JSON.parse(line) as { relay: string }
  while (!(await fetch(`${url}/health/ready`)).ok) await new Promise((resolve) => setTimeout(resolve, 50))
  return url
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Fridges that the relay knows, with as much to tell each. */
async function paired(relayUrl: string, name: string, sold = visits): Promise<Fridge[]> {
  const wire = { fetch: (url: string, init: RequestInit) => fetch(url, init), clock, relayUrl, timeoutMs: 30_000 }
  const all: Fridge[] = []
  for (let index = 0; index < fridges; index++) {
    const id = `${name}-${index}`
    const key = signingKey(randomBytes(32))
    const { code } = await makePairingCode(store.db, 'bench')
    const answer = await pair(wire as Parameters<typeof pair>[0], key, id, code)
    if (answer.type !== 'paired') throw new Error(answer.type)
    all.push({ id, key, books: soldBooks(id, sold, index) })
  }
  return all
}

/** Without the pusher's jitter at the start, which is there for a fleet and not for a clock. */
function drained(relayUrl: string, { id, key, books }: Fridge): Promise<void> {
  return new Promise((resolve, reject) => {
    const pusher = createPusher(
      {
        ledger: books,
        key,
        fetch: (url, init) => fetch(url, init as RequestInit),
        clock: {
          ...clock,
          after: (delayMs, due) => clock.after(delayMs > 2_999 ? delayMs : Math.min(delayMs, 1), due),
        },
        random: { bytes: (count) => randomBytes(count), uuid: () => '' },
        log: silent,
        failed: reject,
      },
      { fridge: id, relayUrl },
    )
    pusher.onProgress(({ at, pending, lastError }) => {
      if (lastError !== null) reject(new Error(JSON.stringify(lastError)))
      if (at !== 'idle' || pending > 0) return
      resolve()
      pusher.stop()
    })
  })
}

interface Request {
  readonly headers: Readonly<Record<string, string | number>>
  readonly body: Uint8Array
}

/** All of a fridge's batches, as they go over the wire. */
function requestsOf({ id, key, books }: Fridge): Request[] {
  const requests: Request[] = []
  for (let cursor: Cursor = start; cursor.seq < books.last().seq;) {
    const batch = nextBatch(books, id, cursor, maxRows, new Map())
    if (!batch.ok) throw new Error(`row ${batch.error.seq}`)
    const body = encodeBatch(batch.value)
    const headers = {
      'content-type': 'application/zstd',
      'content-length': body.length,
      [headerNames.protocol]: String(protocolVersion),
      [headerNames.fridge]: id,
      [headerNames.signature]: Buffer.from(key.sign(signedRows(id, body))).toString('base64'),
    }
    requests.push({ headers, body })
    cursor = cursorAt(books, cursor.seq + batch.value.rows.length) ?? start
  }
  return requests
}

/** One at a time, each when the one before is answered, as fridges do. */
async function sent(relayUrl: string, requests: readonly Request[]): Promise<void> {
  for (const request of requests) {
    const answer = JSON.parse(await posted(relayUrl + paths.rows, request)) as { type: string; refused: unknown[] }
    if (answer.type !== 'accepted' || answer.refused.length > 0) throw new Error(JSON.stringify(answer))
  }
}

/** By Node's plain client: the sender's share is to be small, as psql's is. */
function posted(url: string, { headers, body }: Request): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(url, { method: 'POST', headers, agent }, (answer) => {
      let said = ''
      answer.setEncoding('utf8').on('data', (part: string) => void (said += part)).on('end', () => resolve(said)) // prettier-ignore
    })
    asked.on('error', reject).end(body)
  })
}

interface Timed {
  readonly seconds: number
  /** Seconds of a processor, by process. */
  readonly cpu: Cpu
}

async function timed(work: () => Promise<unknown>): Promise<Timed> {
  const before = cpuNow()
  const startedAt = performance.now()
  await work()
  return { seconds: (performance.now() - startedAt) / 1000, cpu: cpuSince(before) }
}

type Cpu = Readonly<Record<(typeof users)[number], number>>

/** Processor time so far, in seconds, by /proc: Linux counts in hundredths. Whoever has ended is in his parent's account. */
function cpuNow(): Cpu {
  const { user, system } = process.cpuUsage()
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((name) => statOf(Number(name))) // prettier-ignore
  const database = all.filter(({ pid, parent }) => pid === postmaster || parent === postmaster)
  return {
    relay: relays.reduce((sum, { pid }) => sum + statOf(pid ?? 0).seconds, 0),
    database: database.reduce((sum, one) => sum + one.seconds, statOf(postmaster).ofEnded),
    fridges: (user + system) / 1e6,
    psql: statOf(process.pid).ofEnded,
  }
}

function cpuSince(before: Cpu): Cpu {
  const now = cpuNow()
  const [relay = 0, database = 0, own = 0, psql = 0] = users.map((who) => now[who] - before[who])
  return { relay, database, fridges: own, psql }
}

function statOf(pid: number): { pid: number; parent: number; seconds: number; ofEnded: number } {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    const [user = 0, system = 0, usersOfEnded = 0, systemOfEnded = 0] = fields.slice(11, 15).map(Number)
    return {
      pid,
      parent: Number(fields[1]),
      seconds: (user + system) / 100,
      ofEnded: (usersOfEnded + systemOfEnded) / 100,
    }
  } catch {
    return { pid, parent: 0, seconds: 0, ofEnded: 0 } // ended meanwhile
  }
}

/** COPY's file, as a fridge's rows stand in it. */
function writeRows(all: readonly Fridge[]): string {
  const file = join(host, 'rows.tsv')
  const escaped = (text: string): string => text.replaceAll('\\', '\\\\')
  const lines = all.flatMap(
    ({ id, books }) =>
    books.all().map(({ seq, atMs, hash, body }) => `${id}\t${seq}\t${atMs}\t\\\\x${Buffer.from(hash).toString('hex')}\t${escaped(body)}\n`), // prettier-ignore
  )
  writeFileSync(file, lines.join(''))
  return file
}

/** The file by psql into a table like the relay's, some times, each into a fresh one. */
function copied(file: string, columns: string): readonly Timed[] {
  const psql = (command: string): void => {
    execFileSync(join(postgresqlBin ?? '', 'psql'), ['-h', host, '-U', 'relay', '-d', 'postgres', '-q', '-c', command])
  }
  return Array.from({ length: copies }, () => {
    psql(`CREATE TABLE bare (${columns})`)
    const before = cpuNow()
    const startedAt = performance.now()
    psql(`\\copy bare (fridge, seq, at_ms, hash, body) from '${file}'`)
    const seconds = (performance.now() - startedAt) / 1000
    psql('DROP TABLE bare') // and its connection's processes are in their parents' accounts by now
    const { database, psql: own } = cpuSince(before)
    return { seconds, cpu: { relay: 0, database, fridges: 0, psql: own } }
  })
}

/** Of each figure by itself. */
function medianOf(times: readonly Timed[]): Timed {
  const middle = (of: (one: Timed) => number): number => times.map(of).toSorted((a, b) => a - b)[times.length >> 1] ?? 0
  const [relay = 0, database = 0, own = 0, psql = 0] = users.map((who) => middle(({ cpu }) => cpu[who]))
  return { seconds: middle(({ seconds }) => seconds), cpu: { relay, database, fridges: own, psql } }
}
