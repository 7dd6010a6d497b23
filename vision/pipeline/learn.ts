/**
 * Learn: the gallery that a fridge's settings name, ready to be asked: a file that `teach` wrote, or a folder with a
 * sub-folder of pictures for each product, which is learned once and kept beside under the checksum of its pictures.
 *
 * Holds always: what is kept is used only for the very same pictures and model; a picture that shows nothing is left out
 * and told. A file that ends in `.box.jpg` is cut to its product and looked at once; any other is a photograph, looked
 * at nearer and nearer. Called by worker.ts.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, readdir, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { err, ok, type Result } from '../../src/core/result.ts'
import { productFolders, spread } from '../command/folders.ts'
import type { Embedder } from '../embed/embedder.ts'
import { readPicture } from '../embed/picture.ts'
import type { Embedding } from '../embed/vector.ts'
import { emptyGallery, mostPictures, teach, type Gallery } from '../gallery/gallery.ts'
import { readGallery, writeGallery } from '../gallery/store.ts'
import type { WorkerSettings } from '../worker-messages.ts'

interface Pictures {
  readonly product: string
  readonly files: readonly { readonly path: string; readonly bytes: Buffer }[]
}

/** The fridge's own gallery, with what it was taught from afar above it; either may be absent, but not both. */
export async function learnBoth(
  { gallery, galleryCache, taught }: Pick<WorkerSettings, 'gallery' | 'galleryCache' | 'taught'>,
  embedder: Embedder,
  told: (says: string) => void,
): Promise<Result<Gallery, string>> {
  const own = gallery === null ? null : await learnGallery(gallery, galleryCache, embedder, told)
  const isThere = taught !== null && (await stat(taught).catch(() => null)) !== null
  if (taught === null || !isThere) return own ?? err('no product was taught: there is no gallery')
  if (own?.ok === false) return own
  const afar = await learnGallery(taught, `${galleryCache}-afar`, embedder, told)
  if (!afar.ok) return own ?? afar
  if (afar.value.products.length === 0) return own ?? err('no product was taught: there is no gallery')
  const names = new Set(afar.value.products.map(({ product }) => product))
  const others = own?.value.products.filter(({ product }) => !names.has(product)) ?? []
  return ok({ ...afar.value, products: [...others, ...afar.value.products] })
}

/** The gallery at `path`, or a sentence that says why there is none. `told` hears of pictures that show nothing. */
export async function learnGallery(
  path: string,
  cache: string,
  embedder: Embedder,
  told: (says: string) => void,
): Promise<Result<Gallery, string>> {
  const { modelSha256, dimensions } = embedder
  const there = await stat(path).catch(() => null)
  if (there === null) return err(`there is no gallery at ${path}`)
  if (!there.isDirectory()) {
    const read = await readGallery(path, modelSha256, dimensions)
    return read.ok ? read : err(read.error.says)
  }
  const pictures = await picturesAt(path)
  const kept = join(cache, `gallery-${sumOf(modelSha256, pictures)}.json`)
  const known = await readGallery(kept, modelSha256, dimensions)
  if (known.ok) return known
  const learned = await learnPictures(pictures, embedder, told)
  if (learned.ok) await keep(learned.value, kept, cache)
  return learned
}

async function picturesAt(path: string): Promise<Pictures[]> {
  const all: Pictures[] = []
  for (const { product, pictures } of await productFolders(path)) {
    const files = []
    for (const file of spread(pictures, mostPictures)) files.push({ path: file, bytes: await readFile(file) })
    all.push({ product, files })
  }
  return all
}

function sumOf(modelSha256: string, all: readonly Pictures[]): string {
  const hash = createHash('sha256').update(modelSha256)
  for (const { product, files } of all)
    for (const { path, bytes } of files) hash.update(`\n${product} ${basename(path)} ${bytes.length} `).update(bytes)
  return hash.digest('hex').slice(0, 24)
}

async function learnPictures(
  all: readonly Pictures[],
  embedder: Embedder,
  told: (says: string) => void,
): Promise<Result<Gallery, string>> {
  let gallery = emptyGallery(embedder.modelSha256)
  for (const { product, files } of all) {
    const looks: Embedding[] = []
    for (const { path, bytes } of files) {
      const look = await embedded(path, bytes, embedder)
      if (look.ok) looks.push(look.value)
      else told(`${path}: ${look.error}`)
    }
    if (looks.length === 0) {
      told(`${product} has no picture that shows it`)
      continue
    }
    const taught = teach(gallery, product, looks)
    if (!taught.ok) return err(taught.error.says)
    gallery = taught.value
  }
  return ok(gallery)
}

async function embedded(path: string, bytes: Buffer, embedder: Embedder): Promise<Result<Embedding, string>> {
  if (!path.endsWith('.box.jpg')) {
    const look = await embedder.embedFile(bytes)
    return look.ok ? look : err(look.error.says)
  }
  const picture = await readPicture(bytes)
  if (!picture.ok) return err(picture.error.says)
  const { width, height } = picture.value
  const [look] = await embedder.embedCuts(picture.value, [{ left: 0, top: 0, width, height }])
  return look === undefined ? err('it was not looked at') : ok(look)
}

/** One gallery is kept: that of pictures which are no longer there is of no use. */
async function keep(gallery: Gallery, kept: string, cache: string): Promise<void> {
  await mkdir(cache, { recursive: true, mode: 0o700 })
  for (const name of await readdir(cache)) if (/^gallery-.*\.json(\.new)?$/.test(name)) await rm(join(cache, name))
  await writeGallery(kept, gallery)
}
