import { expect, test } from 'vitest'
import { withDeparting } from '../../../renderer/kiosk/screens/basket-list.tsx'

const line = (sku: string, count = 1): { sku: string; count: number; priceMinor: number } => ({
  sku,
  count,
  priceMinor: 100,
})
const seen = (rows: ReturnType<typeof withDeparting>): string[] =>
  rows.map((row) => `${row.line.sku}${row.line.count}${row.leaving ? ' leaves' : ''}`)

test('what is taken comes last, and what was there keeps its place', () => {
  const before = withDeparting([], [line('b'), line('c')])
  expect(seen(withDeparting(before, [line('a'), line('b', 2), line('c')]))).toEqual(['b2', 'c1', 'a1'])
})

test('what was put back leaves from where it stood', () => {
  const before = withDeparting([], [line('a'), line('b'), line('c')])
  expect(seen(withDeparting(before, [line('a'), line('c')]))).toEqual(['a1', 'b1 leaves', 'c1'])
})

test('what comes back while it leaves, stays', () => {
  const before = withDeparting(withDeparting([], [line('a'), line('b')]), [line('a')])
  expect(seen(withDeparting(before, [line('a'), line('b')]))).toEqual(['a1', 'b1'])
})
