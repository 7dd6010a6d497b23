/**
 * Cabinet: the virtual fridge of a simulation: the world's physics, the firmware's own wasm on it, and the wire. All that
 * moves in it is told to the auditor as it moves, and the true air is told at every reading of the thermometer.
 */
import type { Random, Signal } from '../../src/core/ports.ts'
import { createVirtualFridge } from '../../src/virtual/fridge.ts'
import type { Shop } from '../../src/virtual/shop.ts'
import { createWorld, type World } from '../../src/virtual/world/world.ts'
import type { SimTime } from './time.ts'
import type { Wire } from './wire.ts'

export interface CabinetPorts {
  readonly time: SimTime
  /** The world's, and the controller's. */
  readonly random: Random
  readonly firmware: WebAssembly.Module
  readonly wire: Wire
  readonly linkKey: Uint8Array
  readonly shop: Shop
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
  readonly world: World
  signal(): Signal
  /** What stands in it, in truth, by `sku@shelf`. */
  inside(): ReadonlyMap<string, number>
  /** What stands on each shelf in truth, grams, top first. */
  grams(): readonly number[]
  power(on: boolean): void
  reset(): void
  supply(millivolts: number): void
  /** Nobody reads the thermometer, and time has passed. */
  tellAir(): void
}

const brownOutMillivolts = 10_500

export function createCabinet(ports: CabinetPorts): Cabinet {
  const { time, random, firmware, wire, linkKey, shop, moved, bolt = (released) => released } = ports
  const truth = createWorld({ shop, clock: time, random })
  let open = false
  let released = false
  let powered = true
  let toldCelsius = Number.NaN

  truth.onChange(() => {
    if (truth.boltReleased() !== released) {
      released = truth.boltReleased()
      moved.lock(released)
    }
    if (truth.doorOpen() !== open) {
      open = truth.doorOpen()
      moved.door(open)
    }
  })

  function tellAir(): void {
    const celsius = truth.celsius()
    if (Math.abs(celsius - toldCelsius) < 0.02) return
    toldCelsius = celsius
    moved.air(celsius)
  }

  const felt: World = {
    ...truth,
    driveBolt: (wanted) => truth.driveBolt(bolt(wanted)),
    thermometer() {
      tellAir()
      return truth.thermometer()
    },
  }
  const fridge = createVirtualFridge({
    world: felt,
    firmware,
    linkKey,
    clock: { nowMs: time.nowMs, after: time.quietly },
    random,
    signalled: () => {},
  })
  const line = wire.controllerEnd((bytes) => fridge.port.write(bytes))
  fridge.port.onBytes((bytes) => line.transmit(bytes))

  return {
    world: truth,
    signal: fridge.signal,
    inside() {
      const inside = new Map<string, number>()
      for (const { sku, shelf } of truth.items())
        if (shelf !== null) inside.set(`${sku}@${shelf}`, (inside.get(`${sku}@${shelf}`) ?? 0) + 1)
      return inside
    },
    grams: () => Array.from({ length: truth.shelves }, (_, shelf) => truth.cells.grams(shelf)),
    power(on) {
      if (on === powered) return
      powered = on
      fridge.setPower(on)
      if (!on) moved.controllerFell()
    },
    reset() {
      fridge.reset()
      moved.controllerFell()
    },
    supply(millivolts) {
      fridge.setSupply(millivolts)
      if (powered && millivolts < brownOutMillivolts) moved.controllerFell()
    },
    tellAir,
  }
}
