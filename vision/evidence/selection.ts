/**
 * Selection: which pictures of a visit a person needs to decide it, and no more: of each camera how the shelves stood before
 * and after, and a few of what crossed the doorway between. Pure. Called by review.ts.
 */
import type { KeptPicture } from './folder.ts'

/** Two cameras' before and after, and eight between. */
export const mostPictures = 12

/** In the order of time; of each camera the last before and the last after, and crossings evenly spread over the visit. */
export function selected(kept: readonly KeptPicture[], most = mostPictures): readonly KeptPicture[] {
  const inTime = kept.toSorted((a, b) => a.atMs - b.atMs || (a.camera < b.camera ? -1 : 1))
  const ends = [...new Set(inTime.map(({ camera }) => camera))].flatMap((camera) =>
    (['before', 'after'] as const).flatMap(
      (why) => inTime.findLast((one) => one.camera === camera && one.why === why) ?? [],
    ),
  )
  const crossings = inTime.filter(({ why }) => why === 'crossing')
  const room = Math.min(crossings.length, Math.max(0, most - ends.length))
  const step = crossings.length / Math.max(1, room)
  const some = Array.from({ length: room }, (_, index) => crossings[Math.floor((index + 0.5) * step)])
  const chosen = new Set<KeptPicture | undefined>([...ends.slice(0, most), ...some])
  return inTime.filter((one) => chosen.has(one))
}
