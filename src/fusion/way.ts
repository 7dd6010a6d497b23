/**
 * Way: one way in which a shelf's change may have come about, and the moves that it stands for, which witnesses may have
 * seen. Made by shelf.ts and dead-shelf.ts, combined by joint.ts.
 */
import { placeOf, put, taken, unknownProduct } from './hearing.ts'
import type { Group } from './matching.ts'
import type { Change } from './oddities.ts'
import type { Question } from './question.ts'

export interface Way {
  readonly score: number
  /** The score without what witnesses may add. */
  readonly plain: number
  /** By product, at most one change each. */
  readonly changes: readonly Change[]
  /** Something else left the shelf that can't be named. */
  readonly unknown: boolean
  /** Something was put on the shelf that the catalogue does not know. */
  readonly foreignPut: boolean
  /** What is unknown came about while no witness watched, who then can't be expected to tell of it. */
  readonly unwatched: boolean
  /** Products that were taken from here, the unknown as one. */
  readonly takes: number
  /** What the way says the shelf's load changed by; null where the way does not say. */
  readonly meanGrams: number | null
}

/** The moves of a way on the shelf at `index`. Something unknown that left is one move, however much it was. */
export function groupsOf(
  { scene }: Question,
  index: number,
  { changes, unknown, foreignPut, unwatched }: Pick<Way, 'changes' | 'unknown' | 'foreignPut' | 'unwatched'>,
): Group[] {
  const groups = changes.map(({ product, count }) => ({
    place: placeOf(scene, count < 0 ? taken : put, index, product),
    count: Math.abs(count),
  }))
  if (unwatched) return groups
  const nameless = unknownProduct(scene)
  if (unknown) groups.push({ place: placeOf(scene, taken, index, nameless), count: 1 })
  if (foreignPut) groups.push({ place: placeOf(scene, put, index, nameless), count: 1 })
  return groups
}

/** The most that witnesses may add to a way. */
export const boundOf = (
  question: Question,
  index: number,
  way: Pick<Way, 'changes' | 'unknown' | 'foreignPut' | 'unwatched'>,
): number =>
  groupsOf(question, index, way).reduce((sum, { place, count }) => sum + question.testimony.bound(place, count), 0)
