/**
 * `npm run kiosk-picture`: README's picture, `docs/kiosk.png`: the running kiosk and the virtual fridge in the middle of a
 * visit. Made of the real thing: a fridge is started, a card tapped, the door opened and two things taken.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium as browsers } from 'playwright-core'
import { fingerOn } from '../test/e2e/finger.ts'
import { startFridge } from '../test/e2e/fridge.ts'
import { chromium, root, rootArgs } from '../test/e2e/programs.ts'
import { ensureScreens } from './setup/build.mjs'
import { Plain, runMain, say } from './setup/say.mjs'

const picture = join(root, 'docs', 'kiosk.png')

await runMain(async () => {
  const program = chromium()
  if (program === null) throw new Plain('There is no Chromium on the PATH to take the picture')
  await ensureScreens()
  const dir = mkdtempSync(join(tmpdir(), 'visionvend-picture-'))
  const fridge = await startFridge(dir)
  const browser = await browsers.launch({ executablePath: program, args: rootArgs })
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, hasTouch: true, locale: 'en-GB' })
    await page.goto(fridge.virtual)
    const finger = await fingerOn(page)
    const kiosk = page.frameLocator('iframe')
    const shows = async (screen: string): Promise<void> =>
      kiosk.locator(`html[data-screen="${screen}"]`).waitFor({ state: 'attached' })
    await shows('attract')
    await finger.tap(page.locator('.card-good').first())
    await shows('unlocked')
    await finger.tap(page.locator('.panel-door'))
    await shows('shopping')
    for (const [lines, shelf] of [0, 2].entries()) {
      await finger.tap(page.locator('.fridge-shelf').nth(shelf).locator('.stack-goods:enabled').nth(1))
      await kiosk.locator('.basket li').nth(lines).waitFor()
    }
    // The door swings and the lines slide in: until both have come to rest.
    await page.waitForTimeout(1_500)
    mkdirSync(join(root, 'docs'), { recursive: true })
    await page.screenshot({ path: picture })
    say(picture)
  } finally {
    await browser.close()
    await fridge.stop()
    rmSync(dir, { recursive: true, force: true })
  }
})
