/** A relay's backup, rehearsed: taken while it runs, restored into another PostgreSQL, and the fridges make up the rest. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPostgresql } from '../../sync/relay/store/open.ts'
import { opening, startMs, visitEvents } from '../unit/sync/books.ts'
import { newFridge, relayOn } from './relay-fridge.ts'
import { postgresqlBin, startPostgresql, type Cluster } from './relay-stores.ts'

const slow = 120_000

describe.skipIf(postgresqlBin === null && process.env['CI'] !== 'true')('a backup', () => {
  const dir = mkdtempSync(join(tmpdir(), 'relay-backup-'))
  const file = join(dir, 'relay.backup')
  let lost: Cluster
  let found: Cluster
  const backup = (cluster: Cluster, ...args: string[]): string =>
    execFileSync('sh', ['sync/deploy/backup.sh', ...args], {
      env: { PATH: `${postgresqlBin}:${process.env['PATH']}`, DATABASE_URL: cluster.url },
      encoding: 'utf8',
      stdio: 'pipe',
    })

  beforeAll(async () => {
    ;[lost, found] = await Promise.all([startPostgresql(), startPostgresql()])
  }, slow)
  afterAll(async () => {
    await found.stop()
    rmSync(dir, { recursive: true, force: true })
  }, slow)

  test(
    '[Y1] is restored elsewhere, and the fridge sends again what it lacks: nothing lost, nothing twice',
    async () => {
      const store = await openPostgresql(lost.url)
      const app = await relayOn(store)
      const fridge = await newFridge(app, store.db)
      fridge.books.write(startMs, ...opening(fridge.id))
      for (let number = 1; number <= 10; number++) fridge.books.write(startMs + number, ...visitEvents(3, number))
      await fridge.drain()
      backup(lost, file)
      expect(statSync(file).mode & 0o777).toBe(0o600)
      expect(() => backup(lost, file)).toThrow(/is there already/)

      // The relay goes on, and then its machine is gone.
      for (let number = 11; number <= 20; number++) fridge.books.write(startMs + number, ...visitEvents(3, number))
      await fridge.drain()
      await app.close()
      await store.close()
      await lost.stop()

      backup(found, file, 'restore')
      const restored = await openPostgresql(found.url)
      const again = await relayOn(restored)
      const receipts = async (): Promise<number> =>
        (await restored.db.selectFrom('receipts').select('number').execute()).length
      expect(await receipts()).toBe(10)
      const pusher = await fridge.drain(() => again)
      expect(pusher.progress()).toMatchObject({ at: 'idle', pending: 0, setAside: [], lastError: null })
      expect(await receipts()).toBe(20)
      const rows = await restored.db.selectFrom('ledger_rows').select(['seq', 'body']).orderBy('seq').execute()
      expect(rows).toEqual(fridge.books.all().map(({ seq, body }) => ({ seq, body })))
      await again.close()
      await restored.close()
    },
    slow,
  )

  test('a file that is no backup restores nothing, and says so', () => {
    expect(() => backup(found, 'README.md', 'restore')).toThrow(/valid archive/)
  })
})
