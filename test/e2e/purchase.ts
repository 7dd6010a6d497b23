/**
 * Purchase: one person's way through the virtual fridge's page, by touch, from the tapped card to the receipt, and what
 * bank, ledger and world must say of it. The same way is gone in Chromium, in Electron and in the packaged program.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { FrameLocator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { fingerOn, type Finger } from './finger.ts'
import { askAt, type Asked } from './fridge.ts'
import { node, root } from './programs.ts'

export interface Outcome {
  readonly totalMinor: number
  readonly visit: string
}

/**
 * Buys two products, after having taken and put back a third; the page is the virtual fridge's. Fails where the screens,
 * the bank, the ledger in `dir` or the world disagree about what was bought.
 */
export async function buyByTouch(page: Page, dir: string): Promise<Outcome> {
  const finger = await fingerOn(page)
  const ask = askAt(page.url())
  const kiosk = page.frameLocator('iframe')
  const before = await ask.world()
  const stood = before.shelves.flatMap(({ items }) => items)
  const [first, second, third] = await productsOn(page)
  if (first === undefined || second === undefined || third === undefined) throw new Error('the shelves are too empty')

  await at(kiosk, 'attract')
  await looksAtProduct(finger, kiosk)
  const hold = await money(kiosk)

  await finger.tap(page.locator('.card-good').first())
  await at(kiosk, 'unlocked')
  expect(await heldOf(ask)).toMatchObject({ status: 'held', heldMinor: hold })

  await finger.tap(page.locator('.panel-door'))
  await at(kiosk, 'shopping')
  await finger.carry(goods(page, first.sku), page.locator('.hand'))
  await basketHas(kiosk, 1)
  await finger.tap(goods(page, second.sku))
  await basketHas(kiosk, 2)
  await finger.tap(goods(page, third.sku))
  await basketHas(kiosk, 3)
  await finger.tap(page.locator(`.hand [data-sku="${third.sku}"]`))
  await basketHas(kiosk, 2)
  expect((await ask.bank()).holds.at(-1)).toMatchObject({ status: 'held', capturedMinor: 0 })

  await finger.tap(page.locator('.panel-door'))
  await at(kiosk, 'receipt')
  await kiosk.locator('.money-paid').waitFor()

  const totalMinor = first.priceMinor + second.priceMinor
  expect(await money(kiosk)).toBe(totalMinor)
  const rows = await kiosk.locator('.paper .basket li').count()
  expect(rows).toBe(2)

  const visit = await bankAgrees(ask, hold, totalMinor)
  await ledgerAgrees(dir, visit, [first, second], totalMinor)
  await worldAgrees(ask, stood, [first.sku, second.sku])

  await finger.tap(kiosk.locator('.frame-action button'))
  await at(kiosk, 'attract')
  return { totalMinor, visit }
}

// ---- what the screens show -------------------------------------------------------------------------------------------

interface Goods {
  readonly sku: string
  readonly priceMinor: number
}

/** Three products from three shelves, so that no near twin beside them can be meant. */
async function productsOn(page: Page): Promise<Goods[]> {
  await page.locator('.stack-goods:enabled').first().waitFor()
  const found: Goods[] = []
  for (const shelf of await page.locator('.fridge-shelf').all()) {
    const stack = shelf
      .locator('.stack')
      .filter({ has: page.locator('.stack-goods:enabled') })
      .first()
    if ((await stack.count()) === 0) continue
    const sku = (await stack.locator('.stack-goods').getAttribute('data-sku')) ?? ''
    const price = (await stack.locator('.stack-rail').evaluate((rail) => rail.firstChild?.textContent)) ?? ''
    found.push({ sku, priceMinor: minorOf(price) })
  }
  return found
}

const goods = (page: Page, sku: string) => page.locator(`.stack-goods[data-sku="${sku}"]`)

async function at(kiosk: FrameLocator, screen: string): Promise<void> {
  await kiosk.locator(`html[data-screen="${screen}"]`).waitFor({ state: 'attached' })
}

/** A person looks at a product first, and finds there what it costs to tap a card (law M8). */
async function looksAtProduct(finger: Finger, kiosk: FrameLocator): Promise<void> {
  await finger.tap(kiosk.locator('.goods').first())
  await kiosk.locator('.product-price').waitFor()
  expect(await money(kiosk)).toBeGreaterThan(0)
  await finger.tap(kiosk.locator('.frame-action button'))
  await kiosk.locator('.cabinet').waitFor()
}

async function basketHas(kiosk: FrameLocator, lines: number): Promise<void> {
  await expect
    .poll(async () => kiosk.locator('.basket li[data-leaving="false"]').count(), { timeout: 15_000 })
    .toBe(lines)
}

/** The one large amount of the screen, in minor units. */
async function money(kiosk: FrameLocator): Promise<number> {
  return minorOf((await kiosk.locator('.money-amount').textContent()) ?? '')
}

function minorOf(text: string): number {
  const digits = /\d+[.,]\d\d/.exec(text)?.[0]
  if (digits === undefined) throw new Error(`"${text}" is no amount`)
  return Number(digits.replace(/[.,]/, ''))
}

// ---- what the records say --------------------------------------------------------------------------------------------

async function heldOf(ask: Asked): Promise<unknown> {
  return (await ask.bank()).holds.at(-1)
}

async function bankAgrees(ask: Asked, holdMinor: number, totalMinor: number): Promise<string> {
  const hold = (await ask.bank()).holds.at(-1)
  expect(hold).toMatchObject({
    status: 'captured',
    amountMinor: holdMinor,
    capturedMinor: totalMinor,
    releasedMinor: holdMinor - totalMinor,
    captures: 1,
  })
  return hold?.visit ?? ''
}

/** The ledger as anybody may read it, by its own command line. */
async function ledgerAgrees(dir: string, visit: string, bought: readonly Goods[], totalMinor: number): Promise<void> {
  // One that ends with anything but 0 says why.
  const [, exported] = await Promise.all([ledger('verify', dir), ledger('export', dir)])
  const events = exported
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const ours = events.filter((event) => event['visit'] === visit)
  const only = (type: string): Record<string, unknown> => {
    const found = ours.filter((event) => event['type'] === type)
    expect(found, type).toHaveLength(1)
    return found[0] ?? {}
  }
  const lines = bought
    .map(({ sku, priceMinor }) => ({ sku, count: 1, priceMinor }))
    .toSorted((x, y) => (x.sku < y.sku ? -1 : 1))
  expect(only('BasketResolved')).toMatchObject({ lines, totalMinor })
  expect(only('HoldCaptured')).toMatchObject({ amountMinor: totalMinor })
  expect(only('ReceiptIssued')).toMatchObject({ lines, totalMinor, chargedMinor: totalMinor })
  // Law M1: nothing is captured before the door has closed and the basket is resolved.
  const order = [
    'HoldPlaced',
    'DoorUnlocked',
    'DoorOpened',
    'DoorClosed',
    'BasketResolved',
    'CaptureRequested',
    'HoldCaptured',
  ]
  const places = order.map((type) => ours.findIndex((event) => event['type'] === type))
  expect(places).toEqual(places.toSorted((x, y) => x - y))
  expect(places).not.toContain(-1)
}

async function ledger(verb: string, dir: string): Promise<string> {
  const args = [join(root, 'scripts', 'ledger.ts'), verb, '--data', dir]
  return (await promisify(execFile)(node, args, { maxBuffer: 64 * 1024 * 1024 })).stdout
}

async function worldAgrees(
  ask: Asked,
  stood: readonly { sku: string; count: number }[],
  taken: readonly string[],
): Promise<void> {
  const world = await ask.world()
  const count = (sku: string, items: readonly { sku: string; count: number }[]): number =>
    items.filter((item) => item.sku === sku).reduce((sum, item) => sum + item.count, 0)
  const stands = world.shelves.flatMap(({ items }) => items)
  for (const sku of new Set(stood.map((item) => item.sku))) {
    expect(count(sku, stands), sku).toBe(count(sku, stood) - (taken.includes(sku) ? 1 : 0))
  }
  expect(world.hand.map(({ sku }) => sku).toSorted()).toEqual(taken.toSorted())
  expect(world.door).toEqual({ open: false, locked: true })
}
