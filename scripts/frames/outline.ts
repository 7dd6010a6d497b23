/**
 * Outline: how many pixels a thing would fill if nothing hid it and the picture had no edge: its convex outline, as
 * vision/training/fridge_picture.py measures it. What is seen divided by it says how well a thing can be seen. Pure.
 */
import { projected, type View } from '../../src/virtual/camera/lens.ts'
import { moved } from '../../src/virtual/camera/pose.ts'
import type { Thing } from '../../src/virtual/camera/scene.ts'

type Point = readonly [number, number]

/** Pixels within the thing's convex outline; 0 where the lens is inside it. */
export function outlinePixels(view: View, { pieces }: Thing): number {
  const points: Point[] = []
  for (const { mesh, pose } of pieces)
    for (let at = 0; at < mesh.positions.length; at += 3) {
      const [x = 0, y = 0, z = 0] = mesh.positions.subarray(at, at + 3)
      const seen = projected(view, moved(pose, [x, y, z]))
      if (seen.z > 0.01) points.push([seen.x, seen.y])
    }
  const corners = hull(points.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]))
  const twice = corners.reduce((sum, a, index) => {
    const b = corners[(index + 1) % corners.length] ?? a
    return sum + a[0] * b[1] - b[0] * a[1]
  }, 0)
  return Math.abs(twice) / 2
}

/** The monotone chain: the lower side of sorted points, then the upper. */
function hull(points: readonly Point[]): readonly Point[] {
  const side = (run: readonly Point[]): Point[] => {
    const kept: Point[] = []
    for (const point of run) {
      while (kept.length >= 2 && !turnsLeft(kept.at(-2) as Point, kept.at(-1) as Point, point)) kept.pop()
      kept.push(point)
    }
    return kept.slice(0, -1)
  }
  return [...side(points), ...side(points.toReversed())]
}

const turnsLeft = (a: Point, b: Point, c: Point): boolean =>
  (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) > 0
