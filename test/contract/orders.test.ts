/** What an owner's people order, over the relay's API: roles, audit, reviews, refunds, prices to come; on both databases. */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evolve, noStock } from '../../src/catalog/stock.ts'
import type { Event } from '../../src/core/events.ts'
import { effectKey, sku, visitId } from '../../src/core/ids.ts'
import { minor } from '../../src/core/money.ts'
import { silent, type Clock } from '../../src/core/ports.ts'
import { createStripeClient } from '../../src/payments/client.ts'
import { createStripeProvider } from '../../src/payments/stripe.ts'
import { createBank, type Bank } from '../../src/virtual/bank/bank.ts'
import { bankHttpClient } from '../../src/virtual/bank/http-client.ts'
import { createRelay } from '../../sync/relay/relay.ts'
import { sweepRefunds } from '../../sync/relay/refunds.ts'
import { sweepSchedules } from '../../sync/relay/routes-commands.ts'
import { createShop, type Shop } from '../../sync/relay/shop.ts'
import { makeKey, type Role } from '../../sync/relay/store/keys.ts'
import { createTokens } from '../../sync/relay/tokens.ts'
import { opening } from '../unit/sync/books.ts'
import { newFridge } from './relay-fridge.ts'
import { openMemory, openOwnPostgresql, postgresqlBin, type TestStore } from './relay-stores.ts'

const ci = process.env['CI'] === 'true'
const slow = 120_000
const real: Clock = {
  nowMs: () => Date.now(),
  after(delayMs, due) {
    const timer = setTimeout(due, delayMs)
    return () => clearTimeout(timer)
  },
}

describe('on an embedded database', () => {
  contract(openMemory)
})
describe.skipIf(postgresqlBin === null && !ci)('on PostgreSQL', () => {
  contract(openOwnPostgresql)
})

function contract(open: () => Promise<TestStore>): void {
  let opened: TestStore
  let app: FastifyInstance
  let bank: Bank
  let shop: Shop
  const keys = new Map<Role, string>()
  beforeAll(async () => {
    opened = await open()
    bank = createBank({ clock: real, random: { bytes: (count) => crypto.getRandomValues(new Uint8Array(count)), uuid: randomUUID } }) // prettier-ignore
    const stripe = createStripeClient({ apiKey: bank.secretKey, httpClient: bankHttpClient(bank) })
    shop = createShop({
      tokens: await createTokens({ secret: Buffer.alloc(32, 1) }),
      stripe,
      clock: real,
      log: silent,
    })
    const { store } = opened
    app = await createRelay({ kind: store.kind, store: () => store, log: pino({ level: 'silent' }), shop })
    for (const role of ['viewer', 'operator', 'owner'] as const) keys.set(role, await makeKey(store.db, `the ${role}`, role)) // prettier-ignore
  }, slow)
  afterAll(async () => {
    await app.close()
    await opened.close()
  }, slow)
  const db = () => opened.store.db
  const ask = async (role: Role, method: 'GET' | 'POST', path: string, payload?: object) => {
    const headers = { authorization: `Bearer ${keys.get(role)}` }
    const answer = await app.inject({ method, url: `/api/v1${path}`, headers, ...(payload === undefined ? {} : { payload }) }) // prettier-ignore
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() }
  }
  const fridgeOf = async (...events: readonly Event[]) => {
    const fridge = await newFridge(app, db())
    fridge.books.write(Date.now(), ...opening(fridge.id), ...events)
    await fridge.drain()
    return fridge
  }
  const reason = 'a test'

  test('[RL8] [P3] every change has its role, and its person and reason in the audit', async () => {
    const { id } = await fridgeOf()
    const places = [{ sku: 'can-1', shelf: 2 }]
    const changes: [Role, string, object][] = [
      ['operator', `/fridges/${id}/unlock`, {}],
      ['operator', `/fridges/${id}/prices`, { prices: [{ sku: 'can-1', priceMinor: 100 }] }],
      ['operator', `/fridges/${id}/planogram`, { places }],
      ['owner', `/fridges/${id}/denied`, { fingerprints: ['fp_1'] }],
      ['owner', `/fridges/${id}/refunds`, { visit: randomUUID(), amountMinor: 1, key: 'a' }],
    ]
    for (const [role, path, body] of changes) {
      expect(await ask('viewer', 'POST', path, { ...body, reason })).toMatchObject({ status: 403 })
      if (role === 'owner') expect(await ask('operator', 'POST', path, { ...body, reason })).toMatchObject({ status: 403 }) // prettier-ignore
      expect(await ask(role, 'POST', path, { ...body, reason: '' })).toMatchObject({ status: 400 })
      expect((await ask(role, 'POST', path, { ...body, reason })).status).toBe(200)
    }
    expect((await ask('operator', 'POST', '/fridges/nobody/prices', { prices: [{ sku: 'a', priceMinor: 1 }], reason })).status).toBe(404) // prettier-ignore
    expect((await ask('operator', 'GET', '/audit')).status).toBe(403)
    const audit = (await ask('owner', 'GET', '/audit?limit=500')).body['audit'] as { who: string; what: string; subject: string; reason: string }[] // prettier-ignore
    const mine = audit
      .filter(({ subject, what }) => subject === id && what !== 'fridgePaired')
      .map(({ who, what, reason }) => [who, what, reason])
    // The door of a fridge that is not there was not opened, and that is no change.
    expect(mine).toEqual([
      ['the owner', 'denied', reason],
      ['the operator', 'planogram', reason],
      ['the operator', 'prices', reason],
    ])
    const { commands } = (await ask('viewer', 'GET', `/fridges/${id}/commands`)).body as { commands: { number: number; type: string }[] } // prettier-ignore
    expect(commands.map(({ number, type }) => [number, type])).toEqual([
      [3, 'denied'],
      [2, 'planogram'],
      [1, 'prices'],
    ])
  })

  test('[RL9] a review is listed with its evidence and decided once', async () => {
    const visit = visitId(randomUUID())
    const line = { sku: sku('can-1'), count: 1, priceMinor: minor(250) }
    const opened: Event = {
      type: 'ReviewOpened', visit, cause: 'evidence', sureLines: [], likelyLines: [line], likelyMoves: [], probability: 0.8,
      runnerUp: [], before: [1000], after: [650], decideByMs: Date.now() + 1_000_000,
    } // prettier-ignore
    const { id, books, drain } = await fridgeOf(opened)
    const listed = async (all = false) =>
      ((await ask('viewer', 'GET', `/reviews?all=${all}`)).body['reviews'] as { fridge: string }[]).filter(
        ({ fridge }) => fridge === id,
      )
    expect(await listed()).toMatchObject([
      { visit, cause: 'evidence', evidence: { likelyLines: [line], before: [1000], after: [650] }, command: null },
    ])
    const decide = (count: number) =>
      ask('operator', 'POST', `/fridges/${id}/reviews`, { visit, taken: [{ sku: 'can-1', count }], reason })
    const answers = await Promise.all([decide(1), decide(2), decide(1)])
    expect(new Set(answers.map(({ body }) => body['command'])).size).toBe(1)
    expect(answers.filter(({ body }) => body['first'] === true).length).toBe(1)
    expect(await listed()).toMatchObject([{ command: { number: 1, outcome: null } }])
    books.write(Date.now(), { type: 'ReviewDecided', visit, lines: [line], moves: [], by: 'x', reason })
    await drain()
    expect(await listed()).toEqual([])
    expect(await listed(true)).toMatchObject([{ outcome: 'decided', decidedBy: 'x' }])
    expect((await ask('operator', 'POST', `/fridges/${id}/reviews`, { visit: randomUUID(), taken: [], reason })).status).toBe(404) // prettier-ignore
  })

  test('[RL7] [M3] refunds: at most what was captured, once a key, and a lost answer is asked for again', async () => {
    const visit = visitId(randomUUID())
    const stripe = createStripeClient({ apiKey: bank.secretKey, httpClient: bankHttpClient(bank) })
    const provider = createStripeProvider({ stripe, clock: real, log: silent })
    const key = effectKey(`${visit}/hold`)
    const placed = await provider.placeHold({ key, visit, paymentMethod: 'pm_card_visa', amountMinor: minor(1500), currency: 'EUR', askedAtMs: Date.now() }) // prettier-ignore
    if (!placed.ok) throw new Error('no hold')
    const { reference } = placed.value
    const capture = effectKey(`${visit}/capture`)
    await provider.capture({ key: capture, reference, amountMinor: minor(500), askedAtMs: Date.now() })
    const { id } = await fridgeOf(
      { type: 'VisitStarted', visit, holdKey: key, paymentMethod: 'pm', fingerprint: 'fp', amountMinor: minor(1500), currency: 'EUR' },
      { type: 'HoldPlaced', visit, holdKey: key, reference, amountMinor: minor(1500), captureByMs: Date.now() + 1e8 },
      { type: 'HoldCaptured', visit, key: capture, amountMinor: minor(500) },
    ) // prettier-ignore
    const refund = async (name: string, amountMinor: number) =>
      (await ask('owner', 'POST', `/fridges/${id}/refunds`, { visit, amountMinor, key: name, reason })).body
    expect(await refund('a', 501)).toEqual({ type: 'tooMuch', leftMinor: 500 })
    expect(await refund('a', 200)).toMatchObject({ type: 'refund', refund: { at: 'done', amountMinor: 200 } })
    expect(await refund('a', 200)).toMatchObject({ type: 'refund', refund: { at: 'done' } })
    expect(await refund('a', 100)).toEqual({ type: 'keyUsed' })
    bank.inject({ fault: { type: 'garbledAfterEffect' }, count: 1, only: ['refund'] })
    expect(await refund('b', 300)).toMatchObject({ refund: { at: 'asked' } })
    expect(await refund('c', 1)).toEqual({ type: 'tooMuch', leftMinor: 0 })
    await db()
      .updateTable('refunds')
      .set({ made_at: new Date(Date.now() - 60_000) })
      .where('key', '=', 'b')
      .execute()
    await sweepRefunds(db(), shop.wallet)
    const { refunds } = (await ask('viewer', 'GET', '/refunds')).body as { refunds: { key: string; at: string; fridge: string }[] } // prettier-ignore
    expect(refunds.filter(({ fridge }) => fridge === id).map(({ key, at }) => [key, at]).toSorted((one, two) => (String(one) < String(two) ? -1 : 1))).toEqual([['a', 'done'], ['b', 'done']]) // prettier-ignore
    expect(bank.summary().holds.find((one) => one.reference === reference)?.refundedMinor).toBe(500)
    expect((await ask('owner', 'POST', `/fridges/${id}/refunds`, { visit: randomUUID(), amountMinor: 1, key: 'x', reason })).body).toEqual({ type: 'notCaptured' }) // prettier-ignore
  })

  test('[RL8] prices to come are sent when their time has come, by one copy, and not when they were cancelled', async () => {
    const { id } = await fridgeOf()
    const prices = [{ sku: 'can-1', priceMinor: 199 }]
    const plan = async (atMs: number) =>
      (await ask('operator', 'POST', `/fridges/${id}/prices`, { prices, atMs, reason })).body['schedule'] as string
    const [due, cancelled, later] = [await plan(Date.now() - 1), await plan(Date.now() - 1), await plan(Date.now() + 1e7)] // prettier-ignore
    const cancel = (schedule: string) => ask('operator', 'POST', `/fridges/${id}/price-schedules/cancel`, { id: schedule, reason }) // prettier-ignore
    expect((await cancel(cancelled)).body).toEqual({ cancelled: true })
    const live = { flush: async () => {} }
    await Promise.all([sweepSchedules(db(), live), sweepSchedules(db(), live)])
    const { schedules } = (await ask('viewer', 'GET', `/fridges/${id}/price-schedules`)).body as { schedules: { id: string; command: number | null }[] } // prettier-ignore
    expect(new Map(schedules.map((one) => [one.id, one.command]))).toEqual(new Map([[due, 1], [cancelled, null], [later, null]])) // prettier-ignore
    expect((await cancel(due)).body).toEqual({ cancelled: false })
  })

  test('[K5] the catalogue is read as the fridge itself reads it', async () => {
    const events: Event[] = [
      { type: 'PricesSet', prices: [{ sku: sku('can-1'), priceMinor: minor(111) }] },
      { type: 'PlacesSet', places: [{ sku: sku('can-2'), shelf: 4 }] },
    ]
    const { id, books } = await fridgeOf(...events)
    const own = books.all().map(({ body }) => JSON.parse(body) as Event).reduce(evolve, noStock).catalogue // prettier-ignore
    expect((await ask('viewer', 'GET', `/fridges/${id}/catalogue`)).body['catalogue']).toEqual(own)
    expect(JSON.stringify(own)).toContain('111')
  })
}
