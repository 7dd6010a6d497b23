/**
 * A purchase with the phone page: real Chromium on a phone's viewport, by touch, at a real fridge and its real relay. The code
 * of the sign-in is read from the mail, the card goes into the provider's own form, and bank, ledger, relay and world must
 * agree about what was bought. Between, the relay's network goes away and comes back.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium as browsers, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ensureScreens } from '../../scripts/setup/build.mjs'
import { readLedger } from '../../src/ledger/ledger.ts'
import { fingerOn, type Finger } from './finger.ts'
import { layDatabase, relayOf, startFridge, type Fridge } from './fridge.ts'
import { chromium, maySkip, rootArgs } from './programs.ts'
import { watchKiosk } from './shopper.ts'

describe.skipIf(maySkip(chromium(), 'Chromium'))('a purchase by phone', () => {
  const dir = mkdtempSync(join(tmpdir(), 'visionvend-phone-'))
  let fridge: Fridge
  let relay: string
  let browser: Browser
  let page: Page
  let finger: Finger
  const faults: string[] = []

  beforeAll(async () => {
    await ensureScreens()
    await layDatabase(dir)
    fridge = await startFridge(dir, ['--no-cameras'])
    const [{ url }, launched] = await Promise.all([
      relayOf(fridge),
      browsers.launch({ executablePath: chromium() ?? '', args: rootArgs }),
    ])
    relay = url
    browser = launched
    await vi.waitFor(async () => {
      const answer = await fetch(`${relay}/shop/fridges/fridge-1`)
      const told = (await answer.json()) as { online?: boolean; products?: unknown[] }
      if (told.online !== true || (told.products ?? []).length === 0) throw new Error(`the relay has not heard the fridge: ${JSON.stringify(told)}`) // prettier-ignore
    }, { timeout: 60_000, interval: 50 }) // prettier-ignore
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: 'en-GB' }) // prettier-ignore
    page = await context.newPage()
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => {
      // A refusal, or a lost network, is reported by a browser itself.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text()) // prettier-ignore
    })
    finger = await fingerOn(page)
  }, 180_000)
  afterAll(async () => {
    await browser.close()
    await fridge.stop()
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  })

  const at = (scene: string, timeout = 20_000): Promise<void> =>
    page.locator(`html[data-scene="${scene}"]`).waitFor({ state: 'attached', timeout })
  const press = (label: string): Promise<void> => finger.tap(page.getByRole('button', { name: label }))
  const minor = async (): Promise<number> => {
    const digits = /\d+\.\d\d/.exec((await page.locator('.money-amount').textContent()) ?? '')?.[0] ?? '0'
    return Number(digits.replace('.', ''))
  }
  const mailedCode = (): Promise<string> =>
    vi.waitFor(
      () => {
        const folder = join(dir, 'relay', 'mail')
        const newest = readdirSync(folder).toSorted().at(-1) ?? ''
        const code = /\b(\d{6})\b/.exec(
          readFileSync(join(folder, newest), 'utf8').split(/\n\n/).slice(1).join('\n'),
        )?.[1]
        if (code === undefined) throw new Error('no code was mailed yet')
        return code
      },
      { timeout: 15_000, interval: 200 },
    )
  /** The address that the kiosk shows as a QR code. */
  const shownCode = (): Promise<string> =>
    new Promise((resolve) => {
      const kiosk = watchKiosk(fridge, ({ phone }) => {
        if (phone === undefined) return
        kiosk.close()
        resolve(phone)
      })
    })
  const saveCard = async (number: string): Promise<void> => {
    const form = page.locator('.pay-form').frameLocator('iframe')
    await form.locator('[autocomplete="cc-number"]').fill(number)
    await form.locator('[autocomplete="cc-exp"]').fill('12 / 34')
    await form.locator('[autocomplete="cc-csc"]').fill('123')
    await press('Save this card')
  }

  test('[M1] [M8] from the code on the fridge to the receipt, with the network gone in between', async () => {
    const before = await fridge.world()
    const code = await shownCode()
    expect(code).toBe(`${relay}/f/fridge-1`)
    await page.goto(code)
    await at('fridge')
    const holdMinor = await minor()
    expect(holdMinor).toBeGreaterThan(0)
    await press('Sign in to open')
    await page.getByLabel('Your e-mail address').fill('sam@example.org')
    await press('Send me the code')
    await at('sign-in-code')
    await page.getByLabel('Six digits').fill(await mailedCode())
    await at('fridge')
    await press('Add a way to pay')
    await saveCard('4242424242424242')
    await page.getByText('Visa ·· 4242').waitFor()
    expect((await fridge.bank()).holds).toEqual([])

    await press('Unlock the fridge')
    await at('unlocked')
    expect((await fridge.bank()).holds).toMatchObject([{ status: 'held', heldMinor: holdMinor }])
    await fridge.act('door', { open: true })
    await at('shopping')
    const first = before.shelves[0]?.items[0]
    if (first === undefined) throw new Error('the shelves are empty')
    await fridge.act('take', { sku: first.sku, shelf: before.shelves[0]?.shelf })
    await page.locator('.lines li').waitFor({ timeout: 15_000 })
    const shownMinor = await minor()

    await page.context().setOffline(true)
    await page.getByText('What you see is from a moment ago').waitFor()
    await fridge.act('door', { open: false })
    await page.context().setOffline(false)
    await at('receipt')
    await page.getByText('Your bank has confirmed it.').waitFor({ timeout: 20_000 })
    expect(await minor()).toBe(shownMinor)

    const [hold, ...others] = (await fridge.bank()).holds
    expect(others).toEqual([])
    expect(hold).toMatchObject({ status: 'captured', capturedMinor: shownMinor, releasedMinor: holdMinor - shownMinor, captures: 1 }) // prettier-ignore
    expect(booked(dir, hold?.visit ?? '')).toEqual({ lines: [first.sku], chargedMinor: shownMinor })
    expect((await fridge.world()).hand).toEqual([{ sku: first.sku, count: 1 }])
    expect((await fridge.world()).door).toEqual({ open: false, locked: true })
    await press('Done')
    await press('You and your receipts')
    await page.locator('.history a').waitFor()
    expect(await page.locator('.history a').count()).toBe(1)
  }, 120_000)

  test('[M2] a card that is refused is not kept; one without funds opens nothing and leaves nothing held', async () => {
    await page.goto(`${relay}/phone/#pay/fridge-1`)
    await press('Use another card instead')
    await saveCard('4000000000000002')
    await page.getByRole('alert').getByText('Your bank did not accept this card. Nothing was charged.').waitFor()
    await page.goto(`${relay}/phone/#f/fridge-1`)
    await page.getByText('Visa ·· 4242').waitFor()
    await fridge.act('bank', { fault: 'insufficientFunds', count: 1 })
    const holds = (await fridge.bank()).holds.length
    await press('Unlock the fridge')
    await at('ended-declined')
    await page.getByText('Nothing is charged and nothing is reserved.').waitFor()
    expect((await fridge.bank()).holds.slice(holds).filter(({ heldMinor }) => heldMinor > 0)).toEqual([])
    expect((await fridge.world()).door.locked).toBe(true)
  }, 60_000)

  test('a relay that is killed in the middle of a visit comes back where it was; then a PDF, a mail, and an end of card and sign-in', async () => {
    const holds = (await fridge.bank()).holds.length
    await page.goto(`${relay}/phone/#f/fridge-1`)
    await press('Unlock the fridge')
    await at('unlocked')
    await fridge.act('door', { open: true })
    await at('shopping')
    const [first] = (await fridge.world()).shelves.flatMap(({ shelf, items }) =>
      items.map(({ sku }) => ({ shelf, sku })),
    )
    if (first === undefined) throw new Error('the shelves are empty')
    await fridge.act('take', first)
    await page.locator('.lines li').waitFor({ timeout: 15_000 })
    process.kill(relayUnder(fridge.pid), 'SIGKILL')
    await page.getByRole('status').getByText('The shop does not answer just now.').waitFor()
    await fridge.act('door', { open: false })
    await at('receipt', 45_000)
    await page.getByText('Your bank has confirmed it.').waitFor({ timeout: 20_000 })
    const [hold, ...others] = (await fridge.bank()).holds.slice(holds)
    expect(others).toEqual([])
    expect(hold).toMatchObject({ status: 'captured', capturedMinor: await minor(), captures: 1 })

    const [file] = await Promise.all([page.waitForEvent('download'), press('As a PDF')])
    expect(file.suggestedFilename()).toMatch(/\.pdf$/)
    expect(
      readFileSync(await file.path())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-')
    await press('By e-mail')
    await page.getByText('Sent to sam@example.org').waitFor()
    const folder = join(dir, 'relay', 'mail')
    await expect
      .poll(() => readFileSync(join(folder, readdirSync(folder).toSorted().at(-1) ?? ''), 'utf8'), { timeout: 10_000 })
      .toMatch(/^To: sam@example\.org[^]*application\/pdf/m)

    await press('Done')
    await press('You and your receipts')
    await press('Change')
    await press('Remove this card')
    await page.getByText('The card is removed.').waitFor()
    await press('Back')
    await page.getByText('No card is saved.').waitFor()
    const asSam = {
      authorization: `Bearer ${(await page.evaluate(() => localStorage.getItem('visionvend.token'))) ?? ''}`,
    }
    const status = async (): Promise<number> => (await fetch(`${relay}/shop/me`, { headers: asSam })).status
    expect(await status()).toBe(200)
    await press('Sign out')
    await at('account-none')
    await expect.poll(status).toBe(401)
  }, 120_000)

  test('the relay serves the page compressed; nothing was thrown in it, and nothing refused by its policy', async () => {
    const html = await (await fetch(`${relay}/phone/`)).text()
    const [script] = /\/phone\/assets\/[\w.-]+\.js/.exec(html) ?? []
    const answer = await fetch(relay + String(script), { headers: { 'accept-encoding': 'gzip' } })
    expect(answer.headers.get('content-encoding')).toBe('gzip')
    expect(faults).toEqual([])
  })
})

/** The relay's process, a child of the virtual fridge's. */
function relayUnder(pid: number): number {
  const listed = spawnSync('ps', ['-o', 'pid=,args=', '--ppid', String(pid)], { encoding: 'utf8' }).stdout
  return Number(/^\s*(\d+) .*relay\/main\./m.exec(listed)?.[1])
}

/** What the ledger says was bought and charged in a visit. */
function booked(dir: string, visit: string): { readonly lines: string[]; readonly chargedMinor: number } {
  const ledger = readLedger(dir)
  const receipts = [...ledger.replay()].flatMap(({ event }) =>
    event.type === 'ReceiptIssued' && event.visit === visit ? [event] : [],
  )
  ledger.close()
  expect(receipts).toHaveLength(1)
  const [receipt] = receipts
  return { lines: receipt?.lines.map(({ sku }) => String(sku)) ?? [], chargedMinor: Number(receipt?.chargedMinor) }
}
