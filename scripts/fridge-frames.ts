/**
 * node scripts/fridge-frames.ts --seed N --count N --out DIR [--labels DIR] [--products DIR] [--pixels W H]: labelled training
 * pictures of random fridges, fast. Picture N of seed S is out/(S + N).png or .jpg and .json, in the shape that
 * vision/training/fridge_scene.py writes, with sku and instance beside. Invented products come from --labels (folders that
 * vision/training/fridge_labels.py draws), a shop's own from --products; with both, from both.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { createExposure } from '../src/virtual/camera/exposure.ts'
import { labelFolders, labelLooks, pictureLook } from '../src/virtual/camera/look.ts'
import { labelShape } from '../src/virtual/camera/label-shape.ts'
import { viewThrough } from '../src/virtual/camera/lens.ts'
import { diceFor } from '../src/virtual/camera/seeded.ts'
import { shapeOf } from '../src/virtual/camera/shape.ts'
import { createGrain } from '../src/virtual/camera/weather.ts'
import { loadShop } from '../src/virtual/shop.ts'
import { outlinePixels } from './frames/outline.ts'
import { trainingPicture, type Goods } from './frames/scene.ts'

const usage = `Usage: node scripts/fridge-frames.ts --seed N --count N --out DIR (--labels DIR | --products DIR) [options]

  --seed N       of the first picture; each next has the next
  --count N      how many
  --labels DIR   folders of invented labels, from vision/training/fridge_labels.py
  --products DIR a shop's folder
  --pixels WxH   default 640x360
  --jpeg Q       write JPEG of this quality (1 to 100) instead of PNG
  --again        draw also what is there already
`

function stop(message: string): never {
  process.stderr.write(`${message}\n\n${usage}`)
  process.exit(2)
}

function whole(text: string | undefined, name: string, least: number, most: number): number {
  const value = Number(text)
  if (text === undefined || !Number.isSafeInteger(value) || value < least || value > most)
    stop(`--${name} is a whole number from ${least} to ${most}, not ${JSON.stringify(text)}`)
  return value
}

function asked() {
  try {
    return parseArgs({
      options: {
        seed: { type: 'string' },
        count: { type: 'string' },
        out: { type: 'string' },
        labels: { type: 'string' },
        products: { type: 'string' },
        pixels: { type: 'string', default: '640x360' },
        jpeg: { type: 'string' },
        again: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    return stop(error instanceof Error ? error.message : String(error))
  }
}

/** A shop's products as they are. */
async function shopGoods(dir: string): Promise<Goods[]> {
  const shop = loadShop(dir)
  if (!shop.ok) stop(shop.error.map(({ file, path, message }) => `${file} ${path}: ${message}`).join('\n'))
  return Promise.all(
    shop.value.products.map(async ({ sku, kind, sizeMm, picture }) => {
      const size = { width: sizeMm.width / 1000, depth: sizeMm.depth / 1000, height: sizeMm.height / 1000 }
      return { sku, shape: shapeOf(kind, size, await pictureLook(join(dir, picture))) }
    }),
  )
}

const options = asked()
const seed = whole(options.seed, 'seed', 0, 2 ** 31)
const count = whole(options.count, 'count', 1, 1_000_000)
const size = /^(\d{2,4})x(\d{2,4})$/.exec(options.pixels)
if (size === null) stop(`--pixels is WIDTHxHEIGHT, not ${options.pixels}`)
const [width, height] = [Number(size[1]), Number(size[2])]
const quality = options.jpeg === undefined ? null : whole(options.jpeg, 'jpeg', 1, 100)
const out = options.out ?? stop('--out is missing')
if (options.labels === undefined && options.products === undefined) stop('--labels or --products is missing')

mkdirSync(out, { recursive: true })
const folders = options.labels === undefined ? [] : labelFolders(options.labels)
const looks = options.labels === undefined ? [] : await labelLooks(options.labels, folders)
const goods = options.products === undefined ? [] : await shopGoods(options.products)
const grain = createGrain(diceFor(0, 'grain'))
let drawnMs = 0
let drawn = 0
for (let picture = seed; picture < seed + count; picture++) {
  const file = join(out, `${picture}.${quality === null ? 'png' : 'jpg'}`)
  if (!options.again && existsSync(join(out, `${picture}.json`)) && existsSync(file)) continue
  const dice = diceFor(picture, 'fridge-frames')
  const started = performance.now()
  // A fridge holds a dozen products; each invented one gets a body of its own in each picture.
  const chosen: Goods[] = Array.from({ length: Math.min(14, looks.length) }, () => {
    const index = dice.below(looks.length)
    return { sku: folders[index] as string, shape: labelShape(looks[index] as (typeof looks)[number], dice) }
  })
  const { scene, lens, weather } = trainingPicture([...chosen, ...goods], dice)
  const exposure = createExposure(lens, width, height, grain)
  const { rgb } = exposure.picture(scene, weather, picture)
  const view = viewThrough(lens, width, height)
  const things = new Map([...scene.standing, ...scene.moving].map((thing) => [thing.id, thing]))
  const objects = exposure.seen().map((seen) => {
    const thing = things.get(seen.instance)
    const whole = thing === undefined ? seen.pixels : outlinePixels(view, thing)
    return { ...seen, share: Math.round(Math.min(1, seen.pixels / Math.max(1, whole)) * 1000) / 1000 }
  })
  drawnMs += performance.now() - started
  drawn++
  const image = sharp(rgb, { raw: { width, height, channels: 3 } })
  await (quality === null ? image.png({ compressionLevel: 3 }) : image.jpeg({ quality })).toFile(file)
  writeFileSync(join(out, `${picture}.json`), JSON.stringify({ seed: picture, width, height, objects }))
}
if (drawn > 0) process.stdout.write(`${drawn} pictures in ${out}, ${(drawnMs / drawn).toFixed(0)} ms each to draw\n`)
