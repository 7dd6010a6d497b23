import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Line } from '../../../src/core/basket.ts'
import { eventSchema } from '../../../src/core/events.ts'
import { sku } from '../../../src/core/ids.ts'
import { minor } from '../../../src/core/money.ts'
import { totalOf } from '../../../src/core/basket.ts'
import { billOf } from '../../../src/session/bill.ts'
import { cola, feast, Story } from './story.ts'

const line = (name: string, count = 1, priceMinor = 250): Line => ({ sku: sku(name), count, priceMinor: minor(priceMinor) }) // prettier-ignore
const lemon = line('lemon')
const lime = line('lime')
type Likely = readonly [readonly Line[], number]
const weighed = (...likely: Likely[]) => ({
  lines: likely[0]?.[0] ?? [],
  probability: likely[0]?.[1] ?? 0,
  baskets: likely.map(([lines, probability]) => ({ lines, probability })),
})

test('[S21] two goods of one price that can’t be told apart are billed as one of the two', () => {
  const bill = billOf(weighed([[lemon], 0.6], [[lime], 0.38]))
  expect(bill.lines).toEqual([{ ...lemon, or: ['lime'] }])
  expect(bill.probability).toBeCloseTo(0.98, 9)
})

test('[S21] what is sure by itself names nothing else, and neither does what stays in doubt', () => {
  expect(billOf(weighed([[lemon], 0.98], [[lime], 0.01]))).toEqual({ lines: [lemon], probability: 0.98 })
  expect(billOf(weighed([[lemon], 0.6], [[lime], 0.3]))).toEqual({ lines: [lemon], probability: 0.6 })
})

test('[S21] goods of another price, another number of goods, and one sum of other prices are a doubt of what is owed', () => {
  expect(billOf(weighed([[lemon], 0.6], [[line('lime', 1, 240)], 0.4])).probability).toBe(0.6)
  expect(billOf(weighed([[line('lemon', 2)], 0.6], [[line('tart', 1, 500)], 0.4])).probability).toBe(0.6)
  const dear = [line('bowl', 1, 400), line('nut', 1, 100)]
  expect(billOf(weighed([[lemon, lime], 0.6], [dear, 0.4])).probability).toBe(0.6)
})

test('[S21] only the line that may have been another says so, and only as many are named as it takes', () => {
  const bill = billOf(
    weighed([[feast, lemon], 0.5], [[feast, lime], 0.48], [[feast, line('plum')], 0.01], [[lemon], 0.01]),
  )
  expect(bill.lines).toEqual([feast, { ...lemon, or: ['lime'] }])
  expect(bill.probability).toBeCloseTo(0.99, 9)
})

test('[S21] two doubts at once are told each by its own line', () => {
  const [nut, oat] = [line('nut', 1, 100), line('oat', 1, 100)]
  const bill = billOf(weighed([[lemon, nut], 0.3], [[lime, oat], 0.25], [[lime, nut], 0.22], [[lemon, oat], 0.22]))
  expect(bill.lines).toEqual([
    { ...lemon, or: ['lime'] },
    { ...nut, or: ['oat'] },
  ])
  const pair = billOf(weighed([[line('lemon', 2)], 0.5], [[lemon, lime], 0.3], [[line('lime', 2)], 0.19]))
  expect(pair.lines).toEqual([{ ...line('lemon', 2), or: ['lime'] }])
})

test('[S21] a basket that is not the most probable one of those that are known is not billed for the others', () => {
  const found = weighed([[lime], 0.6], [[lemon], 0.39])
  expect(billOf({ ...found, lines: [lemon], probability: 0.39 })).toEqual({ lines: [lemon], probability: 0.39 })
  expect(billOf({ ...found, baskets: [] }).probability).toBe(0.6)
})

const shop = ['lemon', 'lime', 'plum', 'tart', 'nut'].map((name, index) =>
  line(name, 1, [250, 250, 250, 500, 125][index]),
)
/** One or two units, so that many cost the same. */
const anyBasket = fc
  .array(fc.constantFrom(...shop), { minLength: 1, maxLength: 2 })
  .map((units) => shop.flatMap((one) => ({ ...one, count: units.filter((unit) => unit === one).length })))
  .map((lines) => lines.filter(({ count }) => count > 0))
const anyWeighed = fc
  .tuple(
    fc.uniqueArray(anyBasket, { minLength: 1, maxLength: 8, selector: (lines) => JSON.stringify(lines) }),
    fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 9, maxLength: 9 }),
    fc.constantFrom(0, 1),
  )
  .map(([baskets, masses, steep]) => {
    // Some are as good as sure of two or three of them, as visits are.
    const shares = masses.map((mass, index) => mass * (steep === 1 ? 30 ** -index : 1)).slice(0, baskets.length + 1)
    const all = shares.reduce((sum, share) => sum + share, 0)
    const likely = baskets.map((lines, index): Likely => [lines, (shares[index] ?? 0) / all])
    return weighed(...likely.toSorted(([, a], [, b]) => b - a))
  })

test('[S21] [S13] what is charged at once is owed with 0.97 or more, and its receipt names what was taken with 0.97 or more', () => {
  let together = 0
  fc.assert(
    fc.property(anyWeighed, (found) => {
      const { lines, probability } = billOf(found)
      expect(totalOf(lines)).toBe(totalOf(found.lines))
      expect(lines.map(({ or: _or, ...rest }) => rest)).toEqual(found.lines)
      if (probability < 0.97) {
        expect(lines).toEqual(found.lines)
        return
      }
      if (found.probability < 0.97) together++
      const massOf = (isIt: (basket: readonly Line[]) => boolean): number =>
        found.baskets.reduce((sum, basket) => sum + (isIt(basket.lines) ? basket.probability : 0), 0)
      expect(massOf((basket) => totalOf(basket) === totalOf(lines))).toBeGreaterThanOrEqual(0.97 - 1e-9)
      expect(massOf((basket) => isReadFrom(lines, basket))).toBeGreaterThanOrEqual(0.97 - 1e-9)
      for (const { priceMinor, or = [] } of lines)
        for (const other of or) expect(shop.find((one) => one.sku === other)?.priceMinor).toBe(priceMinor)
    }),
    { numRuns: 2_000 },
  )
  expect(together).toBeGreaterThan(20)
})

/** Whether somebody who took this basket finds it on a receipt with these lines: each unit is one that its line names. */
function isReadFrom(lines: readonly Line[], basket: readonly Line[]): boolean {
  const units = lines.flatMap(({ count, ...one }) => Array.from({ length: count }, () => [one.sku, ...(one.or ?? [])]))
  const taken = basket.flatMap(({ sku: name, count }) => Array.from({ length: count }, () => name))
  if (units.length !== taken.length) return false
  const find = (index: number, left: readonly (readonly string[])[]): boolean => {
    const name = taken[index]
    if (name === undefined) return true
    return left.some(
      (unit, at) =>
        unit.includes(name) &&
        find(
          index + 1,
          left.filter((_, other) => other !== at),
        ),
    )
  }
  return find(0, units)
}

test('[S21] [S15] one of the two is charged at once; event, ending and receipt say so, and older rows are still read', () => {
  const story = Story.settling()
  const sent = story.weighed({ ...weighed([[cola], 0.55], [[lime], 0.44]), sureLines: [] })
  expect(sent).toEqual({ events: ['BasketResolved', 'VisitEnded', 'CaptureRequested'], effects: ['CaptureHold'] })
  story.captured(250)
  const lines = [{ ...cola, or: ['lime'] }]
  const resolved = story.events.find(({ type }) => type === 'BasketResolved')
  expect(resolved).toMatchObject({ lines, probability: 0.55, totalProbability: 0.99, totalMinor: 250 })
  expect(story.visits.session).toMatchObject({ ending: { type: 'paid', lines } })
  expect(story.events.at(-1)).toMatchObject({ type: 'ReceiptIssued', lines, chargedMinor: 250 })
  for (const event of story.events) expect(eventSchema.parse(JSON.parse(JSON.stringify(event)))).toEqual(event)
  const { totalProbability: _total, ...older } = { ...resolved, totalProbability: 0, lines: [cola] }
  expect(eventSchema.parse(JSON.parse(JSON.stringify(older)))).toEqual(older)
})

test('[S21] a basket that is sure by itself is written as before', () => {
  const story = Story.settling()
  story.weighed({ ...weighed([[cola], 0.99], [[lime], 0.01]) })
  const resolved = story.events.find(({ type }) => type === 'BasketResolved')
  expect(resolved).not.toHaveProperty('totalProbability')
  expect(resolved).toMatchObject({ lines: [cola] })
  expect(JSON.stringify(story.events)).not.toContain('"or"')
})
