/**
 * Trace: everything that happens in a simulation, as one number and as the last lines of a story.
 * Holds always: two runs that differ in one event, frame or bank call have different hashes, and so have two that have
 * them in another order.
 */

export interface Trace {
  /** Into the hash and the story. */
  tell(line: string): void
  /** Into the hash only: frames, screens. */
  bytes(tag: number, bytes: Uint8Array): void
  text(text: string): void
  /** The hash so far, 16 hex digits. */
  hash(): string
  /** The last lines told, oldest first. */
  story(): string[]
}

const storyLines = 60

export function createTrace(nowMs: () => number, keep: number = storyLines): Trace {
  let a = 0x9e3779b9 | 0
  let b = 0x85ebca6b | 0
  const lines: string[] = []
  const startMs = nowMs()
  let told = 0

  const add = (value: number): void => {
    a = Math.imul(a ^ value, 0x01000193)
    b = Math.imul((b << 5) | (b >>> 27), 0x27d4eb2f) ^ a ^ value
  }
  const text = (line: string): void => {
    for (let index = 0; index < line.length; index++) add(line.charCodeAt(index))
    add(line.length)
  }

  return {
    tell(line) {
      const stamped = `${clockOf(nowMs() - startMs)} ${line}`
      text(stamped)
      lines[told++ % keep] = stamped
    },
    bytes(tag, bytes) {
      add(tag)
      add(Math.round(nowMs() - startMs))
      for (const byte of bytes) add(byte)
      add(bytes.length)
    },
    text,
    hash: () => hex(a) + hex(b),
    story: () => [...lines.slice(told % keep), ...lines.slice(0, told % keep)].slice(-Math.min(told, keep)),
  }
}

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0')

/** `d hh:mm:ss.mmm` since the simulation began. */
function clockOf(sinceMs: number): string {
  const ms = Math.round(sinceMs)
  const pad = (value: number, digits: number): string => String(Math.floor(value)).padStart(digits, '0')
  const days = Math.floor(ms / 86_400_000)
  const time = `${pad((ms / 3_600_000) % 24, 2)}:${pad((ms / 60_000) % 60, 2)}:${pad((ms / 1000) % 60, 2)}.${pad(ms % 1000, 3)}`
  return days > 0 ? `${days}d ${time}` : time
}
