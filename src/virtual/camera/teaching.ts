/**
 * Teaching: pictures of one unit as an operator would take them to teach a gallery: held before the fridge's camera, or
 * set on a neutral ground, at different turns. One product to a picture; most of them show its front.
 */
import { createExposure, type Pixels } from './exposure.ts'
import { plainFinish } from './furniture.ts'
import { createHand, heldPose, piecesOf, type HandPlace } from './hand.ts'
import { addPatch, meshBuilder } from './mesh.ts'
import { upright } from './pose.ts'
import type { Scene, Thing } from './scene.ts'
import { diceFor } from './seeded.ts'
import type { Shape } from './shape.ts'
import { plainTexture } from './texture.ts'
import { clearWeather, createGrain, type Weather } from './weather.ts'

/** With where the unit is in it, as the truth says: left, top, right, bottom. */
export interface TeachingPicture extends Pixels {
  readonly box: readonly [number, number, number, number]
}

/** `ground`: on a table. `held`: in a hand before a room's blur. */
type TeachingManner = 'ground' | 'held'

export interface TeachingOptions {
  /** `ground` if left out. */
  readonly manner?: TeachingManner
  /** 1280 if left out; always 16 to 9. */
  readonly width?: number
}

/**
 * `count` pictures of a unit of this shape, as the seed says; the first shows its front, straight. The same arguments give
 * the same bytes.
 */
export function teachingPictures(
  shape: Shape,
  count: number,
  seed: number,
  options: TeachingOptions = {},
): TeachingPicture[] {
  return Array.from({ length: count }, (_, index) => teachingPicture(shape, index, seed, options))
}

function teachingPicture(
  shape: Shape,
  index: number,
  seed: number,
  { manner = 'ground', width = 1280 }: TeachingOptions,
): TeachingPicture {
  const height = Math.round((width * 9) / 16)
  const dice = diceFor(seed, `teaching ${index}`)
  const straight = index === 0
  // Turned so far that the front is still seen, mostly; now and then another side.
  const turn = straight ? 0 : index % 4 === 3 ? dice.between(-3, 3) : dice.between(-0.9, 0.9)
  const far = Math.max(shape.height, shape.width) * (straight ? 1.5 : dice.between(1.45, 2.1))
  // From a little above the table to as steep as the fridge's cameras look down.
  const steep = straight ? 0.08 : dice.between(0.05, 0.85)
  const aside = straight ? 0 : dice.between(-0.2, 0.2) * far
  const lens = {
    place: [aside, -far * Math.cos(steep), shape.height * 0.5 + far * Math.sin(steep)] as const,
    aim: [straight ? 0 : 0.08 * shape.width * dice.normal(), 0, shape.height * 0.5] as const,
    angle: 70,
  }
  const exposure = createExposure(lens, width, height, createGrain(diceFor(seed, 'grain')))
  const gain = (): number => Math.exp(0.04 * dice.normal())
  const bright = straight ? 1 : Math.exp(0.12 * dice.normal())
  const weather: Weather = {
    ...clearWeather,
    gains: [bright * gain(), bright, bright * gain()],
    noise: dice.between(1, 3),
    vignette: 0.15,
  }
  const things = manner === 'held' ? held(shape, dice.between(-0.3, 0.3), turn, seed) : [onGround(shape, turn)]
  const picture = exposure.picture({ ...studioScene(seed, index), moving: things }, weather, index)
  const box = exposure.seen().find(({ kind }) => kind === 'product')?.box ?? [0, 0, width, height]
  return { ...picture, box }
}

const onGround = ({ mesh }: Shape, turn: number): Thing => ({
  id: 1,
  kind: 'product',
  sku: null,
  pieces: [{ mesh, pose: upright([0, 0, 0.001], turn) }],
})

function held(shape: Shape, lean: number, turn: number, seed: number): Thing[] {
  const hand = createHand(diceFor(seed, 'teaching hand'), false)
  const grip = 0.32
  // From behind and below, so that fingers cover little of the front.
  const place: HandPlace = {
    palm: [0.02, 0.03 + Math.min(shape.width, shape.depth, 0.09) * 0.5, shape.height * grip],
    ahead: [-0.05, -1, 0],
    roll: 0.2,
    closed: 0.9,
    span: shape.width / 2,
    shoulder: [0.3, 0.6, -0.1],
  }
  return [
    {
      id: 1,
      kind: 'product',
      sku: null,
      pieces: [{ mesh: shape.mesh, pose: heldPose(place, shape, turn, 0, lean, grip) }],
    },
    { id: 2, kind: 'hand', sku: null, pieces: piecesOf(hand, place) },
  ]
}

/** A table and a wall in a plain colour that the seed chooses. */
function studioScene(seed: number, index: number): Omit<Scene, 'moving'> {
  const dice = diceFor(seed, `ground ${index}`)
  const shade = dice.between(110, 225)
  const ground = plainTexture(shade * dice.between(0.92, 1.06), shade, shade * dice.between(0.92, 1.06))
  const to = meshBuilder()
  addPatch(to, [0, 0, 1], 12, 12, (s, t) => [(2 * s - 1) * 2, -1 + 2 * t, 0])
  addPatch(to, [0, -1, 0], 12, 8, (s, t) => [(2 * s - 1) * 2, 0.9, t * 2])
  to.part(ground, 0.1)
  return {
    room: {
      cabinet: { width: 4, depth: 4, ceiling: 3, floors: [0] },
      finish: plainFinish,
      light: {
        ambient: 0.5,
        gloom: 0,
        lamps: [
          { place: [dice.between(-0.5, 0.5), -0.7, 0.9], power: 0.65 },
          { place: [dice.between(-1, 1), -0.2, 1.2], power: 0.2 },
        ],
      },
      backdrop: to.build(),
    },
    standing: [],
  }
}
