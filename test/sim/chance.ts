/**
 * Chance: all randomness of a simulation, from one seed, in one stream a concern, so that a draw more in one place
 * changes nothing in another. Holds always: the same seed and name give the same numbers, in any process.
 */
import type { Random } from '../../src/core/ports.ts'

export interface Chance {
  /** Uniform in [0, 1). */
  next(): number
  /** Uniform whole number in [0, below). */
  below(below: number): number
  /** Uniform in [low, high). */
  between(low: number, high: number): number
  /** True with this probability. */
  happens(probability: number): boolean
  pick<T>(list: readonly T[]): T
  /** Exponentially distributed with this mean. */
  exponential(mean: number): number
  bytes(count: number): Uint8Array
}

/** The stream of `concern` under `seed` (sfc32, whose state comes from a 128-bit mix of both). */
export function chance(seed: number, concern: string): Chance {
  let [a, b, c, d] = mix(`${seed}/${concern}`)

  const word = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return t >>> 0
  }
  for (let round = 0; round < 12; round++) word()

  const next = (): number => (word() >>> 5) / 0x8000000
  return {
    next,
    below: (below) => Math.floor(next() * below),
    between: (low, high) => low + next() * (high - low),
    happens: (probability) => next() < probability,
    pick(list) {
      const found = list[Math.floor(next() * list.length)]
      if (found === undefined) throw new RangeError('nothing to pick from')
      return found
    },
    exponential: (mean) => -mean * Math.log(1 - next()),
    bytes(count) {
      const bytes = new Uint8Array(count)
      for (let index = 0; index < count; index += 4) {
        const drawn = word()
        for (let part = 0; part < 4 && index + part < count; part++) bytes[index + part] = (drawn >>> (8 * part)) & 0xff
      }
      return bytes
    },
  }
}

/** The port's randomness, out of a stream. */
export function randomOf(stream: Chance): Random {
  return {
    bytes: (count) => stream.bytes(count),
    uuid() {
      const bytes = stream.bytes(16)
      bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
      bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
      const hex = Buffer.from(bytes).toString('hex')
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
    },
  }
}

/** Four words that depend on every character (cyrb128). */
function mix(text: string): [number, number, number, number] {
  let [h1, h2, h3, h4] = [1779033703, 3144134277, 1013904242, 2773480762]
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    h1 = h2 ^ Math.imul(h1 ^ code, 597399067)
    h2 = h3 ^ Math.imul(h2 ^ code, 2869860233)
    h3 = h4 ^ Math.imul(h3 ^ code, 951274213)
    h4 = h1 ^ Math.imul(h4 ^ code, 2716044179)
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), 597399067)
  h2 = Math.imul(h4 ^ (h2 >>> 22), 2869860233)
  h3 = Math.imul(h1 ^ (h3 >>> 17), 951274213)
  h4 = Math.imul(h2 ^ (h4 >>> 19), 2716044179)
  return [h1 ^ h2 ^ h3 ^ h4, h2 ^ h1, h3 ^ h1, h4 ^ h1]
}
