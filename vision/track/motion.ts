/**
 * Motion: where a tracked box is, how fast it goes, and how sure that is: a Kalman filter of constant velocity.
 *
 * State and noise as in DeepSORT (Wojke, Bewley, Paulus 2017): centre x and y, aspect (width / height) and height, each with
 * a velocity. Nothing in that model couples the four, so they are filtered one by one: the same numbers as of the paper's
 * 8 x 8 matrices. Time comes in frames of the nominal rate and may be any; at 1 it is the paper's. Pure but for the arrays
 * it is given, which it writes in place. Called by track/tracker.ts only.
 */
import type { Box } from '../detect/detection.ts'

/** Noise, as shares of the box's height. The paper's code: 1/20 and 1/160 a frame. */
export interface MotionNoise {
  readonly position: number
  readonly velocity: number
}

/** Four times (value, velocity, variance of value, covariance, variance of velocity): x, y, aspect, height. */
export type Motion = Float64Array

const parts = 4
const stride = 5
const aspect = 2
const height = 3
const heightAt = height * stride
/** Noise of the aspect is absolute: walking, its velocity, and measuring it. */
const aspectWalk = 1e-2
const aspectVelocity = 1e-5
const aspectMeasured = 1e-1
/** A new track's uncertainty, in units of the noise of one frame. */
const firstPosition = 2
const firstVelocity = 10

const square = (value: number): number => value * value

/** A box at rest that was seen once. */
export function startMotion(box: Box, noise: MotionNoise): Motion {
  const motion = new Float64Array(parts * stride)
  for (let part = 0; part < parts; part += 1) {
    const at = part * stride
    motion[at] = measured(box, part)
    motion[at + 2] = square(part === aspect ? aspectWalk : firstPosition * noise.position * box.height)
    motion[at + 4] = square(part === aspect ? aspectVelocity : firstVelocity * noise.velocity * box.height)
  }
  return motion
}

/**
 * Moves on by `frames`. The noise is that of so many single frames, continued between whole numbers, so that two steps
 * of one frame and one step of two are equal while the height stands still.
 */
export function predictMotion(motion: Motion, frames: number, noise: MotionNoise): void {
  const tall = motion[heightAt] ?? 0
  for (let part = 0; part < parts; part += 1) {
    const at = part * stride
    const walk = square(part === aspect ? aspectWalk : noise.position * tall)
    const drift = square(part === aspect ? aspectVelocity : noise.velocity * tall)
    const velocity = motion[at + 1] ?? 0
    const shared = motion[at + 3] ?? 0
    const swift = motion[at + 4] ?? 0
    motion[at] = (motion[at] ?? 0) + frames * velocity
    motion[at + 2] =
      (motion[at + 2] ?? 0) +
      frames * (2 * shared + frames * swift + walk) +
      (drift * (frames - 1) * frames * (2 * frames - 1)) / 6
    motion[at + 3] = shared + frames * swift + (drift * frames * (frames - 1)) / 2
    motion[at + 4] = swift + frames * drift
  }
}

/** The height stands still from now on. */
export function keepSize(motion: Motion): void {
  motion[heightAt + 1] = 0
}

/** Takes in what was seen. */
export function correctMotion(motion: Motion, box: Box, noise: MotionNoise): void {
  const tall = motion[heightAt] ?? 0
  for (let part = 0; part < parts; part += 1) {
    const at = part * stride
    const spread = motion[at + 2] ?? 0
    const shared = motion[at + 3] ?? 0
    const total = spread + square(part === aspect ? aspectMeasured : noise.position * tall)
    const surprise = measured(box, part) - (motion[at] ?? 0)
    motion[at] = (motion[at] ?? 0) + (spread / total) * surprise
    motion[at + 1] = (motion[at + 1] ?? 0) + (shared / total) * surprise
    motion[at + 2] = spread - (spread * spread) / total
    motion[at + 3] = shared - (spread * shared) / total
    motion[at + 4] = (motion[at + 4] ?? 0) - (shared * shared) / total
  }
}

/** How far the box stands from where it is expected: Mahalanobis distance, squared (chi-square with 4 degrees of freedom). */
export function surpriseOf(motion: Motion, box: Box, noise: MotionNoise): number {
  const tall = motion[heightAt] ?? 0
  let sum = 0
  for (let part = 0; part < parts; part += 1) {
    const at = part * stride
    const total = (motion[at + 2] ?? 0) + square(part === aspect ? aspectMeasured : noise.position * tall)
    sum += square(measured(box, part) - (motion[at] ?? 0)) / total
  }
  return sum
}

export function boxOf(motion: Motion): Box {
  const tall = motion[heightAt] ?? 0
  const width = (motion[aspect * stride] ?? 0) * tall
  return { left: (motion[0] ?? 0) - width / 2, top: (motion[stride] ?? 0) - tall / 2, width, height: tall }
}

/** Of the middle, in pixels a frame of the nominal rate. */
export const speedOf = (motion: Motion): { readonly x: number; readonly y: number } => ({
  x: motion[1] ?? 0,
  y: motion[stride + 1] ?? 0,
})

function measured(box: Box, part: number): number {
  if (part === 0) return box.left + box.width / 2
  if (part === 1) return box.top + box.height / 2
  return part === aspect ? box.width / box.height : box.height
}
