/**
 * Visit: somebody at a fridge of four shelves, as two cameras at the door's upper edges see it: true boxes of products and
 * hands for each frame, and what was really taken and put back. Everything follows from the seed.
 *
 * Products are blocks that hide each other, shelves hide what is under them, an arm hides what is behind it. Hands reach in
 * and out as people do: half a second to a second each way, on a curve.
 */
import { createDice, type Dice } from '../../src/virtual/world/dice.ts'
import type { Box } from '../../vision/detect/detection.ts'
import type { Point } from '../../vision/track/boxes.ts'
import { openingSeen, type CabinetShape, type Opening, type Projection } from '../../vision/track/opening.ts'
import { createCanvas, type Canvas } from './canvas.ts'

export type Place = readonly [number, number, number]

export interface TrueThing {
  readonly id: number
  readonly kind: 'product' | 'hand'
  readonly sku: number
  readonly box: Box
  /** Of what it would show alone, the share that is seen. */
  readonly share: number
  readonly carried: boolean
}

export interface TrueMove {
  readonly direction: 'taken' | 'returned'
  readonly id: number
  readonly sku: number
  readonly shelf: number
  /** When the hand passed through the door's plane. */
  readonly atMs: number
}

export interface Film {
  readonly opening: Opening
  readonly frames: readonly { readonly atMs: number; readonly things: readonly TrueThing[] }[]
  readonly moves: readonly TrueMove[]
}

export interface VisitOptions {
  readonly seed: number
  readonly camera: 'left' | 'right'
  readonly framesPerSecond: number
}

export const pictureWidth = 640
export const pictureHeight = 360
const coarse = 2
const cabinet: CabinetShape = { width: 0.6, depth: 0.46, ceiling: 1.14, floors: [0.86, 0.6, 0.31, 0] }
const front = -cabinet.depth / 2
const lensAngle = 92
const handId = 1

interface Unit {
  readonly id: number
  readonly sku: number
  readonly shelf: number
  readonly foot: Place
  readonly size: Place
}

/** A unit's way: it stands, is carried by a trip, or is gone. */
interface Stop {
  readonly unit: Unit
  readonly type: 'take' | 'put'
  readonly atMs: number
  readonly foot: Place
}

interface Trip {
  readonly fromMs: number
  readonly toMs: number
  readonly hand: number
  readonly stops: readonly Stop[]
  readonly sway: number
  readonly outX: number
}

export function seededDice(seed: number): Dice {
  let word = (seed + 1) * 2_654_435_761
  return createDice({
    bytes: (count) =>
      Uint8Array.from({ length: count }, () => {
        word = (Math.imul(word ^ (word >>> 15), 2_246_822_519) + 3_266_489_917) | 0
        return (word >>> 13) & 255
      }),
    uuid: () => `${seed}`,
  })
}

/** The camera's projection: as the virtual fridge's cameras stand. */
export function projectionOf(camera: 'left' | 'right', width: number, height: number): Projection {
  const side = camera === 'left' ? -1 : 1
  const place: Place = [side * (cabinet.width / 2 - 0.04), front - 0.44, cabinet.ceiling + 0.08]
  const aim: Place = [side * 0.12, -0.02, cabinet.ceiling * 0.44]
  const forward = unit(minus(aim, place))
  const right = unit(cross(forward, [0, 0, 1]))
  const down = cross(forward, right)
  const focal = width / 2 / Math.tan((lensAngle * Math.PI) / 360)
  return (x, y, z) => {
    const from = minus([x, y, z], place)
    const depth = dot(from, forward)
    if (depth < 0.05) return null
    return { x: width / 2 + (dot(from, right) * focal) / depth, y: height / 2 + (dot(from, down) * focal) / depth }
  }
}

export function filmVisit({ seed, camera, framesPerSecond }: VisitOptions): Film {
  const dice = seededDice(seed)
  const units = stocked(dice)
  const { trips, moves, endMs } = planned(dice, units)
  const project = projectionOf(camera, pictureWidth / coarse, pictureHeight / coarse)
  const lens = lensPlace(camera)
  const bands = openingSeen(cabinet, project, pictureWidth / coarse, pictureHeight / coarse).shelves
  const canvas = createCanvas(pictureWidth / coarse, pictureHeight / coarse)
  let standingNow = ''
  const frames = Array.from({ length: Math.floor((endMs * framesPerSecond) / 1000) }, (_, frame) => {
    const atMs = Math.round((frame * 1000) / framesPerSecond)
    const { standing, carried, arms } = sceneAt(units, trips, atMs)
    const alone = new Map<number, number>()
    const key = standing.map(({ id, foot }) => `${id}@${foot.join()}`).join(' ')
    const paint = ({ id, shelf, foot, size }: Unit, inside: boolean): void => {
      const corners = cornersOf(foot, size).map(([x, y, z]) => project(x, y, z))
      if (corners.some((corner) => corner === null)) return
      const middle: Place = [foot[0], foot[1], foot[2] + size[2] / 2]
      const within = inside ? (bands[shelf - 1] ?? null) : null
      alone.set(id, canvas.fill(corners as Point[], id, Math.hypot(...minus(middle, lens)), within))
    }
    canvas.clear(key === standingNow)
    if (key !== standingNow) {
      for (const one of standing) paint(one, true)
      canvas.keep()
      standingNow = key
    }
    for (const one of carried) paint(one, one.foot[1] > front)
    for (const arm of arms) paintArm(canvas, arm.hand, arm.palm, arm.shoulder, project, lens, alone)
    const seen = canvas.seen()
    const things: TrueThing[] = []
    for (const [id, { left, top, right, bottom, pixels }] of seen) {
      if (pixels < 8) continue
      const one = carried.find((unit) => unit.id === id) ?? standing.find((unit) => unit.id === id)
      const box = {
        left: left * coarse,
        top: top * coarse,
        width: (right - left) * coarse,
        height: (bottom - top) * coarse,
      }
      things.push({
        id,
        kind: one === undefined ? 'hand' : 'product',
        sku: one?.sku ?? -1,
        box,
        // A standing unit's share is of its visible part alone: what never shows is not hidden by anybody.
        share: Math.min(1, pixels / Math.max(1, alone.get(id) ?? pixels)),
        carried: carried.some((unit) => unit.id === id),
      })
    }
    return { atMs, things }
  })
  const opening = openingSeen(cabinet, projectionOf(camera, pictureWidth, pictureHeight), pictureWidth, pictureHeight)
  return { opening, frames, moves }
}

/** Shelves with four products each, three rows deep. */
function stocked(dice: Dice): readonly Unit[] {
  const units: Unit[] = []
  let id = 10
  for (let shelf = 1; shelf <= 4; shelf += 1) {
    const floor = cabinet.floors[shelf - 1] ?? 0
    for (let lane = 0; lane < 6; lane += 1) {
      const sku = (shelf - 1) * 4 + (lane % 4)
      const size: Place = [0.055 + 0.03 * ((sku * 7) % 5) * 0.2, 0.06, 0.1 + 0.02 * ((sku * 5) % 5)]
      for (let row = 0; row < 3; row += 1) {
        if (row === 0 && dice.happens(0.15)) continue
        const foot: Place = [-0.25 + lane * 0.1 + dice.normal() * 0.004, front + 0.06 + row * 0.08, floor]
        units.push({ id: (id += 1), sku, shelf, foot, size })
      }
    }
  }
  return units
}

function planned(dice: Dice, units: readonly Unit[]): { trips: Trip[]; moves: TrueMove[]; endMs: number } {
  const trips: Trip[] = []
  const moves: TrueMove[] = []
  const held: Unit[] = []
  const gone = new Set<number>()
  let nowMs = 900
  let hand = handId
  const front1 = (): Unit | undefined => {
    const open = units.filter(
      (one) => !gone.has(one.id) && !units.some((other) => !gone.has(other.id) && inFrontOf(other, one)),
    )
    return open[dice.below(Math.max(1, open.length))]
  }
  const travel = (stops: readonly Stop[], fromMs: number, toMs: number): void => {
    trips.push({ fromMs, toMs, hand, stops, sway: dice.normal() * 0.03, outX: dice.between(-0.2, 0.2) })
  }
  const count = 2 + dice.below(3)
  for (let number = 0; number < count; number += 1) {
    const reachMs = dice.between(520, 900)
    const backMs = dice.between(520, 900)
    const gripMs = nowMs + reachMs
    hand = dice.happens(0.5) ? handId : handId + 1
    const way = dice.uniform()
    const first = front1()
    const back = held[0]
    if (way < 0.2 && back !== undefined) {
      // Puts one back, sometimes on another shelf.
      held.shift()
      const shelf = dice.happens(0.3) ? 1 + dice.below(4) : back.shelf
      const foot: Place = [back.foot[0], front + 0.05, cabinet.floors[shelf - 1] ?? 0]
      travel([{ unit: back, type: 'put', atMs: gripMs, foot }], nowMs, gripMs + backMs)
      moves.push({ direction: 'returned', id: back.id, sku: back.sku, shelf, atMs: gripMs - reachMs * 0.45 })
    } else if (way < 0.3 && first !== undefined) {
      // Takes one up, looks at it inside, and leaves it where it was.
      const putMs = gripMs + dice.between(600, 1200)
      const stops: Stop[] = [
        { unit: first, type: 'take', atMs: gripMs, foot: first.foot },
        { unit: first, type: 'put', atMs: putMs, foot: first.foot },
      ]
      travel(stops, nowMs, putMs + backMs)
      nowMs = putMs
    } else if (way < 0.38) {
      // Reaches in and takes nothing.
      const foot: Place = [dice.between(-0.2, 0.2), front + 0.1, cabinet.floors[dice.below(4)] ?? 0]
      const nothing: Unit = { id: 0, sku: -1, shelf: 1, foot, size: [0.05, 0.05, 0.1] }
      travel([{ unit: nothing, type: 'put', atMs: gripMs, foot }], nowMs, gripMs + backMs)
    } else if (first !== undefined) {
      const stops: Stop[] = [{ unit: first, type: 'take', atMs: gripMs, foot: first.foot }]
      gone.add(first.id)
      const second = dice.happens(0.15) ? front1() : undefined
      if (second !== undefined && second.shelf === first.shelf) {
        stops.push({ unit: second, type: 'take', atMs: gripMs + 400, foot: second.foot })
        gone.add(second.id)
      }
      const endMs = (stops.at(-1)?.atMs ?? gripMs) + backMs
      travel(stops, nowMs, endMs)
      for (const { unit: one } of stops) {
        held.push(one)
        moves.push({ direction: 'taken', id: one.id, sku: one.sku, shelf: one.shelf, atMs: endMs - backMs * 0.55 })
      }
    }
    nowMs = Math.max(nowMs, gripMs + backMs) + dice.between(150, 1100)
  }
  return { trips, moves, endMs: nowMs + 1200 }
}

const inFrontOf = (a: Unit, b: Unit): boolean =>
  a.shelf === b.shelf && Math.abs(a.foot[0] - b.foot[0]) < 0.03 && a.foot[1] < b.foot[1] - 0.01

function sceneAt(units: readonly Unit[], trips: readonly Trip[], atMs: number) {
  const standing: Unit[] = []
  const carried: Unit[] = []
  const arms: { readonly hand: number; readonly palm: Place; readonly shoulder: Place }[] = []
  for (const trip of trips) {
    if (atMs >= trip.fromMs && atMs <= trip.toMs) arms.push({ hand: trip.hand, ...armAt(trip, atMs) })
  }
  for (const one of units) {
    let foot: Place | null = one.foot
    let holder: { readonly trip: Trip; readonly order: number } | null = null
    for (const trip of trips) {
      for (const [order, stop] of trip.stops.entries()) {
        if (stop.unit.id !== one.id) continue
        const brought = stop.type === 'put' && trip.stops.findIndex(({ unit: other }) => other.id === one.id) === order
        const held = brought ? atMs >= trip.fromMs && atMs < stop.atMs : stop.type === 'take' && atMs >= stop.atMs
        if (held) [foot, holder] = [null, { trip, order: stop.type === 'take' ? order : 0 }]
        else if (stop.type === 'put' && atMs >= stop.atMs) [foot, holder] = [stop.foot, null]
      }
    }
    if (holder !== null && atMs <= holder.trip.toMs) {
      const { palm } = armAt(holder.trip, atMs)
      const held: Place = [palm[0] + holder.order * 0.07, palm[1] + 0.05, palm[2] - one.size[2] * 0.5]
      carried.push({ ...one, shelf: shelfAtHeight(held[2]), foot: held })
    } else if (foot !== null) standing.push({ ...one, shelf: shelfAtHeight(foot[2]), foot })
  }
  return { standing, carried, arms }
}

const shelfAtHeight = (z: number): number => {
  const index = cabinet.floors.findIndex((floor) => z >= floor - 0.03)
  return index < 0 ? cabinet.floors.length : index + 1
}

function armAt({ fromMs, toMs, stops, sway, outX }: Trip, atMs: number): { palm: Place; shoulder: Place } {
  const grips = stops.map(({ atMs: gripMs, foot, unit: { size } }) => ({
    atMs: gripMs,
    place: [foot[0], foot[1] - 0.05, foot[2] + size[2] * 0.5] as Place,
  }))
  const nearest = grips[0]?.place ?? [0, 0, 0.5]
  const outside: Place = [outX, front - 0.6, Math.min(0.9, Math.max(0.45, nearest[2] * 0.75 + 0.4))]
  const knots = [{ atMs: fromMs, place: outside }, ...grips, { atMs: toMs, place: outside }]
  const next = Math.max(
    1,
    knots.findIndex((knot) => knot.atMs >= atMs),
  )
  const [a, b] = [knots[next - 1] ?? knots[0], knots[next] ?? knots.at(-1)]
  if (a === undefined || b === undefined) return { palm: outside, shoulder: outside }
  const linear = (atMs - a.atMs) / Math.max(1, b.atMs - a.atMs)
  const share = Math.max(0, Math.min(1, linear * linear * (3 - 2 * linear)))
  // Outside in, the way curves through a point before the shelf; from shelf to shelf it stays inside.
  const within = grips.some(({ place }) => place === a.place) && grips.some(({ place }) => place === b.place)
  const mid: Place = [(a.place[0] + b.place[0]) / 2 + sway, front + (within ? 0.06 : -0.16), nearest[2] + 0.03]
  const palm = [0, 1, 2].map((axis) => {
    const [p, m, q] = [a.place[axis] ?? 0, mid[axis] ?? 0, b.place[axis] ?? 0]
    return (1 - share) ** 2 * p + 2 * share * (1 - share) * m + share ** 2 * q
  })
  return { palm: [palm[0] ?? 0, palm[1] ?? 0, palm[2] ?? 0], shoulder: [outX * 1.3, front - 0.75, outside[2] + 0.25] }
}

/** A forearm and palm as balls on a line from the palm towards the shoulder. */
function paintArm(
  canvas: Canvas,
  hand: number,
  palm: Place,
  shoulder: Place,
  project: Projection,
  lens: Place,
  alone: Map<number, number>,
): void {
  const along = minus(shoulder, palm)
  const length = Math.hypot(...along)
  let pixels = 0
  for (let at = 0; at <= Math.min(1, 0.5 / length); at += 0.04) {
    const radius = at < 0.12 ? 0.036 : 0.042
    const middle: Place = [palm[0] + along[0] * at, palm[1] + along[1] * at, palm[2] + along[2] * at]
    const [centre, edge] = [project(...middle), project(middle[0] + radius, middle[1], middle[2])]
    if (centre === null || edge === null) continue
    const size = Math.hypot(edge.x - centre.x, edge.y - centre.y)
    if (size > 60) continue
    const ball = Array.from({ length: 10 }, (_, corner) => ({
      x: centre.x + size * Math.cos((corner * Math.PI) / 5),
      y: centre.y + size * Math.sin((corner * Math.PI) / 5),
    }))
    pixels += canvas.fill(ball, hand, Math.hypot(...minus(middle, lens)), null)
  }
  alone.set(hand, pixels)
}

const lensPlace = (camera: 'left' | 'right'): Place => [
  (camera === 'left' ? -1 : 1) * (cabinet.width / 2 - 0.04),
  front - 0.44,
  cabinet.ceiling + 0.08,
]

const cornersOf = ([x, y, z]: Place, [w, d, h]: Place): readonly Place[] =>
  [-1, 1].flatMap((i) =>
    [-1, 1].flatMap((j) => [0, 1].map((k): Place => [x + (i * w) / 2, y + (j * d) / 2, z + k * h])),
  )

const minus = (a: Place, b: Place): Place => [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
const dot = (a: Place, b: Place): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
const cross = (a: Place, b: Place): Place => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
]
const unit = (a: Place): Place => {
  const length = Math.hypot(...a)
  return [a[0] / length, a[1] / length, a[2] / length]
}
