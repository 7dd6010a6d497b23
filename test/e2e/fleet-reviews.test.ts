/**
 * The review queue in a real browser, on a real relay: an operator looks at pictures and decides by one key, takes a decision
 * back, edits a basket; with pictures and without. Judged by axe in three languages, light and dark, wide and on a phone.
 */
import axe from 'axe-core'
import { chromium as browsers, type Browser, type Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Event } from '../../src/core/events.ts'
import { effectKey, sku, visitId } from '../../src/core/ids.ts'
import { minor } from '../../src/core/money.ts'
import { dayMs, hourMs } from '../../src/core/time.ts'
import { encodePicture, signedPictures } from '../../sync/protocol/pictures.ts'
import { sha256Of } from '../../sync/protocol/question.ts'
import { makeKey } from '../../sync/relay/store/keys.ts'
import { ensureScreens } from '../../scripts/setup/build.mjs'
import { newFridge, relayOn, type Fridge } from '../contract/relay-fridge.ts'
import { openMemory } from '../contract/relay-stores.ts'
import { opening } from '../unit/sync/books.ts'
import { chromium, maySkip, rootArgs } from './programs.ts'

const line = (name: string, count = 1) => ({ sku: sku(name), count, priceMinor: minor(250) })

/** The bank's and the relay's own kind of name. */
const visit = (number: number): string => `00000000-0000-4000-8000-00000000000${number}`

function doubt(id: string, parts: Partial<Extract<Event, { type: 'ReviewOpened' }>> = {}): Event[] {
  return [
    { type: 'VisitStarted', visit: visitId(id), holdKey: effectKey(`${id}/hold`), paymentMethod: 'pm_1', fingerprint: 'fp_1', amountMinor: minor(1500), currency: 'EUR' },
    { type: 'ReviewOpened', visit: visitId(id), cause: 'evidence', sureLines: [], likelyLines: [line('can-1')], likelyMoves: [], probability: 0.62, runnerUp: [line('can-2', 2)], runnerUpProbability: 0.361, apart: [{ by: 'left-doorway', nats: 0.9 }, { by: 'shelf 1', nats: -0.36 }], before: [3300, 2000, 1800], after: [2970, 2001, null], decideByMs: Date.now() + 5 * dayMs, ...parts },
  ] // prettier-ignore
}

/** A shelf of cans, of which some are gone. */
const drawing = (gone: number, hand = false): Promise<Buffer> => {
  const cans = Array.from({ length: 7 }, (_, can) =>
    can < gone ? '' : `<rect x="${90 + can * 120}" y="300" width="80" height="170" rx="12" fill="hsl(${can * 50} 70% 45%)"/>`,
  )
  const arm = hand ? '<path d="M430 560 L470 380 L540 380 L600 560 Z" fill="#c68f6b"/>' : ''
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="540"><rect width="960" height="540" fill="#dfe9ee"/><rect y="470" width="960" height="16" fill="#8fa6b3"/>${cans.join('')}${arm}</svg>`
  return sharp(Buffer.from(svg)).jpeg({ quality: 80 }).toBuffer()
} // prettier-ignore

describe.skipIf(maySkip(chromium(), 'Chromium'))('the review queue', () => {
  let browser: Browser
  let page: Page
  let url: string
  let operator: string
  let viewer: string
  let fridge: Fridge
  let close: () => Promise<void>
  const faults: string[] = []
  const verdicts = async (): Promise<{ visit: string; taken: unknown; by: string; reason: string }[]> => {
    const answer = await fetch(`${url}/api/v1/fridges/${fridge.id}/commands`, { headers: { authorization: `Bearer ${operator}` } }) // prettier-ignore
    const { commands } = (await answer.json()) as { commands: { number: number; type: string; order: { visit: string; taken: unknown }; by: string; reason: string }[] } // prettier-ignore
    return commands
      .filter(({ type }) => type === 'review')
      .toSorted((a, b) => a.number - b.number)
      .map(({ order, by, reason }) => ({ visit: order.visit, taken: order.taken, by, reason }))
  }

  beforeAll(async () => {
    await ensureScreens()
    const { store, close: closeStore } = await openMemory()
    const app = await relayOn(store)
    url = await app.listen({ host: '127.0.0.1', port: 0 })
    operator = await makeKey(store.db, 'Olga', 'operator')
    viewer = await makeKey(store.db, 'Vera', 'viewer')
    fridge = await newFridge(app, store.db)
    const ageMs = (hours: number): number => Date.now() - hours * hourMs
    fridge.books.write(ageMs(9), ...opening(fridge.id))
    // The youngest was written to run out first: the oldest stands first all the same.
    fridge.books.write(ageMs(8), ...doubt(visit(1)))
    fridge.books.write(ageMs(7), ...doubt(visit(2)))
    fridge.books.write(ageMs(6), ...doubt(visit(3), { probability: 0.5, likelyLines: [line('can-3', 9)] }))
    fridge.books.write(ageMs(5), ...doubt(visit(4)))
    fridge.books.write(ageMs(4), ...doubt(visit(5), { cause: 'scales', likelyLines: [], probability: 0, runnerUp: [], runnerUpProbability: undefined, apart: [], before: [], after: [], decideByMs: Date.now() + hourMs })) // prettier-ignore
    // As a release before it wrote a runner-up's probability.
    const [started, opened] = doubt(visit(6))
    const { runnerUpProbability: _none, apart: _no, ...older } = opened as Extract<Event, { type: 'ReviewOpened' }>
    fridge.books.write(ageMs(3), started!, older)
    await fridge.drain()
    for (const [id, camera] of [
      [visit(1), 'left'],
      [visit(1), 'right'],
      [visit(2), 'left'],
    ] as const)
      // prettier-ignore
      for (const [atMs, why, picture] of [
        [1, 'before', await drawing(0)],
        [2, 'crossing', await drawing(0, true)],
        [3, 'crossing', await drawing(1, true)],
        [4, 'after', await drawing(1)],
      ] as const) {
        const own = Buffer.concat([picture, Buffer.from(`${id} ${camera}`)])
        const about = { sha256: sha256Of(own), bytes: own.length, camera, why, atMs }
        const payload = Buffer.from(encodePicture({ fridge: fridge.id, visit: id }, about, own))
        const signature = Buffer.from(fridge.key.sign(signedPictures(fridge.id, payload))).toString('base64')
        const headers = { 'content-type': 'application/octet-stream', 'vv-protocol': '1', 'vv-fridge': fridge.id, 'vv-signature': signature } // prettier-ignore
        const answer = await app.inject({ method: 'POST', url: '/sync/v1/pictures', headers, payload })
        if (answer.statusCode !== 200) throw new Error(answer.body)
      }
    browser = await browsers.launch({ executablePath: chromium() ?? '', args: rootArgs })
    page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' })
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => void (message.type() === 'error' && faults.push(message.text())))
    await page.clock.install()
    await page.goto(`${url}/fleet/#reviews`)
    await signIn(operator)
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
    await page.getByRole('heading', { name: 'To decide' }).waitFor()
  }
  const progress = () => page.locator('.review-progress span').first()
  const shot = async (name: string): Promise<void> => {
    const dir = process.env['SHOTS']
    if (dir !== undefined) await page.screenshot({ path: `${dir}/${name}.png`, fullPage: true })
  }

  test.each(['en', 'es', 'de'])('axe finds nothing to mend in %s: pictures, an edited basket, none at all', async (language) => {
    const found: string[] = []
    const judge = async (what: string): Promise<void> => {
      await page.evaluate(axe.source)
      const report = await page.evaluate(
        async () =>
          (await (window as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }).axe.run()).violations,
      )
      for (const { id, nodes } of report) found.push(`${what}: ${id}: ${nodes[0]?.html}`)
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      if (overflow > 0) found.push(`${what}: ${overflow} px wider than the window`)
      const small = await page.evaluate(() => [...document.querySelectorAll('main button, main select')].filter((one) => one.getBoundingClientRect().height < 47.5).map(({ outerHTML }) => outerHTML.slice(0, 80)))
      for (const one of small) found.push(`${what}: not 48 px high: ${one}`)
    }
    await page.getByRole('combobox').first().selectOption(language)

    for (const [theme, width] of [['light', 1280], ['dark', 390]] as const) {
        await page.setViewportSize({ width, height: 900 })
        await page.evaluate((name) => (document.documentElement.dataset['theme'] = name), theme)
        await page.locator('.review-pair img').nth(1).waitFor()
        await shot(`pictures-${language}-${theme}-${width}`)
        await judge(`${theme} ${width} pictures`)
        await page.keyboard.press('e')
        await page.locator('.review-edit').waitFor()
        await page.locator('.review-edit select').waitFor()
        await shot(`edit-${language}-${theme}-${width}`)
        await judge(`${theme} ${width} edit`)
        await page.keyboard.press('Escape')
        for (let later = 0; later < 4; later += 1) await page.keyboard.press('l')
        await page.locator('.review-none').first().waitFor()
        await shot(`none-${language}-${theme}-${width}`)
        await judge(`${theme} ${width} none`)
        await page.reload()
        await page.getByRole('combobox').first().selectOption(language)
      }
    expect(found).toEqual([])
  }) // prettier-ignore

  test('[RL34] the oldest stands first, with its pictures, its baskets, what tells them apart, and its weights', async () => {
    await page.setViewportSize({ width: 1280, height: 900 })
    await page.reload()
    await page.locator('.review-pair img').nth(1).waitFor()
    expect(await progress().textContent()).toBe('1 of 6')
    expect(await page.getByRole('link', { name: 'Review' }).textContent()).toBe('Review6')
    const choices = await page.locator('.review-choice').allTextContents()
    expect(choices[0]).toMatch(/1 Proposed62 % ?sure1 × can-1charges €2.50|1 Proposed62% sure1 × can-1charges €2.50/)
    expect(choices[1]).toMatch(/2 Runner-up36.1% sure2 × can-2charges €5.00/)
    expect(await page.locator('.review-apart li').allTextContents()).toEqual([
      'Camera left, at the doorway2.5 times for the proposed',
      'The weight of shelf 11.4 times for the runner-up',
    ])
    expect(await page.locator('.review-weights tbody tr').first().textContent()).toBe('13,3002,970-33000')
    expect(await page.locator('.review-weights tbody tr').nth(2).textContent()).toBe('31,800not readnot read0-700')
    expect(await page.locator('.review-strip img').count()).toBe(4)
    const sizes = await page.locator('.review-pair img').evaluateAll((all) => all.map((one) => (one as HTMLImageElement).naturalWidth)) // prettier-ignore
    expect(sizes).toEqual([960, 960])
  })

  test('pictures flip in one place, come closer where one taps, and move by arrows; by keys and by touch', async () => {
    const caption = page.locator('.review-pair figcaption')
    await page.keyboard.press('f')
    expect(await caption.allTextContents()).toEqual(['After'])
    await page.keyboard.press('f')
    expect(await caption.allTextContents()).toEqual(['Before'])
    await page.keyboard.press('Escape')
    expect(await caption.allTextContents()).toEqual(['Before', 'After'])
    const box = (await page.locator('.review-picture').first().boundingBox())!
    await page.mouse.click(box.x + box.width * 0.25, box.y + box.height * 0.75)
    const origins = () => page.locator('.review-pair img').evaluateAll((all) => all.map((one) => (one as HTMLElement).style.transformOrigin)) // prettier-ignore
    const [left, right] = await origins()
    const [x, y] = (left ?? '').split(' ').map(Number.parseFloat)
    expect([Math.round(x ?? 0), Math.round(y ?? 0)]).toEqual([25, 75])
    expect(right).toBe(left) // both at the same spot
    await page.keyboard.press('ArrowRight')
    expect((await origins())[0]).toMatch(/^3[67](\.\d+)?% /)
    await shot('zoomed')
    await page.keyboard.press('z')
    expect(await origins()).toEqual(['', ''])
    await page.getByRole('button', { name: 'Camera right', exact: true }).click()
    await page.getByRole('button', { name: 'After, camera right' }).waitFor()
    await page.locator('.review-strip button').first().click()
    expect(await caption.allTextContents()).toEqual(['At the doorway'])
    await page.keyboard.press('Escape')
  })

  test('[RL9] one key decides; for ten seconds it can be taken back, and only then it is sent', async () => {
    await page.keyboard.press('1')
    expect(await progress().textContent()).toBe('2 of 6')
    await page.locator('.review-decided').getByText('as proposed').waitFor()
    await shot('undo')
    await page.clock.runFor(8_000)
    expect(await verdicts()).toEqual([])
    await page.keyboard.press('u')
    expect(await progress().textContent()).toBe('1 of 6')
    await page.clock.runFor(20_000)
    expect(await verdicts()).toEqual([])
    await page.keyboard.press('1')
    await page.clock.runFor(10_500)
    await expect.poll(verdicts).toEqual([{ visit: visit(1), taken: [{ sku: 'can-1', count: 1 }], by: 'Olga', reason: 'reviewed: as proposed' }]) // prettier-ignore
    expect(await progress().textContent()).toBe('2 of 6')
  })

  test('two in a row are two verdicts; nothing is a verdict too; with the keys off they decide nothing', async () => {
    await page.locator('.review-keys input').uncheck()
    await page.keyboard.press('2')
    expect(await progress().textContent()).toBe('2 of 6')
    await page.locator('.review-keys input').check()
    await page.keyboard.press('2')
    await page.getByText('charges €15.00, all that is reserved').waitFor()
    await page.keyboard.press('3')
    expect(await progress().textContent()).toBe('4 of 6')
    await page.clock.runFor(11_000)
    await expect
      .poll(async () => (await verdicts()).slice(1))
      .toEqual([
        { visit: visit(2), taken: [{ sku: 'can-2', count: 2 }], by: 'Olga', reason: 'reviewed: as the runner-up' },
        { visit: visit(3), taken: [], by: 'Olga', reason: 'reviewed: nothing taken' },
      ])
  })

  test('a basket is edited by keyboard alone, and a page that is left sends what was decided', async () => {
    await page.getByText('No pictures came from this visit').waitFor()
    await page.keyboard.press('e')
    await page.getByRole('button', { name: 'One more can-2' }).press('Enter')
    await page.getByRole('button', { name: 'One fewer can-1' }).press('Enter')
    await page.getByRole('combobox', { name: 'Add a product' }).selectOption('can-3')
    await page.getByRole('button', { name: 'Decide this' }).press('Enter')
    expect(await progress().textContent()).toBe('5 of 6')
    await page.getByRole('link', { name: 'Fridges' }).click()
    await expect.poll(async () => (await verdicts()).slice(3)).toEqual([
      { visit: visit(4), taken: [{ sku: 'can-2', count: 1 }, { sku: 'can-3', count: 1 }], by: 'Olga', reason: 'reviewed: basket edited' },
    ]) // prettier-ignore
  })

  test('without pictures, weights or a proposal one can still decide; a row of an older fridge has no odds of its second', async () => {
    await page.getByRole('link', { name: 'Review' }).click()
    await page.getByText('The fridge proposes nothing.').waitFor()
    await page.getByText('No weights were kept of this visit.').waitFor()
    await page.keyboard.press('1')
    await page.keyboard.press('2')
    expect(await progress().textContent()).toBe('1 of 2')
    await page.getByRole('button', { name: 'Later' }).click()
    const second = page.locator('.review-choice').nth(1)
    expect(await second.textContent()).toBe('2 Runner-up2 × can-2charges €5.00')
  })

  test('[RL9] where somebody else was first, theirs stands and this page says so; then there is nothing to decide', async () => {
    const body = JSON.stringify({ visit: visit(6), taken: [], reason: 'decided elsewhere' })
    const headers = { authorization: `Bearer ${operator}`, 'content-type': 'application/json' }
    expect((await fetch(`${url}/api/v1/fridges/${fridge.id}/reviews`, { method: 'POST', headers, body })).ok).toBe(true)
    await page.keyboard.press('1')
    await page.clock.runFor(10_500)
    await page.getByText('Somebody had decided').waitFor()
    await page.keyboard.press('3')
    await page.clock.runFor(10_500)
    await page.getByText('Nothing to decide').waitFor()
    await shot('empty')
    expect((await verdicts()).slice(4).map(({ visit, reason }) => [visit, reason])).toEqual([
      [visit(6), 'decided elsewhere'],
      [visit(5), 'reviewed: nothing taken'],
    ])
  })

  test('[RL32] a viewer`s key sees the figures, not the pictures, and decides nothing', async () => {
    const own = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' })
    const asked: string[] = []
    own.on('request', (request) => void (request.url().includes('/pictures') && asked.push(request.url())))
    fridge.books.write(Date.now(), ...doubt(visit(7)))
    await fridge.drain()
    await own.goto(`${url}/fleet/#reviews`)
    await own.getByLabel('Your relay key').fill(viewer)
    await own.getByRole('button', { name: 'Sign in' }).click()
    await own.getByText('Your key may look, but not decide.').waitFor()
    await own.keyboard.press('1')
    expect(await own.locator('.review-decided').count()).toBe(0)
    expect(asked).toEqual([])
    await own.close()
  })

  test('nothing was thrown and nothing refused by the page`s own policy', () => {
    expect(faults).toEqual([])
  })
})
