/** What cameras were measured to tell is told again of other visits, of any shop, and of nothing that did not happen to them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { measure } from '../../../../scripts/basket/measure.ts'
import { readRecords, type SightRecord } from '../../../../scripts/basket/records.ts'
import { sku } from '../../../../src/core/ids.ts'
import type { Sighting } from '../../../../src/core/sighting.ts'
import { loadShop } from '../../../../src/virtual/shop.ts'
import type { TrueMove } from '../../../../src/virtual/sights/draw.ts'
import { createMeasuredDrawer, readMeasured } from '../../../../src/virtual/sights/measured.ts'
import { createDice } from '../../../../src/virtual/world/dice.ts'
import { chance, randomOf } from '../../../sim/chance.ts'

const loaded = loadShop(join(import.meta.dirname, '../../../../src/virtual/products'))
if (!loaded.ok) throw new Error('the default shop loads')
const { products, shelves } = loaded.value
const folder = join(import.meta.dirname, '../../../vectors/vision/sights')
const committed = readdirSync(folder)
  .toSorted()
  .flatMap((name) => readRecords(gunzipSync(readFileSync(join(folder, name))).toString('utf8'), name))

const diceOf = (seed: number) => createDice(randomOf(chance(seed, 'measured')))
const calm = { occluded: false, foggedUntilMs: null, openedMs: 0, closedMs: 9_000 }
const take = (name: string, shelf: number, atMs: number): TrueMove => ({ direction: 'taken', sku: name, shelf, atMs })

const seen = (witness: string, told: Partial<Sighting>): Sighting => ({
  witness, direction: 'taken', shelf: 1, atMs: 1_300, candidates: [], noneProbability: 1, ...told,
}) // prettier-ignore
const witness = (id: string, kind: 'crossing' | 'shelf') => ({ id, kind, blindShare: 0, blindShelves: [] })

/** Lime was taken from the first shelf: one camera took it for its twin, the other for itself; and something was told of nothing. */
const record: SightRecord = {
  visit: 'one',
  truth: [take('pling-lime', 1, 1_000)],
  sights: {
    witnesses: [witness('left-opening', 'crossing'), { ...witness('left-shelves', 'shelf'), blindShelves: [1] }],
    sightings: [
      seen('left-opening', { shelf: 2, candidates: [{ sku: sku('pling-lemon'), probability: 0.75 }], noneProbability: 0.25 }),
      seen('left-opening', { atMs: 8_000, direction: 'returned', candidates: [], noneProbability: 1 }),
    ],
  },
} // prettier-ignore

describe('measured sights', () => {
  test('a sighting is told against its truth, and what is left over is untrue', () => {
    const { moves, visits } = measure([record], products, shelves, 'a test')
    expect(moves).toEqual([
      {
        hardship: 'plain', twins: true, ours: true, lasting: true, hiddenFrom: ['left-shelves'],
        told: [
          {
            witness: 'left-opening', kind: 'crossing', sameDirection: true, shelfOff: 1, lateMs: 300,
            candidates: [['twin0', 0.75]],
          },
        ],
      },
    ]) // prettier-ignore
    expect(visits[0]?.untrue).toMatchObject([{ witness: 'left-opening', taken: false }])
  })

  test('another product is mistaken for its own twin, on its own shelf and time', () => {
    const drawer = createMeasuredDrawer(products, shelves, measure([record], products, shelves, 'a test'))
    const { sightings, witnesses } = drawer.draw([take('ombra-cola', 2, 5_000)], calm, diceOf(1))
    expect(sightings[0]).toEqual({
      witness: 'left-opening', direction: 'taken', shelf: 3, atMs: 5_300,
      candidates: [{ sku: 'ombra-zero', probability: 0.75 }], noneProbability: 0.25,
    }) // prettier-ignore
    expect(sightings[1]).toMatchObject({ direction: 'returned', candidates: [], noneProbability: 1 })
    expect(witnesses[1]).toEqual({ id: 'left-shelves', kind: 'shelf', blindShare: 0, blindShelves: [2] })
  })

  test('the committed ones are those of the committed records, and the same dice tell the same', () => {
    const measured = readMeasured()
    expect(measure(committed, products, shelves, measured.says)).toEqual(measured)
    const drawer = createMeasuredDrawer(products, shelves, measured)
    const moves = products.map(({ sku: name, shelf }, index) => take(name, shelf, 500 * (index + 1)))
    const told = drawer.draw(moves, calm, diceOf(7))
    expect(drawer.draw(moves, calm, diceOf(7))).toEqual(told)
    expect(told.sightings.length).toBeGreaterThan(8)
    for (const { candidates, noneProbability } of told.sightings)
      expect(candidates.reduce((sum, { probability }) => sum + probability, noneProbability)).toBeCloseTo(1, 3)
  })
})
