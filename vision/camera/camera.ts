/**
 * Camera: one source of shots that is on while somebody shops, and comes back by itself when it was lost.
 *
 * Holds always: only the latest shot is kept, there is no queue (SPEC VIS26); shots count up and their times never go
 * back (VIS27); a lost or silent source is closed whole before it is opened again, with growing pauses (VIS28); after
 * `stop` has resolved no process, socket or timer of it is left (VIS29). Called by the pipeline, the commands and tests.
 */
import type { Cancel, Clock, Log } from '../../src/core/ports.ts'
import type { Shot } from './frame.ts'
import { createSplitter, type Jpeg } from './mjpeg.ts'
import type { OpenedSource, Source } from './source.ts'

export interface CameraState {
  /** Why there are no shots although there should be; null while they come, or are not wanted. */
  readonly lost: string | null
  /** Shots since it was made. */
  readonly shots: number
  /** JPEGs that came damaged or cut short, and so did not come. */
  readonly damaged: number
  /** From the last `start` to its first shot; null while there was none. */
  readonly firstShotMs: number | null
}

export interface Camera {
  readonly id: string
  start(): void
  stop(): Promise<void>
  /** The newest shot since the last start, or null. */
  latest(): Shot | null
  /** One listener: called at each shot, at once. Whoever is busy asks for `latest` when it no longer is. */
  onShot(listener: (shot: Shot) => void): void
  state(): CameraState
}

const firstPauseMs = 250
const longestPauseMs = 5_000
/** Who gave shots for this long is forgiven its losses. */
const longLifeMs = 10_000
/** A camera on a Pi takes about a second to give its first shot. */
const firstShotWithinMs = 4_000
const nextShotWithinMs = 1_500
/** So many shots of another size, one after the other, and the camera has another size now. */
const newSizeAfter = 5

export function createCamera(id: string, source: Source, ports: { clock: Clock; log: Log }): Camera {
  const { clock, log } = ports
  const splitter = createSplitter()
  let wanted = false
  /** Counts openings and closings: whoever speaks under an old number is not listened to. */
  let turn = 0
  let opened: OpenedSource | null = null
  let closing: Promise<void> = Promise.resolve()
  let cancelWait: Cancel = () => {}
  let pauseMs = firstPauseMs
  let listener: (shot: Shot) => void = () => {}
  let latest: Shot | null = null
  let lost: string | null = null
  let number = 0
  let lastAtMs = 0
  let startedAtMs = 0
  let openedAtMs = 0
  let firstShotMs: number | null = null
  let size: { width: number; height: number } | null = null
  let otherSize = 0
  let odd = 0

  function open(): void {
    splitter.restart()
    openedAtMs = clock.nowMs()
    expectShot(firstShotWithinMs)
    turn += 1
    const mine = turn
    opened = source.open({
      bytes(chunk) {
        if (mine !== turn) return
        for (const jpeg of splitter.push(chunk)) if (fits(jpeg)) give(jpeg)
      },
      lost(why) {
        if (mine === turn) again(why)
      },
    })
  }

  /** A header's thumbnail that outlived its damaged picture is a JPEG too, and no shot of this camera. */
  function fits({ width, height }: Jpeg): boolean {
    if (size === null || (size.width === width && size.height === height)) {
      size = { width, height }
      otherSize = 0
      return true
    }
    otherSize += 1
    odd += 1
    if (otherSize < newSizeAfter) return false
    size = { width, height }
    otherSize = 0
    return true
  }

  function give({ bytes: jpeg, width, height }: Jpeg): void {
    const atMs = Math.max(clock.nowMs(), lastAtMs)
    number += 1
    lastAtMs = atMs
    latest = { camera: id, number, atMs, jpeg, width, height }
    firstShotMs ??= atMs - startedAtMs
    if (lost !== null) log.info('a camera is back', { camera: id })
    lost = null
    if (atMs - openedAtMs >= longLifeMs) pauseMs = firstPauseMs
    expectShot(nextShotWithinMs)
    listener(latest)
  }

  function expectShot(withinMs: number): void {
    cancelWait()
    cancelWait = clock.after(withinMs, () => again(`no picture for ${withinMs / 1_000} s`))
  }

  /** Lost: close what is left of it, wait, and open it anew. */
  function again(why: string): void {
    if (lost !== why) log.warn('a camera is lost', { camera: id, source: source.name, why })
    lost = why
    close()
    if (!wanted) return
    cancelWait = clock.after(pauseMs, () => void reopen())
    pauseMs = Math.min(pauseMs * 2, longestPauseMs)
  }

  function close(): void {
    cancelWait()
    turn += 1 // what it still says is of the past
    const own = opened
    opened = null
    if (own !== null) closing = Promise.all([closing, own.close()]).then(() => {})
  }

  /** Two processes can't have one device: the last one must be gone. */
  async function reopen(): Promise<void> {
    turn += 1
    const mine = turn
    await closing
    if (wanted && mine === turn) open()
  }

  return {
    id,
    start() {
      if (wanted) return
      wanted = true
      latest = null
      lost = null
      pauseMs = firstPauseMs
      firstShotMs = null
      startedAtMs = clock.nowMs()
      void reopen()
    },
    async stop() {
      wanted = false
      lost = null
      close()
      await closing
    },
    latest: () => latest,
    onShot(next) {
      listener = next
    },
    state: () => ({ lost, shots: number, damaged: splitter.damaged() + odd, firstShotMs }),
  }
}
