import { describe, expect, test } from 'vitest'
import { foreignSku, counted } from '../../../src/virtual/world/world.ts'
import { createBench, shop } from './world-bench.ts'

const cola = 'ombra-cola'
const lemon = 'pling-lemon'
const milk = 'almina-milk'
const refused = (code: string) => ({ ok: false, error: code })
const done = { ok: true, value: null }

describe('the door', () => {
  test('opens only while the bolt is released, and latches when it falls', () => {
    const { world } = createBench()
    expect(world.openDoor()).toEqual(refused('locked'))
    expect(world.doorOpen()).toBe(false)
    world.driveBolt(true)
    expect(world.openDoor()).toEqual(done)
    world.driveBolt(false)
    expect(world.doorOpen()).toBe(true)
    world.closeDoor()
    expect(world.openDoor()).toEqual(refused('locked'))
  })

  test('gives way to a crowbar', () => {
    const { world } = createBench()
    world.forceDoor()
    expect(world.doorOpen()).toBe(true)
  })

  test('locks by itself when the power goes', () => {
    const { world } = createBench()
    world.driveBolt(true)
    world.setPower(false)
    expect(world.boltReleased()).toBe(false)
  })
})

describe('goods', () => {
  test('move only while the door is open, and a refused action changes nothing', () => {
    const { world } = createBench()
    const before = JSON.stringify(world.items())
    expect(world.take(cola, 1)).toEqual(refused('doorClosed'))
    expect(world.putBack(cola)).toEqual(refused('doorClosed'))
    expect(world.pushIn(300, 1)).toEqual(refused('doorClosed'))
    expect(JSON.stringify(world.items())).toBe(before)
  })

  test('every refusal has its name', () => {
    const world = createBench().entered()
    expect(world.take('cheese', 1)).toEqual(refused('unknownProduct'))
    expect(world.take(cola, 11)).toEqual(refused('noneThere'))
    expect(world.take(cola, 1, 4)).toEqual(refused('noneThere'))
    expect(world.putBack(cola)).toEqual(refused('noneInHand'))
    expect(world.putBack('cheese')).toEqual(refused('unknownProduct'))
    expect(world.swap(cola, milk)).toEqual(refused('noneInHand'))
    world.take(cola, 1)
    expect(world.putBack(cola, 9)).toEqual(refused('noShelf'))
    expect(world.putBack(cola, 1.5)).toEqual(refused('noShelf'))
  })

  test('are neither made nor lost: shelf, hand, or gone', () => {
    const { world, entered } = createBench()
    const total = world.items().length
    entered()
    world.take(cola, 3)
    world.take(milk, 1)
    world.putBack(cola, 4)
    expect(world.items()).toHaveLength(total)
    expect(counted(world.items().filter(({ shelf }) => shelf === null))).toEqual([
      { sku: milk, count: 1 },
      { sku: cola, count: 2 },
    ])
    expect(world.leave().map(({ sku }) => sku)).toEqual([cola, cola, milk])
    expect(world.items()).toHaveLength(total - 3)
  })

  test('a misplaced can is taken from where it stands, its own shelf first', () => {
    const world = createBench().entered()
    world.take(cola, 1)
    world.putBack(cola, 3)
    world.take(cola, 9)
    expect(world.items().filter(({ sku, shelf }) => sku === cola && shelf !== null)).toHaveLength(1)
    expect(world.take(cola, 1)).toEqual(done)
    expect(world.take(cola, 1)).toEqual(refused('noneThere'))
  })

  test('whoever opens next finds the hand of the one before gone', () => {
    const { world, entered } = createBench()
    entered().take(cola, 2)
    world.closeDoor()
    expect(counted(world.items().filter(({ shelf }) => shelf === null))).toEqual([{ sku: cola, count: 2 }])
    world.openDoor()
    expect(world.putBack(cola)).toEqual(refused('noneInHand'))
  })

  test('a shelf that is full takes no more', () => {
    const world = createBench().entered()
    const most = 100
    let pushed = 0
    while (pushed < most && world.pushIn(200, 1).ok) pushed++
    expect(pushed).toBeGreaterThan(0)
    expect(pushed).toBeLessThan(most)
    expect(world.pushIn(200, 1)).toEqual(refused('shelfFull'))
    expect(world.take(foreignSku, pushed)).toEqual(done)
  })

  test('a swap leaves the count on the shelves as it was', () => {
    const world = createBench().entered()
    world.take(cola, 1)
    expect(world.swap(lemon, cola)).toEqual(done)
    expect(counted(world.items().filter(({ shelf }) => shelf === null))).toEqual([{ sku: lemon, count: 1 }])
  })

  test('restocked units weigh what units weigh', () => {
    const world = createBench().entered()
    world.take(milk, 6)
    world.leave()
    const before = world.cells.grams(2)
    expect(world.restock(milk, 4)).toEqual(done)
    const product = shop.products.find(({ sku }) => sku === milk)
    const each = (world.cells.grams(2) - before) / 4
    expect(Math.abs(each - (product?.weightGrams ?? 0))).toBeLessThan(4 * (product?.weightSpreadGrams ?? 0))
  })

  test('what the shop does not know is filled in by its weight, taken, put back beside its like, and taken up again', () => {
    const first = createBench()
    expect(first.world.fill('tamarind-bar', 2, 3, { weightGrams: 93, weightSpreadGrams: 1 })).toEqual(
      refused('doorClosed'),
    )
    const world = first.entered()
    expect(world.fill('tamarind-bar', 2, 3)).toEqual(refused('noWeight'))
    expect(world.take('tamarind-bar', 1)).toEqual(refused('unknownProduct'))
    const before = world.cells.grams(1)
    expect(world.fill('tamarind-bar', 2, 3, { weightGrams: 93, weightSpreadGrams: 1 })).toEqual(done)
    expect(Math.abs(world.cells.grams(1) - before - 3 * 93)).toBeLessThan(12)
    expect(world.fill('tamarind-bar', 9, 1, { weightGrams: 93, weightSpreadGrams: 1 })).toEqual(refused('noShelf'))
    expect(world.fill('tamarind-bar', 2, 50, { weightGrams: 93, weightSpreadGrams: 1 })).toEqual(refused('shelfFull'))
    expect(world.take('tamarind-bar', 1)).toEqual(done)
    expect(world.putBack('tamarind-bar')).toEqual(done)

    const second = createBench({ items: world.items() }).entered()
    const there = (): object[] =>
      counted(second.items().filter(({ shelf, sku }) => shelf === 2 && sku === 'tamarind-bar'))
    expect(there()).toEqual([{ sku: 'tamarind-bar', count: 3 }])
    expect(second.take('tamarind-bar', 3)).toEqual(done)
    expect(there()).toEqual([])
  })

  test('an earlier run is taken up where it was left', () => {
    const first = createBench()
    first.entered().take(cola, 2)
    const second = createBench({ items: first.world.items() })
    expect(second.world.items()).toEqual(first.world.items())
    for (let shelf = 0; shelf < 4; shelf++) {
      expect(second.world.cells.grams(shelf)).toBeCloseTo(first.world.cells.grams(shelf), 6)
    }
  })

  test('the same seed is the same world, another is another', () => {
    const grams = (seed: number): number[] =>
      createBench({ seed })
        .world.items()
        .map((item) => item.grams)
    expect(grams(5)).toEqual(grams(5))
    expect(grams(5)).not.toEqual(grams(6))
  })
})
