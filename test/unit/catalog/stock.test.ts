import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bySku, evolve, noStock, onShelves, type Stock } from '../../../src/catalog/stock.ts'
import type { Move } from '../../../src/core/basket.ts'
import type { Event } from '../../../src/core/events.ts'
import { sku, visitId } from '../../../src/core/ids.ts'
import { minor } from '../../../src/core/money.ts'
import { pear } from './pear.ts'

const cola = sku('cola')
const visit = visitId('v')
const counted = (count: number, shelf = 1): Event => ({
  type: 'StockCounted',
  sku: cola,
  shelf,
  count,
  by: 'Op',
  reason: 'count',
})
const resolved = (moves: Move[]): Event => ({
  type: 'BasketResolved', visit, lines: [], moves, totalMinor: minor(0), probability: 1, before: [], after: [],
}) // prettier-ignore
const doubted = (likelyMoves: Move[]): Event => ({
  type: 'ReviewOpened', visit, cause: 'evidence', sureLines: [], likelyLines: [], likelyMoves, probability: 0.5, runnerUp: [],
  before: [], after: [], decideByMs: 0,
}) // prettier-ignore
const decided = (moves: Move[]): Event => ({ type: 'ReviewDecided', visit, lines: [], moves, by: 'Op', reason: 'seen' })
const fold = (...events: Event[]): Stock => events.reduce(evolve, noStock)
const take = (count: number, shelf = 1): Move => ({ sku: cola, shelf, count: -count })

test('[K2] a can put back on another shelf is believed there', () => {
  const stock = fold(counted(8), resolved([take(1), { sku: cola, shelf: 3, count: 1 }]))
  expect(onShelves(stock)).toEqual([
    { sku: cola, shelf: 1, count: 7 },
    { sku: cola, shelf: 3, count: 1 },
  ])
  expect(bySku(stock).get(cola)).toBe(8)
})

test('[K2] a doubtful visit counts as is likeliest, until its verdict says better', () => {
  expect(bySku(fold(counted(8), doubted([take(2)]))).get(cola)).toBe(6)
  expect(bySku(fold(counted(8), doubted([take(2)]), decided([take(1)]))).get(cola)).toBe(7)
  expect(bySku(fold(counted(8), doubted([take(2)]), { type: 'ReviewLapsed', visit })).get(cola)).toBe(6)
})

test('[K10] what was billed as one of two may still stand there, until somebody counts; what is shown is what is booked', () => {
  const either = resolved([take(1)])
  if (either.type !== 'BasketResolved') throw new Error('it is one')
  const billed = { ...either, lines: [{ sku: cola, count: 1, priceMinor: minor(250), or: [sku('lime')] }] }
  const stock = fold(counted(1), counted(4, 2), billed)
  expect(bySku(stock).get(cola)).toBe(4)
  expect(onShelves(stock)).toEqual([
    { sku: cola, shelf: 1, count: 1 },
    { sku: cola, shelf: 2, count: 4 },
  ])
  expect(onShelves(fold(counted(1), billed, billed)).map(({ count }) => count)).toEqual([2])
  expect(onShelves(fold(counted(1), billed, counted(0)))).toEqual([])
  expect(onShelves(fold(counted(1), either))).toEqual([])
})

test('[K3] more sold than was believed is a difference in the books, not a shelf with less than none', () => {
  const stock = fold(counted(1), resolved([take(2)]))
  expect(onShelves(stock)).toEqual([])
  expect(bySku(stock).get(cola)).toBe(0)
  expect(bySku(fold(counted(1), resolved([take(2)]), resolved([{ sku: cola, shelf: 1, count: 3 }]))).get(cola)).toBe(2)
})

test('[K1] whatever is counted, sold and put back, the books add up', () => {
  const count = fc.integer({ min: 0, max: 9 }).map((n) => counted(n))
  const sale = fc.integer({ min: -3, max: 3 }).map((n) => resolved([{ sku: cola, shelf: 1, count: n }]))
  fc.assert(
    fc.property(fc.array(fc.oneof(count, sale)), (events) => {
      let expected = 0
      for (const event of events)
        if (event.type === 'StockCounted') expected = event.count
        else if (event.type === 'BasketResolved') expected += event.moves[0]?.count ?? 0
      expect(bySku(fold(...events)).get(cola) ?? 0).toBe(Math.max(0, expected))
    }),
  )
})

const adopted = (currency: 'EUR' | 'GBP' = 'EUR', ...skus: string[]): Event => ({
  type: 'CatalogueAdopted',
  hash: currency,
  currency,
  products: [cola, ...skus.map(sku)].map((one) => ({
    sku: one,
    priceMinor: minor(150),
    weightGrams: 350,
    weightSpreadGrams: 3,
    shelf: 1,
  })),
})
const defined = (parts: Partial<typeof pear> = {}): Event => ({
  type: 'ProductDefined',
  product: { ...pear, ...parts },
})

test('[K7] a defined product is sold beside the catalogue`s; an edit changes what it is, never its price or place', () => {
  const pearOf = (...events: Event[]) =>
    fold(adopted(), ...events).catalogue?.products.find((one) => one.sku === pear.sku)
  expect(pearOf(defined())).toEqual({
    sku: pear.sku,
    priceMinor: 230,
    weightGrams: 260,
    weightSpreadGrams: 2,
    shelf: 2,
  })
  const heavier = defined({ weightGrams: 270, priceMinor: minor(999), shelf: 4 })
  expect(pearOf(defined(), heavier)).toMatchObject({ weightGrams: 270, priceMinor: 230, shelf: 2 })
  const set: Event[] = [
    { type: 'PricesSet', prices: [{ sku: pear.sku, priceMinor: minor(199) }] },
    { type: 'PlacesSet', places: [{ sku: pear.sku, shelf: 3 }] },
  ]
  expect(pearOf(defined(), ...set, heavier)).toMatchObject({ weightGrams: 270, priceMinor: 199, shelf: 3 })
  // Another catalogue, with a product of its own of that name: the relay's word stands.
  expect(pearOf(defined(), ...set, adopted('EUR', 'pear'))).toMatchObject({
    weightGrams: 260,
    priceMinor: 199,
    shelf: 3,
  })
  expect(pearOf(defined(), adopted('GBP'))).toBeUndefined()
})

test('[K8] what is withdrawn is weighed and priced while it stands there, and is as it was when it is offered again', () => {
  const withdrawn: Event = { type: 'OffersSet', offers: [{ sku: pear.sku, offered: false }] }
  const stock = fold(adopted(), defined(), counted(3), withdrawn)
  expect([...stock.withdrawn]).toEqual([pear.sku])
  expect(stock.catalogue?.products.map((one) => one.sku)).toEqual([cola, pear.sku])
  const again = fold(adopted(), defined(), counted(3), withdrawn, {
    type: 'OffersSet',
    offers: [{ sku: pear.sku, offered: true }],
  })
  expect(again).toEqual(fold(adopted(), defined(), counted(3)))
})
