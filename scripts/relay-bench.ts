/**
 * `npm run bench:relay`: ledger rows a second, from fridges over HTTP into a PostgreSQL of this run's own, beside a bare COPY
 * of the same rows into a table with the same columns and key, in the same run.
 * The relay is a process of its own, as it is in use. Prints a table; writes nothing into the project.
 */
import { randomBytes } from 'node:crypto'
import { spawn, execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { silent } from '../src/core/ports.ts'
import { pair } from '../sync/edge/pairing.ts'
import { createPusher } from '../sync/edge/pusher.ts'
import { signingKey, type SigningKey } from '../sync/protocol/signing.ts'
import { makePairingCode } from '../sync/relay/store/fridges.ts'
import { openPostgresql } from '../sync/relay/store/open.ts'
import { postgresqlBin, startPostgresql } from '../test/contract/relay-stores.ts'
import { soldBooks, type Books } from '../test/unit/sync/books.ts'

const fridges = Number(process.argv[2] ?? 8)
const visits = Number(process.argv[3] ?? 500)
const clock = {
  nowMs: () => performance.now(),
  after(delayMs: number, due: () => void) {
    const timer = setTimeout(due, delayMs)
    return () => clearTimeout(timer)
  },
}

const cluster = await startPostgresql()
const store = await openPostgresql(cluster.url)
const relay = spawn(process.execPath, ['sync/relay/main.ts'], {
  env: { ...process.env, DATABASE_URL: cluster.url, RELAY_PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
})
try {
  const line = await new Promise<string>((resolve) =>
    relay.stdout.once('data', (bytes: Buffer) => resolve(bytes.toString())),
  )
  const { relay: relayUrl } = JSON.parse(line) as { relay: string }
  while (!(await fetch(`${relayUrl}/health/ready`)).ok) await new Promise((resolve) => setTimeout(resolve, 50))

  const all = Array.from({ length: fridges }, (_, index) => {
    const id = `bench-${index}`
    return { id, key: signingKey(randomBytes(32)), books: soldBooks(id, visits, index) }
  })
  for (const { id, key } of all) {
    const { code } = await makePairingCode(store.db, 'bench')
    const wire = { fetch: (url: string, init: RequestInit) => fetch(url, init), clock, relayUrl, timeoutMs: 30_000 }
    const answer = await pair(wire as Parameters<typeof pair>[0], key, id, code)
    if (answer.type !== 'paired') throw new Error(answer.type)
  }
  const rows = all.reduce((sum, { books }) => sum + books.last().seq, 0)
  const startedAt = performance.now()
  await Promise.all(all.map((fridge) => drained(relayUrl, fridge)))
  const relaySeconds = (performance.now() - startedAt) / 1000

  const { copySeconds, megabytes } = copied(all)
  const kept = await store.db.selectFrom('ledger_rows').select('seq').execute()
  if (kept.length !== rows) throw new Error(`${kept.length} rows kept of ${rows}`)
  const rate = (seconds: number): string => `${Math.round(rows / seconds).toLocaleString('en')} rows/s`
  process.stdout.write(
    `${fridges} fridges, ${rows} rows, ${megabytes.toFixed(1)} MB\n` +
      `over HTTP, checked, projected, committed   ${relaySeconds.toFixed(2)} s   ${rate(relaySeconds)}\n` +
      `a bare COPY of the same rows               ${copySeconds.toFixed(2)} s   ${rate(copySeconds)}\n` +
      `ratio ${(copySeconds / relaySeconds).toFixed(2)}; 43M rows would drain in ${((43e6 / rows) * relaySeconds / 3600).toFixed(1)} h\n`, // prettier-ignore
  )
} finally {
  relay.kill()
  await store.close()
  await cluster.stop()
}

/** Without the pusher's jitter at the start, which is there for a fleet and not for a clock. */
function drained(relayUrl: string, { id, key, books }: { id: string; key: SigningKey; books: Books }): Promise<void> {
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

/** The same rows from a file by psql, into a table with the same columns and key. */
function copied(all: readonly { readonly id: string; readonly books: Books }[]): {
  copySeconds: number
  megabytes: number
} {
  const host = decodeURIComponent(/host=([^&]+)/.exec(cluster.url)?.[1] ?? '')
  const file = join(host, 'rows.tsv')
  const escaped = (text: string): string => text.replaceAll('\\', '\\\\')
  const text = all
    .flatMap(
      ({ id, books }) =>
      books.all().map(({ seq, atMs, hash, body }) => `${id}\t${seq}\t${atMs}\t\\\\x${Buffer.from(hash).toString('hex')}\t${escaped(body)}\n`), // prettier-ignore
    )
    .join('')
  writeFileSync(file, text)
  const psql = (command: string): void => {
    execFileSync(join(postgresqlBin ?? '', 'psql'), ['-h', host, '-U', 'relay', '-d', 'postgres', '-q', '-c', command])
  }
  psql('CREATE TABLE bare (LIKE ledger_rows INCLUDING ALL)')
  const startedAt = performance.now()
  psql(`\\copy bare (fridge, seq, at_ms, hash, body) from '${file}'`)
  return { copySeconds: (performance.now() - startedAt) / 1000, megabytes: text.length / 1e6 }
}
