/** What a person can do to the virtual fridge through its page. The world behind it is a recording. */
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { World } from '../../src/contract/virtual.ts'
import { chromium, maySkip } from './programs.ts'
import { buildScreens } from './screens/build.ts'
import { showWorld } from './screens/scenes.ts'
import { openBrowser, openStage, orientations, type Said, type Stage } from './screens/stage.ts'
import { worlds } from './screens/worlds.ts'

describe.skipIf(maySkip(chromium(), 'Chromium'))('the virtual fridge’s page', () => {
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
    const context = await browser.newContext({
      viewport: orientations.landscape,
      hasTouch: true,
      reducedMotion: 'reduce',
    })
    page = await context.newPage()
  })
  afterEach(async () => {
    await page.context().close()
    await stage.close()
  })

  const see = (world: World): Promise<void> => showWorld(stage, page, `${stage.virtualUrl}&language=en`, world)
  const said = (): Said[] => stage.said.filter((each) => each.path !== 'ws')
  const on = (shelf: number, sku: string): Locator =>
    page.locator(`.fridge-shelf[data-place="shelf ${shelf}"] .stack-goods[data-sku="${sku}"]`)
  const middle = async (place: Locator): Promise<{ x: number; y: number }> => {
    const box = await place.boundingBox()
    if (!box) throw new Error('it is not to be seen')
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  }
  async function drag(from: Locator, to: Locator): Promise<void> {
    const start = await middle(from)
    const end = await middle(to)
    await page.mouse.move(start.x, start.y)
    await page.mouse.down()
    await page.mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2, { steps: 4 })
    await page.mouse.move(end.x, end.y, { steps: 4 })
    await page.waitForSelector('.ghost')
    await page.mouse.up()
  }

  test('a card is tapped and the door opened by a click', async () => {
    await see(worlds.atRest)
    await page.click('.card-good')
    await page.click('.panel-door')
    await expect.poll(said).toEqual([
      { path: '/virtual/card', body: { uid: '04A1B2C3D4E5F6' } },
      { path: '/virtual/door', body: { open: true } },
    ])
  })

  test('a product is dragged off its shelf into the hand', async () => {
    await see(worlds.open)
    await drag(on(4, 'midi-salmon-poke'), page.locator('.hand'))
    await expect.poll(said).toEqual([{ path: '/virtual/take', body: { sku: 'midi-salmon-poke', shelf: 4 } }])
    expect(await page.locator('.ghost').count()).toBe(0)
  })

  test('a product is carried from the hand to a wrong shelf, and from one shelf to another', async () => {
    await see(worlds.open)
    await drag(page.locator('.hand button[data-sku="ombra-cola"]'), on(3, 'pippa-mango'))
    await drag(on(1, 'pling-lime'), on(4, 'rojita-gazpacho'))
    await expect.poll(said).toEqual([
      { path: '/virtual/return', body: { sku: 'ombra-cola', shelf: 3 } },
      { path: '/virtual/take', body: { sku: 'pling-lime', shelf: 1 } },
      { path: '/virtual/return', body: { sku: 'pling-lime', shelf: 4 } },
    ])
  })

  test('a tap takes one and a tap in the hand puts it back, by finger, mouse and keyboard, once each', async () => {
    await see(worlds.open)
    await on(1, 'ombra-cola').tap()
    await on(1, 'ombra-cola').click()
    await on(1, 'ombra-cola').press('Enter')
    await page.tap('.hand button[data-sku="ombra-cola"]')
    await page.press('.hand button[data-sku="ombra-cola"]', '2')
    await expect
      .poll(() => said().map((each) => each.body))
      .toEqual([
        { sku: 'ombra-cola', shelf: 1 },
        { sku: 'ombra-cola', shelf: 1 },
        { sku: 'ombra-cola', shelf: 1 },
        { sku: 'ombra-cola' },
        { sku: 'ombra-cola', shelf: 2 },
      ])
  })

  test('a refusal is said in words', async () => {
    await see(worlds.atRest)
    stage.answerNext(409, { ok: false, error: { code: 'locked', message: 'the door is locked' } })
    await page.click('.fridge-door')
    expect(await page.innerText('.toast')).toBe('The door is locked. Tap a card first.')
  })

  test('the door, the lock and the power are seen as the world has them', async () => {
    await see(worlds.atRest)
    expect(await page.innerText('.fridge-lock')).toBe('Locked')
    stage.showWorld(worlds.unlocked)
    await expect.poll(() => page.innerText('.fridge-lock')).toBe('Unlocked')
    await expect.poll(() => page.innerText('.steps')).toContain('Open the door')
    stage.showWorld(worlds.open)
    await expect.poll(() => page.getAttribute('.fridge-door', 'data-open')).toBe('true')
    await expect.poll(() => page.innerText('.steps')).toContain('Close the door')
    stage.showWorld(worlds.dark)
    await expect.poll(() => page.innerText('.screen')).toContain('The power is off')
    await page.click('.switch >> nth=0')
    await expect.poll(said).toEqual([{ path: '/virtual/power', body: { on: true } }])
  })

  test('what may go wrong is at hand: network, bank, warmth, and all well again', async () => {
    await see(worlds.atRest)
    await page.click('.switch >> nth=1')
    await page.selectOption('.faults select', 'timeoutAfterEffect')
    await page.focus('.faults input[type="range"]')
    await page.keyboard.press('ArrowRight')
    await page.click('.faults-itself')
    await expect
      .poll(() => said().map((each) => each.path))
      .toEqual(['/virtual/network', '/virtual/bank', '/virtual/temperature', '/virtual/temperature'])
    expect(said().map((each) => each.body)).toEqual([
      { on: false },
      { fault: 'timeoutAfterEffect' },
      { celsius: 5 },
      { celsius: null },
    ])
  })
})
