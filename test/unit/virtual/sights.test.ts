import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadShop } from '../../../src/virtual/shop.ts'
import { createSightDrawer, lastingOf, type Circumstances, type TrueMove } from '../../../src/virtual/sights/draw.ts'
import { assumedErrors, type SightErrors } from '../../../src/virtual/sights/errors.ts'
import { looksOf } from '../../../src/virtual/sights/looks.ts'
import { createDice } from '../../../src/virtual/world/dice.ts'
import { chance, randomOf } from '../../sim/chance.ts'

const loaded = loadShop(join(import.meta.dirname, '../../../src/virtual/products'))
if (!loaded.ok) throw new Error('the default shop loads')
const { products, shelves } = loaded.value
const diceOf = (seed: number) => createDice(randomOf(chance(seed, 'sights')))
const clear: Circumstances = { occluded: false, foggedUntilMs: null, openedMs: 0, closedMs: 10_000 }
const take = (sku: string, shelf: number, atMs: number): TrueMove => ({ direction: 'taken', sku, shelf, atMs })
const putBack = (sku: string, shelf: number, atMs: number): TrueMove => ({ direction: 'returned', sku, shelf, atMs })
const perfect: SightErrors = {
  ...assumedErrors,
  crossing: {
    ...assumedErrors.crossing, hiddenShare: 0, seen: 1, flip: 0, shelfUnknown: 0, shelfWrong: 0, doubled: 0, falseRate: 0,
  },
  beforeAfter: { seen: 1, hiddenShelf: 0, hiddenKnown: 1, falseRate: 0 },
} // prettier-ignore

describe('sights drawn from errors', () => {
  test('what is told is as right as it says, and twins are harder to tell', () => {
    const looks = looksOf(products, assumedErrors)
    const dice = diceOf(1)
    let claimed = 0
    let right = 0
    const hits = { twins: 0, others: 0 }
    const asked = { twins: 0, others: 0 }
    for (let look = 0; look < 4_000; look++) {
      const product = products[dice.below(products.length)]
      const sku = dice.happens(1 / (products.length + 1)) ? null : (product?.sku ?? null)
      const { candidates, noneProbability } = looks.look(looks.subject(sku, dice), dice)
      const [best] = candidates
      if (best === undefined) throw new Error('there is always a candidate')
      const sum = candidates.reduce((total, { probability }) => total + probability, noneProbability)
      expect(sum).toBeCloseTo(1, 9)
      claimed += Math.max(best.probability, noneProbability)
      const told = best.probability > noneProbability ? best.sku : null
      if (told === sku) right++
      const kind = sku?.startsWith('pling') || sku?.startsWith('ombra') ? 'twins' : 'others'
      asked[kind]++
      if (told === sku) hits[kind]++
    }
    expect(Math.abs(claimed - right) / 4_000).toBeLessThan(0.015)
    expect(hits.twins / asked.twins).toBeLessThan(hits.others / asked.others)
    expect(right / 4_000).toBeGreaterThan(0.88)
  })

  test('cameras without error tell each move once, and what stands differently once', () => {
    const drawer = createSightDrawer(products, shelves, perfect)
    const moves = [take('knurl', 1, 1_000), take('ombra-cola', 1, 2_000), putBack('knurl', 1, 3_000)]
    const { witnesses, sightings } = drawer.draw(moves, clear, diceOf(2))
    expect(witnesses).toHaveLength(4)
    for (const { id, kind } of witnesses) {
      const told = sightings.filter(({ witness }) => witness === id).map(({ direction }) => direction)
      expect(told).toEqual(kind === 'crossing' ? ['taken', 'taken', 'returned'] : ['taken'])
    }
  })

  test('the same dice give the same sights', () => {
    const drawer = createSightDrawer(products, shelves, assumedErrors)
    const moves = [take('knurl', 1, 1_000), take('ombra-cola', 1, 2_000)]
    expect(drawer.draw(moves, clear, diceOf(3))).toEqual(drawer.draw(moves, clear, diceOf(3)))
    expect(drawer.draw(moves, clear, diceOf(3))).not.toEqual(drawer.draw(moves, clear, diceOf(4)))
  })

  test('a lens that is fogged to the end has no after, and is half blind before', () => {
    const drawer = createSightDrawer(products, shelves, assumedErrors)
    const { witnesses } = drawer.draw([], { ...clear, foggedUntilMs: clear.closedMs }, diceOf(5))
    expect(witnesses.filter(({ kind }) => kind === 'shelf').map(({ blindShare }) => blindShare)).toEqual([1, 1])
    expect(witnesses.filter(({ kind }) => kind === 'crossing').map(({ blindShare }) => blindShare)).toEqual([0.5, 0.5])
  })

  test('only what is undone at its own shelf is undone', () => {
    const wrong = [take('knurl', 1, 1), putBack('knurl', 2, 2)]
    expect(lastingOf(wrong)).toEqual(wrong)
    expect(lastingOf([...wrong, take('knurl', 2, 3)])).toEqual([take('knurl', 1, 1)])
  })
})
