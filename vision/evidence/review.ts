/**
 * Review: the pictures of a visit in doubt made small, beside the ones that they were made from, so that they go when those do
 * (retention.ts). Called by the vision worker while nobody shops.
 *
 * Holds always: a picture is made small once, so that it keeps its hash; one that can't be read is left out; none is larger than
 * `mostBytes`.
 */
import { readFile, readdir, writeFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { folderOf, pictureNamed, readRecord, type KeptPicture } from './folder.ts'
import { selected } from './selection.ts'

/** A shelf must be readable to be told from its twin; a hand need only be seen. */
const widths = { before: 960, after: 960, crossing: 640, during: 640 } as const
/** The first that is small enough: quality, and share of the width. */
const attempts = [[72, 1], [55, 1], [45, 0.7], [35, 0.5]] as const // prettier-ignore
/** A dozen of them are within what a visit may have at the relay. */
const mostBytes = 84 * 1024

export interface SmallPicture extends KeptPicture {
  readonly file: string
}

/** Null: its pictures are still being written. Empty: there are none, or no more. */
export async function smallPictures(dir: string, visit: string, doneMs: number): Promise<SmallPicture[] | null> {
  const folder = folderOf(dir, visit)
  const names = folder === null ? null : await readdir(folder).catch(() => null)
  if (folder === null || names === null) return []
  const record = await readRecord(folder)
  if (record !== null && record.seen === undefined && record.beganMs > doneMs) return null
  const kept = new Map<KeptPicture, string>()
  for (const name of names) {
    const picture = pictureNamed(name)
    if (picture !== null) kept.set(picture, name)
  }
  const small: SmallPicture[] = []
  for (const picture of selected([...kept.keys()])) {
    const name = kept.get(picture) ?? ''
    const file = join(folder, name.replace(/\.jpg$/, '.small.webp'))
    const made = names.includes(name.replace(/\.jpg$/, '.small.webp'))
    if (made || (await makeSmall(join(folder, name), file, picture))) small.push({ ...picture, file })
  }
  return small
}

async function makeSmall(from: string, to: string, { why }: KeptPicture): Promise<boolean> {
  try {
    const jpeg = await readFile(from)
    for (const [quality, share] of attempts) {
      const bytes = await sharp(jpeg)
        .resize({ width: widths[why] * share, withoutEnlargement: true })
        .webp({ quality, effort: 3 })
        .toBuffer()
      if (bytes.length > mostBytes) continue
      await writeFile(`${to}.new`, bytes, { mode: 0o600 })
      await rename(`${to}.new`, to)
      return true
    }
    return false
  } catch {
    return false // damaged, or deleted meanwhile
  }
}
