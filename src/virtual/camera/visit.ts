/**
 * Visit: a whole visit that is over (or planned), put before the cameras in one process, without a socket: for the
 * simulation, benchmarks and fitting. Pictures of it are then taken at any moments with `studio.picture`.
 */
import { foreignSku } from '../world/world.ts'
import { diceFor } from './seeded.ts'
import type { Stage } from './stage.ts'
import type { Conditions } from './studio.ts'

/** What was truly done, and when fingers closed or opened: as scripts/fusion and the sights' drawer tell it. */
export interface PlayedVisit {
  readonly openedMs: number
  readonly closedMs: number
  readonly acts: readonly {
    readonly direction: 'taken' | 'returned'
    /** Null is a thing that the shop does not sell. */
    readonly sku: string | null
    readonly shelf: number
    readonly atMs: number
  }[]
}

export interface Hardships {
  /** The shopper stands before the cameras. */
  readonly occluded: boolean
  /** The glass is fogged until then; null: it is not. */
  readonly foggedUntilMs: number | null
}

/** Of a camera in a bright fridge; a hand moves by a centimetre meanwhile. */
export const shutterMs = 8

/** At that moment so much of the fog is left that things begin to be seen. */
const thickest = 0.85
const seenThrough = 0.2

/**
 * Plays it on this stage, whose shelves stand as at the visit's beginning, and answers the conditions for its pictures.
 * The same seed leans the same body. Pictures are to be taken before the next visit is played.
 */
export function playVisit(
  stage: Stage,
  { openedMs, closedMs, acts }: PlayedVisit,
  { occluded, foggedUntilMs }: Hardships = { occluded: false, foggedUntilMs: null },
  seed = 1,
): Conditions {
  stage.perform({ type: 'open' }, openedMs)
  for (const { direction, sku, shelf, atMs } of acts)
    if (direction === 'taken') stage.perform({ type: 'take', sku: sku ?? foreignSku, shelf }, atMs)
    else stage.perform({ type: 'putBack', sku: sku ?? foreignSku, shelf }, atMs)
  if (occluded) {
    const dice = diceFor(seed, 'body')
    stage.lean(openedMs + 100, closedMs - 50, dice.between(-0.22, 0.22))
  }
  stage.perform({ type: 'close' }, closedMs)
  if (foggedUntilMs === null) return { shutterMs }
  const fadesMs = (foggedUntilMs - openedMs) / Math.log(thickest / seenThrough)
  return { shutterMs, fog: { peak: thickest, fadesMs: foggedUntilMs >= closedMs ? Infinity : fadesMs } }
}
