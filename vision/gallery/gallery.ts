/**
 * Gallery: the products a fridge has been shown, and which of them (or none) an embedding is.
 *
 * Pure. Holds always: a product has 1 to 20 pictures; probabilities of all products and of "none of these" add up to 1;
 * a product is named only when its probability reaches the calibrated threshold. Similarity is the mean of the cosine to
 * the product's middle, which steadies, and to its nearest picture, which knows the package's back
 * (vision/training/protocol.py scores alike). Called by the vision worker, the commands, and tests.
 */
import { err, ok, type Result } from '../../src/core/result.ts'
import { cosine, mean, type Embedding } from '../embed/vector.ts'

/** Fitted by vision/training/calibrate.py on products held out of training; see models/embedder.md. */
export interface Calibration {
  /** How fast a difference of similarity becomes certainty. */
  readonly scale: number
  /** The similarity at which a product of one picture is as likely as "none of these". */
  readonly even: number
  /** How much higher that is for each doubling of the pictures: more pictures find a nearer one by chance too. */
  readonly evenPerDoubling: number
  /** A product is named from this probability on: unknown products then pass in 1 % of cases. */
  readonly acceptFrom: number
}

export interface TaughtProduct {
  readonly product: string
  readonly pictures: readonly Embedding[]
  readonly middle: Embedding
}

export interface Gallery {
  /** Of the model that made the embeddings; those of another model mean nothing here. */
  readonly modelSha256: string
  readonly products: readonly TaughtProduct[]
}

export interface Candidate {
  readonly product: string
  readonly probability: number
  readonly similarity: number
}

export interface Identification {
  /** The product's name, or null: none of these, or not sure enough to say. */
  readonly product: string | null
  /** Most probable first. Empty for an empty gallery. */
  readonly candidates: readonly Candidate[]
  readonly noneProbability: number
}

export type TeachFault = { readonly code: 'noPictures' | 'tooManyPictures'; readonly says: string }

export const mostPictures = 20

export const emptyGallery = (modelSha256: string): Gallery => ({ modelSha256, products: [] })

/** The gallery with `product` learned from `pictures`, in place of what it was shown of that product before. */
export function teach(gallery: Gallery, product: string, pictures: readonly Embedding[]): Result<Gallery, TeachFault> {
  if (pictures.length === 0) return err({ code: 'noPictures', says: `${product} was shown no picture` })
  if (pictures.length > mostPictures) {
    const says = `${product} was shown ${pictures.length} pictures; at most ${mostPictures} are kept`
    return err({ code: 'tooManyPictures', says })
  }
  const others = gallery.products.filter((known) => known.product !== product)
  return ok({ ...gallery, products: [...others, { product, pictures, middle: mean(pictures) }] })
}

/** The gallery without `product`. */
export const forget = (gallery: Gallery, product: string): Gallery => ({
  ...gallery,
  products: gallery.products.filter((known) => known.product !== product),
})

/** Which product `shown` is, with probabilities, or none of these. */
export function identify(gallery: Gallery, shown: Embedding, calibration: Calibration): Identification {
  const scored = gallery.products.map((known) => {
    const similarity = similarityTo(known, shown)
    const even = calibration.even + calibration.evenPerDoubling * Math.log2(known.pictures.length)
    return { product: known.product, similarity, weight: Math.exp(calibration.scale * (similarity - even)) }
  })
  // "None of these" has weight 1: it is as likely as a product exactly at its even similarity.
  const total = scored.reduce((sum, { weight }) => sum + weight, 1)
  const candidates = scored
    .map(({ product, similarity, weight }) => ({ product, probability: weight / total, similarity }))
    .toSorted((a, b) => b.probability - a.probability)
  const best = candidates[0]
  return {
    product: best !== undefined && best.probability >= calibration.acceptFrom ? best.product : null,
    candidates,
    noneProbability: 1 / total,
  }
}

function similarityTo(known: TaughtProduct, shown: Embedding): number {
  const nearest = known.pictures.reduce((most, picture) => Math.max(most, cosine(picture, shown)), -1)
  return (cosine(known.middle, shown) + nearest) / 2
}
