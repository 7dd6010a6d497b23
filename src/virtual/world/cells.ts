/**
 * Load cells: what the HX711 under each shelf says, code by code, for what stands on it.
 *
 * The cell: 20 kg, 2 mV/V at 5 V, so 10 mV at full load; the HX711 at gain 128 spans +-20 mV over 2^24 codes, which makes
 * 2^22 / 20,000 codes a gram. Noise at 80 samples a second: 90 nV rms (HX711 datasheet, AVIA Semiconductor, table "Key
 * Electrical Characteristics"), 0.18 g. Creep: 0.03 % of the load change, time constant 2 minutes; zero drift: 0.02 % of
 * full scale per 10 degC (both typical of C3 single-point cells, OIML R 60). A hand on the shelf and the compressor add
 * their own. Holds always: reading a sample allocates nothing.
 */
import type { Random } from '../../core/ports.ts'

export const countsPerGram = 2 ** 22 / 20_000
const noiseCounts = (90e-9 / 40e-3) * 2 ** 24
const creepShare = 0.0003
const creepMs = 120_000
const driftGramsPerDegree = 20_000 * 0.0002 * 0.1
const hummingGrams = 0.15
const hummingHertz = 49.2
/** A hand in the shelf: push and tremble, dying away with this time constant. */
const handGrams = 60
const handMs = 180

export interface Cells {
  /** Puts grams on a shelf (from 0) or takes them off, with the hand that does it. */
  load(shelf: number, grams: number): void
  /** The load that stands there, in grams. */
  grams(shelf: number): number
  kill(shelf: number, dead: boolean): void
  /** Writes each shelf's next code. `celsius` is the air around the cells. */
  read(codes: Int32Array, nowMs: number, celsius: number, compressor: boolean): void
}

export function createCells(shelves: number, random: Random): Cells {
  const loads = new Float64Array(shelves)
  const crept = new Float64Array(shelves)
  const shaken = new Float64Array(shelves)
  const dead = new Uint8Array(shelves)
  const zero = Float64Array.from({ length: shelves }, () => 20_000 + 60_000 * uniform(random))
  const noise = normals(random, 4_096)
  let at = 0
  let lastMs = Number.NaN

  return {
    load(shelf, grams) {
      loads[shelf] = (loads[shelf] ?? 0) + grams
      shaken[shelf] = handGrams
    },
    grams: (shelf) => loads[shelf] ?? 0,
    kill(shelf, isDead) {
      dead[shelf] = isDead ? 1 : 0
    },
    read(codes, nowMs, celsius, compressor) {
      const passedMs = Number.isNaN(lastMs) ? 0 : nowMs - lastMs
      lastMs = nowMs
      const creeping = 1 - Math.exp(-passedMs / creepMs)
      const calming = Math.exp(-passedMs / handMs)
      const hum = compressor ? hummingGrams * Math.sin((nowMs / 1_000) * hummingHertz * 2 * Math.PI) : 0
      const drift = driftGramsPerDegree * (celsius - 4)
      for (let shelf = 0; shelf < shelves; shelf++) {
        const load = loads[shelf] ?? 0
        const creep = (crept[shelf] ?? 0) + (load * creepShare - (crept[shelf] ?? 0)) * creeping
        const shake = (shaken[shelf] ?? 0) * calming
        crept[shelf] = creep
        shaken[shelf] = shake
        at = (at + 1) & 4_095
        const trembling = shake > 0.05 ? shake * (noise[(at + 977) & 4_095] ?? 0) : 0
        const grams = load + creep + drift + hum + trembling
        codes[shelf] =
          dead[shelf] === 1
            ? -1
            : Math.round((zero[shelf] ?? 0) + grams * countsPerGram + noiseCounts * (noise[at] ?? 0))
      }
    },
  }
}

export function uniform(random: Random): number {
  const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4)
  return (a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d) / 2 ** 32
}

/** Standard normal numbers, by Box and Muller. */
export function normals(random: Random, count: number): Float64Array {
  return Float64Array.from({ length: count }, () => normal(random))
}
export const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - uniform(random))) * Math.cos(2 * Math.PI * uniform(random))
