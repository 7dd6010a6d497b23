/**
 * Opening: where in one camera's picture the door's opening is, and which part of it shows which shelf.
 *
 * The camera stands before the opening and looks in: what it sees inside the outline is inside the fridge, or held before
 * it; what it sees elsewhere is outside. An operator draws the outline, or it follows from where the camera stands. Pure.
 * Called by track/journeys.ts and whoever sets up a camera.
 */
import { invariant } from '../../src/core/result.ts'
import type { Point } from './boxes.ts'

export interface Opening {
  readonly pictureWidth: number
  readonly pictureHeight: number
  /** The outline's corners in order, in pixels; they may lie beyond the picture. */
  readonly outline: readonly Point[]
  /** The same of each shelf's part, from its floor to the shelf above; the first is the top shelf. */
  readonly shelves: readonly (readonly Point[])[]
}

/** A fridge's inside in metres: x to a shopper's right from the middle, y away from the door, z up; the door at -depth / 2. */
export interface CabinetShape {
  readonly width: number
  readonly depth: number
  readonly ceiling: number
  /** Heights of the shelves' floors, from the top shelf down. */
  readonly floors: readonly number[]
}

/** Where a place of the room falls in the picture; null for what is behind the lens. */
export type Projection = (x: number, y: number, z: number) => Point | null

/** Pieces of each straight edge, so that a bent picture (a wide lens) bends the outline too. */
const piecesAnEdge = 8

/** The opening as a camera with known geometry sees it. An opening wholly behind the lens stops the process. */
export function openingSeen(
  { width, depth, ceiling, floors }: CabinetShape,
  project: Projection,
  pictureWidth: number,
  pictureHeight: number,
): Opening {
  const band = (low: number, high: number): readonly Point[] => {
    const [left, right] = [-width / 2, width / 2]
    const corners = [
      [left, high],
      [right, high],
      [right, low],
      [left, low],
    ] as const
    return corners.flatMap(([x, z], index) => {
      const [toX, toZ] = corners[(index + 1) % corners.length] ?? [x, z]
      return Array.from({ length: piecesAnEdge }, (_, piece) => piece / piecesAnEdge).flatMap((share) => {
        const point = project(x + (toX - x) * share, -depth / 2, z + (toZ - z) * share)
        return point === null ? [] : [point]
      })
    })
  }
  const outline = band(floors.at(-1) ?? 0, ceiling)
  invariant(outline.length >= 3, 'the camera sees the opening that it watches')
  return {
    pictureWidth,
    pictureHeight,
    outline,
    shelves: floors.map((floor, index) => band(floor, floors[index - 1] ?? ceiling)),
  }
}

/** How far inside the outline a point is, in pixels; negative outside. */
export function depthInside({ outline }: Opening, { x, y }: Point): number {
  let least = Infinity
  for (const [index, from] of outline.entries()) {
    const to = outline[(index + 1) % outline.length] ?? from
    const along = (to.x - from.x) ** 2 + (to.y - from.y) ** 2
    const share = along === 0 ? 0 : ((x - from.x) * (to.x - from.x) + (y - from.y) * (to.y - from.y)) / along
    const at = Math.max(0, Math.min(1, share))
    least = Math.min(least, (from.x + at * (to.x - from.x) - x) ** 2 + (from.y + at * (to.y - from.y) - y) ** 2)
  }
  return contains(outline, { x, y }) ? Math.sqrt(least) : -Math.sqrt(least)
}

/** The shelf that is seen at this point, 1 at the top; null outside them all. */
export function shelfAt({ shelves }: Opening, point: Point): number | null {
  const index = shelves.findIndex((outline) => contains(outline, point))
  return index < 0 ? null : index + 1
}

/** Even-odd rule. */
function contains(outline: readonly Point[], { x, y }: Point): boolean {
  let inside = false
  for (const [index, from] of outline.entries()) {
    const to = outline[(index + 1) % outline.length] ?? from
    if (from.y > y === to.y > y) continue
    if (x < from.x + ((y - from.y) / (to.y - from.y)) * (to.x - from.x)) inside = !inside
  }
  return inside
}
