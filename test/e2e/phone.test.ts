/**
 * The phone page in a real browser on a phone's viewport, by touch: from a fridge's code to the receipt, with lost answers, a lost
 * network, a reload and a card that is declined. The relay is a stand-in that speaks its contract (phone/stand-in.ts). Each
 * scene that is met is judged by axe.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import axe from 'axe-core'
import { chromium as browsers, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ensureScreens } from '../../scripts/setup/build.mjs'
import { fingerOn, type Finger } from './finger.ts'
import { cola, holdMinor, startStandIn, type StandIn } from './phone/stand-in.ts'
import { chromium, maySkip, root, rootArgs } from './programs.ts'

const firstLoadKilobytes = 100

describe.skipIf(maySkip(chromium(), 'Chromium'))('the phone page', () => {
  let browser: Browser
  let relay: StandIn
  let context: BrowserContext
  let page: Page
  let finger: Finger
  const faults: string[] = []

  beforeAll(async () => {
    await ensureScreens()
    browser = await browsers.launch({ executablePath: chromium() ?? '', args: rootArgs })
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    faults.length = 0
    relay = await startStandIn()
    context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: 'en-GB', reducedMotion: 'reduce' }) // prettier-ignore
    page = await context.newPage()
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => {
      // A refusal, a lost network, or a worker that could not be fetched over one, is reported by a browser itself.
      if (message.type() === 'error' && !/^Failed to load resource|when fetching the script/.test(message.text())) faults.push(message.text()) // prettier-ignore
    })
    finger = await fingerOn(page)
  })
  afterEach(async () => {
    await context.close()
    await relay.close()
    if (faults.length > 0) throw new Error(`the page reported ${faults.join('; ')}`)
  })

  const at = async (scene: string): Promise<void> => {
    await page.locator(`html[data-scene="${scene}"]`).waitFor({ state: 'attached' })
    await page.evaluate(axe.source)
    const found = await page.evaluate(async () => {
      const judge = (window as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }).axe // prettier-ignore
      return (await judge.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)
    })
    expect(found, scene).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), scene).toBe(0)
    expect(await page.evaluate(() => document.activeElement?.tagName), scene).toMatch(/H1|INPUT/)
  }
  const press = (label: string): Promise<void> => finger.tap(page.getByRole('button', { name: label }))
  const amount = async (): Promise<string | null> => page.locator('.money-amount').textContent()
  /** As one who was here before. */
  const known = async (): Promise<void> => {
    relay.card = { brand: 'visa', last4: '4242' }
    await page.addInitScript(() => localStorage.setItem('visionvend.token', 'a-token'))
  }
  const sold = (more: { readonly voucherMinor?: number } = {}): void => {
    const receipt = { number: '12', atMs: Date.now(), lines: [cola], totalMinor: 180, chargedMinor: 180, ...more }
    const end = { type: 'receipt' as const, receipt: { ...receipt, payment: 'paid' as const, refund: null } }
    relay.visit = { ...relay.visit, at: 'unlocked', live: null, end }
  }
  const shopping = (lines: readonly (typeof cola)[]): void => {
    const live = { leftMs: null, totalMinor: 180 * lines.length, leftOpen: false, heardMs: 100 }
    relay.visit = { ...relay.visit, at: 'unlocked', live: { ...live, at: 'shopping', lines: [...lines] } }
  }

  test('[M8] from the code on the fridge to the receipt: told what is held, signed in, paid once', async () => {
    await page.goto(`${relay.url}/f/fridge-1`)
    await at('fridge')
    expect(relay.asked.filter((path) => path.startsWith('/shop/'))).toEqual([]) // [RL80] all of it came with the page
    expect(new URL(page.url()).pathname).toBe('/phone/')
    expect(await amount()).toBe('€15.00')
    await press('Sign in to open')
    await at('sign-in')
    await page.getByLabel('Your e-mail address').fill('sam@example.org')
    await press('Send me the code')
    await at('sign-in-code')
    await page.reload() // to look into the mail, a phone may let go of the page
    await page.getByLabel('Six digits').fill('999999')
    await page.getByRole('alert').getByText('not right').waitFor()
    await page.getByLabel('Six digits').fill(relay.mails.at(-1) ?? '')
    await at('fridge')
    await press('Add a way to pay')
    await at('pay')
    await page.getByLabel('Card number').fill('4242')
    await press('Save this card')
    await page.getByText('Visa ·· 4242').waitFor()
    expect(relay.held).toEqual([])

    await press('Unlock the fridge')
    await at('opening')
    expect(relay.held).toHaveLength(1)
    relay.visit = { ...relay.visit, at: 'unlocking' }
    await page.getByRole('status').getByText('Asking the fridge').waitFor()
    const live = { lines: [], totalMinor: 0, leftOpen: false, heardMs: 100 }
    relay.visit = { ...relay.visit, at: 'unlocked', live: { ...live, at: 'unlocked', leftMs: 9_000 } }
    await at('unlocked')
    shopping([])
    await at('shopping')
    shopping([cola])
    await page.locator('.lines').getByText('Cola').waitFor()
    expect(await amount()).toBe('€1.80')
    relay.visit = { ...relay.visit, live: { ...live, at: 'settling', leftMs: null } }
    await at('settling')
    sold()
    await at('receipt')
    expect(await page.locator('.paper dd').allTextContents()).toEqual(['€15.00', '€1.80', '€13.20'])
    await press('By e-mail')
    await page.getByText('Sent to sam@example.org').waitFor()
    await press('Done')
    await at('fridge')
    await press('You and your receipts')
    await at('account')
    await page.getByRole('link', { name: 'Kitchen, 3rd floor' }).waitFor()
    await press('Sign out')
    await at('account-none')
    expect(await page.evaluate(() => localStorage.getItem('visionvend.token'))).toBeNull()
  })

  test('an answer that is lost, a second tap and a reload hold once; what goes on is found again', async () => {
    await known()
    relay.losesAnswers = true
    await page.goto(`${relay.url}/phone/#f/fridge-1`)
    const unlock = page.getByRole('button', { name: 'Unlock the fridge' })
    // Twice, before anything can have come of the first.
    await unlock.evaluate((button: HTMLElement) => {
      button.click()
      button.click()
    })
    await at('opening')
    await page.reload()
    await at('opening')
    await page.goto(`${relay.url}/phone/`) // the installed page, opened anew
    await at('opening')
    expect(relay.held).toEqual([relay.visit.id])
    shopping([cola])
    await at('shopping')

    await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state)
    await page.waitForFunction(async () => (await caches.keys()).length > 0)
    await context.setOffline(true)
    await page.getByText('What you see is from a moment ago').waitFor()
    expect(await amount()).toBe('€1.80')
    await page.reload()
    await page.getByRole('heading', { name: 'No connection' }).waitFor()
    expect(await page.locator('.money-amount').count()).toBe(0) // no money is kept, so none is shown
    sold()
    await context.setOffline(false)
    await at('receipt')
    expect(await amount()).toBe('€1.80')
    expect(relay.held).toHaveLength(1)
    const stored = await page.evaluate(async () => {
      const cache = await caches.open('visionvend-phone')
      return (await cache.keys()).map(({ url }) => new URL(url).pathname)
    })
    expect(stored.filter((path) => !path.startsWith('/phone/'))).toEqual([])
    faults.splice(0, faults.length, ...faults.filter((fault) => !fault.includes('ERR_INTERNET_DISCONNECTED')))
  }, 60_000)

  test('a card that is declined opens nothing, and another one is offered', async () => {
    await known()
    relay.declines = 'insufficientFunds'
    await page.goto(`${relay.url}/phone/#f/fridge-1`)
    await press('Unlock the fridge')
    await at('ended-declined')
    await page.getByRole('heading', { name: 'Not enough on this card' }).waitFor()
    await page.getByText('Nothing is charged and nothing is reserved.').waitFor()
    expect(relay.held).toEqual([])
    await press('Use another card')
    await at('pay')
    await press('Use another card instead')
    await page.getByLabel('Card number').waitFor()
  })

  test('[RL72] [RL73] a voucher is reserved before anything is held; one that nobody knows opens nothing; it stands on the receipt', async () => {
    await known()
    await page.goto(`${relay.url}/phone/#f/fridge-1`)
    await press('I have a voucher')
    const code = page.getByLabel('Voucher code')
    await code.fill('AAAA-AAAA-AAAA')
    await at('fridge')
    await press('Unlock the fridge')
    await page.getByRole('status').getByText('We do not know this code.').waitFor()
    expect([relay.held, relay.reserved]).toEqual([[], []])
    await code.fill(relay.voucher)
    await press('Unlock the fridge')
    await at('opening')
    expect(relay.reserved).toEqual(relay.held)
    expect(relay.held).toEqual([relay.visit.id])
    sold({ voucherMinor: 90 })
    await at('receipt')
    await page.getByText('Voucher, back to your card').waitFor()
    expect(await page.locator('.paper dd').allTextContents()).toEqual(['€15.00', '€1.80', '-€0.90', '€13.20'])
  })

  test('a fridge that does not sell says why and can`t be asked; a visit that the fridge refused says what goes back', async () => {
    await known()
    relay.fridge = { ...relay.fridge, closed: 'temperature', celsius: 11 }
    await page.goto(`${relay.url}/phone/#f/fridge-1`)
    await page.getByText('It got too warm inside').waitFor()
    await at('fridge')
    expect(await page.getByRole('button', { name: 'Unlock the fridge' }).isDisabled()).toBe(true)
    relay.visit = { ...relay.visit, id: 'txn_fridge-1_9', at: 'releasing', why: 'busy' }
    await page.goto(`${relay.url}/phone/#visit/txn_fridge-1_9`)
    await at('ended-refused')
    await page.getByText('are being given back').waitFor()
    relay.visit = { ...relay.visit, at: 'released' }
    await page.getByText('are free again').waitFor({ timeout: 10_000 })
    relay.visit = { ...relay.visit, at: 'unlocked', end: { type: 'review', sureLines: [cola], sureMinor: 180 } }
    await page.reload()
    await at('review')
    expect(await amount()).toBe('€1.80')
    expect(holdMinor).toBe(1_500)
  })

  test('a receipt is kept as a PDF and by mail, in the language that is read; what could not be had is said', async () => {
    await known()
    sold()
    await page.goto(`${relay.url}/phone/#visit/${relay.visit.id}`)
    await at('receipt')
    relay.gone = 'stopped'
    await press('As a PDF')
    await page.getByText('The PDF could not be fetched.').waitFor()
    await press('By e-mail')
    await page.getByText('The mail could not be sent.').waitFor()
    expect(relay.mailed).toEqual([])
    relay.gone = null
    await page.getByLabel('Language').selectOption('de')
    const [file] = await Promise.all([page.waitForEvent('download'), press('Als PDF')])
    expect(file.suggestedFilename()).toBe(`${relay.visit.id}.pdf`)
    expect(readFileSync(await file.path(), 'utf8')).toBe('%PDF-1.7 de')
    expect(await page.locator('.copies [role=status]').textContent()).toBe('') // what failed before has come
    await press('Per E-Mail')
    await page.locator('.copies').getByText('sam@example.org').waitFor()
    expect(relay.mailed).toEqual(['de'])
  })

  test('a saved card is removed where the relay has done so, and said to be kept where not; leaving ends the sign-in', async () => {
    await known()
    await page.goto(`${relay.url}/phone/#you`)
    await at('account')
    await press('Change')
    await page.getByText('Visa ·· 4242').waitFor()
    relay.gone = 'unreached'
    await press('Remove this card')
    await page.getByRole('alert').getByText('is still saved').waitFor()
    await page.getByText('Visa ·· 4242').waitFor()
    relay.gone = null
    await press('Remove this card')
    await page.getByText('The card is removed.').waitFor()
    await page.getByLabel('Card number').waitFor()
    expect(await page.getByText('is still saved').count()).toBe(0)
    await at('pay')
    expect(relay.card).toBeNull()
    await press('Back')
    await page.getByText('No card is saved.').waitFor()
    await press('Sign out')
    await at('account-none')
    await expect.poll(() => relay.ended).toBe(true)
  })

  test('a relay that goes in the middle of a visit is said to be away, nothing known is taken back, and it goes on by itself', async () => {
    await known()
    await page.goto(`${relay.url}/phone/#f/fridge-1`)
    await press('Unlock the fridge')
    await at('opening')
    shopping([cola])
    await at('shopping')
    const away = page.getByRole('status').getByText('The shop does not answer just now.')
    relay.gone = 'unreached'
    await away.waitFor()
    expect(await amount()).toBe('€1.80')
    expect(await page.locator('.lines').getByText('Cola').count()).toBe(1)
    relay.gone = null
    await away.waitFor({ state: 'detached' })
    relay.gone = 'stopped'
    await away.waitFor()
    sold()
    relay.gone = null
    await at('receipt')
    expect(relay.held).toHaveLength(1)
  })

  test(`its first load is ${firstLoadKilobytes} kB or less, its font and its service worker included, and is quick on slow 4G`, async () => {
    const folder = join(root, 'dist', 'renderer', 'phone')
    const built = [
      'index.html',
      'sw.js',
      ...readdirSync(join(folder, 'assets'))
        .filter((file) => !/\.(?:gz|br)$/.test(file))
        .map((file) => join('assets', file)),
    ]
    const bytes = built.map((file) => gzipSync(readFileSync(join(folder, file)), { level: 9 }).length)
    const kilobytes = bytes.reduce((sum, one) => sum + one, 0) / 1000
    expect(kilobytes).toBeLessThanOrEqual(firstLoadKilobytes)

    const session = await context.newCDPSession(page)
    await session.send('Network.enable')
    await session.send('Network.emulateNetworkConditions', { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 94_000 }) // prettier-ignore
    const begunMs = performance.now()
    await page.goto(`${relay.url}/f/fridge-1`, { waitUntil: 'commit' })
    await page.getByRole('button', { name: 'Sign in to open' }).and(page.locator(':enabled')).waitFor()
    const usableMs = Math.round(performance.now() - begunMs)
    process.stdout.write(`phone page: ${kilobytes.toFixed(1)} kB; usable after ${usableMs} ms at 1.6 Mbit/s and 150 ms\n`) // prettier-ignore
  })

  test('it can be installed: a manifest with its icons, and a page that opens without a network', async () => {
    const manifest = (await (await fetch(`${relay.url}/phone/manifest.webmanifest`)).json()) as { start_url: string; display: string; icons: { src: string; sizes: string; purpose: string }[] } // prettier-ignore
    expect(manifest).toMatchObject({ start_url: '/phone/', display: 'standalone' })
    expect(manifest.icons.map(({ purpose, sizes }) => `${purpose} ${sizes}`)).toEqual(['any 192x192', 'any 512x512', 'maskable 512x512']) // prettier-ignore
    for (const { src } of manifest.icons) expect((await fetch(relay.url + src)).status, src).toBe(200)

    await page.goto(`${relay.url}/phone/`)
    await at('scan')
    // No BarcodeDetector, as on phones of Apple's: the phone's own camera reads codes.
    expect(await page.evaluate(() => 'BarcodeDetector' in window)).toBe(false)
    await page.getByText('Point your phone’s own camera app at the code').waitFor()
    await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state)
    await page.waitForFunction(async () => (await caches.keys()).length > 0)
    await context.setOffline(true)
    await page.reload()
    const away = page.getByRole('status').getByRole('heading', { name: 'No connection' })
    await away.waitFor()
    await at('scan')
    await context.setOffline(false)
    await away.waitFor({ state: 'detached' })
    faults.splice(0, faults.length, ...faults.filter((fault) => !fault.includes('ERR_INTERNET_DISCONNECTED')))
  })
})
