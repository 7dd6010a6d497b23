/**
 * Looker: the models, as the pipeline asks them: what is in a picture, and which product is it. The detector is optional;
 * without one, changes of the shelves are looked at as they are.
 */
import type { Sku } from '../../src/core/ids.ts'
import type { Detection } from '../detect/detection.ts'
import type { Embedder } from '../embed/embedder.ts'
import type { Picture } from '../embed/picture.ts'
import { identify, type Calibration, type Gallery } from '../gallery/gallery.ts'
import type { Identify } from '../shelf/compare.ts'

/** Finds products and hands; whichever model does it (detect/detector.ts, detect/rtdetr.ts). */
export interface Finder {
  detect(picture: Picture): Promise<readonly Detection[]>
}

export interface Looker {
  /** The products that it can name. */
  readonly taught: readonly Sku[]
  readonly identify: Identify
  /** Null without a detector. */
  readonly detect: ((picture: Picture) => Promise<readonly Detection[]>) | null
}

export function createLooker(
  embedder: Embedder,
  gallery: Gallery,
  calibration: Calibration,
  detector: Finder | null,
): Looker {
  return {
    taught: gallery.products.map(({ product }) => product as Sku),
    identify: async (picture, cuts) =>
      (await embedder.embedCuts(picture, cuts)).map((shown) => identify(gallery, shown, calibration)),
    detect: detector === null ? null : async (picture) => detector.detect(picture),
  }
}
