/**
 * By hand: a camera that is given its pictures, and a clock that is moved, so that the pipeline of the vision worker looks at a visit
 * that was kept or drawn as it would have looked then. Used by today.ts and by scripts/basket/frames.ts.
 */
import type { Cancel, Clock } from '../../src/core/ports.ts'
import type { Camera } from '../../vision/camera/camera.ts'
import type { Shot } from '../../vision/camera/frame.ts'

export interface HandCamera {
  readonly camera: Camera
  give(jpeg: Uint8Array, atMs: number): void
}

/** `width` and `height` of its pictures, in pixels. */
export function handCamera(id: string, width: number, height: number): HandCamera {
  let latest: Shot | null = null
  let number = 0
  let listener: (shot: Shot) => void = () => {}
  return {
    camera: {
      id,
      start() {
        latest = null
      },
      stop: async () => {},
      latest: () => latest,
      onShot(next) {
        listener = next
      },
      state: () => ({ lost: null, shots: number, damaged: 0, firstShotMs: 0 }),
    },
    give(jpeg, atMs) {
      number += 1
      latest = { camera: id, number, atMs, jpeg, width, height }
      listener(latest)
    },
  }
}

/** What was due by the time that it goes to happens at once. */
export function handClock(startMs: number): Clock & { goTo(atMs: number): void } {
  let nowMs = startMs
  let due: { readonly atMs: number; readonly run: () => void }[] = []
  return {
    nowMs: () => nowMs,
    after(delayMs, run): Cancel {
      const one = { atMs: nowMs + delayMs, run }
      due.push(one)
      return () => void (due = due.filter((other) => other !== one))
    },
    goTo(atMs) {
      nowMs = Math.max(nowMs, atMs)
      const now = due.filter((one) => one.atMs <= nowMs)
      due = due.filter((one) => one.atMs > nowMs)
      for (const { run } of now) run()
    },
  }
}
