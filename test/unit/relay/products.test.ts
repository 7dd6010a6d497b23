/** Products of a spreadsheet: what is read of a row, and what it becomes. */
import { expect, test } from 'vitest'
import type { Value } from '../../../sync/relay/sheets/google.ts'
import { planProducts, statusRanges, type Fleet, type Plan } from '../../../sync/relay/sheets/products.ts'
import type { Taken } from '../../../sync/relay/store/sheet-state.ts'

const head = ['Fridge', 'SKU', 'Name', 'Price', 'Shelf', 'Status']
const product = (sku: string, priceMinor = 100, shelf = 1) => ({ sku, priceMinor, shelf })
const fleet = (taken: readonly Taken[] = [], outcome: Fleet['outcome'] = () => undefined): Fleet => ({
  catalogues: new Map([
    ['one', [product('cola'), product('tea', 200, 2)]],
    ['two', [product('cola')]],
    ['new', null],
  ]),
  taken,
  outcome,
})
const plan = (rows: readonly (readonly Value[])[], of = fleet(), columns: readonly Value[] = head): Plan => {
  const planned = planProducts([columns, ...rows], of)
  if (typeof planned === 'string') throw new Error(planned)
  return planned
}
const statusOf = (row: readonly Value[], of = fleet()): string | undefined => plan([row], of).statuses.get(2)

test('[RL59] a price is whole cents, with a point or a comma; anything else is told', () => {
  for (const [price, priceMinor] of [
    ['1.99', 199],
    ['1,9', 190],
    [0.07, 7],
    [1.1, 110],
    [0, 0],
    [19.99, 1999],
    ['10000', 1_000_000],
  ] as const) {
    const [order] = plan([['one', 'cola', '', price]]).orders.get('one') ?? []
    expect([price, order?.order]).toEqual([price, { type: 'prices', prices: [{ sku: 'cola', priceMinor }] }])
  }
  for (const price of [1.999, '1.999', -1, '-1', '1 €', 'free', '1e3', 1e21, '10000.01', 'true', '=1+1'])
    expect([price, statusOf(['one', 'cola', '', price])]).toEqual([price, expect.stringMatching(/^error: price/)])
})

test('[RL59] each fault of a row is named, and orders nothing', () => {
  for (const [row, what] of [
    [['', 'cola', '', 1], 'no fridge'],
    [['one', '', '', 1], 'no sku'],
    [['one', 'x'.repeat(65), '', 1], 'no sku'],
    [['one', 'cola', '', '', ''], 'neither a price nor a shelf'],
    [['one', 'cola', '', '', 0], 'shelf: 0'],
    [['one', 'cola', '', '', 1.5], 'shelf: 1.5'],
    [['one', 'cola', '', '', 'top'], 'shelf: top'],
    [['none', 'cola', '', 1], 'there is no fridge none'],
    [['two', 'tea', '', 1], 'two does not sell tea'],
    [['*', 'beer', '', 1], 'no fridge sells beer'],
  ] as [Value[], string][]) {
    const planned = plan([row])
    expect(planned.statuses.get(2)).toContain(`error: ${what}`)
    expect([planned.orders.size, planned.faults.length]).toEqual([0, 1])
  }
})

test('[RL59] a row for one fridge goes before one for all, and a second one for the same is a fault', () => {
  const planned = plan([
    ['*', 'cola', '', 1.5],
    ['one', 'cola', '', 1.7],
    ['one', 'cola', '', 1.8],
    [],
    ['new', 'cola', '', 1],
  ])
  const prices = [...planned.orders].map(([fridge, orders]) => [fridge, orders.map(({ order }) => order)])
  expect(prices).toEqual([
    ['two', [{ type: 'prices', prices: [{ sku: 'cola', priceMinor: 150 }] }]],
    ['one', [{ type: 'prices', prices: [{ sku: 'cola', priceMinor: 170 }] }]],
  ])
  expect([...planned.statuses].toSorted(([a], [b]) => a - b).map(([, status]) => status)).toEqual([
    'ordered',
    'ordered',
    'error: row 3 says it too',
    '',
    'waits: new has not said yet what it sells',
  ])
})

test('[RL59] it is acted on where it changes: not when the fridge has another price since', () => {
  const taken = (value: number, command: number | null = 7): Taken[] => [{ fridge: 'one', sku: 'cola', what: 'price', value, command }] // prettier-ignore
  const said = (outcome: string | null) => () => ({ outcome, why: 'busy' })
  const row = ['one', 'cola', '', 1.5]
  expect(statusOf(row, fleet(taken(150), said(null)))).toBe('ordered')
  expect(statusOf(row, fleet(taken(150), said('refused')))).toBe('one refused: busy')
  expect(statusOf(row, fleet(taken(150), said('done')))).toBe('one has 1.00 now')
  expect(statusOf(row, fleet(taken(150)))).toBe('one has 1.00 now')
  expect(plan([row], fleet(taken(150))).orders.size).toBe(0)
  expect(plan([row], fleet(taken(140))).orders.size).toBe(1)
  const same = plan([['one', 'cola', '', 1]], fleet(taken(140)))
  expect([same.orders.size, same.settled]).toEqual([0, [{ fridge: 'one', sku: 'cola', what: 'price', value: 100, command: null }]]) // prettier-ignore
})

test('columns are found by their names, wherever they stand; a head that lacks one is told', () => {
  const other = ['status', 'note', 'price', 'sku', 'fridge']
  const planned = plan([['', 'x', 1.2, 'cola', 'two']], fleet(), other)
  expect(planned.orders.size).toBe(1)
  expect(statusRanges([other, ['', 'x', 1.2, 'cola', 'two']], planned)).toEqual([
    { range: 'Products!A2', values: [['ordered']] },
  ])
  const wide = ['fridge', 'sku', 'price', ...Array.from({ length: 24 }, () => ''), 'status']
  expect(statusRanges([wide, ['two', 'cola', 1.2]], plan([['two', 'cola', 1.2]], fleet(), wide))[0]?.range).toBe(
    'Products!AB2',
  )
  expect(planProducts([['sku', 'price']], fleet())).toBe('the first row of Products names no column fridge, status')
})

test('only a status that is another is written, run by run', () => {
  const rows: Value[][] = [
    ['one', 'cola', '', 1, '', 'in effect'],
    ['one', 'tea', '', 2, '', ''],
    ['two', 'cola', '', 1, '', 'old'],
    [],
    ['none', 'cola', '', 1],
  ]
  expect(statusRanges([head, ...rows], plan(rows))).toEqual([
    { range: 'Products!F3', values: [['in effect'], ['in effect']] },
    { range: 'Products!F6', values: [['error: there is no fridge none']] },
  ])
})

test('an order has five hundred products at most', () => {
  const skus = Array.from({ length: 1_100 }, (_, index) => `sku-${index}`)
  const big: Fleet = { ...fleet(), catalogues: new Map([['one', skus.map((one) => product(one))]]) }
  const orders = plan(skus.map((one) => ['one', one, '', 2]), big).orders.get('one') ?? [] // prettier-ignore
  expect(orders.map(({ taken }) => taken.length)).toEqual([500, 500, 100])
})
