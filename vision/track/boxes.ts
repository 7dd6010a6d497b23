/** Boxes: what two boxes of a picture have in common, and where their middles are. Pure; called by all of vision/track. */
import type { Box } from '../detect/detection.ts'

/** Pixels of the picture, from its upper left corner. */
export interface Point {
  readonly x: number
  readonly y: number
}

export const middleOf = ({ left, top, width, height }: Box): Point => ({ x: left + width / 2, y: top + height / 2 })

/**
 * Intersection over union, 0 to 1, of the boxes after each has grown by `grow` of its sides on every side. Growing lets
 * fast things meet their own box of the frame before (Yang et al., "C-BIoU", WACV 2023).
 */
export function overlap(a: Box, b: Box, grow = 0): number {
  const shared = sharedArea(grown(a, grow), grown(b, grow))
  if (shared === 0) return 0
  return shared / ((a.width * a.height + b.width * b.height) * (1 + 2 * grow) ** 2 - shared)
}

/** Which share of `inner` lies in `outer`, 0 to 1. */
export function shareWithin(inner: Box, outer: Box): number {
  const area = inner.width * inner.height
  return area <= 0 ? 0 : sharedArea(inner, outer) / area
}

/** The box with `share` of its sides more on every side. */
export const grown = ({ left, top, width, height }: Box, share: number): Box => ({
  left: left - share * width,
  top: top - share * height,
  width: width * (1 + 2 * share),
  height: height * (1 + 2 * share),
})

const sharedArea = (a: Box, b: Box): number =>
  sharedLength(a.left, a.width, b.left, b.width) * sharedLength(a.top, a.height, b.top, b.height)

const sharedLength = (from: number, length: number, otherFrom: number, otherLength: number): number =>
  Math.max(0, Math.min(from + length, otherFrom + otherLength) - Math.max(from, otherFrom))
