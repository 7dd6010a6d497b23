/**
 * The fleet pages in a real browser, on a real relay: an owner signs in, sees what needs them, says that they see to it, and
 * reads one fridge's books. Each screen is judged by axe, in three languages, light and dark.
 */
import { readFileSync } from 'node:fs'
import axe from 'axe-core'
import sharp from 'sharp'
import { chromium as browsers, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sku } from '../../src/core/ids.ts'
import { sweepAlerts } from '../../sync/relay/store/alerts.ts'
import { makeKey } from '../../sync/relay/store/keys.ts'
import { newFridge, relayOn, type Fridge } from '../contract/relay-fridge.ts'
import { openMemory } from '../contract/relay-stores.ts'
import { opening, visitEvents } from '../unit/sync/books.ts'
import { ensureScreens } from '../../scripts/setup/build.mjs'
import { chromium, maySkip, rootArgs } from './programs.ts'

describe.skipIf(maySkip(chromium(), 'Chromium'))('the fleet pages', () => {
  let browser: Browser
  let page: Page
  let url: string
  let key: string
  let warm: Fridge
  let close: () => Promise<void>
  const faults: string[] = []

  beforeAll(async () => {
    await ensureScreens()
    const { store, close: closeStore } = await openMemory()
    const app = await relayOn(store)
    url = await app.listen({ host: '127.0.0.1', port: 0 })
    key = await makeKey(store.db, 'the owner', 'owner')
    warm = await newFridge(app, store.db)
    warm.books.write(Date.now() - 7_200_000, ...opening(warm.id))
    await warm.drain()
    await sweepAlerts(store.db) // it sees full shelves once, and knows by them what little is
    for (let number = 1; number <= 12; number++)
      warm.books.write(Date.now() - 3_600_000 + number, ...visitEvents(5, number))
    warm.books.write(Date.now() - 60_000, { type: 'SalesStopped', reason: 'temperature' })
    warm.books.write(Date.now() - 50_000, {
      type: 'StockCounted',
      sku: sku('can-2'),
      shelf: 3,
      count: 40,
      by: 'operator',
      reason: 'counted',
    })
    await warm.drain()
    const quiet = await newFridge(app, store.db)
    quiet.books.write(Date.now() - 7_200_000, ...opening(quiet.id))
    await quiet.drain()
    await sweepAlerts(store.db)
    browser = await browsers.launch({ executablePath: chromium() ?? '', args: rootArgs })
    page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' })
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => {
      // A refused key is a 401, a refused picture a 415, which a browser reports by itself.
      if (message.type() === 'error' && !/401|415/.test(message.text())) faults.push(message.text())
    })
    close = async () => {
      await browser.close()
      await app.close()
      await closeStore()
    }
  })
  afterAll(() => close())

  const signIn = async (typed: string): Promise<void> => {
    await page.getByLabel('Your relay key').fill(typed)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  test('a wrong key opens nothing and is told so; the right one is kept in this tab and nowhere else', async () => {
    await page.goto(`${url}/fleet/`)
    await signIn('vv_0123456789ab_not-the-key')
    await page.getByRole('alert').getByText('does not know this key').waitFor()
    await signIn(key)
    await page.getByRole('heading', { name: 'What needs you' }).waitFor()
    expect(await page.evaluate(() => [JSON.stringify(localStorage), document.cookie])).toEqual(['{}', ''])
    await page.reload()
    await page.getByRole('heading', { name: 'What needs you' }).waitFor()
  })

  test('what is gravest stands first, and an owner says by keyboard that they see to it', async () => {
    const cards = page.locator('.fleet-alert')
    await cards.first().waitFor()
    expect(await cards.locator('h2').allTextContents()).toEqual(['Too warm to sell', 'Running out: can-2'])
    const grave = cards.first()
    await grave.getByRole('button', { name: 'I see to it' }).focus()
    await page.keyboard.press('Enter')
    await page.keyboard.type('a technician is on the way')
    await page.keyboard.press('Enter')
    await grave.getByText('the owner: a technician is on the way').waitFor()
    expect(await grave.getByRole('button').allTextContents()).toEqual(['Call for more people'])
    await grave.getByRole('button').click()
    await page.keyboard.type('nobody is near')
    await page.keyboard.press('Enter')
    await grave.getByText('the owner called for more people: nobody is near').waitFor()
    expect(await grave.getByRole('button').count()).toBe(0)
    await page.getByText('Alerts so far').click()
    await page.getByRole('cell', { name: /^the owner, .*: nobody is near$/ }).waitFor()
    await page.getByText('Captures and receipts agree').waitFor()
    expect(await page.locator('.fleet-figure').allTextContents()).toEqual(
      expect.arrayContaining(['1selling', '1not selling', '0silent']) as string[],
    )
  })

  test('a fridge`s page shows its shelves, its receipts and what it sold, as its books say', async () => {
    await page.getByRole('link', { name: 'Fridges' }).click()
    await page.getByRole('row').nth(2).waitFor()
    await page.getByRole('link', { name: warm.id }).click()
    await page.getByRole('heading', { name: warm.id }).waitFor()
    await page.getByText('40 of 5000').waitFor()
    const charged = warm.books.all().flatMap(({ body }) => {
      const event = JSON.parse(body) as { type: string; chargedMinor?: number }
      return event.type === 'ReceiptIssued' ? [event.chargedMinor ?? 0] : []
    })
    const shown = page.locator('.fleet-receipts strong')
    await shown.nth(9).waitFor()
    const euros = (minor: number): string => `€${(minor / 100).toFixed(2)}`
    expect(await shown.allTextContents()).toEqual(charged.toReversed().slice(0, 10).map(euros))
    const total = charged.reduce((sum, one) => sum + one, 0)
    // By day and by hour of the day: both are all of it.
    await page.locator('.fleet-bars').nth(1).waitFor()
    for (const bars of await page.locator('.fleet-bars').all()) {
      const table = await bars.locator('table td').allTextContents()
      const drawn = table.reduce((sum, text) => sum + Math.round(Number(text.replace(/[^\d.]/g, '')) * 100), 0)
      expect(drawn).toBe(total)
    }
  })

  test('[RL40] an owner says where a fridge stands, and finds it by name on the map and in the list', async () => {
    await page.goto(`${url}/fleet/#fridge/${warm.id}`)
    await page.getByRole('button', { name: 'Set the place' }).click()
    await page.getByLabel('Name').fill('Lobby')
    await page.getByLabel('Latitude').fill('52,52')
    await page.getByLabel('Why').fill('it was put there')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('alert').getByText('they go together').waitFor()
    await page.getByLabel('Longitude').fill('13,405')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    await page.goto(`${url}/fleet/#fridges`)
    const mark = page.getByRole('group', { name: /Map of your fridges/ }).getByRole('link')
    await mark.waitFor()
    expect(await mark.getAttribute('aria-label')).toBe('Lobby: Needs somebody now')
    await page.waitForFunction(() => (document.querySelector('.fleet-land')?.getAttribute('d') ?? '').length > 1_000)
    await page.getByRole('searchbox').fill('lob')
    await page.getByRole('row').nth(1).waitFor()
    expect(await page.getByRole('row').count()).toBe(2)
    await page.getByRole('combobox', { name: 'Show' }).selectOption('good')
    await page.getByText('No fridge is like this.').waitFor()
    await mark.click()
    await page.getByRole('heading', { name: warm.id }).waitFor()
  })

  test('[RL71] an owner says how much fits on a shelf, and its stock is of that', async () => {
    await page.goto(`${url}/fleet/#fridge/${warm.id}`)
    await page.getByRole('button', { name: 'Say how much fits' }).click()
    await page.getByLabel('Shelf 1, can-0').fill('400')
    await page.getByLabel('Why').fill('it was measured')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    await page.getByText(/^\d+ of 400$/).waitFor()
  })

  test('[RL72] an owner makes codes, takes them away as a file, and takes them back', async () => {
    await page.goto(`${url}/fleet/#vouchers`)
    await page.getByRole('button', { name: 'Make vouchers' }).click()
    await page.getByLabel('Name').fill('Opening week')
    await page.getByLabel('At most, EUR').fill('2,50')
    await page.getByLabel('How many codes').fill('3')
    await page.getByLabel('Why').fill('we open')
    await page.getByRole('button', { name: 'Make the codes' }).click()
    const codes = (await page.getByRole('textbox', { name: 'Vouchers' }).inputValue()).split('\n')
    const coming = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Take away as CSV' }).click()
    expect(readFileSync(await (await coming).path(), 'utf8')).toBe(['code', ...codes, ''].join('\r\n'))
    await page.getByRole('button', { name: 'I have them' }).click()
    await page.getByText('0 of 3 used, €0.00 paid back').waitFor()
    await page.getByRole('button', { name: 'Take back' }).click()
    await page.getByLabel('Why').fill('a mistake')
    await page.getByRole('button', { name: 'Take back now' }).click()
    await page.getByText(/taken back/).waitFor()
    expect(await page.content()).not.toContain(codes[0])
  })

  test('[RL43] [RL46] prices are drafted, looked at and sent; who looked before somebody else changed them is told', async () => {
    await page.goto(`${url}/fleet/#catalogue`)
    const price = page.getByLabel('New price of can-1')
    await price.fill('1,999')
    await page.getByText('No price in EUR').waitFor()
    await price.fill('1,90')
    await page.getByLabel('Name of this change').fill('winter')
    await page.getByRole('button', { name: 'Keep as a draft' }).click()
    await page.getByText('The draft is kept.').waitFor()
    await page.reload()
    await page.getByRole('button', { name: 'Open winter' }).click()
    expect(await price.inputValue()).toBe('1.90')
    await page.getByRole('button', { name: 'What will change?' }).click()
    await page.locator('.fleet-diffs').getByText('can-1: €1.50 → €1.90').nth(1).waitFor()
    const other = { prices: [{ sku: 'can-4', priceMinor: 340 }], reason: 'somebody else' }
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    await fetch(`${url}/api/v1/fridges/${warm.id}/prices`, { method: 'POST', headers, body: JSON.stringify(other) })
    await page.getByLabel('Why').fill('winter prices')
    await page.getByRole('button', { name: 'Apply now at 2 fridges' }).click()
    await page.getByText('Nothing was applied anywhere.').waitFor()
    await page.getByRole('alert').getByText('since you looked').waitFor()
    await page.getByRole('button', { name: 'Look again' }).click()
    await page.getByLabel('Why').fill('winter prices')
    await page.getByRole('button', { name: 'Apply now at 2 fridges' }).click()
    await page.getByText('Sent to 2 fridges').waitFor()
    await page.getByText('2 on their way').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByLabel('Why').fill('it was too much')
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('Taken back by the owner').waitFor()
  })

  test('[RL44] a product is moved by keyboard and by mouse, and what will change is shown before it is sent', async () => {
    await page.goto(`${url}/fleet/#planogram/${warm.id}`)
    await page.getByRole('button', { name: 'Move can-0 one shelf down' }).focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Enter') // the focus went with it
    const third = page.getByRole('region', { name: 'Shelf 3' })
    await third.getByText('can-0').waitFor()
    await page.getByRole('region', { name: 'Shelf 4' }).getByText('can-3').dragTo(third.getByRole('list'))
    await third.getByText('can-3').waitFor()
    await page.getByRole('button', { name: 'What will change? (2)' }).click()
    await page.getByText('can-0: shelf 1 → shelf 3').waitFor()
    expect(await page.getByLabel('From when on').count()).toBe(0)
    await page.getByLabel('Why').fill('cans together')
    await page.getByRole('button', { name: 'Apply now at 1 fridge' }).click()
    await page.getByText('Sent to 1 fridge').waitFor()
    await third.getByText('can-3').waitFor()
  })

  test('[RL60] [RL62] a product is made with its pictures, edited and withdrawn, each looked at before it is sent', async () => {
    await page.goto(`${url}/fleet/#catalogue`)
    await page.getByRole('link', { name: 'Products' }).click()
    await page.getByRole('button', { name: 'New product' }).click()
    await page.getByRole('button', { name: 'What will change?' }).click()
    await page.getByRole('alert').getByText('SKU').waitFor()
    const fields = { Name: 'Pear juice', 'Name in German': 'Birnensaft', SKU: 'pear', 'Price where it is new': '2.30' }
    const more = { 'Weight of one, grams': '260', 'Spread between units, grams': '2', 'Shelf where it is new': '2' }
    for (const [label, text] of Object.entries({ ...fields, ...more }))
      await page.getByLabel(label, { exact: true }).fill(text)
    await page.getByLabel('Sulphites').check()
    const photo = await sharp({ create: { width: 300, height: 500, channels: 3, background: '#8a4' } })
      .jpeg()
      .toBuffer()
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    await page.getByLabel('Bring pictures').setInputFiles([
      { name: 'pear.jpg', mimeType: 'image/jpeg', buffer: photo },
      { name: 'drawn.png', mimeType: 'image/png', buffer: svg },
    ])
    await page.getByRole('alert').getByText('drawn.png is neither a JPEG nor a PNG').waitFor()
    await page.getByRole('img', { name: 'Picture 1' }).waitFor()
    await page.getByRole('button', { name: 'What will change?' }).click()
    await page.getByText('pear: new product “Pear juice”').nth(1).waitFor()
    await page.getByLabel('Why').fill('the season')
    await page.getByRole('button', { name: 'Apply now at 2 fridges' }).click()
    await page.getByText('Sent to 2 fridges').waitFor()
    await page.getByText('offered at 2 of 2').waitFor()
    await page.getByRole('button', { name: 'Edit pear' }).click()
    expect(await page.getByLabel('SKU', { exact: true }).isDisabled()).toBe(true)
    await page.getByLabel('Weight of one, grams').fill('265')
    await page.getByRole('button', { name: 'What will change?' }).click()
    await page.getByText('pear: another weight').nth(1).waitFor()
    await page.getByRole('button', { name: 'Back', exact: true }).click()
    await page.getByRole('button', { name: 'Back to the list' }).click()
    await page.getByRole('button', { name: 'Withdraw pear' }).click()
    await page.getByLabel('Why').fill('it is over')
    await page.getByRole('button', { name: 'Apply now at 2 fridges' }).click()
    await page.getByText('offered at 0 of 2').waitFor()
    await page.getByRole('button', { name: 'Offer again: pear' }).waitFor()
  })

  test('[RL55] sales are taken away as files: of this time, by this clock, for a spreadsheet', async () => {
    await page.goto(`${url}/fleet/#sales`)
    const taken = async (button: string): Promise<{ name: string; bytes: Buffer }> => {
      const waiting = page.waitForEvent('download')
      await page.getByRole('button', { name: button }).click()
      const file = await waiting
      return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) }
    }
    const csv = await taken('Take away as CSV')
    expect(csv.name).toBe('visionvend-sales.csv')
    expect(csv.bytes.toString()).toMatch(/^\ufefftime,time \(UTC\),fridge,/)
    expect(csv.bytes.toString().split('\r\n').length).toBeGreaterThan(12)
    const workbook = await taken('Take away for Excel')
    expect([workbook.name, workbook.bytes.subarray(0, 2).toString()]).toEqual(['visionvend-sales.xlsx', 'PK'])
  })

  test('a code pairs a fridge: made with one press, shown large', async () => {
    await page.goto(`${url}/fleet/#fridges`)
    await page.getByRole('button', { name: 'Pair a fridge' }).click()
    await page.locator('.fleet-code').waitFor()
    expect(await page.locator('.fleet-code').textContent()).toMatch(/^[A-Z0-9-]{6,}$/)
  })

  test('a relay that does not answer is said so, and what it said last stays', async () => {
    await page.goto(`${url}/fleet/#now`)
    await page.locator('.fleet-alert').first().waitFor()
    await page.route('**/api/v1/**', (route) => route.abort())
    await page.getByText('The relay does not answer').first().waitFor({ timeout: 30_000 })
    expect(await page.locator('.fleet-alert').count()).toBe(2)
    await page.unroute('**/api/v1/**')
    faults.splice(0, faults.length, ...faults.filter((fault) => !fault.includes('ERR_FAILED')))
  })

  test.each(['en', 'es', 'de'])(
    'axe finds nothing to mend in %s, light and dark, wide and on a phone',
    async (language) => {
      const found: string[] = []
      for (const [theme, width] of [
        ['light', 1280],
        ['dark', 390],
      ] as const)
        for (const place of [
          'now',
          'fridges',
          `fridge/${warm.id}`,
          `planogram/${warm.id}`,
          'catalogue',
          'products',
          'vouchers',
          'sales',
        ]) {
          await page.setViewportSize({ width, height: 800 })
          await page.goto(`${url}/fleet/#${place}`)
          await page.getByRole('combobox').first().selectOption(language)
          await page.evaluate((name) => (document.documentElement.dataset['theme'] = name), theme)
          await page.locator('main h1').waitFor()
          await page.waitForFunction(() => document.querySelector('.fleet-skeleton') === null)
          await page.evaluate(axe.source)
          const report = await page.evaluate(
            async () =>
              (
                await (
                  window as unknown as {
                    axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
                  }
                ).axe.run()
              ).violations,
          )
          for (const { id, nodes } of report) found.push(`${place} ${theme} ${width}: ${id}: ${nodes[0]?.html}`)
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
          if (overflow > 0) found.push(`${place} ${width}: ${overflow} px wider than the window`)
        }
      expect(found).toEqual([])
    },
  )

  test('nothing was thrown and nothing refused by the page`s own policy', () => {
    expect(faults).toEqual([])
  })
})
