/**
 * Light: how bright a point is, from lamps without shadows of their own, and darkened by what a shadow would have done:
 * the deeper in the fridge and the closer under the shelf above, the darker. Pure.
 */
import type { Cabinet } from './cabinet.ts'
import type { Place } from './lens.ts'

export interface Lamp {
  readonly place: Place
  /** Light that falls on a surface right below it, 1 m away; 1 shows a label as it is printed. */
  readonly power: number
}

export interface Light {
  /** From everywhere. */
  readonly ambient: number
  readonly lamps: readonly Lamp[]
  /** How much darker the deepest corner is, 0 to 1. */
  readonly gloom: number
}

/** Softens a lamp that is near: it is a strip of diodes and no point. */
const lampSize = 0.3
const shoulder = 0.75

/** Shades one corner: diffuse share into `out[0]`, mirrored lamp into `out[1]`. Allocates nothing. */
export type Shade = (x: number, y: number, z: number, nx: number, ny: number, nz: number, out: Float64Array) => void

export function shadeBy(light: Light, cabinet: Cabinet, eye: Place): Shade {
  const lamps = light.lamps.flatMap(({ place, power }) => [...place, power])
  const front = -cabinet.depth / 2
  const [eyeX, eyeY, eyeZ] = eye
  // From the lowest up.
  const floors = cabinet.floors.toReversed()

  return (x, y, z, nx, ny, nz, out) => {
    let diffuse = light.ambient * (0.8 + 0.2 * nz)
    let mirrored = 0
    let toEyeX = eyeX - x
    let toEyeY = eyeY - y
    let toEyeZ = eyeZ - z
    const toEye = 1 / Math.sqrt(toEyeX * toEyeX + toEyeY * toEyeY + toEyeZ * toEyeZ + 1e-9)
    toEyeX *= toEye
    toEyeY *= toEye
    toEyeZ *= toEye
    for (let at = 0; at < lamps.length; at += 4) {
      const dx = (lamps[at] as number) - x
      const dy = (lamps[at + 1] as number) - y
      const dz = (lamps[at + 2] as number) - z
      const square = dx * dx + dy * dy + dz * dz
      const power = (lamps[at + 3] as number) / (square + lampSize * lampSize)
      const distance = 1 / Math.sqrt(square + 1e-9)
      const facing = (nx * dx + ny * dy + nz * dz) * distance
      // A wide lamp lights also what is turned a little away from it.
      if (facing > -0.25) diffuse += power * (0.2 + 0.8 * facing)
      const hx = dx * distance + toEyeX
      const hy = dy * distance + toEyeY
      const hz = dz * distance + toEyeZ
      const half = (nx * hx + ny * hy + nz * hz) / Math.sqrt(hx * hx + hy * hy + hz * hz + 1e-9)
      if (half > 0.8) {
        const sharp = (half - 0.8) * 5
        mirrored += power * sharp * sharp * sharp * sharp
      }
    }
    const deep = (y - front) / cabinet.depth
    if (deep > 0) {
      let ceiling = cabinet.ceiling
      let floor = floors[0] as number
      for (let at = 0; at < floors.length; at++) {
        const next = floors[at] as number
        if (next <= z + 0.01) floor = next
        else {
          ceiling = next
          break
        }
      }
      const high = Math.max(0, Math.min(1, (z - floor) / (ceiling - floor)))
      const into = Math.min(1, deep)
      const dark = 1 - light.gloom * into * (0.45 + 0.55 * high * high)
      diffuse *= dark
      mirrored *= dark * (1 - 0.7 * into)
    }
    // A sensor's shoulder: what is very bright is not lost at once.
    out[0] = diffuse > shoulder ? shoulder + 0.5 * (1 - Math.exp((shoulder - diffuse) * 2)) : diffuse
    out[1] = mirrored
  }
}
