/** Which pictures of a visit are made small for whoever decides it. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { maxPictureBytes, maxVisitBytes, maxVisitPictures } from '../../../../sync/protocol/pictures.ts'
import {
  makeFolder,
  pictureName,
  recordFile,
  writePicture,
  writeWhole,
  type Why,
} from '../../../../vision/evidence/folder.ts'
import { smallPictures } from '../../../../vision/evidence/review.ts'
import { mostPictures, selected } from '../../../../vision/evidence/selection.ts'

let dir: string
const visit = 'visit-1'
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'review-'))
  await makeFolder(join(dir, visit))
})
afterEach(() => rmSync(dir, { recursive: true }))

const of = (camera: string, number: number, why: Why) => ({ camera, number, atMs: 1_000 + number * 100, why })
/** Noise, which no codec makes small. */
const noise = (width = 1280, height = 720): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: '#888', noise: { type: 'gaussian', mean: 128, sigma: 60 } } }).jpeg({ quality: 90 }).toBuffer() // prettier-ignore
const keep = async (camera: string, number: number, why: Why, jpeg: Uint8Array): Promise<void> =>
  writePicture(
    join(dir, visit, pictureName({ camera, number, atMs: 1_000 + number * 100, jpeg, width: 1280, height: 720 }, why)),
    jpeg,
  )
const ended = () => writeWhole(join(dir, visit, recordFile), { visit, beganMs: 1_000, seen: {} })

test('[SY53] of each camera the last before and after, and crossings spread over the visit, a dozen at most', () => {
  const kept = [
    of('left', 1, 'before'),
    of('left', 2, 'before'),
    of('right', 3, 'before'),
    ...Array.from({ length: 40 }, (_, index) => of(index % 2 === 0 ? 'left' : 'right', 10 + index, 'crossing')),
    of('left', 60, 'during'),
    of('left', 70, 'after'),
    of('right', 71, 'after'),
  ]
  const chosen = selected(kept)
  expect(chosen).toHaveLength(mostPictures)
  expect(chosen.map(({ atMs }) => atMs)).toEqual(chosen.map(({ atMs }) => atMs).toSorted((a, b) => a - b))
  expect(chosen.filter(({ why }) => why !== 'crossing').map(({ number }) => number)).toEqual([2, 3, 70, 71])
  const crossings = chosen.filter(({ why }) => why === 'crossing').map(({ number }) => number)
  expect(crossings[0]).toBeLessThan(16)
  expect(crossings.at(-1)).toBeGreaterThan(44)
  expect(new Set(chosen.filter(({ why }) => why === 'crossing').map(({ camera }) => camera)).size).toBe(2)
  expect(selected([])).toEqual([])
  expect(selected(kept.slice(0, 3))).toHaveLength(2)
  expect(mostPictures).toBeLessThanOrEqual(maxVisitPictures)
})

test('[SY51] [SY53] pictures are made small once, each within what travels, and a damaged one is left out', async () => {
  const big = await noise()
  await keep('left', 1, 'before', big)
  await keep('left', 2, 'crossing', big)
  await keep('left', 3, 'after', big.subarray(0, 5_000))
  await keep('right', 4, 'after', big)
  await ended()
  const small = (await smallPictures(dir, visit, 0)) ?? []
  expect(small.map(({ camera, why }) => `${camera} ${why}`)).toEqual(['left before', 'left crossing', 'right after'])
  const sizes = small.map(({ file }) => readFileSync(file))
  for (const bytes of sizes) {
    expect(bytes.length).toBeLessThanOrEqual(maxPictureBytes)
    expect(bytes.length * mostPictures).toBeLessThanOrEqual(maxVisitBytes)
  }
  expect(statSync(small[0]?.file ?? '').mode & 0o777).toBe(0o600)
  const again = await smallPictures(dir, visit, 0)
  expect(again?.map(({ file }) => Buffer.compare(readFileSync(file), sizes[again.findIndex((one) => one.file === file)]!))).toEqual([0, 0, 0]) // prettier-ignore
  expect(readdirSync(join(dir, visit)).filter((name) => name.endsWith('.new'))).toEqual([])
})

test('[SY56] a visit that is still being written is waited for, one that a crash cut off is not', async () => {
  await keep('left', 1, 'before', await noise(320, 180))
  await writeWhole(join(dir, visit, recordFile), { visit, beganMs: 1_000 })
  expect(await smallPictures(dir, visit, 999)).toBeNull()
  expect(await smallPictures(dir, visit, 1_000)).toHaveLength(1)
  expect(await smallPictures(dir, 'no-such-visit', 0)).toEqual([])
  expect(await smallPictures(dir, '../..', 0)).toEqual([])
  writeFileSync(join(dir, visit, 'holiday.jpg'), 'no evidence')
  await ended()
  expect(await smallPictures(dir, visit, 0)).toHaveLength(1)
})
