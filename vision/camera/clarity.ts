/**
 * Clarity: can anything be seen in what this camera gives? Names what is wrong: black, frozen, wrong colours, fogged or
 * out of focus. What it names is told to the operator, and the camera is blind for as long as it lasts.
 *
 * Pure. Judges small pictures (the pipeline's grid), against fixed bounds and against how the same camera looked when it
 * looked best: a lens and a fridge have a contrast, a sharpness and a colour of their own. Holds always: a fault that is
 * there from the first picture on is found where it is gross; one that comes later is found where it is slight.
 */
import type { Picture } from '../embed/picture.ts'

export type ClarityFault = 'black' | 'frozen' | 'colours' | 'fogged' | 'blurred'

export const clarityWords: Readonly<Record<ClarityFault, string>> = {
  black: 'the picture is black: is the lens covered, or the light out?',
  frozen: 'the picture stands still: every one is the same to the last bit',
  colours: 'the colours are wrong: is a plug loose, or the light another one?',
  fogged: 'the picture is pale: is the lens fogged or covered?',
  blurred: 'the picture is not sharp: is the lens dirty or out of focus?',
}

export interface Clarity {
  /** Looks at the next picture; null when it is as it should be. */
  look(grid: Picture, atMs: number): ClarityFault | null
  /** The camera was off: what stood still meanwhile is not frozen. */
  paused(): void
}

interface Measures {
  readonly mean: number
  /** Between the darkest and the brightest fiftieth, of 255. */
  readonly contrast: number
  /** Mean of the steps from a pixel to the next, beyond what a sensor's noise makes. */
  readonly sharpness: number
  /** Mean of red, green and blue. */
  readonly colour: readonly [number, number, number]
  /** Mean difference between a pixel's strongest and weakest channel. */
  readonly saturation: number
}

const blackBelow = 10
const noiseStep = 4
const fogContrastBelow = 40
/** Shares of the best seen. */
const fogShare = 0.45
const blurShare = 0.4
const greyShare = 0.15
const saturated = 12
/** How far a channel's share of the light may move: an empty shelf moves it by 0.05, a lost channel by a third. */
const colourShift = 0.16
const deadChannel = 0.04
const frozenMs = 1_500
const frozenPictures = 6
/** The best is forgotten slowly: at 10 pictures a second of shopping, by half in some 20 minutes. */
const forgetting = 0.99995

export function createClarity(): Clarity {
  let best = { contrast: 0, sharpness: 0, saturation: 0 }
  let usual: readonly [number, number, number] | null = null
  let last: Picture | null = null
  let same = { sinceMs: 0, pictures: 0 }

  function isFrozen(grid: Picture, atMs: number): boolean {
    const moved = last === null || !sameBytes(last.rgb, grid.rgb)
    last = grid
    if (moved) same = { sinceMs: atMs, pictures: 0 }
    else same.pictures += 1
    return same.pictures >= frozenPictures && atMs - same.sinceMs >= frozenMs
  }

  function fault(seen: Measures, frozen: boolean): ClarityFault | null {
    if (seen.mean < blackBelow) return 'black'
    if (frozen) return 'frozen'
    if (coloursWrong(seen)) return 'colours'
    const { contrast, sharpness } = seen
    // A body before the lens is dark and blurred as well; fog is what takes the contrast.
    if (contrast < fogContrastBelow || (contrast < fogShare * best.contrast && sharpness < fogShare * best.sharpness))
      return 'fogged'
    return sharpness < blurShare * best.sharpness ? 'blurred' : null
  }

  function coloursWrong({ colour, saturation }: Measures): boolean {
    const shares = sharesOf(colour)
    if (Math.min(...shares) < deadChannel) return true
    if (usual === null) return false
    const before = sharesOf(usual)
    if (shares.some((share, channel) => Math.abs(share - (before[channel] ?? 0)) > colourShift)) return true
    return best.saturation > saturated && saturation < greyShare * best.saturation
  }

  function learn({ contrast, sharpness, saturation, colour }: Measures): void {
    const better = (old: number, now: number): number => Math.max(old * forgetting, now)
    best = {
      contrast: better(best.contrast, contrast),
      sharpness: better(best.sharpness, sharpness),
      saturation: better(best.saturation, saturation),
    }
    usual = usual === null ? colour : blended(usual, colour)
  }

  return {
    look(grid, atMs) {
      const seen = measured(grid)
      const found = fault(seen, isFrozen(grid, atMs))
      if (found === null) learn(seen)
      return found
    },
    paused() {
      last = null
    },
  }
}

const sharesOf = (colour: readonly [number, number, number]): readonly number[] => {
  const sum = colour[0] + colour[1] + colour[2]
  return colour.map((channel) => (sum === 0 ? 1 / 3 : channel / sum))
}

const blended = (
  old: readonly [number, number, number],
  now: readonly [number, number, number],
): readonly [number, number, number] => {
  const part = 0.01
  return [old[0] + (now[0] - old[0]) * part, old[1] + (now[1] - old[1]) * part, old[2] + (now[2] - old[2]) * part]
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0
}

function measured({ width, height, rgb }: Picture): Measures {
  const counts = new Uint32Array(256)
  const sums: [number, number, number] = [0, 0, 0]
  let steps = 0
  let saturation = 0
  const above = new Int16Array(width)
  for (let y = 0, at = 0; y < height; y += 1) {
    let left = 0
    for (let x = 0; x < width; x += 1, at += 3) {
      const [red, green, blue] = [rgb[at] ?? 0, rgb[at + 1] ?? 0, rgb[at + 2] ?? 0]
      const grey = (red * 77 + green * 151 + blue * 28) >> 8
      counts[grey] = (counts[grey] ?? 0) + 1
      sums[0] += red
      sums[1] += green
      sums[2] += blue
      saturation += Math.max(red, green, blue) - Math.min(red, green, blue)
      if (x > 0) steps += Math.max(0, Math.abs(grey - left) - noiseStep)
      if (y > 0) steps += Math.max(0, Math.abs(grey - (above[x] ?? 0)) - noiseStep)
      left = grey
      above[x] = grey
    }
  }
  const pixels = width * height
  const colour = [sums[0] / pixels, sums[1] / pixels, sums[2] / pixels] as const
  return {
    mean: (colour[0] + colour[1] + colour[2]) / 3,
    contrast: quantile(counts, pixels * 0.98) - quantile(counts, pixels * 0.02),
    sharpness: steps / pixels / 2,
    colour,
    saturation: saturation / pixels,
  }
}

function quantile(counts: Uint32Array, rank: number): number {
  let seen = 0
  for (const [value, count] of counts.entries()) {
    seen += count
    if (seen > rank) return value
  }
  return 255
}
