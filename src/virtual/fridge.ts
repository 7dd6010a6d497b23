/**
 * The virtual fridge's electronics: the controller's firmware on the world's cells, door and bolt, with its power and its
 * end of the line to the runtime.
 *
 * Holds always: while the fridge is awake the firmware is run 80 times a second, for its scales sample at that rate. It
 * is awake while the door is open, the bolt released, or anything moved in the last 5 s; else it dozes, at 10 Hz. Bytes
 * and every change of the world are felt at once in both, and no law of the door runs while it dozes but the link's
 * silence, of which a tenth of a second is lost. Without power nothing acts, and only the NVS is left.
 */
import type { ByteLink, Cancel, Clock, Random, Signal } from '../core/ports.ts'
import { createWasmController, nvsLength, type VirtualController } from './controller.ts'
import type { World } from './world/world.ts'

/** Carries bytes over the line, or loses, repeats, spoils and delays them: calls `deliver` as often as it likes. */
export type Carry = (to: 'controller' | 'runtime', bytes: Uint8Array, deliver: (bytes: Uint8Array) => void) => void

export interface VirtualFridge {
  /** The runtime's end of the line. */
  readonly port: ByteLink
  setPower(on: boolean): void
  /** The 12 V supply; below 10.5 V the firmware relocks for a brown-out. */
  setSupply(millivolts: number): void
  /** The watchdog bites: the firmware starts anew, and keeps only its NVS. */
  reset(): void
  signal(): Signal
  close(): void
}

const awakeMs = 1_000 / 80
const dozeMs = 100
const settlingMs = 5_000
const mainsMillivolts = 12_000

export function createVirtualFridge(ports: {
  readonly world: World
  readonly firmware: WebAssembly.Module
  readonly linkKey: Uint8Array
  readonly clock: Clock
  readonly random: Random
  readonly signalled: () => void
  readonly carry?: Carry
}): VirtualFridge {
  const { world, firmware, linkKey, clock, random, signalled } = ports
  const carry: Carry = ports.carry ?? ((_to, bytes, deliver) => deliver(bytes))
  const startMs = clock.nowMs()
  const uptimeMs = (): number => Math.floor(clock.nowMs() - startMs)
  let toRuntime: ((bytes: Uint8Array) => void) | null = null
  let controller: VirtualController | null = null
  let cancelTick: Cancel = () => {}
  let on = false
  let millivolts = mainsMillivolts
  let signal: Signal = 'idle'
  let movedMs = clock.nowMs()
  let dozing = false

  const hal = {
    doorOpen: () => world.doorOpen(),
    readScales: (codes: Int32Array) => world.readScales(codes),
    temperatureSixteenths: () => world.thermometer(),
    supplyMillivolts: () => millivolts,
    lockDrive: (released: boolean) => world.driveBolt(released),
    showSignal(next: Signal) {
      signal = next
      signalled()
    },
    transmit: (bytes: Uint8Array) => carry('runtime', bytes, (arrived) => toRuntime?.(arrived)),
    random: (count: number) => random.bytes(count),
    nvs: new Uint8Array(nvsLength),
    linkKey,
  }

  function tick(): void {
    if (!on) return
    controller?.tick(uptimeMs())
    dozing = !world.doorOpen() && !world.boltReleased() && clock.nowMs() - movedMs > settlingMs
    cancelTick()
    cancelTick = clock.after(dozing ? dozeMs : awakeMs, tick)
  }

  /** Not at once: whoever moved the world, the firmware itself perhaps, has to come to an end first. */
  function wake(): void {
    movedMs = clock.nowMs()
    if (!on || !dozing) return
    dozing = false
    cancelTick()
    cancelTick = clock.after(0, tick)
  }
  world.onChange(wake)

  function receive(bytes: Uint8Array): void {
    if (!on) return
    controller?.receive(bytes)
    if (!dozing) return
    cancelTick()
    cancelTick = clock.after(0, tick)
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
      write: (bytes) => carry('controller', bytes, receive),
      onBytes(listener) {
        toRuntime = listener
      },
      close: () => {},
    },
    setPower,
    setSupply(next) {
      millivolts = next
      wake()
    },
    reset() {
      if (on) controller?.reset('watchdog')
    },
    signal: () => signal,
    close: () => cancelTick(),
  }
}
