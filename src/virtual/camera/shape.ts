/**
 * Shape: a product's body with its look wrapped on, from its kind, its size and the outline of its picture. The same
 * shapes as in vision/training/fridge_scene.py and a few more, as our own shop's and an owner's pictures ask for them.
 */
import type { PictureLook } from './look.ts'
import { addDisc, addPatch, addWall, meshBuilder, type Level, type Mesh, type MeshBuilder, type Wrap } from './mesh.ts'
import type { Texture } from './texture.ts'

/** Metres. */
export interface Size {
  readonly width: number
  readonly depth: number
  readonly height: number
}

export interface Shape extends Size {
  readonly mesh: Mesh
}

const round = new Set(['can', 'bottle', 'cup', 'bowl', 'jar', 'tray'])
const soft = new Set(['pouch', 'bag'])
/** Their pictures show the lid from a little above, as an ellipse: the body is as high as its middle. */
const openLidded = new Set(['can', 'cup', 'bowl', 'jar', 'tray'])

export function shapeOf(kind: string, size: Size, look: PictureLook): Shape {
  const mesh = round.has(kind)
    ? roundBody(kind, size, look)
    : soft.has(kind)
      ? cushion(size, outlineAt(look), look.front, look.front)
      : edgedBody(size, look)
  return { ...size, mesh }
}

interface Cut {
  /** 0 at the bottom, 1 at the top. */
  readonly at: number
  readonly left: number
  readonly right: number
}

/** Few heights that follow the outline within a hundredth of its width, from the bottom up. */
function cuts({ outline }: PictureLook, lidded: boolean): Cut[] {
  const rows = outline
    .map(({ left, right }, index): Cut => ({ at: 1 - (index + 0.5) / outline.length, left, right }))
    .toReversed()
  const widest = Math.max(...rows.map(({ left, right }) => right - left))
  const last = lidded ? rows.findLastIndex(({ left, right }) => right - left > 0.8 * widest) : rows.length - 1
  const inside = lidded ? rows.slice(0, Math.max(2, last + 1)) : rows
  const kept: Cut[] = []
  const follow = (from: number, to: number): void => {
    const [a, b] = [inside[from] as Cut, inside[to] as Cut]
    let [worst, index] = [0.012, -1]
    for (let between = from + 1; between < to; between++) {
      const share = (between - from) / (to - from)
      const cut = inside[between] as Cut
      const off = Math.max(
        Math.abs(cut.left - a.left - share * (b.left - a.left)),
        Math.abs(cut.right - a.right - share * (b.right - a.right)),
      )
      if (off > worst) [worst, index] = [off, between]
    }
    if (index < 0) return
    follow(from, index)
    kept.push(inside[index] as Cut)
    follow(index, to)
  }
  follow(0, inside.length - 1)
  const [first, end] = [inside[0] as Cut, inside.at(-1) as Cut]
  return [{ ...first, at: 0 }, ...kept, { ...end, at: lidded ? end.at : 1 }]
}

function outlineAt(look: PictureLook): (v: number) => { left: number; right: number } {
  return (v) =>
    look.outline[Math.min(look.outline.length - 1, Math.floor(v * look.outline.length))] ?? { left: 0, right: 1 }
}

function levelsOf({ width, depth, height }: Size, cutsUp: readonly Cut[]): Level[] {
  const widest = Math.max(...cutsUp.map(({ left, right }) => right - left))
  return cutsUp.map(({ at, left, right }) => ({
    z: at * height,
    halfWidth: Math.max(0.002, ((right - left) / widest) * (width / 2)),
    halfDepth: Math.max(0.002, ((right - left) / widest) * (depth / 2)),
    off: ((left + right) / 2 - 0.5) * (width / widest),
  }))
}

/** Its picture is the front half, and once more the back, as most labels repeat. */
function roundBody(kind: string, size: Size, look: PictureLook): Mesh {
  const to = meshBuilder()
  const up = cuts(look, openLidded.has(kind))
  const levels = levelsOf(size, up)
  const cutOf = new Map(levels.map((level, index) => [level, up[index] as Cut]))
  const wrap: Wrap = (turn, level) => {
    const { at, left, right } = cutOf.get(level) as Cut
    const folded = Math.abs(turn) <= Math.PI / 2 ? turn : turn - Math.sign(turn) * Math.PI
    // The picture is drawn as seen, a label is printed on the flat: between both, and off the very edge.
    const across = 0.75 * Math.sin(folded) + 0.25 * (folded / (Math.PI / 2))
    return { u: (left + right) / 2 + ((right - left) / 2) * across * 0.97, v: 1 - at }
  }
  addWall(to, levels, [-Math.PI, -Math.PI / 2, Math.PI / 2, Math.PI], wrap)
  to.part(look.front, kind === 'can' ? 1 : kind === 'bottle' ? 0.9 : 0.5)
  const top = levels.at(-1) as Level
  if (kind === 'bowl' || kind === 'tray') {
    // From above one sees through the lid what the picture's upper part shows.
    const cut = up.at(-1) as Cut
    const middle = (cut.left + cut.right) / 2
    addDisc(to, top, true, (x, y) => ({ u: middle + x * 0.48 * (cut.right - cut.left), v: 0.06 + 0.17 * (1 - y) }))
    to.part(look.front, 0.8)
  } else {
    addDisc(to, top, true)
    to.part(look.lid, 0.8)
  }
  return to.build()
}

/** Boxes, cartons and all else: the outline drawn backwards, as deep as it is wide there, up to the product's depth. */
function edgedBody(size: Size, look: PictureLook): Mesh {
  const to = meshBuilder()
  const up = cuts(look, false)
  const levels = levelsOf(size, up)
  for (let index = 0; index + 1 < levels.length; index++)
    addRing(
      to,
      size.depth,
      levels[index] as Level,
      levels[index + 1] as Level,
      (s, t) => {
        const [low, high] = [up[index] as Cut, up[index + 1] as Cut]
        const left = low.left + t * (high.left - low.left)
        const right = low.right + t * (high.right - low.right)
        return [left + s * (right - left), 1 - low.at - t * (high.at - low.at)]
      },
      'front',
    )
  to.part(look.front, 0.35)
  for (let index = 0; index + 1 < levels.length; index++)
    addRing(
      to,
      size.depth,
      levels[index] as Level,
      levels[index + 1] as Level,
      (s, t) => {
        const [low, high] = [up[index] as Cut, up[index + 1] as Cut]
        return [s, 1 - low.at - t * (high.at - low.at)]
      },
      'side',
    )
  to.part(look.side, 0.35)
  addTop(to, levels.at(-1) as Level)
  to.part(look.lid, 0.35)
  return to.build()
}

type Uv = (s: number, t: number) => readonly [number, number]

/** Front and back, or both sides, of an edged body between two levels. */
function addRing(to: MeshBuilder, depth: number, low: Level, high: Level, uv: Uv, which: 'front' | 'side'): void {
  const tall = Math.max(1e-4, high.z - low.z)
  const rows = tall > 0.05 ? 3 : 1
  const mix = (a: number, b: number, t: number): number => a + t * (b - a)
  const half = (level: Level): number => Math.min(level.halfDepth, depth / 2)
  const leanDepth = (half(low) - half(high)) / tall
  const leanLeft = (low.off - low.halfWidth - high.off + high.halfWidth) / tall
  const leanRight = (low.off + low.halfWidth - high.off - high.halfWidth) / tall
  const x = (s: number, t: number): number =>
    mix(low.off, high.off, t) + (2 * s - 1) * mix(low.halfWidth, high.halfWidth, t)
  const y = (t: number): number => mix(half(low), half(high), t)
  const z = (t: number): number => mix(low.z, high.z, t)
  if (which === 'front') {
    addPatch(to, [0, -1, leanDepth], 2, rows, (s, t) => [x(s, t), -y(t), z(t)], uv)
    addPatch(to, [0, 1, leanDepth], 2, rows, (s, t) => [x(1 - s, t), y(t), z(t)], uv)
  } else {
    addPatch(to, [1, 0, leanRight], 2, rows, (s, t) => [x(1, t), (2 * s - 1) * y(t), z(t)], uv)
    addPatch(to, [-1, 0, -leanLeft], 2, rows, (s, t) => [x(0, t), (1 - 2 * s) * y(t), z(t)], uv)
  }
}

function addTop(to: MeshBuilder, { z, halfWidth, halfDepth, off }: Level): void {
  addPatch(to, [0, 0, 1], 2, 2, (s, t) => [off + (2 * s - 1) * halfWidth, (2 * t - 1) * halfDepth, z])
}

/** A cushion that stands on its edge, within the outline, or within its whole rectangle. */
export function cushion(
  { width, depth, height }: Size,
  outline: (v: number) => { left: number; right: number },
  front: Texture,
  back: Texture,
): Mesh {
  const to = meshBuilder()
  const n = 12
  for (const side of [-1, 1]) {
    const thick = (s: number, t: number): number =>
      (depth / 2) * (Math.sin(Math.PI * s) * Math.sin(Math.PI * Math.min(1, t * 0.88 + 0.12))) ** 0.6
    const edge = (t: number): { left: number; right: number } => outline(Math.min(0.999, 1 - t))
    const across = (s: number, t: number): number => {
      const { left, right } = edge(t)
      return left + s * (right - left)
    }
    const corners = Array.from({ length: n + 1 }, (_, row) =>
      Array.from({ length: n + 1 }, (_, column) => {
        const [s, t] = [column / n, row / n]
        const seen = side === -1 ? s : 1 - s
        const step = 0.04
        const leanX = (thick(Math.min(1, seen + step), t) - thick(Math.max(0, seen - step), t)) / (2 * step * width)
        const leanZ = (thick(seen, Math.min(1, t + step)) - thick(seen, Math.max(0, t - step))) / (2 * step * height)
        const { left, right } = edge(t)
        const belly = thick(seen, t) * Math.sqrt(right - left)
        return to.corner(
          [(across(seen, t) - 0.5) * width, side * belly, t * height],
          [-leanX, side, -leanZ],
          // Seen from behind, left is right: the back's print is not to be mirrored.
          across(s, t),
          1 - t,
        )
      }),
    )
    for (let row = 0; row < n; row++) {
      const [low, high] = [corners[row] as number[], corners[row + 1] as number[]]
      for (let column = 0; column < n; column++)
        to.quad(low[column] as number, low[column + 1] as number, high[column + 1] as number, high[column] as number)
    }
    to.part(side === -1 ? front : back, 0.6)
  }
  return to.build()
}
