/**
 * Folders: pictures of products as they lie on a disk, one sub-folder a product, in a fixed order.
 * Called by the commands.
 */
import { readdir, realpath, stat } from 'node:fs/promises'
import { extname, join, relative } from 'node:path'
import { Told } from './arguments.ts'

export interface ProductFolder {
  readonly product: string
  /** Paths of its pictures, also from folders further down. */
  readonly pictures: readonly string[]
}

const pictureEndings = new Set(['.jpg', '.jpeg', '.jpe', '.png', '.webp', '.tif', '.tiff', '.gif', '.avif'])

/** The sub-folders of `folder` that hold pictures, links followed. Throws when the folder cannot be read. */
export async function productFolders(folder: string): Promise<readonly ProductFolder[]> {
  const found: ProductFolder[] = []
  for (const { name, isFolder } of await entriesOf(folder)) {
    const pictures = isFolder ? await picturesIn(join(folder, name)) : []
    if (pictures.length > 0) found.push({ product: name, pictures })
  }
  return found
}

/** All pictures in `folder` and below, links followed, sorted by path. */
export async function picturesIn(folder: string): Promise<readonly string[]> {
  const found: string[] = []
  const seen = new Set<string>()
  const walk = async (at: string): Promise<void> => {
    const real = await realpath(at)
    if (seen.has(real)) return // a link that leads back up
    seen.add(real)
    for (const { name, isFolder } of await entriesOf(at)) {
      if (isFolder) await walk(join(at, name))
      else if (pictureEndings.has(extname(name).toLowerCase())) found.push(join(at, name))
    }
  }
  await walk(folder)
  return found.toSorted((a, b) => (relative(folder, a) < relative(folder, b) ? -1 : 1))
}

/** Sorted by name; hidden ones are left out. A link is what it leads to, and one that leads nowhere is taken as a file. */
async function entriesOf(folder: string): Promise<readonly { readonly name: string; readonly isFolder: boolean }[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const shown = entries.filter(({ name }) => !name.startsWith('.')).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return Promise.all(
    shown.map(async (entry) => {
      if (!entry.isSymbolicLink()) return { name: entry.name, isFolder: entry.isDirectory() }
      const target = await stat(join(folder, entry.name)).catch(() => null)
      return { name: entry.name, isFolder: target?.isDirectory() ?? false }
    }),
  )
}

/** At most `most` of the list, evenly spread over it, so that all sides of a turned product are among them. */
export function spread<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list
  return list.filter(
    (_, index) => Math.floor((index * most) / list.length) !== Math.floor(((index - 1) * most) / list.length),
  )
}

/** Whether `path` is a folder; what is not there ends the command. */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    throw new Told(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
