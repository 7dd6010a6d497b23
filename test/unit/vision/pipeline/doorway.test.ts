/** What is carried through the opening is told, and what could not be followed is told as blind. */
import { expect, test } from 'vitest'
import type { Sku } from '../../../../src/core/ids.ts'
import { decodeGrid } from '../../../../vision/camera/decode.ts'
import type { Shot } from '../../../../vision/camera/frame.ts'
import type { Detection } from '../../../../vision/detect/detection.ts'
import { createDoorway } from '../../../../vision/pipeline/doorway.ts'
import type { Looker } from '../../../../vision/pipeline/looker.ts'
import { jpegOf, pictureOf, size } from '../shelf/shelves.ts'

/** The upper part of the picture is inside; a shopper stands below. */
const inside = [{ x: 0, y: 0 }, { x: 640, y: 0 }, { x: 640, y: 200 }, { x: 0, y: 200 }] // prettier-ignore
const opening = { pictureWidth: 640, pictureHeight: 360, outline: inside, shelves: [inside] }
const jpeg = await jpegOf(await pictureOf([]))
const decoded = await decodeGrid(jpeg)
if (!decoded.ok) throw new Error(decoded.error)
const grid = decoded.value

/** A hand that comes in from below, grips at the fifth picture, and goes out again with what it gripped. */
function seenIn(frame: number, carries: boolean): Detection[] {
  const depth = frame < 5 ? frame * 45 : Math.max(0, (10 - frame) * 45)
  const handTop = 350 - depth
  const product = carries && frame >= 5 ? handTop - 30 : 95
  return [
    { kind: 'hand', box: { left: 280, top: handTop, width: 90, height: 360 - handTop }, score: 0.9 },
    { kind: 'product', box: { left: 295, top: product, width: 50, height: 60 }, score: 0.9 },
    { kind: 'product', box: { left: 80, top: 95, width: 50, height: 60 }, score: 0.9 },
  ]
}

const looks: number[] = []
function lookerFor(carries: boolean): Looker {
  let frame = 0
  return {
    taught: ['red' as Sku, 'green' as Sku],
    identify: async () => [],
    embed: async (_picture, cuts) => {
      looks.push(cuts.length)
      return cuts.map(() => Float32Array.of(1, 0))
    },
    name: () => ({
      product: 'red',
      candidates: [{ product: 'red', probability: 0.9, similarity: 0.9 }],
      noneProbability: 0.1,
    }),
    fuse: (told) => told[0] ?? { candidates: [], noneProbability: 1 },
    detect: async () => seenIn(frame++, carries),
  }
}

async function visit(carries: boolean, everyMs: number) {
  const looker = lookerFor(carries)
  const doorway = createDoorway('one', opening, () => looker)
  doorway.opened(1_000)
  let atMs = 1_000
  let crossed = false
  for (let number = 1; number <= 14; number += 1) {
    atMs += everyMs
    const shot: Shot = { camera: 'one', number, atMs, jpeg, ...size }
    crossed = (await doorway.look(shot, grid, true, false)) || crossed
  }
  doorway.closed(atMs + 100)
  return { crossed, ...doorway.testify(looker) }
}

test('[VIS36] what a hand carries out is told once, with what it looked like; what stands is not', async () => {
  const { sightings, witness } = await visit(true, 100)
  expect(sightings).toMatchObject([
    { witness: 'one-opening', direction: 'taken', shelf: 1, candidates: [{ sku: 'red' }] },
  ])
  expect(
    sightings[0]!.candidates.reduce((sum, { probability }) => sum + probability, sightings[0]!.noneProbability),
  ).toBeCloseTo(1, 9)
  expect(witness).toEqual({ id: 'one-opening', kind: 'crossing', blindShare: 0, blindShelves: [] })
  expect(Math.max(...looks)).toBeLessThanOrEqual(2)
})

test('[VIS36] an empty hand takes nothing', async () => {
  expect((await visit(false, 100)).sightings).toEqual([])
})

test('[VIS37] with pictures too far apart to follow a hand the witness is blind', async () => {
  const { witness, sightings } = await visit(true, 600)
  expect(witness.blindShare).toBeGreaterThan(0.9)
  expect(witness.blindShare === 1 ? sightings : []).toEqual([])
})

test('[VIS37] without a detector the witness is blind', async () => {
  const looker: Looker = { ...lookerFor(true), detect: null }
  const doorway = createDoorway('one', opening, () => looker)
  doorway.opened(1_000)
  await doorway.look({ camera: 'one', number: 1, atMs: 1_100, jpeg, ...size }, grid, true, false)
  doorway.closed(2_000)
  expect(doorway.testify(looker)).toMatchObject({ sightings: [], witness: { blindShare: 1 } })
})
