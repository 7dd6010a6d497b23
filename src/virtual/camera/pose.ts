/** Pose: how a body is turned and where it is; three rows of a rotation and its place, the way they are multiplied out. */
import type { Place } from './lens.ts'

/** Row by row: xx xy xz, yx yy yz, zx zy zz, then x y z. */
export type Pose = Float64Array

/** Standing upright, turned about its own axis, radians. */
export function upright([x, y, z]: Place, turn: number): Pose {
  const [c, s] = [Math.cos(turn), Math.sin(turn)]
  return Float64Array.of(c, -s, 0, s, c, 0, 0, 0, 1, x, y, z)
}

/** First `inner`, then `outer`. */
export function after(outer: Pose, inner: Pose): Pose {
  const made = new Float64Array(12)
  const at = (pose: Pose, index: number): number => pose[index] as number
  for (let row = 0; row < 3; row++) {
    const [a, b, c] = [at(outer, row * 3), at(outer, row * 3 + 1), at(outer, row * 3 + 2)]
    for (let column = 0; column < 3; column++)
      made[row * 3 + column] = a * at(inner, column) + b * at(inner, 3 + column) + c * at(inner, 6 + column)
    made[9 + row] = a * at(inner, 9) + b * at(inner, 10) + c * at(inner, 11) + at(outer, 9 + row)
  }
  return made
}

/** Where a point of the body is in the room. */
export const moved = (pose: Pose, [x, y, z]: Place): Place => {
  const row = (at: number): number =>
    (pose[at * 3] as number) * x +
    (pose[at * 3 + 1] as number) * y +
    (pose[at * 3 + 2] as number) * z +
    (pose[9 + at] as number)
  return [row(0), row(1), row(2)]
}
