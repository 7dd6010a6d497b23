/** Alerts told to a webhook: signed, in order, again until they are taken; the same on every store. */
import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Event } from '../../src/core/events.ts'
import { createMetrics, type Metrics } from '../../sync/relay/metrics.ts'
import { acknowledgeAlert, listAlerts, sweepAlerts } from '../../sync/relay/store/alerts.ts'
import { retryAfterMs } from '../../sync/relay/turns.ts'
import { createWebhook } from '../../sync/relay/webhook.ts'
import { newFridge, relayOn, type Fridge } from './relay-fridge.ts'
import { openMemory, openOwnPostgresql, postgresqlBin, type TestStore } from './relay-stores.ts'

const slow = 120_000
const secret = Buffer.from('a secret of twenty-four.')
const stopped: Event = { type: 'SalesStopped', reason: 'temperature' }
const cleared: Event = { type: 'SalesCleared', by: 'Ada', reason: 'looked' }

describe('on an embedded database', () => {
  contract(openMemory)
})
describe.skipIf(postgresqlBin === null && process.env['CI'] !== 'true')('on PostgreSQL', () => {
  contract(openOwnPostgresql)
})

interface Got {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly told: { readonly type: string; readonly data: { readonly fridge: string; readonly kind: string } }
}

function contract(open: () => Promise<TestStore>): void {
  let opened: TestStore
  let app: FastifyInstance
  let server: Server
  let url: string
  let got: Got[] = []
  /** What the receiver answers next; 200 when it says nothing. */
  let answers: { readonly status: number; readonly headers?: Record<string, string> }[] = []
  const warned: object[] = []
  let metrics: Metrics
  let webhook: ReturnType<typeof createWebhook>
  beforeAll(async () => {
    opened = await open()
    app = await relayOn(opened.store)
    server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        got.push({ headers: request.headers, body, told: JSON.parse(body) as Got['told'] })
        const { status, headers } = answers.shift() ?? { status: 200 }
        response.writeHead(status, headers).end()
      })
    })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`
    metrics = createMetrics()
    webhook = createWebhook({ url, secret }, { metrics, log: { warn: (what: object) => void warned.push(what) } })
    await webhook.turn(db())
  }, slow)
  beforeEach(() => {
    got = []
    answers = []
  })
  afterAll(async () => {
    server.close()
    await app.close()
    await opened.close()
  }, slow)

  const db = () => opened.store.db
  const write = async (fridge: Fridge, ...events: Event[]): Promise<void> => {
    fridge.books.write(Date.now(), ...events)
    await fridge.drain()
    await sweepAlerts(db())
  }
  const all = async (by = webhook): Promise<void> => {
    while ((await by.turn(db())) === 'more');
  }
  const typesOf = (fridge: Fridge): string[] =>
    got.filter(({ told }) => told.data.fridge === fridge.id).map(({ told }) => told.type)
  const makeDue = () => sql`update event_notices set due_at = now() where done_at is null`.execute(db())

  test('[RL57] an alert`s story is told in its order, signed as Standard Webhooks says', async () => {
    const fridge = await newFridge(app, db())
    await write(fridge, stopped)
    const [alert] = await listAlerts(db(), { open: true, limit: 1 })
    await acknowledgeAlert(db(), alert?.id ?? 0, 'Ada', 'on my way')
    await all()
    await write(fridge, cleared)
    await all()
    await all()
    expect(typesOf(fridge)).toEqual(['alert.raised', 'alert.acknowledged', 'alert.cleared'])
    expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(3)
    for (const { headers, body } of got) {
      const [id, time] = [headers['webhook-id'], headers['webhook-timestamp']]
      const made = createHmac('sha256', secret)
        .update(`${String(id)}.${String(time)}.${body}`)
        .digest('base64')
      expect(headers['webhook-signature']).toBe(`v1,${made}`)
      expect(Math.abs(Date.now() / 1_000 - Number(time))).toBeLessThan(60)
    }
    expect(got[1]?.told).toMatchObject({
      data: { fridge: fridge.id, kind: 'temperature', by: 'Ada', note: 'on my way' },
    })
  })

  test('[RL57] what was not taken is told again under its id, later each time, and what comes behind it waits', async () => {
    const fridge = await newFridge(app, db())
    answers = [{ status: 500 }, { status: 307, headers: { location: url } }]
    await write(fridge, stopped)
    await all()
    await write(fridge, cleared)
    await all()
    expect(typesOf(fridge)).toEqual(['alert.raised'])
    const waits = async (): Promise<number> => {
      const { rows } = await sql<{ s: number }>`select extract(epoch from max(due_at) - now())::float8 as s
        from event_notices where fridge = ${fridge.id} and done_at is null and tries > 0`.execute(db())
      return rows[0]?.s ?? 0
    }
    const first = await waits()
    await makeDue()
    await all()
    const second = await waits()
    expect([first > 3, first <= 5, second > 20, second <= 30]).toEqual([true, true, true, true])
    await makeDue()
    await all()
    expect(typesOf(fridge)).toEqual(['alert.raised', 'alert.raised', 'alert.raised', 'alert.cleared'])
    expect(new Set(got.slice(0, 3).map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(JSON.stringify(warned)).not.toContain(secret.toString())
    const text = await metrics.text(null, new Map(), false)
    expect(text).toContain('visionvend_relay_sent_total{to="webhook",outcome="failed"} 2')
    expect(text).toContain('visionvend_relay_waiting{to="webhook"} 0')
  })

  test('[RL57] it is given up when the receiver says that it is gone, or after a day', async () => {
    const fridge = await newFridge(app, db())
    answers = [{ status: 410 }]
    await write(fridge, stopped)
    await all()
    const other = await newFridge(app, db())
    await write(other, stopped)
    for (let tries = 0; tries < 29; tries++) {
      answers = [{ status: 503, headers: { 'retry-after': '1' } }]
      await makeDue()
      await all()
    }
    expect([typesOf(fridge).length, typesOf(other).length]).toEqual([1, 29])
    const outcomes = await sql<{ outcome: string }>`select outcome from event_notices
      where fridge in (${fridge.id}, ${other.id}) order by tries`.execute(db())
    expect(outcomes.rows.map(({ outcome }) => outcome)).toEqual(['the receiver is gone (410)', 'it answered 503'])
    await makeDue()
    await all()
    expect(typesOf(other).length).toBe(29)
  })

  test('[RL53] [RL54] two copies tell an alert once', async () => {
    const second = await opened.another()
    const other = createWebhook({ url, secret }, { metrics, log: { warn: () => {} } })
    const fridges: Fridge[] = []
    for (let number = 0; number < 6; number++) fridges.push(await newFridge(app, db()))
    for (const fridge of fridges) await write(fridge, stopped)
    const drain = async (by: typeof webhook, on: TestStore['store']): Promise<void> => {
      while ((await by.turn(on.db)) === 'more');
    }
    await Promise.all([drain(webhook, opened.store), drain(other, second)])
    expect(fridges.map((fridge) => typesOf(fridge))).toEqual(fridges.map(() => ['alert.raised']))
    await second.close()
  })

  test('[RL57] what stood open before the webhook was named, or is older than a day, wakes nobody', async () => {
    await sql`delete from event_sinks where sink = 'webhook'`.execute(db())
    const fridge = await newFridge(app, db())
    await write(fridge, stopped)
    const named = createWebhook({ url, secret }, { metrics, log: { warn: () => {} } })
    await all(named)
    expect(typesOf(fridge)).toEqual([])
    await sql`update event_sinks set since = 'epoch', looked_at = 'epoch' where sink = 'webhook'`.execute(db())
    await sql`update alerts set raised_at = now() - interval '25 hours' where fridge = ${fridge.id}`.execute(db())
    await all(named)
    expect(typesOf(fridge)).toEqual([])
  })
}

test('Retry-After is seconds or a date, and nothing else', () => {
  const nowMs = Date.UTC(2026, 10, 25, 9, 0, 0)
  expect(retryAfterMs('120', nowMs)).toBe(120_000)
  expect(retryAfterMs('Wed, 25 Nov 2026 09:01:00 GMT', nowMs)).toBe(60_000)
  expect(retryAfterMs('Wed, 25 Nov 2026 08:01:00 GMT', nowMs)).toBe(0)
  for (const header of [null, 'soon', '-5', '']) expect(retryAfterMs(header, nowMs)).toBe(null)
})
