import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { deepSort, deepSortWithBytes } from '../../../../vision/track/settings.ts'
import { createTracker } from '../../../../vision/track/tracker.ts'

const vectors = new URL('../../../vectors/vision/', import.meta.url)

interface Recorded {
  readonly scoreFrom: number
  readonly mostLooks: number | null
  readonly second: boolean
  readonly detections: readonly (readonly {
    readonly box: readonly [number, number, number, number]
    readonly score: number
    /** Base64 of little-endian float32. */
    readonly vector: string
  }[])[]
  /** Id, confirmed, frames missed, left, top, width, height. */
  readonly tracks: readonly (readonly (readonly [number, number, number, number, number, number, number])[])[]
}

test.each([
  ['DeepSORT', 'crowd'],
  ['DeepSORT that remembers three looks', 'swift'],
  ['DeepSORT with the second association of ByteTrack', 'bytes'],
])('[VIS18] %s: the same ids, states and boxes as the reference', async (_, name) => {
  const recorded = JSON.parse(await readFile(new URL(`track-${name}.json`, vectors), 'utf8')) as Recorded
  const tracker = createTracker({
    ...(recorded.second ? deepSortWithBytes : deepSort),
    frameMs: 40,
    scoreFrom: recorded.scoreFrom,
    newFrom: recorded.scoreFrom,
    mostLooks: recorded.mostLooks ?? Infinity,
  })
  let error = 0
  for (const [frame, detections] of recorded.detections.entries()) {
    const tracks = tracker.step(
      frame * 40,
      detections.map(({ box: [left, top, width, height], score, vector }) => ({
        kind: 'product',
        box: { left, top, width, height },
        score,
        vector: floats(vector),
      })),
    )
    const wanted = recorded.tracks[frame] ?? []
    expect(
      tracks.map(({ id, confirmed, misses }) => [id, Number(confirmed), misses]),
      `frame ${frame}`,
    ).toEqual(wanted.map((track) => track.slice(0, 3)))
    for (const [index, { box }] of tracks.entries()) {
      const found = [box.left, box.top, box.width, box.height]
      const boxWanted = wanted[index]?.slice(3) ?? []
      error = Math.max(error, ...found.map((value, part) => Math.abs(value - (boxWanted[part] ?? NaN))))
    }
  }
  expect(error).toBeLessThan(1e-3)
  if (process.env['SHOW_FIGURES'] === '1') console.log(`${name}: largest difference ${error} px`)
})

function floats(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64')
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4))
}
