/**
 * Raster: draws meshes into a canvas with a depth buffer, perspective-true textures from averaged copies, Gouraud light,
 * and a number of its own for each thing, from which boxes are counted.
 *
 * Holds always: a pixel's value depends on the mesh, the view and the light, and not on the region that is drawn, so that a
 * part drawn anew is the same, byte for byte, as the whole drawn at once. Drawing allocates nothing once it is warm.
 */
import { near, type View } from './lens.ts'
import type { Shade } from './light.ts'
import type { Mesh } from './mesh.ts'
import type { Pose } from './pose.ts'
import type { Level, Texture } from './texture.ts'

export interface Canvas {
  readonly width: number
  readonly height: number
  /** Red in the lowest byte. */
  readonly colour: Uint32Array
  /** One over the distance before the lens; 0 is nothing. */
  readonly depth: Float32Array
  /** Which thing a pixel shows; 0 is the fridge itself. */
  readonly ids: Uint16Array
}

/** Pixels from `left` up to but not `right`. */
export interface Region {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export const blankCanvas = (width: number, height: number): Canvas => ({
  width,
  height,
  colour: new Uint32Array(width * height),
  depth: new Float32Array(width * height),
  ids: new Uint16Array(width * height),
})

export const wholeOf = ({ width, height }: { width: number; height: number }): Region => ({
  left: 0,
  top: 0,
  right: width,
  bottom: height,
})

/** Numbers of one corner: picture x, y, 1/z, u/z, v/z, light, mirrored light. */
const stride = 7

export interface Raster {
  draw(canvas: Canvas, view: View, mesh: Mesh, pose: Pose, shade: Shade, id: number, region: Region): void
}

export function createRaster(): Raster {
  let corners = new Float64Array(4096 * stride)
  /** Before the lens, for those that stand too near: x, y, z, u, v, light, mirrored. */
  let eyes = new Float64Array(4096 * stride)
  const lit = new Float64Array(2)
  const cut = new Float64Array(4 * stride)

  function place(view: View, mesh: Mesh, pose: Pose, shade: Shade): boolean {
    const count = mesh.positions.length / 3
    if (count * stride > corners.length) {
      corners = new Float64Array(count * stride)
      eyes = new Float64Array(count * stride)
    }
    const of = (index: number): number => pose[index] as number
    const [r00, r01, r02] = [of(0), of(1), of(2)]
    const [r10, r11, r12] = [of(3), of(4), of(5)]
    const [r20, r21, r22] = [of(6), of(7), of(8)]
    const [tx, ty, tz] = [of(9), of(10), of(11)]
    const [rx, ry, rz] = view.right
    const [dx, dy, dz] = view.down
    const [fx, fy, fz] = view.forward
    const [ex, ey, ez] = view.place
    const middleX = view.width / 2
    const middleY = view.height / 2
    const { focal } = view
    const { positions, normals, uvs } = mesh
    let anyNear = false
    for (let index = 0, at = 0, to = 0; index < count; index++, at += 3, to += stride) {
      const px = positions[at] as number
      const py = positions[at + 1] as number
      const pz = positions[at + 2] as number
      const x = r00 * px + r01 * py + r02 * pz + tx
      const y = r10 * px + r11 * py + r12 * pz + ty
      const z = r20 * px + r21 * py + r22 * pz + tz
      const nx = normals[at] as number
      const ny = normals[at + 1] as number
      const nz = normals[at + 2] as number
      shade(
        x, y, z,
        r00 * nx + r01 * ny + r02 * nz, r10 * nx + r11 * ny + r12 * nz, r20 * nx + r21 * ny + r22 * nz,
        lit,
      ) // prettier-ignore
      const seenX = (x - ex) * rx + (y - ey) * ry + (z - ez) * rz
      const seenY = (x - ex) * dx + (y - ey) * dy + (z - ez) * dz
      const seenZ = (x - ex) * fx + (y - ey) * fy + (z - ez) * fz
      eyes[to] = seenX
      eyes[to + 1] = seenY
      eyes[to + 2] = seenZ
      eyes[to + 3] = uvs[index * 2] as number
      eyes[to + 4] = uvs[index * 2 + 1] as number
      eyes[to + 5] = lit[0] as number
      eyes[to + 6] = lit[1] as number
      if (seenZ <= near) {
        anyNear = true
        continue
      }
      const inverse = 1 / seenZ
      corners[to] = middleX + seenX * focal * inverse
      corners[to + 1] = middleY + seenY * focal * inverse
      corners[to + 2] = inverse
      corners[to + 3] = (uvs[index * 2] as number) * inverse
      corners[to + 4] = (uvs[index * 2 + 1] as number) * inverse
      corners[to + 5] = lit[0] as number
      corners[to + 6] = lit[1] as number
    }
    return anyNear
  }

  /** The part of a triangle that is far enough before the lens, as up to two triangles. */
  function clipped(a: number, b: number, c: number, view: View, draw: (a: number, b: number, c: number) => void): void {
    const ring = [a, b, c]
    const scratch = corners.length - 4 * stride
    let kept = 0
    for (let side = 0; side < 3; side++) {
      const from = ring[side] as number
      const to = ring[(side + 1) % 3] as number
      const zFrom = eyes[from + 2] as number
      const zTo = eyes[to + 2] as number
      if (zFrom > near) {
        for (let k = 0; k < stride; k++) cut[kept * stride + k] = eyes[from + k] as number
        kept++
      }
      if (zFrom > near !== zTo > near) {
        const share = (near * 1.001 - zFrom) / (zTo - zFrom)
        for (let k = 0; k < stride; k++) {
          const start = eyes[from + k] as number
          cut[kept * stride + k] = start + share * ((eyes[to + k] as number) - start)
        }
        kept++
      }
    }
    if (kept < 3) return
    for (let index = 0; index < kept; index++) {
      const at = index * stride
      const inverse = 1 / (cut[at + 2] as number)
      const to = scratch + at
      corners[to] = view.width / 2 + (cut[at] as number) * view.focal * inverse
      corners[to + 1] = view.height / 2 + (cut[at + 1] as number) * view.focal * inverse
      corners[to + 2] = inverse
      corners[to + 3] = (cut[at + 3] as number) * inverse
      corners[to + 4] = (cut[at + 4] as number) * inverse
      corners[to + 5] = cut[at + 5] as number
      corners[to + 6] = cut[at + 6] as number
    }
    draw(scratch, scratch + stride, scratch + 2 * stride)
    if (kept === 4) draw(scratch, scratch + 2 * stride, scratch + 3 * stride)
  }

  return {
    draw(canvas, view, mesh, pose, shade, id, region) {
      // Four corners at the end are kept free for what is cut at the lens.
      if ((mesh.positions.length / 3 + 4) * stride > corners.length) {
        corners = new Float64Array((mesh.positions.length / 3 + 4) * stride)
        eyes = new Float64Array(corners.length)
      }
      const anyNear = place(view, mesh, pose, shade)
      for (const { from, to, texture, gloss } of mesh.parts) {
        for (let at = from * 3; at < to * 3; at += 3) {
          const a = (mesh.corners[at] as number) * stride
          const b = (mesh.corners[at + 1] as number) * stride
          const c = (mesh.corners[at + 2] as number) * stride
          if (anyNear) {
            const behind =
              Number((eyes[a + 2] as number) <= near) +
              Number((eyes[b + 2] as number) <= near) +
              Number((eyes[c + 2] as number) <= near)
            if (behind === 3) continue
            if (behind > 0) {
              clipped(a, b, c, view, (i, j, k) => fill(canvas, corners, i, j, k, texture, gloss, id, region))
              continue
            }
          }
          fill(canvas, corners, a, b, c, texture, gloss, id, region)
        }
      }
    },
  }
}

/** Which averaged copy fits a triangle of so many texels a pixel, each counted as an area. */
function levelFor({ levels }: Texture, texelsAPixel: number): Level {
  // A little finer than the mean, for a label is seldom seen straight.
  const level = Math.floor(0.5 * Math.log2(Math.max(1, texelsAPixel)) + 0.25)
  return levels[Math.min(level, levels.length - 1)] as Level
}

function fill(
  canvas: Canvas,
  corners: Float64Array,
  a: number,
  b: number,
  c: number,
  texture: Texture,
  gloss: number,
  id: number,
  region: Region,
): void {
  const ax = corners[a] as number
  const ay = corners[a + 1] as number
  const bx = corners[b] as number
  const by = corners[b + 1] as number
  const cx = corners[c] as number
  const cy = corners[c + 1] as number
  // Against the clock from outside is with the clock where y runs down: all else looks away.
  const area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
  if (!(area < -1e-9)) return
  const lowX = Math.min(ax, bx, cx)
  const highX = Math.max(ax, bx, cx)
  const lowY = Math.min(ay, by, cy)
  const highY = Math.max(ay, by, cy)
  if (highX < region.left || lowX > region.right || highY < region.top || lowY > region.bottom) return
  const top = Math.max(region.top, Math.ceil(lowY - 0.5))
  const bottom = Math.min(region.bottom - 1, Math.floor(highY - 0.5))
  if (top > bottom) return

  const over = 1 / area
  // Each number as a plane over the picture: value = n0 + nx * x + ny * y.
  const abx = bx - ax
  const aby = by - ay
  const acx = cx - ax
  const acy = cy - ay
  const za = corners[a + 2] as number
  const zb = (corners[b + 2] as number) - za
  const zc = (corners[c + 2] as number) - za
  const zx = (zb * acy - zc * aby) * over
  const zy = (zc * abx - zb * acx) * over
  const z0 = za - zx * ax - zy * ay
  const la = corners[a + 5] as number
  const lb = (corners[b + 5] as number) - la
  const lc = (corners[c + 5] as number) - la
  const lx = (lb * acy - lc * aby) * over
  const ly = (lc * abx - lb * acx) * over
  const l0 = la - lx * ax - ly * ay
  const ma = corners[a + 6] as number
  const mb = (corners[b + 6] as number) - ma
  const mc = (corners[c + 6] as number) - ma
  const mx = (mb * acy - mc * aby) * over
  const my = (mc * abx - mb * acx) * over
  const m0 = ma - mx * ax - my * ay

  const even = texture.levels.length === 1
  let level = texture.levels[0] as Level
  let ux = 0
  let uy = 0
  let u0 = 0
  let vx = 0
  let vy = 0
  let v0 = 0
  if (!even) {
    const ua = corners[a + 3] as number
    const ub = corners[b + 3] as number
    const uc = corners[c + 3] as number
    const va = corners[a + 4] as number
    const vb = corners[b + 4] as number
    const vc = corners[c + 4] as number
    const [ta, tb, tc] = [ua / za, ub / (zb + za), uc / (zc + za)]
    const [sa, sb, sc] = [va / za, vb / (zb + za), vc / (zc + za)]
    const covered = Math.abs((tb - ta) * (sc - sa) - (tc - ta) * (sb - sa)) * level.width * level.height
    level = levelFor(texture, covered / -area)
    ux = ((ub - ua) * acy - (uc - ua) * aby) * over * level.width
    uy = ((uc - ua) * abx - (ub - ua) * acx) * over * level.width
    u0 = ua * level.width - ux * ax - uy * ay
    vx = ((vb - va) * acy - (vc - va) * aby) * over * level.height
    vy = ((vc - va) * abx - (vb - va) * acx) * over * level.height
    v0 = va * level.height - vx * ax - vy * ay
  }
  const { colour, depth, ids, width } = canvas
  const { texels } = level
  const texWidth = level.width
  const mostU = texWidth - 1
  const mostV = level.height - 1
  const plain = texels[0] as number
  const shine = gloss * 90
  // Slopes of the edges: x of the crossing = ex + (y - ey) * slope. Inside is between the greatest left and least right.
  const abSlope = aby === 0 ? 0 : abx / aby
  const bcSlope = cy === by ? 0 : (cx - bx) / (cy - by)
  const caSlope = acy === 0 ? 0 : acx / acy

  for (let row = top; row <= bottom; row++) {
    const y = row + 0.5
    let left = lowX
    let right = highX
    // Going with the clock where y runs down is area > 0; ours is area < 0: an edge that runs down is a left edge.
    if (aby > 0) left = Math.max(left, ax + (y - ay) * abSlope)
    else if (aby < 0) right = Math.min(right, ax + (y - ay) * abSlope)
    if (cy > by) left = Math.max(left, bx + (y - by) * bcSlope)
    else if (cy < by) right = Math.min(right, bx + (y - by) * bcSlope)
    if (ay > cy) left = Math.max(left, cx + (y - cy) * caSlope)
    else if (ay < cy) right = Math.min(right, cx + (y - cy) * caSlope)
    const first = Math.max(region.left, Math.ceil(left - 0.5))
    const last = Math.min(region.right - 1, Math.floor(right - 0.5))
    const zRow = z0 + zy * y
    const lRow = l0 + ly * y
    const mRow = m0 + my * y
    const uRow = u0 + uy * y
    const vRow = v0 + vy * y
    for (let column = first, pixel = row * width + first; column <= last; column++, pixel++) {
      const x = column + 0.5
      const inverse = zRow + zx * x
      if (inverse <= (depth[pixel] as number)) continue
      depth[pixel] = inverse
      ids[pixel] = id
      const light = lRow + lx * x
      const mirrored = (mRow + mx * x) * shine
      let red: number
      let green: number
      let blue: number
      if (even) {
        red = plain & 255
        green = (plain >>> 8) & 255
        blue = plain >>> 16
      } else {
        const z = 1 / inverse
        let u = (uRow + ux * x) * z - 0.5
        let v = (vRow + vx * x) * z - 0.5
        u = u < 0 ? 0 : u > mostU ? mostU : u
        v = v < 0 ? 0 : v > mostV ? mostV : v
        const iu = u | 0
        const iv = v | 0
        const fu = ((u - iu) * 256) | 0
        const fv = ((v - iv) * 256) | 0
        const from = iv * texWidth + iu
        const beside = iu < mostU ? 1 : 0
        const below = iv < mostV ? texWidth : 0
        const t00 = texels[from] as number
        const t10 = texels[from + beside] as number
        const t01 = texels[from + below] as number
        const t11 = texels[from + below + beside] as number
        // Red and blue at once, sixteen bits apart; they never run over into each other.
        const rb0 = ((Math.imul(t00 & 0xff00ff, 256 - fu) + Math.imul(t10 & 0xff00ff, fu)) >>> 8) & 0xff00ff
        const rb1 = ((Math.imul(t01 & 0xff00ff, 256 - fu) + Math.imul(t11 & 0xff00ff, fu)) >>> 8) & 0xff00ff
        const g0 = (t00 >>> 8) & 255
        const g1 = (t01 >>> 8) & 255
        const upper = g0 * 256 + (((t10 >>> 8) & 255) - g0) * fu
        const lower = g1 * 256 + (((t11 >>> 8) & 255) - g1) * fu
        green = (upper * 256 + (lower - upper) * fv) / 65_536
        const rb = ((Math.imul(rb0, 256 - fv) + Math.imul(rb1, fv)) >>> 8) & 0xff00ff
        red = rb & 255
        blue = rb >>> 16
      }
      red = (red * light + mirrored) | 0
      green = (green * light + mirrored) | 0
      blue = (blue * light + mirrored) | 0
      colour[pixel] = ((blue > 255 ? 255 : blue) << 16) | ((green > 255 ? 255 : green) << 8) | (red > 255 ? 255 : red)
    }
  }
}
