/** What is wrong with a camera's pictures is named, and what only shops in front of it is not. */
import sharp, { type Sharp } from 'sharp'
import { beforeEach, expect, test } from 'vitest'
import { clarityWords, createClarity, type Clarity } from '../../../../vision/camera/clarity.ts'
import { decodeGrid, gridHeight, gridWidth } from '../../../../vision/camera/decode.ts'
import type { Picture } from '../../../../vision/embed/picture.ts'

/** Four shelves with a row of goods each, as a camera's noise makes it new each time. */
let seed = 1
const chance = (): number => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
  return seed / 2_147_483_648
}
const goods = Array.from({ length: 32 }, (_, at) => {
  const [x, y] = [(at % 8) * 40 + 4, Math.floor(at / 8) * 45 + 6]
  return `<rect x="${x}" y="${y}" width="30" height="34" fill="hsl(${at * 47},70%,${35 + (at % 3) * 15}%)"/>
    <rect x="${x + 4}" y="${y + 8}" width="22" height="8" fill="#fff"/><rect x="${x + 8}" y="${y + 20}" width="12" height="9" fill="#111"/>`
}).join('')
const svg = (over = ''): Buffer =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="320" height="180">
    <rect width="320" height="180" fill="#c9d2da"/>${goods}${over}</svg>`)

async function seen(over = '', change: (image: Sharp) => Sharp = (image) => image): Promise<Picture> {
  const clean = await sharp(svg(over)).flatten({ background: '#fff' }).png().toBuffer()
  const { data } = await change(sharp(clean))
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return {
    width: gridWidth,
    height: gridHeight,
    rgb: data.map((value) => Math.max(0, Math.min(255, value + Math.round(chance() * 4 - 2)))),
  }
}
const pale = (image: Sharp): Sharp => image.blur(6).linear(0.25, 150)

let clarity: Clarity
let atMs = 0
const look = (picture: Picture) => clarity.look(picture, (atMs += 100))
beforeEach(async () => {
  clarity = createClarity()
  atMs = 0
})
const learnt = async (): Promise<void> => {
  for (let times = 0; times < 4; times += 1) expect(look(await seen())).toBeNull()
}

test('[VIS30] a clear picture is clear, whatever is taken, and an arm and a head before it are no fault', async () => {
  await learnt()
  expect(look(await seen('<rect width="160" height="90" fill="#c9d2da"/>'))).toBeNull()
  expect(look(await seen('<ellipse cx="150" cy="150" rx="40" ry="70" fill="#b98"/>'))).toBeNull()
  expect(look(await seen('<rect x="60" width="200" height="180" fill="#223"/>'))).toBeNull()
  expect(look(await seen('', (image) => image.linear(0.6, 0)))).toBeNull() // the lamp has aged
})

test('[VIS30] black, pale, blurred and discoloured pictures are named from what the camera gave before', async () => {
  await learnt()
  expect(look(await seen('', (image) => image.linear(0.02, 0)))).toBe('black')
  expect(look(await seen('', pale))).toBe('fogged')
  expect(look(await seen('', (image) => image.blur(5)))).toBe('blurred')
  expect(look(await seen('', (image) => image.greyscale()))).toBe('colours')
  const greenish = (image: Sharp): Sharp =>
    image.recomb([
      [1, 0, 0],
      [0, 0.35, 0],
      [0, 0, 1],
    ])
  expect(look(await seen('', greenish)), 'hardly any green').toBe('colours')
  const swapped = await seen()
  for (let at = 0; at < swapped.rgb.length; at += 3) swapped.rgb[at + 2] = 0
  expect(look(swapped), 'no blue').toBe('colours')
  expect(look(await seen())).toBeNull()
})

test('[VIS30] what is grossly wrong from the first picture on is named as well', async () => {
  expect(look(await seen('', (image) => image.linear(0.02, 0)))).toBe('black')
  expect(look(await seen('', (image) => image.blur(20).linear(0.12, 170)))).toBe('fogged')
})

test('[VIS30] a picture that stands still to the last bit is frozen after a while, and one that was off is not', async () => {
  const still = await seen()
  const until = (times: number) => Array.from({ length: times }, () => look(still)).at(-1)
  expect(until(14)).toBeNull()
  expect(until(3)).toBe('frozen')
  expect(look(await seen())).toBeNull()
  expect(look(still)).toBeNull()
  clarity.paused()
  atMs += 60_000
  expect(until(3)).toBeNull()
})

test('[VIS7] a small picture is decoded from any size, and one damaged inside is none', async () => {
  const jpeg = await sharp(svg()).resize(1_280, 720).jpeg().toBuffer()
  const grid = await decodeGrid(jpeg)
  expect(grid).toMatchObject({ ok: true, value: { width: gridWidth, height: gridHeight } })
  expect(grid.ok && createClarity().look(grid.value, 0)).toBeNull()
  const damaged = Buffer.concat([jpeg.subarray(0, jpeg.length / 2), jpeg.subarray(-2)])
  expect(await decodeGrid(damaged)).toMatchObject({ ok: false, error: expect.stringMatching(/premature|corrupt|end/i) })
  expect(Object.values(clarityWords).every((words) => words.endsWith('?') || words.includes(':'))).toBe(true)
})
