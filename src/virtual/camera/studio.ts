/**
 * Studio: a shop's fridge with its two cameras, ready to be looked at: pictures are read once, then any stage's moments are
 * taken by either camera, with what is wrong with the lens or the light that day.
 *
 * Holds always: a picture follows from stage, camera, moment and conditions alone: the same ones give the same bytes.
 */
import { join } from 'node:path'
import type { Shop } from '../shop.ts'
import { foreignSku } from '../world/world.ts'
import type { Cabinet } from './cabinet.ts'
import { createExposure, type Exposure, type Pixels } from './exposure.ts'
import { foreignSize, planFor } from './layout.ts'
import { projected, viewThrough, type Lens } from './lens.ts'
import { pictureLook } from './look.ts'
import { addPatch, meshBuilder } from './mesh.ts'
import { diceFor } from './seeded.ts'
import { shapeOf, type Shape } from './shape.ts'
import { bodyAt, createStage, type Items, type Stage, type StageOptions, type Stock } from './stage.ts'
import { plainTexture } from './texture.ts'
import type { SeenThing } from './truth.ts'
import { clearWeather, createGrain, type Weather } from './weather.ts'

export const cameraIds = ['left', 'right'] as const
export type CameraId = (typeof cameraIds)[number]

export interface Conditions {
  /** Of the lamps and the sensor, 1 is as it should be. */
  readonly brightness?: number
  /** How much the glass fogs up when the door opens, 0 to 1, and how long until a third of it is left. */
  readonly fog?: { readonly peak: number; readonly fadesMs: number }
  /** Standard deviation of the noise, of 255. */
  readonly noise?: number
  /** How long the shutter is open: what moves meanwhile leaves a streak. None if left out. */
  readonly shutterMs?: number
  readonly lens?: Readonly<Partial<Record<CameraId, LensFault>>>
  /** A body stands before the shelves, metres off their middle. */
  readonly body?: number
}

/** `black`: covered, or out of light. `frozen`: gives the picture of `sinceMs` for ever. `blind`: gives none at all. */
export interface LensFault {
  readonly fault: 'black' | 'frozen' | 'blind'
  readonly sinceMs: number
}

export interface Studio {
  readonly width: number
  readonly height: number
  readonly stock: Stock
  stage(items: Items, options: StageOptions): Stage
  /** What a camera gives at this moment; null when it is blind. */
  picture(stage: Stage, camera: CameraId, atMs: number, conditions?: Conditions): Pixels | null
  /** What the camera's last picture shows, by truth. */
  seen(camera: CameraId): SeenThing[]
}

/** Beside the middle of the time that the shutter is open, as shares of it. */
const streakMoments = [-0.33, 0.33]

export interface StudioOptions {
  readonly width?: number
  readonly height?: number
  /** Of the lenses' noise. */
  readonly seed?: number
}

/** Opens one for this shop. Rejects for a picture that sharp can't read. */
export async function openStudio(shop: Shop, options: StudioOptions = {}): Promise<Studio> {
  const { width = 1280, height = 720, seed = 1 } = options
  const plan = planFor(shop)
  const shapes = new Map<string, Shape>()
  for (const { sku, kind, picture } of shop.products)
    shapes.set(sku, shapeOf(kind, plan.sizeOf(sku), await pictureLook(join(shop.directory, picture))))
  shapes.set(foreignSku, lunchBox())
  const stock: Stock = { plan, shapeOf: (sku) => shapes.get(sku) ?? (shapes.get(foreignSku) as Shape) }
  const cameras = Object.fromEntries(
    cameraIds.map((id) => [
      id,
      createExposure(lensOf(id, plan.cabinet), width, height, createGrain(diceFor(seed, `grain ${id}`))),
    ]),
  ) as Record<CameraId, Exposure>

  return {
    width,
    height,
    stock,
    stage: (items, stageOptions) => createStage(stock, items, stageOptions),
    picture(stage, camera, atMs, conditions = {}) {
      const fault = conditions.lens?.[camera]
      const faulty = fault !== undefined && fault.sinceMs <= atMs ? fault : null
      if (faulty?.fault === 'blind') return null
      if (faulty?.fault === 'black') return { width, height, rgb: new Uint8Array(width * height * 3) }
      const seenMs = faulty?.fault === 'frozen' ? faulty.sinceMs : atMs
      const scene = stage.sceneAt(seenMs)
      const body = conditions.body === undefined ? [] : [bodyAt(-plan.cabinet.depth / 2, conditions.body)]
      const streak =
        scene.moving.length === 0 || conditions.shutterMs === undefined
          ? []
          : streakMoments.map((share) => [
              ...stage.sceneAt(seenMs + share * (conditions.shutterMs ?? 0)).moving,
              ...body,
            ])
      return cameras[camera].picture(
        { ...scene, moving: [...scene.moving, ...body] },
        weatherAt(stage, seenMs, conditions),
        Math.round(seenMs),
        streak,
      )
    },
    seen: (camera) => cameras[camera].seen(),
  }
}

/** Where a camera sees each shelf's floor, in shares of its picture, for the settings of whoever looks through it. */
export function shelfRegions(shop: Shop, camera: CameraId, width: number, height: number) {
  const { cabinet } = planFor(shop)
  const view = viewThrough(lensOf(camera, cabinet), width, height)
  const [x, y] = [cabinet.width / 2, cabinet.depth / 2]
  return cabinet.floors.map((floor, index) => ({
    shelf: index + 1,
    polygon: ([[-x, -y], [x, -y], [x, y], [-x, y]] as const).map(([atX, atY]): [number, number] => {
      const seen = projected(view, [atX, atY, floor])
      return [rounded(seen.x / width), rounded(seen.y / height)]
    }),
  })) // prettier-ignore
}

const rounded = (share: number): number => Math.round(Math.max(-1, Math.min(2, share)) * 10_000) / 10_000

/** At the upper left and upper right edge of the opening, on arms that hold them before it, looking down and across. */
export function lensOf(camera: CameraId, { width, depth, ceiling }: Cabinet): Lens {
  const side = camera === 'left' ? -1 : 1
  return {
    place: [side * (width / 2 - 0.04), -depth / 2 - 0.44, ceiling + 0.08],
    aim: [side * 0.12, -0.02, ceiling * 0.44],
    angle: 92,
  }
}

function weatherAt(stage: Stage, atMs: number, { brightness = 1, fog, noise }: Conditions): Weather {
  const openedMs = stage.openedMs(atMs)
  const thick = fog === undefined || openedMs === null ? 0 : fog.peak * Math.exp(-(atMs - openedMs) / fog.fadesMs)
  const [red, green, blue] = clearWeather.gains
  return {
    ...clearWeather,
    gains: [red * brightness, green * brightness, blue * brightness],
    noise: noise ?? clearWeather.noise,
    fog: thick < 0.01 ? 0 : thick,
  }
}

/** What a person brought along: no shop's art. */
function lunchBox(): Shape {
  const { width, depth, height } = foreignSize
  const [x, y] = [width / 2, depth / 2]
  const to = meshBuilder()
  addPatch(to, [0, -1, 0], 2, 2, (s, t) => [(2 * s - 1) * x, -y, t * height * 0.75])
  addPatch(to, [0, 1, 0], 2, 2, (s, t) => [(1 - 2 * s) * x, y, t * height * 0.75])
  addPatch(to, [1, 0, 0], 2, 2, (s, t) => [x, (2 * s - 1) * y, t * height * 0.75])
  addPatch(to, [-1, 0, 0], 2, 2, (s, t) => [-x, (1 - 2 * s) * y, t * height * 0.75])
  to.part(plainTexture(126, 148, 160), 0.5)
  const [u, v] = [x * 1.04, y * 1.04]
  const lid = (t: number): number => height * (0.75 + 0.25 * t)
  addPatch(to, [0, -1, 0], 2, 1, (s, t) => [(2 * s - 1) * u, -v, lid(t)])
  addPatch(to, [0, 1, 0], 2, 1, (s, t) => [(1 - 2 * s) * u, v, lid(t)])
  addPatch(to, [1, 0, 0], 2, 1, (s, t) => [u, (2 * s - 1) * v, lid(t)])
  addPatch(to, [-1, 0, 0], 2, 1, (s, t) => [-u, (1 - 2 * s) * v, lid(t)])
  addPatch(to, [0, 0, 1], 2, 2, (s, t) => [(2 * s - 1) * u, (2 * t - 1) * v, height])
  to.part(plainTexture(196, 90, 60), 0.5)
  return { ...foreignSize, mesh: to.build() }
}
