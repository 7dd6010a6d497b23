/**
 * World: the physical truth of the virtual fridge: each can with a weight of its own, where it is, the door, the bolt, the
 * air. People act on it; the controller's firmware feels it; the runtime never reads it.
 *
 * Holds always: every item is on a shelf, in the hand, or gone; the door opens only while the bolt is released, unless it is
 * forced; goods move only while it is open. An action that can't be is refused and changes nothing.
 */
import type { Clock, Random } from '../../core/ports.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { Shop } from '../shop.ts'
import { createAir } from './air.ts'
import { createCells, normal, type Cells } from './cells.ts'

export interface Item {
  readonly sku: string
  readonly grams: number
  /** 1 is the top shelf; null is the hand of whoever stands there. */
  shelf: number | null
}

export const refusals = {
  locked: 'the door is locked',
  doorClosed: 'the door is closed',
  unknownProduct: 'the fridge has no such product',
  noneThere: 'there are not that many there',
  noneInHand: 'there is none in the hand',
  noShelf: 'the fridge has no such shelf',
  shelfFull: 'there is no room on that shelf',
} as const
export type Refusal = keyof typeof refusals
export type Done = Result<null, Refusal>

export interface World {
  readonly shelves: number
  readonly cells: Cells
  items(): readonly Item[]
  doorOpen(): boolean
  boltReleased(): boolean
  /** The controller's coil. */
  driveBolt(released: boolean): void
  celsius(): number
  sensorAlive(): boolean
  setSensor(alive: boolean): void
  holdAir(celsius: number): void
  powered(): boolean
  setPower(on: boolean): void
  openDoor(): Done
  /** With a crowbar. */
  forceDoor(): void
  closeDoor(): Done
  /** From this shelf, or from wherever it stands, its own shelf first. */
  take(sku: string, count: number, shelf?: number): Done
  /** Onto this shelf, or its own. */
  putBack(sku: string, shelf?: number): Done
  onChange(listener: () => void): void
}

/** Items that one shelf can hold, whatever they are. */
const room = 80

export interface WorldPorts {
  readonly shop: Shop
  readonly clock: Clock
  readonly random: Random
  /** What an earlier run of this world left; without it the shelves are full. */
  readonly items?: readonly Item[]
}

export function createWorld({ shop, clock, random, items: left }: WorldPorts): World {
  const cells = createCells(shop.shelves, random)
  const air = createAir(clock.nowMs())
  let items: Item[] = left === undefined ? full(shop, random) : left.map((item) => ({ ...item }))
  const listeners: (() => void)[] = []
  let open = false
  let released = false
  let power = true
  let sensor = true
  for (const item of items) if (item.shelf !== null) cells.load(item.shelf - 1, item.grams)

  function changed(): Done {
    for (const listener of listeners) listener()
    return ok(null)
  }

  function move(item: Item, shelf: number | null): void {
    if (item.shelf !== null) cells.load(item.shelf - 1, -item.grams)
    item.shelf = shelf
    if (shelf !== null) cells.load(shelf - 1, item.grams)
  }

  function swing(to: boolean): Done {
    open = to
    air.drawn(clock.nowMs(), open, power)
    return changed()
  }

  function openNow(): Done {
    items = items.filter((item) => item.shelf !== null) // whoever stood here before has left with what they held
    return swing(true)
  }

  return {
    shelves: shop.shelves,
    cells,
    items: () => items,
    doorOpen: () => open,
    boltReleased: () => released,
    driveBolt(now) {
      if (now === released) return
      released = now
      changed()
    },
    celsius: () => air.celsius(clock.nowMs()),
    sensorAlive: () => sensor,
    setSensor(alive) {
      sensor = alive
      changed()
    },
    holdAir(celsius) {
      sensor = true
      air.hold(celsius)
      changed()
    },
    powered: () => power,
    setPower(on) {
      power = on
      if (!on) released = false // without current the bolt falls
      air.drawn(clock.nowMs(), open, power)
      changed()
    },
    openDoor: () => (open ? ok(null) : released ? openNow() : err('locked')),
    forceDoor: () => void openNow(),
    closeDoor: () => (open ? swing(false) : ok(null)),
    take(sku, count, shelf) {
      if (!open) return err('doorClosed')
      const product = shop.products.find((one) => one.sku === sku)
      if (product === undefined) return err('unknownProduct')
      const there = items.filter(
        (item) => item.sku === sku && item.shelf !== null && (shelf ?? item.shelf) === item.shelf,
      )
      there.sort((a, b) => Number(b.shelf === product.shelf) - Number(a.shelf === product.shelf))
      if (there.length < count) return err('noneThere')
      for (const item of there.slice(0, count)) move(item, null)
      return changed()
    },
    putBack(sku, shelf) {
      if (!open) return err('doorClosed')
      const product = shop.products.find((one) => one.sku === sku)
      if (product === undefined) return err('unknownProduct')
      const item = items.find((one) => one.sku === sku && one.shelf === null)
      if (item === undefined) return err('noneInHand')
      const onto = shelf ?? product.shelf
      if (onto < 1 || onto > shop.shelves) return err('noShelf')
      if (items.filter((one) => one.shelf === onto).length >= room) return err('shelfFull')
      move(item, onto)
      return changed()
    },
    onChange: (listener) => void listeners.push(listener),
  }
}

const full = (shop: Shop, random: Random): Item[] =>
  shop.products.flatMap(({ sku, stock, weightGrams, weightSpreadGrams, shelf }) =>
    Array.from({ length: stock }, () => ({ sku, grams: weightGrams + weightSpreadGrams * normal(random), shelf })),
  )

/** Items as counts, by product, in the order of their names. */
export function counted(items: readonly Item[]): { sku: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const { sku } of items) counts.set(sku, (counts.get(sku) ?? 0) + 1)
  return [...counts].map(([sku, count]) => ({ sku, count })).sort((a, b) => (a.sku < b.sku ? -1 : 1))
}
