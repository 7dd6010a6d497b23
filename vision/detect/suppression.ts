/**
 * Suppression: of many boxes round the same thing the best one is kept. Pure, and the same answer for the same detections in
 * any order, but for those of equal score, of which the first given goes first. Called by detector.ts.
 */
import { overlap } from '../track/boxes.ts'
import type { Detection } from './detection.ts'

/**
 * The detections that stay, best first: one that overlaps a better one of its own kind by more than `mostOverlap`
 * (intersection over union, 0 to 1) goes. A hand never hides a product.
 */
export function suppressed(detections: readonly Detection[], mostOverlap: number): readonly Detection[] {
  const kept: Detection[] = []
  for (const one of detections.toSorted((a, b) => b.score - a.score)) {
    const again = kept.some((better) => better.kind === one.kind && overlap(better.box, one.box) > mostOverlap)
    if (!again) kept.push(one)
  }
  return kept
}
