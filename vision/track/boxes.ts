/** Boxes: what two boxes of a picture have in common. Pure; called by track/tracker.ts. */
import type { Box } from '../detect/detection.ts'

/**
 * Intersection over union, 0 to 1, of the boxes after each has grown by `grow` of its sides on every side. Growing lets
 * fast things meet their own box of the frame before (Yang et al., "C-BIoU", WACV 2023).
 */
export function overlap(a: Box, b: Box, grow = 0): number {
  const shared =
    sharedLength(a.left - grow * a.width, a.width * (1 + 2 * grow), b.left - grow * b.width, b.width * (1 + 2 * grow)) *
    sharedLength(a.top - grow * a.height, a.height * (1 + 2 * grow), b.top - grow * b.height, b.height * (1 + 2 * grow))
  if (shared === 0) return 0
  return shared / ((a.width * a.height + b.width * b.height) * (1 + 2 * grow) ** 2 - shared)
}

const sharedLength = (from: number, length: number, otherFrom: number, otherLength: number): number =>
  Math.max(0, Math.min(from + length, otherFrom + otherLength) - Math.max(from, otherFrom))
