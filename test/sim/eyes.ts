/**
 * Eyes: what cameras tell of each visit: drawn from what the real pipeline was measured to tell (src/virtual/sights) of what
 * truly moved, so that a thousand seeds stay fast; or, with `frames`, told by the real models of real pictures, while the
 * simulation's clock stands still. Each life of the process has its own: what an earlier one saw is lost, and a visit that
 * it did not begin is told as blind.
 */
import type { TamperId, VisitId } from '../../src/core/ids.ts'
import type { Eyes } from '../../src/core/ports.ts'
import { nothingSeen, type Sights } from '../../src/core/sighting.ts'
import type { Shop } from '../../src/virtual/shop.ts'
import type { Circumstances, TrueMove } from '../../src/virtual/sights/draw.ts'
import { createMeasuredDrawer, readMeasured } from '../../src/virtual/sights/measured.ts'
import { createDice } from '../../src/virtual/world/dice.ts'
import { foreignSku, type Item, type World } from '../../src/virtual/world/world.ts'
import type { FramedEyes } from '../../scripts/basket/frames.ts'
import { chance, randomOf } from './chance.ts'
import type { SimTime } from './time.ts'

export interface EyesPorts {
  readonly seed: number
  readonly shop: Shop
  readonly world: World
  readonly time: SimTime
  /** Real pictures and models; null: what they tell is drawn. */
  readonly frames: FramedEyes | null
  /** The cameras are put on for this. */
  readonly began: (watched: string) => void
}

const measured = readMeasured()

/** Opens the eyes of one life, as often as a life begins. */
export function createWatch({ seed, shop, world, time, frames, began }: EyesPorts): () => Eyes {
  const { nowMs } = time
  const drawer = createMeasuredDrawer(shop.products, world.shelves, measured)
  const blind: Sights = {
    witnesses: (measured.visits[0]?.witnesses ?? []).map(({ id, kind }) => ({
      id,
      kind,
      blindShare: 1,
      blindShelves: [],
    })),
    sightings: [],
  }
  const stood = new Map<Item, number | null>()
  let moves: TrueMove[] = []
  let before: readonly Item[] = []
  let beganMs = nowMs()
  let openedMs = beganMs

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

  /** What cameras had in sight: a door that was forced again is another visit. */
  const seenOf = ({ closedMs }: Circumstances) => ({
    openedMs,
    closedMs,
    acts: moves.filter(({ atMs }) => atMs > openedMs && atMs <= closedMs),
  })

  return () => {
    let watched: VisitId | TamperId | null = null
    return {
      begin(visit) {
        if (watched === visit) return
        watched = visit
        began(visit)
        moves = []
        before = world.items().map((item) => ({ ...item }))
        openedMs = beganMs = nowMs()
      },
      doorOpened() {
        if (moves.length === 0) openedMs = nowMs()
      },
      doorClosed() {},
      // What the screen shows meanwhile breaks no law, and drawing it at every glance takes its time.
      sights: () => nothingSeen,
      settle(visit) {
        if (watched !== visit) return Promise.resolve(blind)
        const dice = createDice(randomOf(chance(seed, `sights of ${visit}`)))
        const circumstances: Circumstances = {
          occluded: dice.happens(0.08),
          foggedUntilMs: dice.happens(0.06) ? beganMs + dice.between(4_000, 12_000) : null,
          openedMs: beganMs,
          closedMs: nowMs(),
        }
        return frames === null
          ? Promise.resolve(drawer.draw(moves, circumstances, dice))
          : time
              .outside(frames.see(before, seenOf(circumstances), circumstances, dice.below(1_000_000)))
              .then(({ sights }) => sights)
      },
      end: () => void (watched = null),
      health: () => ({ worker: 'ready', says: null, cameras: [] }),
      subscribe: () => () => {},
      close() {},
    }
  }
}
