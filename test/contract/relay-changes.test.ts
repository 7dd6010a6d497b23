/** Places, samples, and changes of prices and shelves at one or many fridges, over the relay's API; on both databases. */
import { createHash, randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import sharp from 'sharp'
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
import { evolve, noStock } from '../../src/catalog/stock.ts'
import type { DefinitionPicture } from '../../src/core/definition.ts'
import { signedPart, encodePart, partAnswerSchema } from '../../sync/protocol/product-pictures.ts'
import { pear } from '../unit/catalog/pear.ts'
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

  // ---- products -----------------------------------------------------------------------------------------------------
  const photo = (format: 'jpeg' | 'png', side = 900) =>
    sharp({ create: { width: side, height: side * 2, channels: 3, background: '#7a9' } })
      .toFormat(format)
      .toBuffer()
  const bring = async (file: Buffer, type = 'application/octet-stream', role: Role = 'operator') => {
    const headers = { authorization: `Bearer ${keys.get(role)}`, 'content-type': type }
    const answer = await app.inject({ method: 'POST', url: '/api/v1/product-pictures', headers, payload: file })
    return { status: answer.statusCode, body: answer.json<DefinitionPicture & { error?: { code: string } }>() }
  }
  let brought: DefinitionPicture | null = null
  const pearWith = async (parts: Partial<typeof pear> = {}) => {
    brought ??= (await bring(await photo('jpeg'))).body
    return { ...pear, pictures: [brought], ...parts }
  }
  const products = async (isNew: boolean, parts: Partial<typeof pear> = {}): Promise<Changes> => ({
    currency: null,
    prices: [],
    places: [],
    products: [{ isNew, product: await pearWith(parts) }],
  })
  const faultsOf = (answer: Awaited<ReturnType<typeof apply>>) =>
    answer.type === 'refused' ? answer.diffs.flatMap(({ faults }) => faults.map(({ code }) => code)) : answer.type
  const ordersOf = async (fridge: string) =>
    (await db().selectFrom('commands').select(['type', 'body']).where('fridge', '=', fridge).orderBy('number').execute()).map(({ type, body }) => [type, JSON.parse(body) as unknown] as const) // prettier-ignore
  const counted = async (what: string) =>
    Number(
      new RegExp(`^visionvend_relay_${what.replaceAll(/[{}]/g, '\\$&')} (\\d+)`, 'm').exec(
        (await app.inject('/metrics')).body,
      )?.[1] ?? 0,
    )

  test(
    '[RL62] a picture is made anew from a JPEG or a PNG; anything else is refused by name, counted, and kept nowhere',
    async () => {
      const tagged = await sharp(await photo('jpeg'))
        .withExif({ IFD0: { Artist: 'somebody' } })
        .toBuffer()
      for (const file of [tagged, await photo('png')]) {
        const { status, body } = await bring(file)
        expect([status, body.width, body.height]).toEqual([200, 512, 1024])
        const shown = await app.inject(`/shop/pictures/${body.sha256}`)
        expect([shown.headers['content-type'], shown.rawPayload.length]).toEqual(['image/webp', body.bytes])
        expect((await sharp(shown.rawPayload).metadata()).exif).toBeUndefined()
      }
      const kept = await db().selectFrom('product_pictures').select('sha256').execute()
      const noise = await sharp({ create: { width: 400, height: 400, channels: 3, background: '#000', noise: { type: 'gaussian', mean: 120, sigma: 60 } } }).jpeg().toBuffer() // prettier-ignore
      const refused: [Buffer, string, number][] = [
        [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'), 'pictureKind', 415],
        [Buffer.from('\ufeff <?xml version="1.0"?><svg/>'), 'pictureKind', 415],
        [noise.subarray(0, noise.length / 2), 'pictureBroken', 400],
        [Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(5_000, 7)]), 'pictureBroken', 400],
        [await photo('png', 20), 'tooSmall', 400],
        [Buffer.alloc(50 * 1024 * 1024, 0xff), 'tooBig', 413],
        [Buffer.alloc(0), 'pictureKind', 415],
      ]
      for (const [file, code, status] of refused) {
        const before = await counted(`product_pictures_total{answer="${code}"}`)
        expect([code, await bring(file)]).toMatchObject([code, { status, body: { error: { code } } }])
        expect(await counted(`product_pictures_total{answer="${code}"}`)).toBe(before + 1)
      }
      expect((await bring(await photo('png'), 'image/png', 'viewer')).status).toBe(403)
      expect(await db().selectFrom('product_pictures').select('sha256').execute()).toEqual(kept)
    },
    slow,
  )

  test(
    '[RL60] [RL45] a product goes to all its fridges or to none, is edited, withdrawn, and each is taken back once',
    async () => {
      const [a, b] = [await fridgeOf(), await fridgeOf()]
      const added = await apply([a, b], await products(true))
      expect(added).toMatchObject({ type: 'applied', fridges: [a.id, b.id] })
      expect(await ordersOf(a.id)).toEqual([['product', { type: 'product', product: await pearWith() }]])
      const pearAt = async (fridge: string) => (await stands(fridge)).products.find(({ sku }) => sku === pear.sku)
      expect(await pearAt(a.id)).toMatchObject({
        priceMinor: 230,
        shelf: 2,
        offered: true,
        definition: pear.size ?? {},
      })
      expect(await apply([a, b], await products(false))).toEqual({ type: 'nothing' })

      // A price that was set since stands; the edit leaves it alone, and its undo leaves what was edited again.
      expect(await apply([a], prices(210, pear.sku))).toMatchObject({ type: 'applied' })
      const heavier = await apply([a, b], await products(false, { weightGrams: 270, priceMinor: minor(999) }))
      expect(await pearAt(a.id)).toMatchObject({ priceMinor: 210, weightGrams: 270, definition: { weightGrams: 270 } })
      expect(await pearAt(b.id)).toMatchObject({ priceMinor: 230 })
      const again = await apply([b], await products(false, { weightGrams: 280 }))
      const undo = async (change: typeof added) => {
        if (change.type !== 'applied') throw new Error(change.type)
        return undoAnswerSchema.parse((await ask('operator', '/changes/undo', { id: change.change, reason })).body)
      }
      expect(await undo(heavier)).toMatchObject({
        type: 'undone',
        fridges: [a.id],
        left: [{ fridge: b.id, sku: pear.sku }],
      })
      expect(await pearAt(a.id)).toMatchObject({ weightGrams: 260, priceMinor: 210 })
      expect(await undo(heavier)).toMatchObject({ type: 'before' })

      const offers = (offered: boolean): Changes => ({ currency: null, prices: [], places: [], offers: [{ sku: pear.sku, offered }] }) // prettier-ignore
      const gone = await apply([a], offers(false))
      expect(await pearAt(a.id)).toMatchObject({ offered: false })
      await undo(gone)
      expect(await pearAt(a.id)).toMatchObject({ offered: true })
      // What is new is not deleted when it is taken back: it is withdrawn, and old receipts name it.
      await undo(again)
      expect(await undo(added)).toMatchObject({ type: 'undone', fridges: [a.id], left: [{ fridge: b.id }] })
      expect(await pearAt(a.id)).toMatchObject({ offered: false, definition: { weightGrams: 260 } })

      // How it went is told by all its orders, also under the numbers that a relay gave them anew.
      const [first] = await db().selectFrom('commands').select('number').where('fridge', '=', b.id).orderBy('number').execute() // prettier-ignore
      if (added.type !== 'applied' || first === undefined) throw new Error('nothing was ordered')
      await renumber(db(), b.id, first.number)
      const { number } = await db().selectFrom('lanes').select('number').where('fridge', '=', b.id).where('lane', '=', 'kept').executeTakeFirstOrThrow() // prettier-ignore
      await answered(db(), b.id, { lane: 'kept', number, outcome: 'refused', why: 'currency' })
      expect(new Set(await partsOf(added.change))).toEqual(new Set(['waiting', 'refused']))
    },
    slow,
  )

  test(
    '[RL61] bad products change nothing anywhere, each with its own word, and are counted',
    async () => {
      const [a, b] = [await fridgeOf(), await fridgeOf()]
      const before = await counted('changes_refused_total{why="skuTaken"}')
      const fresh = { sku: sku('plum') }
      expect(faultsOf(await apply([a, b], await products(true)))).toEqual(['skuTaken', 'skuTaken']) // of the fridges before
      expect(faultsOf(await apply([a], await products(true, { sku: sku('PEAR') })))).toEqual(['skuTaken'])
      expect(faultsOf(await apply([a], await products(true, { sku: sku('Can-1') })))).toEqual(['skuTaken'])
      expect(faultsOf(await apply([a], await products(false, { sku: sku('can-1') })))).toEqual(['skuTaken'])
      expect(faultsOf(await apply([a], await products(true, { ...fresh, currency: 'GBP' })))).toEqual(['currency'])
      expect(faultsOf(await apply([a], await products(true, { ...fresh, shelf: 9 })))).toEqual(['noShelf'])
      expect(faultsOf(await apply([a], await products(true, { ...fresh, pictures: [] })))).toEqual(['noPicture'])
      const other = { ...(await pearWith()).pictures[0], sha256: 'a'.repeat(64) } as DefinitionPicture
      expect(faultsOf(await apply([a], await products(true, { ...fresh, pictures: [other] })))).toEqual(['noPicture'])
      expect(faultsOf(await apply([a], await products(true, fresh), { atMs: Date.now() + 1e6 }))).toEqual([
        'productsLater',
      ])
      expect(await counted('changes_refused_total{why="skuTaken"}')).toBe(before + 5)
      const version = (await stands(a.id)).version
      const raw = async (parts: object) =>
        ask('operator', '/changes', {
          name: 'x',
          fridges: [{ fridge: a.id, version }],
          changes: {
            currency: null,
            prices: [],
            places: [],
            products: [{ isNew: true, product: { ...(await pearWith(fresh)), ...parts } }],
          },
          reason,
        })
      for (const [parts, says] of [
        [{ weightGrams: 0 }, 'weightGrams'],
        [{ weightGrams: 1e9 }, 'weightGrams'],
        [{ weightSpreadGrams: 200 }, 'fifth of the weight'],
        [{ priceMinor: 1.5 }, 'priceMinor'],
        [{ sku: '../../etc' }, 'sku'],
        [{ name: { en: 'a\u0000b' } }, 'name'],
        [{ name: {} }, 'name'],
        [{ allergens: ['milk', 'milk'] }, 'allergens'],
        [{ script: '<svg onload=alert(1)>' }, 'script'],
        [
          { pictures: Array.from({ length: 21 }, (_, at) => ({ ...other, sha256: String(at).padStart(64, '0') })) },
          'pictures',
        ],
      ] as const) {
        const answer = await raw(parts)
        expect([says, answer.status, JSON.stringify(answer.body)]).toEqual([says, 400, expect.stringContaining(says)])
      }
      // One name is all that is needed.
      expect((await raw({ name: 'Plum' })).body).toMatchObject({ type: 'applied' })
      expect((await ordersOf(a.id)).at(-1)?.[1]).toMatchObject({
        product: { name: { en: 'Plum', es: 'Plum', de: 'Plum' } },
      })
      expect((await ordersOf(a.id)).length + (await ordersOf(b.id)).length).toBe(1)
      expect((await ask('viewer', '/changes', { name: 'x', fridges: [{ fridge: a.id, version }], changes: await products(true, fresh), reason })).status).toBe(403) // prettier-ignore
    },
    slow,
  )

  test('[K7] [K8] a relay reads what is sold as the fridge itself does', async () => {
    const events: Event[] = [
      { type: 'ProductDefined', product: pear },
      { type: 'PricesSet', prices: [{ sku: pear.sku, priceMinor: minor(111) }] },
      { type: 'PlacesSet', places: [{ sku: pear.sku, shelf: 4 }] },
      { type: 'ProductDefined', product: { ...pear, weightGrams: 300, shelf: 1 } },
      { type: 'OffersSet', offers: [{ sku: sku('can-1'), offered: false }] },
    ]
    const { id, books } = await fridgeOf(...events)
    const own = books.all().map(({ body }) => JSON.parse(body) as Event).reduce(evolve, noStock) // prettier-ignore
    const read = (await ask('viewer', `/fridges/${id}/catalogue`)).body['catalogue']
    expect(read).toEqual({ ...own.catalogue, withdrawn: [...own.withdrawn] })
    const { products: standing } = await stands(id)
    expect(standing.filter(({ offered }) => !offered).map((one) => one.sku)).toEqual(['can-1'])
    expect(standing.find((one) => one.sku === pear.sku)?.definition).toEqual(own.defined.get(pear.sku))
  })

  test(
    '[SY81] [Y4] a fridge fetches a picture part by part; a foreign key, another`s name and a false place get nothing',
    async () => {
      const [a, b] = [await fridgeOf(), await fridgeOf()]
      const noise = await sharp({ create: { width: 900, height: 900, channels: 3, background: '#000', noise: { type: 'gaussian', mean: 120, sigma: 50 } } }).png().toBuffer() // prettier-ignore
      const { sha256, bytes } = (await bring(noise)).body
      const part = async (from: number, parts: { of?: string; signed?: Fridge; as?: string } = {}) => {
        const body = encodePart({ fridge: parts.as ?? a.id, sha256: parts.of ?? sha256, from })
        const signature = Buffer.from((parts.signed ?? a).key.sign(signedPart(a.id, body))).toString('base64')
        const headers = {
          'content-type': 'application/octet-stream',
          'vv-protocol': '1',
          'vv-fridge': a.id,
          'vv-signature': signature,
        }
        return partAnswerSchema.parse(
          (
            await app.inject({ method: 'POST', url: '/sync/v1/product-pictures', headers, payload: Buffer.from(body) })
          ).json(),
        )
      }
      const parts: Buffer[] = []
      for (let from = 0; from < bytes;) {
        const got = await part(from)
        if (got.type !== 'part') throw new Error(got.type)
        parts.push(Buffer.from(got.base64, 'base64'))
        from += parts.at(-1)?.length ?? bytes
      }
      expect(parts.length).toBeGreaterThan(1)
      expect(createHash('sha256').update(Buffer.concat(parts)).digest('hex')).toBe(sha256)
      expect(await part(0, { signed: b })).toEqual({ type: 'badSignature' })
      expect(await part(0, { as: b.id })).toEqual({ type: 'foreignRows' })
      expect(await part(bytes + 1)).toEqual({ type: 'unknown' })
      expect(await part(0, { of: 'b'.repeat(64) })).toEqual({ type: 'unknown' })
      expect(await part(-1)).toMatchObject({ type: 'malformed' })
      await sql`update fridges set revoked_at = now() where id = ${a.id}`.execute(db())
      expect(await part(0)).toEqual({ type: 'revoked' })
    },
    slow,
  )
}
