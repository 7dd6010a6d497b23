/**
 * Doorway: one camera's watch over the opening of the door: what is carried out through it, or in.
 *
 * Looks only while something moves, and closer only at products in or near hands. Holds always: the time in which it had
 * no clear picture, or too few of them to follow a hand, is told as blind (SPEC VIS37); without a detector, or where
 * nobody said where the opening is, there is no such witness. Called by watch.ts.
 */
import type { Sighting } from '../../src/core/sighting.ts'
import { decodeFrame } from '../camera/decode.ts'
import type { Shot } from '../camera/frame.ts'
import type { Picture } from '../embed/picture.ts'
import type { Embedding } from '../embed/vector.ts'
import type { Box, Detection } from '../detect/detection.ts'
import { told } from '../shelf/compare.ts'
import { cutOf } from '../shelf/cut.ts'
import { grown, overlap, shareWithin } from '../track/boxes.ts'
import { watchCrossings, type Crossing } from '../track/crossings.ts'
import type { Opening } from '../track/opening.ts'
import { fridge } from '../track/settings.ts'
import { createTracker, type TrackedDetection } from '../track/tracker.ts'
import type { Looker } from './looker.ts'

export interface DoorwayTestimony {
  readonly witness: {
    readonly id: string
    readonly kind: 'crossing'
    readonly blindShare: number
    readonly blindShelves: readonly number[]
  }
  readonly sightings: readonly Sighting[]
}

export interface Doorway {
  /** How the shelves stand, small, while nobody reaches in: what differs from it later moved, or was moved. */
  rests(grid: Picture): void
  /** A picture while the door is open, with its small one. True when something has crossed. */
  look(shot: Shot, grid: Picture, clear: boolean, still: boolean): Promise<boolean>
  opened(atMs: number): void
  closed(atMs: number): void
  testify(looker: Looker): DoorwayTestimony
}

/** Weak detections keep tracks alive (ByteTrack's second pass). */
const leastScore = 0.1
/** 512 x 288: what is carried is near the lens and large, and every picture counts. */
export const inputPixels = 147_456
/** A hand and what it holds are told apart from the rest of the shelf by so much of the product's box. */
const nearHand = 0.2
const reachOfHand = 0.15
/** Looks are what costs most, and a hand holds one thing or two. */
export const mostLooks = 2
/** A small picture's pixel shows another thing when it differs by this, of 255. */
const otherBy = 22
/** Of a box, the share of such pixels: with less it stands where it stood, with more it is looked at. */
const standsBelow = 0.3
const carriedFrom = 0.4
/** A box that overlaps one of the picture before by more did not move. */
const sameOverlap = 0.75
/** What looks less like none of the products than this is one, however weakly it was found; what looks more so is a wrist. */
const surelyProduct = 0.6
const surelyNone = 0.95
/** A look makes a weak detection one that a track may begin with; without a look it may only go on. */
const believed = 0.5
const unlooked = 0.4
/**
 * With longer gaps between pictures a hand can't be followed: what it carries is before the camera for half a second, and
 * the tracker's settings are for ten pictures a second. On a slow machine this witness is honestly blind.
 */
const mostGapMs = 180
/** Between two pictures that show the same, so near to each other, nothing was carried. */
const stillGapMs = 400

export function createDoorway(camera: string, opening: Opening, looker: () => Looker | null): Doorway {
  const tracker = createTracker(fridge)
  const crossings = watchCrossings(opening)
  const crossed: Crossing[] = []
  let openedMs: number | null = null
  let closedMs: number | null = null
  let lastMs: number | null = null
  let stood: Picture | null = null
  let now: Picture | null = null
  let before: readonly Detection[] = []
  /** Time in which something moved, or may have, and the part of it in which that was followed. */
  let movingMs = 0
  let followedMs = 0

  function passed(atMs: number, seen: boolean, still: boolean): void {
    const gapMs = atMs - (lastMs ?? atMs)
    lastMs = atMs
    if (seen && still && gapMs <= stillGapMs) return
    movingMs += gapMs
    if (seen && gapMs <= mostGapMs) followedMs += gapMs
  }

  /** Of a box, how much shows another thing than stood there. All of it, where nobody knows what stood there. */
  function changedShare({ left, top, width, height }: Box, picture: Picture): number {
    if (stood === null || now === null) return 1
    const [sx, sy] = [now.width / picture.width, now.height / picture.height]
    const [right, bottom] = [Math.ceil((left + width) * sx), Math.ceil((top + height) * sy)]
    let [changed, seen] = [0, 0]
    for (let y = Math.max(0, Math.floor(top * sy)); y < Math.min(now.height, bottom); y += 1)
      for (let x = Math.max(0, Math.floor(left * sx)); x < Math.min(now.width, right); x += 1) {
        seen += 1
        if (differs(stood.rgb, now.rgb, (y * now.width + x) * 3)) changed += 1
      }
    return seen === 0 ? 1 : changed / seen
  }

  return {
    opened(atMs) {
      openedMs = atMs
      lastMs = atMs
    },
    closed(atMs) {
      if (closedMs !== null) return
      closedMs = atMs
      passed(atMs, true, true)
      crossed.push(...crossings.end(atMs))
    },
    rests(grid) {
      stood = grid
    },
    async look(shot, grid, clear, still) {
      const models = looker()
      const seen = clear && models?.detect != null
      passed(shot.atMs, seen, still)
      if (!seen || still || closedMs !== null) return false
      now = grid
      const frame = await decodeFrame(shot)
      if (!frame.ok) return false
      const { picture } = frame.value
      const found = await models.detect(picture, { leastScore, inputPixels })
      const moving = found.map((one) => ({ one, changed: one.kind === 'hand' ? 1 : changedShare(one.box, picture) }))
      const carried = nearHands(moving, before)
      const close = carried.slice(0, mostLooks)
      before = found
      const vectors = await models.embed(
        picture,
        close.map(({ box }) => cutOf(box, picture)),
      )
      const tracked = moving.flatMap(({ one, changed }) => {
        if (changed < standsBelow) return []
        const index = close.indexOf(one)
        if (index >= 0) return lookedAt(one, vectors[index] ?? null, models)
        return [carried.includes(one) ? { ...one, score: Math.min(one.score, unlooked) } : one]
      })
      const fresh = crossings.step(shot.atMs, tracker.step(shot.atMs, tracked), tracked)
      crossed.push(...fresh)
      return fresh.length > 0
    },
    testify(models) {
      const blindShare = openedMs === null ? 1 : movingMs === 0 ? 0 : 1 - followedMs / movingMs
      const id = `${camera}-opening`
      return {
        witness: { id, kind: 'crossing', blindShare, blindShelves: [] },
        sightings: blindShare === 1 ? [] : crossed.flatMap((crossing) => sightingOf(crossing, id, models)),
      }
    },
  }
}

/** What nobody could look at is told of no product: it tells that something crossed, and nothing of what. */
function sightingOf({ direction, shelf, atMs, looks }: Crossing, witness: string, models: Looker): Sighting[] {
  const named = looks.flatMap(({ vector }) => (vector === null ? [] : [models.name(vector)]))
  if (named.length === 0) return []
  return [{ witness, direction, shelf, atMs, ...told(models.fuse(named)) }]
}

/** The products in or near a hand that are on their way, the surest and most changed first. */
function nearHands(
  moving: readonly { readonly one: Detection; readonly changed: number }[],
  before: readonly Detection[],
): Detection[] {
  const hands = moving.filter(({ one }) => one.kind === 'hand').map(({ one }) => grown(one.box, reachOfHand))
  const near = (box: Box): boolean => hands.some((hand) => shareWithin(box, hand) >= nearHand)
  const stays = ({ kind, box }: Detection): boolean =>
    before.some((one) => one.kind === kind && overlap(one.box, box, 0) > sameOverlap)
  return moving
    .filter(({ one, changed }) => one.kind === 'product' && changed >= carriedFrom && near(one.box) && !stays(one))
    .toSorted((a, b) => b.one.score + b.changed / 2 - a.one.score - a.changed / 2)
    .map(({ one }) => one)
}

/** What a look at a detection makes of it. */
function lookedAt(one: Detection, vector: Embedding | null, models: Looker): TrackedDetection[] {
  if (vector === null) return [one]
  const { noneProbability } = models.name(vector)
  if (noneProbability > surelyNone) return []
  const score = noneProbability <= surelyProduct ? Math.max(one.score, believed) : one.score
  return [{ ...one, score, vector }]
}

const differs = (a: Uint8Array, b: Uint8Array, at: number): boolean =>
  [0, 1, 2].some((channel) => Math.abs((a[at + channel] ?? 0) - (b[at + channel] ?? 0)) > otherBy)
