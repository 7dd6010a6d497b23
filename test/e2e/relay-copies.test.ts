/**
 * Two copies of the relay on one PostgreSQL and one mosquitto with mutual TLS, all of them real processes, and fridges at
 * work: they push, are ordered about, are unlocked by phone. One copy is killed under that load. Nothing is lost, nothing is
 * there twice, and the other copy does what the two did.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { sql } from 'kysely'
import { readLedger } from '../../src/ledger/ledger.ts'
import { liveOf } from '../../sync/relay/store/channels.ts'
import { makePairingCode } from '../../sync/relay/store/fridges.ts'
import { makeKey } from '../../sync/relay/store/keys.ts'
import { sweep } from '../../sync/relay/unlocks.ts'
import { ended, realWait, startCopies, type Copies } from './copies/copies.ts'
import { startWorkingFridge, type WorkingFridge } from './copies/working-fridge.ts'
import { mosquittoProgram } from '../contract/brokers.ts'
import { postgresqlBin } from '../contract/relay-stores.ts'
import { maySkip } from './programs.ts'

const real = 'fridge-real'
const cardFridges = 8
const phoneFridges = 4
const withBothMs = 3_000
const withOneMs = 5_000

const skipped = maySkip(mosquittoProgram, 'mosquitto') || maySkip(postgresqlBin, 'PostgreSQL')
let copies: Copies
let close = async (): Promise<void> => {}
let dir: string
let ownerKey: string
const fridges: WorkingFridge[] = []
const faults: unknown[] = []

beforeAll(async () => {
  if (skipped) return
  copies = await startCopies()
  close = copies.close
  const { db, url, connectAs, provider } = copies
  ownerKey = await makeKey(db, 'the owner', 'owner')
  const code = async (): Promise<string> => (await makePairingCode(db, 'a test')).code
  const failed = (error: unknown): void => void faults.push(error)
  const start = async (at: number): Promise<void> => {
    const id = `fridge-${at}`
    fridges.push(await startWorkingFridge({ id, relayUrl: url, code: await code(), connect: connectAs(id), provider: provider(), failed })) // prettier-ignore
  }
  const all = Array.from({ length: cardFridges + phoneFridges }, async (_, at) => start(at + 1))
  ;[dir] = await Promise.all([copies.runtime(real, await code()), ...all])
  await vi.waitFor(async () => {
    const online = (await liveOf(db)).filter((one) => one.online).length
    if (online <= fridges.length) throw new Error(`only ${online} fridges came to the broker`)
  }, 30_000)
}, 180_000)
afterAll(async () => {
  for (const fridge of fridges) fridge.stop()
  await close()
}, 60_000)

test.skipIf(skipped)('[Y1] [Y5] [M3] [SY70] [SY71] one of two copies is killed under load: nothing is lost, nothing is there twice', async () => {
  const { db, bank } = copies
  const [cards, phones] = [fridges.slice(0, cardFridges), fridges.slice(cardFridges)]
  const work = startWork(cards, phones)
  await realWait(withBothMs)
  const shares = [await copies.taken(0), await copies.taken(1)]
  expect(Math.min(...shares), `both copies hear fridges: ${shares.join(' and ')}`).toBeGreaterThan(5)

  await ended(copies.first, 'SIGKILL')
  const before = await copies.taken(1)
  const unlockedBefore = work.unlocked()
  await realWait(withOneMs)
  expect(work.unlocked() - unlockedBefore, 'phones unlock through the copy that is left').toBeGreaterThan(phones.length)
  expect(await copies.taken(1)).toBeGreaterThan(before)
  await work.stop()

  // Each fridge's state arrives, whichever copy had its share of them; one that was lost on its way is said again.
  const warm = async (): Promise<number> => {
    for (const fridge of fridges) fridge.warm(9)
    return (await liveOf(db)).filter(({ online, state }) => online && state?.celsius === 9).length
  } // prettier-ignore
  await expect.poll(warm, { timeout: 60_000, interval: 500 }).toBe(fridges.length)
  // An order waits for its fridge, also the one that went down with its copy; the real runtime's among them.
  expect(await work.order(real)).toBe(200)
  const waiting = async () => (await sql`select 1 from commands where lane = 'kept' and answered_at is null`.execute(db)).rows.length // prettier-ignore
  await expect.poll(waiting, { timeout: 60_000 }).toBe(0)

  // What the dead copy left half done is finished by the other after 45 s; here the same is done at once.
  await expect.poll(() => phones.filter((one) => !one.free()).length, { timeout: 60_000 }).toBe(0)
  for (const { books } of phones) books.write(Date.now() + 60_000, { type: 'SensorLost' })
  for (const fridge of phones) fridge.warm(4)
  for (const fridge of phones) fridge.poke()
  await expect.poll(() => fridges.filter((one) => one.acknowledged() < one.books.last().seq).map(({ id }) => id), { timeout: 60_000 }).toEqual([]) // prettier-ignore
  const live = { now: async () => ({ outcome: 'offline' }) as const }
  for (let again = 0; again < 2; again++)
    await sweep({ live, providerFor: (customer) => copies.provider(customer), nowMs: () => Date.now() }, db, 0)

  expect(faults).toEqual([])
  for (const { id, books } of fridges) {
    const kept = (await db.selectFrom('ledger_rows').select(['seq', 'hash', 'body']).where('fridge', '=', id).orderBy('seq').execute()) // prettier-ignore
    expect(kept.length, id).toBe(books.last().seq)
    for (const [at, row] of books.all().entries())
      expect([kept[at]?.seq, Buffer.from(kept[at]?.hash ?? []).toString('hex'), kept[at]?.body]).toEqual([row.seq, Buffer.from(row.hash).toString('hex'), row.body]) // prettier-ignore
    const captured = books.all().flatMap(({ body }) => /^\{"type":"HoldCaptured".*"visit":"([^"]+)"/.exec(body)?.[1] ?? []) // prettier-ignore
    const captures = await db.selectFrom('captures').select('visit').where('fridge', '=', id).execute()
    expect(captures.map(({ visit }) => visit).sort(), id).toEqual(captured.sort())
    expectOnce(id, books.all().map(({ body }) => body)) // prettier-ignore
  }
  const ledger = readLedger(dir)
  const rows = [...ledger.replay()].map(({ event }) => JSON.stringify(event))
  ledger.close()
  expectOnce(real, rows)
  expect(rows.filter((body) => body.startsWith('{"type":"PricesSet"')).length).toBeGreaterThan(1)

  // Every hold is captured once, or given back; whoever was told "success" went in.
  const { holds } = bank.summary()
  expect(holds.length).toBeGreaterThan(phones.length)
  expect(holds.filter(({ status }) => status !== 'captured' && status !== 'released')).toEqual([])
  expect(holds.filter(({ captures }) => captures > 1)).toEqual([])
  const opened = phones.flatMap(({ unlocked }) => unlocked)
  expect(new Set(opened).size).toBe(opened.length)
  const paid = holds.filter(({ status }) => status === 'captured').map(({ visit }) => visit ?? '')
  expect(paid.sort()).toEqual([...opened].sort())
  for (const visit of work.promised()) expect(opened).toContain(visit)
  const states = await sql<{ at: string; count: number }>`select at, count(*)::int as count from transactions where at <> 'offered' group by at`.execute(db) // prettier-ignore
  expect(states.rows.filter(({ at }) => !['unlocked', 'released', 'declined'].includes(at))).toEqual([])
  console.log(`${fridges.length + 1} fridges, ${fridges.reduce((sum, { books }) => sum + books.last().seq, 0)} rows, ${opened.length} phone visits, copies heard ${shares.join(' and ')} messages`) // prettier-ignore
}, 120_000) // prettier-ignore

/** Each command of a lane stands in the books once, and each number is above the one before. */
function expectOnce(id: string, bodies: readonly string[]): void {
  const lanes = new Map<string, number>()
  for (const body of bodies) {
    const [, lane, number] = /^\{"type":"CommandTaken","lane":"(\w+)","number":(\d+)/.exec(body) ?? []
    if (lane === undefined) continue
    expect(Number(number), `${id} ${lane}`).toBeGreaterThan(lanes.get(lane) ?? 0)
    lanes.set(lane, Number(number))
  }
}

/** Cards, phones and the owner, all at once, until they are told to stop. */
function startWork(cards: readonly WorkingFridge[], phones: readonly WorkingFridge[]) {
  const { url, tokens } = copies
  const work = new AbortController()
  const promised: string[] = []
  const post = async (path: string, bearer: string, body: object): Promise<{ status: number; visit?: string }> => {
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' }
    try {
      const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body), signal: AbortSignal.timeout(15_000) }) // prettier-ignore
      return { ...((await answer.json()) as { visit?: string }), status: answer.status }
    } catch {
      return { status: 0 } // it went down with its copy
    }
  }
  const order = async (fridge: string): Promise<number> => {
    const prices = [{ sku: fridge === real ? skuOfReal() : 'cola', priceMinor: 200 + Math.floor(Math.random() * 100) }]
    return (await post(`/api/v1/fridges/${fridge}/prices`, ownerKey, { reason: 'a sale', prices })).status
  }
  const again = async (pauseMs: number, act: () => Promise<unknown>): Promise<void> => {
    while (!work.signal.aborted) {
      await act()
      await realWait(pauseMs * (0.5 + Math.random()))
    }
  }
  const all = [
    ...cards.map((fridge) => again(150, async () => fridge.sell())),
    ...fridges.map((fridge) => again(300, async () => fridge.warm(2 + Math.round(Math.random() * 6)))),
    again(150, () => order([...fridges.map(({ id }) => id), real][Math.floor(Math.random() * (fridges.length + 1))] ?? real)), // prettier-ignore
    ...phones.map(async (fridge) => {
      const token = (await tokens.issue?.(`shopper-of-${fridge.id}`, 5)) ?? ''
      await post('/save-payment', token, { paymentMethodId: 'pm_card_visa' })
      await again(80, async () => {
        const answer = await post('/unlock', token, { id: fridge.id })
        if (answer.status === 200 && answer.visit !== undefined) promised.push(answer.visit)
        for (let waited = 0; !fridge.free() && waited < 100; waited++) await realWait(50)
      })
    }),
  ]
  return {
    order,
    promised: () => promised,
    unlocked: () => promised.length,
    async stop(): Promise<void> {
      work.abort()
      await Promise.all(all)
    },
  }
}

let found: string | null = null
function skuOfReal(): string {
  if (found !== null) return found
  const ledger = readLedger(dir)
  for (const { event } of ledger.replay()) if (event.type === 'CatalogueAdopted') found = event.products[0]?.sku ?? null
  ledger.close()
  if (found === null) throw new Error('the runtime sells nothing')
  return found
}
