/**
 * MJPEG splitter: a stream of JPEGs, one behind the other with nothing or anything between them, as whole JPEGs.
 *
 * Pure. Walks each JPEG by its own markers, so that a thumbnail inside a header does not end it. Holds always: what it
 * gives begins with FFD8, has a size and a scan, and ends with its own FFD9; a JPEG cut short, damaged or beyond
 * `mostBytes` is dropped and counted, and the one behind it is found; it never holds more than `mostBytes` and a chunk.
 * Called by camera.ts and by the replay of files.
 */
import { Buffer } from 'node:buffer'

export interface Jpeg {
  /** A copy: the caller's to keep. */
  readonly bytes: Uint8Array
  readonly width: number
  readonly height: number
}

export interface Splitter {
  push(chunk: Uint8Array): readonly Jpeg[]
  /** How many JPEGs were begun and dropped. */
  damaged(): number
  /** The stream broke: what was begun will not be ended. */
  restart(): void
}

/** A 12-megapixel JPEG of good quality; a stream without an end must not fill the memory. */
export const mostFrameBytes = 8 * 1024 * 1024

const marker = { start: 0xd8, end: 0xd9, scan: 0xda, temporary: 0x01 } as const
/** SOF0 to SOF15, but for DHT, JPG and DAC, which share their row: they carry the size. */
const isFrameHeader = (code: number): boolean =>
  code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc
const isRestart = (code: number): boolean => code >= 0xd0 && code <= 0xd7

/** Applications' own segments and comments; a table or a size never holds a picture's beginning. */
const mayHoldAnything = (code: number): boolean => (code >= 0xe0 && code <= 0xef) || code === 0xfe
/** Of four components. */
const longestScanHeader = 14
const beginning = Buffer.from([0xff, marker.start, 0xff])

type Step = 'on' | 'wait'

export function createSplitter(mostBytes = mostFrameBytes): Splitter {
  let held = Buffer.alloc(64 * 1024)
  let fill = 0
  /** Of the JPEG under way; before it nothing is needed any more. */
  let start = 0
  let at = 0
  let state: 'between' | 'headers' | 'scan' = 'between'
  let size: { width: number; height: number } | null = null
  let dropped = 0
  let found: Jpeg[] = []

  function append(chunk: Uint8Array): void {
    if (fill + chunk.length > held.length) {
      const larger = Buffer.alloc(Math.max(held.length * 2, fill + chunk.length))
      held.copy(larger, 0, 0, fill)
      held = larger
    }
    held.set(chunk, fill)
    fill += chunk.length
  }

  function begin(from: number): void {
    start = from
    at = from + 2
    state = 'headers'
    size = null
  }

  /** What was begun is none: look for the next one behind its first bytes. */
  function drop(): Step {
    dropped += 1
    state = 'between'
    at = start + 2
    return 'on'
  }

  function seek(): Step {
    // FF D8 is always followed by another marker; garbage that looks like all three bytes is rare, and found out later.
    for (let ff = held.indexOf(0xff, at); ff !== -1 && ff + 2 < fill; ff = held.indexOf(0xff, ff + 1)) {
      if (held[ff + 1] === marker.start && held[ff + 2] === 0xff) {
        begin(ff)
        return 'on'
      }
      at = ff + 1
    }
    const tail = held.indexOf(0xff, Math.max(at, fill - 2))
    start = tail === -1 || tail >= fill ? fill : tail
    at = start
    return 'wait'
  }

  function header(): Step {
    if (at + 2 > fill) return 'wait'
    if (held[at] !== 0xff) return drop()
    const code = held[at + 1] ?? 0
    if (code === 0xff) {
      at += 1 // fill bytes before a marker
      return 'on'
    }
    if (code === marker.start) {
      dropped += 1
      begin(at)
      return 'on'
    }
    if (code === marker.end || code === 0) return drop()
    if (isRestart(code) || code === marker.temporary) {
      at += 2
      return 'on'
    }
    if (at + 4 > fill) return 'wait'
    const length = held.readUInt16BE(at + 2)
    if (length < 2 || (code === marker.scan && length > longestScanHeader)) return drop()
    if (at + 2 + length > fill) return 'wait'
    const inside = held.indexOf(beginning, at + 4)
    if (!mayHoldAnything(code) && inside !== -1 && inside < at + 2 + length) {
      dropped += 1 // cut short in a table, and the next one's first bytes are taken for its values
      begin(inside)
      return 'on'
    }
    if (isFrameHeader(code)) {
      if (length < 8) return drop()
      size = { height: held.readUInt16BE(at + 5), width: held.readUInt16BE(at + 7) }
    }
    at += 2 + length
    if (code === marker.scan) state = 'scan'
    return 'on'
  }

  function scan(): Step {
    const ff = held.indexOf(0xff, at)
    if (ff === -1 || ff + 1 >= fill) {
      at = ff === -1 || ff >= fill ? fill : ff
      return 'wait'
    }
    const code = held[ff + 1] ?? 0
    if (code === 0 || isRestart(code)) at = ff + 2
    else if (code === 0xff) at = ff + 1
    else if (code === marker.end) {
      if (size === null || size.width === 0 || size.height === 0) return drop()
      found.push({ bytes: Uint8Array.prototype.slice.call(held, start, ff + 2), ...size })
      state = 'between'
      start = ff + 2
      at = start
    } else if (code === marker.start) {
      dropped += 1 // cut short: another one begins in its middle
      begin(ff)
    } else {
      at = ff // tables between the scans of a progressive JPEG
      state = 'headers'
    }
    return 'on'
  }

  function discard(): void {
    if (start > 0) {
      held.copyWithin(0, start, fill)
      fill -= start
      at -= start
      start = 0
    }
    if (fill <= mostBytes) return
    dropped += 1
    fill = 0
    at = 0
    state = 'between'
  }

  return {
    push(chunk) {
      found = []
      append(chunk)
      const steps = { between: seek, headers: header, scan }
      while (steps[state]() === 'on');
      discard()
      return found
    },
    damaged: () => dropped,
    restart() {
      if (state !== 'between') dropped += 1
      fill = 0
      start = 0
      at = 0
      state = 'between'
    },
  }
}
