import { beforeAll, describe, expect, test } from 'vitest'
import { join } from 'node:path'
import { calibration, isRight, judge } from '../../../scripts/fusion/judge.ts'
import { record, type Recording } from '../../../scripts/fusion/recording.ts'
import { defaultParameters } from '../../../src/fusion/parameters.ts'
import { loadShop } from '../../../src/virtual/shop.ts'

/** Not among the seeds that scripts/fit-fusion.ts fits on. */
const seeds = [2001, 2002]
const visits = 80

const shop = loadShop(join(import.meta.dirname, '../../../src/virtual/products'))
if (!shop.ok) throw new Error(JSON.stringify(shop.error))
let recordings: Recording[] = []

describe('on the default shop, weighed by the real firmware', () => {
  beforeAll(async () => {
    for (const seed of seeds)
      recordings = [...recordings, ...(await record(shop.value, seed, visits, defaultParameters))]
  }, 120_000)

  test('[FU11] of the visits that are sure, no more are wrong than it says', () => {
    const sure = recordings.filter(({ resolution }) => resolution.probability >= 0.97)
    const wrong = sure.filter((one) => !isRight(one))
    expect(sure.length).toBeGreaterThan(100)
    const claimedWrong = sure.reduce((sum, { resolution }) => sum + 1 - resolution.probability, 0)
    // Wrong ones are rare: two more than claimed would happen by chance once in a hundred times.
    expect(wrong.length, wrong.map(({ kind, truth }) => `${kind} ${JSON.stringify(truth)}`).join()).toBeLessThanOrEqual(
      Math.ceil(claimedWrong) + 1,
    )
  })

  test('[FU11] of the visits that are in doubt, about as many are right as it says', () => {
    for (const { from, visits: count, claimed, right } of calibration(recordings)) {
      if (count < 10) continue
      const deviation = Math.sqrt((claimed * (1 - claimed)) / count)
      expect(Math.abs(right - claimed), `from ${from}: claimed ${claimed}, right ${right}`).toBeLessThan(
        0.02 + 3.5 * deviation,
      )
    }
  })

  test('[FU11] most visits are sure, and none exhausts the search', () => {
    const verdict = judge(recordings)
    expect(verdict.sureShare).toBeGreaterThan(0.7)
    expect(verdict.rightShare).toBeGreaterThan(0.85)
    expect(verdict.exhausted).toBe(0)
  })

  test('[FU11] every kind of visit is among them, and the same seed is the same recording', async () => {
    expect(new Set(recordings.map(({ kind }) => kind)).size).toBeGreaterThan(4)
    const again = await record(shop.value, seeds[0] ?? 0, 5, defaultParameters)
    const told = (list: readonly Recording[]): unknown => list.map(({ resolvedMs: _ms, ...recording }) => recording)
    expect(told(again)).toEqual(told(recordings.slice(0, 5)))
  }, 60_000)
})
