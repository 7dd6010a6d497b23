/**
 * Weather: what a cheap camera and cold glass do to a picture: softness, darker corners, white balance, brightness, fog,
 * noise. Holds always: the same picture, weather and moment give the same bytes; one pass over the pixels.
 */
import type { Dice } from '../world/dice.ts'
import type { Region } from './raster.ts'

export interface Weather {
  /** Of red, green, blue; 1 is as the scene is. */
  readonly gains: readonly [number, number, number]
  /** Standard deviation of the noise, of 255. */
  readonly noise: number
  /** How much darker the corners are, 0 to 1. */
  readonly vignette: number
  /** How much of the picture fog veils, 0 to 1, and its pattern. */
  readonly fog: number
  readonly veil: readonly [number, number, number, number]
}

export const clearWeather: Weather = {
  gains: [1, 0.995, 0.975],
  noise: 2.2,
  vignette: 0.28,
  fog: 0,
  veil: [4, 1, 3, 2],
}

const grains = 1 << 16
const fogWhite = 222

/** Grain for one camera's noise; four times the standard deviation at most. */
export function createGrain(dice: Dice): Int8Array {
  return Int8Array.from({ length: grains }, () => Math.max(-127, Math.min(127, Math.round(32 * dice.normal()))))
}

/** `soft` into `rgb`, three bytes a pixel. `moment`: any whole number that is another for each frame. */
export function develop(
  soft: Uint32Array,
  width: number,
  height: number,
  weather: Weather,
  grain: Int8Array,
  moment: number,
  rgb: Uint8ClampedArray,
): void {
  const { gains, noise, vignette, fog, veil } = weather
  // All in 1/256 and 1/1024, so that the loop has whole numbers only.
  const [red, green, blue] = [Math.round(gains[0] * 256), Math.round(gains[1] * 256), Math.round(gains[2] * 256)]
  const columnDark = Float64Array.from({ length: width }, (_, x) => ((x + 0.5) / width - 0.5) ** 2 * 2 * vignette)
  const columnVeil = Float64Array.from(
    { length: width },
    (_, x) => 0.5 + 0.5 * Math.sin((x / width) * veil[0] + veil[1]) * Math.cos((x / width) * veil[2] * 0.7),
  )
  const sigma = Math.round((noise * 256) / 32)
  for (let y = 0; y < height; y++) {
    const rowDark = 1 - ((y + 0.5) / height - 0.5) ** 2 * 2 * vignette
    const rowVeil = fog * (0.55 + 0.45 * Math.cos((y / height) * veil[2] + veil[3]))
    let at = scrambled(moment * 8_191 + y) & (grains - 1)
    for (let x = 0, pixel = y * width, to = pixel * 3; x < width; x++, pixel++, to += 3) {
      const colour = soft[pixel] as number
      const keep = ((rowDark - (columnDark[x] as number)) * 256) | 0
      let r = (((colour & 255) * red) >> 8) * keep
      let g = ((((colour >>> 8) & 255) * green) >> 8) * keep
      let b = (((colour >>> 16) & 255) * blue) >> 8
      b *= keep
      if (fog > 0) {
        const thick = (rowVeil * (columnVeil[x] as number) * 256) | 0
        r += ((fogWhite * 256 - r) * thick) >> 8
        g += ((fogWhite * 256 - g) * thick) >> 8
        b += ((fogWhite * 256 - b) * thick) >> 8
      }
      // Mostly of brightness, a little of each colour.
      at = (at + 1) & (grains - 1)
      const common = (grain[at] as number) * sigma
      rgb[to] = (r + common + (((grain[(at * 5 + 7) & (grains - 1)] as number) * sigma) >> 1)) >> 8
      rgb[to + 1] = (g + common) >> 8
      rgb[to + 2] = (b + common + (((grain[(at * 3 + 11) & (grains - 1)] as number) * sigma) >> 1)) >> 8
    }
  }
}

/** A lens that is not quite sharp: each pixel of the region mixed with its neighbours, 1 2 1 both ways. */
export function soften(from: Uint32Array, to: Uint32Array, width: number, height: number, region: Region): void {
  const { left, right } = region
  const span = right - left
  if (span <= 0) return
  // Three rows that are mixed across already, used in turn. Sums of 4 fit in 10 of the 16 bits.
  const rows = [0, 1, 2].map(() => ({ rb: new Int32Array(span), g: new Int32Array(span) }))
  const across = (row: number): void => {
    const at = Math.max(0, Math.min(height - 1, row)) * width
    const { rb, g } = rows[(row + 3) % 3] as { rb: Int32Array; g: Int32Array }
    for (let x = left; x < right; x++) {
      const here = from[at + x] as number
      const before = from[at + (x > 0 ? x - 1 : 0)] as number
      const behind = from[at + (x < width - 1 ? x + 1 : x)] as number
      rb[x - left] = (before & 0xff00ff) + 2 * (here & 0xff00ff) + (behind & 0xff00ff)
      g[x - left] = ((before >>> 8) & 255) + 2 * ((here >>> 8) & 255) + ((behind >>> 8) & 255)
    }
  }
  across(region.top - 1)
  across(region.top)
  for (let y = region.top; y < region.bottom; y++) {
    across(y + 1)
    const above = rows[(y + 2) % 3] as { rb: Int32Array; g: Int32Array }
    const here = rows[y % 3] as { rb: Int32Array; g: Int32Array }
    const below = rows[(y + 1) % 3] as { rb: Int32Array; g: Int32Array }
    for (let x = 0, pixel = y * width + left; x < span; x++, pixel++) {
      const rb = (above.rb[x] as number) + 2 * (here.rb[x] as number) + (below.rb[x] as number)
      const g = (above.g[x] as number) + 2 * (here.g[x] as number) + (below.g[x] as number)
      to[pixel] = ((rb >>> 4) & 0xff00ff) | ((g << 4) & 0xff00)
    }
  }
}

/** Mixes the bits of a whole number well (Wellons' "lowbias32", public domain). */
export function scrambled(word: number): number {
  let x = word | 0
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return (x ^ (x >>> 16)) >>> 0
}
