/** Places, samples, and changes of prices and shelves at one or many fridges, over the relay's API; on both databases. */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import {
  applyAnswerSchema,
  changeSchema,
  diffSchema,
  draftAnswerSchema,
  keptDraftSchema,
  standingSchema,
  undoAnswerSchema,
  type Changes,
} from '../../src/contract/fleet-changes.ts'
import { fleetFillSchema, placeAnswerSchema, placeSchema, sampleSchema } from '../../src/contract/fleet-places.ts'
import type { Event } from '../../src/core/events.ts'
import { sku } from '../../src/core/ids.ts'
import { minor } from '../../src/core/money.ts'
import { sweepSchedules } from '../../sync/relay/routes-commands.ts'
import { answered, renumber } from '../../sync/relay/store/commands.ts'
import { takeSamples } from '../../sync/relay/store/fleet-places.ts'
import { makeKey, type Role } from '../../sync/relay/store/keys.ts'
import { opening } from '../unit/sync/books.ts'
import { newFridge, relayOn, type Fridge } from './relay-fridge.ts'
import { openMemory, openOwnPostgresql, postgresqlBin, type TestStore } from './relay-stores.ts'

const ci = process.env['CI'] === 'true'
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
  const keys = new Map<Role, string>()
  beforeAll(async () => {
    opened = await open()
    app = await relayOn(opened.store)
    for (const role of ['viewer', 'operator'] as const) keys.set(role, await makeKey(opened.store.db, `the ${role}`, role)) // prettier-ignore
  }, slow)
  afterAll(async () => {
    await app.close()
    await opened.close()
  }, slow)
  const db = () => opened.store.db
  const reason = 'a test'
  const ask = async (role: Role, path: string, payload?: object) => {
    const headers = { authorization: `Bearer ${keys.get(role)}` }
    const answer = await app.inject({ method: payload === undefined ? 'GET' : 'POST', url: `/api/v1${path}`, headers, ...(payload === undefined ? {} : { payload }) }) // prettier-ignore
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() }
  }
  const listed = async <T>(path: string, name: string, schema: z.ZodType<T>): Promise<T[]> =>
    schema.array().parse((await ask('viewer', path)).body[name])
  const fridgeOf = async (...events: readonly Event[]): Promise<Fridge> => {
    const fridge = await newFridge(app, db())
    fridge.books.write(Date.now(), ...opening(fridge.id), ...events)
    await fridge.drain()
    return fridge
  }
  const stands = async (fridge: string) => {
    const one = (await listed('/catalogues', 'catalogues', standingSchema)).find((one) => one.fridge === fridge)
    if (one === undefined) throw new Error(`${fridge} is not listed`)
    expect(await listed(`/catalogues?fridge=${fridge}`, 'catalogues', standingSchema)).toEqual([one])
    return one
  }
  const priceAt = async (fridge: string, which: string) =>
    (await stands(fridge)).products.find((one) => one.sku === which)?.priceMinor
  const prices = (priceMinor: number, which = 'can-1'): Changes => ({
    currency: 'EUR',
    prices: [{ sku: which, priceMinor }],
    places: [],
  })
  const apply = async (fridges: readonly Fridge[], changes: Changes, more: object = {}) => {
    const seen = await Promise.all(fridges.map(async ({ id }) => ({ fridge: id, version: (await stands(id)).version })))
    const answer = await ask('operator', '/changes', { name: 'spring', fridges: seen, changes, reason, ...more })
    return applyAnswerSchema.parse(answer.body)
  }
  const partsOf = async (id: string) =>
    (await listed('/changes', 'changes', changeSchema)).find((one) => one.id === id)?.parts.map(({ state }) => state)

  test('[RL40] a place is set by who saw the last one; a second who did not is told who was before them', async () => {
    const { id } = await fridgeOf()
    const place = { label: 'Lobby', address: 'Main Street 1', latitude: 52.5, longitude: 13.4, version: 0, reason }
    expect((await ask('viewer', `/fridges/${id}/place`, place)).status).toBe(403)
    expect((await ask('operator', `/fridges/${id}/place`, { ...place, longitude: null })).status).toBe(400)
    expect((await ask('operator', `/fridges/${id}/place`, { ...place, latitude: 91 })).status).toBe(400)
    expect((await ask('operator', '/fridges/nobody/place', place)).status).toBe(404)
    const set = async (change: object) =>
      placeAnswerSchema.parse((await ask('operator', `/fridges/${id}/place`, { ...place, ...change })).body)
    expect(await set({})).toMatchObject({ type: 'set', place: { label: 'Lobby', version: 1 } })
    expect(await set({ label: 'Canteen' })).toMatchObject({ type: 'changed', by: 'the operator', place: { version: 1 } }) // prettier-ignore
    expect(await set({ label: 'Canteen', version: 1 })).toMatchObject({ type: 'set', place: { version: 2 } })
    expect((await listed('/places', 'places', placeSchema)).find(({ fridge }) => fridge === id)?.label).toBe('Canteen')
    const notes = await db().selectFrom('audit').selectAll().where('subject', '=', id).where('what', '=', 'place').execute() // prettier-ignore
    expect(notes.map(({ who, reason }) => [who, reason])).toEqual([
      ['the operator', reason],
      ['the operator', reason],
    ])
  })

  test('[RL41] a sample is one a quarter of an hour, whoever takes it how often, and is gone after a month', async () => {
    const { id } = await fridgeOf()
    await sql`insert into fridge_samples (fridge, at_ms) values (${id}, ${Date.now() - 32 * 86_400_000})`.execute(db())
    await Promise.all([takeSamples(db()), takeSamples(db()), takeSamples(db())])
    const taken = await listed(`/fridges/${id}/samples?fromMs=0&toMs=${Date.now() + 1}`, 'samples', sampleSchema)
    expect(taken).toMatchObject([{ celsius: null, units: 25_000, room: 25_000, pending: null }])
    expect(taken[0]?.atMs).toSatisfy((atMs: number) => atMs % 900_000 === 0)
    expect((await listed('/fill', 'fill', fleetFillSchema)).find(({ fridge }) => fridge === id)).toMatchObject({
      units: 25_000,
      low: 0,
    })
  })

  test('[RL42] a change is at all its fridges or at none, with every fault said', async () => {
    const [a, b] = [await fridgeOf(), await fridgeOf()]
    const changes: Changes = {
      currency: 'EUR',
      prices: [{ sku: 'can-1', priceMinor: 170 }, { sku: 'pear', priceMinor: 100 }],
      places: [{ sku: 'can-2', shelf: 9 }],
    } // prettier-ignore
    const previewed = await ask('viewer', '/changes/preview', { fridges: [a.id], changes })
    const [diff] = diffSchema.array().parse(previewed.body['diffs'])
    expect(diff).toMatchObject({
      prices: [{ sku: 'can-1', fromMinor: 150, toMinor: 170 }],
      faults: [{ code: 'unknownProduct', sku: 'pear' }, { code: 'noShelf', sku: 'can-2' }],
    }) // prettier-ignore
    expect(await apply([a, b], changes)).toMatchObject({ type: 'refused' })
    expect(await apply([a, b], { ...prices(170), currency: 'GBP' })).toMatchObject({ type: 'refused' })
    const [nobody, version] = ['fridge-none', (await stands(a.id)).version]
    const stranger = await ask('operator', '/changes', {
      name: 'x',
      fridges: [{ fridge: a.id, version }, { fridge: nobody, version }],
      changes: prices(170),
      reason,
    }) // prettier-ignore
    expect(stranger.body).toMatchObject({ type: 'refused', diffs: [{ faults: [] }, { faults: [{ code: 'unknownFridge' }, { code: 'noCatalogue' }] }] }) // prettier-ignore
    expect(await db().selectFrom('commands').selectAll().where('fridge', 'in', [a.id, b.id]).execute()).toEqual([])
    expect(await apply([a, b], prices(150))).toEqual({ type: 'nothing' })
    expect(await apply([a, b], prices(170))).toMatchObject({ type: 'applied', fridges: [a.id, b.id] })
    expect([await priceAt(a.id, 'can-1'), await priceAt(b.id, 'can-1')]).toEqual([170, 170])
  })

  test('[RL43] two who change the same fridge: the second is refused, and its own order come home is no change', async () => {
    const fridge = await fridgeOf()
    const { id } = fridge
    const { version } = await stands(id)
    const both = await Promise.all(
      [160, 180].map(async (price) =>
        applyAnswerSchema.parse(
          (await ask('operator', '/changes', { name: 'x', fridges: [{ fridge: id, version }], changes: prices(price), reason })).body, // prettier-ignore
        ),
      ),
    )
    expect(both.map(({ type }) => type).toSorted()).toEqual(['applied', 'refused'])
    const refused = both.find((one) => one.type === 'refused')
    expect(refused).toMatchObject({ diffs: [{ faults: [{ code: 'changed', sku: null }] }] })
    const waits = await stands(id)
    expect(waits.waiting).toBe(1)
    const price = await priceAt(id, 'can-1')
    await answered(db(), id, { lane: 'kept', number: 1, outcome: 'done', why: null })
    // Its rows are still on their way: what it was told stands already.
    expect(await stands(id)).toEqual({ ...waits, waiting: 0 })
    fridge.books.write(Date.now(), {
      type: 'PricesSet',
      prices: [{ sku: sku('can-1'), priceMinor: minor(price ?? 0) }],
    })
    await fridge.drain()
    expect((await stands(id)).version).toBe(waits.version)
  })

  test('[RL44] prices come at their time; a shelf is changed by a hand, at no time', async () => {
    const fridge = await fridgeOf()
    const move: Changes = { currency: null, prices: [], places: [{ sku: 'can-1', shelf: 3 }] }
    expect(await apply([fridge], move, { atMs: Date.now() + 60_000 })).toMatchObject({
      type: 'refused',
      diffs: [{ faults: [{ code: 'placesLater' }] }],
    })
    expect(await apply([fridge], prices(99), { atMs: 1_000 })).toMatchObject({
      diffs: [{ faults: [{ code: 'past' }] }],
    })
    const later = await apply([fridge], prices(99), { atMs: Date.now() + 60_000 })
    if (later.type !== 'applied') throw new Error(later.type)
    expect(await partsOf(later.change)).toEqual(['scheduled'])
    expect(await priceAt(fridge.id, 'can-1')).toBe(150)
    await sql`update price_schedules set due_at = now() where fridge = ${fridge.id}`.execute(db())
    await sweepSchedules(db(), { flush: async () => {} })
    expect(await partsOf(later.change)).toEqual(['waiting'])
    expect(await priceAt(fridge.id, 'can-1')).toBe(99)
    await renumber(db(), fridge.id, 1)
    expect(await partsOf(later.change)).toEqual(['waiting'])
    await answered(db(), fridge.id, { lane: 'kept', number: 2, outcome: 'refused', why: 'unknownProduct' })
    expect(await partsOf(later.change)).toEqual(['refused'])
    expect(await priceAt(fridge.id, 'can-1')).toBe(150)
  })

  test('[RL45] undo puts back what stood before, once; what somebody changed since stays; what is to come is cancelled', async () => {
    const fridge = await fridgeOf()
    const both: Changes = {
      currency: 'EUR',
      prices: [{ sku: 'can-1', priceMinor: 170 }, { sku: 'can-2', priceMinor: 270 }],
      places: [{ sku: 'can-0', shelf: 4 }],
    } // prettier-ignore
    const first = await apply([fridge], both)
    if (first.type !== 'applied') throw new Error(first.type)
    await apply([fridge], prices(280, 'can-2'))
    const undo = async (id: string) =>
      undoAnswerSchema.parse((await ask('operator', '/changes/undo', { id, reason })).body)
    expect(await undo(first.change)).toEqual({
      type: 'undone',
      cancelled: [],
      fridges: [fridge.id],
      left: [{ fridge: fridge.id, sku: 'can-2' }],
    })
    const now = new Map((await stands(fridge.id)).products.map((one) => [one.sku, one]))
    expect([now.get('can-1')?.priceMinor, now.get('can-2')?.priceMinor, now.get('can-0')?.shelf]).toEqual([150, 280, 1])
    expect(await undo(first.change)).toEqual({ type: 'before', by: 'the operator' })
    expect((await ask('operator', '/changes/undo', { id: randomUUID(), reason })).status).toBe(404)
    const later = await apply([fridge], prices(99), { atMs: Date.now() + 60_000 })
    if (later.type !== 'applied') throw new Error(later.type)
    expect(await undo(later.change)).toMatchObject({ type: 'undone', cancelled: [fridge.id], fridges: [] })
    expect(await partsOf(later.change)).toEqual(['cancelled'])
  })

  test('[RL46] [RL8] a draft is kept by who saw the last one, and changes nothing; viewers keep and apply nothing', async () => {
    const id = randomUUID()
    const draft = { id, name: 'summer', version: 0, changes: prices(111) }
    for (const [path, body] of [
      ['/drafts', draft],
      ['/changes', { name: 'x', fridges: [{ fridge: 'a', version: '' }], changes: prices(1), reason }],
      ['/changes/undo', { id, reason }],
    ] as const)
      expect((await ask('viewer', path, body)).status).toBe(403)
    const keep = async (change: object) =>
      draftAnswerSchema.parse((await ask('operator', '/drafts', { ...draft, ...change })).body)
    expect(await keep({})).toEqual({ type: 'kept', version: 1 })
    expect(await keep({ name: 'lost' })).toMatchObject({ type: 'changed', draft: { name: 'summer', version: 1 } })
    expect(await keep({ version: 1, name: 'autumn' })).toEqual({ type: 'kept', version: 2 })
    expect(await listed('/drafts', 'drafts', keptDraftSchema)).toMatchObject([{ id, name: 'autumn', by: 'the operator' }]) // prettier-ignore
    const drop = (version: number) => ask('operator', '/drafts/drop', { id, name: 'autumn', version })
    expect((await drop(1)).body).toMatchObject({ type: 'changed' })
    expect((await drop(2)).body).toEqual({ type: 'kept', version: 2 })
    expect((await keep({ version: 2 })).type).toBe('changed')
    expect(await listed('/drafts', 'drafts', keptDraftSchema)).toEqual([])
    expect((await ask('operator', '/drafts', { ...draft, changes: { ...prices(1), prices: [{ sku: 'a', priceMinor: 1 }, { sku: 'a', priceMinor: 2 }] } })).status).toBe(400) // prettier-ignore
  })
}
