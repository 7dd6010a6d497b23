/**
 * The virtual fridge's controller: the firmware's own C core, as WebAssembly, over a hal that the virtual world gives.
 *
 * Holds always: one instance of the module is one controller from start to reset, and only `hal.nvs` outlives it; frames
 * leave after the firmware has returned, so that whoever receives them may answer at once.
 * Called by the virtual world and the simulation, thousands of times a second: a tick allocates nothing.
 */
import { readFileSync } from 'node:fs'
import { invariant } from '../core/result.ts'
import { linkConstants, resetReasons, signals, type ResetReason, type Signal } from '../device/messages.gen.ts'

/** Bytes of the memory that outlives a reset (firmware/core/hal.h: two slots). */
export const nvsLength = 128
const nvsSlotLength = 64

/** The controller's hardware. Nothing in here may call the controller back. */
export interface ControllerHal {
  /** The door contact now. */
  doorOpen(): boolean
  /** Writes each channel's newest HX711 code (signed 24 bits); bit n of the answer says that channel n has a new one. */
  readScales(codes: Int32Array): number
  /** The thermometer in sixteenths of a degree Celsius; null when it does not answer. */
  temperatureSixteenths(): number | null
  /** The 12 V supply. */
  supplyMillivolts(): number
  /** Releases or locks; also called with false at each start. False: the driver failed. */
  lockDrive(released: boolean): boolean | void
  showSignal(signal: Signal): void
  /** One whole frame with its delimiter; the receiver's to keep. May call `receive`. */
  transmit(bytes: Uint8Array): void
  random(count: number): Uint8Array
  /** `nvsLength` bytes that the firmware reads and writes. */
  readonly nvs: Uint8Array
  /** True while the memory takes no writes. */
  nvsFails?(): boolean
  /** The fridge's link key, 32 bytes; all bytes equal counts as none. */
  readonly linkKey: Uint8Array
}

export interface VirtualController {
  /** Runs the firmware once. 80 times a second or oftener, or the scales miss samples. `nowMs` may wrap, never go back. */
  tick(nowMs: number): void
  /** Gives bytes to the UART, in pieces of any size. */
  receive(bytes: Uint8Array): void
  /** Starts anew: everything but `hal.nvs` is forgotten, and the lock locks. */
  reset(reason: ResetReason): void
}

/** Compiles the firmware (firmware/wasm/controller.wasm); one module serves any number of controllers. */
export const loadFirmware = (file: string): WebAssembly.Module => new WebAssembly.Module(readFileSync(file))

interface Firmware {
  readonly memory: WebAssembly.Memory
  io(): number
  start(): number
  tick(): void
  receive(length: number): void
}

/** struct io of firmware/wasm/main.c, in words and bytes from its start. */
const layout = { nowMs: 0, doorOpen: 1, codes: 2, fresh: 6, sixteenths: 7, millivolts: 8, resetReason: 9 } as const
const linkKeyAt = 40
const linkKeyLength = 32
const receivedAt = linkKeyAt + linkKeyLength
const receivedRoom = 512
const noTemperature = -(2 ** 31)

/** Starts a controller. Throws when the link key or the nvs has a wrong length. */
export function createWasmController(module: WebAssembly.Module, hal: ControllerHal, nowMs = 0): VirtualController {
  invariant(hal.linkKey.length === linkKeyLength, `a link key has 32 bytes, not ${hal.linkKey.length}`)
  invariant(hal.nvs.length === nvsLength, `the nvs has ${nvsLength} bytes, not ${hal.nvs.length}`)
  const leaving: Uint8Array[] = []
  let inside = false
  let sending = false
  let running = start('powerOn', nowMs)

  function start(reason: ResetReason, atMs: number) {
    const imports = {
      rng: (at: number, length: number) => new Uint8Array(memory.buffer, at, length).set(hal.random(length)),
      lock: (released: number) => (hal.lockDrive(released !== 0) === false ? 1 : 0),
      signal: (pattern: number) => hal.showSignal(signals[pattern] ?? 'error'),
      write: (at: number, length: number) => void leaving.push(new Uint8Array(memory.buffer, at, length).slice()),
      nvsRead: (slot: number, at: number, length: number) => {
        const from = slot * nvsSlotLength
        new Uint8Array(memory.buffer, at, length).set(hal.nvs.subarray(from, from + length))
      },
      nvsWrite: (slot: number, at: number, length: number) => {
        if (hal.nvsFails?.() === true) return 1
        hal.nvs.set(new Uint8Array(memory.buffer, at, length), slot * nvsSlotLength)
        return 0
      },
    }
    const firmware = new WebAssembly.Instance(module, { hal: imports }).exports as unknown as Firmware
    const { memory } = firmware
    const io = firmware.io()
    const words = new Int32Array(memory.buffer, io, layout.resetReason + 1)
    words[layout.resetReason] = resetReasons.indexOf(reason)
    new Uint8Array(memory.buffer, io + linkKeyAt, linkKeyLength).set(hal.linkKey)
    const next = {
      firmware,
      words,
      codes: words.subarray(layout.codes, layout.codes + linkConstants.shelfCount),
      received: new Uint8Array(memory.buffer, io + receivedAt, receivedRoom),
    }
    words[layout.nowMs] = atMs
    words[layout.doorOpen] = hal.doorOpen() ? 1 : 0
    words[layout.sixteenths] = hal.temperatureSixteenths() ?? noTemperature
    words[layout.millivolts] = hal.supplyMillivolts()
    enter(() => firmware.start())
    return next
  }

  function enter(call: () => void): void {
    invariant(!inside, 'the hal called the controller back')
    inside = true
    call()
    inside = false
  }

  function send(): void {
    if (sending) return // whoever answers a frame at once comes through here again; the loop below takes what that adds
    sending = true
    for (let bytes = leaving.shift(); bytes !== undefined; bytes = leaving.shift()) hal.transmit(bytes)
    sending = false
  }

  return {
    tick(atMs) {
      const { words, codes, firmware } = running
      words[layout.nowMs] = atMs
      words[layout.doorOpen] = hal.doorOpen() ? 1 : 0
      words[layout.fresh] = hal.readScales(codes)
      words[layout.sixteenths] = hal.temperatureSixteenths() ?? noTemperature
      words[layout.millivolts] = hal.supplyMillivolts()
      invariant(!inside, 'the hal called the controller back')
      inside = true
      firmware.tick()
      inside = false
      if (leaving.length > 0) send()
    },
    receive(bytes) {
      const { words, received, firmware } = running
      words[layout.doorOpen] = hal.doorOpen() ? 1 : 0
      for (let at = 0; at < bytes.length; at += receivedRoom) {
        const piece = bytes.subarray(at, at + receivedRoom)
        received.set(piece)
        enter(() => firmware.receive(piece.length))
      }
      send()
    },
    reset(reason) {
      leaving.length = 0 // what the UART had not sent is gone
      running = start(reason, running.words[layout.nowMs] ?? 0)
    },
  }
}
