/** Alerts: raised once, closed when their cause is gone, acknowledged by name; the same on every store. */
import { readFileSync, readdirSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Event } from '../../src/core/events.ts'
import { effectKey, sku, visitId } from '../../src/core/ids.ts'
import { fleetStockSchema, type FleetAlert } from '../../src/contract/fleet.ts'
import { listAlerts, sweepAlerts } from '../../sync/relay/store/alerts.ts'
import { listFill } from '../../sync/relay/store/fleet-places.ts'
import { makeKey } from '../../sync/relay/store/keys.ts'
import { newFridge, relayOn, type Fridge } from './relay-fridge.ts'
import { openMemory, openOwnPostgresql, postgresqlBin, type TestStore } from './relay-stores.ts'

const slow = 120_000
const minuteMs = 60_000
const visit = visitId('00000000-0000-4000-8000-000000000001')
const declined: Event = { type: 'HoldDeclined', visit, holdKey: effectKey('h'), reason: 'declined' }
const forced: Event = { type: 'DoorForced' }

describe('on an embedded database', () => {
  contract(openMemory)
})
describe.skipIf(postgresqlBin === null && process.env['CI'] !== 'true')('on PostgreSQL', () => {
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
  const write = async (fridge: Fridge, agoMs: number, ...events: Event[]): Promise<void> => {
    fridge.books.write(Date.now() - agoMs, ...events)
    await fridge.drain()
    await sweepAlerts(db())
  }
  const alertsOf = async ({ id }: Fridge, open = true): Promise<FleetAlert[]> =>
    (await listAlerts(db(), { open, limit: 100 })).filter(({ fridge }) => fridge === id)
  const kindsOf = async (fridge: Fridge): Promise<string[]> =>
    (await alertsOf(fridge)).map(({ kind }) => kind).toSorted()

  test('three payments that fail within 15 minutes are told, and old ones are not', async () => {
    const fridge = await newFridge(app, db())
    await write(fridge, 20 * minuteMs, declined, declined, declined)
    expect(await kindsOf(fridge)).toEqual([])
    await write(fridge, 10 * minuteMs, declined, declined)
    expect(await kindsOf(fridge)).toEqual([])
    await write(fridge, 9 * minuteMs, declined)
    expect(await alertsOf(fridge)).toMatchObject([{ kind: 'payments', detail: '3 payments failed within 15 minutes' }])
  })

  test('a door that was forced, and cards that were refused, three times within 5 minutes are suspicious', async () => {
    const fridge = await newFridge(app, db())
    await write(fridge, 4 * minuteMs, forced, declined, { type: 'UnlockFailed', visit, reason: 'fault' })
    expect(await kindsOf(fridge)).toEqual(['suspicious'])
  })

  test('a door left open is told until it is closed, and twice the same is one alert', async () => {
    const fridge = await newFridge(app, db())
    await write(fridge, 3 * minuteMs, { type: 'DoorLeftOpen', visit, seconds: 60 })
    await write(fridge, 2 * minuteMs, { type: 'DoorLeftOpen', visit, seconds: 120 })
    expect(await kindsOf(fridge)).toEqual(['door'])
    await write(fridge, minuteMs, { type: 'DoorClosed', visit })
    expect(await kindsOf(fridge)).toEqual([])
    expect((await alertsOf(fridge, false))[0]?.clearedAtMs).not.toBe(null)
  })

  test('[D5] stopped sales are told until an operator has cleared them, however long ago they stopped', async () => {
    const fridge = await newFridge(app, db())
    await write(fridge, 40 * 24 * 60 * minuteMs, { type: 'SalesStopped', reason: 'temperature' })
    expect(await alertsOf(fridge)).toMatchObject([{ kind: 'temperature', detail: 'sales are stopped: temperature' }])
    await write(fridge, minuteMs, { type: 'SalesCleared', by: 'operator', reason: 'looked' })
    expect(await kindsOf(fridge)).toEqual([])
  })

  test('a product of which a fifth is left is told by its name, until it is filled up', async () => {
    const fridge = await newFridge(app, db())
    const counted = (name: string, count: number): Event => ({
      type: 'StockCounted',
      sku: sku(name),
      shelf: 1,
      count,
      by: 'operator',
      reason: 'counted',
    })
    await write(fridge, 9 * minuteMs, counted('cola', 10), counted('gum', 2))
    await write(fridge, 8 * minuteMs, counted('cola', 3), counted('gum', 0))
    expect(await kindsOf(fridge)).toEqual([])
    await write(fridge, 7 * minuteMs, counted('cola', 2))
    expect(await alertsOf(fridge)).toMatchObject([{ kind: 'stock', subject: 'cola', detail: '2 of 10 left' }])
    await write(fridge, 6 * minuteMs, counted('cola', 9))
    expect(await kindsOf(fridge)).toEqual([])
  })

  test('[RL71] [P3] a fifth is of what a person says that fits; whole or not at all, against what was seen', async () => {
    const fridge = await newFridge(app, db())
    const counted = (name: string, count: number): Event => ({ type: 'StockCounted', sku: sku(name), shelf: 1, count, by: 'operator', reason: 'counted' }) // prettier-ignore
    await write(fridge, 9 * minuteMs, counted('cola', 4), counted('gum', 1))
    const keys = {
      viewer: await makeKey(db(), 'the viewer', 'viewer'),
      operator: await makeKey(db(), 'Ada', 'operator'),
    }
    const path = `/api/v1/fridges/${fridge.id}`
    const set = (capacities: object[], who: keyof typeof keys = 'operator') =>
      app.inject({ method: 'POST', url: `${path}/capacities`, headers: { authorization: `Bearer ${keys[who]}` }, payload: { capacities, reason: 'new shelves' } }) // prettier-ignore
    const cola = { shelf: 1, sku: 'cola', capacity: 20, was: null }
    expect((await set([cola], 'viewer')).statusCode).toBe(403)
    expect((await set([{ ...cola, capacity: 0 }])).statusCode).toBe(400)
    expect((await set([cola, { ...cola, sku: 'tea' }])).json()).toEqual({ type: 'unknown', shelf: 1, sku: 'tea' })
    expect((await set([cola, { ...cola, sku: 'gum', was: 3 }])).json()).toEqual({ type: 'changed', shelf: 1, sku: 'gum' }) // prettier-ignore
    await sweepAlerts(db())
    expect(await kindsOf(fridge)).toEqual([])
    expect((await set([cola])).json()).toEqual({ type: 'set' })
    await sweepAlerts(db())
    expect(await alertsOf(fridge)).toMatchObject([{ kind: 'stock', subject: 'cola', detail: '4 of 20 left' }])
    const seen = await app.inject({
      method: 'GET',
      url: `${path}/stock`,
      headers: { authorization: `Bearer ${keys.viewer}` },
    })
    expect(fleetStockSchema.array().parse(seen.json<{ stock: unknown }>().stock)).toMatchObject([{ sku: 'cola', most: 4, capacity: 20 }, { sku: 'gum', capacity: null }]) // prettier-ignore
    expect((await listFill(db())).find((one) => one.fridge === fridge.id)).toMatchObject({ units: 5, room: 21, low: 1 })
    const noted = await db().selectFrom('audit').selectAll().where('subject', '=', fridge.id).execute()
    expect(noted.slice(1)).toMatchObject([{ who: 'Ada', what: 'capacities', reason: 'new shelves' }])
    expect((await set([{ ...cola, capacity: null, was: 20 }])).json()).toEqual({ type: 'set' })
    await sweepAlerts(db())
    expect(await kindsOf(fridge)).toEqual([])
  })

  test('a fridge that is not heard of for 300 s is told; one that was revoked is not', async () => {
    const fridge = await newFridge(app, db(), forced)
    await fridge.drain()
    await sql`update fridges set seen_at = now() - interval '299 s' where id = ${fridge.id}`.execute(db())
    await sweepAlerts(db())
    expect(await kindsOf(fridge)).toEqual([])
    await sql`update fridges set seen_at = now() - interval '301 s' where id = ${fridge.id}`.execute(db())
    await sweepAlerts(db())
    expect(await kindsOf(fridge)).toEqual(['offline'])
    await sql`update fridges set revoked_at = now() where id = ${fridge.id}`.execute(db())
    await sweepAlerts(db())
    expect(await kindsOf(fridge)).toEqual([])
  })

  test('two copies that look at once raise one alert', async () => {
    const fridge = await newFridge(app, db())
    fridge.books.write(Date.now(), forced, forced, forced)
    await fridge.drain()
    const other = await opened.another()
    await Promise.all([sweepAlerts(db()), sweepAlerts(other.db), sweepAlerts(db()), sweepAlerts(other.db)])
    await other.close()
    expect(await alertsOf(fridge, false)).toHaveLength(1)
  })

  test('[RL47] [P3] a person escalates what stands open, once, with a word; viewers do not', async () => {
    const fridge = await newFridge(app, db())
    await write(fridge, 1_000, declined, declined, declined)
    const [alert] = await alertsOf(fridge)
    if (alert === undefined) throw new Error('nothing was raised')
    const escalate = async (role: 'viewer' | 'operator', note: string) => {
      const headers = { authorization: `Bearer ${await makeKey(db(), `the ${role}`, role)}` }
      return app.inject({ method: 'POST', url: '/api/v1/alerts/escalate', headers, payload: { id: alert.id, note } })
    }
    expect((await escalate('viewer', 'come, all of you')).statusCode).toBe(403)
    expect((await escalate('operator', ' ')).statusCode).toBe(400)
    expect((await escalate('operator', 'nobody is near')).json()).toEqual({ escalated: true })
    expect((await escalate('operator', 'again')).json()).toEqual({ escalated: false })
    const found = (await alertsOf(fridge)).find(({ id }) => id === alert.id)
    expect(found).toMatchObject({ escalatedBy: 'the operator', escalationNote: 'nobody is near' })
    const notes = await db().selectFrom('audit').selectAll().where('subject', '=', fridge.id).execute()
    expect(notes.map(({ what, reason }) => [what, reason])).toContainEqual([`escalate ${alert.kind}`, 'nobody is near'])
  })

  test('[P3] it is acknowledged once, by a name and a word; what nobody acknowledges for 15 minutes escalates', async () => {
    const fridge = await newFridge(app, db())
    await write(fridge, minuteMs, { type: 'SalesStopped', reason: 'sensor' })
    const [alert] = await alertsOf(fridge)
    await sql`update alerts set raised_at = now() - interval '16 minutes' where id = ${alert?.id}`.execute(db())
    await sweepAlerts(db())
    expect((await alertsOf(fridge))[0]?.escalatedAtMs).not.toBe(null)
    const acknowledge = async (role: 'viewer' | 'operator', payload: object): Promise<[number, unknown]> => {
      const headers = { authorization: `Bearer ${await makeKey(db(), 'the night shift', role)}` }
      const answer = await app.inject({ method: 'POST', url: '/api/v1/alerts/acknowledge', headers, payload })
      return [answer.statusCode, answer.json()]
    }
    const word = { id: alert?.id, note: 'on my way' }
    expect((await acknowledge('viewer', word))[0]).toBe(403)
    expect((await acknowledge('operator', { id: alert?.id }))[0]).toBe(400)
    expect(await acknowledge('operator', word)).toEqual([200, { acknowledged: true }])
    expect(await acknowledge('operator', word)).toEqual([200, { acknowledged: false }])
    expect(await alertsOf(fridge)).toMatchObject([{ acknowledgedBy: 'the night shift', note: 'on my way' }])
    const audit = await db().selectFrom('audit').selectAll().where('subject', '=', fridge.id).orderBy('id').execute()
    expect(audit.at(-1)).toMatchObject({ who: 'the night shift', what: 'acknowledge temperature', reason: 'on my way' })
  })

  test('every metric that a rule or a dashboard names is told by the relay, or by its machine', async () => {
    const folder = 'sync/deploy/grafana/dashboards'
    const asked = [
      readFileSync('sync/deploy/prometheus/alerts.yml', 'utf8'),
      ...readdirSync(folder).map((file) => readFileSync(`${folder}/${file}`, 'utf8')),
    ].join('\n')
    const names = new Set(asked.match(/\bvisionvend_[a-z0-9_]+\b/g))
    expect(names.size).toBeGreaterThan(10)
    const told = (await app.inject('/metrics')).body
    for (const name of names) expect(told).toContain(`# TYPE ${name.replace(/_bucket$/, '')} `)
  })
}
