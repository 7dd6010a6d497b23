/**
 * Regions: where in a camera's picture each shelf is. Pure.
 *
 * A region is the floor of a shelf as the camera sees it, where the things on it have their lower edge; in shares of the
 * picture, so that it holds at any size. A thing belongs to the shelf on which its lower edge stands, or, stacked or half
 * hidden, to the one that is nearest to it.
 */
import type { Box } from '../detect/detection.ts'

/** x to the right and y down, each a share of the picture's side. */
export type Point = readonly [number, number]

export interface ShelfRegion {
  /** 1 is the top shelf. */
  readonly shelf: number
  readonly polygon: readonly Point[]
}

/** How far from a region's edge, as a share of the picture's height, a thing may stand and still be of its shelf. */
const reach = 0.12

/** The shelf on which something with this box stands; null where no region is near. */
export function shelfOf(regions: readonly ShelfRegion[], box: Box, width: number, height: number): number | null {
  const x = (box.left + box.width / 2) / width
  // Above the lower edge: a thing's foot is round or deep, and its shadow changes with it.
  const y = (box.top + box.height * 0.86) / height
  let nearest: { shelf: number; distance: number } | null = null
  for (const { shelf, polygon } of regions) {
    const distance = contains(polygon, x, y) ? 0 : distanceTo(polygon, x, y, width / height)
    if (nearest === null || distance < nearest.distance) nearest = { shelf, distance }
  }
  return nearest !== null && nearest.distance <= reach ? nearest.shelf : null
}

export function contains(polygon: readonly Point[], x: number, y: number): boolean {
  let inside = false
  for (const [index, [bx, by]] of polygon.entries()) {
    const [ax, ay] = polygon.at(index - 1) ?? [0, 0]
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside
  }
  return inside
}

/** In shares of the height; `aspect` is the picture's width by its height. */
function distanceTo(polygon: readonly Point[], x: number, y: number, aspect: number): number {
  let nearest = Infinity
  for (const [index, [bx, by]] of polygon.entries()) {
    const [ax, ay] = polygon.at(index - 1) ?? [0, 0]
    const [dx, dy] = [(bx - ax) * aspect, by - ay]
    const [px, py] = [(x - ax) * aspect, y - ay]
    const along = Math.min(1, Math.max(0, (px * dx + py * dy) / (dx * dx + dy * dy || 1)))
    nearest = Math.min(nearest, Math.hypot(px - along * dx, py - along * dy))
  }
  return nearest
}
