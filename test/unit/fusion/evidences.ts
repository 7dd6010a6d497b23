/** Evidence for tests: short ways to say what stands where and what the shelves show. */
import fc from 'fast-check'
import { sku } from '../../../src/core/ids.ts'
import type { Sighting, Sights, Witness } from '../../../src/core/sighting.ts'
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

/** Up to three witnesses of the products `p0` to `p2` on shelves 1 and 2, with up to four sightings in all. */
export const smallSights: fc.Arbitrary<Sights> = fc
  .record({
    witnesses: fc.array(
      fc.record({
        crossing: fc.boolean(),
        blindShare: fc.constantFrom(0, 0, 0.3, 1),
        blindShelves: fc.constantFrom([], [], [1], [2]),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    sightings: fc.array(
      fc.record({
        witness: fc.nat(2),
        direction: fc.constantFrom('taken' as const, 'taken' as const, 'returned' as const),
        shelf: fc.constantFrom(1, 2, null),
        weights: fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 4, maxLength: 4 }),
      }),
      { maxLength: 4 },
    ),
  })
  .map(({ witnesses, sightings }) => ({
    witnesses: witnesses.map(({ crossing, blindShare, blindShelves }, index): Witness => {
      return { id: `w${index}`, kind: crossing ? 'crossing' : 'shelf', blindShare, blindShelves }
    }),
    sightings: sightings
      .filter(({ witness }) => witness < witnesses.length)
      .map(({ witness, direction, shelf, weights }) => seen(`w${witness}`, direction, shelf, weights)),
  }))

/** A sighting whose last weight is that of "none of these", the others' those of p0, p1 and so on. */
export function seen(
  witness: string,
  direction: Sighting['direction'],
  shelf: number | null,
  weights: readonly number[],
): Sighting {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const shares = weights.map((weight) => (total === 0 ? 1 / weights.length : weight / total))
  return {
    witness,
    direction,
    shelf,
    atMs: null,
    candidates: shares.slice(0, -1).map((probability, index) => ({ sku: sku(`p${index}`), probability })),
    noneProbability: shares.at(-1) ?? 0,
  }
}
