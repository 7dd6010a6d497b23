/**
 * Darkroom program: the process that draws the virtual cameras' pictures, so that drawing delays neither the controller's
 * firmware nor the page. Does what its parent says (darkroom.ts) and ends when its parent is gone.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import type { Shop } from '../shop.ts'
import type { FromDarkroom, ToDarkroom } from './darkroom.ts'
import type { Pixels } from './exposure.ts'
import type { Stage } from './stage.ts'
import { cameraIds, openStudio, type Conditions, type Studio } from './studio.ts'
import { teachingPictures, type TeachingPicture } from './teaching.ts'

const jpegQuality = 88
/** Money and lock come before pictures of them. */
const lowPriority = 5

const teaching = { seed: 1, onGround: 4, held: 2, inPlace: 4, width: 640 } as const
/** Around a unit that is cut out, of its size. */
const margin = 0.06
/** Half hidden, or too small to be looked at: it teaches nothing. */
const leastFilled = 0.45
const leastSide = 32
/** Raised when the drawing changes, so that older pictures are drawn anew. */
const drawing = 4

export function runDarkroom(): void {
  sharp.concurrency(1)
  setPriority(lowPriority)
  // A parent that is just gone is found out by `disconnect`.
  const tell = (message: FromDarkroom): void => void process.send?.(message, undefined, undefined, () => {})
  let studio: Promise<Studio> | null = null
  let stage: Stage | null = null
  let conditions: Conditions = {}
  let shop: Shop | null = null
  const failed = (ask: number, error: unknown): void => tell({ type: 'failed', ask, says: String(error) })

  async function picture(ask: number, camera: 'left' | 'right', atMs: number): Promise<void> {
    const open = await studio
    const pixels = open === null || stage === null ? null : open.picture(stage, camera, atMs, conditions)
    tell({
      type: 'picture',
      ask,
      jpeg: pixels === null ? null : await imageOf(pixels).jpeg({ quality: jpegQuality }).toBuffer(),
    })
  }

  async function teach(ask: number, dir: string): Promise<void> {
    const open = await studio
    if (open !== null && shop !== null) await writeTeaching(open, shop, dir)
    tell({ type: 'taught', ask })
  }

  process.on('message', (message: ToDarkroom) => {
    switch (message.type) {
      case 'open': {
        shop = message.shop
        const { world, atMs, seed } = message
        studio = openStudio(message.shop, { ...message.pixels, seed }).then((open) => {
          stage = open.stage(world.items, { seed, live: true })
          stage.follow(world, atMs)
          return open
        })
        // Whoever asks for a picture is told.
        studio.catch(() => {})
        return
      }
      case 'world':
        // What comes before the studio is open is not lost: it is followed in its order.
        return void studio?.then(() => stage?.follow(message.world, message.atMs)).catch(() => {})
      case 'conditions':
        conditions = message.conditions
        return
      case 'picture':
        return void picture(message.ask, message.camera, message.atMs).catch((error: unknown) =>
          failed(message.ask, error),
        )
      case 'teach':
        return void teach(message.ask, message.dir).catch((error: unknown) => failed(message.ask, error))
    }
  })
  process.on('disconnect', () => process.exit(0))
  // The parent decides when to end: a Ctrl-C in the terminal reaches both.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
}

const imageOf = ({ width, height, rgb }: Pixels) => sharp(rgb, { raw: { width, height, channels: 3 } })

/** One folder a product, one picture a view, whole or not at all; nothing is done where they are of this shop already. */
export async function writeTeaching(studio: Studio, shop: Shop, dir: string): Promise<void> {
  const stamp = teachingStamp(shop)
  const stampFile = join(dir, '.stamp')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return
  mkdirSync(dirname(dir), { recursive: true })
  // Its own folder: the simulation's threads may all come here first.
  const fresh = mkdtempSync(`${dir}.new-`)
  for (const { sku, shelf } of shop.products) {
    mkdirSync(join(fresh, sku), { recursive: true })
    const shape = studio.stock.shapeOf(sku)
    const { seed, width } = teaching
    const pictures = [
      ...teachingPictures(shape, teaching.onGround, seed, { width }),
      ...teachingPictures(shape, teaching.held, seed, { width, manner: 'held' }),
    ]
    for (const [index, one] of pictures.entries())
      await imageOf(one)
        .extract(cutOut(one))
        .jpeg({ quality: 92 })
        .toFile(join(fresh, sku, `${index + 1}.box.jpg`))
    await writeInPlace(studio, sku, shelf, join(fresh, sku))
  }
  writeFileSync(join(fresh, '.stamp'), stamp)
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp)
    return rmSync(fresh, { recursive: true, force: true })
  rmSync(dir, { recursive: true, force: true })
  renameSync(fresh, dir)
}

/** Set on its own shelf, before the cameras that will look for it. */
async function writeInPlace(studio: Studio, sku: string, shelf: number, folder: string): Promise<void> {
  const units = Array.from({ length: teaching.inPlace }, () => ({ sku, shelf }))
  const stage = studio.stage(units, { seed: teaching.seed, live: false })
  for (const camera of cameraIds) {
    const pixels = studio.picture(stage, camera, 0)
    if (pixels === null) continue
    const whole = studio.seen(camera).filter(({ box: [left, top, right, bottom], filled }) => {
      return filled >= leastFilled && Math.min(right - left, bottom - top) >= leastSide
    })
    for (const [index, { box }] of whole.entries())
      await imageOf(pixels)
        .extract(cutOut({ ...pixels, box }))
        .jpeg({ quality: 92 })
        .toFile(join(folder, `${camera}-${index + 1}.box.jpg`))
  }
}

function cutOut({ box: [left, top, right, bottom], width, height }: Pick<TeachingPicture, 'box' | 'width' | 'height'>) {
  const by = Math.round(margin * Math.max(right - left, bottom - top))
  const [x, y] = [Math.max(0, left - by), Math.max(0, top - by)]
  return { left: x, top: y, width: Math.min(width, right + by) - x, height: Math.min(height, bottom + by) - y }
}

/** What the pictures hang on: the drawing, and every product's package. */
function teachingStamp(shop: Shop): string {
  const sum = createHash('sha256').update(JSON.stringify({ drawing, teaching, margin }))
  for (const { sku, kind, sizeMm, picture } of shop.products)
    sum.update(JSON.stringify({ sku, kind, sizeMm })).update(readFileSync(join(shop.directory, picture)))
  return sum.digest('hex')
}
