/**
 * The virtual fridge's electronics: the controller's firmware on the world's cells, door and bolt, with its power and its
 * end of the line to the runtime.
 *
 * Holds always: while there is power the firmware is run 80 times a second, for its scales sample at that rate; without
 * power nothing of it acts, and only its NVS is left.
 */
import type { ByteLink, Cancel, Clock, Random, Signal } from '../core/ports.ts'
import { createWasmController, nvsLength, type VirtualController } from './controller.ts'
import type { World } from './world/world.ts'

export interface VirtualFridge {
  /** The runtime's end of the line. */
  readonly port: ByteLink
  setPower(on: boolean): void
  signal(): Signal
  close(): void
}

const tickMs = 1_000 / 80
const supplyMillivolts = 12_000

export function createVirtualFridge(ports: {
  readonly world: World
  readonly firmware: WebAssembly.Module
  readonly linkKey: Uint8Array
  readonly clock: Clock
  readonly random: Random
  readonly signalled: () => void
}): VirtualFridge {
  const { world, firmware, linkKey, clock, random, signalled } = ports
  const startMs = clock.nowMs()
  const uptimeMs = (): number => Math.floor(clock.nowMs() - startMs)
  let toRuntime: ((bytes: Uint8Array) => void) | null = null
  let controller: VirtualController | null = null
  let cancelTick: Cancel = () => {}
  let on = false
  let signal: Signal = 'idle'
  let compressor = false

  const hal = {
    doorOpen: () => world.doorOpen(),
    readScales(codes: Int32Array) {
      compressor = (clock.nowMs() / 60_000) % 20 < 8 // runs eight minutes of twenty
      world.cells.read(codes, clock.nowMs(), world.celsius(), compressor)
      return (1 << world.shelves) - 1
    },
    temperatureSixteenths: () => (world.sensorAlive() ? Math.round(world.celsius() * 16) : null),
    supplyMillivolts: () => supplyMillivolts,
    lockDrive: (released: boolean) => world.driveBolt(released),
    showSignal(next: Signal) {
      signal = next
      signalled()
    },
    transmit: (bytes: Uint8Array) => toRuntime?.(bytes),
    random: (count: number) => random.bytes(count),
    nvs: new Uint8Array(nvsLength),
    linkKey,
  }

  function tick(): void {
    controller?.tick(uptimeMs())
    cancelTick = clock.after(tickMs, tick)
  }

  function setPower(next: boolean): void {
    if (next === on) return
    on = next
    cancelTick()
    world.setPower(on)
    if (!on) return
    if (controller === null) controller = createWasmController(firmware, hal, uptimeMs())
    else controller.reset('powerOn')
    tick()
  }
  setPower(true)

  return {
    port: {
      write(bytes) {
        if (on) controller?.receive(bytes)
      },
      onBytes(listener) {
        toRuntime = listener
      },
      close: () => {},
    },
    setPower,
    signal: () => signal,
    close() {
      cancelTick()
    },
  }
}
