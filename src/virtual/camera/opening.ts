/**
 * Opening: where each virtual camera sees the door's opening, and in it each shelf's part, in shares of its picture: what
 * somebody who sets up a real fridge draws into a picture.
 */
import type { Shop } from '../shop.ts'
import { planFor } from './layout.ts'
import { projected, viewThrough } from './lens.ts'
import { lensOf, type CameraId } from './studio.ts'

type Polygon = [number, number][]

export function openingSeenBy(
  shop: Shop,
  camera: CameraId,
  width: number,
  height: number,
): { outline: Polygon; shelves: Polygon[] } {
  const { cabinet } = planFor(shop)
  const view = viewThrough(lensOf(camera, cabinet), width, height)
  const half = cabinet.width / 2
  const band = (low: number, high: number): Polygon =>
    ([[-half, high], [half, high], [half, low], [-half, low]] as const).map(([x, z]) => {
      const at = projected(view, [x, -cabinet.depth / 2, z])
      return [share(at.x / width), share(at.y / height)]
    }) // prettier-ignore
  return {
    outline: band(cabinet.floors.at(-1) ?? 0, cabinet.ceiling),
    shelves: cabinet.floors.map((floor, index) => band(floor, cabinet.floors[index - 1] ?? cabinet.ceiling)),
  }
}

/** To a ten-thousandth, and no farther out of the picture than settings may say. */
const share = (value: number): number => Math.round(Math.min(2, Math.max(-1, value)) * 10_000) / 10_000
