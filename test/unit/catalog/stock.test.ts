import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bySku, evolve, noStock, onShelves, type Stock } from '../../../src/catalog/stock.ts'
import type { Move } from '../../../src/core/basket.ts'
import type { Event } from '../../../src/core/events.ts'
import { sku, visitId } from '../../../src/core/ids.ts'
import { minor } from '../../../src/core/money.ts'

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
