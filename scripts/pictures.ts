/**
 * Pictures: every screen, in both orientations and three languages, as PNGs in `.cache/pictures`, to be looked at before
 * it is called done. `node scripts/pictures.ts [FILTER] [--languages en,de] [--orientations portrait]`; FILTER is a part
 * of a screen's name. Builds the screens first.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'vite'
import { root } from '../test/e2e/programs.ts'
import { scenes, showWorld } from '../test/e2e/screens/scenes.ts'
import { openBrowser, openStage, orientations, type Orientation } from '../test/e2e/screens/stage.ts'
import { worlds } from '../test/e2e/screens/worlds.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    languages: { type: 'string', default: 'en,es,de' },
    orientations: { type: 'string', default: 'portrait,landscape' },
  },
})
const filter = positionals[0] ?? ''
const target = join(root, '.cache', 'pictures')
const dist = join(root, '.cache', 'screens')

await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'warn', build: { outDir: dist } })
mkdirSync(target, { recursive: true })
const stage = await openStage(dist)
const browser = await openBrowser()
try {
  for (const orientation of values.orientations.split(',') as Orientation[]) {
    for (const language of values.languages.split(',')) {
      const context = await browser.newContext({
        viewport: orientations[orientation],
        hasTouch: true,
        reducedMotion: 'reduce',
      })
      const page = await context.newPage()
      for (const scene of scenes.filter((each) => each.name.includes(filter))) {
        await scene.play(stage, page, `${stage.kioskUrl}&language=${language}`)
        await page.screenshot({ path: join(target, `${scene.name}.${orientation}.${language}.png`) })
      }
      await context.close()
    }
  }
  for (const [name, world] of Object.entries(worlds)) {
    if (!`virtual-${name}`.includes(filter)) continue
    for (const language of values.languages.split(',')) {
      const page = await browser.newPage({ viewport: orientations.landscape, reducedMotion: 'reduce' })
      await showWorld(stage, page, `${stage.virtualUrl}&language=${language}`, world)
      await page.screenshot({ path: join(target, `virtual-${name}.${language}.png`) })
      await page.close()
    }
  }
} finally {
  await browser.close()
  await stage.close()
}
process.stdout.write(`pictures are in ${target}\n`)
