/**
 * Embedder: a picture of one product in, 128 numbers of unit length out, by which products are told apart.
 *
 * Holds always: the model's file was checked (models/model.ts); a picture that shows nothing is a fault and never an
 * embedding; every embedding has unit length. Called by the vision worker, gallery teaching and the commands.
 */
import { readFile } from 'node:fs/promises'
import { err, invariant, ok, type Result } from '../../src/core/result.ts'
import { openModel, type Model, type ModelFault, type ModelSpec } from '../models/model.ts'
import { readPicture, type Picture, type PictureFault } from './picture.ts'
import { mean, unit, type Embedding } from './vector.ts'
import { cutsOf, viewValues, type Cut } from './views.ts'

export interface Embedder {
  /** Names the model, so that a gallery taught by another is not asked. */
  readonly modelSha256: string
  readonly dimensions: number
  /** Decodes and embeds a file's bytes. */
  embedFile(bytes: Uint8Array): Promise<Result<Embedding, PictureFault>>
  /** Embeds a whole picture, looked at several times. */
  embedPicture(picture: Picture): Promise<Embedding>
  /** Embeds boxes of one frame (a detector's), one look each. Boxes must lie inside the frame. */
  embedCuts(picture: Picture, cuts: readonly Cut[]): Promise<readonly Embedding[]>
  close(): Promise<void>
}

/** What embedder.json says: the model, and how it is to be used. */
interface EmbedderSpec extends ModelSpec {
  readonly inputPixels: number
  readonly dimensions: number
  /** Shares of a photograph's sides that are looked at; their mean is the embedding. */
  readonly viewShares: readonly number[]
}

const shippedFolder = new URL('../models/', import.meta.url)

/** Opens the shipped embedder, or the one described by embedder.json in `folder`. */
export async function openEmbedder(folder: URL = shippedFolder): Promise<Result<Embedder, ModelFault>> {
  let spec: EmbedderSpec
  try {
    spec = JSON.parse(await readFile(new URL('embedder.json', folder), 'utf8')) as EmbedderSpec
  } catch (error) {
    return err({
      code: 'missing',
      says: `embedder.json cannot be read: ${error instanceof Error ? error.message : ''}`,
    })
  }
  const model = await openModel(spec, folder)
  return model.ok ? ok(embedderOn(model.value, spec)) : model
}

function embedderOn(model: Model, spec: EmbedderSpec): Embedder {
  // One after the other: several at once are no faster on one thread, and each takes 40 MB of memory.
  const embedCut = async (picture: Picture, cut: Cut): Promise<Embedding> => {
    const answer = (await model.run(await viewValues(picture, cut, spec.inputPixels), 1)).get('embedding')
    invariant(answer?.length === spec.dimensions, 'the embedder gives one embedding for a view')
    return unit(answer)
  }
  const embedCuts = async (picture: Picture, cuts: readonly Cut[]): Promise<readonly Embedding[]> => {
    const embeddings: Embedding[] = []
    for (const cut of cuts) embeddings.push(await embedCut(picture, cut))
    return embeddings
  }
  const embedPicture = async (picture: Picture): Promise<Embedding> =>
    mean(await embedCuts(picture, cutsOf(picture, spec.viewShares)))
  return {
    modelSha256: spec.sha256,
    dimensions: spec.dimensions,
    embedCuts,
    embedPicture,
    embedFile: async (bytes) => {
      const picture = await readPicture(bytes)
      return picture.ok ? ok(await embedPicture(picture.value)) : picture
    },
    close: async () => model.close(),
  }
}
