/**
 * Eyes: what cameras would have told of each visit, drawn from the model of their errors (src/virtual/sights) and from what
 * truly moved, so that a thousand seeds stay fast. Each life of the process has its own: what an earlier one saw is lost,
 * and a visit that it did not begin is told as blind.
 */
import type { VisitId } from '../../src/core/ids.ts'
import type { Eyes } from '../../src/core/ports.ts'
import { nothingSeen, type Sights } from '../../src/core/sighting.ts'
import type { Shop } from '../../src/virtual/shop.ts'
import { createSightDrawer, type TrueMove } from '../../src/virtual/sights/draw.ts'
import { assumedErrors } from '../../src/virtual/sights/errors.ts'
import { createDice } from '../../src/virtual/world/dice.ts'
import { foreignSku, type Item, type World } from '../../src/virtual/world/world.ts'
import { chance, randomOf } from './chance.ts'

export interface EyesPorts {
  readonly seed: number
  readonly shop: Shop
  readonly world: World
  readonly nowMs: () => number
}

/** Opens the eyes of one life, as often as a life begins. */
export function createWatch({ seed, shop, world, nowMs }: EyesPorts): () => Eyes {
  const drawer = createSightDrawer(shop.products, world.shelves, assumedErrors)
  const blind: Sights = {
    witnesses: assumedErrors.cameras.map((id) => ({ id, kind: 'crossing', blindShare: 1, blindShelves: [] })),
    sightings: [],
  }
  const stood = new Map<Item, number | null>()
  let moves: TrueMove[] = []
  let beganMs = nowMs()

  function look(): void {
    for (const item of world.items()) {
      const before = stood.get(item) ?? null
      if (before === item.shelf) continue
      stood.set(item, item.shelf)
      const shelf = item.shelf ?? before
      if (shelf === null) continue
      const direction = item.shelf === null ? 'taken' : 'returned'
      moves.push({ direction, sku: item.sku === foreignSku ? null : item.sku, shelf, atMs: nowMs() })
    }
  }
  look()
  world.onChange(look)

  return () => {
    let watched: VisitId | null = null
    return {
      begin(visit) {
        if (watched === visit) return
        watched = visit
        moves = []
        beganMs = nowMs()
      },
      doorOpened() {},
      doorClosed() {},
      // What the screen shows meanwhile breaks no law, and drawing it at every glance takes its time.
      sights: () => nothingSeen,
      settle(visit) {
        if (watched !== visit) return Promise.resolve(blind)
        const dice = createDice(randomOf(chance(seed, `sights of ${visit}`)))
        const circumstances = {
          occluded: dice.happens(0.08),
          foggedUntilMs: dice.happens(0.06) ? beganMs + dice.between(4_000, 12_000) : null,
          openedMs: beganMs,
          closedMs: nowMs(),
        }
        return Promise.resolve(drawer.draw(moves, circumstances, dice))
      },
      end: () => void (watched = null),
      health: () => ({ worker: 'ready', says: null, cameras: [] }),
      subscribe: () => () => {},
      close() {},
    }
  }
}
