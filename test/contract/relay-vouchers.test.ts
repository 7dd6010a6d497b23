/** Vouchers: made by an owner, reserved for a visit, paid back once of what the fridge charged, or good again; on each store. */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { madeVoucherSchema, voucherSchema, type Voucher } from '../../src/contract/vouchers.ts'
import { effectKey, sku, visitId } from '../../src/core/ids.ts'
import { minor } from '../../src/core/money.ts'
import { ok } from '../../src/core/result.ts'
import type { Wallet } from '../../src/payments/wallet.ts'
import { makeKey } from '../../sync/relay/store/keys.ts'
import { move, offer, transactionOf, type Transaction } from '../../sync/relay/store/transactions.ts'
import { reserve, worthOf } from '../../sync/relay/store/vouchers.ts'
import { sweepVouchers } from '../../sync/relay/vouchers.ts'
import { newFridge, relayOn, type Fridge } from './relay-fridge.ts'
import { openMemory, openOwnPostgresql, postgresqlBin, type TestStore } from './relay-stores.ts'

const slow = 120_000
const dayMs = 86_400_000

describe('on an embedded database', () => {
  contract(openMemory)
})
describe.skipIf(postgresqlBin === null && process.env['CI'] !== 'true')('on PostgreSQL', () => {
  contract(openOwnPostgresql)
})

function contract(open: () => Promise<TestStore>): void {
  let opened: TestStore
  let app: FastifyInstance
  let fridge: Fridge
  let keys: Readonly<Record<'viewer' | 'operator' | 'owner', string>>
  /** By its own keys, as the provider does. */
  const paidBack = new Map<string, number>()
  let asks = 0
  const wallet: Pick<Wallet, 'refund'> = {
    async refund({ key, amountMinor }) {
      asks += 1
      paidBack.set(key, amountMinor)
      return ok({ amountMinor: minor(amountMinor) }) as Awaited<ReturnType<Wallet['refund']>>
    },
  }
  beforeAll(async () => {
    opened = await open()
    app = await relayOn(opened.store)
    fridge = await newFridge(app, db())
    const products = [{ sku: sku('cola'), priceMinor: minor(250), weightGrams: 350, weightSpreadGrams: 3, shelf: 1 }]
    fridge.books.write(1_764_000_000_000, { type: 'CatalogueAdopted', hash: 'a', currency: 'EUR', products })
    await fridge.drain()
    const [viewer, operator, owner] = await Promise.all(
      (['viewer', 'operator', 'owner'] as const).map((role) => makeKey(db(), `the ${role}`, role)),
    )
    keys = { viewer: viewer ?? '', operator: operator ?? '', owner: owner ?? '' }
  }, slow)
  afterAll(async () => {
    await app.close()
    await opened.close()
  }, slow)

  const db = () => opened.store.db
  const ask = (role: keyof typeof keys, path: string, payload?: object) =>
    app.inject({
      method: payload === undefined ? 'GET' : 'POST',
      url: `/api/v1${path}`,
      headers: { authorization: `Bearer ${keys[role]}` },
      ...(payload === undefined ? {} : { payload }),
    })
  const wanted = { name: 'opening', currency: 'EUR', percent: null, mostMinor: 200, uses: 1, codes: 1, fridges: null, expiresAtMs: Date.now() + dayMs, reason: 'we open' } // prettier-ignore
  const made = async (parts: object = {}) =>
    madeVoucherSchema.parse((await ask('owner', '/vouchers', { ...wanted, ...parts })).json())
  const listed = async (id: string): Promise<Voucher | undefined> =>
    voucherSchema.array().parse((await ask('viewer', '/vouchers')).json<{ vouchers: unknown }>().vouchers).find((one) => one.id === id) // prettier-ignore
  const offered = async (shopper: string = randomUUID()): Promise<Transaction> => {
    const id = await offer(db(), { fridge: fridge.id, shopper, amountMinor: 1500, currency: 'EUR' })
    return (await transactionOf(db(), id)) as Transaction
  }
  /** What the fridge's books say of a visit that took so many. */
  const booked = async ({ visit }: Transaction, cans: number): Promise<void> => {
    const [of, total] = [visitId(visit), minor(250 * cans)]
    const lines = [{ sku: sku('cola'), count: cans, priceMinor: minor(250) }]
    fridge.books.write(
      1_764_000_100_000 + asks,
      { type: 'VisitStarted', visit: of, holdKey: effectKey('h'), paymentMethod: 'pm', fingerprint: 'f', amountMinor: minor(1500), currency: 'EUR' },
      { type: 'HoldPlaced', visit: of, holdKey: effectKey('h'), reference: `pi_${visit}`, amountMinor: minor(1500), captureByMs: 1 },
      ...(cans === 0
        ? [{ type: 'VisitEnded' as const, visit: of, ending: { type: 'nothingTaken' as const } }]
        : [
            { type: 'ReceiptIssued' as const, visit: of, number: 1 + fridge.books.all().length, lines, totalMinor: total, chargedMinor: total },
            { type: 'VisitEnded' as const, visit: of, ending: { type: 'paid' as const, lines, totalMinor: total, chargedMinor: total } },
            { type: 'HoldCaptured' as const, visit: of, key: effectKey('c'), amountMinor: total },
          ]),
    ) // prettier-ignore
    await fridge.drain()
  }
  const paidFor = ({ visit }: Transaction) => paidBack.get(`refund/${fridge.id}/${visit}/voucher of ${visit}`)

  test('[RL72] [P3] an owner makes codes, which are told once; a viewer sees what was used and no code; revoked is noted', async () => {
    for (const role of ['viewer', 'operator'] as const)
      expect((await ask(role, '/vouchers', wanted)).statusCode).toBe(403)
    expect((await ask('owner', '/vouchers', { ...wanted, percent: 101 })).statusCode).toBe(400)
    const { id, codes } = await made({ codes: 40 })
    expect(new Set(codes).size).toBe(40)
    for (const code of codes) expect(code).toMatch(/^[A-HJKMNP-Z2-9]{4}-[A-HJKMNP-Z2-9]{4}-[A-HJKMNP-Z2-9]{4}$/)
    const tables = await sql<{ body: string }>`select encode(hash, 'escape') as body from voucher_codes`.execute(db())
    const all = JSON.stringify([tables.rows, (await ask('viewer', '/vouchers')).json()])
    for (const code of codes) expect(all).not.toContain(code)
    expect(await listed(id)).toMatchObject({ name: 'opening', codes: 40, used: 0, reserved: 0, madeBy: 'the owner', revokedAtMs: null }) // prettier-ignore
    expect((await ask('operator', '/vouchers/revoke', { id, reason: 'a mistake' })).statusCode).toBe(403)
    expect((await ask('owner', '/vouchers/revoke', { id, reason: 'a mistake' })).json()).toEqual({ revoked: true })
    expect((await ask('owner', '/vouchers/revoke', { id, reason: 'a mistake' })).json()).toEqual({ revoked: false })
    expect(await reserve(db(), await offered(), codes[0] ?? '')).toEqual({ type: 'voucherOver' })
    const noted = await db().selectFrom('audit').select(['what', 'reason']).where('subject', '=', id).execute()
    expect(noted).toEqual([{ what: 'voucher', reason: 'opening, 40 codes: we open' }, { what: 'voucherRevoked', reason: 'a mistake' }]) // prettier-ignore
  })

  test('[RL72] a code is reserved as often as it was made for, by one of many phones at once, and once by a shopper', async () => {
    const { codes } = await made({ uses: 2 })
    const code = codes[0] ?? ''
    const ada = await offered('ada')
    const crowd: Transaction[] = []
    for (let phone = 0; phone < 8; phone++) crowd.push(await offered())
    const reserved = { type: 'reserved', percent: null, mostMinor: 200 }
    expect(await reserve(db(), ada, ` ${code.toLowerCase().replaceAll('-', ' ')}`)).toEqual(reserved)
    expect(await reserve(db(), ada, code)).toEqual(reserved)
    // She left that offer, and begins anew.
    const anew = await offered('ada')
    expect(await reserve(db(), anew, code)).toEqual(reserved)
    await move(db(), anew, 'offered', 'holding')
    expect(await reserve(db(), await offered('ada'), code)).toEqual({ type: 'voucherUsed' })
    const other = await opened.another()
    const outcomes = await Promise.all(crowd.map((one, at) => reserve(at % 2 === 0 ? db() : other.db, one, code)))
    await other.close()
    expect(outcomes.filter(({ type }) => type === 'reserved').length).toBe(1)
    expect(outcomes.filter(({ type }) => type === 'voucherUsed').length).toBe(7)
    expect(await reserve(db(), await offered(), 'AAAA-AAAA-AAAA')).toEqual({ type: 'noVoucher' })
    const [elsewhere, dollars, old] = [await made({ fridges: ['fridge-9'] }), await made({ currency: 'USD' }), await made({ expiresAtMs: Date.now() - 1 })] // prettier-ignore
    const outcome = async ({ codes: [one = ''] }: { codes: string[] }) =>
      (await reserve(db(), await offered(), one)).type
    expect([await outcome(elsewhere), await outcome(dollars), await outcome(old)]).toEqual(['voucherElsewhere', 'voucherElsewhere', 'voucherOver']) // prettier-ignore
    const asked = await offered()
    await move(db(), asked, 'offered', 'holding')
    expect(await reserve(db(), asked, (await made()).codes[0] ?? '')).toEqual({ type: 'tooLate' })
  })

  test('[RL73] [M3] it is paid back once of what was captured, by whichever copy, also after one that died in between', async () => {
    const { id, codes } = await made()
    const transaction = await offered()
    await reserve(db(), transaction, codes[0] ?? '')
    await sweepVouchers(db(), wallet)
    expect(await listed(id)).toMatchObject({ reserved: 1, used: 0 })
    await booked(transaction, 3)
    const other = await opened.another()
    await Promise.all([sweepVouchers(db(), wallet), sweepVouchers(other.db, wallet)])
    // As if the copy had died after the refund, and before the voucher was marked.
    await sql`update voucher_uses set at = 'reserved' where visit = ${transaction.visit}`.execute(db())
    await sweepVouchers(other.db, wallet)
    await other.close()
    expect(paidFor(transaction)).toBe(200)
    const refunds = await db().selectFrom('refunds').selectAll().where('visit', '=', transaction.visit).execute()
    expect(refunds).toMatchObject([{ amount_minor: 200, at: 'done', who: 'voucher opening' }])
    expect(await listed(id)).toMatchObject({ reserved: 0, used: 1, usedMinor: 200 })
    expect(await reserve(db(), await offered(), codes[0] ?? '')).toEqual({ type: 'voucherUsed' })
  })

  test('[RL73] it is never more than was charged; a share is of that; a visit that charges nothing gives it back', async () => {
    const [all, share] = [await made({ mostMinor: 900 }), await made({ percent: 33, mostMinor: 900 })]
    const [one, two, none, declined] = [await offered(), await offered(), await offered(), await offered()]
    const [empty, refused] = [await made(), await made()]
    await reserve(db(), one, all.codes[0] ?? '')
    await reserve(db(), two, share.codes[0] ?? '')
    await reserve(db(), none, empty.codes[0] ?? '')
    await reserve(db(), declined, refused.codes[0] ?? '')
    await move(db(), declined, 'offered', 'declined')
    await booked(one, 1)
    await booked(two, 1)
    await booked(none, 0)
    await sweepVouchers(db(), wallet)
    expect([paidFor(one), paidFor(two), paidFor(none), paidFor(declined)]).toEqual([250, 82, undefined, undefined])
    expect((await reserve(db(), await offered(), empty.codes[0] ?? '')).type).toBe('reserved')
    expect((await reserve(db(), await offered(), refused.codes[0] ?? '')).type).toBe('reserved')
  })
}

test('[RL73] a voucher is worth whole minor units, rounded down, and never below nothing', () => {
  expect(worthOf({ percent: 10, mostMinor: 500 }, 99)).toBe(9)
  expect(worthOf({ percent: 100, mostMinor: 50 }, 99)).toBe(50)
  expect(worthOf({ percent: null, mostMinor: 500 }, 0)).toBe(0)
})
