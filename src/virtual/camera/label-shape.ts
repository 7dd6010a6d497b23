/**
 * Label shape: an invented product's body under invented labels, for the detector's training, so that it never sees a shop's
 * own art. Kinds and sizes are drawn as in vision/training/fridge_scene.py, with cups, domed bowls and jars beside.
 */
import type { Dice } from '../world/dice.ts'
import type { LabelLook } from './look.ts'
import { addDisc, addPatch, addWall, meshBuilder, type Level, type Mesh } from './mesh.ts'
import { cushion, type Shape } from './shape.ts'
import { plainTexture, type Texture } from './texture.ts'

/** In hundredths. */
const kinds = { can: 22, bottle: 22, carton: 16, box: 12, bowl: 10, pouch: 8, cup: 6, jar: 4 } as const
type Kind = keyof typeof kinds

function kindOf(dice: Dice): Kind {
  let left = dice.uniform() * Object.values(kinds).reduce((sum, share) => sum + share, 0)
  for (const [kind, share] of Object.entries(kinds)) {
    left -= share
    if (left < 0) return kind as Kind
  }
  return 'can'
}

export function labelShape(look: LabelLook, dice: Dice): Shape {
  const plain = plainTexture(dice.between(25, 230), dice.between(25, 230), dice.between(25, 230))
  const steel = plainTexture(178, 178, 184)
  const gloss = dice.between(0.2, 1)
  const turnedBody = (
    radius: number,
    height: number,
    profile: Profile,
    label: [number, number],
    cap: Texture,
  ): Shape => ({
    mesh: turned(radius, height, profile, label, look.wrap, cap, gloss),
    width: 2 * radius,
    depth: 2 * radius,
    height,
  })
  switch (kindOf(dice)) {
    case 'can':
      return turnedBody(dice.between(0.026, 0.033), dice.between(0.1, 0.17), canProfile, [0.07, 0.9], steel)
    case 'bottle': {
      const neck = dice.between(0.34, 0.5)
      const shoulder = dice.between(0.58, 0.7)
      const profile: Profile = [
        [0, 0.9], [0.04, 1], [0.3, 1], [shoulder, 1], [shoulder + 0.2, neck], [0.9, neck * 0.95], [0.91, neck * 1.08], [1, neck * 1.05],
      ] // prettier-ignore
      const low = dice.happens(0.5) ? 0.3 : 0.04
      return turnedBody(dice.between(0.028, 0.042), dice.between(0.17, 0.26), profile, [low, shoulder], plain)
    }
    case 'bowl': {
      const dome = dice.happens(0.5)
      const profile: Profile = dome
        ? [[0, 0.7], [0.5, 0.97], [0.55, 1], [0.6, 0.95], [0.85, 0.8], [1, 0.55]] // prettier-ignore
        : [
            [0, 0.7],
            [0.9, 0.97],
            [1, 1],
          ]
      return turnedBody(dice.between(0.05, 0.085), dice.between(0.05, 0.1), profile, [0, dome ? 0.5 : 0.9], plain)
    }
    case 'cup':
      return turnedBody(dice.between(0.034, 0.046), dice.between(0.07, 0.12), [[0, 0.78], [0.92, 0.97], [0.93, 1], [1, 1]], [0, 0.92], plain) // prettier-ignore
    case 'jar':
      return turnedBody(dice.between(0.03, 0.045), dice.between(0.08, 0.14), [[0, 0.95], [0.03, 1], [0.15, 1], [0.7, 1], [0.78, 1], [0.84, 0.85], [0.86, 0.9], [1, 0.9]], [0.15, 0.7], plain) // prettier-ignore
    case 'pouch': {
      const [width, height] = [dice.between(0.09, 0.14), dice.between(0.14, 0.2)]
      const size = { width, depth: 0.42 * width, height }
      return { ...size, mesh: cushion(size, () => ({ left: 0, right: 1 }), look.front, look.back) }
    }
    case 'carton':
      return boxed(look, dice.between(0.055, 0.095), dice.between(0.05, 0.095), dice.between(0.1, 0.23), true, gloss)
    case 'box':
      return boxed(look, dice.between(0.055, 0.14), dice.between(0.03, 0.095), dice.between(0.06, 0.2), false, gloss)
  }
}

/** Height and radius, each 0 to 1, from the bottom up. */
type Profile = readonly (readonly [number, number])[]
const canProfile: Profile = [[0, 0.8], [0.07, 1], [0.9, 1], [1, 0.84]] // prettier-ignore

function turned(
  radius: number,
  height: number,
  profile: Profile,
  [low, high]: readonly [number, number],
  wrap: Texture,
  plain: Texture,
  gloss: number,
): Mesh {
  const to = meshBuilder()
  const level = (at: number, share: number): Level => ({
    z: at * height,
    halfWidth: share * radius,
    halfDepth: share * radius,
    off: 0,
  })
  const labelled = profile.filter(([at]) => at >= low - 1e-6 && at <= high + 1e-6)
  const below = profile.filter(([at]) => at <= low + 1e-6)
  const above = profile.filter(([at]) => at >= high - 1e-6)
  // The wrap is front, side and back beside each other; the front's middle is at turn 0.
  const start = -Math.PI / 3
  addWall(to, labelled.map(([at, share]) => level(at, share)), [start, start + 2 * Math.PI], (turn, { z }) => ({
    u: (turn - start) / (2 * Math.PI),
    v: 1 - (z / height - low) / (high - low),
  })) // prettier-ignore
  to.part(wrap, gloss)
  for (const rest of [below, above])
    if (rest.length > 1)
      addWall(
        to,
        rest.map(([at, share]) => level(at, share)),
        [-Math.PI, Math.PI],
        () => ({ u: 0.5, v: 0.5 }),
      )
  addDisc(to, level(1, profile.at(-1)?.[1] ?? 1), true)
  to.part(plain, gloss)
  return to.build()
}

function boxed(look: LabelLook, width: number, depth: number, height: number, gable: boolean, gloss: number): Shape {
  const to = meshBuilder()
  const [x, y] = [width / 2, depth / 2]
  const tall = gable ? height - 0.3 * depth : height
  const up = (t: number): number => t * tall
  addPatch(to, [0, -1, 0], 2, 4, (s, t) => [(2 * s - 1) * x, -y, up(t)])
  to.part(look.front, gloss)
  addPatch(to, [1, 0, 0], 2, 4, (s, t) => [x, (2 * s - 1) * y, up(t)])
  to.part(look.side, gloss)
  addPatch(to, [0, 1, 0], 2, 4, (s, t) => [(1 - 2 * s) * x, y, up(t)])
  to.part(look.back, gloss)
  addPatch(to, [-1, 0, 0], 2, 4, (s, t) => [-x, (1 - 2 * s) * y, up(t)])
  to.part(look.left, gloss)
  if (gable) {
    const rise = height - tall
    const slope: [number, number, number] = [0, -rise, y]
    addPatch(to, slope, 2, 2, (s, t) => [(2 * s - 1) * x, -y * (1 - t), tall + t * rise])
    to.part(look.front, gloss)
    addPatch(to, [0, rise, y], 2, 2, (s, t) => [(1 - 2 * s) * x, y * (1 - t), tall + t * rise])
    to.part(look.back, gloss)
    for (const side of [-1, 1]) {
      const corners = [-1, 1].map((back) => to.corner([side * x, back * side * y, tall], [side, 0, 0], 0.5, 0.5))
      to.triangle(corners[0] as number, corners[1] as number, to.corner([side * x, 0, height], [side, 0, 0], 0.5, 0.5))
    }
    to.part(plainTexture(217, 217, 204), gloss)
  } else {
    addPatch(to, [0, 0, 1], 2, 2, (s, t) => [(2 * s - 1) * x, (2 * t - 1) * y, height])
    to.part(plainTexture(217, 217, 204), gloss)
  }
  return { mesh: to.build(), width, depth, height }
}
