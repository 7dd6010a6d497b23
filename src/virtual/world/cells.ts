/**
 * Load cells: what the HX711 under each shelf says, code by code, for what stands on it.
 *
 * The cell: 20 kg, 2 mV/V at 5 V, so 10 mV at full load; the HX711 at gain 128 spans +-20 mV over 2^24 codes, which makes
 * 2^22 / 20,000 codes a gram. Noise at 80 samples a second: 90 nV rms (HX711 datasheet, AVIA Semiconductor, table "Key
 * Electrical Characteristics"), 0.18 g. From the class C3 of OIML R 60, as data sheets of single-point cells state it:
 * creep 0.02 % of the load in 30 min, zero drift 0.02 % of full scale in 10 degC. Our own, for want of a figure: span left
 * by a calibration 0.05 %, seating of the shelf after each touch 0.35 g, wander of the zero 0.25 g in a quarter of an hour.
 * Holds always: reading a sample allocates nothing, and codes are whole numbers of 24 bits.
 */
import type { Dice } from './dice.ts'

export const countsPerGram = 2 ** 22 / 20_000
const noiseCounts = (90e-9 / 40e-3) * 2 ** 24
const creepShare = 0.0002
const creepMs = 6 * 60_000
const driftGramsPerDegree = (20_000 * 0.0002) / 10
const spanShare = 0.0005
const seatGrams = 0.35
const wanderGrams = 0.25
const wanderMs = 15 * 60_000
const humGrams = 0.15
const humHertz = 49.2
/** A shelf on its cell swings like a weight on a spring, after a load comes or goes. */
const swingHertz = 11
const swingMs = 120
/** The hand that loads it pushes and trembles. */
const handGrams = 60
const handMs = 180
/** The door's slam goes through all of them. */
const slamGrams = 12
const stillAfterMs = 3_000
const codeMost = 2 ** 23 - 1
/** Where the zero was when the firmware's default calibration was made: the metal of a cold fridge. */
const calibratedCelsius = 3.6

export interface Cells {
  /** Puts grams on a shelf (from 0) or takes them off, with the hand that does it. */
  load(shelf: number, grams: number, nowMs: number): void
  /** The load that stands there, in grams. */
  grams(shelf: number): number
  slam(nowMs: number): void
  /** A dead cell's HX711 never says that it is ready. */
  kill(shelf: number, dead: boolean): void
  /** Writes each live shelf's next code, and answers a bit for each shelf that has one. */
  read(codes: Int32Array, nowMs: number, metalCelsius: number, compressor: boolean): number
  /** The last load, slam or touch is over, and no cell moves but by its noise. */
  still(nowMs: number): boolean
}

/** `standing`: the grams that have stood on each shelf for long, so that their creep is over. */
export function createCells(standing: readonly number[], dice: Dice): Cells {
  const shelves = standing.length
  const loads = Float64Array.from(standing)
  const crept = Float64Array.from(standing, (grams) => grams * creepShare)
  const seats = new Float64Array(shelves)
  const wanders = new Float64Array(shelves)
  const swings = new Float64Array(shelves)
  const hands = new Float64Array(shelves)
  const movedMs = new Float64Array(shelves).fill(-1e12)
  const dead = new Uint8Array(shelves)
  const zeros = Float64Array.from({ length: shelves }, () => dice.between(20_000, 80_000))
  const spans = Float64Array.from({ length: shelves }, () => 1 + spanShare * dice.normal())
  let lastMs = Number.NaN

  /** What is left of a touch on a shelf: the swing and the hand's trembling, grams. */
  function stir(shelf: number, nowMs: number): number {
    const sinceMs = nowMs - (movedMs[shelf] ?? 0)
    if (sinceMs > stillAfterMs) return 0
    const swing =
      (swings[shelf] ?? 0) * Math.exp(-sinceMs / swingMs) * Math.cos((sinceMs / 1_000) * swingHertz * 2 * Math.PI)
    const hand = (hands[shelf] ?? 0) * Math.exp(-sinceMs / handMs)
    return swing + hand * dice.normal()
  }

  return {
    load(shelf, grams, nowMs) {
      loads[shelf] = (loads[shelf] ?? 0) + grams
      movedMs[shelf] = nowMs
      swings[shelf] = -grams
      hands[shelf] = handGrams
      seats[shelf] = seatGrams * dice.normal()
    },
    grams: (shelf) => loads[shelf] ?? 0,
    slam(nowMs) {
      for (let shelf = 0; shelf < shelves; shelf++) {
        if (nowMs - (movedMs[shelf] ?? 0) < stillAfterMs) continue // drowned in what still moves there
        movedMs[shelf] = nowMs
        swings[shelf] = slamGrams
        hands[shelf] = 0
      }
    },
    kill(shelf, isDead) {
      dead[shelf] = isDead ? 1 : 0
    },
    read(codes, nowMs, metalCelsius, compressor) {
      const passedMs = Number.isNaN(lastMs) ? 0 : nowMs - lastMs
      lastMs = nowMs
      const creeping = 1 - Math.exp(-passedMs / creepMs)
      const wandering = Math.min(1, passedMs / wanderMs)
      const step = wanderGrams * Math.sqrt(2 * wandering)
      const hum = compressor ? humGrams * Math.sin((nowMs / 1_000) * humHertz * 2 * Math.PI) : 0
      const drift = driftGramsPerDegree * (metalCelsius - calibratedCelsius)
      let fresh = 0
      for (let shelf = 0; shelf < shelves; shelf++) {
        const load = loads[shelf] ?? 0
        const creep = (crept[shelf] ?? 0) + (load * creepShare - (crept[shelf] ?? 0)) * creeping
        const wander = (wanders[shelf] ?? 0) * (1 - wandering) + step * dice.normal()
        crept[shelf] = creep
        wanders[shelf] = wander
        if (dead[shelf] === 1) continue
        const grams =
          load * (spans[shelf] ?? 1) + creep + wander + (seats[shelf] ?? 0) + drift + hum + stir(shelf, nowMs)
        const code = Math.round((zeros[shelf] ?? 0) + grams * countsPerGram + noiseCounts * dice.normal())
        codes[shelf] = Math.max(-codeMost - 1, Math.min(codeMost, code))
        fresh |= 1 << shelf
      }
      return fresh
    },
    still: (nowMs) => movedMs.every((atMs) => nowMs - atMs > stillAfterMs),
  }
}
