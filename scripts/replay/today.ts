/**
 * Today: a stored visit through today's pipeline, picture by picture, at the times at which they were taken, and then through
 * fusion with the weights of then. Called by scripts/vision-replay.ts.
 *
 * Evidence keeps one picture a second and those of moves, not every one that was looked at then: the shelves before and after are
 * looked at as they were, but no hand can be followed through so few, so that what crossed the opening is taken as it was told
 * then. Of before and after only the picture that was used is kept; it is shown twice, as what stands still looks.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { silent } from '../../src/core/ports.ts'
import type { Sights } from '../../src/core/sighting.ts'
import { err, ok, type Result } from '../../src/core/result.ts'
import type { Resolution } from '../../src/fusion/evidence.ts'
import { resolveBasket } from '../../src/fusion/resolve.ts'
import type { Box, Detection } from '../../vision/detect/detection.ts'
import { openDetector } from '../../vision/detect/detector.ts'
import { openEmbedder } from '../../vision/embed/embedder.ts'
import { readPicture, type Picture } from '../../vision/embed/picture.ts'
import { readCalibration } from '../../vision/gallery/calibration.ts'
import type { Identification } from '../../vision/gallery/gallery.ts'
import { learnGallery } from '../../vision/pipeline/learn.ts'
import { createLooker, type Looker } from '../../vision/pipeline/looker.ts'
import { createPipeline } from '../../vision/pipeline/pipeline.ts'
import { overlap } from '../../vision/track/boxes.ts'
import { fridge } from '../../vision/track/settings.ts'
import { createTracker } from '../../vision/track/tracker.ts'
import { handCamera, handClock, type HandCamera } from './by-hand.ts'
import type { Cabinet, StoredPicture, StoredVisit } from './stored.ts'

/** What was looked at closer, and what it was taken for. */
export interface Look {
  readonly box: Box
  readonly identification: Identification
}

export interface Frame {
  readonly picture: StoredPicture
  readonly width: number
  readonly height: number
  readonly found: readonly (Detection & { readonly track: number | null })[]
  readonly looks: readonly Look[]
}

export interface Today {
  readonly frames: readonly Frame[]
  readonly sights: Sights
  readonly resolution: Resolution
  /** What the scales alone would have said. */
  readonly scalesAlone: Resolution
}

/** Of src/runtime/eyes.ts and vision/pipeline/pipeline.ts. */
const [answerMs, compareMs] = [540, 200]
/** Two pictures of one moment. */
const twinMs = 40
const warmMs = 2_000
/** A second look at the same thing, in a later comparison, stands for the first. */
const sameOverlap = 0.9

export async function openLooker({ gallery }: Cabinet, cache: string): Promise<Result<Looker, string>> {
  sharp.concurrency(1)
  const [embedder, detector] = [await openEmbedder(), await openDetector()]
  if (!embedder.ok) return err(embedder.error.says)
  if (!detector.ok) return err(detector.error.says)
  const learned = await learnGallery(gallery, join(cache, 'gallery'), embedder.value, () => {})
  return learned.ok ? ok(createLooker(embedder.value, learned.value, await readCalibration(), detector.value)) : learned
}

/** Looks at all of the visit's pictures again. A picture that can't be read is left out. */
export async function lookAgain(stored: StoredVisit, { cameras }: Cabinet, models: Looker): Promise<Today> {
  const { openedMs, closedMs, pictures } = stored
  const looks = new Map<string, Look[]>()
  const identify: Looker['identify'] = async (picture, cuts) => {
    const answers = await models.identify(picture, cuts)
    const key = sumOf(picture)
    for (const [index, identification] of answers.entries()) {
      const box = cuts[index]
      if (box === undefined) continue
      const others = (looks.get(key) ?? []).filter((one) => overlap(one.box, box) < sameOverlap)
      looks.set(key, [...others, { box, identification }])
    }
    return answers
  }
  const clock = handClock(Math.min(openedMs, pictures[0]?.atMs ?? openedMs) - warmMs)
  const hands = cameras.map(({ id, width, height }) => handCamera(id, width, height))
  const pipeline = createPipeline({
    cameras: cameras.map((settings, index) => {
      const { camera } = hands[index] as HandCamera
      return { camera, regions: settings.shelves, opening: openingOf(settings) }
    }),
    looker: () => ({ ...models, identify }),
    keeper: { begin: () => {}, keep: () => {}, end: async () => {} },
    clock,
    log: silent,
    seen: () => {},
    healthChanged: () => {},
  })
  const show = async ({ camera, file }: StoredPicture, atMs: number): Promise<void> => {
    clock.goTo(atMs)
    hands.find((one) => one.camera.id === camera)?.give(await readFile(file), atMs)
    await pipeline.rest()
  }
  pipeline.begin('replay')
  let opened = false
  let closed = false
  let answer: Promise<Sights> | null = null
  const dueMs = Math.max(closedMs + answerMs, (pictures.at(-1)?.atMs ?? closedMs) + answerMs)
  const open = (atMs: number): void => {
    if (opened || atMs < openedMs) return
    opened = true
    clock.goTo(openedMs)
    pipeline.opened(openedMs)
  }
  const close = (atMs: number): void => {
    if (closed || atMs < closedMs) return
    closed = true
    clock.goTo(closedMs)
    pipeline.closed(closedMs)
    answer = pipeline.settle(dueMs)
  }
  for (const picture of pictures) {
    const { atMs, why } = picture
    open(atMs)
    close(atMs)
    if (why === 'before' || why === 'after')
      await show(picture, Math.max(atMs - twinMs, atMs < openedMs ? 0 : openedMs))
    await show(picture, atMs)
  }
  open(Infinity)
  close(Infinity)
  clock.goTo(dueMs - compareMs) // no more pictures come; not to the end, at which an answer would be late
  const sights = withCrossingsOf(stored.seen, await (answer as unknown as Promise<Sights>))
  await pipeline.end()
  return {
    frames: await framesOf(pictures, models, looks),
    sights,
    resolution: resolved(stored, sights),
    scalesAlone: resolved(stored, undefined),
  }
}

/** Today's of the shelves, and of the opening what was told then, when all pictures were there; where that was not kept, today's. */
function withCrossingsOf(kept: Sights | null, today: Sights): Sights {
  if (kept === null) return today
  const opening = new Set(
    [...kept.witnesses, ...today.witnesses].flatMap(({ id, kind }) => (kind === 'crossing' ? [id] : [])),
  )
  return {
    ...today,
    witnesses: [
      ...today.witnesses.filter(({ id }) => !opening.has(id)),
      ...kept.witnesses.filter(({ id }) => opening.has(id)),
    ],
    sightings: [
      ...today.sightings.filter(({ witness }) => !opening.has(witness)),
      ...kept.sightings.filter(({ witness }) => opening.has(witness)),
    ],
  }
}

function resolved({ products, stock, before, after }: StoredVisit, sights: Sights | undefined): Resolution {
  const shelves = before.map((beforeGrams, index) => ({
    shelf: index + 1,
    beforeGrams,
    afterGrams: after[index] ?? null,
  }))
  return resolveBasket({ products, stock, shelves, ...(sights === undefined ? {} : { sights }) })
}

/** For people: what is found in each picture, and which are one thing through time. */
async function framesOf(
  pictures: readonly StoredPicture[],
  models: Looker,
  looks: Map<string, Look[]>,
): Promise<Frame[]> {
  const trackers = new Map<string, ReturnType<typeof createTracker>>()
  const frames: Frame[] = []
  for (const picture of pictures) {
    const read = await readPicture(await readFile(picture.file))
    if (!read.ok) continue
    const { width, height } = read.value
    const found = (await models.detect?.(read.value)) ?? []
    const tracker = trackers.get(picture.camera) ?? createTracker(fridge)
    trackers.set(picture.camera, tracker)
    const tracks = tracker.step(picture.atMs, found)
    const trackOf = (index: number): number | null => tracks.find(({ detection }) => detection === index)?.id ?? null
    frames.push({
      picture,
      width,
      height,
      found: found.map((one, index) => ({ ...one, track: trackOf(index) })),
      looks: looks.get(sumOf(read.value)) ?? [],
    })
  }
  return frames
}

const sumOf = ({ rgb }: Picture): string => createHash('sha1').update(rgb).digest('hex')

function openingOf({ opening, width, height }: Cabinet['cameras'][number]) {
  if (opening === null) return null
  const pixels = (polygon: readonly (readonly [number, number])[]) =>
    polygon.map(([x, y]) => ({ x: x * width, y: y * height }))
  return {
    pictureWidth: width,
    pictureHeight: height,
    outline: pixels(opening.outline),
    shelves: opening.shelves.map(pixels),
  }
}
