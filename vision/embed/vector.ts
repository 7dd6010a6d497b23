/** Embeddings as vectors: all have unit length, so that a dot product is a cosine. Pure. */
import { invariant } from '../../src/core/result.ts'

/** 128 numbers of unit length (see embedder.ts). */
export type Embedding = Float32Array

/** The cosine of two unit vectors of the same length. */
export function cosine(a: Embedding, b: Embedding): number {
  invariant(a.length === b.length, `embeddings of one length are compared, not ${a.length} with ${b.length}`)
  let sum = 0
  for (let index = 0; index < a.length; index += 1) sum += (a[index] ?? 0) * (b[index] ?? 0)
  return sum
}

/** The direction between several embeddings; at least one is given. */
export function mean(embeddings: readonly Embedding[]): Embedding {
  const sum = new Float32Array(embeddings[0]?.length ?? 0)
  for (const embedding of embeddings) {
    for (const [index, value] of embedding.entries()) sum[index] = (sum[index] ?? 0) + value
  }
  return unit(sum)
}

/** The same direction at length 1. A vector without direction is a broken model's: it stops the process. */
export function unit(vector: Float32Array): Embedding {
  const length = Math.hypot(...vector)
  invariant(Number.isFinite(length) && length > 0, 'an embedding has a direction')
  return vector.map((value) => value / length)
}
