/** The relay while its PostgreSQL crashes under it: nothing that was acknowledged is lost, and no row is blamed. */
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPostgresql, type OpenStore } from '../../sync/relay/store/open.ts'
import { opening, startMs, visitEvents } from '../unit/sync/books.ts'
import { newFridge, relayOn } from './relay-fridge.ts'
import { postgresqlBin, startPostgresql, type Cluster } from './relay-stores.ts'

const slow = 120_000

describe.skipIf(postgresqlBin === null && process.env['CI'] !== 'true')('a PostgreSQL that crashes', () => {
  let cluster: Cluster
  let store: OpenStore
  let app: FastifyInstance
  beforeAll(async () => {
    cluster = await startPostgresql()
    store = await openPostgresql(cluster.url)
    app = await relayOn(store)
  }, slow)
  afterAll(async () => {
    await app.close()
    await store.close()
    await cluster.stop()
  }, slow)

  test(
    '[Y1] [SY5] [SY12] fridges are asked to wait, go on when it is back, and every row is there once',
    async () => {
      const fridge = await newFridge(app, store.db)
      fridge.books.write(startMs, ...opening(fridge.id))
      for (let number = 1; number <= 40; number++) fridge.books.write(startMs + number, ...visitEvents(3, number))
      expect(await fridge.send(fridge.batch(0, 100))).toMatchObject({ type: 'accepted', upto: 100 })

      const underWay = [fridge.send(fridge.batch(100, 100)), fridge.send(fridge.batch(100, 50))]
      await cluster.crash()
      for (const answer of await Promise.all(underWay)) expect(['accepted', 'busy']).toContain(answer.type)
      expect(await fridge.send(fridge.batch(100, 100))).toMatchObject({ type: 'busy' })
      const health = await app.inject('/health')
      expect([health.statusCode, health.json()]).toEqual([
        503,
        { live: true, ready: false, state: 'down', store: 'postgresql' },
      ])
      expect((await app.inject('/metrics')).body).toContain('visionvend_relay_database_up 0')
      expect((await app.inject('/')).body).toContain('lose nothing')
      expect((await app.inject({ url: '/api/v1/fridges', headers: { authorization: 'Bearer vv_' } })).statusCode).toBe(
        401,
      )

      const draining = fridge.drain()
      await cluster.start()
      const pusher = await draining
      expect(pusher.progress()).toMatchObject({ at: 'idle', pending: 0, setAside: [], lastError: null })
      const rows = await store.db
        .selectFrom('ledger_rows')
        .select(['seq', 'body'])
        .where('fridge', '=', fridge.id)
        .orderBy('seq')
        .execute()
      expect(rows).toEqual(fridge.books.all().map(({ seq, body }) => ({ seq, body })))
    },
    slow,
  )
})
