/** Google Sheets: products in, sales and stock out, nothing twice and nothing lost; the same on every store. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Event } from '../../src/core/events.ts'
import { sku } from '../../src/core/ids.ts'
import { minor } from '../../src/core/money.ts'
import { err, ok } from '../../src/core/result.ts'
import { judge } from '../../sync/relay/judge.ts'
import { allowRestart } from '../../sync/relay/store/books.ts'
import { ingest } from '../../sync/relay/store/ingest.ts'
import { retake } from '../../sync/relay/store/retake.ts'
import { zoneNamed, type Zone } from '../../sync/relay/exports/zone.ts'
import { createSpreadsheet } from '../../sync/relay/sheets/google.ts'
import { createSheets } from '../../sync/relay/sheets/sheets.ts'
import { salesHead } from '../../sync/relay/sheets/sales.ts'
import { answered, listCommands } from '../../sync/relay/store/commands.ts'
import { ComeAgain } from '../../sync/relay/turns.ts'
import { opening, startMs, visitEvents } from '../unit/sync/books.ts'
import { openGoogle, type FakeGoogle } from './google.ts'
import { newFridge, relayOn, type Fridge } from './relay-fridge.ts'
import { openMemory, openOwnPostgresql, postgresqlBin, type TestStore } from './relay-stores.ts'

const slow = 120_000

describe('on an embedded database', () => {
  contract(openMemory)
})
describe.skipIf(postgresqlBin === null && process.env['CI'] !== 'true')('on PostgreSQL', () => {
  contract(openOwnPostgresql)
})

type Sheets = ReturnType<typeof createSheets>

function contract(open: () => Promise<TestStore>): void {
  let opened: TestStore
  let app: FastifyInstance
  let google: FakeGoogle
  let sheets: Sheets
  let warned: { what?: string }[] = []
  let flushed: string[] = []
  const sheetsNow = (sheet = google.id): Sheets =>
    createSheets({
      spreadsheet: createSpreadsheet({ id: sheet, credentials: google.credentials, base: google.base }, { pace: 1e9 }),
      sheet,
      zone: zoneNamed('Europe/Berlin') as Zone,
      history: false,
      metrics: { sent: () => {}, waiting: () => {} },
      log: { warn: (what: object) => void warned.push(what) },
      live: { flush: async (fridge) => void flushed.push(fridge) },
    })
  beforeAll(async () => {
    opened = await open()
    app = await relayOn(opened.store)
  }, slow)
  beforeEach(async () => {
    google = await openGoogle()
    // Another spreadsheet, another beginning, and other fridges.
    await sql`update fridges set revoked_at = now()`.execute(db())
    for (const table of ['sheets', 'sheet_products', 'event_sinks', 'event_cursors', 'event_late_rows'])
      await sql`delete from ${sql.raw(table)}`.execute(db())
    sheets = sheetsNow()
    warned = []
    flushed = []
    await all()
  })
  afterEach(() => google.close())
  afterAll(async () => {
    await app.close()
    await opened.close()
  }, slow)

  const db = () => opened.store.db
  const all = async (by = sheets): Promise<void> => {
    while ((await by.turn(db())) === 'more');
  }
  const sell = (fridge: Fridge, from: number, to: number): void => {
    for (let number = from; number <= to; number++) fridge.books.write(startMs + number, ...visitEvents(7, number))
  }
  const shop = async (visits = 0): Promise<Fridge> => {
    const fridge = await newFridge(app, db())
    fridge.books.write(startMs, ...opening(fridge.id))
    sell(fridge, 1, visits)
    await fridge.drain()
    return fridge
  }
  const keysOf = ({ id, books }: Fridge): string[] =>
    books.all().flatMap(({ body }) => {
      const event = JSON.parse(body) as Event
      return event.type === 'ReceiptIssued' ? event.lines.map((_, index) => `${id}/${event.visit}/${index + 1}`) : []
    })
  const sales = (): (string | number | boolean)[][] => google.tab('Sales').slice(1)
  const keysThere = (): string[] => sales().map(([key]) => String(key))
  const statuses = (): string[] => google.tab('Products').slice(1).map((row) => String(row[5] ?? '')) // prettier-ignore
  const ordersTo = async ({ id }: Fridge) => (await listCommands(db(), id, 100)).map(({ order }) => order).toReversed()
  const answer = (fridge: Fridge, number: number, outcome: 'done' | 'refused', why: string | null = null) =>
    answered(db(), fridge.id, { lane: 'kept', number, outcome, why })

  test('[RL58] tabs are made, sales and stock stand in them, each line once, and an unchanged fleet costs two calls', async () => {
    const fridge = await shop(30)
    await all()
    expect(google.tabTitles()).toEqual(['Products', 'Sales', 'Stock'])
    expect(google.tab('Sales')[0]).toEqual(salesHead)
    expect(keysThere()).toEqual(keysOf(fridge))
    const [first] = sales()
    expect(first?.slice(1, 4)).toEqual(['2025-11-24 17:00:00', fridge.id, 1])
    expect(first?.slice(5)).toEqual([1, Number(first?.[6]), first?.[6], 'EUR'])
    const { rows } = await sql<{ count: number }>`select count from stock order by fridge, shelf, sku`.execute(db())
    expect(google.tab('Stock').slice(1).map((row) => row[3])).toEqual(rows.map(({ count }) => count)) // prettier-ignore
    google.calls()
    await all()
    expect(google.calls()).toEqual(['GET ', 'GET /values/Products'])
    expect(google.tokens()).toBe(1)
  })

  test('[RL58] an answer that is lost, and one that comes late, write nothing twice', async () => {
    const fridge = await shop(10)
    google.fail({ on: 'values:batchUpdate', lose: 'answer' })
    await expect(sheets.turn(db())).rejects.toThrow(/fetch failed|other side closed/)
    expect(keysThere()).toEqual(keysOf(fridge))
    await all()
    expect(keysThere()).toEqual(keysOf(fridge))

    sell(fridge, 11, 20)
    await fridge.drain()
    google.fail({ on: 'values:batchUpdate', lose: 'request', laterMs: 300 })
    await expect(sheets.turn(db())).rejects.toThrow(/fetch failed|other side closed/)
    sell(fridge, 21, 25)
    await fridge.drain()
    await all()
    await sleep(400)
    await all()
    expect(keysThere()).toEqual(keysOf(fridge))
  })

  test('[RL58] a relay that dies in the middle, and one that goes on elsewhere, lose and repeat nothing', async () => {
    const fridge = await shop(10)
    google.fail({ on: 'values:batchUpdate', lose: 'request' })
    await expect(sheets.turn(db())).rejects.toThrow(/fetch failed|other side closed/)
    const second = await opened.another()
    const other = sheetsNow()
    // The first one's turn is not over, as far as the table says.
    await sql`update sheets set taken_by = 'dead', taken_until = now() + interval '1 minute'`.execute(db())
    expect(await other.turn(second.db)).toBe('done')
    expect(keysThere()).toEqual([])
    await sql`update sheets set taken_until = now()`.execute(db())
    while ((await other.turn(second.db)) === 'more');
    await all()
    expect(keysThere()).toEqual(keysOf(fridge))
    await second.close()
  })

  test('[RL58] an owner who sorts, deletes and writes below loses nothing of theirs, and gets nothing twice', async () => {
    const fridge = await shop(10)
    await all()
    const cells = google.tab('Sales')
    const first = keysOf(fridge)
    cells.push(['a sum of mine'])
    sell(fridge, 11, 12)
    await fridge.drain()
    await all()
    expect(keysThere()).toEqual([...first, 'a sum of mine', ...keysOf(fridge).slice(first.length)])
    const [head = [], ...rows] = cells.splice(0)
    cells.push(head, ...rows.toReversed().slice(2), ['my own note'])
    const before = keysOf(fridge).length
    sell(fridge, 13, 17)
    await fridge.drain()
    google.fail({ on: 'values:batchUpdate', lose: 'answer' })
    await expect(sheets.turn(db())).rejects.toThrow(/fetch failed|other side closed/)
    // Once more, between the lost answer and the next attempt.
    cells.splice(3, 1)
    await all()
    const keys = keysThere()
    expect(keys).toContain('my own note')
    const fresh = keysOf(fridge).slice(before)
    expect(keys.filter((key) => fresh.includes(key)).toSorted()).toEqual(fresh.toSorted())
    expect(keys.length).toBe(new Set(keys).size)
  })

  test('[RL58] a tab grows as it must, and many lines go at once', async () => {
    const fridge = await shop(60)
    google.shrink('Sales', 1)
    google.shrink('Stock', 1)
    google.calls()
    await all()
    expect(keysThere()).toEqual(keysOf(fridge))
    expect(google.calls().filter((call) => call.includes('values:batchUpdate')).length).toBe(2)
    google.shrink('Sales', google.tab('Sales').length)
    sell(fridge, 61, 62)
    await fridge.drain()
    google.fail({ on: 'POST /values:batchUpdate', lose: 'request' })
    await expect(sheets.turn(db())).rejects.toThrow(/fetch failed|other side closed/)
    google.shrink('Sales', google.tab('Sales').length)
    await all()
    expect(keysThere()).toEqual(keysOf(fridge))
  })

  test('[RL58] too many requests, and Google`s own faults, are waited for as they say; other refusals are told', async () => {
    const fridge = await shop(3)
    for (const [status, retryAfter, afterMs] of [
      [429, '17', 17_000],
      [503, undefined, 0],
      [500, '2', 2_000],
    ] as const) {
      google.fail({ on: 'GET /values/Products', status, ...(retryAfter === undefined ? {} : { retryAfter }) })
      const failed = await sheets.turn(db()).catch((error: unknown) => error)
      expect(failed).toBeInstanceOf(ComeAgain)
      expect([status, (failed as ComeAgain).afterMs]).toEqual([status, afterMs])
    }
    google.fail({ on: 'GET ', status: 403 })
    await expect(sheets.turn(db())).rejects.toThrow(/shared with the service account/)
    // A tab that is protected does not hold up the others.
    google.fail({ on: 'GET /values/Products', status: 400 })
    await expect(sheets.turn(db())).rejects.toThrow(/400/)
    expect(keysThere()).toEqual(keysOf(fridge))
    google.takeTokensBack()
    await all()
    expect(google.tokens()).toBe(2)
  })

  test('[RL52] [RL58] a receipt that was set aside stands there once when it is taken, before or behind the cursor', async () => {
    const older: typeof judge = (batch) => {
      const judged = judge(batch)
      if (!judged.ok) return err(judged.error)
      const aside = { why: 'unknownEvent' as const, detail: '' }
      return ok(judged.value.map((row) => (row.body?.includes('ReceiptIssued') === true ? { ...row, verdict: aside } : row))) // prettier-ignore
    }
    for (const passed of [true, false]) {
      const fridge = await newFridge(app, db())
      await all() // it has a cursor
      sell(fridge, 1, 2)
      await ingest(db(), fridge.batch(), older)
      if (passed) await all()
      await sql`update quarantine set relay_version = 'older'`.execute(db())
      expect(await retake(db(), fridge.id)).toBe(2)
      await all()
      await all()
      const mine = keysThere().filter((key) => key.startsWith(fridge.id))
      expect([passed, mine]).toEqual([passed, keysOf(fridge)])
    }
  })

  test('[RL52] [RL58] books that begin anew: what was sold was sold, and what is sold since is added', async () => {
    const fridge = await newFridge(app, db())
    sell(fridge, 1, 4)
    await fridge.drain()
    await all()
    const before = keysOf(fridge)
    fridge.books.putBack(30)
    sell(fridge, 11, 15)
    await allowRestart(db(), fridge.id, 'Ada', 'its disk was put back')
    await fridge.drain()
    await all()
    expect(keysThere()).toEqual([...before, ...keysOf(fridge).filter((key) => !before.includes(key))])
  })

  test('[RL59] a price and a shelf in the spreadsheet become orders, with their audit, and their status is told', async () => {
    const [one, two] = [await shop(), await shop()]
    google
      .tab('Products')
      .push(
        [one.id, 'can-0', 'Cola', 1.75, '', ''],
        [one.id, 'can-1', '', '2,10', 4, ''],
        ['*', 'can-0', 'Cola', 1.5],
        ['*', 'can-2', 'Tea', 1.99],
      )
    await all()
    expect(await ordersTo(one)).toEqual([
      {
        type: 'prices',
        prices: [
          { sku: 'can-0', priceMinor: 175 },
          { sku: 'can-1', priceMinor: 210 },
        ],
      },
      { type: 'planogram', places: [{ sku: 'can-1', shelf: 4 }] },
    ])
    expect(await ordersTo(two)).toEqual([{ type: 'prices', prices: [{ sku: 'can-0', priceMinor: 150 }] }])
    expect(flushed).toEqual([one.id, two.id])
    const audit = await sql<{ who: string; what: string }>`select who, what from audit
      where subject = ${one.id} and who = 'Google Sheets' order by id`.execute(db())
    expect(audit.rows.map(({ what }) => what)).toEqual(['prices', 'planogram'])
    expect(statuses()).toEqual(['ordered', 'ordered', 'ordered', 'in effect'])
    await all()
    expect((await ordersTo(one)).length).toBe(2)

    await answer(one, 1, 'done')
    await answer(one, 2, 'refused', 'noSuchShelf')
    one.books.write(startMs, { type: 'PricesSet', prices: [{ sku: sku('can-0'), priceMinor: minor(175) }, { sku: sku('can-1'), priceMinor: minor(210) }] }) // prettier-ignore
    await one.drain()
    await all()
    expect(statuses()).toEqual(['in effect', `${one.id} refused: noSuchShelf`, 'ordered', 'in effect'])

    // Set elsewhere since: the spreadsheet does not fight it, and says so.
    one.books.write(startMs, { type: 'PricesSet', prices: [{ sku: sku('can-0'), priceMinor: minor(90) }] })
    await one.drain()
    await all()
    expect((await ordersTo(one)).length).toBe(2)
    expect(statuses()[0]).toBe(`${one.id} has 0.90 now`)
    const row = google.tab('Products')[1]
    if (row !== undefined) row[3] = 1.8
    await all()
    expect((await ordersTo(one)).at(-1)).toEqual({ type: 'prices', prices: [{ sku: 'can-0', priceMinor: 180 }] })
  })

  test('[RL59] a bad row says why beside it and in the log, once, and changes nothing', async () => {
    const fridge = await shop()
    google
      .tab('Products')
      .push(
        [fridge.id, 'can-0', '', 'cheap'],
        ['nobody', 'can-0', '', 1],
        [fridge.id, 'no-such', '', 1],
        [fridge.id, 'can-1', '', 1.25],
      )
    await all()
    await all()
    expect(statuses()).toEqual([
      'error: price: cheap is no amount such as 1.99',
      'error: there is no fridge nobody',
      `error: ${fridge.id} does not sell no-such`,
      'ordered',
    ])
    expect(await ordersTo(fridge)).toEqual([{ type: 'prices', prices: [{ sku: 'can-1', priceMinor: 125 }] }])
    expect(warned.length).toBe(1)
    expect(warned[0]?.what).toContain('row 2: price: cheap')
  })

  test('[RL59] an order is written with what it was made of: a relay that dies orders it once', async () => {
    const fridge = await shop()
    google.tab('Products').push([fridge.id, 'can-0', '', 1.75])
    google.fail({ on: 'values:batchUpdate', lose: 'request' })
    await expect(sheets.turn(db())).rejects.toThrow(/fetch failed|other side closed/)
    await all(sheetsNow())
    expect((await ordersTo(fridge)).length).toBe(1)
    expect(statuses()).toEqual(['ordered'])
  })
}
