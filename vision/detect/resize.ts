/**
 * Resize: a picture at another size exactly as Pillow's bilinear filter makes it, to the last bit, so that a network
 * sees what its training showed it.
 *
 * Pure. When a side shrinks, every pixel of the picture counts (a triangle as wide as the shrinking); weights are fixed
 * point with 22 bits, and the picture is rounded to bytes between the horizontal and the vertical pass. Source:
 * src/libImaging/Resample.c of Pillow. Called by rtdetr.ts.
 */
import type { Picture } from '../embed/picture.ts'

/** For each pixel of the output: the first pixel of the input that counts, and `most` weights from there on. */
interface Weights {
  readonly most: number
  readonly from: Int32Array
  readonly counts: Int32Array
  readonly values: Int32Array
}

const weightBits = 22
const half = 1 << (weightBits - 1)

/** `picture` squeezed or stretched to `width` x `height` pixels. */
export function resized(picture: Picture, width: number, height: number): Picture {
  return downwards(across(picture, width), height)
}

function across(picture: Picture, width: number): Picture {
  if (width === picture.width) return picture
  const { most, from, counts, values } = weightsOf(picture.width, width)
  const rgb = new Uint8Array(width * picture.height * 3)
  for (let y = 0; y < picture.height; y += 1) {
    const row = y * picture.width
    for (let x = 0; x < width; x += 1) {
      let at = (row + (from[x] ?? 0)) * 3
      let [red, green, blue] = [half, half, half]
      const end = x * most + (counts[x] ?? 0)
      for (let tap = x * most; tap < end; tap += 1, at += 3) {
        const weight = values[tap] ?? 0
        red += (picture.rgb[at] ?? 0) * weight
        green += (picture.rgb[at + 1] ?? 0) * weight
        blue += (picture.rgb[at + 2] ?? 0) * weight
      }
      const to = (y * width + x) * 3
      rgb[to] = red >> weightBits
      rgb[to + 1] = green >> weightBits
      rgb[to + 2] = blue >> weightBits
    }
  }
  return { width, height: picture.height, rgb }
}

function downwards(picture: Picture, height: number): Picture {
  if (height === picture.height) return picture
  const { most, from, counts, values } = weightsOf(picture.height, height)
  const stride = picture.width * 3
  const rgb = new Uint8Array(stride * height)
  const sums = new Int32Array(stride)
  for (let y = 0; y < height; y += 1) {
    sums.fill(half)
    for (let tap = 0; tap < (counts[y] ?? 0); tap += 1) {
      const weight = values[y * most + tap] ?? 0
      const row = ((from[y] ?? 0) + tap) * stride
      for (let x = 0; x < stride; x += 1) sums[x] = (sums[x] ?? 0) + (picture.rgb[row + x] ?? 0) * weight
    }
    for (let x = 0; x < stride; x += 1) rgb[y * stride + x] = (sums[x] ?? 0) >> weightBits
  }
  return { width: picture.width, height, rgb }
}

function weightsOf(before: number, after: number): Weights {
  const scale = before / after
  const reach = Math.max(1, scale)
  const most = Math.ceil(reach) * 2 + 1
  const from = new Int32Array(after)
  const counts = new Int32Array(after)
  const values = new Int32Array(after * most)
  for (let index = 0; index < after; index += 1) {
    const centre = (index + 0.5) * scale
    const first = Math.max(0, Math.trunc(centre - reach + 0.5))
    const count = Math.min(before, Math.trunc(centre + reach + 0.5)) - first
    const triangle = Array.from({ length: count }, (_, tap) =>
      Math.max(0, 1 - Math.abs((first + tap - centre + 0.5) / reach)),
    )
    const sum = triangle.reduce((total, value) => total + value, 0)
    from[index] = first
    counts[index] = count
    for (const [tap, value] of triangle.entries()) {
      values[index * most + tap] = Math.trunc(0.5 + (value / sum) * (1 << weightBits))
    }
  }
  return { most, from, counts, values }
}
