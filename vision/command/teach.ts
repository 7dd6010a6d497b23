/**
 * `vision teach --gallery FILE --product NAME PICTURE...`: learns a product, or learns it anew. A bad picture teaches
 * nothing at all: better asked again than half taught.
 */
import { existsSync } from 'node:fs'
import { emptyGallery, mostPictures, teach } from '../gallery/gallery.ts'
import { readGallery, writeGallery } from '../gallery/store.ts'
import type { Embedding } from '../embed/vector.ts'
import { embedderOrTold, needed, Told, type Arguments } from './arguments.ts'
import { bytesOf } from './embed.ts'

export async function teachCommand(given: Arguments): Promise<void> {
  const path = needed(given, 'gallery')
  const product = needed(given, 'product')
  if (given.rest.length === 0) throw new Told(`name 1 to ${mostPictures} pictures of ${product}`, 2)
  const embedder = await embedderOrTold()
  const before = existsSync(path)
    ? await readGallery(path, embedder.modelSha256, embedder.dimensions)
    : { ok: true as const, value: emptyGallery(embedder.modelSha256) }
  if (!before.ok) throw new Told(before.error.says)
  const embeddings: Embedding[] = []
  for (const picture of given.rest) {
    const embedding = await embedder.embedFile(await bytesOf(picture))
    if (!embedding.ok) throw new Told(`${picture}: ${embedding.error.says}; nothing was taught`)
    embeddings.push(embedding.value)
  }
  const taught = teach(before.value, product, embeddings)
  if (!taught.ok) throw new Told(taught.error.says)
  await writeGallery(path, taught.value)
  await embedder.close()
  process.stdout.write(
    `${product}: ${embeddings.length} pictures; the gallery has ${taught.value.products.length} products\n`,
  )
}
