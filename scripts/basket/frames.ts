/**
 * Frames: what the pipeline itself says of visits of the virtual fridge: each camera's pictures are drawn, encoded, and
 * looked at by the shipped detector, embedder, tracker and before-and-after, all as in the vision worker.
 *
 * Two things differ from a fridge: a look takes no time of the visit's clock, so that every picture is looked at; and while
 * nothing moves a picture comes every 0.3 s and not every 0.1 s. The same visit and seed give the same sights.
 */
import { join } from 'node:path'
import sharp from 'sharp'
import { silent } from '../../src/core/ports.ts'
import type { Sights } from '../../src/core/sighting.ts'
import { home } from '../../src/runtime/places.ts'
import { writeTeaching } from '../../src/virtual/camera/darkroom-program.ts'
import { openingSeenBy } from '../../src/virtual/camera/opening.ts'
import type { Items, Stage } from '../../src/virtual/camera/stage.ts'
import { cameraIds, openStudio, shelfRegions, type CameraId, type Conditions } from '../../src/virtual/camera/studio.ts'
import { playVisit, type Hardships, type PlayedVisit } from '../../src/virtual/camera/visit.ts'
import type { Shop } from '../../src/virtual/shop.ts'
import { openDetector } from '../../vision/detect/detector.ts'
import { openEmbedder } from '../../vision/embed/embedder.ts'
import { readCalibration } from '../../vision/gallery/calibration.ts'
import { learnGallery } from '../../vision/pipeline/learn.ts'
import { createLooker, type Looker } from '../../vision/pipeline/looker.ts'
import { createPipeline } from '../../vision/pipeline/pipeline.ts'
import type { Point } from '../../vision/shelf/regions.ts'
import type { Identified } from '../../vision/track/sightings.ts'
import { handCamera, handClock } from '../replay/by-hand.ts'

/** What was seen, and of each crossing, in the order of its sightings, what each look at it was taken for. */
export interface FramedSights {
  readonly sights: Sights
  readonly looks: readonly (readonly Identified[])[]
  readonly pictures: number
}

export interface FramedEyes {
  /** `before` stood there when the door opened. */
  see(before: Items, visit: PlayedVisit, hardships: Hardships, seed: number): Promise<FramedSights>
}

const width = 1280
const height = 720
const jpegQuality = 88
const everyMs = 100
/** While nothing moves: a doorway calls 0.4 s between two pictures that show the same no gap (vision/pipeline/doorway.ts). */
const idleMs = 300
/** The cameras are on since the card was read; the last ones count. */
const warmMs = 400
/** Of src/runtime/eyes.ts: 600 ms, less the answer's way. */
const answerMs = 540
const compareMs = 200

export async function openFramedEyes(shop: Shop, cache = join(home, '.cache', 'framed')): Promise<FramedEyes> {
  sharp.concurrency(1)
  sharp.cache(false)
  const studio = await openStudio(shop, { width, height, seed: 1 })
  const teaching = join(cache, 'teaching')
  await writeTeaching(studio, shop, teaching)
  const models = await openModels(teaching, cache)

  return {
    async see(before, visit, hardships, seed) {
      const stage = studio.stage(before, { seed, live: false })
      const conditions = playVisit(stage, visit, hardships, seed)
      const clock = handClock(visit.openedMs - warmMs)
      const looks: (readonly Identified[])[] = []
      const looker: Looker = {
        ...models,
        fuse(named) {
          looks.push(named)
          return models.fuse(named)
        },
      }
      const cameras = cameraIds.map((id) => handCamera(id, width, height))
      const pipeline = createPipeline({
        cameras: cameras.map(({ camera }) => ({
          camera,
          regions: shelfRegions(shop, camera.id as CameraId, width, height),
          opening: openingOf(shop, camera.id as CameraId),
        })),
        looker: () => looker,
        keeper: { begin: () => {}, keep: () => {}, end: async () => {} },
        clock,
        log: silent,
        seen: () => {},
        healthChanged: () => {},
      })
      let pictures = 0
      const show = async (atMs: number): Promise<void> => {
        clock.goTo(atMs)
        for (const { camera, give } of cameras) {
          const jpeg = await jpegAt(stage, camera.id as CameraId, atMs, conditions)
          if (jpeg === null) continue
          pictures += 1
          give(jpeg, atMs)
          await pipeline.rest()
        }
      }
      const { openedMs, closedMs } = visit
      pipeline.begin(String(seed))
      for (const atMs of [openedMs - 300, openedMs - 100]) await show(atMs)
      clock.goTo(openedMs)
      pipeline.opened(openedMs)
      for (const atMs of momentsOf(stage, openedMs, closedMs)) await show(atMs)
      clock.goTo(closedMs)
      pipeline.closed(closedMs)
      const dueMs = closedMs + answerMs
      const answer = pipeline.settle(dueMs)
      looks.length = 0
      for (let atMs = closedMs + everyMs; atMs < dueMs - compareMs; atMs += everyMs) await show(atMs)
      clock.goTo(dueMs - compareMs)
      const sights = await answer
      await pipeline.end()
      return { sights, looks, pictures }
    },
  }

  async function jpegAt(stage: Stage, camera: CameraId, atMs: number, conditions: Conditions) {
    const pixels = studio.picture(stage, camera, atMs, conditions)
    return pixels === null
      ? null
      : sharp(pixels.rgb, { raw: { width, height, channels: 3 } })
          .jpeg({ quality: jpegQuality })
          .toBuffer()
  }
}

/** When pictures are taken: often while something moves, and just before and after. */
function momentsOf(stage: Stage, openedMs: number, closedMs: number): number[] {
  const movesAt = (atMs: number): boolean => stage.sceneAt(atMs).moving.some(({ kind }) => kind !== 'other')
  const moments: number[] = []
  let next = openedMs + 60
  for (let atMs = openedMs + 60; atMs < closedMs; atMs += everyMs) {
    const busy = movesAt(atMs) || movesAt(atMs - everyMs) || movesAt(atMs + everyMs) || atMs + everyMs >= closedMs
    if (!busy && atMs < next) continue
    moments.push(atMs)
    next = atMs + idleMs
  }
  return moments
}

function openingOf(shop: Shop, camera: CameraId) {
  const { outline, shelves } = openingSeenBy(shop, camera, width, height)
  const pixels = (polygon: readonly Point[]) => polygon.map(([x, y]) => ({ x: x * width, y: y * height }))
  return { pictureWidth: width, pictureHeight: height, outline: pixels(outline), shelves: shelves.map(pixels) }
}

async function openModels(teaching: string, cache: string): Promise<Looker> {
  const [embedder, detector] = [await openEmbedder(), await openDetector()]
  if (!embedder.ok) throw new Error(embedder.error.says)
  if (!detector.ok) throw new Error(detector.error.says)
  const gallery = await learnGallery(teaching, cache, embedder.value, () => {})
  if (!gallery.ok) throw new Error(gallery.error)
  return createLooker(embedder.value, gallery.value, await readCalibration(), detector.value)
}
