/**
 * Cabinet: the physical fridge of a simulation, with the firmware's own wasm on it. Shelves with load cells, a door, a
 * bolt, a thermometer, a supply; and all that can be done to them by hands and by faults. The auditor watches it.
 */
import { createWasmController, nvsLength, type VirtualController } from '../../src/virtual/controller.ts'
import type { Product } from '../../src/core/product.ts'
import type { Signal } from '../../src/core/ports.ts'
import type { Chance } from './chance.ts'
import type { SimTime } from './time.ts'
import type { Wire } from './wire.ts'

export interface Item {
  readonly id: number
  readonly sku: string
  readonly grams: number
  /** Where it belongs. */
  readonly home: number
  /** Where it stands, or null in somebody's hands. */
  shelf: number | null
}

export interface CabinetPorts {
  readonly time: SimTime
  readonly chance: Chance
  readonly firmware: WebAssembly.Module
  readonly wire: Wire
  readonly linkKey: Uint8Array
  readonly products: readonly Product[]
  readonly moved: {
    lock(released: boolean): void
    door(open: boolean): void
    controllerFell(): void
    air(celsius: number): void
  }
  /** The bolt does not obey: for the tests of the auditor. */
  readonly bolt?: (released: boolean) => boolean
}

export interface Cabinet {
  readonly items: readonly Item[]
  doorOpen(): boolean
  lockReleased(): boolean
  signal(): Signal
  powered(): boolean
  /** Pulls the handle: opens when the bolt lets it. False when it does not. */
  pull(): boolean
  /** Opens the door whatever the bolt says. */
  force(): void
  close(): void
  take(item: Item): void
  put(item: Item, shelf: number): void
  power(on: boolean): void
  reset(): void
  supply(millivolts: number): void
  air(celsius: number): void
  sensor(alive: boolean): void
  cell(shelf: number, dead: boolean): void
}

const tickMs = 12.5
const countsPerGram = 209.715
const noiseCounts = 40

export function createCabinet(ports: CabinetPorts): Cabinet {
  const { time, chance, firmware, wire, linkKey, products, moved, bolt = (released) => released } = ports
  const items: Item[] = []
  for (const product of products)
    for (let n = 0; n < product.stock; n++)
      items.push({
        id: items.length,
        sku: product.sku,
        grams: product.weightGrams + product.weightSpreadGrams * normal(chance),
        home: product.shelf,
        shelf: product.shelf,
      })
  const loads = [0, 0, 0, 0]
  const dead = [false, false, false, false]
  const offsets = loads.map(() => Math.round(chance.between(20_000, 90_000)))
  const noise = Float64Array.from({ length: 4_096 }, () => noiseCounts * normal(chance))
  let noiseAt = 0
  let open = false
  let released = false
  let on = false
  let millivolts = 12_000
  let celsius = 4
  let sensorAlive = true
  let signal: Signal = 'idle'
  let controller: VirtualController | null = null
  const bornMs = time.nowMs()

  for (const item of items) load(item, 1)

  function load(item: Item, sign: 1 | -1): void {
    if (item.shelf !== null) loads[item.shelf - 1] = (loads[item.shelf - 1] ?? 0) + sign * item.grams
  }

  const hal = {
    doorOpen: () => open,
    readScales(codes: Int32Array) {
      for (let shelf = 0; shelf < 4; shelf++) {
        noiseAt = (noiseAt + 1) & 4_095
        codes[shelf] = dead[shelf]
          ? -1
          : (offsets[shelf] ?? 0) + (loads[shelf] ?? 0) * countsPerGram + (noise[noiseAt] ?? 0)
      }
      return 15
    },
    temperatureSixteenths: () => (sensorAlive ? Math.round(celsius * 16) : null),
    supplyMillivolts: () => millivolts,
    lockDrive(wanted: boolean) {
      const now = bolt(wanted)
      if (now === released) return
      released = now
      moved.lock(now)
    },
    showSignal(shown: Signal) {
      signal = shown
    },
    transmit: (bytes: Uint8Array) => line.transmit(bytes),
    random: (count: number) => chance.bytes(count),
    nvs: new Uint8Array(nvsLength),
    linkKey,
  }
  const line = wire.controllerEnd((bytes) => {
    if (on) controller?.receive(bytes)
  })

  function tick(): void {
    if (!on) return
    controller?.tick(uptimeMs())
    time.quietly(tickMs, tick)
  }
  const uptimeMs = (): number => Math.floor(time.nowMs() - bornMs)

  function power(wanted: boolean): void {
    if (wanted === on) return
    on = wanted
    if (on) {
      if (controller === null) controller = createWasmController(firmware, hal, uptimeMs())
      else controller.reset('powerOn')
      return void time.quietly(tickMs, tick)
    }
    // Without current the bolt falls.
    hal.lockDrive(false)
    moved.controllerFell()
  }

  return {
    items,
    doorOpen: () => open,
    lockReleased: () => released,
    signal: () => signal,
    powered: () => on,
    pull() {
      if (open || !released) return open
      open = true
      moved.door(true)
      return true
    },
    force() {
      if (open) return
      open = true
      moved.door(true)
    },
    close() {
      if (!open) return
      open = false
      moved.door(false)
    },
    take(item) {
      load(item, -1)
      item.shelf = null
    },
    put(item, shelf) {
      item.shelf = shelf
      load(item, 1)
    },
    power,
    reset() {
      if (!on) return
      controller?.reset('watchdog')
      moved.controllerFell()
    },
    supply(now) {
      millivolts = now
      if (on && now < 10_500) moved.controllerFell()
    },
    air(now) {
      celsius = now
      moved.air(now)
    },
    sensor(alive) {
      sensorAlive = alive
    },
    cell(shelf, isDead) {
      dead[shelf - 1] = isDead
    },
  }
}

const normal = (chance: Chance): number =>
  Math.sqrt(-2 * Math.log(1 - chance.next())) * Math.cos(2 * Math.PI * chance.next())
