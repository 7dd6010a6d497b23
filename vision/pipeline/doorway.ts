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
import type { Box, Detection } from '../detect/detection.ts'
import { told } from '../shelf/compare.ts'
import { cutOf } from '../shelf/cut.ts'
import { grown, shareWithin } from '../track/boxes.ts'
import { watchCrossings, type Crossing } from '../track/crossings.ts'
import type { Opening } from '../track/opening.ts'
import { fridge } from '../track/settings.ts'
import { fuseLooks } from '../track/sightings.ts'
import { createTracker } from '../track/tracker.ts'
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
  /** A picture while the door is open. True when something has crossed. */
  look(shot: Shot, clear: boolean, still: boolean): Promise<boolean>
  opened(atMs: number): void
  closed(atMs: number): void
  testify(looker: Looker): DoorwayTestimony
}

/** Weak detections keep tracks alive (ByteTrack's second pass). */
const leastScore = 0.1
/** A hand and what it holds are told apart from the rest of the shelf by so much of the product's box. */
const nearHand = 0.2
const reachOfHand = 0.15
/** Looks are what costs most, and a hand holds one thing or two. */
const mostLooks = 2
/**
 * With longer gaps between pictures a hand can't be followed: what it carries is before the camera for half a second, and
 * the tracker's settings are for ten pictures a second. On a slow machine this witness is honestly blind.
 */
const mostGapMs = 180
/** Between two pictures that show the same, so near to each other, nothing was carried. */
const stillGapMs = 400
/** Detections of less are not worth a close look. */
const lookFrom = 0.3

export function createDoorway(camera: string, opening: Opening, looker: () => Looker | null): Doorway {
  const tracker = createTracker(fridge)
  const crossings = watchCrossings(opening)
  const found: Crossing[] = []
  let openedMs: number | null = null
  let closedMs: number | null = null
  let lastMs: number | null = null
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

  return {
    opened(atMs) {
      openedMs = atMs
      lastMs = atMs
    },
    closed(atMs) {
      if (closedMs !== null) return
      closedMs = atMs
      passed(atMs, true, true)
      found.push(...crossings.end(atMs))
    },
    async look(shot, clear, still) {
      const models = looker()
      const seen = clear && models?.detect != null
      passed(shot.atMs, seen, still)
      if (!seen || still || closedMs !== null) return false
      const frame = await decodeFrame(shot)
      if (!frame.ok) return false
      const { picture } = frame.value
      const detections = await models.detect(picture, { leastScore })
      const close = nearHands(detections)
      const vectors = await models.embed(
        picture,
        close.map(({ box }) => cutOf(box, picture)),
      )
      const tracked = detections.map((one) => {
        const index = close.indexOf(one)
        return { ...one, vector: index < 0 ? null : (vectors[index] ?? null) }
      })
      const crossed = crossings.step(shot.atMs, tracker.step(shot.atMs, tracked), tracked)
      found.push(...crossed)
      return crossed.length > 0
    },
    testify(models) {
      const blindShare = openedMs === null ? 1 : movingMs === 0 ? 0 : 1 - followedMs / movingMs
      const id = `${camera}-opening`
      return {
        witness: { id, kind: 'crossing', blindShare, blindShelves: [] },
        sightings: blindShare === 1 ? [] : found.flatMap((crossing) => sightingOf(crossing, id, models)),
      }
    },
  }
}

/** What nobody could look at is told of no product: it tells that something crossed, and nothing of what. */
function sightingOf({ direction, shelf, atMs, looks }: Crossing, witness: string, models: Looker): Sighting[] {
  const named = looks.flatMap(({ vector }) => (vector === null ? [] : [models.name(vector)]))
  if (named.length === 0) return []
  const fused = fuseLooks(named, models.taught, fusion)
  return [{ witness, direction, shelf, atMs, ...told(fused) }]
}

const fusion = { power: 0.5, leastProbability: 1e-4 } as const

/** The surest products in or near a hand. */
function nearHands(detections: readonly Detection[]): Detection[] {
  const hands = detections.filter(({ kind }) => kind === 'hand').map(({ box }) => grown(box, reachOfHand))
  const near = (box: Box): boolean => hands.some((hand) => shareWithin(box, hand) >= nearHand)
  return detections
    .filter(({ kind, score, box }) => kind === 'product' && score >= lookFrom && near(box))
    .toSorted((a, b) => b.score - a.score)
    .slice(0, mostLooks)
}
