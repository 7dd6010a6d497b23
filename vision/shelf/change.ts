/**
 * Change: which pixels of two small pictures of one camera show another thing than before. Pure.
 *
 * Made for what differs though nothing moved: another brightness and colour of the light (a gain and an offset for each
 * channel are fitted, and slow drifts over the picture taken out), noise (measured), edges half a pixel off (a pixel
 * differs only when nothing like it is beside it), and soft shadows of what is gone (darker, but of the same colour and
 * grain). A pixel is never called changed for less than `leastDifference` of 255. Called by shelf/compare.ts.
 */
import { invariant } from '../../src/core/result.ts'
import type { Box } from '../detect/detection.ts'
import type { Picture } from '../embed/picture.ts'

export interface ChangeMap {
  readonly width: number
  readonly height: number
  /** 1 where it changed, row by row. */
  readonly mask: Uint8Array
  /** Standard deviation of what differs without a reason, of 255. */
  readonly noise: number
}

export interface Blob {
  readonly box: Box
  readonly pixels: number
}

const leastDifference = 16
/** Times the noise. */
const fromNoise = 5
const darkWeight = 0.15
const tile = 16
const mostDrift = 14
/** A pixel stays changed when so many of the nine around and on it are. */
const neighbours = 4
/** Shadows: how much darker or brighter, and how far off in colour. */
const shade = { from: 0.72, to: 1.3, colour: 7, grain: 7 } as const

export function changeBetween(before: Picture, after: Picture): ChangeMap {
  const { width, height } = before
  invariant(width === after.width && height === after.height, 'pictures of one size are compared')
  const then = lit(before, after)
  withoutDrift(then, after)
  const noise = noiseBetween(then, after.rgb)
  const threshold = Math.max(leastDifference, fromNoise * noise)
  const raw = new Uint8Array(width * height)
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const at = y * width + x
      if (difference(then, at, after.rgb, at) <= threshold) continue
      const like = hasLike(then, after.rgb, at, x, y, width, height, threshold)
      if (!like && !isShade(then, after.rgb, at, x, y, width, height)) raw[at] = 1
    }
  return { width, height, mask: majority(raw, width, height), noise }
}

/** Connected changes of at least `leastPixels`, largest first. Gaps of a pixel or two don't part them. */
export function blobsOf({ width, height, mask }: ChangeMap, leastPixels: number): readonly Blob[] {
  const seen = new Uint8Array(mask.length)
  const blobs: Blob[] = []
  const stack: number[] = []
  for (const [start, changed] of mask.entries()) {
    if (changed === 0 || seen[start] === 1) continue
    let [left, right, top, bottom, pixels] = [width, -1, height, -1, 0]
    seen[start] = 1
    stack.push(start)
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const [x, y] = [at % width, Math.floor(at / width)]
      pixels += 1
      left = Math.min(left, x)
      right = Math.max(right, x)
      top = Math.min(top, y)
      bottom = Math.max(bottom, y)
      for (let v = Math.max(0, y - 2); v <= Math.min(height - 1, y + 2); v += 1)
        for (let u = Math.max(0, x - 2); u <= Math.min(width - 1, x + 2); u += 1) {
          const near = v * width + u
          if (mask[near] === 1 && seen[near] === 0) {
            seen[near] = 1
            stack.push(near)
          }
        }
    }
    if (pixels >= leastPixels)
      blobs.push({ box: { left, top, width: right + 1 - left, height: bottom + 1 - top }, pixels })
  }
  return blobs.toSorted((a, b) => b.pixels - a.pixels)
}

/** The share of the box (in the map's pixels) that changed. */
export function changedShare({ width, height, mask }: ChangeMap, box: Box): number {
  const [left, top] = [Math.max(0, Math.round(box.left)), Math.max(0, Math.round(box.top))]
  const right = Math.min(width, Math.max(left + 1, Math.round(box.left + box.width)))
  const bottom = Math.min(height, Math.max(top + 1, Math.round(box.top + box.height)))
  let changed = 0
  for (let y = top; y < bottom; y += 1) for (let x = left; x < right; x += 1) changed += mask[y * width + x] ?? 0
  const area = (right - left) * (bottom - top)
  return area > 0 ? changed / area : 0
}

/** `before` in the light of `after`: a gain and an offset a channel, fitted to what did not change. */
function lit(before: Picture, after: Picture): Float32Array {
  const { rgb } = before
  const then = new Float32Array(rgb.length)
  for (let channel = 0; channel < 3; channel += 1) {
    let [gain, offset, bound] = [1, 0, Infinity]
    for (let round = 0; round < 4; round += 1) {
      let [n, sx, sy, sxx, sxy] = [0, 0, 0, 0, 0]
      const off = createMedian()
      for (let at = channel; at < rgb.length; at += 21) {
        const [x, y] = [rgb[at] ?? 0, after.rgb[at] ?? 0]
        const miss = Math.abs(y - gain * x - offset)
        off.add(miss)
        if (miss > bound || y > 250 || x > 250) continue
        n += 1
        sx += x
        sy += y
        sxx += x * x
        sxy += x * y
      }
      if (n < 50) break
      n *= 1 + darkWeight // black stays black: of an even picture any gain with an offset to suit would do
      const spread = n * sxx - sx * sx
      const fitted = (n * sxy - sx * sy) / spread
      gain = Math.min(2.5, Math.max(0.4, fitted))
      offset = (sy - gain * sx) / n
      bound = Math.max(6, 3 * off.value())
    }
    for (let at = channel; at < rgb.length; at += 3)
      then[at] = Math.min(255, Math.max(0, gain * (rgb[at] ?? 0) + offset))
  }
  return then
}

/** Takes out what changed slowly over the picture, where it is little: another lamp's shine, a thin haze. */
function withoutDrift(then: Float32Array, { width, height, rgb }: Picture): void {
  const [columns, rows] = [Math.ceil(width / tile), Math.ceil(height / tile)]
  for (let channel = 0; channel < 3; channel += 1) {
    const drifts = new Float32Array(columns * rows)
    for (let row = 0; row < rows; row += 1)
      for (let column = 0; column < columns; column += 1) {
        const differences = createMedian()
        for (let y = row * tile; y < Math.min(height, (row + 1) * tile); y += 2)
          for (let x = column * tile; x < Math.min(width, (column + 1) * tile); x += 2) {
            const at = (y * width + x) * 3 + channel
            differences.add((rgb[at] ?? 0) - (then[at] ?? 0))
          }
        const drift = differences.value()
        drifts[row * columns + column] = Math.abs(drift) <= mostDrift ? drift : 0
      }
    for (let y = 0; y < height; y += 1)
      for (let x = 0; x < width; x += 1) {
        const at = (y * width + x) * 3 + channel
        then[at] = (then[at] ?? 0) + between(drifts, columns, rows, x / tile - 0.5, y / tile - 0.5)
      }
  }
}

function between(values: Float32Array, columns: number, rows: number, x: number, y: number): number {
  const [u, v] = [Math.min(columns - 1, Math.max(0, x)), Math.min(rows - 1, Math.max(0, y))]
  const [left, top] = [Math.floor(u), Math.floor(v)]
  const [right, bottom] = [Math.min(columns - 1, left + 1), Math.min(rows - 1, top + 1)]
  const value = (column: number, row: number): number => values[row * columns + column] ?? 0
  const upper = value(left, top) + (value(right, top) - value(left, top)) * (u - left)
  const lower = value(left, bottom) + (value(right, bottom) - value(left, bottom)) * (u - left)
  return upper + (lower - upper) * (v - top)
}

function noiseBetween(then: Float32Array, now: Uint8Array): number {
  const off = createMedian()
  for (let at = 0; at < now.length; at += 13) off.add(Math.abs((now[at] ?? 0) - (then[at] ?? 0)))
  return 1.4826 * off.value()
}

function difference(then: Float32Array, thenAt: number, now: Uint8Array, nowAt: number): number {
  const [a, b] = [thenAt * 3, nowAt * 3]
  return Math.max(
    Math.abs((then[a] ?? 0) - (now[b] ?? 0)),
    Math.abs((then[a + 1] ?? 0) - (now[b + 1] ?? 0)),
    Math.abs((then[a + 2] ?? 0) - (now[b + 2] ?? 0)),
  )
}

/** Both ways: what was here is beside here now, and what is here was beside here then. An edge that moved by less than a pixel. */
function hasLike(
  then: Float32Array, now: Uint8Array, at: number, x: number, y: number, width: number, height: number, threshold: number,
): boolean {
  let [was, is] = [false, false]
  for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v += 1)
    for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u += 1) {
      const near = v * width + u
      was ||= difference(then, at, now, near) <= threshold
      is ||= difference(then, near, now, at) <= threshold
    }
  return was && is
} // prettier-ignore

/** The same stuff in another light: of one ratio and colour all around, and of one grain. */
function isShade(
  then: Float32Array, now: Uint8Array, at: number, x: number, y: number, width: number, height: number,
): boolean {
  const ratio = (light(now, at) + 4) / (light(then, at) + 4)
  if (ratio < shade.from || ratio > shade.to) return false
  let [grain, colour, count] = [0, 0, 0]
  for (let v = Math.max(0, y - 2); v <= Math.min(height - 1, y + 2); v += 2)
    for (let u = Math.max(0, x - 2); u <= Math.min(width - 1, x + 2); u += 2) {
      const near = v * width + u
      grain += Math.abs(light(now, near) - light(now, at) - ratio * (light(then, near) - light(then, at)))
      for (let channel = 0; channel < 3; channel += 1)
        colour += Math.abs((now[near * 3 + channel] ?? 0) - ratio * (then[near * 3 + channel] ?? 0)) / 3
      count += 1
    }
  return grain / count < shade.grain && colour / count < shade.colour
} // prettier-ignore

const light = (rgb: Float32Array | Uint8Array, pixel: number): number =>
  0.3 * (rgb[pixel * 3] ?? 0) + 0.59 * (rgb[pixel * 3 + 1] ?? 0) + 0.11 * (rgb[pixel * 3 + 2] ?? 0)

function majority(raw: Uint8Array, width: number, height: number): Uint8Array {
  const mask = new Uint8Array(raw.length)
  for (let y = 1; y < height - 1; y += 1)
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * width + x
      let count = 0
      for (const row of [at - width, at, at + width])
        count += (raw[row - 1] ?? 0) + (raw[row] ?? 0) + (raw[row + 1] ?? 0)
      if (count >= neighbours) mask[at] = 1
    }
  return mask
}

/** The median of values from -256 to 256, to a quarter. */
function createMedian(): { add(value: number): void; value(): number } {
  const counts = new Uint16Array(2_049)
  let total = 0
  return {
    add(value) {
      const slot = Math.round((value + 256) * 4)
      counts[slot] = (counts[slot] ?? 0) + 1
      total += 1
    },
    value() {
      let seen = 0
      for (let slot = 0; slot < counts.length; slot += 1) {
        seen += counts[slot] ?? 0
        if (seen * 2 > total) return slot / 4 - 256
      }
      return 0
    },
  }
}
