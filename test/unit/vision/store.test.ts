import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { unit } from '../../../vision/embed/vector.ts'
import { emptyGallery, teach } from '../../../vision/gallery/gallery.ts'
import { readGallery, writeGallery } from '../../../vision/gallery/store.ts'

describe('a stored gallery', () => {
  let folder = ''
  let file = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vision-store-'))
    file = join(folder, 'gallery.json')
    const taught = teach(emptyGallery('sum'), 'Große Kola', [
      unit(Float32Array.of(1, 2, 3, 4)),
      unit(Float32Array.of(4, 3, 2, 1)),
    ])
    if (!taught.ok) throw new Error(taught.error.says)
    await writeGallery(file, taught.value)
  })
  afterEach(async () => rm(folder, { recursive: true }))

  const code = async (model = 'sum', dimensions = 4): Promise<string> => {
    const read = await readGallery(file, model, dimensions)
    return read.ok ? 'ok' : read.error.code
  }

  test('[VIS9] is read back as it was written, and leaves nothing beside it', async () => {
    const read = await readGallery(file, 'sum', 4)
    expect(read.ok && read.value.products.map(({ product, pictures }) => [product, pictures.length])).toEqual([
      ['Große Kola', 2],
    ])
    expect(read.ok && read.value.products[0]?.pictures[0]?.[3]).toBeCloseTo(4 / Math.sqrt(30), 6)
    expect(await readdir(folder)).toEqual(['gallery.json'])
  })

  test('[VIS9] of another model is refused, and said so', async () => {
    expect(await code('another')).toBe('otherModel')
    expect(await code('sum', 128)).toBe('damaged')
  })

  test('[VIS9] that is missing, cut short, or something else is told', async () => {
    const whole = await readFile(file, 'utf8')
    await writeFile(file, whole.slice(0, whole.length / 2))
    expect(await code()).toBe('damaged')
    await writeFile(file, '{"version":1,"modelSha256":"sum","products":[{"product":"x","pictures":[7]}]}')
    expect(await code()).toBe('damaged')
    await writeFile(file, whole.replace(/"[A-Za-z0-9+/=]{20,}"/, '"AAAA"'))
    expect(await code()).toBe('damaged')
    await rm(file)
    expect(await code()).toBe('unreadable')
    await writeFile(file, '')
  })
})
