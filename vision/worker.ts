/**
 * Worker: the process that owns cameras and models, so that a long look, a crash of a library or a full memory never
 * touches the lock and the money. It does what its parent says (worker-messages.ts) and ends when its parent is gone.
 *
 * Holds always: cameras come first and models after, so that a visit right after the start has its pictures; without
 * models every witness is blind; a broken invariant ends it, and the parent starts it again.
 */
import { stat } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import sharp from 'sharp'
import type { Clock, Log } from '../src/core/ports.ts'
import { err, ok, type Result } from '../src/core/result.ts'
import { minuteMs } from '../src/core/time.ts'
import { sourceAt } from './camera/address.ts'
import { createCamera } from './camera/camera.ts'
import { openDetector, type Detector } from './detect/detector.ts'
import { openEmbedder, type Embedder } from './embed/embedder.ts'
import { createKeeper } from './evidence/keeper.ts'
import { smallPictures } from './evidence/review.ts'
import { readCalibration } from './gallery/calibration.ts'
import type { Calibration } from './gallery/gallery.ts'
import { learnBoth } from './pipeline/learn.ts'
import { createLooker, type Looker } from './pipeline/looker.ts'
import { createPipeline, type Pipeline, type WatchedCamera } from './pipeline/pipeline.ts'
import type { Point } from './shelf/regions.ts'
import type { Opening } from './track/opening.ts'
import type { CameraSettings, FromWorker, ToWorker, WorkerSettings } from './worker-messages.ts'

type Tell = (message: FromWorker) => void

const galleryEveryMs = 2_000
/** A visit that began so long ago and has no end was one that a crash cut off. */
const surelyDoneMs = 15 * minuteMs

export function runWorker(): void {
  // One picture at a time, and none kept: a fridge has two cameras, not two million users.
  sharp.concurrency(1)
  sharp.cache(false)
  // An error means that the parent is gone; its disconnect is what counts.
  const tell: Tell = (message) => void process.send?.(message, undefined, undefined, () => {})
  let ask: ((message: ToWorker) => void) | null = null
  process.on('message', (message: ToWorker) => {
    if (message.type === 'configure') ask = serve(message.settings, tell)
    else ask?.(message)
  })
  process.on('disconnect', () => process.exit(0)) // the programs behind the cameras go with it (camera/program.ts)
  // The parent decides when to end: a Ctrl-C in the terminal reaches both.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
}

function serve(settings: WorkerSettings, tell: Tell): (message: ToWorker) => void {
  const clock = clockOf(settings)
  const log: Log = {
    info: (what, detail = {}) => tell({ type: 'log', level: 'info', what, detail }),
    warn: (what, detail = {}) => tell({ type: 'log', level: 'warn', what, detail }),
  }
  let looker: Looker | null = null
  const pipeline = createPipeline({
    cameras: camerasOf(settings, clock, log),
    looker: () => looker,
    keeper: createKeeper(settings.evidence, log),
    clock,
    log,
    seen: (visit, sights) => tell({ type: 'sights', visit, sights }),
    healthChanged: () => tell({ type: 'cameras', cameras: pipeline.health() }),
  })
  let models: Models | null = null
  const learn = async (): Promise<void> => {
    const opened: Result<Models, string> = models === null ? await openModels(settings) : ok(models)
    if (!opened.ok) return tell({ type: 'models', says: opened.error, taught: 0 })
    models = opened.value
    const made = await lookerFor(settings, models, log)
    if (made.ok) looker = made.value
    tell({ type: 'models', says: made.ok ? null : made.error, taught: looker?.taught.length ?? 0 })
  }
  const failed = (error: unknown): void => {
    tell({ type: 'models', says: `the models can't be used: ${String(error)}`, taught: 0 })
  }
  let learning = pipeline.check().then(learn).catch(failed)
  for (const followed of [settings.gallery, settings.taught])
    followGallery(followed, clock, () => {
      learning = learning.then(learn).catch(failed)
    })
  let shopping = false
  /** Small pictures are made one visit after the other, while nobody shops. */
  let making: Promise<unknown> = Promise.resolve()
  return (message) => {
    if (message.type === 'begin') shopping = true
    if (message.type === 'end') shopping = false
    if (message.type === 'review') {
      const { ask, visit } = message
      const make = async () => (shopping ? null : smallPictures(settings.evidence, visit, clock.nowMs() - surelyDoneMs))
      making = making.then(make).then(
        (pictures) => tell({ type: 'small', ask, pictures }),
        () => tell({ type: 'small', ask, pictures: null }),
      )
    } else if (message.type !== 'configure') act(pipeline, message, tell)
  }
}

/** Learns again whenever somebody put another gallery in this one's place (whole, by renaming). */
function followGallery(gallery: string | null, clock: Clock, changed: () => void): void {
  if (gallery === null) return
  const look = async (): Promise<string> => {
    const there = await stat(gallery).catch(() => null)
    return there === null ? '' : `${there.ino} ${there.mtimeMs}`
  }
  const follow = async (before: string): Promise<void> => {
    const now = await look()
    if (now !== before) changed()
    clock.after(galleryEveryMs, () => void follow(now))
  }
  void look().then((now) => clock.after(galleryEveryMs, () => void follow(now)))
}

function act(pipeline: Pipeline, message: Exclude<ToWorker, { type: 'configure' | 'review' }>, tell: Tell): void {
  switch (message.type) {
    case 'begin':
      return pipeline.begin(message.visit)
    case 'opened':
      return pipeline.opened(message.atMs)
    case 'closed':
      return pipeline.closed(message.atMs)
    case 'settle':
      return void pipeline.settle(message.dueMs).then((sights) => tell({ type: 'settled', ask: message.ask, sights }))
    case 'end':
      return void pipeline.end()
  }
}

function camerasOf(settings: WorkerSettings, clock: Clock, log: Log): WatchedCamera[] {
  return settings.cameras.flatMap((one) => {
    const source = sourceAt(one.source, one, clock)
    if (source.ok) {
      const camera = createCamera(one.id, source.value, { clock, log })
      return [{ camera, regions: one.shelves, opening: openingOf(one) }]
    }
    log.warn('a camera can`t be used', { camera: one.id, why: source.error }) // the settings were checked: never
    return []
  })
}

function openingOf({ opening, width, height }: CameraSettings): Opening | null {
  if (opening === null) return null
  const pixels = (polygon: readonly Point[]) => polygon.map(([x, y]) => ({ x: x * width, y: y * height }))
  const { outline, shelves } = opening
  return { pictureWidth: width, pictureHeight: height, outline: pixels(outline), shelves: shelves.map(pixels) }
}

interface Models {
  readonly embedder: Embedder
  readonly detector: Detector
  readonly calibration: Calibration
}

async function openModels({ models }: WorkerSettings): Promise<Result<Models, string>> {
  const folder = pathToFileURL(`${models}/`)
  const embedder = await openEmbedder(folder)
  if (!embedder.ok) return err(embedder.error.says)
  const detector = await openDetector(folder)
  if (!detector.ok) return err(detector.error.says)
  return ok({ embedder: embedder.value, detector: detector.value, calibration: await readCalibration(folder) })
}

async function lookerFor(
  { gallery, galleryCache, taught }: WorkerSettings,
  { embedder, detector, calibration }: Models,
  log: Log,
): Promise<Result<Looker, string>> {
  const told = (says: string): void => log.warn('a picture of the gallery is left out', { says })
  const learned = await learnBoth({ gallery, galleryCache, taught }, embedder, told)
  return learned.ok ? ok(createLooker(embedder, learned.value, calibration, detector)) : learned
}

/** The fridge's clock in this process: the machine's monotonic clock is the same one in both. */
function clockOf({ clock: { fridgeMs, monotonicMs } }: WorkerSettings): Clock {
  return {
    nowMs: () => Math.round(fridgeMs + Number(process.hrtime.bigint()) / 1e6 - monotonicMs),
    after(delayMs, due) {
      const timer = setTimeout(due, delayMs)
      return () => clearTimeout(timer)
    },
  }
}
