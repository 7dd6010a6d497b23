/**
 * Table: the firmware's wasm on a table, with a world that a test sets by hand. What speaks to it is another's business.
 */
import { linkConstants, type ResetReason, type Signal } from '../../../src/device/messages.gen.ts'
import { createWasmController, loadFirmware, nvsLength } from '../../../src/virtual/controller.ts'

export const tickMs = 12.5
export const countsPerGram = linkConstants.defaultCountsPerKg / 1000
export const benchKey = Uint8Array.from({ length: 32 }, (_, i) => i * 7 + 1)
export const firmware = loadFirmware('firmware/wasm/controller.wasm')
export const visitA = Uint8Array.from({ length: 16 }, (_, i) => i + 1)
export const visitB = Uint8Array.from({ length: 16 }, (_, i) => 200 + i)
export const nobody = new Uint8Array(16)

/** Small seeded chance: the same numbers on every machine. */
export function createChance(seed: number): () => number {
  let state = seed >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 2 ** 32
  }
}

export interface TableSettings {
  readonly chance: () => number
  readonly linkKey: Uint8Array
  readonly startMs: number
  readonly transmit: (bytes: Uint8Array) => void
}

export function createTable({ chance, linkKey, startMs, transmit }: TableSettings) {
  const world = {
    doorOpen: false,
    grams: [1000, 2000, 3000, 4000],
    /** Codes of noise, rms; HX711's own at 80 Hz are 38. */
    noise: 38,
    /** Grams that a shelf seems to carry beside its load: what swings, shakes or sinks. */
    stir: (_shelf: number, _atMs: number): number => 0,
    /** A channel's own code instead of its grams'. */
    codes: [null, null, null, null] as (number | null)[],
    ready: 0b1111,
    sixteenths: 64 as number | null,
    millivolts: 12_000,
    driverFails: false,
    nvsFails: false,
  }
  const table = {
    world,
    nvs: new Uint8Array(nvsLength),
    nowMs: startMs,
    released: false,
    signal: 'idle' as Signal,
    /** The lock's driver, as it was told: time and what. */
    drives: [] as { atMs: number; released: boolean }[],
    /** One step of the clock. */
    tick: () => {
      table.nowMs += tickMs
      controller.tick(table.nowMs)
    },
    give: (bytes: Uint8Array) => controller.receive(bytes),
    restart: (reason: ResetReason) => controller.reset(reason),
  }
  const controller = createWasmController(
    firmware,
    {
      doorOpen: () => world.doorOpen,
      readScales(codes) {
        for (let shelf = 0; shelf < 4; shelf++) {
          const noise = (chance() + chance() + chance() + chance() - 2) * Math.sqrt(3) * world.noise
          const grams = (world.grams[shelf] ?? 0) + world.stir(shelf, table.nowMs)
          codes[shelf] = world.codes[shelf] ?? Math.round(grams * countsPerGram + noise)
        }
        return world.ready
      },
      temperatureSixteenths: () => world.sixteenths,
      supplyMillivolts: () => world.millivolts,
      lockDrive(released) {
        if (world.driverFails) return false
        table.released = released
        return void table.drives.push({ atMs: table.nowMs, released })
      },
      showSignal: (signal) => void (table.signal = signal),
      transmit,
      random: (count) => Uint8Array.from({ length: count }, () => Math.floor(chance() * 256)),
      nvs: table.nvs,
      nvsFails: () => world.nvsFails,
      linkKey,
    },
    startMs,
  )
  return table
}
