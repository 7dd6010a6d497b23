/**
 * Lens: where a camera stands and what it looks at, and where a point of the room falls in its picture. A pinhole with a
 * wide angle; the picture's x runs to the right, y down.
 */

export type Place = readonly [number, number, number]

export interface Lens {
  readonly place: Place
  readonly aim: Place
  /** Across the picture's width, in degrees. */
  readonly angle: number
}

/** A lens behind a picture of this size, ready to be looked through. */
export interface View {
  readonly place: Place
  readonly right: Place
  readonly down: Place
  readonly forward: Place
  /** Pixels a unit of x / z. */
  readonly focal: number
  readonly width: number
  readonly height: number
}

/** What is nearer to the lens than this is not drawn, metres. */
export const near = 0.03

export function viewThrough({ place, aim, angle }: Lens, width: number, height: number): View {
  const forward = unit([aim[0] - place[0], aim[1] - place[1], aim[2] - place[2]])
  const right = unit(cross(forward, [0, 0, 1]))
  const focal = width / 2 / Math.tan((angle * Math.PI) / 360)
  return { place, right, down: cross(forward, right), forward, focal, width, height }
}

/** Where a point falls, in pixels, and how far before the lens it is; `z` of `near` or less: nowhere. */
export function projected(
  view: View,
  [x, y, z]: Place,
): { readonly x: number; readonly y: number; readonly z: number } {
  const from: Place = [x - view.place[0], y - view.place[1], z - view.place[2]]
  const depth = dot(from, view.forward)
  const scale = view.focal / Math.max(near, depth)
  return {
    x: view.width / 2 + dot(from, view.right) * scale,
    y: view.height / 2 + dot(from, view.down) * scale,
    z: depth,
  }
}

export const dot = (a: Place, b: Place): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
export const cross = (a: Place, b: Place): Place => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
]
export function unit(a: Place): Place {
  const length = Math.hypot(...a) || 1
  return [a[0] / length, a[1] / length, a[2] / length]
}
