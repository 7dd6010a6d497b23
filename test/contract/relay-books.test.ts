/** The relay's contract, where books are not what they were: put back to an older day, or judged by an older release. */
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { err, ok } from '../../src/core/result.ts'
import type { Event } from '../../src/core/events.ts'
import { judge, type JudgedRow } from '../../sync/relay/judge.ts'
import { ingest } from '../../sync/relay/store/ingest.ts'
import { makeKey } from '../../sync/relay/store/keys.ts'
import { fridgesToRetake, retake } from '../../sync/relay/store/retake.ts'
import { opening, startMs, visitEvents } from '../unit/sync/books.ts'
import { newFridge, relayOn, type Fridge } from './relay-fridge.ts'
import { openMemory, openOwnPostgresql, postgresqlBin, type TestStore } from './relay-stores.ts'

const slow = 120_000
const projections = ['visits', 'captures', 'receipts', 'receipt_lines', 'reviews', 'stock'] as const

describe('on an embedded database', () => {
  contract(openMemory)
})
describe.skipIf(postgresqlBin === null && process.env['CI'] !== 'true')('on PostgreSQL', () => {
  contract(openOwnPostgresql)
})

function contract(open: () => Promise<TestStore>): void {
  let opened: TestStore
  let app: FastifyInstance
  let owner: string
  beforeAll(async () => {
    opened = await open()
    app = await relayOn(opened.store)
    owner = await makeKey(opened.store.db, 'Ada', 'owner')
  }, slow)
  afterAll(async () => {
    await app.close()
    await opened.close()
  }, slow)

  const db = () => opened.store.db
  const sell = (fridge: Fridge, from: number, to: number): void => {
    for (let number = from; number <= to; number++)
      fridge.books.write(startMs + number, ...visitEvents(7, number, number % 4 === 0))
  }
  const sold = async (visits: number): Promise<Fridge> => {
    const fridge = await newFridge(app, db())
    fridge.books.write(startMs, ...opening(fridge.id))
    sell(fridge, 1, visits)
    return fridge
  }
  const asked = async (method: 'GET' | 'POST', url: string, payload?: object) =>
    app.inject({
      method,
      url: `/api/v1/${url}`,
      headers: { authorization: `Bearer ${owner}` },
      ...(payload === undefined ? {} : { payload }),
    })
  const seen = async (id: string): Promise<Record<string, unknown> | undefined> => {
    const { fridges } = (await asked('GET', 'fridges')).json<{ fridges: Record<string, unknown>[] }>()
    return fridges.find((one) => one['fridge'] === id)
  }
  const agree = async (id: string): Promise<void> => {
    const answer = await asked('POST', `fridges/${id}/restart`, { reason: 'its disk was put back' })
    expect([answer.statusCode, answer.json()]).toEqual([200, { mayRestart: id }])
  }
  const kept = async (id: string) =>
    (await db().selectFrom('ledger_rows').selectAll().where('fridge', '=', id).orderBy('seq').execute()).map(
      ({ seq, body }) => ({ seq, body }),
    )
  const rowsOf = ({ books }: Fridge) => books.all().map(({ seq, body }) => ({ seq, body }))
  const receiptsOf = async (id: string): Promise<number> =>
    (await db().selectFrom('receipts').select('visit').where('fridge', '=', id).execute()).length

  test.each([
    ['that has fewer rows than the relay', 0, 'relayAhead'],
    ['that went on since, to as many rows', 25, 'fork'],
    ['that went on since, to more rows', 40, 'fork'],
  ])(
    '[SY18] [Y1] a ledger put back to an older day, %s, goes on by its owner`s word alone',
    async (_how, more, code) => {
      const fridge = await sold(30)
      await fridge.drain()
      const before = await kept(fridge.id)
      const common = fridge.books.last().seq - 23 * 15 // in the middle of a visit that was there
      fridge.books.putBack(common)
      sell(fridge, 101, 100 + more)

      const stopped = (await fridge.drain()).progress()
      expect(stopped).toMatchObject({ at: 'refused', lastError: { code } })
      expect(stopped.lastError?.detail).toContain(`from ${common + 1} on`)
      expect(await seen(fridge.id)).toMatchObject({ divergedAtSeq: common + 1, mayRestartUntilMs: null })
      expect(await kept(fridge.id)).toEqual(before)
      expect((await asked('POST', 'fridges/nobody/restart', { reason: 'its disk was put back' })).statusCode).toBe(404)

      await agree(fridge.id)
      expect((await fridge.drain()).progress()).toMatchObject({ at: 'idle', pending: 0, lastError: null })
      expect(await kept(fridge.id)).toEqual(rowsOf(fridge))
      expect(await seen(fridge.id)).toMatchObject({ divergedAtSeq: null, mayRestartUntilMs: null })
      // What was sold before was sold, under numbers that come again.
      expect(await receiptsOf(fridge.id)).toBe(30 + more)
      const former = await db()
        .selectFrom('former_rows')
        .selectAll()
        .where('fridge', '=', fridge.id)
        .orderBy('seq')
        .execute()
      expect(former.map(({ seq, body }) => ({ seq, body }))).toEqual(before.slice(common))

      // The word is used up: the same again needs a new one.
      fridge.books.putBack(common - 5)
      sell(fridge, 201, 202)
      expect((await fridge.drain()).progress()).toMatchObject({ at: 'refused' })
      const words = await db()
        .selectFrom('audit')
        .select(['who', 'what', 'reason'])
        .where('subject', '=', fridge.id)
        .execute()
      expect(words.map(({ who, what }) => `${who} ${what}`)).toEqual([
        'test fridgePaired',
        'Ada restartAllowed',
        `${fridge.id} booksRestarted`,
      ])
    },
  )

  test('[SY18] [SY5] a restart that is sent again, or for a row that both do not have, moves nothing', async () => {
    const fridge = await sold(4)
    await fridge.drain()
    const all = fridge.books.last().seq
    await agree(fridge.id)
    const other = await newFridge(app, db())
    other.books.write(startMs + 1, ...opening(fridge.id))
    const foreign = { ...other.batch(3), fridge: fridge.id, restart: true as const }
    expect(await fridge.send(foreign)).toMatchObject({ type: 'fork', seq: 3 })
    expect(await fridge.send({ ...fridge.batch(all), restart: true })).toEqual({
      type: 'accepted',
      upto: all,
      refused: [],
    })
    expect(await fridge.send({ ...fridge.batch(all), restart: true })).toEqual({
      type: 'accepted',
      upto: all,
      refused: [],
    })
    expect(await fridge.send({ ...fridge.batch(10, 5), restart: true })).toEqual({ type: 'fork', seq: 16 })
    expect(await db().selectFrom('former_rows').selectAll().where('fridge', '=', fridge.id).execute()).toEqual([])
    expect(await kept(fridge.id)).toEqual(rowsOf(fridge))
  })

  test('[SY17] [Y3] what an older release set aside is taken by a newer one, as if it had known it all along', async () => {
    const [knowing, older] = [await sold(24), await sold(24)]
    const unknown: readonly Event['type'][] = ['ReceiptIssued', 'StockCounted', 'ReviewOpened', 'VisitStarted']
    const olderJudge: typeof judge = (batch) => {
      const judged = judge(batch)
      if (!judged.ok) return err(judged.error)
      return ok(
        judged.value.map((row): JudgedRow => {
          const isNew = 'event' in row.verdict && unknown.includes(row.verdict.event.type)
          return isNew ? { ...row, verdict: { why: 'unknownEvent', detail: 'type: no such event' } } : row
        }),
      )
    }
    for (let after = 0; after < older.books.last().seq; after += 100)
      expect(await ingest(db(), older.batch(after, 100), olderJudge)).toMatchObject({ type: 'accepted' })
    await knowing.drain()
    const tables = async (id: string) =>
      Promise.all(
        projections.map(async (table) => {
          const rows = await sql<object>`select * from ${sql.table(table)} where fridge = ${id}
            order by 2, 3`.execute(db())
          return [table, rows.rows.map((row) => ({ ...row, fridge: '' }))] as const
        }),
      )
    expect(await tables(older.id)).not.toEqual(await tables(knowing.id))
    expect(await seen(older.id)).toMatchObject({ setAside: 24 * 2 + 5 + 6 })

    await sql`update quarantine set relay_version = '0.0.9' where fridge = ${older.id}`.execute(db())
    expect(await fridgesToRetake(db())).toEqual([older.id])
    expect(await retake(db(), older.id)).toBe(24 * 2 + 5 + 6)
    expect(await tables(older.id)).toEqual(await tables(knowing.id))
    expect(await kept(older.id)).toEqual(rowsOf(older))
    expect(await fridgesToRetake(db())).toEqual([])
    expect(await seen(older.id)).toMatchObject({ setAside: 0 })
  })

  test('[SY17] what this release does not know either stays set aside, and is not tried again by it', async () => {
    const fridge = await sold(2)
    fridge.books.writeBody(startMs + 9, '{"type":"FridgeDreamt"}')
    await fridge.drain()
    await sql`update quarantine set relay_version = null where fridge = ${fridge.id}`.execute(db())
    expect(await fridgesToRetake(db())).toEqual([fridge.id])
    expect(await retake(db(), fridge.id)).toBe(0)
    expect(await fridgesToRetake(db())).toEqual([])
    expect(await seen(fridge.id)).toMatchObject({ setAside: 1 })
  })
}
