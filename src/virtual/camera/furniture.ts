/**
 * Furniture: the fridge itself as meshes: walls, ceiling, frame, the room around, and each shelf with the soft shadows
 * of what stands on it. Pure.
 */
import type { Cabinet } from './cabinet.ts'
import { addPatch, meshBuilder, type Mesh } from './mesh.ts'
import { plainTexture, textureOf } from './texture.ts'

/** Colours of 0 to 255. */
export interface Finish {
  readonly walls: readonly [number, number, number]
  readonly shelves: readonly [number, number, number]
  readonly edges: readonly [number, number, number]
  readonly frame: readonly [number, number, number]
  readonly room: readonly [number, number, number]
  readonly gloss: number
}

export const plainFinish: Finish = {
  walls: [214, 217, 220],
  shelves: [196, 203, 205],
  edges: [150, 172, 168],
  frame: [58, 60, 64],
  room: [92, 86, 80],
  gloss: 0.4,
}

const edgeHeight = 0.024
const frameWidth = 0.045

/** Everything but the shelves. */
export function shell(cabinet: Cabinet, finish: Finish): Mesh {
  const { width, depth, ceiling } = cabinet
  const [x, y] = [width / 2, depth / 2]
  const bottom = -0.03
  const up = (t: number): number => bottom + t * (ceiling - bottom)
  const to = meshBuilder()
  addPatch(to, [0, -1, 0], 10, 16, (s, t) => [(2 * s - 1) * x, y, up(t)])
  addPatch(to, [1, 0, 0], 10, 16, (s, t) => [-x, (2 * s - 1) * y, up(t)])
  addPatch(to, [-1, 0, 0], 10, 16, (s, t) => [x, (1 - 2 * s) * y, up(t)])
  addPatch(to, [0, 0, -1], 8, 6, (s, t) => [(2 * s - 1) * x, (1 - 2 * t) * y, ceiling])
  to.part(plainTexture(...finish.walls), finish.gloss)
  const out = x + frameWidth
  addPatch(to, [0, -1, 0], 2, 12, (s, t) => [-out + s * frameWidth, -y, up(t)])
  addPatch(to, [0, -1, 0], 2, 12, (s, t) => [x + s * frameWidth, -y, up(t)])
  addPatch(to, [0, -1, 0], 8, 2, (s, t) => [(2 * s - 1) * out, -y, ceiling + t * frameWidth])
  addPatch(to, [0, -1, 0], 8, 2, (s, t) => [(2 * s - 1) * out, -y, bottom - 0.12 + t * 0.12])
  addPatch(to, [1, 0, 0], 4, 8, (s, t) => [out, -y + s * 0.6, up(t)])
  addPatch(to, [-1, 0, 0], 4, 8, (s, t) => [-out, -y + (1 - s) * 0.6, up(t)])
  to.part(plainTexture(...finish.frame), 0.3)
  addPatch(to, [0, 0, 1], 12, 12, (s, t) => [(2 * s - 1) * 3, -3 + t * 4.5, bottom - 0.6])
  addPatch(to, [0, -1, 0], 12, 6, (s, t) => [(2 * s - 1) * 3, y + 0.5, bottom - 0.6 + t * 3])
  to.part(plainTexture(...finish.room), 0.1)
  return to.build()
}

/** What a thing covers of a shelf's floor. */
export interface Footprint {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly depth: number
}

const grid = { columns: 96, rows: 72 } as const
/** How far a shadow reaches beyond its thing, metres. */
export const shadowReach = 0.035

/** Shelf number `shelf`, 1 at the top, with shadows under these. */
export function shelfMesh(cabinet: Cabinet, finish: Finish, shelf: number, footprints: readonly Footprint[]): Mesh {
  const { width, depth } = cabinet
  const [x, y] = [width / 2, depth / 2]
  const floor = cabinet.floors[shelf - 1] ?? 0
  const to = meshBuilder()
  addPatch(to, [0, 0, 1], 12, 9, (s, t) => [(2 * s - 1) * x, (2 * t - 1) * y, floor])
  to.part(shadows(cabinet, finish, footprints), finish.gloss)
  addPatch(to, [0, -1, 0], 12, 1, (s, t) => [(2 * s - 1) * x, -y, floor - edgeHeight * (1 - t)])
  to.part(plainTexture(...finish.edges), 0.6)
  // Its underside, for a lens that looks up at it.
  addPatch(to, [0, 0, -1], 6, 4, (s, t) => [(2 * s - 1) * x, (1 - 2 * t) * y, floor - edgeHeight])
  to.part(plainTexture(...finish.shelves), 0.1)
  return to.build()
}

function shadows(cabinet: Cabinet, finish: Finish, footprints: readonly Footprint[]) {
  const { columns, rows } = grid
  const open = new Float32Array(columns * rows).fill(1)
  for (const { x, y, width, depth } of footprints) {
    const [halfX, halfY] = [width / 2 + shadowReach, depth / 2 + shadowReach]
    const column = (at: number): number => ((at / cabinet.width + 0.5) * columns) | 0
    // The texture's first row is the deepest.
    const row = (at: number): number => ((0.5 - at / cabinet.depth) * rows) | 0
    for (let r = Math.max(0, row(y + halfY)); r <= Math.min(rows - 1, row(y - halfY)); r++)
      for (let c = Math.max(0, column(x - halfX)); c <= Math.min(columns - 1, column(x + halfX)); c++) {
        const atX = ((c + 0.5) / columns - 0.5) * cabinet.width
        const atY = (0.5 - (r + 0.5) / rows) * cabinet.depth
        const offX = Math.max(0, Math.abs(atX - x) - width * 0.4) / shadowReach
        const offY = Math.max(0, Math.abs(atY - y) - depth * 0.4) / shadowReach
        const dark = 0.55 * Math.max(0, 1 - Math.hypot(offX, offY))
        open[r * columns + c] = Math.min(open[r * columns + c] as number, 1 - dark)
      }
  }
  const pixels = new Uint8Array(columns * rows * 3)
  for (let at = 0; at < columns * rows; at++)
    for (let channel = 0; channel < 3; channel++)
      pixels[at * 3 + channel] = (finish.shelves[channel] ?? 0) * (open[at] as number)
  return textureOf(pixels, columns, rows, 3)
}
