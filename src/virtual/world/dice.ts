/**
 * Dice: the world's own randomness, many million draws an hour, from one seed that the Random port gives (sfc32, public
 * domain, by Chris Doty-Humphrey). Holds always: the same seed gives the same world; a draw allocates nothing.
 */
import type { Random } from '../../core/ports.ts'

export interface Dice {
  /** Uniform in [0, 1). */
  uniform(): number
  /** Uniform in [low, high). */
  between(low: number, high: number): number
  /** Uniform whole number in [0, count). */
  below(count: number): number
  /** True with this probability. */
  happens(probability: number): boolean
  /** Standard normal: one of 4096 draws kept at hand, for the scales' sake. */
  normal(): number
}

const kept = 4_096

export function createDice(random: Random): Dice {
  const seed = new DataView(Uint8Array.from(random.bytes(16)).buffer)
  let a = seed.getInt32(0)
  let b = seed.getInt32(4)
  let c = seed.getInt32(8)
  let d = seed.getInt32(12)

  const word = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + t) | 0
    return t >>> 0
  }
  for (let round = 0; round < 12; round++) word()
  const uniform = (): number => word() / 2 ** 32
  // Box and Muller once, then only looked up.
  const normals = Float64Array.from(
    { length: kept },
    () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  )

  return {
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    below: (count) => Math.floor(count * uniform()),
    happens: (probability) => uniform() < probability,
    normal: () => normals[word() & (kept - 1)] as number,
  }
}
