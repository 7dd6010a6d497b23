/**
 * Folders: pictures of products as they lie on a disk, one sub-folder a product, in a fixed order.
 * Called by the identify and teach commands.
 */
import { readdir } from 'node:fs/promises'
import { extname, join, relative } from 'node:path'

export interface ProductFolder {
  readonly product: string
  /** Paths of its pictures, also from folders further down. */
  readonly pictures: readonly string[]
}

const pictureEndings = new Set(['.jpg', '.jpeg', '.png', '.webp'])

/** The sub-folders of `folder` that hold pictures. Throws when the folder cannot be read. */
export async function productFolders(folder: string): Promise<readonly ProductFolder[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const named = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const found: ProductFolder[] = []
  for (const product of named.toSorted()) {
    const pictures = await picturesIn(join(folder, product))
    if (pictures.length > 0) found.push({ product, pictures })
  }
  return found
}

/** All pictures in `folder` and below, sorted by path. */
export async function picturesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile() && pictureEndings.has(extname(entry.name).toLowerCase()))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted((a, b) => (relative(folder, a) < relative(folder, b) ? -1 : 1))
}

/** At most `most` of the list, evenly spread over it, so that all sides of a turned product are among them. */
export function spread<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list
  return list.filter(
    (_, index) => Math.floor((index * most) / list.length) !== Math.floor(((index - 1) * most) / list.length),
  )
}
