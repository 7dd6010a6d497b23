/**
 * Exposure: one lens's pictures of scenes. Draws what stands once, and after a change only the part of the picture that
 * changed; what moves is drawn over a copy.
 *
 * Holds always: a picture depends on scene, weather and moment alone, never on the pictures before it.
 */
import { shadowReach, shelfMesh, shell } from './furniture.ts'
import { shadeBy, type Shade } from './light.ts'
import { projected, viewThrough, type Lens, type Place, type View } from './lens.ts'
import type { Mesh } from './mesh.ts'
import { moved, upright } from './pose.ts'
import { blankCanvas, createRaster, wholeOf, type Canvas, type Region } from './raster.ts'
import type { Room, Scene, StandingThing, Thing } from './scene.ts'
import { seenIn, type SeenThing } from './truth.ts'
import { develop, soften, type Weather } from './weather.ts'

/** Three bytes a pixel: what vision calls a picture. */
export interface Pixels {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
}

export interface Exposure {
  /**
   * `moment`: any whole number, another for each frame; it only chooses the noise. `streak`: where the scene's moving things
   * were at other moments while the shutter was open; they leave their traces, and the truth is of the scene itself.
   */
  picture(scene: Scene, weather: Weather, moment: number, streak?: readonly (readonly Thing[])[]): Pixels
  /** What the last picture shows. */
  seen(): SeenThing[]
}

const nowhere = upright([0, 0, 0], 0)

export function createExposure(lens: Lens, width: number, height: number, grain: Int8Array): Exposure {
  const view = viewThrough(lens, width, height)
  const raster = createRaster()
  const still = blankCanvas(width, height)
  const stillSoft = new Uint32Array(width * height)
  const live = blankCanvas(width, height)
  const liveSoft = new Uint32Array(width * height)
  const trace = blankCanvas(width, height)
  const whole = wholeOf(still)
  let room: Room | null = null
  let shade: Shade = () => {}
  let standing: readonly StandingThing[] = []
  let fixed: { readonly mesh: Mesh; readonly shelf: number }[] = []
  let last: { readonly canvas: Canvas; readonly things: readonly Thing[] } = { canvas: still, things: [] }

  const footprints = (things: readonly StandingThing[], shelf: number) =>
    things.filter((thing) => thing.shelf === shelf).map(({ footprint }) => footprint)

  function drawThing(canvas: Canvas, thing: Thing, region: Region): void {
    for (const { mesh, pose } of thing.pieces) raster.draw(canvas, view, mesh, pose, shade, thing.id, region)
  }

  function drawStill(region: Region): void {
    for (let y = region.top; y < region.bottom; y++) {
      still.colour.fill(0, y * width + region.left, y * width + region.right)
      still.depth.fill(0, y * width + region.left, y * width + region.right)
      still.ids.fill(0, y * width + region.left, y * width + region.right)
    }
    // The nearest first: what they hide is soon done with.
    const near = standing
      .map((thing) => ({ thing, bounds: boundsOf(view, thing, 0) }))
      .filter(({ bounds }) => bounds !== null && overlap(bounds, region))
      .map(({ thing }) => ({ thing, distance: distanceTo(view.place, thing) }))
      .toSorted((a, b) => a.distance - b.distance)
    for (const { thing } of near) drawThing(still, thing, region)
    for (const { mesh } of fixed) raster.draw(still, view, mesh, nowhere, shade, 0, region)
    soften(still.colour, stillSoft, width, height, grown(region, 1, width, height))
  }

  /** Brings the picture of what stands up to date. */
  function keepStill(scene: Scene): void {
    if (room !== scene.room) {
      room = scene.room
      shade = shadeBy(room.light, room.cabinet, lens.place)
      standing = scene.standing
      const { cabinet, finish, backdrop } = room
      fixed =
        backdrop === undefined
          ? [
              ...cabinet.floors.map((_, index) => ({
                mesh: shelfMesh(cabinet, finish, index + 1, footprints(standing, index + 1)),
                shelf: index + 1,
              })),
              { mesh: shell(cabinet, finish), shelf: 0 },
            ]
          : [{ mesh: backdrop, shelf: 0 }]
      return drawStill(whole)
    }
    if (standing === scene.standing) return
    const before = new Set(standing)
    const after = new Set(scene.standing)
    const changed = [
      ...standing.filter((thing) => !after.has(thing)),
      ...scene.standing.filter((thing) => !before.has(thing)),
    ]
    standing = scene.standing
    if (changed.length === 0) return
    const shelves = new Set(changed.map(({ shelf }) => shelf))
    const { cabinet, finish } = room
    fixed = fixed.map((one) =>
      shelves.has(one.shelf)
        ? { mesh: shelfMesh(cabinet, finish, one.shelf, footprints(standing, one.shelf)), shelf: one.shelf }
        : one,
    )
    const bounds = changed.map((thing) => boundsOf(view, thing, shadowReach * 1.5 + 0.01))
    for (const region of bounds) if (region !== null) drawStill(grown(region, 2, width, height))
  }

  /** The part of the picture in which any of these is. */
  function partOf(things: readonly Thing[]): Region | null {
    const parts = things.flatMap((thing) => boundsOf(view, thing, 0) ?? [])
    if (parts.length === 0) return null
    return {
      left: Math.min(...parts.map(({ left }) => left)),
      top: Math.min(...parts.map(({ top }) => top)),
      right: Math.max(...parts.map(({ right }) => right)),
      bottom: Math.max(...parts.map(({ bottom }) => bottom)),
    }
  }

  /** The moving things over what stands, and the mean of that with their traces. */
  function drawMoving(moving: readonly Thing[], streak: readonly (readonly Thing[])[]): void {
    live.colour.set(still.colour)
    live.depth.set(still.depth)
    live.ids.set(still.ids)
    liveSoft.set(stillSoft)
    for (const thing of moving) drawThing(live, thing, whole)
    const part = partOf([...moving, ...streak.flat()])
    if (part === null) return
    if (streak.length > 0) {
      const sum = new Uint16Array((part.right - part.left) * (part.bottom - part.top) * 3)
      addTo(sum, live, part)
      for (const things of streak) {
        copyPart(still, trace, part)
        for (const thing of things) drawThing(trace, thing, part)
        addTo(sum, trace, part)
      }
      meanInto(live, sum, streak.length + 1, part)
    }
    soften(live.colour, liveSoft, width, height, grown(part, 2, width, height))
  }

  return {
    picture(scene, weather, moment, streak = []) {
      keepStill(scene)
      const rgb = new Uint8ClampedArray(width * height * 3)
      if (scene.moving.length === 0) {
        last = { canvas: still, things: scene.standing }
        develop(stillSoft, width, height, weather, grain, moment, rgb)
      } else {
        drawMoving(scene.moving, streak)
        last = { canvas: live, things: [...scene.standing, ...scene.moving] }
        develop(liveSoft, width, height, weather, grain, moment, rgb)
      }
      return { width, height, rgb: new Uint8Array(rgb.buffer) }
    },
    seen: () => seenIn(last.canvas, last.things),
  }
}

function copyPart(from: Canvas, to: Canvas, { left, top, right, bottom }: Region): void {
  for (let y = top; y < bottom; y++) {
    const [start, end] = [y * from.width + left, y * from.width + right]
    to.colour.set(from.colour.subarray(start, end), start)
    to.depth.set(from.depth.subarray(start, end), start)
  }
}

function addTo(sum: Uint16Array, { width, colour }: Canvas, { left, top, right, bottom }: Region): void {
  for (let y = top, at = 0; y < bottom; y++)
    for (let pixel = y * width + left; pixel < y * width + right; pixel++, at += 3) {
      const packed = colour[pixel] as number
      sum[at] = (sum[at] as number) + (packed & 255)
      sum[at + 1] = (sum[at + 1] as number) + ((packed >>> 8) & 255)
      sum[at + 2] = (sum[at + 2] as number) + (packed >>> 16)
    }
}

function meanInto({ width, colour }: Canvas, sum: Uint16Array, of: number, { left, top, right, bottom }: Region): void {
  for (let y = top, at = 0; y < bottom; y++)
    for (let pixel = y * width + left; pixel < y * width + right; pixel++, at += 3)
      colour[pixel] =
        ((((sum[at + 2] as number) / of) | 0) << 16) |
        ((((sum[at + 1] as number) / of) | 0) << 8) |
        (((sum[at] as number) / of) | 0)
}

/** The part of the picture within which a thing is, `margin` metres about it too; null where none of it is. */
function boundsOf(view: View, { pieces }: Thing, margin: number): Region | null {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  // The box about the piece is enough, for its corners' hull holds all of it.
  for (const { mesh, pose } of pieces) {
    const { low, high } = mesh
    for (let corner = 0; corner < 8; corner++) {
      const pick = (axis: number): number =>
        ((corner >> axis) & 1) === 1 ? (high[axis] as number) + margin : (low[axis] as number) - margin
      const { x, y, z } = projected(view, moved(pose, [pick(0), pick(1), pick(2)]))
      // Too near to say: it may be anywhere.
      if (z < 0.05) return wholeOf(view)
      left = Math.min(left, x)
      right = Math.max(right, x)
      top = Math.min(top, y)
      bottom = Math.max(bottom, y)
    }
  }
  const region = {
    left: Math.max(0, Math.floor(left)),
    top: Math.max(0, Math.floor(top)),
    right: Math.min(view.width, Math.ceil(right)),
    bottom: Math.min(view.height, Math.ceil(bottom)),
  }
  return region.left < region.right && region.top < region.bottom ? region : null
}

const grown = (region: Region, by: number, width: number, height: number): Region => ({
  left: Math.max(0, region.left - by),
  top: Math.max(0, region.top - by),
  right: Math.min(width, region.right + by),
  bottom: Math.min(height, region.bottom + by),
})

const overlap = (a: Region | null, b: Region): boolean =>
  a !== null && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

function distanceTo(place: Place, { pieces }: Thing): number {
  const pose = pieces[0]?.pose
  if (pose === undefined) return 0
  return Math.hypot((pose[9] as number) - place[0], (pose[10] as number) - place[1], (pose[11] as number) - place[2])
}
