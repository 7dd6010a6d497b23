/**
 * Journeys: what one product did before one camera, put together from the tracks that it left: where it came from, where it
 * is, which hand carries it, and its best looks. Pure but for the journeys it is given, which it writes in place.
 *
 * Holds always: a journey knows where it came from (`origin`) from its second look on, and its side changes only when its
 * middle is clearly beyond the opening's outline. Called by track/crossings.ts only.
 */
import type { Box } from '../detect/detection.ts'
import { grown, middleOf, shareWithin, type Point } from './boxes.ts'
import type { CrossingSettings } from './crossings.ts'
import { depthInside, shelfAt, type Opening } from './opening.ts'

export type Side = 'inside' | 'outside'

/** One frame in which a product was seen: its box can be cut from the frame of that time and looked at. */
export interface Look {
  readonly atMs: number
  readonly box: Box
  readonly score: number
  /** Higher for a sure, large box that no hand hides. */
  readonly quality: number
  /** What it looked like, where the tracker was told. */
  readonly vector: Float32Array | null
}

interface Passed {
  readonly atMs: number
  readonly depth: number
  readonly at: Point
}

export interface Journey {
  readonly tracks: number[]
  origin: Side
  /** Where it stood, or was put; null where that was not seen. */
  shelf: number | null
  /** Where it was first seen, if that was inside; null: it was not. */
  readonly bornShelf: number | null
  box: Box
  depth: number
  /** Pixels a second towards the inside; negative is outwards. */
  inward: number
  side: Side
  sideSinceMs: number
  seenAtMs: number
  /** Since when it is where it is, within a fraction of its size. */
  restSinceMs: number
  restAt: Point
  /** How far it was ever away from where it was first seen, in its own sizes. */
  moved: number
  readonly bornAt: Point
  /** Looks in a row that showed it in a hand and on its way. */
  carried: number
  /** The hand's track that carries it, or did last. */
  hand: number | null
  heldAtMs: number
  /** The frames in which it was seen outside since it was last inside. */
  outsideAtMs: readonly number[]
  readonly path: Passed[]
  looks: readonly Look[]
  lostAtMs: number | null
}

export interface HandReach {
  readonly id: number
  box: Box
  /** How deep its deepest part is inside, in pixels. */
  reach: number
  deepest: number
  deepestAtMs: number
  readonly bornAtMs: number
  seenAtMs: number
}

const keptFrames = 20
/** So far back a product's speed is measured. */
const speedMs = 350
/** What moved so much of its size from one look to the next did not only tremble. */
const movingSizes = 0.3

export const sizeOf = ({ width, height }: Box): number => Math.sqrt(width * height)

/** How deep inside a hand's box reaches, wherever its fingers are in it. */
export function reachOf(opening: Opening, { left, top, width, height }: Box): number {
  let most = -Infinity
  for (const across of [0.1, 0.5, 0.9]) {
    for (const down of [0.1, 0.5, 0.9]) {
      most = Math.max(most, depthInside(opening, { x: left + across * width, y: top + down * height }))
    }
  }
  return most
}

/** The hand that covers most of the box, if any covers a good part. */
export function holderOf(hands: Iterable<HandReach>, box: Box, share: number): HandReach | null {
  let best: HandReach | null = null
  let most = share
  for (const hand of hands) {
    const covered = shareWithin(box, grown(hand.box, 0.12))
    if (covered >= most) {
      best = hand
      most = covered
    }
  }
  return best
}

/** A journey that begins with this look. Where it came from is settled by `settleOrigin` at its second. */
export function startJourney(opening: Opening, track: number, look: Look): Journey {
  const at = middleOf(look.box)
  const depth = depthInside(opening, at)
  const side: Side = depth >= 0 ? 'inside' : 'outside'
  return {
    tracks: [track],
    origin: side,
    shelf: null,
    bornShelf: side === 'inside' ? shelfAt(opening, { x: at.x, y: at.y + -0.25 * look.box.height }) : null,
    box: look.box,
    depth,
    inward: 0,
    side,
    sideSinceMs: look.atMs,
    seenAtMs: look.atMs,
    restSinceMs: look.atMs,
    restAt: at,
    moved: 0,
    bornAt: at,
    carried: 0,
    hand: null,
    heldAtMs: -Infinity,
    outsideAtMs: side === 'outside' ? [look.atMs] : [],
    path: [{ atMs: look.atMs, depth, at }],
    looks: [look],
    lostAtMs: null,
  }
}

/** Takes in another look at the same product. */
export function goOn(journey: Journey, opening: Opening, look: Look, settings: CrossingSettings): void {
  const at = middleOf(look.box)
  const depth = depthInside(opening, at)
  const margin = settings.margin * opening.pictureWidth
  const { path } = journey
  path.push({ atMs: look.atMs, depth, at })
  while (path.length > 2 && look.atMs - (path[0]?.atMs ?? 0) > speedMs) path.shift()
  const first = path[0] ?? { atMs: look.atMs, depth, at }
  const size = sizeOf(look.box)
  journey.inward = ((depth - first.depth) * 1000) / Math.max(1, look.atMs - first.atMs)
  journey.box = look.box
  journey.depth = depth
  journey.seenAtMs = look.atMs
  journey.moved = Math.max(journey.moved, distance(at, journey.bornAt) / size)
  if (distance(at, journey.restAt) > settings.restShare * size) {
    journey.restAt = at
    journey.restSinceMs = look.atMs
  }
  const side: Side = depth > margin ? 'inside' : depth < -margin ? 'outside' : journey.side
  if (side !== journey.side) {
    journey.side = side
    journey.sideSinceMs = look.atMs
  }
  journey.outsideAtMs = side === 'outside' ? [...journey.outsideAtMs, look.atMs].slice(-keptFrames) : []
  if (side === 'inside' && look.atMs - journey.restSinceMs >= settings.standMs) {
    journey.shelf = shelfAt(opening, journey.restAt)
  }
  keepLook(journey, look, settings)
}

/**
 * Where a product came from that was seen twice: from where its way leads back to. One that keeps still in a hand outside
 * came from inside when that hand did.
 */
export function settleOrigin(journey: Journey, hand: HandReach | null, anyHand: boolean, margin: number): void {
  const size = sizeOf(journey.box)
  const firstDepth = journey.path[0]?.depth ?? journey.depth
  const inwards = journey.depth - firstDepth
  const moves = Math.abs(inwards) > movingSizes * size && anyHand
  // What is first seen deep inside was hidden there before: nothing comes so far in unseen.
  if (moves && (firstDepth < margin || (hand !== null && firstDepth < size))) {
    journey.origin = inwards > 0 ? 'outside' : 'inside'
    return
  }
  const wasInside = hand !== null && hand.deepest > margin && hand.reach < hand.deepest - size / 2
  journey.origin = journey.depth > -margin || wasInside ? 'inside' : 'outside'
}

/** A few of the best looks, none within a tenth of a second of a better one. */
function keepLook(journey: Journey, look: Look, { mostLooks, looksApartMs }: CrossingSettings): void {
  const close = journey.looks.filter(({ atMs }) => Math.abs(atMs - look.atMs) < looksApartMs)
  if (close.some(({ quality }) => quality >= look.quality)) return
  const kept = [...journey.looks.filter((one) => !close.includes(one)), look]
  if (kept.length > mostLooks) {
    const worst = kept.reduce((least, one) => (one.quality < least.quality ? one : least))
    kept.splice(kept.indexOf(worst), 1)
  }
  journey.looks = kept
}

export const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y)
