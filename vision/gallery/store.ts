/**
 * Store: a gallery as one JSON file, written whole or not at all.
 *
 * Holds always: a file that was read has the right shape, embeddings of the right length, and comes from the model in
 * use; anything else is a fault that says what is wrong, and the file is left as it was. Called by the commands.
 */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { err, ok, type Result } from '../../src/core/result.ts'
import { unit, type Embedding } from '../embed/vector.ts'
import { emptyGallery, teach, type Gallery } from './gallery.ts'

export type StoreFault = { readonly code: 'unreadable' | 'damaged' | 'otherModel'; readonly says: string }

interface Stored {
  readonly version: 1
  readonly modelSha256: string
  /** Pictures are base64 of little-endian float32. */
  readonly products: readonly { readonly product: string; readonly pictures: readonly string[] }[]
}

/** Writes beside the file and renames, so that a power cut leaves the old gallery or the new one. */
export async function writeGallery(path: string, gallery: Gallery): Promise<void> {
  const stored: Stored = {
    version: 1,
    modelSha256: gallery.modelSha256,
    products: gallery.products.map(({ product, pictures }) => ({ product, pictures: pictures.map(toBase64) })),
  }
  const beside = `${path}.new`
  await writeFile(beside, `${JSON.stringify(stored, null, 1)}\n`, { flush: true })
  await rename(beside, path)
}

/** Reads a gallery that the model with `modelSha256` and `dimensions` made. */
export async function readGallery(
  path: string,
  modelSha256: string,
  dimensions: number,
): Promise<Result<Gallery, StoreFault>> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    return err({ code: 'unreadable', says: `the gallery ${path} cannot be read: ${String(error)}` })
  }
  const stored = parsed(text)
  if (stored === null) return err({ code: 'damaged', says: `${path} is no gallery: it is not what teach writes` })
  if (stored.modelSha256 !== modelSha256) {
    const says = `the gallery ${path} was taught with another model; teach its products again with this one`
    return err({ code: 'otherModel', says })
  }
  let gallery = emptyGallery(modelSha256)
  for (const { product, pictures } of stored.products) {
    const embeddings = pictures.map(fromBase64)
    const whole = embeddings.every(({ length }) => length === dimensions)
    const taught = whole ? teach(gallery, product, embeddings.map(unit)) : null
    if (taught === null || !taught.ok) {
      return err({ code: 'damaged', says: `${path} is damaged at the product ${product}` })
    }
    gallery = taught.value
  }
  return ok(gallery)
}

function parsed(text: string): Stored | null {
  try {
    const value = JSON.parse(text) as Partial<Stored> | null
    const wellFormed =
      value?.version === 1 &&
      typeof value.modelSha256 === 'string' &&
      Array.isArray(value.products) &&
      value.products.every(
        (entry: Partial<Stored['products'][number]> | null) =>
          typeof entry?.product === 'string' &&
          Array.isArray(entry.pictures) &&
          entry.pictures.every((picture) => typeof picture === 'string'),
      )
    return wellFormed ? (value as Stored) : null
  } catch {
    return null
  }
}

const toBase64 = (embedding: Embedding): string =>
  Buffer.from(embedding.buffer, embedding.byteOffset, embedding.byteLength).toString('base64')

function fromBase64(text: string): Embedding {
  const bytes = Buffer.from(text, 'base64')
  const values = new Float32Array(Math.floor(bytes.length / 4))
  for (let index = 0; index < values.length; index += 1) values[index] = bytes.readFloatLE(index * 4)
  return values
}
