/** Pictures of visits in doubt, from a fridge to its owner's people: taken, limited, shown, deleted; on both databases. */
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { reviewSchema } from '../../src/contract/review.ts'
import type { Event } from '../../src/core/events.ts'
import { effectKey, sku, visitId } from '../../src/core/ids.ts'
import { minor } from '../../src/core/money.ts'
import { dayMs } from '../../src/core/time.ts'
import {
  encodeList,
  encodePicture,
  signedPictures,
  type PictureAbout,
  type PictureAnswer,
} from '../../sync/protocol/pictures.ts'
import { sha256Of } from '../../sync/protocol/question.ts'
import { createRelay } from '../../sync/relay/relay.ts'
import { makeKey, type Role } from '../../sync/relay/store/keys.ts'
import { sweepPictures } from '../../sync/relay/store/pictures.ts'
import { opening } from '../unit/sync/books.ts'
import { newFridge, type Fridge } from './relay-fridge.ts'
import { openMemory, openOwnPostgresql, postgresqlBin, type TestStore } from './relay-stores.ts'

const ci = process.env['CI'] === 'true'
const slow = 120_000
const limits = { days: 30, daysDecided: 7, fridgeBytes: 40_000 }

describe('on an embedded database', () => {
  contract(openMemory)
})
describe.skipIf(postgresqlBin === null && !ci)('on PostgreSQL', () => {
  contract(openOwnPostgresql)
})

/** A JPEG by its first bytes; what follows is told apart by `seed`. */
const jpeg = (seed: number, length = 1_000): Buffer =>
  Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.alloc(length - 4, seed)])
const about = (picture: Uint8Array, parts: Partial<PictureAbout> = {}): PictureAbout => ({
  sha256: sha256Of(picture),
  bytes: picture.length,
  camera: 'left',
  why: 'before',
  atMs: 1_764_000_000_000,
  ...parts,
})

function doubt(visit: string): Event[] {
  const can = { sku: sku('can-1'), count: 1, priceMinor: minor(250) }
  return [
    { type: 'VisitStarted', visit: visitId(visit), holdKey: effectKey(`${visit}/hold`), paymentMethod: 'pm_1', fingerprint: 'fp_1', amountMinor: minor(1500), currency: 'EUR' },
    { type: 'ReviewOpened', visit: visitId(visit), cause: 'evidence', sureLines: [], likelyLines: [can], likelyMoves: [], probability: 0.62, runnerUp: [{ ...can, sku: sku('can-2') }], runnerUpProbability: 0.36, apart: [{ by: 'shelf 1', nats: 0.54 }], before: [3300, 2000], after: [2970, 2000], decideByMs: Date.now() + 5 * dayMs },
  ] // prettier-ignore
}
const decided = (visit: string): Event => ({ type: 'ReviewDecided', visit: visitId(visit), lines: [], moves: [], by: 'a person', reason: 'seen' }) // prettier-ignore

function contract(open: () => Promise<TestStore>): void {
  let opened: TestStore
  let app: FastifyInstance
  const keys = new Map<Role, string>()
  beforeAll(async () => {
    opened = await open()
    const { store } = opened
    app = await createRelay({
      kind: store.kind,
      store: () => store,
      log: pino({ level: 'silent' }),
      pictures: limits,
    })
    for (const role of ['viewer', 'operator', 'owner'] as const)
      keys.set(role, await makeKey(store.db, `the ${role}`, role))
  }, slow)
  afterAll(async () => {
    await app.close()
    await opened.close()
  }, slow)
  const db = () => opened.store.db

  const fridgeOf = async (...events: readonly Event[]): Promise<Fridge> => {
    const fridge = await newFridge(app, db())
    fridge.books.write(Date.now(), ...opening(fridge.id), ...events)
    await fridge.drain()
    return fridge
  }
  const bring = async (fridge: Fridge, body: Uint8Array, headers: Record<string, string> = {}): Promise<PictureAnswer> => {
    const signature = Buffer.from(fridge.key.sign(signedPictures(fridge.id, body))).toString('base64')
    const said = { 'content-type': 'application/octet-stream', 'vv-protocol': '1', 'vv-fridge': fridge.id, 'vv-signature': signature } // prettier-ignore
    const answer = await app.inject({ method: 'POST', url: '/sync/v1/pictures', headers: { ...said, ...headers }, payload: Buffer.from(body) }) // prettier-ignore
    return answer.json()
  } // prettier-ignore
  const send = (fridge: Fridge, visit: string, picture: Uint8Array, parts: Partial<PictureAbout> = {}) =>
    bring(fridge, encodePicture({ fridge: fridge.id, visit }, about(picture, parts), picture))
  const list = (fridge: Fridge, visit: string, ...pictures: readonly Uint8Array[]) =>
    bring(fridge, encodeList({ fridge: fridge.id, visit, pictures: pictures.map((one) => about(one)) }))
  const get = (role: Role | null, url: string) =>
    app.inject({ method: 'GET', url: `/api/v1${url}`, headers: role === null ? {} : { authorization: `Bearer ${keys.get(role)}` } }) // prettier-ignore
  const pictureUrl = (fridge: Fridge, visit: string, picture: Uint8Array): string =>
    `/fridges/${fridge.id}/pictures?visit=${visit}&sha256=${sha256Of(picture)}`
  const reviewOf = async (fridge: Fridge) =>
    z
      .object({ reviews: z.array(reviewSchema) })
      .parse((await get('viewer', '/reviews?all=true')).json())
      .reviews.find((one) => one.fridge === fridge.id)

  test('[SY52] [RL30] what is wanted is told, taken once, and wanted no more', async () => {
    const fridge = await fridgeOf(...doubt('visit-a'))
    const [one, two] = [jpeg(1), jpeg(2)]
    expect(await list(fridge, 'visit-a', one, two)).toEqual({ type: 'wanted', sha256: [sha256Of(one), sha256Of(two)] })
    expect(await send(fridge, 'visit-a', one)).toEqual({ type: 'kept' })
    expect(await send(fridge, 'visit-a', one)).toEqual({ type: 'kept' })
    expect(await list(fridge, 'visit-a', one, two)).toEqual({ type: 'wanted', sha256: [sha256Of(two)] })
    const both = await Promise.all([send(fridge, 'visit-a', two), send(fridge, 'visit-a', two)])
    expect(both).toEqual([{ type: 'kept' }, { type: 'kept' }])
    expect((await reviewOf(fridge))?.pictures).toHaveLength(2)
  })

  test('[RL30] of a visit that no review waits for, or another fridge`s, nothing is taken', async () => {
    const fridge = await fridgeOf(...doubt('visit-b'), decided('visit-b'))
    const other = await fridgeOf(...doubt('visit-c'))
    for (const visit of ['visit-b', 'visit-c', 'never-was']) {
      expect(await list(fridge, visit, jpeg(1))).toEqual({ type: 'unwanted', why: 'notInReview' })
      expect(await send(fridge, visit, jpeg(1))).toEqual({ type: 'unwanted', why: 'notInReview' })
    }
    const theirs = encodePicture({ fridge: other.id, visit: 'visit-c' }, about(jpeg(1)), jpeg(1))
    expect(await bring(fridge, theirs)).toEqual({ type: 'foreignRows' })
    expect((await reviewOf(other))?.pictures).toEqual([])
  })

  test('[SY50] nothing is read of what another key signed, or another version, and a revoked one is told so', async () => {
    const fridge = await fridgeOf(...doubt('visit-d'))
    const body = encodeList({ fridge: fridge.id, visit: 'visit-d', pictures: [] })
    expect(await bring(fridge, body, { 'vv-signature': Buffer.alloc(64).toString('base64') })).toEqual({ type: 'badSignature' }) // prettier-ignore
    expect(await bring(fridge, Buffer.from('no line'), { 'vv-signature': 'AAAA' })).toEqual({ type: 'badSignature' })
    expect(await bring(fridge, Buffer.from('no line'))).toMatchObject({ type: 'malformed' })
    expect(await bring(fridge, body, { 'vv-protocol': '9' })).toEqual({ type: 'unsupportedVersion', supported: [1] })
    expect(await bring(fridge, body, { 'vv-fridge': 'nobody' })).toEqual({ type: 'unknownFridge' })
    await db().updateTable('fridges').set({ revoked_at: new Date() }).where('id', '=', fridge.id).execute()
    expect(await bring(fridge, body)).toEqual({ type: 'revoked' })
  })

  test('[RL30] a fridge has so much room, and no more; another`s is its own', async () => {
    const fridge = await fridgeOf(...doubt('visit-e'), ...doubt('visit-f'))
    for (const seed of [1, 2, 3]) expect(await send(fridge, 'visit-e', jpeg(seed, 12_000))).toEqual({ type: 'kept' })
    expect(await send(fridge, 'visit-f', jpeg(4, 12_000))).toEqual({ type: 'unwanted', why: 'noRoom' })
    const other = await fridgeOf(...doubt('visit-e'))
    expect(await send(other, 'visit-e', jpeg(4, 12_000))).toEqual({ type: 'kept' })
    const many = await fridgeOf(...doubt('visit-e'))
    for (let seed = 0; seed < 16; seed++) expect(await send(many, 'visit-e', jpeg(seed, 50))).toEqual({ type: 'kept' })
    expect(await send(many, 'visit-e', jpeg(16, 50))).toEqual({ type: 'unwanted', why: 'noRoom' })
  })

  test('[RL32] [RL33] an operator sees a picture, a viewer and a stranger don`t, and the audit knows who looked', async () => {
    const fridge = await fridgeOf(...doubt('visit-g'))
    const picture = jpeg(7)
    await send(fridge, 'visit-g', picture, { why: 'after' })
    const url = pictureUrl(fridge, 'visit-g', picture)
    expect((await get(null, url)).statusCode).toBe(401)
    expect((await get('viewer', url)).statusCode).toBe(403)
    const looks = async (): Promise<string[]> => {
      const rows = (await get('owner', '/audit?limit=500')).json<{ audit: { what: string; subject: string; who: string }[] }>() // prettier-ignore
      return rows.audit.filter(({ what, subject }) => what === 'picturesSeen' && subject === `${fridge.id}/visit-g`).map(({ who }) => who) // prettier-ignore
    }
    expect(await looks()).toEqual([])
    for (let time = 0; time < 2; time++) {
      const seen = await get('operator', url)
      expect([seen.statusCode, Buffer.compare(seen.rawPayload, picture)]).toEqual([200, 0])
      expect(seen.headers).toMatchObject({
        'content-type': 'image/jpeg',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      })
    }
    expect(await looks()).toEqual(['the operator'])
    await get('owner', url)
    expect(await looks()).toEqual(['the owner', 'the operator'])
    await sql`update picture_looks set last_at = now() - interval '61 minutes'`.execute(db())
    await get('operator', url)
    expect(await looks()).toEqual(['the operator', 'the owner', 'the operator'])
    expect((await get('operator', pictureUrl(fridge, 'visit-g', jpeg(8)))).statusCode).toBe(404)
    expect((await get('operator', url.replace(/visit=[^&]*/, "visit=';drop"))).statusCode).toBe(400)
  })

  test('[RL31] [P2] a picture goes when its time is up, sooner once its review is over, and is not asked for again', async () => {
    const fridge = await fridgeOf(...doubt('visit-h'), ...doubt('visit-i'))
    const [old, closed, young] = [jpeg(1), jpeg(2), jpeg(3)]
    await send(fridge, 'visit-h', old)
    await send(fridge, 'visit-i', closed)
    await send(fridge, 'visit-h', young)
    const age = (picture: Uint8Array, days: number) =>
      sql`update pictures set received_at = now() - ${days} * interval '1 day' where fridge = ${fridge.id} and sha256 = ${sha256Of(picture)}`.execute(db()) // prettier-ignore
    await age(old, 29.9)
    expect(await sweepPictures(db(), limits)).toBe(0)
    await age(old, 30.1)
    expect(await sweepPictures(db(), limits)).toBe(1)
    expect((await get('operator', pictureUrl(fridge, 'visit-h', old))).statusCode).toBe(404)
    expect((await get('operator', pictureUrl(fridge, 'visit-h', young))).statusCode).toBe(200)
    expect(await list(fridge, 'visit-h', old)).toEqual({ type: 'wanted', sha256: [] })
    const pictures = (await get('viewer', '/reviews')).json<{ reviews: { visit: string; fridge: string; pictures: { gone: boolean }[] }[] }>() // prettier-ignore
    const mine = pictures.reviews.find((one) => one.fridge === fridge.id && one.visit === 'visit-h')
    expect(mine?.pictures.map(({ gone }) => gone).toSorted()).toEqual([false, true])

    fridge.books.write(Date.now(), decided('visit-i'))
    await fridge.drain()
    expect(await sweepPictures(db(), limits)).toBe(0) // seen to be closed from now on
    await sql`update pictures set closed_at = closed_at - interval '6 days' where fridge = ${fridge.id}`.execute(db())
    expect(await sweepPictures(db(), limits)).toBe(0)
    await sql`update pictures set closed_at = closed_at - interval '2 days' where fridge = ${fridge.id}`.execute(db())
    expect(await sweepPictures(db(), limits)).toBe(1)
    const left = await sql<{ bytes: number }>`select coalesce(sum(length(picture)), 0)::float8 as bytes from pictures where fridge = ${fridge.id}`.execute(db()) // prettier-ignore
    expect(left.rows).toEqual([{ bytes: young.length }])
  })

  test('[RL34] a review is shown with all that its fridge wrote of it, pictures or none', async () => {
    const fridge = await fridgeOf(...doubt('visit-j'))
    expect(await reviewOf(fridge)).toMatchObject({
      visit: 'visit-j',
      currency: 'EUR',
      holdMinor: 1500,
      probability: 0.62,
      evidence: {
        likelyLines: [{ sku: 'can-1', count: 1, priceMinor: 250 }],
        runnerUp: [{ sku: 'can-2' }],
        runnerUpProbability: 0.36,
        apart: [{ by: 'shelf 1', nats: 0.54 }],
        before: [3300, 2000],
        after: [2970, 2000],
      },
      pictures: [],
      command: null,
    })
    await send(fridge, 'visit-j', jpeg(2), { atMs: 2_000, why: 'after' })
    await send(fridge, 'visit-j', jpeg(1), { atMs: 1_000 })
    expect((await reviewOf(fridge))?.pictures).toEqual([
      { sha256: sha256Of(jpeg(1)), camera: 'left', why: 'before', atMs: 1_000, gone: false },
      { sha256: sha256Of(jpeg(2)), camera: 'left', why: 'after', atMs: 2_000, gone: false },
    ])
  })
}
