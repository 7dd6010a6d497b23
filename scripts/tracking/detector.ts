/**
 * Detector: what a detector of measured quality makes of true boxes: it misses what is hidden, trembles, is unsure of what
 * is partly seen, and sees things that are not there. Everything follows from the seed.
 */
import type { Dice } from '../../src/virtual/world/dice.ts'
import { shareWithin } from '../../vision/track/boxes.ts'
import type { TrackedDetection } from '../../vision/track/tracker.ts'
import { pictureHeight, pictureWidth, seededDice, type TrueThing } from './visit.ts'

export interface DetectorErrors {
  /** Misses of what stands in full view. */
  readonly missed: number
  /** Standard deviation of each edge, as a share of the side. */
  readonly jitter: number
  /** Things a frame that are not there. */
  readonly falseRate: number
  /** Standard deviation of a look, against the distance 1 between two products. */
  readonly lookNoise: number
}

/** Somewhat worse than the issue asks of the detector (AP50 0.90), until it is measured. */
export const assumedErrors: DetectorErrors = { missed: 0.04, jitter: 0.035, falseRate: 0.12, lookNoise: 0.5 }

const dimensions = 32
const mostProducts = 100

export interface Detector {
  look(things: readonly TrueThing[]): readonly TrackedDetection[]
}

export function createDetector(seed: number, errors: DetectorErrors): Detector {
  const dice = seededDice(seed * 31 + 7)
  const art = seededDice(4_711)
  const looks = Array.from({ length: mostProducts }, () =>
    Float32Array.from({ length: dimensions }, () => art.normal()),
  )
  return {
    look: (things) => {
      const hands = things.filter(({ kind }) => kind === 'hand')
      const told = things.flatMap((thing) => {
        const { kind, share, sku, box } = thing
        const area = box.width * box.height
        const clear = 1 / (1 + Math.exp((0.3 - share) / 0.07))
        if (!dice.happens((1 - errors.missed) * clear * Math.min(1, area / 250))) return []
        const score = Math.max(0.05, Math.min(0.99, 0.3 + 0.6 * share + 0.1 * dice.normal()))
        const shaken = {
          left: box.left + dice.normal() * errors.jitter * box.width,
          top: box.top + dice.normal() * errors.jitter * box.height,
          width: box.width * Math.exp(dice.normal() * errors.jitter),
          height: box.height * Math.exp(dice.normal() * errors.jitter),
        }
        // Only what is near a hand is looked at: the fridge has no time to embed what stands still.
        const near = kind === 'product' && hands.some((hand) => shareWithin(box, hand.box) > 0.1)
        const look = looks[sku]
        const vector = near && look !== undefined ? unitLook(look, errors.lookNoise, dice) : null
        return [{ kind, box: shaken, score, vector }]
      })
      const false_ = Array.from({ length: dice.happens(errors.falseRate) ? 1 : 0 }, () => ({
        kind: dice.happens(0.85) ? ('product' as const) : ('hand' as const),
        box: {
          left: dice.between(0, pictureWidth - 50),
          top: dice.between(0, pictureHeight - 60),
          width: dice.between(15, 50),
          height: dice.between(20, 60),
        },
        score: dice.between(0.1, 0.7),
        vector: null,
      }))
      return [...told, ...false_]
    },
  }
}

function unitLook(look: Float32Array, noise: number, dice: Dice): Float32Array {
  const shown = look.map((value) => value + noise * dice.normal())
  const length = Math.hypot(...shown)
  return shown.map((value) => value / length)
}
