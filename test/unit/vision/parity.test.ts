import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { openEmbedder } from '../../../vision/embed/embedder.ts'
import { cosine } from '../../../vision/embed/vector.ts'

const vectors = new URL('../../vectors/vision/', import.meta.url)

interface Vector {
  readonly picture: string
  /** Base64 of little-endian float32. */
  readonly embedding: string
}

test('[VIS8] a picture is embedded as the training measured it, held before a shelf or in a studio', async () => {
  const opened = await openEmbedder()
  if (!opened.ok) throw new Error(opened.error.says)
  for (const { picture, embedding } of JSON.parse(
    await readFile(new URL('parity.json', vectors), 'utf8'),
  ) as Vector[]) {
    const found = await opened.value.embedFile(await readFile(new URL(picture, vectors)))
    if (!found.ok) throw new Error(found.error.says)
    const bytes = Buffer.from(embedding, 'base64')
    const wanted = Float32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4))
    // The two resize a picture by their own code; the numbers that follow are the same.
    expect(cosine(found.value, wanted), picture).toBeGreaterThan(0.995)
  }
  await opened.value.close()
})
