/**
 * Training scene: one random fridge with random goods, lamps, camera and hands, from one seed, for the detector's training.
 * Distributions follow vision/training/fridge_scene.py. Pure.
 */
import { roomAbove, type Cabinet, cabinetDepth, ceilingHeight, sideRoom } from '../../src/virtual/camera/cabinet.ts'
import type { Finish } from '../../src/virtual/camera/furniture.ts'
import { createHand, heldPose, piecesOf, type HandPlace } from '../../src/virtual/camera/hand.ts'
import type { Lens } from '../../src/virtual/camera/lens.ts'
import type { Light } from '../../src/virtual/camera/light.ts'
import { upright } from '../../src/virtual/camera/pose.ts'
import type { Scene, StandingThing, Thing } from '../../src/virtual/camera/scene.ts'
import type { Shape } from '../../src/virtual/camera/shape.ts'
import { clearWeather, type Weather } from '../../src/virtual/camera/weather.ts'
import type { Dice } from '../../src/virtual/world/dice.ts'

export interface Goods {
  readonly sku: string
  readonly shape: Shape
}

export interface TrainingPicture {
  readonly scene: Scene
  readonly lens: Lens
  readonly weather: Weather
}

export function trainingPicture(goods: readonly Goods[], dice: Dice): TrainingPicture {
  const cabinet = cabinetOf(dice)
  const standing: StandingThing[] = []
  let next = 1
  const empty = dice.happens(0.1)
  for (let shelf = 1; shelf <= cabinet.floors.length; shelf++)
    if (!(empty && dice.happens(0.6)))
      for (const thing of stocked(goods, cabinet, shelf, dice)) standing.push({ ...thing, id: next++ })
  const moving: Thing[] = []
  const hands = dice.happens(0.65) ? (dice.happens(0.25) ? 2 : 1) : 0
  for (let hand = 0; hand < hands; hand++)
    for (const thing of handWith(goods, cabinet, dice, hand === 1))
      moving.push({ ...thing, id: thing.kind === 'other' ? 0 : next++ })
  return {
    scene: { room: { cabinet, finish: finishOf(dice), light: lightOf(cabinet, dice) }, standing, moving },
    lens: lensOf(cabinet, dice),
    weather: weatherOf(dice),
  }
}

function cabinetOf(dice: Dice): Cabinet {
  const floors = dice.happens(0.5)
    ? [0.86, 0.6, 0.31, 0]
    : dice.happens(0.7)
      ? [0.88, 0.6, 0.3, 0].map((floor) => (floor === 0 ? 0 : floor + dice.between(-0.04, 0.04)))
      : [0.78, 0.4, 0].map((floor) => (floor === 0 ? 0 : floor + dice.between(-0.05, 0.05)))
  return {
    width: dice.between(0.56, 0.8),
    depth: dice.between(0.95, 1.05) * cabinetDepth,
    ceiling: ceilingHeight,
    floors,
  }
}

/** One shelf, row behind row, with gaps where something was taken and things pushed out of line. */
function stocked(goods: readonly Goods[], cabinet: Cabinet, shelf: number, dice: Dice): Omit<StandingThing, 'id'>[] {
  const found: Omit<StandingThing, 'id'>[] = []
  const room = roomAbove(cabinet, shelf)
  const fitting = goods.filter(({ shape }) => shape.height <= room + 0.01)
  const floor = cabinet.floors[shelf - 1] as number
  let x = -cabinet.width / 2 + sideRoom + dice.between(0, 0.02)
  while (fitting.length > 0) {
    const { sku, shape } = fitting[dice.below(fitting.length)] as Goods
    const { width, depth, height } = shape
    if (x + width > cabinet.width / 2 - sideRoom) break
    const layers = height * 2 < room && dice.happens(0.25) ? 2 : 1
    const rows = Math.max(1, Math.floor((cabinet.depth - 0.03) / (depth + 0.006)))
    const taken = dice.happens(0.4) ? dice.below(rows + 1) : 0
    for (let row = taken; row < rows; row++)
      for (let layer = 0; layer < layers; layer++) {
        if (layer > 0 && row === taken && dice.happens(0.4)) continue
        const at = {
          x: x + width / 2 + 0.003 * dice.normal(),
          y: -cabinet.depth / 2 + 0.012 + depth / 2 + row * (depth + 0.006) + 0.003 * dice.normal(),
        }
        const turn = dice.happens(0.8) ? 0.25 * dice.normal() : dice.between(-3, 3)
        found.push({
          kind: 'product',
          sku,
          shelf,
          pieces: [{ mesh: shape.mesh, pose: upright([at.x, at.y, floor + 0.001 + layer * height], turn) }],
          footprint: { ...at, width, depth },
        })
      }
    x += width + dice.between(0.004, 0.03)
  }
  return found
}

/** An arm that reaches in from the door, mostly with a thing in its fingers; now and then its owner in the way. */
function handWith(goods: readonly Goods[], cabinet: Cabinet, dice: Dice, second: boolean): Omit<Thing, 'id'>[] {
  const hand = createHand(dice, second ? dice.happens(0.9) : dice.happens(0.4))
  const front = -cabinet.depth / 2
  const palm = [
    dice.between(-0.26, 0.26),
    front + dice.between(-0.22, 0.16),
    dice.between(0.08, cabinet.ceiling - 0.1),
  ] as const
  const shoulder = [
    palm[0] * 0.5 + dice.between(-0.15, 0.15),
    front - dice.between(0.5, 0.7),
    dice.between(0.5, 1),
  ] as const
  const carried = dice.happens(0.65) ? goods[dice.below(goods.length)] : undefined
  const place: HandPlace = {
    palm,
    ahead: [0.25 * dice.normal(), 1, 0.2 * dice.normal()],
    roll: 0.5 * dice.normal(),
    closed: carried === undefined ? dice.between(0, 0.8) : dice.between(0.7, 1),
    span: carried === undefined ? dice.between(0.02, 0.04) : carried.shape.width / 2,
    shoulder,
  }
  const things: Omit<Thing, 'id'>[] = [{ kind: 'hand', sku: null, pieces: piecesOf(hand, place) }]
  if (carried !== undefined) {
    const turn = dice.happens(0.5) ? 0.6 * dice.normal() : dice.between(-3, 3)
    const pose = heldPose(
      place,
      carried.shape,
      turn,
      0.35 * dice.normal(),
      0.35 * dice.normal(),
      dice.between(0.35, 0.65),
    )
    things.push({ kind: 'product', sku: carried.sku, pieces: [{ mesh: carried.shape.mesh, pose }] })
  }
  return things
}

function finishOf(dice: Dice): Finish {
  const shade = dice.between(105, 240)
  const shelf = dice.between(110, 235)
  const dark = dice.between(15, 220)
  const tinted = (value: number, by: number): [number, number, number] => [
    value * dice.between(1 - by, 1 + by),
    value,
    value * dice.between(1 - by, 1 + by),
  ]
  return {
    walls: tinted(shade, 0.05),
    shelves: tinted(shelf, 0.06),
    edges: tinted(dice.between(60, 220), 0.15),
    frame: tinted(dark, 0.1),
    room: tinted(dice.between(20, 190), 0.2),
    gloss: dice.between(0.1, 0.9),
  }
}

function lightOf({ width, depth, ceiling }: Cabinet, dice: Dice): Light {
  const sides = dice.between(0, 0.25)
  return {
    ambient: dice.between(0.3, 0.65),
    gloom: dice.between(0.25, 0.75),
    lamps: [
      {
        place: [dice.between(-0.15, 0.15), -depth / 2 - dice.between(-0.1, 0.15), ceiling + 0.02],
        power: dice.between(0.08, 0.4),
      },
      ...[-1, 1].map((side) => ({
        place: [side * (width / 2 - 0.02), -depth / 2 - 0.03, dice.between(0.4, 0.8)] as const,
        power: sides * dice.between(0.5, 1),
      })),
      { place: [dice.between(-1, 1), -1.6, 1.8], power: dice.between(0.1, 0.9) },
    ],
  }
}

/** At an upper edge of the open door, looking in through a wide lens; or at the ceiling's front edge. */
function lensOf({ depth }: Cabinet, dice: Dice): Lens {
  const side = dice.happens(0.5) ? 1 : -1
  const place = dice.happens(0.65)
    ? ([side * dice.between(0.2, 0.44), -depth / 2 - dice.between(0.22, 0.5), dice.between(0.95, 1.3)] as const)
    : ([dice.between(-0.2, 0.2), -depth / 2 - dice.between(0.15, 0.35), dice.between(0.9, 1.15)] as const)
  return {
    place,
    aim: [0.05 * dice.normal(), 0, dice.between(0.35, 0.6)],
    angle: dice.between(80, 117),
  }
}

function weatherOf(dice: Dice): Weather {
  const bright = Math.exp(0.18 * dice.normal())
  const gain = (): number => bright * Math.exp(0.05 * dice.normal())
  return {
    ...clearWeather,
    gains: [gain(), gain(), gain()],
    noise: dice.between(0.5, 7),
    vignette: dice.between(0, 0.5),
    fog: dice.happens(0.25) ? dice.between(0.1, 0.6) : 0,
    veil: [dice.between(2, 9), dice.between(0, 6), dice.between(2, 9), dice.between(0, 6)],
  }
}
