/** The relay's contract: the same promises on every store, spoken to as fridges and owners do. */
import { zstdCompressSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bySku, evolve, noStock } from '../../src/catalog/stock.ts'
import { eventSchema, type Event, type EventOf } from '../../src/core/events.ts'
import { dictionary } from '../../sync/protocol/dictionary.ts'
import { makePairingCode } from '../../sync/relay/store/fridges.ts'
import { makeKey, revokeKey } from '../../sync/relay/store/keys.ts'
import { listSetAside, listStock, moneyByFridge, salesByProduct } from '../../sync/relay/store/reads.ts'
import { opening, startMs, visitEvents } from '../unit/sync/books.ts'
import { newFridge, relayOn, type Fridge } from './relay-fridge.ts'
import { openMemory, openOwnPostgresql, postgresqlBin, type TestStore } from './relay-stores.ts'

const ci = process.env['CI'] === 'true'
const forced: Event = { type: 'DoorForced' }
const slow = 120_000

describe('on an embedded database', () => {
  contract(openMemory)
})
describe.skipIf(postgresqlBin === null && !ci)('on PostgreSQL', () => {
  contract(openOwnPostgresql)
})

function contract(open: () => Promise<TestStore>): void {
  let opened: TestStore
  let app: FastifyInstance
  beforeAll(async () => {
    opened = await open()
    app = await relayOn(opened.store)
  }, slow)
  afterAll(async () => {
    await app.close()
    await opened.close()
  }, slow)

  const db = () => opened.store.db
  const fridgeOf = (...events: readonly Event[]): Promise<Fridge> => newFridge(app, db(), ...events)
  const kept = async (id: string) =>
    (await db().selectFrom('ledger_rows').selectAll().where('fridge', '=', id).orderBy('seq').execute()).map(
      ({ seq, body }) => ({ seq, body }),
    )
  const countOf = async (table: 'receipts' | 'visits' | 'captures', id: string): Promise<number> =>
    (await db().selectFrom(table).select('visit').where('fridge', '=', id).execute()).length
  const sold = async (visits: number): Promise<Fridge> => {
    const fridge = await fridgeOf()
    fridge.books.write(startMs, ...opening(fridge.id))
    for (let number = 1; number <= visits; number++)
      fridge.books.write(startMs + number, ...visitEvents(7, number, number % 4 === 0))
    return fridge
  }
  const rowsOf = ({ books }: Fridge) => books.all().map(({ seq, body }) => ({ seq, body }))
  const eventsOf = ({ books }: Fridge): Event[] => books.all().map(({ body }) => eventSchema.parse(JSON.parse(body)))
  const received = (fridge: Fridge) =>
    eventsOf(fridge).filter((event): event is EventOf<'ReceiptIssued'> => event.type === 'ReceiptIssued')

  test('[SY5] [Y1] [M9] a fridge drains: rows to the byte, receipts, captures, sales and stock as its own books say', async () => {
    const fridge = await sold(90)
    const pusher = await fridge.drain()
    expect(pusher.progress()).toMatchObject({ at: 'idle', pending: 0, lastError: null, setAside: [] })
    expect(await kept(fridge.id)).toEqual(rowsOf(fridge))
    const receipts = received(fridge)
    const sumMinor = receipts.reduce((sum, { chargedMinor }) => sum + chargedMinor, 0)
    const money = (await moneyByFridge(db())).filter((row) => row.fridge === fridge.id)
    expect(money).toEqual([
      { fridge: fridge.id, currency: 'EUR', capturedMinor: sumMinor, receiptsMinor: sumMinor, receipts: 90 },
    ])
    const counts = new Map<string, number>()
    for (const { sku, count } of receipts.flatMap(({ lines }) => lines)) counts.set(sku, (counts.get(sku) ?? 0) + count)
    const sales = await salesByProduct(db(), { fridge: fridge.id, fromMs: 0, toMs: 9e15 })
    expect(new Map(sales.map(({ sku, count }) => [sku, count]))).toEqual(counts)
    const stock = await listStock(db(), fridge.id)
    expect(new Map(stock.map(({ sku, count }) => [sku, count]))).toEqual(
      bySku(eventsOf(fridge).reduce(evolve, noStock)),
    )
  })

  test('[SY5] [SY6] a batch sent again, in part, in pieces and five times at once takes effect once', async () => {
    const fridge = await sold(6)
    const all = fridge.books.last().seq
    expect(await fridge.send(fridge.batch(0, 30))).toEqual({ type: 'accepted', upto: 30, refused: [] })
    expect(await fridge.send(fridge.batch(0, 30))).toEqual({ type: 'accepted', upto: 30, refused: [] })
    expect(await fridge.send(fridge.batch(10, 5))).toEqual({ type: 'accepted', upto: 30, refused: [] })
    const answers = await Promise.all([0, 7, 29, 30, 15].map((after) => fridge.send(fridge.batch(after))))
    for (const answer of answers) expect(answer).toEqual({ type: 'accepted', upto: all, refused: [] })
    expect(await kept(fridge.id)).toEqual(rowsOf(fridge))
    expect(await countOf('receipts', fridge.id)).toBe(6)
  })

  test('[SY6] a gap says what is wanted; a fork and a broken chain take nothing', async () => {
    const fridge = await fridgeOf(forced, forced, forced, forced)
    expect(await fridge.send(fridge.batch(2))).toEqual({ type: 'gap', expectedSeq: 1 })
    await fridge.send(fridge.batch(0, 2))
    const other = await newFridge(app, null, forced, { type: 'SensorLost' }, forced)
    const forked = { ...other.batch(), fridge: fridge.id }
    expect(await fridge.send(forked)).toEqual({ type: 'fork', seq: 2 })
    expect(await fridge.send({ ...other.batch(2), fridge: fridge.id })).toEqual({ type: 'fork', seq: 2 })
    const wrong = Buffer.alloc(32, 9)
    expect(await fridge.send({ ...fridge.batch(2), lastHash: wrong })).toEqual({ type: 'brokenChain', seq: 4 })
    const start = { ...(await newFridge(app, db(), forced)).batch(), fridge: fridge.id, previousHash: wrong }
    expect(await fridge.send(start)).toMatchObject({ type: 'brokenChain' })
    expect((await kept(fridge.id)).length).toBe(2)
    expect(await fridge.send(fridge.batch(2))).toEqual({ type: 'accepted', upto: 4, refused: [] })
  })

  test('[SY7] [Y3] rows that cannot be taken are kept as they came, set aside and passed; their neighbours are taken', async () => {
    const fridge = await sold(1)
    const { books } = fridge
    const [receipt] = received(fridge)
    const first = books.last().seq
    books.writeBody(startMs, 'no JSON \u0000 at all')
    books.write(startMs, forced)
    books.writeBody(startMs, '['.repeat(5_000))
    books.writeBody(startMs, '{"type":"PriceWished","sku":"can-1"}')
    books.write(startMs, { type: 'FridgeStarted', fridge: 'another' as never, version: '1', offMs: 0 })
    books.writeBody(
      startMs,
      JSON.stringify({ type: 'StockCounted', sku: 'a\u0000b', shelf: 1, count: 1, by: '', reason: '' }),
    )
    books.write(startMs, { ...receipt!, number: 2 })
    books.write(startMs, ...visitEvents(7, 2))
    const pusher = await fridge.drain()
    expect(pusher.progress()).toMatchObject({ at: 'idle', pending: 0, acknowledgedSeq: books.last().seq })
    const whys = pusher.progress().setAside.map(({ seq, why }) => [seq - first, why])
    expect(whys).toEqual([
      [1, 'notJson'],
      [3, 'tooDeep'],
      [4, 'unknownEvent'],
      [5, 'foreignFridge'],
      [6, 'unstorable'],
      [7, 'unstorable'],
    ])
    // The same again, as after an answer that was lost: told again, and not set aside again.
    expect(await fridge.send(fridge.batch())).toMatchObject({
      upto: books.last().seq,
      refused: pusher.progress().setAside,
    })
    const aside = await listSetAside(db(), fridge.id, 10)
    expect(aside.toReversed().map(({ body }) => body)).toEqual(
      books.all().filter(({ seq }) => pusher.progress().setAside.some((row) => row.seq === seq)).map(({ body }) => body), // prettier-ignore
    )
    expect(await countOf('receipts', fridge.id)).toBe(2)
    expect(await countOf('visits', fridge.id)).toBe(2)
  })

  test('[SY7] a receipt whose visit`s start was set aside is in the catalogue`s currency', async () => {
    const fridge = await sold(0)
    const [, ...rest] = visitEvents(7, 1)
    fridge.books.writeBody(startMs, '{"type":"VisitStarted"}')
    fridge.books.write(startMs, ...rest)
    await fridge.drain()
    expect(await moneyByFridge(db())).toContainEqual(
      expect.objectContaining({ fridge: fridge.id, currency: 'EUR', receipts: 1 }),
    )
  })

  test('[SY8] text that looks like SQL is text', async () => {
    const words = `'; DROP TABLE receipts; -- "$1" {} \\`
    const fridge = await fridgeOf({
      type: 'StockCounted',
      sku: words as never,
      shelf: 1,
      count: 3,
      by: words,
      reason: words,
    })
    await fridge.drain()
    expect(await listStock(db(), fridge.id)).toEqual([{ shelf: 1, sku: words, count: 3, most: 3, capacity: null }])
  })

  test('[SY2] [SY8] [Y4] a fridge writes its own rows only, and every refusal says what it is and is counted', async () => {
    const fridge = await fridgeOf(forced)
    const foreign = await fridgeOf(forced)
    const stranger = await newFridge(app, null, forced)
    const batch = fridge.batch()
    expect(await stranger.send(stranger.batch())).toEqual({ type: 'unknownFridge' })
    expect(await stranger.send(batch, { 'vv-fridge': fridge.id })).toEqual({ type: 'badSignature' })
    expect(await fridge.send(batch, { 'vv-signature': '' })).toEqual({ type: 'badSignature' })
    expect(await fridge.send(batch, { 'vv-fridge': foreign.id })).toEqual({ type: 'badSignature' })
    expect(await foreign.send(batch)).toEqual({ type: 'foreignRows' })
    expect(await fridge.send(batch, { 'vv-fridge': "x' OR 1=1" })).toEqual({
      type: 'malformed',
      what: 'vv-fridge names no fridge',
    })
    expect(await fridge.send(batch, { 'content-type': 'text/plain' })).toMatchObject({ type: 'malformed' })
    expect(await fridge.send(batch, {}, Buffer.from('rubbish'))).toMatchObject({ type: 'malformed' })
    expect(await fridge.send(batch, {}, Buffer.alloc(1_100_000))).toMatchObject({ type: 'tooBig' })
    const bomb = zstdCompressSync(Buffer.alloc(50_000_000), { dictionary })
    expect(await fridge.send(batch, {}, bomb)).toMatchObject({ type: 'tooBig' })
    expect(await kept(fridge.id)).toEqual([])
    const metrics = (await app.inject('/metrics')).body
    for (const answer of ['unknownFridge', 'badSignature', 'foreignRows', 'malformed', 'tooBig'])
      expect(metrics).toMatch(new RegExp(`visionvend_relay_batches_total{answer="${answer}"} [1-9]`))
    expect(await fridge.send(batch)).toMatchObject({ type: 'accepted', upto: 1 })
  })

  test('[SY14] a version that the relay does not speak is told which it speaks, and touches nothing', async () => {
    const fridge = await fridgeOf(forced)
    for (const version of ['2', '0', '', '1; 2'])
      expect(await fridge.send(fridge.batch(), { 'vv-protocol': version })).toEqual({
        type: 'unsupportedVersion',
        supported: [1],
      })
    expect(await kept(fridge.id)).toEqual([])
  })

  test('[SY9] a code pairs one fridge, once, in its time', async () => {
    const [one, two] = [await newFridge(app, null), await newFridge(app, null)]
    const { code } = await makePairingCode(db(), 'Ada')
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/)
    expect(await one.pair('0000-0000')).toEqual({ type: 'badCode' })
    const typed = code.toLowerCase().replace('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')
    expect(await one.pair(typed)).toEqual({ type: 'paired', fridge: one.id })
    expect(await one.pair(code)).toEqual({ type: 'paired', fridge: one.id }) // the answer was lost on the way
    expect(await two.pair(code)).toEqual({ type: 'badCode' })
    const late = await makePairingCode(db(), 'Ada')
    await sql`update pairing_codes set expires_at = now() - interval '1 second' where used_by is null`.execute(db())
    expect(await two.pair(late.code)).toEqual({ type: 'badCode' })
    const forged = { protocol: 1, code, fridge: two.id, publicKey: one.key.publicKey, signature: 'A'.repeat(86) + '==' }
    const answer = await app.inject({ method: 'POST', url: '/sync/v1/pair', payload: forged })
    expect([answer.statusCode, answer.json()]).toEqual([401, { type: 'badSignature' }])
    const empty = await app.inject({ method: 'POST', url: '/sync/v1/pair', payload: {} })
    expect(empty.json()).toMatchObject({ type: 'malformed' })
  })

  test('[SY9] [SY8] a paired fridge keeps its key until it is revoked; then it writes nothing until it is paired anew', async () => {
    const fridge = await fridgeOf(forced)
    await fridge.drain()
    const thief = await newFridge(app, null)
    const { code } = await makePairingCode(db(), 'Ada')
    expect(await thief.pair(code, fridge.id)).toEqual({ type: 'taken' })

    const key = await makeKey(db(), 'Ada', 'owner')
    const revoke = await app.inject({
      method: 'POST',
      url: `/api/v1/fridges/${fridge.id}/revoke`,
      headers: { authorization: `Bearer ${key}` },
      payload: { reason: 'stolen' },
    })
    expect(revoke.json()).toEqual({ revoked: fridge.id })
    fridge.books.write(startMs + 1, forced)
    const stopped = await fridge.drain()
    expect(stopped.progress()).toMatchObject({ at: 'refused', lastError: { code: 'revoked' } })
    expect((await kept(fridge.id)).length).toBe(1)
    expect(
      await db()
        .selectFrom('audit')
        .select(['who', 'what', 'reason'])
        .where('subject', '=', fridge.id)
        .where('what', '=', 'fridgeRevoked')
        .execute(),
    ).toEqual([{ who: 'Ada', what: 'fridgeRevoked', reason: 'stolen' }])
    expect(await fridge.pair(code)).toEqual({ type: 'paired', fridge: fridge.id })
    await fridge.drain()
    expect((await kept(fridge.id)).length).toBe(2)
  })

  test('[SY10] a relay put back to a backup gets again what it lost, and counts nothing twice', async () => {
    const fridge = await sold(10)
    await fridge.drain()
    const [row] = fridge.books.rows(39, 1)
    // What a backup from that moment holds: rows and what was made of them are one transaction.
    await db()
      .transaction()
      .execute(async (trx) => {
        await sql`delete from ledger_rows where fridge = ${fridge.id} and seq > 40`.execute(trx)
        const visits = eventsOf(fridge).slice(40).flatMap((event) => (event.type === 'VisitStarted' ? [event.visit] : [])) // prettier-ignore
        const receipts = eventsOf(fridge).slice(40).flatMap((event) => (event.type === 'ReceiptIssued' ? [event.visit] : [])) // prettier-ignore
        await sql`delete from visits where fridge = ${fridge.id} and visit = any(${visits}::text[])`.execute(trx)
        await sql`delete from reviews where fridge = ${fridge.id}`.execute(trx)
        for (const table of ['captures', 'receipts', 'receipt_lines'])
          await sql`delete from ${sql.table(table)} where fridge = ${fridge.id} and visit = any(${receipts}::text[])`.execute(
            trx,
          )
        await sql`update fridges set upto = 40, head = ${Buffer.from(row!.hash)} where id = ${fridge.id}`.execute(trx)
      })
    const pusher = await fridge.drain()
    expect(pusher.progress()).toMatchObject({ at: 'idle', setAside: [] })
    expect(await kept(fridge.id)).toEqual(rowsOf(fridge))
    expect(await countOf('receipts', fridge.id)).toBe(10)
  })

  test('[SY5] two copies of the relay on one database take turns', async () => {
    const second = await opened.another()
    const copy = await relayOn(second)
    const fridge = await sold(40)
    let turn = 0
    await Promise.all([fridge.drain(() => (turn++ % 2 === 0 ? app : copy)), fridge.drain(() => copy), fridge.drain()])
    expect(await kept(fridge.id)).toEqual(rowsOf(fridge))
    expect(await countOf('receipts', fridge.id)).toBe(40)
    expect(await countOf('captures', fridge.id)).toBe(40)
    await copy.close()
    await second.close()
  })

  describe('an owner', () => {
    let key = ''
    const get = (url: string, authorization = `Bearer ${key}`) =>
      app.inject({ url: `/api/v1${url}`, headers: { authorization } })
    beforeAll(async () => {
      key = await makeKey(db(), 'Ada', 'viewer')
    })

    test('[P1] nothing is read without a key, or by one that was guessed, cut, or taken back', async () => {
      expect((await app.inject('/api/v1/fridges')).statusCode).toBe(401)
      const taken = await makeKey(db(), 'Bob', 'owner')
      await revokeKey(db(), taken.split('_')[1] ?? '')
      for (const bad of [
        '',
        'Basic x',
        'Bearer vv_',
        `Bearer ${key.slice(0, -1)}`,
        `Bearer ${key.slice(0, -1)}-`,
        `Bearer ${taken}`,
      ])
        expect((await get('/fridges', bad)).statusCode).toBe(401)
      const kept = await db().selectFrom('api_keys').selectAll().execute()
      expect(JSON.stringify(kept)).not.toContain(key.slice(-43)) // an underscore may stand in a secret
      expect((await get('/fridges')).statusCode).toBe(200)
    })

    test('a viewer reads, and neither pairs nor revokes', async () => {
      const headers = { authorization: `Bearer ${key}` }
      const code = await app.inject({ method: 'POST', url: '/api/v1/pairing-codes', headers })
      expect([code.statusCode, code.json()]).toEqual([
        403,
        { error: { code: 'role', says: 'this needs the role operator, and the key has viewer' } },
      ])
      const revoke = await app.inject({
        method: 'POST',
        url: '/api/v1/fridges/x/revoke',
        headers,
        payload: { reason: 'why not' },
      })
      expect(revoke.statusCode).toBe(403)
    })

    test('[M9] sees fridges with their lag, receipts page by page, and every amount with its currency', async () => {
      const fridge = await sold(5)
      await fridge.drain()
      const { fridges } = (await get('/fridges')).json<{ fridges: { fridge: string }[] }>()
      const mine = fridges.find((one) => one.fridge === fridge.id)
      expect(mine).toMatchObject({
        acknowledgedSeq: fridge.books.last().seq,
        currency: 'EUR',
        version: '0.1.0',
        setAside: 0,
        revokedAtMs: null,
      })
      expect(mine).toMatchObject({ lastEventAtMs: startMs + 5, silentMs: expect.any(Number) as number })
      const seen: number[] = []
      let next = ''
      for (let page = 0; page < 3; page++) {
        const { receipts } = (await get(`/receipts?fridge=${fridge.id}&limit=2${next}`)).json<{
          receipts: { number: number; atMs: number; visit: string; currency: string; lines: unknown[] }[]
        }>()
        for (const one of receipts)
          expect(one).toMatchObject({ currency: 'EUR', lines: [{ count: 1 }, ...one.lines.slice(1)] })
        seen.push(...receipts.map(({ number }) => number))
        const last = receipts.at(-1)!
        next = `&beforeAtMs=${last.atMs}&beforeFridge=${fridge.id}&beforeVisit=${last.visit}`
      }
      expect(seen).toEqual([5, 4, 3, 2, 1])
      const { stock } = (await get(`/fridges/${fridge.id}/stock`)).json<{ stock: unknown[] }>()
      expect(stock.length).toBe(5)
      expect((await get('/fridges/no-such/stock')).statusCode).toBe(404)
      expect((await get('/receipts?limit=0')).json()).toMatchObject({ error: { code: 'malformed' } })
      expect((await get('/receipts?beforeAtMs=1')).statusCode).toBe(400)
      expect((await get("/sales?fridge=x' or 1=1")).statusCode).toBe(400)
    })
  })
}
