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
import { createCells, type Cells } from './cells.ts'
import { createDice, type Dice } from './dice.ts'

export interface Item {
  /** Of the shop, or of what was filled in beside it; of a thing that somebody brought along, `foreignSku`. */
  readonly sku: string
  readonly grams: number
  /** 1 is the top shelf; null is the hand of whoever stands there. */
  shelf: number | null
}

/** What the shop does not sell: pushed in by a person, taken out again by one. No shop may sell a sku like it. */
export const foreignSku = '(foreign)'

/** Of one unit, mean and one standard deviation between units. */
export type Weight = Pick<Shop['products'][number], 'weightGrams' | 'weightSpreadGrams'>

export const refusals = {
  locked: 'the door is locked',
  doorClosed: 'the door is closed',
  unknownProduct: 'the fridge has no such product',
  noneThere: 'there are not that many there',
  noneInHand: 'there is none in the hand',
  noShelf: 'the fridge has no such shelf',
  shelfFull: 'there is no room on that shelf',
  noWeight: 'nobody here knows what that product weighs: say weightGrams and weightSpreadGrams',
} as const
export type Refusal = keyof typeof refusals
export type Done = Result<null, Refusal>

export interface World {
  readonly shelves: number
  readonly cells: Cells
  /** On the shelves and in the hand. What is gone is gone. */
  items(): readonly Item[]
  doorOpen(): boolean
  boltReleased(): boolean
  /** The controller's coil: without current the bolt is locked, and snaps in when the door closes on it. */
  driveBolt(released: boolean): void
  celsius(): number
  sensorAlive(): boolean
  setSensor(alive: boolean): void
  /** Keeps the air at this, whatever door and compressor do; null leaves it to them. */
  holdAir(celsius: number | null): void
  /** The thermometer's answer, sixteenths of a degree as a DS18B20 gives them; null when it is dead. */
  thermometer(): number | null
  /** Each live cell's next code; a bit for each (see Cells.read). */
  readScales(codes: Int32Array): number
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
  /** Takes one and puts back another in its place. */
  swap(takenSku: string, returnedSku: string): Done
  /** Puts something of one's own on a shelf. It is taken with `take(foreignSku)`. */
  pushIn(grams: number, shelf: number): Done
  /** Puts fresh units on a shelf, as an operator does; of what the shop does not know, `weight` is of one unit. */
  fill(sku: string, shelf: number, count: number, weight?: Weight): Done
  /** The same, of the shop's own and onto its own shelf. */
  restock(sku: string, count: number): Done
  /** Whoever stands there goes, with what they hold. */
  leave(): readonly Item[]
  onChange(listener: () => void): void
}

/** Beyond what the planogram fills, so much fits in front. */
const spareRoom = 8

export interface WorldPorts {
  readonly shop: Shop
  readonly clock: Clock
  readonly random: Random
  /** What an earlier run of this world left; without it the shelves are full. */
  readonly items?: readonly Item[]
}

export function createWorld({ shop, clock, random, items: left }: WorldPorts): World {
  const dice = createDice(random)
  const air = createAir(clock)
  let items: Item[] = left === undefined ? full(shop, dice) : left.map((item) => ({ ...item }))
  const standing = Array.from({ length: shop.shelves }, (_, index) =>
    items.reduce((sum, { grams, shelf }) => (shelf === index + 1 ? sum + grams : sum), 0),
  )
  const cells = createCells(standing, dice)
  const products = new Map<string, Shop['products'][number]>(shop.products.map((product) => [product.sku, product]))
  const listeners: (() => void)[] = []
  let open = false
  let released = false
  let power = true
  let sensor = true

  function changed(): Done {
    for (const listener of listeners) listener()
    return ok(null)
  }

  function move(item: Item, shelf: number | null): void {
    if (item.shelf !== null) cells.load(item.shelf - 1, -item.grams, clock.nowMs())
    item.shelf = shelf
    if (shelf !== null) cells.load(shelf - 1, item.grams, clock.nowMs())
  }

  function swing(to: boolean): Done {
    open = to
    air.drawn(open, power)
    cells.slam(clock.nowMs())
    return changed()
  }

  function leave(): readonly Item[] {
    const gone = items.filter((item) => item.shelf === null)
    items = items.filter((item) => item.shelf !== null)
    return gone
  }

  function openNow(): Done {
    leave() // whoever stood here before has left with what they held
    return swing(true)
  }

  /** Why nothing more can be put on this shelf, or null. */
  function noRoom(shelf: number, count: number): Refusal | null {
    if (!Number.isInteger(shelf) || shelf < 1 || shelf > shop.shelves) return 'noShelf'
    const room = shop.products.reduce((sum, one) => (one.shelf === shelf ? sum + one.capacity : sum), spareRoom)
    return items.filter((one) => one.shelf === shelf).length + count > room ? 'shelfFull' : null
  }

  function take(sku: string, count: number, shelf?: number): Done {
    if (!open) return err('doorClosed')
    const home = products.get(sku)?.shelf
    if (home === undefined && sku !== foreignSku && !items.some((one) => one.sku === sku)) return err('unknownProduct')
    const there = items.filter(
      (item) => item.sku === sku && item.shelf !== null && (shelf ?? item.shelf) === item.shelf,
    )
    there.sort((a, b) => Number(b.shelf === home) - Number(a.shelf === home))
    if (there.length < count) return err('noneThere')
    for (const item of there.slice(0, count)) move(item, null)
    return changed()
  }

  function putBack(sku: string, shelf?: number): Done {
    if (!open) return err('doorClosed')
    const item = items.find((one) => one.sku === sku && one.shelf === null)
    const isKnown = products.has(sku) || sku === foreignSku || items.some((one) => one.sku === sku)
    if (item === undefined) return err(isKnown ? 'noneInHand' : 'unknownProduct')
    // What the shop does not know belongs beside its like.
    const beside = items.find((one) => one.sku === sku && one.shelf !== null)?.shelf
    const onto = shelf ?? products.get(sku)?.shelf ?? beside ?? shop.shelves
    const refused = noRoom(onto, 1)
    if (refused !== null) return err(refused)
    move(item, onto)
    return changed()
  }

  function bring(sku: string, grams: readonly number[], shelf: number): Done {
    if (!open) return err('doorClosed')
    const refused = noRoom(shelf, grams.length)
    if (refused !== null) return err(refused)
    for (const one of grams) {
      const item = { sku, grams: one, shelf: null }
      items.push(item)
      move(item, shelf)
    }
    return changed()
  }

  function fill(sku: string, shelf: number, count: number, weight?: Weight): Done {
    const unit = weight ?? products.get(sku)
    if (unit === undefined) return err('noWeight')
    return bring(sku, Array.from({ length: count }, () => unitGrams(unit, dice)), shelf) // prettier-ignore
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
    celsius: () => air.celsius(),
    sensorAlive: () => sensor,
    setSensor(alive) {
      sensor = alive
      changed()
    },
    holdAir(celsius) {
      air.hold(celsius)
      changed()
    },
    thermometer: () => (sensor ? Math.round(air.celsius() * 16 + 0.3 * dice.normal()) : null),
    readScales: (codes) => cells.read(codes, clock.nowMs(), air.metalCelsius(), air.compressorRuns()),
    powered: () => power,
    setPower(on) {
      power = on
      if (!on) released = false // without current the bolt falls
      air.drawn(open, power)
      changed()
    },
    openDoor: () => (open ? ok(null) : released ? openNow() : err('locked')),
    forceDoor: () => void (open || openNow()),
    closeDoor: () => (open ? swing(false) : ok(null)),
    take,
    putBack,
    swap(takenSku, returnedSku) {
      const holds = items.some(({ sku, shelf }) => sku === returnedSku && shelf === null)
      if (open && !holds) return err('noneInHand')
      const taken = take(takenSku, 1)
      return taken.ok ? putBack(returnedSku) : taken
    },
    fill,
    pushIn: (grams, shelf) => bring(foreignSku, [grams], shelf),
    restock(sku, count) {
      const product = products.get(sku)
      return product === undefined ? err('unknownProduct') : fill(sku, product.shelf, count)
    },
    leave() {
      const gone = leave()
      if (gone.length > 0) changed()
      return gone
    },
    onChange: (listener) => void listeners.push(listener),
  }
}

const full = (shop: Shop, dice: Dice): Item[] =>
  shop.products.flatMap((product) =>
    Array.from({ length: product.stock }, () => ({
      sku: product.sku,
      grams: unitGrams(product, dice),
      shelf: product.shelf,
    })),
  )

/** A unit as it left the filling line. Never below a tenth of its mean, whatever spread an owner writes. */
const unitGrams = ({ weightGrams, weightSpreadGrams }: Weight, dice: Dice): number =>
  Math.max(weightGrams / 10, weightGrams + weightSpreadGrams * dice.normal())

/** Items as counts, by product, in the order of their names. */
export function counted(items: readonly Item[]): { sku: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const { sku } of items) counts.set(sku, (counts.get(sku) ?? 0) + 1)
  return [...counts].map(([sku, count]) => ({ sku, count })).sort((a, b) => (a.sku < b.sku ? -1 : 1))
}
