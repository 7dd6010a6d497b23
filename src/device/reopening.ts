/**
 * A ByteLink that reopens: the part that a serial port and a socket share.
 *
 * Holds always: one opening at a time; a failed or lost one is tried again with growing pauses, for ever; what is written
 * while nothing is open, or faster than the far side takes it, is dropped whole (the link above repeats what matters).
 */
import type { ByteLink, Cancel, Clock, Log } from '../core/ports.ts'

/** One opened device. However it ends, it says `lost`; only the first time counts. */
export interface Opened {
  write(bytes: Uint8Array): void
  /** Bytes written and not yet taken by the system. */
  waiting(): number
  close(): void
}

export interface OpeningEvents {
  readonly opened: () => void
  readonly bytes: (bytes: Uint8Array) => void
  readonly lost: (why: string) => void
}

export interface Opening {
  readonly name: string
  readonly open: (events: OpeningEvents) => Opened
}

const firstPauseMs = 250
const longestPauseMs = 5_000
/** A tenth of a second at 921600 baud; more than any burst of ours. */
const waitingMax = 8_192

export function createReopening({ name, open }: Opening, clock: Clock, log: Log): ByteLink & { dropped(): number } {
  let listener: (bytes: Uint8Array) => void = () => {}
  let current: Opened | null = null
  let ready = false
  let closed = false
  let pauseMs = firstPauseMs
  let lastWhy = ''
  let droppedWrites = 0
  let cancelPause: Cancel = clock.after(0, reopen)

  function reopen(): void {
    let ended = false
    current = open({
      opened: () => {
        if (closed || ended) return
        ready = true
        lastWhy = ''
        log.info('the controller’s port is open', { port: name })
      },
      bytes: (bytes) => {
        if (closed || ended) return
        pauseMs = firstPauseMs // it works: the next loss starts with a short pause again
        listener(bytes)
      },
      lost: (why) => {
        if (closed || ended) return
        ended = true
        ready = false
        current = null
        if (why !== lastWhy) log.warn('the controller’s port is not there', { port: name, why }) // once, not every 5 s
        lastWhy = why
        cancelPause = clock.after(pauseMs, reopen)
        pauseMs = Math.min(pauseMs * 2, longestPauseMs)
      },
    })
  }

  return {
    write(bytes) {
      if (current !== null && ready && current.waiting() + bytes.length <= waitingMax) current.write(bytes)
      else droppedWrites += 1
    },
    onBytes(next) {
      listener = next
    },
    close() {
      closed = true
      ready = false
      cancelPause()
      current?.close()
      current = null
    },
    dropped: () => droppedWrites,
  }
}
