/** What the kiosk's screens do when they are touched, left alone or cut off. The fridge behind them is a recording. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { chromium, maySkip } from './programs.ts'
import { buildScreens } from './screens/build.ts'
import { painted, signAsOperator, typeOnKeys } from './screens/scenes.ts'
import { openBrowser, openStage, orientations, type Orientation, type Stage } from './screens/stage.ts'
import { views } from './screens/views.ts'

const amounts = /\d+\.\d\d/

describe.skipIf(maySkip(chromium(), 'Chromium'))('the kiosk', () => {
  let dist: string
  let browser: Browser
  let stage: Stage
  let page: Page

  beforeAll(async () => {
    dist = await buildScreens()
    browser = await openBrowser()
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    stage = await openStage(dist)
    page = await openPage('portrait')
  })
  afterEach(async () => {
    await page.context().close()
    await stage.close()
  })

  async function openPage(orientation: Orientation): Promise<Page> {
    const context = await browser.newContext({
      viewport: orientations[orientation],
      hasTouch: true,
      reducedMotion: 'reduce',
      deviceScaleFactor: 0.5,
    })
    return context.newPage()
  }
  async function see(name: keyof typeof views, wishes = ''): Promise<void> {
    const view = views[name]
    if (!view) throw new Error(`no recorded view is called ${name}`)
    stage.show(view)
    if (!page.url().startsWith('http')) await page.goto(`${stage.kioskUrl}&language=en${wishes}`)
    await page.waitForSelector(`html[data-screen="${view.screen.at}"]`)
    await painted(page)
  }

  test('[M8] what a tap reserves is in sight on the shelves, on a product’s page and in "how to pay"', async () => {
    await see('attract')
    const inSight = async (): Promise<void> => {
      const amount = page.locator('.money-amount')
      expect(await amount.innerText()).toBe('€20.00')
      expect(await amount.isVisible()).toBe(true)
      expect(await page.innerText('.money')).toContain('We reserve €20.00. You pay only for what you take.')
    }
    await inSight()
    await page.tap('.goods:has(img[src*="midi-salmon-poke"])')
    expect(await page.innerText('.product')).toContain('Fish')
    expect(await page.innerText('.product')).toContain('540 kcal')
    await inSight()
    await page.tap('.frame-action button')
    await page.tap('.frame-action button')
    expect(await page.innerText('.pay')).toContain('That is not a charge.')
    await inSight()
  })

  test.each(['portrait', 'landscape'] as const)(
    'money stands in the same place on every screen: %s',
    async (orientation) => {
      await page.context().close()
      page = await openPage(orientation)
      const places = new Map<string, string[]>()
      for (const name of Object.keys(views)) {
        await see(name)
        const box = await page.locator('.money-amount').boundingBox()
        if (!box) throw new Error(`${name} shows no money`)
        const at =
          orientation === 'portrait'
            ? `ends at ${Math.round(box.x + box.width)}, about ${Math.round(box.y / 40) * 40}`
            : `starts at ${Math.round(box.x)}, ends at ${Math.round(box.y + box.height)}`
        places.set(at, [...(places.get(at) ?? []), name])
      }
      expect([...places.keys()], JSON.stringify([...places])).toHaveLength(1)
    },
  )

  test('the one action of a screen reaches the fridge, and nothing else does', async () => {
    await see('holding')
    await page.tap('.frame-action button')
    await see('unlocked')
    await page.tap('.frame-action button')
    await see('receiptPaid')
    await page.tap('.frame-action button')
    await expect
      .poll(() => stage.said.map((each) => each.body))
      .toEqual([{ type: 'cancel' }, { type: 'cancel' }, { type: 'dismiss' }])
  })

  test('a language is spoken at once, and the fridge is told', async () => {
    await see('declined')
    await page.tap('.controls-languages button[lang="de"]')
    expect(await page.innerText('h1')).toBe('Ihre Bank hat abgelehnt')
    expect(await page.getAttribute('html', 'lang')).toBe('de')
    await expect.poll(() => stage.said).toEqual([{ path: 'ws', body: { type: 'language', language: 'de' } }])
  })

  test('the layout comes down to a hand that does not reach up, and goes up again', async () => {
    await see('attract')
    const top = async (): Promise<number> => (await page.locator('.frame-head').boundingBox())?.y ?? 0
    const before = await top()
    await page.tap('.controls-reach >> nth=0')
    expect(await top()).toBeGreaterThan(500)
    await page.tap('.controls-reach >> nth=0')
    expect(await top()).toBe(before)
  })

  test('no money is shown once the connection is lost, and the newest view when it is back', async () => {
    await see('shopping')
    expect(await page.innerText('body')).toMatch(amounts)
    stage.reachable(false)
    await page.waitForSelector('html[data-screen="missing"]')
    expect(await page.innerText('body')).not.toMatch(amounts)
    expect(await page.innerText('body')).toContain('No amount is shown')
    const { receiptPaid } = views
    stage.show(receiptPaid ?? null)
    stage.reachable(true)
    await page.waitForSelector('html[data-screen="receipt"]')
    expect(await page.innerText('.money')).toContain('Paid')
  })

  test('a view that breaks its contract is not half shown', async () => {
    await see('shopping')
    stage.mumble(JSON.stringify({ ...views['shopping'], holdMinor: -1 }))
    await page.waitForSelector('html[data-screen="missing"]')
    expect(await page.innerText('body')).not.toMatch(amounts)
    // It comes back by itself with a good one.
    await page.waitForSelector('html[data-screen="shopping"]')
  })

  test('a complaint of the fridge leaves the view standing', async () => {
    await see('shopping')
    stage.mumble(JSON.stringify({ type: 'error', message: 'no such message' }))
    await page.waitForTimeout(100)
    expect(await page.getAttribute('html', 'data-screen')).toBe('shopping')
  })

  test('the basket shows what comes and what goes', async () => {
    await see('shopping')
    const names = (): Promise<string[]> =>
      page.locator('.basket li:not([data-leaving="true"]) .basket-name').allInnerTexts()
    expect(await names()).toHaveLength(3)
    const { shopping } = views
    if (shopping?.screen.at !== 'shopping') throw new Error('not the recorded view that is meant')
    const [first, ...rest] = shopping.screen.lines
    if (!first) throw new Error('the recorded basket is empty')
    stage.show({ ...shopping, screen: { ...shopping.screen, lines: rest, totalMinor: 530 } })
    await expect.poll(names).toEqual(['Midi Egg & Cress Sandwich', 'Almina Strawberry Yoghurt'])
    expect(await page.innerText('.money-amount')).toBe('€5.30')
  })

  test('[P3] an operator signs with name, PIN and reason; a wrong PIN is said in words and typed anew', async () => {
    await see('closedTemperature')
    stage.answerNext(401, { ok: false, error: { code: 'pin', message: 'the name or the PIN is wrong' } })
    await signAsOperator(page)
    await page.waitForSelector('.operator-fault')
    expect(await page.innerText('.operator-fault')).toBe('That name and PIN do not belong together. Please try again.')
    expect(await page.innerText('.operator-value')).toBe('')
    await typeOnKeys(page, '271828')
    await page.tap('.operator-action .button-primary')
    await page.tap('.operator-action .button-primary')
    await page.waitForSelector('.operator-done')
    expect(stage.said).toEqual([
      { path: '/api/operator/clear', body: { name: 'Ada', pin: '314159', reason: 'Food checked, all cold and good' } },
      { path: '/api/operator/clear', body: { name: 'Ada', pin: '271828', reason: 'Food checked, all cold and good' } },
    ])
  })

  test('[SY16] [P3] an operator sees what keeps the books here, and connects the fridge by the owner’s code', async () => {
    await see('attract')
    await page.tap('.frame-action button')
    await page.tap('.frame-action .button-bare')
    await page.waitForSelector('.relay-state dl')
    const state = await page.innerText('.relay-state')
    for (const said of ['https://relay.example', 'Not connected. Nothing is sent.', '17 rows'])
      expect(state).toContain(said)
    await page.tap('.operator-action .button-primary')
    await typeOnKeys(page, 'ada')
    await page.tap('.operator-action .button-primary')
    await typeOnKeys(page, '314159')
    await page.tap('.operator-action .button-primary')
    await typeOnKeys(page, 'abcdefgh')
    stage.answerNext(409, { ok: false, error: { code: 'badCode', message: 'the code is wrong' } })
    await page.tap('.operator-action .button-primary')
    await page.waitForSelector('.operator-fault')
    expect(await page.innerText('.operator-fault')).toContain('ask the owner for a new one')
    expect(await page.innerText('.operator-value')).toBe('')
    await typeOnKeys(page, 'hgfedcba')
    await page.tap('.operator-action .button-primary')
    await page.waitForSelector('.operator-done')
    const reason = 'Connected at the fridge with the owner’s code'
    expect(stage.said).toEqual([
      { path: '/api/operator/pair', body: { name: 'Ada', pin: '314159', reason, code: 'ABCDEFGH' } },
      { path: '/api/operator/pair', body: { name: 'Ada', pin: '314159', reason, code: 'HGFEDCBA' } },
    ])
  })

  test('an operator’s keys do not lie over a visit', async () => {
    await see('closedTemperature')
    await page.tap('.closed-operators button')
    await see('unlocked')
    expect(await page.innerText('h1')).toBe('Open the door')
  })

  test('left alone it dims and forgets the last shopper’s wishes; a touch wakes it', async () => {
    await see('attract', '&alone=1')
    await page.tap('.controls-languages button[lang="es"]')
    await page.waitForSelector('html[data-theme="dark"]')
    expect(await page.getAttribute('html', 'lang')).toBe('en')
    await page.touchscreen.tap(540, 60)
    await page.waitForSelector('html[data-theme="light"]')
  })

  test('nobody is left in the dark during a visit', async () => {
    await see('shopping', '&alone=0')
    await page.waitForTimeout(200)
    expect(await page.getAttribute('html', 'data-theme')).toBe('light')
  })
})
