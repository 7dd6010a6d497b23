/**
 * Hand: a shopper's hand with its arm, and how it holds a thing. Made of rounded limbs once, posed for each picture.
 * Pure: the same grip and place give the same parts.
 */
import type { Dice } from '../world/dice.ts'
import { cross, unit, type Place } from './lens.ts'
import { addDisc, addWall, meshBuilder, type Level, type Mesh } from './mesh.ts'
import { after, type Pose } from './pose.ts'
import type { Size } from './shape.ts'
import { plainTexture, type Texture } from './texture.ts'

export interface Piece {
  readonly mesh: Mesh
  readonly pose: Pose
}

/** One person's hand; right, or left when mirrored. */
export interface Hand {
  readonly mirrored: boolean
  readonly forearm: Mesh
  readonly upperArm: Mesh
  readonly sleeve: Mesh
  readonly palm: Mesh
  readonly thumb: readonly [Mesh, Mesh]
  readonly fingers: readonly (readonly [Mesh, Mesh])[]
}

export interface HandPlace {
  /** Its palm's middle. */
  readonly palm: Place
  /** Where the fingers point. */
  readonly ahead: Place
  /** About that, radians; 0 is the thumb up. */
  readonly roll: number
  /** 0 is open, 1 is closed about what it holds. */
  readonly closed: number
  /** Half of the width between fingers and thumb, metres. */
  readonly span: number
  readonly shoulder: Place
}

const fingerLength = [0.046, 0.034] as const
const forearmLength = 0.26

export function createHand(dice: Dice, mirrored: boolean): Hand {
  const tone = dice.between(0.24, 0.86)
  const red = 255 * tone
  const skin = plainTexture(red, red * dice.between(0.68, 0.8), red * dice.between(0.5, 0.66))
  const cloth = plainTexture(dice.between(15, 235), dice.between(15, 235), dice.between(15, 235))
  const bare = dice.happens(0.3)
  const finger = (size: number): readonly [Mesh, Mesh] => [
    limb(fingerLength[0] * size, 0.0098, 0.0088, skin),
    limb(fingerLength[1] * size, 0.0088, 0.0072, skin),
  ]
  return {
    mirrored,
    forearm: limb(forearmLength, 0.028, 0.042, skin),
    upperArm: limb(0.4, 0.05, 0.062, bare ? skin : cloth),
    sleeve: limb(forearmLength * (bare ? 0.1 : dice.between(0.3, 0.9)), 0.054, 0.048, bare ? skin : cloth),
    palm: limb(0.062, 0.029, 0.035, skin),
    thumb: [limb(0.042, 0.0125, 0.0108, skin), limb(0.03, 0.0108, 0.0085, skin)],
    fingers: [1, 1.08, 1, 0.8].map(finger),
  }
}

/** All of the hand at this place. */
export function piecesOf(hand: Hand, { palm, ahead, roll, closed, span, shoulder }: HandPlace): readonly Piece[] {
  const forward = unit(ahead)
  const level = unit(cross(forward, [0, 0, 1]))
  const upright = cross(level, forward)
  const [c, s] = [Math.cos(roll), Math.sin(roll)]
  const mirror = hand.mirrored ? -1 : 1
  const side = mix(level, upright, c * mirror, s)
  const up = mix(level, upright, -s * mirror, c)
  const at = (across: number, along: number, high: number): Place => [
    palm[0] + side[0] * across + forward[0] * along + up[0] * high,
    palm[1] + side[1] * across + forward[1] * along + up[1] * high,
    palm[2] + side[2] * across + forward[2] * along + up[2] * high,
  ]
  const wrist = at(0, -0.062, 0)
  const toShoulder = unit([shoulder[0] - wrist[0], shoulder[1] - wrist[1], shoulder[2] - 0.22 - wrist[2]])
  const elbow: Place = [
    wrist[0] + toShoulder[0] * forearmLength,
    wrist[1] + toShoulder[1] * forearmLength,
    wrist[2] + toShoulder[2] * forearmLength,
  ]
  const pieces: Piece[] = [
    between(hand.forearm, wrist, elbow),
    between(hand.sleeve, elbow, wrist),
    between(hand.upperArm, elbow, shoulder),
    between(hand.palm, wrist, at(0, 0, 0)),
  ]
  // Open, fingers and thumb stand a little wider than the thing; closed, they lie on it and their tips come round.
  const wide = Math.min(0.05, span) + 0.009 + 0.014 * (1 - closed)
  hand.fingers.forEach((finger, index) => {
    const high = 0.029 - index * 0.0195
    const knuckle = at(0.022, 0.022, high)
    const bend = at(wide, 0.022 + 0.046, high + 0.002)
    const tip = at(wide - 0.03 * closed + 0.004, 0.022 + 0.046 + 0.03, high + 0.002)
    pieces.push(between(finger[0], knuckle, bend), between(finger[1], bend, tip))
  })
  const root = at(-0.02, 0.002, 0.018)
  const joint = at(-wide, 0.034, 0.026)
  pieces.push(
    between(hand.thumb[0], root, joint),
    between(hand.thumb[1], joint, at(-wide + 0.012 * closed, 0.066, 0.024)),
  )
  return pieces
}

/** How the hand holds a thing of this size: where the thing's foot is, seen from the palm. */
export function heldPose(place: HandPlace, size: Size, turn: number, tip: number, lean: number, grip: number): Pose {
  const forward = unit(place.ahead)
  const away = 0.03 + Math.min(size.width, size.depth, 0.09) * 0.5
  const centre: Place = [
    place.palm[0] + forward[0] * away,
    place.palm[1] + forward[1] * away,
    place.palm[2] + forward[2] * away,
  ]
  // Turned about the grip: a height on its axis between foot and top.
  const inner = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, -size.height * grip)
  const [ct, st] = [Math.cos(turn), Math.sin(turn)]
  const [cf, sf] = [Math.cos(tip), Math.sin(tip)]
  const [cs, ss] = [Math.cos(lean), Math.sin(lean)]
  const turned = Float64Array.of(ct, -st, 0, st, ct, 0, 0, 0, 1, 0, 0, 0)
  const tipped = Float64Array.of(1, 0, 0, 0, cf, -sf, 0, sf, cf, 0, 0, 0)
  const leaned = Float64Array.of(cs, 0, ss, 0, 1, 0, -ss, 0, cs, ...centre)
  return after(leaned, after(tipped, after(turned, inner)))
}

/** A rounded limb along z, from 0 to its length, with a radius at either end. */
export function limb(length: number, from: number, to: number, skin: Texture): Mesh {
  const made = meshBuilder()
  const round = [0.15, 0.55, 1, Math.PI / 2]
  const levels: Level[] = [
    ...round.map((turn) => ring(from * Math.sin(turn), -from * 0.9 * Math.cos(turn))),
    ...round.toReversed().map((turn) => ring(to * Math.sin(turn), length + to * 0.9 * Math.cos(turn))),
  ]
  addWall(made, levels, [-Math.PI, Math.PI], () => ({ u: 0.5, v: 0.5 }))
  addDisc(made, levels[0] as Level, false)
  addDisc(made, levels.at(-1) as Level, true)
  made.part(skin, 0.12)
  return made.build()
}

const ring = (radius: number, z: number): Level => ({ z, halfWidth: radius, halfDepth: radius, off: 0 })

/** Lays a limb from `a` towards `b`, stretched to end there. */
function between(mesh: Mesh, a: Place, b: Place): Piece {
  const z = unit([b[0] - a[0], b[1] - a[1], b[2] - a[2]])
  const x = unit(cross(Math.abs(z[2]) < 0.9 ? [0, 0, 1] : [1, 0, 0], z))
  const y = cross(z, x)
  return { mesh, pose: Float64Array.of(x[0], y[0], z[0], x[1], y[1], z[1], x[2], y[2], z[2], ...a) }
}

const mix = (a: Place, b: Place, s: number, t: number): Place => [
  a[0] * s + b[0] * t,
  a[1] * s + b[1] * t,
  a[2] * s + b[2] * t,
]
