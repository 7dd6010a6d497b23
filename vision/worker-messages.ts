/**
 * Worker messages: all that the runtime and the vision worker say to each other, small and typed. Pictures never pass:
 * the worker owns the cameras and the evidence.
 */
import type { Sights } from '../src/core/sighting.ts'
import type { SmallPicture } from './evidence/review.ts'
import type { CameraHealth } from './pipeline/pipeline.ts'
import type { Point, ShelfRegion } from './shelf/regions.ts'

export interface CameraSettings {
  readonly id: string
  /** See camera/address.ts. */
  readonly source: string
  readonly width: number
  readonly height: number
  readonly framesPerSecond: number
  readonly shelves: readonly ShelfRegion[]
  /** The door's opening, and in it each shelf's part from the top, in shares of the picture; null: not said. */
  readonly opening: { readonly outline: readonly Point[]; readonly shelves: readonly (readonly Point[])[] } | null
}

export interface WorkerSettings {
  readonly cameras: readonly CameraSettings[]
  /** A file that `teach` wrote, or a folder with a sub-folder of pictures for each product. Null: nothing can be named. */
  readonly gallery: string | null
  /** A folder as a gallery's, of products that were defined from afar; it need not be there, and stands above the gallery. */
  readonly taught: string | null
  /** Where what was learned from a gallery's pictures is kept, so that it is learned once. */
  readonly galleryCache: string
  /** Folder of the models. */
  readonly models: string
  /** Folder of the pictures of visits. */
  readonly evidence: string
  /** What the fridge's clock said when the machine's monotonic one (process.hrtime, in ms) said this. */
  readonly clock: { readonly fridgeMs: number; readonly monotonicMs: number }
}

export type ToWorker =
  | { readonly type: 'configure'; readonly settings: WorkerSettings }
  | { readonly type: 'begin'; readonly visit: string }
  | { readonly type: 'opened'; readonly atMs: number }
  | { readonly type: 'closed'; readonly atMs: number }
  /** Answered by `settled` with the same number, by `dueMs` of fridge time. */
  | { readonly type: 'settle'; readonly ask: number; readonly dueMs: number }
  | { readonly type: 'end' }
  /** Answered by `small` with the same number: a visit's pictures for whoever decides it. */
  | { readonly type: 'review'; readonly ask: number; readonly visit: string }

export type FromWorker =
  /** The models are open and the gallery is learned; or why they are not. */
  | { readonly type: 'models'; readonly says: string | null; readonly taught: number }
  | { readonly type: 'cameras'; readonly cameras: readonly CameraHealth[] }
  | { readonly type: 'sights'; readonly visit: string; readonly sights: Sights }
  | { readonly type: 'settled'; readonly ask: number; readonly sights: Sights }
  /** Null: not now; somebody shops, or they are still being written. */
  | { readonly type: 'small'; readonly ask: number; readonly pictures: readonly SmallPicture[] | null }
  | {
      readonly type: 'log'
      readonly level: 'info' | 'warn'
      readonly what: string
      readonly detail: Readonly<Record<string, unknown>>
    }
