/**
 * A purchase in real Chromium, by touch, on the virtual fridge; and what becomes of one whose plug is pulled.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium as browsers, type Browser, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fingerOn } from './finger.ts'
import { startFridge, type Fridge } from './fridge.ts'
import { chromium, maySkip, rootArgs } from './programs.ts'
import { buyByTouch } from './purchase.ts'

const program = chromium()

describe.skipIf(maySkip(program, 'Chromium'))('in Chromium', () => {
  let browser: Browser
  let dir: string
  let fridge: Fridge
  let page: Page

  beforeAll(async () => {
    browser = await browsers.launch({ executablePath: program ?? '', args: rootArgs })
  })
  afterAll(async () => browser.close())
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'visionvend-e2e-'))
    fridge = await startFridge(dir)
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      hasTouch: true,
      locale: 'en-GB',
    })
    page = await context.newPage()
    await page.goto(fridge.virtual)
  })
  afterEach(async () => {
    await page.context().close()
    await fridge.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  test('[M1] [M3] a person buys by touch, and bank, ledger and world agree', async () => {
    await buyByTouch(page, dir)
  })

  test('a person buys twice: the second visit is charged for itself alone', async () => {
    const first = await buyByTouch(page, dir)
    const second = await buyByTouch(page, dir)
    expect(second.visit).not.toBe(first.visit)
    const { holds } = await fridge.bank()
    expect(holds.map(({ captures }) => captures)).toEqual([1, 1])
  })

  test('[L1] [M3] the plug is pulled with the door open: nothing is lost, nothing is charged twice', async () => {
    const finger = await fingerOn(page)
    const kiosk = page.frameLocator('iframe')
    const screen = (name: string) => kiosk.locator(`html[data-screen="${name}"]`)
    await screen('attract').waitFor({ state: 'attached' })
    await finger.tap(page.locator('.card-good').first())
    await screen('unlocked').waitFor({ state: 'attached' })
    await finger.tap(page.locator('.panel-door'))
    await screen('shopping').waitFor({ state: 'attached' })
    await finger.tap(page.locator('.stack-goods:enabled').first())
    await kiosk.locator('.basket li').first().waitFor()
    await fridge.act('power', { on: false })
    expect((await fridge.world()).door).toMatchObject({ open: true })
    expect((await fridge.bank()).holds.at(-1)).toMatchObject({ status: 'held', captures: 0 })
    await fridge.act('power', { on: true })
    await page.locator('.fridge[data-power="true"]').waitFor()
    await finger.tap(page.locator('.panel-door'))
    await expect
      .poll(async () => (await fridge.bank()).holds.at(-1)?.status, { timeout: 60_000 })
      .toMatch(/^(captured|released)$/)
    const hold = (await fridge.bank()).holds.at(-1)
    expect(hold?.captures).toBeLessThanOrEqual(1)
    expect((hold?.capturedMinor ?? 0) + (hold?.releasedMinor ?? 0)).toBe(hold?.amountMinor)
  })
})
