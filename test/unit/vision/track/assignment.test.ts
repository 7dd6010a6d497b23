import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAssigner } from '../../../../vision/track/assignment.ts'

const assigner = createAssigner()

/** The least sum of costs over every way to assign as many rows as there can be. */
function leastByTrying(costs: readonly (readonly number[])[], columns: number, row = 0, used = 0): number {
  if (row === costs.length) return 0
  const free = columns - [...Array(columns).keys()].filter((column) => (used >> column) & 1).length
  let least = Infinity
  for (let column = 0; column < columns; column += 1) {
    if ((used >> column) & 1) continue
    least = Math.min(least, (costs[row]?.[column] ?? 0) + leastByTrying(costs, columns, row + 1, used | (1 << column)))
  }
  // A row may go without only where there are more rows left than columns.
  if (costs.length - row > free) least = Math.min(least, leastByTrying(costs, columns, row + 1, used))
  return least
}

const matrices = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })).chain(([rows, columns]) =>
  fc.array(
    fc.array(
      fc.oneof(
        fc.double({ min: -10, max: 10, noNaN: true }),
        // Ties, and the costs of what may not be matched.
        fc.constantFrom(0, 1, 1e5),
      ),
      { minLength: columns, maxLength: columns },
    ),
    { minLength: rows, maxLength: rows },
  ),
)

test('[VIS21] no other assignment costs less, and each column goes to one row', () => {
  fc.assert(
    fc.property(matrices, (costs) => {
      const columns = costs[0]?.length ?? 0
      const found = [...assigner.assign(Float64Array.from(costs.flat()), costs.length, columns)].slice(0, costs.length)
      const assigned = found.filter((column) => column >= 0)
      expect(assigned).toHaveLength(Math.min(costs.length, columns))
      expect(new Set(assigned).size).toBe(assigned.length)
      const sum = found.reduce((total, column, row) => total + (column < 0 ? 0 : (costs[row]?.[column] ?? NaN)), 0)
      expect(sum).toBeCloseTo(leastByTrying(costs, columns), 6)
    }),
    { numRuns: 150 },
  )
})

test('[VIS21] equal costs everywhere give each row its own column in order', () => {
  expect([...assigner.assign(new Float64Array(9).fill(0.7), 3, 3)].slice(0, 3)).toEqual([0, 1, 2])
})

test('a cost that is no number stops the process', () => {
  expect(() => assigner.assign(new Float64Array([NaN, NaN]), 1, 2)).toThrow(/finite/)
})
