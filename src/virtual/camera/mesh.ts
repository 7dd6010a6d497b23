/**
 * Mesh: bodies of triangles in metres, and the few shapes of which all in the fridge is made. A body stands on z = 0 about
 * the z axis; its front looks to -y, towards the door. Corners run against the clock as seen from outside.
 *
 * Holds always: a mesh is whole when it is made and never changes; every triangle belongs to exactly one part.
 */
import type { Texture } from './texture.ts'

export interface Part {
  /** Triangles from here up to the next part's. */
  readonly from: number
  readonly to: number
  readonly texture: Texture
  /** 0 is paper, 1 is polished. */
  readonly gloss: number
}

export interface Mesh {
  readonly positions: Float32Array
  readonly normals: Float32Array
  /** u to the right, v down from the texture's upper edge; 0 to 1. */
  readonly uvs: Float32Array
  readonly corners: Uint16Array
  readonly parts: readonly Part[]
  /** The box about all corners: x, y, z. */
  readonly low: readonly number[]
  readonly high: readonly number[]
}

type Point = readonly [number, number, number]

/** Collects corners and triangles, part after part. */
export function meshBuilder() {
  const positions: number[] = []
  const normals: number[] = []
  const uvs: number[] = []
  const corners: number[] = []
  const parts: Part[] = []

  function corner(at: Point, normal: Point, u: number, v: number): number {
    const length = Math.hypot(...normal) || 1
    positions.push(...at)
    normals.push(normal[0] / length, normal[1] / length, normal[2] / length)
    uvs.push(u, v)
    return positions.length / 3 - 1
  }
  const triangle = (a: number, b: number, c: number): unknown => corners.push(a, b, c)

  return {
    corner,
    triangle,
    /** Four corners in a ring. */
    quad(a: number, b: number, c: number, d: number): void {
      triangle(a, b, c)
      triangle(a, c, d)
    },
    /** What was added since the last part is of this texture. */
    part(texture: Texture, gloss: number): void {
      const from = parts.at(-1)?.to ?? 0
      if (corners.length / 3 > from) parts.push({ from, to: corners.length / 3, texture, gloss })
    },
    build(): Mesh {
      if (positions.length / 3 > 65_535) throw new Error('a mesh has at most 65,535 corners')
      const low = [Infinity, Infinity, Infinity]
      const high = [-Infinity, -Infinity, -Infinity]
      positions.forEach((value, at) => {
        low[at % 3] = Math.min(low[at % 3] as number, value)
        high[at % 3] = Math.max(high[at % 3] as number, value)
      })
      return {
        positions: Float32Array.from(positions),
        normals: Float32Array.from(normals),
        uvs: Float32Array.from(uvs),
        corners: Uint16Array.from(corners),
        parts,
        low,
        high,
      }
    },
  }
}
export type MeshBuilder = ReturnType<typeof meshBuilder>

/** One level of a body: half its width and depth there, metres, and how far its middle is off the axis. */
export interface Level {
  readonly z: number
  readonly halfWidth: number
  readonly halfDepth: number
  readonly off: number
}

/** Where on a texture a point of a round body is: `turn` from its front, to the right, -pi to pi. */
export type Wrap = (turn: number, level: Level) => { readonly u: number; readonly v: number }

const around = 28

/**
 * A round body's wall between its first level and its last. `seams`: the angles between which the texture runs without a
 * break; each stretch gets corners of its own.
 */
export function addWall(to: MeshBuilder, levels: readonly Level[], seams: readonly number[], wrap: Wrap): void {
  for (let stretch = 0; stretch + 1 < seams.length; stretch++) {
    const first = seams[stretch] as number
    const last = seams[stretch + 1] as number
    const steps = Math.max(2, Math.round((around * (last - first)) / (2 * Math.PI)))
    const inside = (turn: number): number => Math.min(last - 1e-4, Math.max(first + 1e-4, turn))
    const rings = levels.map((level, index) => {
      const below = levels[Math.max(0, index - 1)] as Level
      const above = levels[Math.min(levels.length - 1, index + 1)] as Level
      const leaning = (below.halfWidth - above.halfWidth) / Math.max(1e-4, above.z - below.z)
      return Array.from({ length: steps + 1 }, (_, step) => {
        const turn = first + ((last - first) * step) / steps
        const [x, y] = [Math.sin(turn), -Math.cos(turn)]
        const { u, v } = wrap(inside(turn), level)
        const at: Point = [level.off + x * level.halfWidth, y * level.halfDepth, level.z]
        return to.corner(at, [x * level.halfDepth, y * level.halfWidth, leaning * level.halfWidth], u, v)
      })
    })
    for (let ring = 0; ring + 1 < rings.length; ring++) {
      const low = rings[ring] as number[]
      const high = rings[ring + 1] as number[]
      for (let step = 0; step < steps; step++)
        to.quad(low[step] as number, low[step + 1] as number, high[step + 1] as number, high[step] as number)
    }
  }
}

/** A round lid at this level, or a bottom. `uv`: of a point in -1..1, x to the right, y away from the door. */
export function addDisc(
  to: MeshBuilder,
  { z, halfWidth, halfDepth, off }: Level,
  up: boolean,
  uv: (x: number, y: number) => { readonly u: number; readonly v: number } = () => ({ u: 0.5, v: 0.5 }),
): void {
  const normal: Point = [0, 0, up ? 1 : -1]
  const at = (x: number, y: number): number => {
    const { u, v } = uv(x, y)
    return to.corner([off + x * halfWidth, y * halfDepth, z], normal, u, v)
  }
  const middle = at(0, 0)
  const ring = Array.from({ length: around }, (_, step) => {
    const turn = (2 * Math.PI * step) / around
    return at(Math.cos(turn), Math.sin(turn))
  })
  for (let step = 0; step < around; step++) {
    const [a, b] = [ring[step] as number, ring[(step + 1) % around] as number]
    if (up) to.triangle(middle, a, b)
    else to.triangle(middle, b, a)
  }
}

/** A flat patch as a grid, so that light may change across it: `at` and `uv` of 0..1 in both ways. */
export function addPatch(
  to: MeshBuilder,
  normal: Point,
  columns: number,
  rows: number,
  at: (s: number, t: number) => Point,
  uv: (s: number, t: number) => readonly [number, number] = (s, t) => [s, 1 - t],
): void {
  const grid = Array.from({ length: rows + 1 }, (_, row) =>
    Array.from({ length: columns + 1 }, (_, column) => {
      const [s, t] = [column / columns, row / rows]
      const [u, v] = uv(s, t)
      return to.corner(at(s, t), normal, u, v)
    }),
  )
  for (let row = 0; row < rows; row++) {
    const low = grid[row] as number[]
    const high = grid[row + 1] as number[]
    for (let column = 0; column < columns; column++)
      to.quad(low[column] as number, low[column + 1] as number, high[column + 1] as number, high[column] as number)
  }
}
