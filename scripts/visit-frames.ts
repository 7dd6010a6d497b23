/**
 * node scripts/visit-frames.ts --seed N --count N --out DIR [--products DIR] [--pixels WxH]: labelled pictures of the virtual
 * fridge's own two cameras while shoppers take and put back, to judge the detector by. Picture N of seed S is out/(S + N).jpg and
 * .json, as fridge-frames.ts writes them. The shop's products are in no training set.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { viewThrough } from '../src/virtual/camera/lens.ts'
import { diceFor } from '../src/virtual/camera/seeded.ts'
import { cameraIds, lensOf, openStudio, type CameraId, type Studio } from '../src/virtual/camera/studio.ts'
import { loadShop, type Shop } from '../src/virtual/shop.ts'
import { outlinePixels } from './frames/outline.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    count: { type: 'string' },
    out: { type: 'string' },
    products: { type: 'string', default: 'src/virtual/products' },
    pixels: { type: 'string', default: '640x360' },
  },
})
const [seed, count] = [Number(values.seed), Number(values.count)]
const size = /^(\d{2,4})x(\d{2,4})$/.exec(values.pixels)
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(count) || values.out === undefined || size === null) {
  process.stderr.write(
    'Usage: node scripts/visit-frames.ts --seed N --count N --out DIR [--products DIR] [--pixels WxH]\n',
  )
  process.exit(2)
}
const loaded = loadShop(values.products)
if (!loaded.ok) {
  process.stderr.write(`${loaded.error.map(({ file, path, message }) => `${file} ${path}: ${message}`).join('\n')}\n`)
  process.exit(1)
}
const out = values.out
mkdirSync(out, { recursive: true })
const studio = await openStudio(loaded.value, { width: Number(size[1]), height: Number(size[2]) })
for (let picture = seed; picture < seed + count; picture += 1) await take(studio, loaded.value, picture)

/** One moment of one visit, through one of the cameras. */
async function take(from: Studio, shop: Shop, picture: number): Promise<void> {
  const dice = diceFor(picture, 'visit-frames')
  const left = dice.between(0.3, 1)
  const items = shop.products.flatMap(({ sku, shelf, stock }) =>
    Array.from({ length: Math.ceil(stock * left) }, () => ({ sku, shelf })),
  )
  const stage = from.stage(items, { seed: picture, live: false })
  stage.perform({ type: 'open' }, 1000)
  let atMs = 2500
  for (let act = 1 + dice.below(3); act > 0; act -= 1, atMs += 1500) {
    const { sku, shelf } = items[dice.below(items.length)] ?? { sku: '', shelf: 1 }
    stage.perform({ type: 'take', sku, shelf }, atMs)
    if (dice.happens(0.3)) stage.perform({ type: 'putBack', sku, shelf: 1 + dice.below(shop.shelves) }, (atMs += 1500))
  }
  const camera = cameraIds[dice.below(cameraIds.length)] as CameraId
  const shownMs = dice.between(1500, atMs)
  const fog = dice.happens(0.2) ? { fog: { peak: dice.between(0.1, 0.6), fadesMs: 4000 } } : {}
  const { width, height, rgb } = from.picture(stage, camera, shownMs, {
    brightness: dice.between(0.7, 1.1),
    ...fog,
  }) ?? {
    width: 0,
    height: 0,
    rgb: new Uint8Array(),
  }
  const view = viewThrough(lensOf(camera, from.stock.plan.cabinet), width, height)
  const { standing, moving } = stage.sceneAt(shownMs)
  const things = new Map([...standing, ...moving].map((thing) => [thing.id, thing]))
  const objects = from.seen(camera).map((seen) => {
    const thing = things.get(seen.instance)
    const whole = thing === undefined ? seen.pixels : outlinePixels(view, thing)
    return { ...seen, share: Math.round(Math.min(1, seen.pixels / Math.max(1, whole)) * 1000) / 1000 }
  })
  await sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92 })
    .toFile(join(out, `${picture}.jpg`))
  writeFileSync(join(out, `${picture}.json`), JSON.stringify({ seed: picture, width, height, objects }))
}
