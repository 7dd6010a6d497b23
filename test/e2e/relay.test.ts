/**
 * `npm start`'s own relay: real processes, real sockets. A purchase reaches the owner's books; with the network cut it waits;
 * with the runtime killed in between nothing is lost, and nothing is there twice. A product that its owner made from afar is
 * filled in, offered and bought.
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium as browsers } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readLedger } from '../../src/ledger/ledger.ts'
import { catalogueSchema, type KioskView } from '../../src/contract/kiosk.ts'
import { relayOf, startFridge, type Fridge } from './fridge.ts'
import { chromium, maySkip, rootArgs } from './programs.ts'
import { enterShopper, watchKiosk, type Shopper } from './shopper.ts'

interface Owner {
  readonly url: string
  readonly key: string
  ask(path: string): Promise<Record<string, readonly Record<string, unknown>[]>>
  /** A picture's bytes go as they are, all else as JSON. */
  tell(path: string, body: object): Promise<Record<string, unknown>>
}

const dir = mkdtempSync(join(tmpdir(), 'visionvend-relay-'))
let fridge: Fridge
let shopper: Shopper
let owner: Owner
let readyWithRelay: unknown

beforeAll(async () => {
  fridge = await startFridge(dir, ['--no-cameras'])
  readyWithRelay = (await fridge.world()).relay
  owner = await ownerOf(fridge)
  shopper = await enterShopper(fridge, () => 0.3)
}, 180_000)
afterAll(async () => {
  shopper.leave()
  await fridge.stop()
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
})

test('[Y1] [SY15] a purchase reaches the relay, over a cut network and a killed runtime, and nothing is there twice', async () => {
  // The kiosk did not wait for the relay's database.
  expect(readyWithRelay).toBeNull()
  await bought(1)
  await caughtUp()
  expect((await owner.ask('receipts'))['receipts']).toHaveLength(1)

  await fridge.act('network', { on: false })
  const atCut = (await owner.ask('fridges'))['fridges']?.[0]?.['acknowledgedSeq']
  await shopper.visit() // the bank is away with the relay: a visit that ends with the card
  await fridge.act('power', { on: false })
  await fridge.act('power', { on: true })
  await shopper.tidyUp()
  expect((await owner.ask('fridges'))['fridges']?.[0]?.['acknowledgedSeq']).toBe(atCut)
  expect(rowsOf(dir)).toBeGreaterThan(Number(atCut))

  await fridge.act('network', { on: true })
  await bought(2)
  await fridge.act('power', { on: false })
  await fridge.act('power', { on: true })
  await caughtUp()

  const [known, ...others] = (await owner.ask('fridges'))['fridges'] ?? []
  expect(others).toEqual([])
  expect(known).toMatchObject({ fridge: 'fridge-1', setAside: 0, acknowledgedSeq: rowsOf(dir) })
  const capturedMinor = (await fridge.bank()).holds.reduce((sum, hold) => sum + hold.capturedMinor, 0)
  const [money] = (await owner.ask('money'))['money'] ?? []
  expect(money).toMatchObject({ receipts: 2, capturedMinor, receiptsMinor: capturedMinor })
}, 180_000)

test('[K7] [K9] [RL60] [SY80] a product that the owner defined from afar is filled in, offered, bought, and charged at its price', async () => {
  const views: KioskView[] = []
  const kiosk = watchKiosk(fridge, (view) => views.push(view))
  try {
    await caughtUp()
    const [stands] = (await owner.ask('catalogues?fridge=fridge-1'))['catalogues'] ?? []
    const white = { width: 96, height: 96, channels: 3, background: '#e8d9b0' } as const
    const picture = await owner.tell('product-pictures', await sharp({ create: white }).png().toBuffer())
    const product = {
      sku: 'tamarind-bar', name: 'Tamarind bar', currency: 'EUR', priceMinor: 215, weightGrams: 213, weightSpreadGrams: 0.8,
      shelf: 2, allergens: [], pictures: [picture],
    } // prettier-ignore
    const { sku, weightGrams, weightSpreadGrams, shelf } = product
    const unit = { sku, shelf, weightGrams, weightSpreadGrams }
    const changes = { currency: null, prices: [], places: [], products: [{ isNew: true, product }] }
    const reason = 'people asked for it'
    const at = [{ fridge: 'fridge-1', version: stands?.['version'] }]
    expect(await owner.tell('changes', { name: 'Tamarind', fridges: at, changes, reason })).toMatchObject({ type: 'applied' }) // prettier-ignore
    const shown = async () => (await kioskCatalogue(fridge)).find((one) => one.sku === sku)
    await expect
      .poll(shown, { timeout: 20_000 })
      .toMatchObject({ name: { de: 'Tamarind bar' }, priceMinor: 215, shelf })

    // Whoever fills it in opens by the relay, and buys nothing.
    expect(await owner.tell('fridges/fridge-1/unlock', { reason: 'filling in' })).toMatchObject({ outcome: 'done' })
    await bolted(false)
    await fridge.act('door', { open: true })
    await expect(fridge.act('fill', { sku, shelf, count: 4 })).rejects.toThrow('noWeight')
    await fridge.act('fill', { ...unit, count: 4 })
    await new Promise((resolve) => setTimeout(resolve, 500)) // no hand is quicker, and no door contact
    await fridge.act('door', { open: false })
    await expect.poll(() => counted(dir, (type) => type === 'ServiceEnded'), { timeout: 10_000 }).toBe(1)
    await bolted(true)
    await owner.tell('fridges/fridge-1/counts', { counts: [{ sku, shelf, count: 4 }], reason: 'filled in' })
    await expect.poll(() => views.at(-1)?.stock[sku], { timeout: 20_000 }).toBe(4)

    kiosk.dismiss() // the receipt of whoever bought last
    await expect.poll(() => kiosk.screen(), { timeout: 10_000 }).toBe('attract')
    const { cards } = await fridge.world()
    await fridge.act('card', { uid: cards.find(({ kind }) => kind === 'good')?.uid })
    await bolted(false)
    await fridge.act('door', { open: true })
    await fridge.act('take', { sku })
    const line = { sku, count: 1, priceMinor: 215 }
    await expect.poll(() => views.at(-1)?.screen, { timeout: 10_000 }).toMatchObject({ at: 'shopping', lines: [line] })
    await fridge.act('door', { open: false })
    const paid = { at: 'receipt', lines: [line], chargedMinor: 215, payment: 'paid' }
    await expect.poll(() => views.at(-1)?.screen, { timeout: 20_000 }).toMatchObject(paid)
    expect((await fridge.bank()).holds.at(-1)).toMatchObject({ status: 'captured', capturedMinor: 215, captures: 1 })
    expect(views.at(-1)?.stock[sku]).toBe(3)
    await caughtUp()
    expect((await owner.ask('receipts?limit=1'))['receipts']?.[0]).toMatchObject({ chargedMinor: 215 })
  } finally {
    kiosk.close()
  }
}, 90_000)

test.skipIf(maySkip(chromium(), 'Chromium'))(
  '[RL42] [SY41] what an owner sets in a browser is what the kiosk shows: a price, and a product`s shelf',
  async () => {
    const browser = await browsers.launch({ executablePath: chromium() ?? '', args: rootArgs })
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' })
      await page.goto(`${owner.url}/fleet/`)
      await page.getByLabel('Your relay key').fill(owner.key)
      await page.getByRole('button', { name: 'Sign in' }).click()
      const [before] = (await kioskCatalogue(fridge)).filter(({ shelf }) => shelf === 1)
      if (before === undefined) throw new Error('nothing stands on the first shelf')
      const { sku, priceMinor } = before
      await page.getByRole('link', { name: 'Prices' }).click()
      await page.getByLabel(`New price of ${sku}`, { exact: true }).fill(((priceMinor + 7) / 100).toFixed(2))
      await page.getByRole('button', { name: 'What will change?' }).click()
      await page.getByLabel('Why').fill('it costs us more')
      await page.getByRole('button', { name: 'Apply now at 1 fridge' }).click()
      await page.getByText('taken by the fridge', { exact: true }).waitFor()
      await page.getByText('1 of 1 fridges chosen').click()
      await page.getByRole('link', { name: 'Shelves' }).click()
      await page.getByRole('button', { name: `Move ${sku} one shelf down`, exact: true }).click()
      await page.getByRole('button', { name: 'What will change? (1)' }).click()
      await page.getByLabel('Why').fill('it is cooler there')
      await page.getByRole('button', { name: 'Apply now at 1 fridge' }).click()
      await page.getByText('taken by the fridge', { exact: true }).nth(1).waitFor()
      const shown = async () => (await kioskCatalogue(fridge)).find((one) => one.sku === sku)
      await expect.poll(shown).toMatchObject({ priceMinor: priceMinor + 7, shelf: 2 })
    } finally {
      await browser.close()
    }
  },
  120_000,
)

test('[P1] [P3] the keys are files of mode 0600, and who paired the fridge stands in its ledger', () => {
  for (const file of ['relay.key', 'relay.json', join('relay', 'owner.key')])
    expect(statSync(join(dir, file)).mode & 0o777, file).toBe(0o600)
  const ledger = readLedger(dir)
  const paired = [...ledger.replay()].flatMap(({ event }) => (event.type === 'RelayPaired' ? [event] : []))
  ledger.close()
  expect(paired).toMatchObject([{ by: 'operator', reason: 'the virtual fridge`s own relay' }])
})

/** Its visits, until so many receipts are there; the bank has answered for each. */
async function bought(receipts: number): Promise<void> {
  for (let visit = 0; receiptsOf(dir) < receipts; visit += 1) {
    if (visit > 8) throw new Error('eight visits, and no receipt')
    await shopper.visit()
    await shopper.tidyUp()
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
}

async function caughtUp(): Promise<void> {
  const behind = async (): Promise<number> => {
    const known = (await owner.ask('fridges'))['fridges']?.[0]?.['acknowledgedSeq'] ?? 0
    return rowsOf(dir) - Number(known)
  }
  await expect.poll(behind, { timeout: 60_000, interval: 250 }).toBe(0)
}

const bolted = (locked: boolean): Promise<void> =>
  expect.poll(async () => (await fridge.world()).door.locked, { timeout: 10_000, interval: 25 }).toBe(locked)

const rowsOf = (folder: string): number => counted(folder, () => true)
const receiptsOf = (folder: string): number => counted(folder, (type) => type === 'ReceiptIssued')

function counted(folder: string, which: (type: string) => boolean): number {
  const ledger = readLedger(folder)
  const count = [...ledger.replay()].filter(({ event }) => which(event.type)).length
  ledger.close()
  return count
}

async function ownerOf(at: Fridge): Promise<Owner> {
  const relay = await relayOf(at)
  const key = readFileSync(relay.ownerKeyFile, 'utf8').trim()
  const authorization = `Bearer ${key}`
  return {
    url: relay.url,
    key,
    async tell(path, body) {
      const raw = Buffer.isBuffer(body)
      const headers = { authorization, 'content-type': raw ? 'image/png' : 'application/json' }
      const answer = await fetch(`${relay.url}/api/v1/${path}`, { method: 'POST', headers, body: raw ? new Uint8Array(body) : JSON.stringify(body) }) // prettier-ignore
      const said = (await answer.json()) as Record<string, unknown>
      if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(said)}`)
      return said
    },
    async ask(path) {
      const answer = await fetch(`${relay.url}/api/v1/${path}`, { headers: { authorization } })
      return (await answer.json()) as Awaited<ReturnType<Owner['ask']>>
    },
  }
}

/** What the kiosk's own screens would show. */
async function kioskCatalogue(at: Fridge) {
  const { origin, hash } = new URL(at.kiosk)
  const token = new URLSearchParams(hash.slice(1)).get('token') ?? ''
  const answer = await fetch(`${origin}/api/catalogue`, { headers: { authorization: `Bearer ${token}` } })
  return catalogueSchema.parse(await answer.json()).products
}
