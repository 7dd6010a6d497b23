import { describe, expect, test } from 'vitest'
import { threadMs } from '../../../scripts/fusion/recording.ts'
import type { Evidence } from '../../../src/fusion/evidence.ts'
import { defaultParameters } from '../../../src/fusion/parameters.ts'
import { resolveBasket } from '../../../src/fusion/resolve.ts'
import { apart, evidence, product } from './evidences.ts'

/** Sachets of nearly one weight, thousands of them on one shelf, and a change that a myriad of takes explains. */
const hostile = (grams: number): Evidence => {
  const sachets = Array.from({ length: 60 }, (_, index) => product(`sachet${index}`, 5 + index / 100, 1, 1))
  return evidence(sachets, [grams], 10_000)
}

describe('a search that would not end', () => {
  test('[FU12] hostile evidence takes no longer than a blink, and is sure of nothing', () => {
    for (const grams of [-13, -20, -70, -700, 5]) {
      const startedMs = threadMs()
      const resolution = resolveBasket(hostile(grams))
      expect(threadMs() - startedMs).toBeLessThan(2_000)
      expect(resolution.probability).toBeLessThan(0.97)
      expect(resolution.sure).toEqual([])
    }
  })

  test('[FU10] [FU12] beyond the bounds it stops, says so, and is sure of nothing', () => {
    const resolution = resolveBasket(hostile(-13))
    expect(resolution).toMatchObject({ exhausted: true, probability: 0, sure: [], unknownProbability: 1 })
  })

  test('[FU10] an ordinary visit is not exhausted, one with no room to look is', () => {
    const visit = evidence(apart, [-352, -205])
    expect(resolveBasket(visit).exhausted).toBe(false)
    expect(resolveBasket(visit, { ...defaultParameters, maxVisits: 3 })).toMatchObject({ exhausted: true, sure: [] })
    expect(resolveBasket(visit, { ...defaultParameters, maxWays: 1 })).toMatchObject({ exhausted: true, sure: [] })
    expect(resolveBasket(visit, { ...defaultParameters, maxJointWays: 0 })).toMatchObject({ exhausted: true, sure: [] })
  })

  test('[FU12] too many joint ways: a basket looks less sure than it is, never surer', () => {
    const visit = evidence(apart, [-352 - 527 + 5, 205 - 431 + 9])
    const full = resolveBasket(visit)
    const few = resolveBasket(visit, { ...defaultParameters, maxJointWays: 4 })
    expect(few.exhausted).toBe(false)
    expect(few.lines).toEqual(full.lines)
    expect(few.probability).toBeLessThanOrEqual(full.probability)
    expect(few.probability).toBeGreaterThan(0)
  })
})
