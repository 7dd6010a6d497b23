/**
 * A visit in doubt, end to end, real processes all: twins of one look and weight and of two prices, a visit that the fridge can't
 * name, its cameras' pictures at the owner's relay, and one key press in a real browser that settles the money at the bank.
 */
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium as browsers, type Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { ensureScreens } from '../../scripts/setup/build.mjs'
import { reviewSchema, type Review } from '../../src/contract/review.ts'
import type { Event } from '../../src/core/events.ts'
import { readLedger } from '../../src/ledger/ledger.ts'
import { defaultProductsDir } from '../../src/runtime/places.ts'
import { layDatabase, relayOf, startFridge, type Fridge } from './fridge.ts'
import { chromium, maySkip, rootArgs } from './programs.ts'

const taken = 'pling-lime'

/** The default shop, in which one soda looks and weighs like the other. Of one price too, it would be charged as "this or that". */
function layTwins(products: string): void {
  cpSync(defaultProductsDir, products, { recursive: true })
  const file = join(products, 'catalogue.json')
  const catalogue = JSON.parse(readFileSync(file, 'utf8')) as { products: Record<string, unknown>[] }
  const twin = catalogue.products.find(({ sku }) => sku === taken) ?? {}
  const { weightGrams, picture } = twin
  for (const product of catalogue.products)
    if (product['sku'] === 'pling-lemon') Object.assign(product, { weightGrams, picture, priceMinor: 170 })
  writeFileSync(file, JSON.stringify(catalogue))
}

describe.skipIf(maySkip(chromium(), 'Chromium'))('a visit in doubt', () => {
  const dir = mkdtempSync(join(tmpdir(), 'visionvend-review-'))
  let fridge: Fridge
  let browser: Browser
  let relay: { readonly url: string; readonly ownerKeyFile: string }

  beforeAll(async () => {
    await ensureScreens()
    const products = join(dir, 'products')
    layTwins(products)
    await layDatabase(dir)
    fridge = await startFridge(dir, ['--products', products])
    ;[relay, browser] = await Promise.all([
      relayOf(fridge),
      browsers.launch({ executablePath: chromium() ?? '', args: rootArgs }),
    ])
  }, 180_000)
  afterAll(async () => {
    await browser.close()
    await fridge.stop()
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  })

  const key = (): string => readFileSync(relay.ownerKeyFile, 'utf8').trim()
  const ask = async (path: string): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${relay.url}/api/v1/${path}`, { headers: { authorization: `Bearer ${key()}` } })
    return (await answer.json()) as Record<string, unknown>
  }
  const reviews = async (): Promise<Review[]> =>
    z.object({ reviews: z.array(reviewSchema) }).parse(await ask('reviews')).reviews
  const events = (): Event[] => {
    const ledger = readLedger(dir)
    const all = [...ledger.replay()].map(({ event }) => event)
    ledger.close()
    return all
  }
  /** Taps until the door opens: a fridge on a busy machine may be getting its breath. */
  const enter = async (): Promise<void> => {
    const uid = (await fridge.world()).cards.find(({ kind }) => kind === 'good')?.uid ?? ''
    const unlocked = async (): Promise<void> => {
      if ((await fridge.world()).door.locked) throw new Error('the door is locked')
    }
    const tapped = async (): Promise<void> => {
      await fridge.act('card', { uid })
      await vi.waitFor(unlocked, { timeout: 4_000, interval: 50 })
      await new Promise((resolve) => setTimeout(resolve, 1_500)) // cameras wake, and see the shelves as they stand
      await fridge.act('door', { open: true })
    }
    await vi.waitFor(tapped, { timeout: 60_000, interval: 1_000 })
  }
  const until = (seen: () => Promise<boolean>) => expect.poll(seen, { timeout: 20_000, interval: 50 }).toBe(true)

  test('[M5] [SY53] [SY55] its pictures reach the queue, one key decides it, and receipt and bank say the same', async () => {
    await enter()
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    await fridge.act('take', { sku: taken, shelf: 1 })
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    await fridge.act('door', { open: false })
    await until(async () => events().some(({ type }) => type === 'ReviewOpened'))
    const [opened] = events().flatMap((event) => (event.type === 'ReviewOpened' ? [event] : []))
    const visit = opened?.visit ?? ''
    const kept = readdirSync(join(dir, 'evidence', visit)).filter((name) => name.endsWith('.jpg'))
    expect(kept.length).toBeGreaterThan(3)

    const pictures = async (): Promise<number> => (await reviews())[0]?.pictures.length ?? 0
    await expect.poll(pictures, { timeout: 60_000, interval: 250 }).toBeGreaterThan(2)
    const [review] = await reviews()
    expect(review).toMatchObject({ visit, holdMinor: 1_500, cause: 'evidence' })
    const likely = review?.evidence?.likelyLines.map(({ sku }) => sku)
    const second = review?.evidence?.runnerUp.map(({ sku }) => sku)
    expect(new Set([likely, second].flat())).toEqual(new Set(['pling-lemon', 'pling-lime']))
    expect(review?.evidence?.runnerUpProbability).toBeGreaterThan(0.3)

    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' })
    await page.goto(`${relay.url}/fleet/#reviews`)
    await page.getByLabel('Your relay key').fill(key())
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.locator('.review-look img').nth(1).waitFor()
    const widths = await page.locator('.review-look img').evaluateAll((all) => all.map((one) => (one as HTMLImageElement).naturalWidth)) // prettier-ignore
    for (const width of widths) expect([640, 960]).toContain(width)
    if (process.env['SHOTS'] !== undefined)
      await page.screenshot({ path: `${process.env['SHOTS']}/real.png`, fullPage: true })
    await page.keyboard.press(likely?.[0] === taken ? '1' : '2')
    await page.getByText('Nothing to decide').waitFor()
    await page.goto(`${relay.url}/fleet/#now`) // a page that is left sends at once
    await page.getByRole('heading', { name: 'What needs you' }).waitFor()

    await until(async () => events().some(({ type }) => type === 'ReceiptIssued'))
    const written = events()
    expect(written.find(({ type }) => type === 'ReviewDecided')).toMatchObject({
      visit,
      by: 'the owner',
      lines: [{ sku: taken, count: 1 }],
    })
    const receipts = async () => (await ask('receipts'))['receipts']
    await expect.poll(receipts, { timeout: 30_000, interval: 250 }).toMatchObject([{ visit, chargedMinor: 160, lines: [{ sku: taken, count: 1 }] }]) // prettier-ignore
    const { holds } = await fridge.bank()
    expect(holds).toMatchObject([{ visit, capturedMinor: 160, captures: 1, releasedMinor: 1_340 }])
    await expect.poll(reviews).toEqual([])
    const { audit } = (await ask('audit')) as { audit: { what: string; who: string; subject: string }[] }
    expect(audit.map(({ what, who }) => `${who}: ${what}`)).toEqual(expect.arrayContaining(['the owner: picturesSeen', 'the owner: review'])) // prettier-ignore
    const sent = JSON.parse(readFileSync(join(dir, 'pictures-sent.json'), 'utf8')) as { bytes: number }
    expect(sent.bytes).toBeGreaterThan(20_000)
    expect(sent.bytes).toBeLessThan(1_200_000)
  })
})
