import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fitSights } from '../../../scripts/basket/fit.ts'
import { readRecords, recordLine, type SightRecord } from '../../../scripts/basket/records.ts'
import { score, type Judged } from '../../../scripts/basket/score.ts'
import { drawnSights, stage } from '../../../scripts/basket/staging.ts'
import { sku } from '../../../src/core/ids.ts'
import { defaultParameters } from '../../../src/fusion/parameters.ts'
import { loadShop } from '../../../src/virtual/shop.ts'
import { createSightDrawer, type TrueMove } from '../../../src/virtual/sights/draw.ts'
import { assumedErrors } from '../../../src/virtual/sights/errors.ts'
import { createDice } from '../../../src/virtual/world/dice.ts'
import { chance, randomOf } from '../../sim/chance.ts'

const loaded = loadShop(join(import.meta.dirname, '../../../src/virtual/products'))
if (!loaded.ok) throw new Error('the default shop loads')
const shop = loaded.value

const line = (name: string, count = 1) => ({ sku: sku(name), count })
const visit = (told: Partial<Judged>): Judged => ({
  truth: [], lines: [], sure: [], probability: 1, baskets: [], exhausted: false, resolvedMs: 1, settledMs: 600, ...told,
}) // prettier-ignore

describe('the basket benchmark', () => {
  test('counts money and goods of what was charged, and not of what is reviewed', () => {
    const found = score(
      [
        visit({ truth: [line('knurl')], lines: [line('knurl')] }),
        visit({ truth: [line('pling-lime')], lines: [line('pling-lemon')] }),
        visit({ truth: [line('knurl')], lines: [line('knurl', 2)] }),
        visit({ truth: [line('knurl')], lines: [], probability: 0.5, sure: [line('knurl', 3)] }),
      ],
      shop.products,
      0.97,
    )
    expect(found).toMatchObject({
      visits: 4,
      reviewed: 0.25,
      exactUnreviewed: 1 / 3,
      overcharged: 0.25,
      undercharged: 0,
      overchargedByReview: 0.25,
      wrong: 2,
      itemPrecision: 2 / 4,
      itemRecall: 2 / 4,
    })
    expect(found.overchargedMoney).toBeCloseTo(260 / (3 * 260 + 160), 9)
  })

  test('judges by the session`s own decision: twins of one price are billed, and wrong by name alone', () => {
    const [lemon, lime] = [[line('pling-lemon')], [line('pling-lime')]]
    const twins = (truth: Judged['truth'], second: number) =>
      visit({
        truth,
        lines: lemon,
        probability: 0.6,
        baskets: [
          { lines: lemon, probability: 0.6 },
          { lines: lime, probability: second },
        ],
      })
    const found = score([twins(lemon, 0.38), twins(lime, 0.38), twins(lemon, 0.3)], shop.products, 0.97)
    expect(found).toMatchObject({ exactUnreviewed: 0.5, amountRight: 1, overcharged: 0, wrong: 1, wrongAmount: 0 })
    expect([found.eitherOr, found.reviewed]).toEqual([2 / 3, 1 / 3])
    expect(found.wrongAmountClaimed).toBeCloseTo(0.04, 9)
  })

  test('a claim of 0.9 that comes true half the time is off by 0.4', () => {
    const claims = Array.from({ length: 150 }, (_, index) =>
      visit({ truth: [line('knurl')], lines: index % 2 === 0 ? [line('knurl')] : [], probability: 0.9 }),
    )
    expect(score(claims, shop.products, 0.97).calibrationError).toBeCloseTo(0.4, 1)
  })

  test('[FU11] weight and vision together are surer than weight, and as right as they say', async () => {
    const visits = await stage(shop, 5001, 60, defaultParameters, drawnSights(shop, assumedErrors))
    const sure = visits.filter(({ resolution }) => resolution.probability >= 0.97)
    const wrong = sure.filter(({ truth, resolution }) => JSON.stringify(truth) !== JSON.stringify(resolution.lines))
    expect(sure.length).toBeGreaterThan(50)
    expect(wrong.length).toBeLessThanOrEqual(1)
    const again = await stage(shop, 5001, 5, defaultParameters, drawnSights(shop, assumedErrors))
    expect(again.map(({ evidence }) => evidence)).toEqual(visits.slice(0, 5).map(({ evidence }) => evidence))
  }, 60_000)
})

const drawn = (visits: number): SightRecord[] => {
  const drawer = createSightDrawer(shop.products, shop.shelves, assumedErrors)
  return Array.from({ length: visits }, (_, index) => {
    const dice = createDice(randomOf(chance(index, 'records')))
    const truth = [1_000, 3_000, 5_000].map((atMs): TrueMove => {
      const product = shop.products[dice.below(shop.products.length)]
      return { direction: 'taken', sku: product?.sku ?? '', shelf: product?.shelf ?? 1, atMs }
    })
    const circumstances = { occluded: false, foggedUntilMs: null, openedMs: 0, closedMs: 8_000 }
    return { visit: String(index), truth, sights: drawer.draw(truth, circumstances, dice) }
  })
}

describe('fitting from records', () => {
  test('finds the figures that the sights were drawn from', () => {
    const { crossing, beforeAfter, roundTripOdds } = fitSights(
      drawn(70),
      shop.products,
      shop.shelves,
      defaultParameters,
    )
    const { hiddenShare, seen } = assumedErrors.crossing
    expect(crossing.detection).toBeGreaterThan((1 - hiddenShare) * seen - 0.2)
    expect(crossing.detection).toBeLessThan((1 - hiddenShare) * seen + 0.08)
    expect(crossing.shelfError).toBeGreaterThan(0)
    expect(crossing.shelfError).toBeLessThan(0.15)
    expect(crossing.falseRate).toBeLessThan(0.5)
    // Hidden shelves that a camera does not know of count as missed.
    expect(beforeAfter.detection).toBeGreaterThan(0.6)
    expect(beforeAfter.detection).toBeLessThan(0.95)
    expect(roundTripOdds).toBeLessThan(0.006)
  }, 120_000)

  test('records are read as they were written, and a broken one is named by file and line', () => {
    const records = drawn(3)
    const text = records.map(recordLine).join('')
    expect(readRecords(text, 'visits.jsonl')).toEqual(records)
    expect(() => readRecords(`${text}{"visit":"4"`, 'visits.jsonl')).toThrow('visits.jsonl:4: this is no JSON')
    expect(() => readRecords('\n{"visit":"4","truth":[]}', 'visits.jsonl')).toThrow(/^visits.jsonl:2: sights: /)
  })
})
