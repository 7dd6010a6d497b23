/**
 * Looker: the models, as the pipeline asks them: what is in a picture, and which product is it. The detector is optional;
 * without one, changes of the shelves are looked at as they are.
 */
import type { Sku } from '../../src/core/ids.ts'
import type { Detection } from '../detect/detection.ts'
import type { Embedder } from '../embed/embedder.ts'
import type { Picture } from '../embed/picture.ts'
import type { Embedding } from '../embed/vector.ts'
import type { Cut } from '../embed/views.ts'
import { identify, type Calibration, type Gallery, type Identification } from '../gallery/gallery.ts'
import type { Identify } from '../shelf/compare.ts'
import { fuseLooks, inHand, lookFusion, tempered, type Identified } from '../track/sightings.ts'

/** Finds products and hands; whichever model does it (detect/detector.ts, detect/rtdetr.ts). */
export interface Finder {
  /** `leastScore`: for a tracker, which can use weak detections too. `inputPixels`: of what it is given; less is faster. */
  detect(
    picture: Picture,
    looking?: { readonly leastScore?: number; readonly inputPixels?: number },
  ): Promise<readonly Detection[]>
}

export interface Looker {
  /** The products that it can name. */
  readonly taught: readonly Sku[]
  readonly identify: Identify
  readonly embed: (picture: Picture, cuts: readonly Cut[]) => Promise<readonly Embedding[]>
  readonly name: (look: Embedding) => Identification
  /** Several looks at one thing that was carried. */
  readonly fuse: (looks: readonly Identified[]) => Identified
  /** Null without a detector. */
  readonly detect: Finder['detect'] | null
}

export function createLooker(
  embedder: Embedder,
  gallery: Gallery,
  calibration: Calibration,
  detector: Finder | null,
): Looker {
  const name = (look: Embedding): Identification => identify(gallery, look, calibration)
  const taught = gallery.products.map(({ product }) => product as Sku)
  return {
    taught,
    fuse: (looks) =>
      fuseLooks(
        looks.map((look) => tempered(look, inHand)),
        taught,
        lookFusion,
      ),
    identify: async (picture, cuts) => (await embedder.embedCuts(picture, cuts)).map(name),
    embed: embedder.embedCuts,
    name,
    detect: detector === null ? null : async (picture, looking) => detector.detect(picture, looking),
  }
}
