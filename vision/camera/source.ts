/**
 * Source: where a camera's bytes come from. A stream of JPEGs that is opened, may be lost for a reason, and is closed.
 * What is the same for all of them (splitting, time, back-off) stands in camera.ts; each kind of source has a file.
 */
export interface SourceEvents {
  readonly bytes: (chunk: Uint8Array) => void
  /** It ended by itself. Said once, and never after `close` was called. */
  readonly lost: (why: string) => void
}

export interface OpenedSource {
  /** Resolves when nothing of it is left: no process, no socket, no timer. */
  close(): Promise<void>
}

export interface Source {
  /** For the operator: what is opened. */
  readonly name: string
  open(events: SourceEvents): OpenedSource
}

/** What is asked of a camera that can be asked; files and sockets give what they have. */
export interface Wanted {
  readonly width: number
  readonly height: number
  readonly framesPerSecond: number
}
