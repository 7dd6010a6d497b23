/**
 * Trip: a hand's way into the fridge and out again, with what it takes and puts down on the way. Pure: where hand and goods
 * are at a moment follows from the trip alone.
 */
import type { Dice } from '../world/dice.ts'
import { heldPose, type HandPlace } from './hand.ts'
import type { Place } from './lens.ts'
import type { Pose } from './pose.ts'
import type { Size } from './shape.ts'

/** Where the fingers close about a thing, or leave it. */
export interface Stop {
  readonly atMs: number
  readonly type: 'take' | 'put'
  readonly instance: number
  readonly sku: string
  readonly size: Size
  /** The foot's middle, in the room. */
  readonly foot: Place
  readonly turn: number
}

/** What chance decides about one trip. */
export interface Manner {
  /** Of a thing's height, where it is held. */
  readonly grip: number
  readonly roll: number
  readonly sway: number
  readonly enterX: number
  readonly shoulderHigh: number
  /** How a thing is turned and tilted in the hand, against how it stood. */
  readonly turn: number
  readonly tip: number
  readonly lean: number
  readonly mirrored: boolean
}

export interface Trip {
  readonly fromMs: number
  readonly toMs: number
  /** In the order of time, one at least. */
  readonly stops: readonly Stop[]
  readonly manner: Manner
}

/** How long a thing takes to be turned in the hand. */
const turningMs = 420

export function mannerOf(dice: Dice, mirrored: boolean): Manner {
  return {
    grip: dice.between(0.4, 0.62),
    roll: 0.35 * dice.normal(),
    sway: 0.03 * dice.normal(),
    enterX: (mirrored ? -0.12 : 0.12) + 0.06 * dice.normal(),
    shoulderHigh: dice.between(0.12, 0.34),
    turn: dice.happens(0.5) ? 0.5 * dice.normal() : dice.between(-3, 3),
    tip: 0.3 * dice.normal(),
    lean: 0.3 * dice.normal(),
    mirrored,
  }
}

/** Where the hand is, front being the shelves' front edge; null before it comes and after it is gone. */
export function handAt({ fromMs, toMs, stops, manner }: Trip, front: number, atMs: number): HandPlace | null {
  if (atMs < fromMs || atMs > toMs) return null
  const next = stops.findIndex((stop) => stop.atMs > atMs)
  const before = next === 0 ? null : (stops.at(next < 0 ? -1 : next - 1) as Stop)
  const after = next < 0 ? null : (stops[next] as Stop)
  const nearest = (after ?? before) as Stop
  const shoulderOf = (stop: Stop): Place => [
    manner.enterX + stop.foot[0] * 0.35,
    front - 0.66,
    Math.max(0.45, Math.min(1.05, stop.foot[2] * 0.75 + 0.3 + manner.shoulderHigh)),
  ]
  const startMs = before?.atMs ?? fromMs
  const endMs = after?.atMs ?? toMs
  const share = smooth((atMs - startMs) / Math.max(1, endMs - startMs))
  const start =
    before === null ? outside(nearest, shoulderOf(nearest), front) : palmOn(before, shoulderOf(before), manner)
  const end = after === null ? outside(nearest, shoulderOf(nearest), front) : palmOn(after, shoulderOf(after), manner)
  // The way curves through a point before the shelf, so that the hand goes round what stands in front and not through.
  const mid: Place = [
    (start[0] + end[0]) / 2 + manner.sway,
    front - 0.16,
    (before !== null && after !== null
      ? Math.max(start[2], end[2])
      : nearest.foot[2] + nearest.size.height * manner.grip) + 0.02,
  ]
  const palm = bent(start, mid, end, share)
  const shoulder =
    before === null || after === null
      ? shoulderOf(nearest)
      : bent(shoulderOf(before), shoulderOf(before), shoulderOf(after), share)
  const holds = holding({ fromMs, toMs, stops, manner }, atMs)
  const gripped = Math.min(
    1,
    Math.max(...stops.map((stop) => 1 - Math.abs(stop.atMs - atMs) / 180), holds.length > 0 ? 1 : 0.25),
  )
  const span = Math.min(nearest.size.width, nearest.size.depth + 0.02, 0.1) / 2
  return { palm, ahead: aheadOf(palm, shoulder), roll: manner.roll, closed: gripped, span, shoulder }
}

/** What the hand carries then: taken before, or to be put down later. */
export function holding({ stops }: Trip, atMs: number): readonly Stop[] {
  return stops.filter((stop) => (stop.type === 'take' ? stop.atMs <= atMs : stop.atMs > atMs))
}

/** How a carried thing is held then; `order`: how many are in the hand already. */
export function carriedPose({ manner }: Trip, hand: HandPlace, stop: Stop, order: number, atMs: number): Pose {
  const since = stop.type === 'take' ? atMs - stop.atMs : stop.atMs - atMs
  const share = smooth(Math.min(1, since / turningMs))
  const salt = order === 0 ? 1 : -0.6
  const pose = heldPose(
    hand,
    stop.size,
    stop.turn + manner.turn * salt * share,
    manner.tip * salt * share,
    manner.lean * salt * share,
    manner.grip,
  )
  if (order > 0) {
    // The second stands beside the first, a little lower.
    const side = manner.mirrored ? 1 : -1
    pose[9] = (pose[9] as number) + side * share * (0.035 + stop.size.width / 2)
    pose[11] = (pose[11] as number) - share * 0.02 * order
  }
  return pose
}

function palmOn(stop: Stop, shoulder: Place, { grip }: Manner): Place {
  const held: Place = [stop.foot[0], stop.foot[1], stop.foot[2] + stop.size.height * grip]
  const away = 0.03 + Math.min(stop.size.width, stop.size.depth, 0.09) * 0.5
  const ahead = aheadOf(held, shoulder)
  return [held[0] - ahead[0] * away, held[1] - ahead[1] * away, held[2] - ahead[2] * away]
}

/** Mostly into the fridge, a little away from the shoulder. */
function aheadOf(palm: Place, shoulder: Place): Place {
  const towards: Place = [
    (palm[0] - shoulder[0]) * 0.5,
    Math.max(0.3, palm[1] - shoulder[1]),
    (palm[2] - shoulder[2]) * 0.3,
  ]
  const length = Math.hypot(...towards)
  return [towards[0] / length, towards[1] / length, towards[2] / length]
}

const outside = (stop: Stop, shoulder: Place, front: number): Place => [
  shoulder[0] * 0.8 + stop.foot[0] * 0.2,
  front - 0.6,
  Math.min(0.9, shoulder[2] - 0.1),
]

const bent = (a: Place, b: Place, c: Place, s: number): Place => {
  const [p, q, r] = [(1 - s) * (1 - s), 2 * s * (1 - s), s * s]
  return [a[0] * p + b[0] * q + c[0] * r, a[1] * p + b[1] * q + c[1] * r, a[2] * p + b[2] * q + c[2] * r]
}

const smooth = (share: number): number => {
  const s = Math.max(0, Math.min(1, share))
  return s * s * s * (10 + s * (6 * s - 15))
}
