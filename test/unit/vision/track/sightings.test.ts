import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Crossing } from '../../../../vision/track/crossings.ts'
import { fitPower, fuseLooks, sightingOf, type Identified } from '../../../../vision/track/sightings.ts'

const products = ['cola', 'milk', 'tea'] as const

/** Of these weights for cola, milk, tea and none. */
const identified = (...weights: readonly number[]): Identified => {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return {
    candidates: products.map((product, index) => ({ product, probability: (weights[index] ?? 0) / sum })),
    noneProbability: (weights[3] ?? 0) / sum,
  }
}

const crossing: Crossing = {
  direction: 'taken',
  atMs: 1200,
  tracks: [4],
  shelf: 2,
  hand: 3,
  evidence: 'seen',
  looks: [1000, 1100].map((atMs) => ({
    atMs,
    box: { left: 0, top: 0, width: 10, height: 10 },
    score: 0.9,
    quality: 1,
    vector: null,
  })),
}

const probabilityOf = ({ candidates }: Identified, product: string): number =>
  candidates.find((one) => one.product === product)?.probability ?? 0

describe('a sighting', () => {
  test('[VIS24] has probabilities that add up to 1, most probable first, whatever was looked at', () => {
    const look = fc.tuple(...Array.from({ length: 4 }, () => fc.double({ min: 0, max: 1, noNaN: true })))
    fc.assert(
      fc.property(fc.array(look, { maxLength: 8 }), fc.double({ min: 0, max: 1, noNaN: true }), (looks, power) => {
        const { candidates, noneProbability } = fuseLooks(
          looks.map((weights) => identified(...weights.map((weight) => weight + 0.001))),
          products,
          { power, leastProbability: 1e-4 },
        )
        const all = candidates.map(({ probability }) => probability)
        expect(all.reduce((sum, one) => sum + one, noneProbability)).toBeCloseTo(1, 9)
        expect(all).toEqual(all.toSorted((a, b) => b - a))
      }),
    )
  })

  test('[VIS24] says what crossed, where and when, and knows nothing where no look could be told', () => {
    const seen = sightingOf(crossing, 'left', products, () => identified(8, 1, 0.5, 0.5))
    expect(seen).toMatchObject({ witness: 'left', direction: 'taken', shelf: 2, atMs: 1200 })
    expect(seen.candidates[0]?.sku).toBe('cola')
    const blind = sightingOf(crossing, 'left', products, () => null)
    for (const { probability } of blind.candidates) expect(probability).toBeCloseTo(0.25)
    expect(blind.noneProbability).toBeCloseTo(0.25)
  })

  test('[VIS24] the same look ten times is surer than once only as far as the power says', () => {
    const once = identified(3, 1, 1, 1)
    const ten = Array.from({ length: 10 }, () => once)
    const at = (power: number): number =>
      probabilityOf(fuseLooks(ten, products, { power, leastProbability: 1e-4 }), 'cola')
    expect(at(0)).toBeCloseTo(probabilityOf(once, 'cola'))
    expect(at(0.5)).toBeGreaterThan(at(0))
    expect(at(1)).toBeGreaterThan(0.999)
  })

  test('one look that excludes a product does not outvote all others', () => {
    const looks = [...Array.from({ length: 4 }, () => identified(9, 0.5, 0.3, 0.2)), identified(0, 1, 1, 1)]
    expect(probabilityOf(fuseLooks(looks, products, { power: 1, leastProbability: 1e-4 }), 'cola')).toBeGreaterThan(0.5)
  })

  test('the power is found that looks were made with: none of new evidence, or all', () => {
    let state = 7
    const chance = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
    const look = (truth: number): Identified => {
      const right = chance() < 0.7
      const shown = right ? truth : (truth + 1 + Math.floor(chance() * 3)) % 4
      return identified(...[0, 1, 2, 3].map((index) => (index === shown ? 0.7 : 0.1)))
    }
    const truths = Array.from({ length: 400 }, () => Math.floor(chance() * 4))
    const named = (truth: number): string | null => products[truth] ?? null
    const fresh = truths.map((truth) => ({
      looks: Array.from({ length: 5 }, () => look(truth)),
      product: named(truth),
    }))
    const same = truths.map((truth) => {
      const one = look(truth)
      return { looks: [one, one, one, one, one], product: named(truth) }
    })
    expect(fitPower(fresh, products)).toBeGreaterThan(0.85)
    expect(fitPower(same, products)).toBeLessThan(0.15)
  })
})
