/**
 * Every screen, in both orientations and three languages, judged by its boxes, colours and words; and the bundle by its
 * size. To look at them: `node scripts/pictures.ts`.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { chromium, maySkip } from './programs.ts'
import { buildScreens } from './screens/build.ts'
import { inspect } from './screens/inspection.ts'
import { scenes, showWorld } from './screens/scenes.ts'
import { openBrowser, openStage, orientations, type Orientation } from './screens/stage.ts'
import { catalogue, views } from './screens/views.ts'
import { worlds } from './screens/worlds.ts'

let dist: string
const largestKioskBytes = 180 * 1024
/** A thumb's target on the kiosk, and a mouse's or a finger's on the virtual fridge's page (law P4). */
const kioskTargetPx = 64
const virtualTargetPx = 48
const languages = ['en', 'es', 'de'] as const
/** German has the longest words. */
const longest = 'de'
/** Minutes on a machine that does much else; half of one where it is alone. */
const patienceMs = 400_000

interface BuiltFile {
  readonly file: string
  readonly imports?: readonly string[]
  readonly dynamicImports?: readonly string[]
  readonly css?: readonly string[]
}

beforeAll(async () => {
  dist = await buildScreens()
})

test('the kiosk, with all it loads late, is 180 kB of gzip or less', async () => {
  const manifest = JSON.parse(await readFile(join(dist, '.vite', 'manifest.json'), 'utf8')) as Record<string, BuiltFile>
  const files = new Set<string>()
  const want = (key: string): void => {
    const chunk = manifest[key]
    if (!chunk) throw new Error(`the build has no ${key}`)
    if (files.has(chunk.file)) return
    for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file)
    for (const next of [...(chunk.imports ?? []), ...(chunk.dynamicImports ?? [])]) want(next)
  }
  want('kiosk/index.html')
  const sizes = await Promise.all([...files].map(async (file) => gzipSync(await readFile(join(dist, file))).length))
  const total = sizes.reduce((sum, bytes) => sum + bytes, 0)
  process.stdout.write(`kiosk: ${(total / 1024).toFixed(1)} kB of gzip in ${sizes.length} files\n`)
  expect(sizes.length).toBeGreaterThan(2)
  expect(total).toBeLessThanOrEqual(largestKioskBytes)
})

/** Words that are the same in another language, or belong to none. */
const sameEverywhere = new Set([
  'VisionVend', 'EN', 'ES', 'DE', 'English', 'Español', 'Deutsch', 'Gluten', '123', 'abc', 'ada', 'https://relay.example',
  ...Object.values(views).flatMap((view) => [view.fridge.name, view.fridge.contact]),
  ...catalogue.products.flatMap((product) => [product.size ?? '', ...Object.values(product.name).filter((name, _, all) => all.filter((other) => other === name).length > 1)]),
]) // prettier-ignore
const isForeign = (text: string): boolean =>
  /\p{L}{2}/u.test(text) && !sameEverywhere.has(text) && !/^(\d+ kcal|\d+ °C|••.*|PIN \d+)$/.test(text)

describe.skipIf(maySkip(chromium(), 'Chromium'))('screens', () => {
  // One after the other in each orientation, both orientations side by side.
  test.concurrent.each(Object.keys(orientations) as Orientation[])(
    '[P4] every kiosk screen is sound: %s',
    async (orientation) => {
      const stage = await openStage(dist)
      const browser = await openBrowser()
      const faults: string[] = []
      const english = new Map<string, ReadonlySet<string>>()
      try {
        for (const language of languages) {
          const page = await browser.newPage({
            viewport: orientations[orientation],
            hasTouch: true,
            reducedMotion: 'reduce',
          })
          let cut = false
          page.on('console', (message) => {
            // A page that is left takes its socket with it, and the browser says so.
            if (message.type() === 'error' && !cut && !message.text().startsWith('WebSocket'))
              faults.push(`${language}: ${message.text()}`)
          })
          page.on('pageerror', (error) => faults.push(`${language}: ${error.message}`))
          for (const scene of scenes.filter((each) => !each.tuned || language === longest)) {
            // Where the connection is cut on purpose, the browser says so on the console.
            cut = scene.name === 'missing'
            await scene.play(stage, page, `${stage.kioskUrl}&language=${language}`)
            const found = await inspect(page, kioskTargetPx)
            faults.push(...found.faults.map((fault) => `${scene.name}.${language}: ${fault}`))
            if (language === 'en') english.set(scene.name, new Set(found.texts.filter(isForeign)))
            else {
              for (const text of found.texts)
                if (english.get(scene.name)?.has(text)) faults.push(`${scene.name}.${language}: "${text}" is English`)
            }
          }
          await page.close()
        }
      } finally {
        await browser.close()
        await stage.close()
      }
      expect(faults).toEqual([])
    },
    patienceMs,
  )

  test.concurrent(
    '[P4] the virtual fridge is sound in every state and language',
    async () => {
      const stage = await openStage(dist)
      const browser = await openBrowser()
      const faults: string[] = []
      const english = new Map<string, ReadonlySet<string>>()
      try {
        for (const language of languages) {
          const page = await browser.newPage({ viewport: orientations.landscape, reducedMotion: 'reduce' })
          page.on('console', (message) => {
            if (message.type() === 'error') faults.push(`${language}: ${message.text()}`)
          })
          const judge = async (name: string): Promise<void> => {
            const found = await inspect(page, virtualTargetPx)
            faults.push(...found.faults.map((fault) => `${name}.${language}: ${fault}`))
            if (language === 'en') english.set(name, new Set(found.texts.filter(isForeign)))
            else
              for (const text of found.texts)
                if (english.get(name)?.has(text)) faults.push(`${name}.${language}: "${text}" is English`)
          }
          for (const [name, world] of Object.entries(worlds)) {
            await showWorld(stage, page, `${stage.virtualUrl}&language=${language}`, world)
            await judge(name)
          }
          await page.click('.steps > button')
          await judge('withoutSteps')
          await page.close()
        }
      } finally {
        await browser.close()
        await stage.close()
      }
      expect(faults).toEqual([])
    },
    patienceMs,
  )
})
