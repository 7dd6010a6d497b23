/**
 * Cabinet: the inside of the fridge that the cameras look into, in metres. x runs to the right as a shopper sees it, y
 * away from the door (the shelves' front is at -depth / 2), z up from the lowest shelf.
 */
import type { Shop } from '../shop.ts'

export interface Cabinet {
  readonly width: number
  readonly depth: number
  readonly ceiling: number
  /** The first is the top shelf, as everywhere. */
  readonly floors: readonly number[]
}

export const cabinetDepth = 0.46
export const ceilingHeight = 1.14
export const leastWidth = 0.6
const mostWidth = 0.8
/** Above the tallest thing of a shelf. */
const headroom = 0.02

/** Room that stays free at each side wall. */
export const sideRoom = 0.012

/** Height over a shelf's floor that things may fill. */
export function roomAbove({ floors, ceiling }: Cabinet, shelf: number): number {
  const floor = floors[shelf - 1] ?? 0
  return (shelf >= 2 ? (floors[shelf - 2] as number) : ceiling) - floor - headroom
}

/** A cabinet for this shop: each shelf as high as its goods ask, and as wide as the fullest shelf asks within reason. */
export function cabinetFor(shop: Shop, widthAsked: (cabinet: Cabinet) => number): Cabinet {
  const tallest = Array.from({ length: shop.shelves }, (_, index) =>
    Math.max(0.12, ...shop.products.filter((one) => one.shelf === index + 1).map((one) => one.sizeMm.height / 1000)),
  )
  const least = tallest.map((height) => height + 2 * headroom)
  const asked = least.reduce((sum, height) => sum + height, 0)
  const spare = (ceilingHeight - asked) / shop.shelves
  // Too tall goods make a taller fridge, and no goods a lower one.
  const pitches = least.map((height) => height + Math.max(0, spare))
  const ceiling = pitches.reduce((sum, pitch) => sum + pitch, 0)
  let top = ceiling
  const floors = pitches.map((pitch) => (top -= pitch))
  const narrow: Cabinet = { width: leastWidth, depth: cabinetDepth, ceiling, floors }
  return { ...narrow, width: Math.min(mostWidth, Math.max(leastWidth, widthAsked(narrow))) }
}
