/** Files to take away: whole, exact, safe to open; the same on every store. */
import { crc32, inflateRawSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { byteOrderMark } from '../../sync/relay/exports/csv.ts'
import { exportNames, exportRows } from '../../sync/relay/exports/tables.ts'
import { makeKey } from '../../sync/relay/store/keys.ts'
import { opening, startMs, visitEvents } from '../unit/sync/books.ts'
import { newFridge, relayOn, type Fridge } from './relay-fridge.ts'
import { openMemory, openOwnPostgresql, postgresqlBin, type TestStore } from './relay-stores.ts'

const slow = 120_000
const visits = 30
const minuteMs = 60_000

describe('on an embedded database', () => {
  contract(openMemory)
})
describe.skipIf(postgresqlBin === null && process.env['CI'] !== 'true')('on PostgreSQL', () => {
  contract(openOwnPostgresql)
})

function contract(open: () => Promise<TestStore>): void {
  let opened: TestStore
  let app: FastifyInstance
  let key: string
  let fridge: Fridge
  beforeAll(async () => {
    opened = await open()
    app = await relayOn(opened.store)
    key = await makeKey(opened.store.db, 'Ada', 'viewer')
    fridge = await newFridge(app, opened.store.db)
    fridge.books.write(startMs, ...opening(fridge.id))
    for (let number = 1; number <= visits; number++)
      fridge.books.write(startMs + number * minuteMs, ...visitEvents(7, number))
    await fridge.drain()
    await newFridge(app, opened.store.db)
  }, slow)
  afterAll(async () => {
    await app.close()
    await opened.close()
  }, slow)

  const db = () => opened.store.db
  const asked = (path: string, headers: Record<string, string> = { authorization: `Bearer ${key}` }) =>
    app.inject({ method: 'GET', url: `/api/v1/exports/${path}`, headers })
  const csv = async (path: string): Promise<string[][]> => {
    const answer = await asked(path)
    expect([path, answer.statusCode]).toEqual([path, 200])
    return readCsv(answer.body)
  }

  test('[RL56] every file is for those who may read, and for nobody else', async () => {
    for (const name of exportNames)
      for (const as of ['csv', 'xlsx']) {
        expect((await asked(`${name}.${as}`, {})).statusCode).toBe(401)
        const answer = await asked(`${name}.${as}`)
        expect([answer.statusCode, answer.headers['content-disposition'], answer.headers['cache-control']]).toEqual([
          200,
          `attachment; filename="visionvend-${name}.${as}"`,
          'no-store',
        ])
      }
    expect((await asked('secrets.csv')).statusCode).toBe(404)
  })

  test('[RL55] sales are whole: each line of each receipt once, amounts to the cent, in order of time', async () => {
    const [head, ...lines] = await csv('sales.csv')
    expect(head).toEqual(['time', 'time (UTC)', 'fridge', 'receipt', 'visit', 'sku', 'count', 'price', 'amount', 'currency']) // prettier-ignore
    const expected = fridge.books.all().flatMap(({ atMs, body }) => {
      const event = JSON.parse(body) as { type: string; number: number; visit: string; lines: { sku: string; count: number; priceMinor: number }[] } // prettier-ignore
      if (event.type !== 'ReceiptIssued') return []
      return event.lines.map(({ sku, count, priceMinor }) => [
        new Date(atMs).toISOString().slice(0, 19).replace('T', ' '),
        new Date(atMs).toISOString(),
        fridge.id,
        String(event.number),
        event.visit,
        sku,
        String(count),
        (priceMinor / 100).toFixed(2),
        ((count * priceMinor) / 100).toFixed(2),
        'EUR',
      ])
    })
    expect(lines).toEqual(expected)
    expect(lines.length).toBeGreaterThan(visits)
  })

  test('[RL56] pages of any size are the same rows', async () => {
    const whole = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }
    for (const name of exportNames) {
      const read = async (page: number) => {
        const rows: unknown[] = []
        for await (const one of exportRows(db(), name, whole, page)) rows.push(...one)
        return rows
      }
      expect([name, await read(3)]).toEqual([name, await read(1_000)])
    }
  })

  test('[RL55] a span is what it says: days by a zone`s clock, instants, a fridge', async () => {
    const bounds = `fromMs=${startMs + 5 * minuteMs}&toMs=${startMs + 8 * minuteMs}`
    const receipts = async (query: string): Promise<string[]> =>
      (await csv(`receipts.csv?${query}`)).slice(1).map((row) => row[3] ?? '')
    expect(await receipts(bounds)).toEqual(['5', '6', '7'])
    expect(await receipts(`${bounds}&fridge=${fridge.id}`)).toEqual(['5', '6', '7'])
    expect(await receipts(`${bounds}&fridge=nobody`)).toEqual([])
    // startMs is 24 November 2025, 16:00 UTC.
    expect(await receipts('from=2025-11-24&to=2025-11-24')).toHaveLength(visits)
    expect(await receipts('from=2025-11-25')).toEqual([])
    expect(await receipts('from=2025-11-25&zone=Asia/Tokyo')).toHaveLength(visits)
    const [, first] = await csv('receipts.csv?zone=Asia/Tokyo')
    expect(first?.slice(0, 2)).toEqual(['2025-11-25 01:01:00', '2025-11-24T16:01:00.000Z'])
    for (const [query, why] of [
      ['zone=Mars/Olympus', 'no time zone'],
      ['from=2025-02-30', 'no day'],
      ['from=yesterday', 'YYYY-MM-DD'],
      ['from=2025-01-02&to=2025-01-01', 'not before'],
      ['from=2025-01-02&fromMs=5', 'one or the other'],
      ['evil=1', 'evil'],
    ] as const) {
      const answer = await asked(`receipts.csv?${query}`)
      expect([query, answer.statusCode]).toEqual([query, 400])
      expect(answer.body).toContain(why)
    }
  })

  test('[RL55] what a fridge wrote is no formula, no second field and no second row', async () => {
    const evil = ['=1+1', '+SUM(A1)', '-2', '@x', '\t=1', ' =1', '＝1', 'a,"b"', 'two\r\nlines', '<&>', 'a\u0001b']
    await sql`insert into stock (fridge, shelf, sku, count) select 'evil', t.n, t.sku, -3
      from unnest(${evil}::text[]) with ordinality as t (sku, n)`.execute(db())
    const rows = (await csv('stock.csv?fridge=evil')).slice(1)
    expect(rows.map((row) => row[2])).toEqual(evil.map((one, index) => (index < 7 ? `'${one}` : one)))
    expect(rows.every((row) => row.length === 5 && row[3] === '-3')).toBe(true)
    const sheet = sheetIn((await asked('stock.xlsx?fridge=evil')).rawPayload)
    expect(sheet).not.toContain('<f>')
    expect(textsIn(sheet)).toEqual(expect.arrayContaining(['=1+1', 'a,"b"', '<&>', 'a?b']))
    await sql`delete from stock where fridge = 'evil'`.execute(db())
  })

  test('[RL55] a byte order mark stands first where it is asked for, and nowhere else', async () => {
    expect((await asked('stock.csv?bom=true')).body.startsWith(byteOrderMark)).toBe(true)
    expect((await asked('stock.csv')).body.startsWith('fridge')).toBe(true)
  })

  test('[RL55] a workbook says what the CSV says', async () => {
    const sheet = sheetIn((await asked('sales.xlsx?zone=Europe/Berlin')).rawPayload)
    const [head, ...lines] = await csv('sales.csv?zone=Europe/Berlin')
    const rows = [...sheet.matchAll(/<row>(.*?)<\/row>/gs)].map(([, row = '']) => row)
    expect(rows).toHaveLength(lines.length + 1)
    expect(textsIn(rows[0] ?? '')).toEqual(head)
    rows.slice(1).forEach((row, index) => {
      const [serial, ...numbers] = [...row.matchAll(/<v>(.*?)<\/v>/g)].map(([, value]) => Number(value))
      const line = lines[index] ?? []
      const shown = new Date(Math.round((Number(serial) - 25_569) * 86_400_000)).toISOString()
      expect(shown.slice(0, 19).replace('T', ' ')).toBe(line[0])
      expect(numbers).toEqual([line[3], line[6], line[7], line[8]].map(Number))
    })
  })

  test('[RL56] a file that could not be finished is cut off', async () => {
    const failing = opened.store
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    await sql`alter table receipts rename to receipts_away`.execute(failing.db)
    const answer = await fetch(`${url}/api/v1/exports/receipts.csv`, { headers: { authorization: `Bearer ${key}` } })
    await expect(answer.text()).rejects.toThrow(/terminated|fetch failed/)
    await sql`alter table receipts_away rename to receipts`.execute(failing.db)
  })
}

/** Reads RFC 4180, and only that. */
function readCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let at = 0
  while (at < text.length) {
    const [whole, quoted, plain] = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))/y.exec(text.slice(at)) ?? ['']
    row.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
    at += whole.length
    const behind = text.startsWith('\r\n', at) ? '\r\n' : text[at]
    if (behind !== ',' && behind !== '\r\n') throw new Error(`no field ends at ${at}`)
    at += behind.length
    if (behind === '\r\n') {
      rows.push(row)
      row = []
    }
  }
  if (row.length > 0) throw new Error('the last row has no end')
  return rows
}

/** The sheet of a workbook, found by its directory as readers do. */
function sheetIn(zip: Buffer): string {
  const end = zip.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'))
  let at = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const nameLength = zip.readUInt16LE(at + 28)
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength)
    if (name === 'xl/worksheets/sheet1.xml') {
      const local = zip.readUInt32LE(at + 42)
      const begin = local + 30 + zip.readUInt16LE(local + 26)
      const text = inflateRawSync(zip.subarray(begin, begin + zip.readUInt32LE(at + 20)))
      expect([crc32(text), text.length]).toEqual([zip.readUInt32LE(at + 16), zip.readUInt32LE(at + 24)])
      return text.toString('utf8')
    }
    at += 46 + nameLength
  }
  throw new Error('no sheet')
}

const textsIn = (xml: string): string[] =>
  [...xml.matchAll(/<t xml:space="preserve">(.*?)<\/t>/gs)].map(([, text = '']) =>
    text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&'),
  )
