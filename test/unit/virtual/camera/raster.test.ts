import { expect, test } from 'vitest'
import { viewThrough } from '../../../../src/virtual/camera/lens.ts'
import { addPatch, meshBuilder, type Mesh } from '../../../../src/virtual/camera/mesh.ts'
import { upright } from '../../../../src/virtual/camera/pose.ts'
import { blankCanvas, createRaster, wholeOf } from '../../../../src/virtual/camera/raster.ts'
import type { Thing } from '../../../../src/virtual/camera/scene.ts'
import { plainTexture, textureOf, type Texture } from '../../../../src/virtual/camera/texture.ts'
import { seenIn } from '../../../../src/virtual/camera/truth.ts'

const [width, height] = [160, 90]
/** Looks along y from the origin; at 1 m, 90 degrees show 2 m. */
const view = viewThrough({ place: [0, 0, 0], aim: [0, 1, 0], angle: 90 }, width, height)
const evenLight = (_x: number, _y: number, _z: number, _nx: number, _ny: number, _nz: number, out: Float64Array) => {
  out[0] = 1
  out[1] = 0
}

/** A card that looks at the lens, its lower edge at z = 0. */
function card(side: number, texture: Texture): Mesh {
  const to = meshBuilder()
  addPatch(to, [0, -1, 0], 1, 1, (s, t) => [(s - 0.5) * side, 0, t * side])
  to.part(texture, 0)
  return to.build()
}
const red = plainTexture(200, 0, 0)
const thing = (id: number): Thing => ({ id, kind: 'product', sku: `card ${id}`, pieces: [] })

test('a box is where the card is, to the pixel, and as filled as a card that looks at the lens', () => {
  const canvas = blankCanvas(width, height)
  createRaster().draw(canvas, view, card(0.5, red), upright([0.25, 1, -0.25], 0), evenLight, 7, wholeOf(canvas))
  // 80 pixels a metre at 1 m: from x 0 to 0.5, z -0.25 to 0.25.
  expect(seenIn(canvas, [thing(7)])).toEqual([
    { kind: 'product', box: [80, 25, 120, 65], pixels: 1600, filled: 1, sku: 'card 7', instance: 7 },
  ])
  expect(canvas.ids.filter((id) => id === 7)).toHaveLength(1600)
  expect(canvas.colour[45 * width + 100]).toBe(200)
})

test('the nearer card hides the farther, whichever is drawn first, and what is hidden is not listed', () => {
  for (const order of [
    [1, 2],
    [2, 1],
  ]) {
    const canvas = blankCanvas(width, height)
    const raster = createRaster()
    for (const id of order)
      raster.draw(
        canvas,
        view,
        card(id === 1 ? 0.6 : 0.2, red),
        upright([0, id, -0.1], 0),
        evenLight,
        id,
        wholeOf(canvas),
      )
    expect(seenIn(canvas, [thing(1), thing(2)]).map(({ instance }) => instance)).toEqual([1])
  }
})

test('a part drawn anew is what the whole drawn at once is', () => {
  const noisy = textureOf(
    Uint8Array.from({ length: 64 * 64 * 3 }, (_, at) => (at * 37) % 251),
    64,
    64,
    3,
  )
  const mesh = card(0.9, noisy)
  const pose = upright([0.1, 0.8, -0.4], 0.4)
  const [once, twice] = [blankCanvas(width, height), blankCanvas(width, height)]
  const raster = createRaster()
  raster.draw(once, view, mesh, pose, evenLight, 3, wholeOf(once))
  for (const [left, right] of [
    [0, 77],
    [77, 160],
  ] as const)
    raster.draw(twice, view, mesh, pose, evenLight, 3, { left, right, top: 0, bottom: height })
  expect(twice.colour).toEqual(once.colour)
  expect(twice.depth).toEqual(once.depth)
})

test('a card that looks away is not drawn, and one that reaches behind the lens is cut', () => {
  const canvas = blankCanvas(width, height)
  const raster = createRaster()
  raster.draw(canvas, view, card(0.5, red), upright([0, 1, 0], Math.PI), evenLight, 1, wholeOf(canvas))
  expect(canvas.ids.some((id) => id !== 0)).toBe(false)
  const floor = meshBuilder()
  addPatch(floor, [0, 0, 1], 1, 1, (s, t) => [(s - 0.5) * 2, -1 + 3 * t, -0.3])
  floor.part(red, 0)
  raster.draw(canvas, view, floor.build(), upright([0, 0, 0], 0), evenLight, 2, wholeOf(canvas))
  const [seen] = seenIn(canvas, [{ ...thing(2) }])
  // The whole lower edge shows it, and nothing above the horizon does.
  expect(seen?.box[3]).toBe(height)
  expect(seen?.box[1]).toBeGreaterThan(height / 2)
})

test('a label seen small is the mean of its colours', () => {
  const stripes = textureOf(
    Uint8Array.from({ length: 256 * 256 * 3 }, (_, at) => (Math.floor(at / 3) % 2 === 0 ? 255 : 0)),
    256,
    256,
    3,
  )
  const canvas = blankCanvas(width, height)
  createRaster().draw(canvas, view, card(0.5, stripes), upright([0, 1, -0.25], 0), evenLight, 1, wholeOf(canvas))
  const shown = canvas.colour.filter((_, at) => canvas.ids[at] === 1)
  expect(Math.max(...shown.map((colour) => Math.abs((colour & 255) - 128)))).toBeLessThan(8)
})
