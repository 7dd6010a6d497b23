/**
 * Scenes: how to come to each screen, the recorded views and what a shopper's or an operator's finger opens from there.
 * Used by the screens' test and by scripts/pictures.ts.
 */
import type { Frame, Page } from 'playwright-core'
import type { KioskView } from '../../../src/contract/kiosk.ts'
import type { World } from '../../../src/contract/virtual.ts'
import type { Stage } from './stage.ts'
import { views } from './views.ts'

export interface Scene {
  readonly name: string
  /** The same screen, asked for otherwise: enough to see it in one language. */
  readonly tuned?: true
  /** Brings `page` there; `url` is the kiosk's, with its token and wishes. */
  play(stage: Stage, page: Page, url: string): Promise<void>
}

const shownOf = (name: string): KioskView => {
  const view = views[name]
  if (!view) throw new Error(`no recorded view is called ${name}`)
  return view
}

/**
 * Opens the page where it is not open yet, and waits until the view is painted, pictures and all. Where the same kind of
 * screen is up already another one comes between, so that nothing an earlier finger opened lies over this one.
 */
async function show(stage: Stage, page: Page, url: string, view: KioskView): Promise<void> {
  const on = (at: string): Promise<unknown> => page.waitForSelector(`html[data-screen="${at}"]`)
  stage.reachable(true)
  if (page.url() === url) {
    if ((await page.getAttribute('html', 'data-screen')) === view.screen.at) {
      const between = shownOf(view.screen.at === 'unlocking' ? 'blind' : 'unlocking')
      stage.show(between)
      await on(between.screen.at)
    }
    stage.show(view)
  } else {
    stage.show(view)
    // A new fragment alone would not load the page anew.
    await page.goto('about:blank')
    await page.goto(url)
  }
  await on(view.screen.at)
  await painted(page)
}

/** Opens the virtual fridge's page where it is not open yet, its kiosk at rest, and shows it this world. */
export async function showWorld(stage: Stage, page: Page, url: string, world: World): Promise<void> {
  stage.show(shownOf(world.power ? 'attract' : 'closedStarting'))
  stage.showWorld(world)
  if (page.url() !== url) await page.goto(url)
  const door = world.door.open ? 'open' : world.door.locked ? 'locked' : 'unlocked'
  await page.waitForSelector(`.fridge[data-power="${world.power}"][data-door="${door}"]`)
  await page.frameLocator('iframe').locator('.frame').waitFor()
  for (const frame of page.frames()) await painted(frame)
}

export async function painted(page: Page | Frame): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready
    const loading = Array.from(document.images).filter((image) => !image.complete)
    await Promise.all(
      loading.map(
        (image) =>
          new Promise((resolve) => {
            image.addEventListener('load', resolve)
            image.addEventListener('error', resolve)
          }),
      ),
    )
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    const passing = document.getAnimations().filter((each) => each.effect?.getComputedTiming().endTime !== Infinity)
    await Promise.all(passing.map((each) => each.finished.catch(() => null)))
  })
}

const recorded: Scene[] = Object.keys(views).map((name) => ({
  name,
  play: async (stage, page, url) => {
    await show(stage, page, url, shownOf(name))
    if (name.startsWith('receipt')) await page.waitForSelector('.receipt-code path')
  },
}))

const touched: Scene[] = [
  {
    name: 'product',
    play: async (stage, page, url) => {
      await show(stage, page, url, shownOf('attract'))
      await page.tap('.goods:has(img[src*="midi-salmon-poke"])')
      await painted(page)
    },
  },
  {
    name: 'productPlain',
    play: async (stage, page, url) => {
      await show(stage, page, url, shownOf('attractSoldOut'))
      await page.tap('.goods:has(img[src*="fontelle-still"])')
      await painted(page)
    },
  },
  {
    name: 'pay',
    play: async (stage, page, url) => {
      await show(stage, page, url, shownOf('attract'))
      await page.tap('.frame-action button')
      await painted(page)
    },
  },
  {
    name: 'payPhone',
    play: async (stage, page, url) => {
      await show(stage, page, url, { ...shownOf('attract'), phone: 'https://relay.example/f/fridge-1' })
      await page.tap('.frame-action button')
      await page.waitForSelector('.pay-phone path')
      await painted(page)
    },
  },
  {
    name: 'night',
    play: async (stage, page, url) => {
      await show(stage, page, `${url}&alone=0`, shownOf('attract'))
      await page.waitForSelector('html[data-theme="dark"]')
      await painted(page)
    },
  },
  ...['name', 'pin', 'reason'].map((field, at): Scene => ({
    name: `operator-${field}`,
    play: async (stage, page, url) => {
      await show(stage, page, url, shownOf('closedTemperature'))
      await page.tap('.closed-operators button')
      const fields = [
        () => typeOnKeys(page, 'ada'),
        () => typeOnKeys(page, '314159'),
        () => page.tap('.operator-reasons button'),
      ]
      for (const fill of fields.slice(0, at)) {
        await fill()
        await page.tap('.operator-action .button-primary')
      }
      if (at > 0) await page.tap('.operator-action .button-primary')
      await painted(page)
    },
  })),
  {
    name: 'operator-relay',
    play: async (stage, page, url) => {
      await show(stage, page, url, shownOf('closedTemperature'))
      await page.tap('.closed-operators button:last-child')
      await page.waitForSelector('.relay-state dl')
      await painted(page)
    },
  },
  {
    name: 'operator-done',
    play: async (stage, page, url) => {
      await show(stage, page, url, shownOf('closedTemperature'))
      await signAsOperator(page)
      await page.waitForSelector('.operator-done')
      await painted(page)
    },
  },
  {
    name: 'loading',
    play: async (stage, page, url) => {
      stage.reachable(true)
      stage.show(null)
      await page.goto('about:blank')
      await page.goto(url)
      await page.waitForSelector('.skeleton')
      await painted(page)
    },
  },
  {
    name: 'missing',
    play: async (stage, page, url) => {
      await show(stage, page, url, shownOf('shopping'))
      stage.reachable(false)
      await page.waitForSelector('html[data-screen="missing"]')
      await painted(page)
    },
  },
]

/** The same screens as a person sees them who has asked for it: lowered, and in high contrast. */
const tuned: Scene[] = (
  ['attract', 'unlocked', 'shopping', 'shoppingAlert', 'receiptMany', 'unsure', 'unlockFailed'] as const
).flatMap((name) => [
  {
    name: `${name}-lowered`,
    tuned: true,
    play: async (stage, page, url) => {
      await show(stage, page, `${url}&lowered=yes`, shownOf(name))
    },
  },
  {
    name: `${name}-contrast`,
    tuned: true,
    play: async (stage, page, url) => {
      await show(stage, page, `${url}&contrast=high`, shownOf(name))
    },
  },
])

export const scenes: readonly Scene[] = [...recorded, ...touched, ...tuned]

export async function typeOnKeys(page: Page, text: string): Promise<void> {
  for (const character of text)
    await page.tap(`.key:text-is("${character}"), .key:text-is("${character.toUpperCase()}")`)
}

export async function signAsOperator(page: Page): Promise<void> {
  await page.tap('.closed-operators button')
  await typeOnKeys(page, 'ada')
  await page.tap('.operator-action .button-primary')
  await typeOnKeys(page, '314159')
  await page.tap('.operator-action .button-primary')
  await page.tap('.operator-reasons button')
  await page.tap('.operator-action .button-primary')
}
