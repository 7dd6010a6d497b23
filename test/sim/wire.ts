/**
 * Wire: the serial line between the runtime and the controller, with everything that can happen to a frame on it.
 *
 * Holds always: without faults every byte arrives, once, in order, after the time that 115,200 baud take. One controller
 * hangs on it for ever; the runtime's end belongs to one life of the process, and dies with it.
 */
import type { ByteLink } from '../../src/core/ports.ts'
import type { Chance } from './chance.ts'
import type { FaultKind } from './faults.ts'
import type { SimTime } from './time.ts'

export type Direction = 'toController' | 'fromController'

export interface WirePorts {
  readonly time: SimTime
  readonly chance: Chance
  /** Each frame that arrives, as it arrives. */
  readonly arrived: (direction: Direction, bytes: Uint8Array) => void
  readonly struck: (kind: FaultKind) => void
}

export interface Wire {
  /** The end of a new life; the last one's is dead from now on. */
  piEnd(): ByteLink
  /** The runtime is gone: nothing reaches it, and nothing more leaves it. */
  piGone(): void
  controllerEnd(receive: (bytes: Uint8Array) => void): { transmit(bytes: Uint8Array): void }
  /** How likely a frame meets a fault. */
  setTrouble(probability: number): void
  /** Pulls the cable, or plugs it in again. */
  cut(broken: boolean): void
  /** Sends a frame that was once sent to the controller again: somebody recorded the line. False when there is none. */
  replay(): boolean
}

/** 115,200 baud, ten bits a byte. */
const byteMs = 10_000 / 115_200
const recordedFrames = 200

export function createWire({ time, chance, arrived, struck }: WirePorts): Wire {
  let trouble = 0
  let broken = false
  let pi: { listener: ((bytes: Uint8Array) => void) | null } | null = null
  let controller: ((bytes: Uint8Array) => void) | null = null
  const recorded: Uint8Array[] = []
  const freeAtMs: Record<Direction, number> = { toController: 0, fromController: 0 }

  function deliver(direction: Direction, bytes: Uint8Array, delayMs: number): void {
    const startMs = Math.max(time.nowMs(), freeAtMs[direction])
    const dueMs = startMs + bytes.length * byteMs
    freeAtMs[direction] = dueMs
    time.quietly(dueMs - time.nowMs() + delayMs, () => {
      if (broken) return
      arrived(direction, bytes)
      if (direction === 'toController') return controller?.(bytes)
      if (pi?.listener == null) return
      pi.listener(bytes)
      time.woke()
    })
  }

  function send(direction: Direction, bytes: Uint8Array): void {
    if (broken) return
    if (direction === 'toController') {
      if (recorded.length < recordedFrames) recorded.push(bytes)
      else recorded[chance.below(recordedFrames)] = bytes
    }
    if (trouble === 0 || !chance.happens(trouble)) return deliver(direction, bytes, 0)
    switch (chance.below(4)) {
      case 0:
        return struck('frameLost')
      case 1:
        struck('frameRepeated')
        deliver(direction, bytes, 0)
        return deliver(direction, bytes, chance.happens(0.5) ? 0 : chance.between(0, 3_000))
      case 2:
        struck('frameCorrupted')
        return deliver(direction, corrupted(bytes, chance), 0)
      default:
        struck('frameLate')
        return deliver(direction, bytes, chance.exponential(400))
    }
  }

  return {
    piEnd() {
      const end: { listener: ((bytes: Uint8Array) => void) | null } = { listener: null }
      pi = end
      return {
        write(bytes) {
          if (pi === end) send('toController', bytes.slice())
        },
        onBytes(listener) {
          end.listener = listener
        },
        close() {
          end.listener = null
        },
      }
    },
    piGone() {
      pi = null
    },
    controllerEnd(receive) {
      controller = receive
      return { transmit: (bytes) => send('fromController', bytes) }
    },
    setTrouble(probability) {
      trouble = probability
    },
    cut(isBroken) {
      broken = isBroken
    },
    replay() {
      if (recorded.length === 0) return false
      deliver('toController', chance.pick(recorded), 0)
      return true
    },
  }
}

/** Flipped bits, a lost tail, a lost head, noise before it: what a loose plug does. */
function corrupted(bytes: Uint8Array, chance: Chance): Uint8Array {
  switch (chance.below(4)) {
    case 0: {
      const flipped = bytes.slice()
      for (let flips = 1 + chance.below(3); flips > 0; flips--) {
        const at = chance.below(flipped.length)
        flipped[at] = (flipped[at] ?? 0) ^ (1 << chance.below(8))
      }
      return flipped
    }
    case 1:
      return bytes.slice(0, chance.below(bytes.length))
    case 2:
      return bytes.slice(chance.below(bytes.length))
    default:
      return Uint8Array.from([...chance.bytes(1 + chance.below(12)), ...bytes])
  }
}
