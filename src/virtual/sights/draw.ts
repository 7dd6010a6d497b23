/**
 * Draw: the sights of a visit, drawn from what was truly moved and from how cameras err. Two roles a camera: one that watches
 * things cross the opening, one that compares each shelf before and after.
 * Holds always: the same moves and dice give the same sights; nothing but the errors' figures decides what is told.
 */
import type { Product } from '../../core/product.ts'
import type { Sighting, Sights, Witness } from '../../core/sighting.ts'
import type { Dice } from '../world/dice.ts'
import type { SightErrors } from './errors.ts'
import { looksOf, type Subject } from './looks.ts'

/** What somebody did with one unit. */
export interface TrueMove {
  readonly direction: 'taken' | 'returned'
  /** Null is a thing that the shop does not sell. */
  readonly sku: string | null
  readonly shelf: number
  readonly atMs: number
}

/** What made seeing hard in this visit. */
export interface Circumstances {
  /** The shopper stands before the cameras. */
  readonly occluded: boolean
  /** The glass, or the lens, is fogged until then (fridge time); null: it is not. */
  readonly foggedUntilMs: number | null
  readonly openedMs: number
  readonly closedMs: number
}

/** Two moves within this are two hands' at once. */
const atOnceMs = 350

export interface SightDrawer {
  draw(moves: readonly TrueMove[], circumstances: Circumstances, dice: Dice): Sights
}

export function createSightDrawer(products: readonly Product[], shelves: number, errors: SightErrors): SightDrawer {
  const looks = looksOf(products, errors)
  const { crossing, beforeAfter } = errors

  const poisson = (rate: number, dice: Dice): number => {
    let count = 0
    for (let left = dice.uniform(), chance = Math.exp(-rate); left > chance; count++) {
      left -= chance
      chance *= rate / (count + 1)
      if (count > 20) break
    }
    return count
  }
  /** A false sighting looks like nothing of the shop, or like any of it. */
  const nothing = (dice: Dice): Subject =>
    looks.subject(dice.happens(0.5) ? null : (products[dice.below(products.length)]?.sku ?? null), dice)
  const anyShelf = (dice: Dice): number => 1 + dice.below(shelves)

  function tellShelf(shelf: number, dice: Dice): number | null {
    if (dice.happens(crossing.shelfUnknown)) return null
    if (shelves === 1 || !dice.happens(crossing.shelfWrong)) return shelf
    return shelf === 1 ? 2 : shelf === shelves || dice.happens(0.5) ? shelf - 1 : shelf + 1
  }

  function crossings(
    id: string,
    moves: readonly (TrueMove & { subject: Subject; hidden: boolean; atOnce: boolean })[],
    { foggedUntilMs, openedMs, closedMs }: Circumstances,
    dice: Dice,
  ): { witness: Witness; sightings: Sighting[] } {
    const sightings: Sighting[] = []
    const tell = (move: TrueMove, subject: Subject): void => {
      const { candidates, noneProbability } = looks.look(subject, dice)
      const other = move.direction === 'taken' ? 'returned' : 'taken'
      sightings.push({
        witness: id,
        direction: dice.happens(crossing.flip) ? other : move.direction,
        shelf: tellShelf(move.shelf, dice),
        atMs: move.atMs + Math.round(100 * dice.normal()),
        candidates,
        noneProbability,
      })
    }
    for (const move of moves) {
      const fogged = foggedUntilMs !== null && move.atMs < foggedUntilMs
      const seen = fogged ? crossing.seenInFog : move.atOnce ? crossing.seenTwoHands : crossing.seen
      if (move.hidden || !dice.happens(seen)) continue
      tell(move, move.subject)
      if (dice.happens(crossing.doubled)) tell(move, move.subject)
    }
    for (let count = poisson(crossing.falseRate, dice); count > 0; count--) {
      const atMs = Math.round(dice.between(openedMs, closedMs))
      const direction = dice.happens(0.5) ? 'taken' : 'returned'
      tell({ direction, sku: null, shelf: anyShelf(dice), atMs }, nothing(dice))
    }
    const fogged = foggedUntilMs === null ? 0 : Math.min(foggedUntilMs, closedMs) - openedMs
    const blindShare = Math.min(1, Math.max(0, fogged / Math.max(1, closedMs - openedMs))) * (1 - crossing.seenInFog)
    return { witness: { id, kind: 'crossing', blindShare, blindShelves: [] }, sightings }
  }

  function changes(
    id: string,
    lasting: readonly (TrueMove & { subject: Subject })[],
    { foggedUntilMs, closedMs }: Circumstances,
    dice: Dice,
  ): { witness: Witness; sightings: Sighting[] } {
    // Still fogged at the end: it has no "after".
    const blind = foggedUntilMs !== null && foggedUntilMs >= closedMs
    const hidden = new Set<number>()
    const known: number[] = []
    for (let shelf = 1; shelf <= shelves; shelf++) {
      if (!dice.happens(beforeAfter.hiddenShelf)) continue
      hidden.add(shelf)
      if (dice.happens(beforeAfter.hiddenKnown)) known.push(shelf)
    }
    const tell = ({ direction, shelf }: TrueMove, subject: Subject): Sighting => ({
      witness: id,
      direction,
      shelf,
      atMs: null,
      ...looks.look(subject, dice),
    })
    const sightings: Sighting[] = []
    for (const move of lasting) {
      if (!hidden.has(move.shelf) && dice.happens(beforeAfter.seen)) sightings.push(tell(move, move.subject))
    }
    for (let count = poisson(beforeAfter.falseRate, dice); count > 0; count--) {
      const direction = dice.happens(0.5) ? 'taken' : 'returned'
      sightings.push(tell({ direction, sku: null, shelf: anyShelf(dice), atMs: 0 }, nothing(dice)))
    }
    const witness: Witness = { id, kind: 'shelf', blindShare: blind ? 1 : 0, blindShelves: known }
    return { witness, sightings: blind ? [] : sightings }
  }

  return {
    draw(moves, circumstances, dice) {
      const hiddenShare = circumstances.occluded ? crossing.occludedHiddenShare : crossing.hiddenShare
      const looked = moves.map((move) => ({
        ...move,
        subject: looks.subject(move.sku, dice),
        hidden: dice.happens(hiddenShare),
        atOnce: moves.some((other) => other !== move && Math.abs(other.atMs - move.atMs) <= atOnceMs),
      }))
      const lasting = lastingOf(looked)
      const told = errors.cameras.flatMap((camera) => [
        crossings(`${camera} crossing`, looked, circumstances, dice),
        changes(`${camera} shelves`, lasting, circumstances, dice),
      ])
      return {
        witnesses: told.map(({ witness }) => witness),
        sightings: told.flatMap(({ sightings }) => sightings),
      }
    },
  }
}

/** Without those that were undone: what is put back where it was taken from leaves nothing to be seen. */
export function lastingOf<Move extends TrueMove>(moves: readonly Move[]): Move[] {
  const lasting: Move[] = []
  for (const move of moves) {
    const undone = lasting.findLastIndex(
      (earlier) => earlier.sku === move.sku && earlier.shelf === move.shelf && earlier.direction !== move.direction,
    )
    if (undone >= 0) lasting.splice(undone, 1)
    else lasting.push(move)
  }
  return lasting
}
