/** Learning a fridge's own gallery and the one that came from afar, with an embedder that tells colours apart. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ok } from '../../../../src/core/result.ts'
import type { Embedder } from '../../../../vision/embed/embedder.ts'
import { readPicture } from '../../../../vision/embed/picture.ts'
import { unit } from '../../../../vision/embed/vector.ts'
import { learnBoth } from '../../../../vision/pipeline/learn.ts'

let folder = ''
let looked = 0
let told: string[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vision-learn-'))
  looked = 0
  told = []
})
afterEach(async () => rm(folder, { recursive: true }))

const embedder: Embedder = {
  modelSha256: 'colours',
  dimensions: 3,
  async embedFile(bytes) {
    looked += 1
    const picture = await readPicture(bytes)
    return picture.ok ? ok(unit(Float32Array.from(picture.value.rgb.subarray(0, 3), (one) => one + 1))) : picture
  },
  embedPicture: () => Promise.reject(new Error('not asked here')),
  embedCuts: () => Promise.reject(new Error('not asked here')),
  close: async () => {},
}

/** `at` is `own/cola`, as it lies in the folder. */
async function draw(at: string, colour: string): Promise<void> {
  const file = join(folder, at, 'one.png')
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, await sharp({ create: { width: 96, height: 96, channels: 3, background: colour } }).png().toBuffer()) // prettier-ignore
}

/** Each product with the part of its first picture that is red. */
async function learned({ own = true, taught = true } = {}): Promise<string | Record<string, number>> {
  const settings = {
    gallery: own ? join(folder, 'own') : null,
    taught: taught ? join(folder, 'taught') : null,
    galleryCache: join(folder, 'cache'),
  }
  const gallery = await learnBoth(settings, embedder, (says) => told.push(says))
  if (!gallery.ok) return gallery.error
  return Object.fromEntries(
    gallery.value.products.map(({ product, pictures }) => [product, Math.round(10 * (pictures[0]?.[0] ?? -1))]),
  )
}

test('[K7] a product that was taught from afar stands above the fridge`s own of that name, beside all others', async () => {
  await draw('own/cola', '#ff0000')
  await draw('own/milk', '#0000ff')
  await draw('taught/milk', '#ff0000')
  await draw('taught/tamarind', '#00ff00')
  expect(await learned()).toEqual({ cola: 10, milk: 10, tamarind: 0 })
  expect(await learned({ taught: false })).toEqual({ cola: 10, milk: 0 })
  expect(await learned({ own: false })).toEqual({ milk: 10, tamarind: 0 })
  expect(looked).toBe(4) // each gallery is kept, and neither throws the other out
})

test('what was taught from afar comes later, or shows nothing: the fridge`s own is used as it is', async () => {
  await draw('own/cola', '#ff0000')
  expect(await learned()).toEqual({ cola: 10 })
  await mkdir(join(folder, 'taught', 'broken'), { recursive: true })
  expect(await learned()).toEqual({ cola: 10 })
  await writeFile(join(folder, 'taught', 'broken', 'one.png'), 'no picture')
  expect(await learned()).toEqual({ cola: 10 })
  expect(told.at(-1)).toContain('broken')
  await draw('taught/tamarind', '#00ff00')
  expect(await learned()).toEqual({ cola: 10, tamarind: 0 })
})

test('with nothing taught at all, and where the own gallery can`t be read, it is said why', async () => {
  expect(await learned({ own: false, taught: false })).toContain('no product was taught')
  expect(await learned({ own: false })).toContain('no product was taught')
  await mkdir(join(folder, 'taught'))
  expect(await learned({ own: false })).toContain('no product was taught')
  await draw('taught/tamarind', '#00ff00')
  expect(await learned()).toContain('there is no gallery at')
})
