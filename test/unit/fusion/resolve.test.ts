import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sku } from '../../../src/core/ids.ts'
import type { Evidence } from '../../../src/fusion/evidence.ts'
import { defaultParameters } from '../../../src/fusion/parameters.ts'
import { resolveBasket } from '../../../src/fusion/resolve.ts'
import { brutePosterior } from './brute-force.ts'
import { apart, evidence, named, product, smallEvidence, twins } from './evidences.ts'

const wide = { ...defaultParameters, windowNats: 40, maxJointWays: 1e6, maxVisits: 1e7, maxWays: 1e6 }

describe('against brute force', () => {
  test('[FU2] the whole window gives the posterior to the last digits', () => {
    fc.assert(
      fc.property(smallEvidence, (instance) => {
        const resolution = resolveBasket(instance, wide)
        const brute = brutePosterior(instance, wide)
        const best = Math.max(...brute.withUnknown.values())
        expect(brute.withUnknown.get(named(resolution.lines))).toBeCloseTo(best, 9)
        expect(resolution.probability).toBeCloseTo(brute.whole.get(named(resolution.lines)) ?? 0, 9)
        expect(resolution.unknownProbability).toBeCloseTo(brute.unknown, 9)
        const others = [...brute.whole].filter(([name]) => name !== named(resolution.lines)).map(([, p]) => p)
        expect(resolution.runnerUp?.probability ?? 0).toBeCloseTo(Math.max(0, ...others), 9)
      }),
      { numRuns: 300 },
    )
  })

  test('[FU20] the most probable baskets are told, best first, and no more than are asked for', () => {
    fc.assert(
      fc.property(smallEvidence, fc.integer({ min: 0, max: 20 }), (instance, mostBaskets) => {
        const { baskets } = resolveBasket(instance, { ...wide, mostBaskets })
        const brute = [...brutePosterior(instance, wide).whole]
        const ranked = brute.map(([, probability]) => probability).sort((a, b) => b - a)
        expect(baskets.length).toBeLessThanOrEqual(mostBaskets)
        if (baskets.length < mostBaskets) expect(ranked[baskets.length] ?? 0).toBeLessThan(1e-9)
        for (const [index, { lines, probability }] of baskets.entries()) {
          expect(probability).toBeCloseTo(ranked[index] ?? 0, 9)
          expect(probability).toBeCloseTo(new Map(brute).get(named(lines)) ?? 0, 9)
        }
      }),
      { numRuns: 100 },
    )
  })

  test('[FU2] [FU9] the default window loses less than a thousandth', () => {
    fc.assert(
      fc.property(smallEvidence, (instance) => {
        const resolution = resolveBasket(instance)
        const brute = brutePosterior(instance, defaultParameters)
        expect(Math.abs(resolution.probability - (brute.whole.get(named(resolution.lines)) ?? 0))).toBeLessThan(1e-3)
        for (const { sku: name, count } of resolution.sure) {
          expect(brute.atLeast.get(`${name} ${count}`)).toBeGreaterThan(defaultParameters.sureThreshold - 1e-3)
          expect(brute.atLeast.get(`${name} ${count + 1}`) ?? 0).toBeLessThan(defaultParameters.sureThreshold + 1e-3)
        }
        for (const [name, probability] of brute.atLeast) {
          const [text, n] = name.split(' ')
          if (probability < defaultParameters.sureThreshold + 1e-3) continue
          expect(resolution.sure.find((line) => line.sku === text)?.count ?? 0).toBeGreaterThanOrEqual(Number(n))
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('whatever the evidence', () => {
  test('[FU1] the order of the lists changes nothing', () => {
    const shuffled = smallEvidence.chain((instance) =>
      fc
        .tuple(
          fc.shuffledSubarray([...instance.products], { minLength: instance.products.length }),
          fc.shuffledSubarray([...instance.stock], { minLength: instance.stock.length }),
          fc.shuffledSubarray([...instance.shelves], { minLength: instance.shelves.length }),
        )
        .map(([products, stock, shelves]): [Evidence, Evidence] => [instance, { products, stock, shelves }]),
    )
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        expect(resolveBasket(other)).toEqual(resolveBasket(one))
      }),
    )
  })

  test('[FU4] [FU13] the moves explain the lines, and nothing is put down that was not taken up', () => {
    fc.assert(
      fc.property(smallEvidence, (instance) => {
        const { lines, moves, unknownProbability } = resolveBasket(instance)
        expect(lines.every(({ count }) => count > 0)).toBe(true)
        expect(moves.every(({ count }) => count !== 0)).toBe(true)
        if (unknownProbability > 0) return // what was put down may have come from where we can't tell
        for (const { sku: name } of instance.products) {
          const taken = moves.filter((move) => move.sku === name).reduce((sum, { count }) => sum - count, 0)
          expect(taken).toBe(lines.find((line) => line.sku === name)?.count ?? 0)
        }
      }),
    )
  })

  test('[FU9] nothing is sure that is not in the basket when the basket is', () => {
    fc.assert(
      fc.property(smallEvidence, (instance) => {
        const { lines, sure, probability } = resolveBasket(instance)
        if (probability >= defaultParameters.sureThreshold) expect(sure).toEqual(lines)
      }),
    )
  })
})

describe('one visit', () => {
  test('[FU3] no change is nothing taken', () => {
    const resolution = resolveBasket(evidence(apart, [0.8, -0.6]))
    expect(resolution).toMatchObject({ lines: [], moves: [], sure: [], exhausted: false })
    expect(resolution.probability).toBeGreaterThan(0.99)
  })

  test('takes of several kinds are named with their moves', () => {
    const resolution = resolveBasket(evidence(apart, [-352 - 527 + 2, -205 * 2 - 3]))
    expect(named(resolution.lines)).toBe('1xcola,1xwater,2xwrap')
    expect(resolution.moves).toEqual([
      { sku: 'cola', shelf: 1, count: -1 },
      { sku: 'water', shelf: 1, count: -1 },
      { sku: 'wrap', shelf: 2, count: -2 },
    ])
    expect(resolution.sure).toEqual(resolution.lines)
    expect(resolution.unexplainedGrams).toEqual([
      { shelf: 1, grams: expect.closeTo(2, 6) },
      { shelf: 2, grams: expect.closeTo(-3, 6) },
    ])
  })

  test('[FU4] a can set down on the wrong shelf is not sold', () => {
    const resolution = resolveBasket(evidence(apart, [-352, 351]))
    expect(resolution.lines).toEqual([])
    expect(resolution.moves).toEqual([
      { sku: 'cola', shelf: 1, count: -1 },
      { sku: 'cola', shelf: 2, count: 1 },
    ])
    expect(resolution.probability).toBeGreaterThan(0.97)
  })

  test('[FU4] what appears on a shelf without leaving another is a foreign thing, not a product brought along', () => {
    const resolution = resolveBasket(evidence(apart, [0, 352]))
    expect(resolution.lines).toEqual([])
    expect(resolution.probability).toBeLessThan(0.97)
  })

  test('a can that stands on the wrong shelf is sold from there', () => {
    const misplaced = evidence(apart, [0, -352])
    const stock = [...misplaced.stock, { sku: sku('cola'), shelf: 2, count: 1 }]
    const resolution = resolveBasket({ ...misplaced, stock })
    expect(named(resolution.lines)).toBe('1xcola')
    expect(resolution.probability).toBeGreaterThan(0.97)
  })

  test('[FU5] a can from a shelf that has none, by our books, is not charged without a second look', () => {
    const resolution = resolveBasket(evidence(apart, [0, -352]))
    expect(resolution.probability).toBeLessThan(0.97)
  })

  test('[FU5] more than the books have is believed only at the odds of their being wrong', () => {
    const two = evidence([product('cola', 352, 2.5, 1), product('crate', 1056, 3, 1)], [-1056], 2)
    const resolution = resolveBasket(two, wide)
    expect(named(resolution.lines)).toBe('1xcrate')
    expect(resolution.runnerUp).toMatchObject({ lines: [{ sku: 'cola', count: 3 }] })
    expect(resolution.runnerUp?.probability).toBeLessThan(0.01)
  })

  test('[FU6] twins share the probability, and neither is sure', () => {
    const resolution = resolveBasket(evidence(twins, [-348.4, -204]))
    expect(resolution.probability).toBeCloseTo(0.5, 2)
    expect(new Set([named(resolution.lines), named(resolution.runnerUp?.lines ?? [])])).toEqual(
      new Set(['1xlager,1xwrap', '1xradler,1xwrap']),
    )
    expect(resolution.sure).toEqual([{ sku: 'wrap', count: 1 }])
  })

  test('[FU6] a twin that is sold out is no twin', () => {
    const two = evidence(twins, [-348.4, 0])
    const stock = two.stock.filter((believed) => believed.sku !== 'radler')
    const resolution = resolveBasket({ ...two, stock })
    expect(named(resolution.lines)).toBe('1xlager')
    expect(resolution.probability).toBeGreaterThan(0.97)
  })

  test('[FU7] a change that no goods explain leaves no basket sure', () => {
    for (const grams of [-77, -620, 140, 900]) {
      const resolution = resolveBasket(evidence(apart, [grams, 0]))
      expect(resolution.probability).toBeLessThan(0.8)
      expect(resolution.sure).toEqual([])
    }
  })

  test('[FU8] a dead cell over goods leaves no basket sure, but what others saw stays sure', () => {
    const resolution = resolveBasket(evidence(apart, [null, -205]))
    expect(named(resolution.lines)).toBe('1xwrap')
    expect(resolution.probability).toBeLessThan(0.97)
    expect(resolution.unknownProbability).toBeGreaterThan(0.1)
    expect(resolution.sure).toEqual([{ sku: 'wrap', count: 1 }])
    expect(resolution.unexplainedGrams.map(({ shelf }) => shelf)).toEqual([2])
  })

  test('[FU8] a dead cell over an empty shelf does not matter', () => {
    const half = evidence(apart, [null, -205])
    const resolution = resolveBasket({ ...half, stock: half.stock.filter(({ shelf }) => shelf === 2) })
    expect(named(resolution.lines)).toBe('1xwrap')
    expect(resolution.probability).toBeGreaterThan(0.97)
  })

  test('[FU8] a stocked shelf that nobody weighed counts as dead, as does a weight that is no number', () => {
    const known = evidence(apart, [0, -205])
    expect(resolveBasket({ ...known, shelves: known.shelves.slice(1) }).probability).toBeLessThan(0.97)
    const broken = known.shelves.map((weights) => (weights.shelf === 1 ? { ...weights, afterGrams: NaN } : weights))
    expect(resolveBasket({ ...known, shelves: broken }).probability).toBeLessThan(0.97)
  })

  test('a product without a weight, or listed twice, is refused by name', () => {
    expect(() => resolveBasket(evidence([product('feather', 0, 0, 1)], [0]))).toThrow(/feather/)
    expect(() => resolveBasket(evidence([...apart, product('soup', 3, 0, 1)], [0, 0]))).toThrow(/soup is listed twice/)
  })
})
