/** Evidence for tests: short ways to say what stands where and what the shelves show. */
import fc from 'fast-check'
import { sku } from '../../../src/core/ids.ts'
import type { CountedSku, Evidence, WeighedProduct } from '../../../src/fusion/evidence.ts'

export const product = (
  name: string,
  weightGrams: number,
  weightSpreadGrams: number,
  shelf: number,
): WeighedProduct => ({
  sku: sku(name),
  weightGrams,
  weightSpreadGrams,
  shelf,
})

/** Everything at home, `count` of each; `changes` in grams per shelf, null for a dead cell. */
export function evidence(
  products: readonly WeighedProduct[],
  changes: readonly (number | null)[],
  count = 6,
): Evidence {
  return {
    products,
    stock: products.map(({ sku: name, shelf }) => ({ sku: name, shelf, count })),
    shelves: changes.map((change, index) => ({
      shelf: index + 1,
      beforeGrams: 8000,
      afterGrams: change === null ? null : 8000 + change,
    })),
  }
}

export const named = (lines: readonly CountedSku[]): string =>
  lines.map(({ sku: name, count }) => `${count}x${name}`).join()

/** Well apart in weight, on two shelves. */
export const apart = [
  product('cola', 352, 2.5, 1),
  product('water', 527, 3, 1),
  product('wrap', 205, 4, 2),
  product('soup', 431, 4, 2),
]
/** Two goods of one weight on shelf 1. */
export const twins = [product('lager', 348, 2.5, 1), product('radler', 348, 2.5, 1), product('wrap', 205, 4, 2)]

/** Small instances that a brute force can sum: changes are often sums of units, as in life, else anything. */
export const smallEvidence: fc.Arbitrary<Evidence> = fc
  .record({
    products: fc.array(
      fc.record({ grams: fc.integer({ min: 40, max: 400 }), spread: fc.double({ min: 0, max: 8, noNaN: true }), shelf: fc.integer({ min: 1, max: 2 }) }),
      { minLength: 1, maxLength: 3 },
    ),
    stocks: fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 2 }), fc.integer({ min: -1, max: 2 })), { maxLength: 4 }),
    changes: fc.tuple(...[0, 1].map(() => fc.record({ units: fc.array(fc.integer({ min: -2, max: 1 }), { minLength: 3, maxLength: 3 }), error: fc.oneof(fc.double({ min: -6, max: 6, noNaN: true }), fc.double({ min: -300, max: 300, noNaN: true })), dead: fc.integer({ min: 0, max: 9 }) }))),
  })
  .map(({ products, stocks, changes }) => {
    const list = products.map(({ grams, spread, shelf }, index) => product(`p${index}`, grams, spread, shelf))
    return {
      products: list,
      stock: stocks.flatMap(([index, shelf, count]) => (list[index] === undefined ? [] : [{ sku: list[index].sku, shelf, count }])),
      shelves: changes.map(({ units, error, dead }, index) => ({
        shelf: index + 1,
        beforeGrams: 5000,
        afterGrams:
          dead === 0 ? null : 5000 + error + list.reduce((sum, { weightGrams }, at) => sum + weightGrams * (units[at] ?? 0), 0),
      })),
    }
  }) // prettier-ignore
