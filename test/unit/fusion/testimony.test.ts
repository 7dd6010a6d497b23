import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { threadMs } from '../../../scripts/fusion/recording.ts'
import { sku } from '../../../src/core/ids.ts'
import { nothingSeen, type Witness } from '../../../src/core/sighting.ts'
import type { Evidence } from '../../../src/fusion/evidence.ts'
import { defaultParameters } from '../../../src/fusion/parameters.ts'
import { resolveBasket } from '../../../src/fusion/resolve.ts'
import { loadShop } from '../../../src/virtual/shop.ts'
import { createSightDrawer } from '../../../src/virtual/sights/draw.ts'
import { assumedErrors } from '../../../src/virtual/sights/errors.ts'
import { createDice } from '../../../src/virtual/world/dice.ts'
import { chance, randomOf } from '../../sim/chance.ts'
import { brutePosterior } from './brute-force.ts'
import { evidence, named, product, seen, smallEvidence, smallSights } from './evidences.ts'

const wide = {
  ...defaultParameters,
  windowNats: 60,
  maxJointWays: 1e6,
  maxVisits: 1e7,
  maxWays: 1e6,
  maxMatching: 1e9,
  mostRoundTrips: 50,
}

/** The catalogue of the small evidence may have fewer products than the sightings speak of: those are then sold elsewhere. */
const both = fc.tuple(smallEvidence, smallSights).map(([evidence, sights]) => ({
  ...evidence,
  sights: {
    ...sights,
    sightings: sights.sightings.map((sighting) => {
      const known = sighting.candidates.filter((one) => evidence.products.some((product) => product.sku === one.sku))
      const lost = 1 - sighting.noneProbability - known.reduce((sum, { probability }) => sum + probability, 0)
      return { ...sighting, candidates: known, noneProbability: sighting.noneProbability + lost }
    }),
  },
}))

function defaultProducts() {
  const shop = loadShop(join(import.meta.dirname, '../../../src/virtual/products'))
  if (!shop.ok) throw new Error('the default shop loads')
  return shop.value.products
}

describe('weights and sightings against brute force', () => {
  test('[FU2] [FU14] the whole window gives the posterior to the last digits', () => {
    fc.assert(
      fc.property(both, (instance) => {
        const resolution = resolveBasket(instance, wide)
        const brute = brutePosterior(instance, wide)
        const best = Math.max(...brute.withUnknown.values())
        expect(brute.withUnknown.get(named(resolution.lines))).toBeCloseTo(best, 8)
        expect(resolution.probability).toBeCloseTo(brute.whole.get(named(resolution.lines)) ?? 0, 8)
        expect(resolution.unknownProbability).toBeCloseTo(brute.unknown, 8)
        const others = [...brute.whole].filter(([name]) => name !== named(resolution.lines)).map(([, p]) => p)
        expect(resolution.runnerUp?.probability ?? 0).toBeCloseTo(Math.max(0, ...others), 8)
      }),
      { numRuns: 150 },
    )
  })

  test('[FU2] [FU14] the default window loses less than a thousandth', () => {
    fc.assert(
      fc.property(both, (instance) => {
        const resolution = resolveBasket(instance)
        const brute = brutePosterior(instance, defaultParameters)
        expect(Math.abs(resolution.probability - (brute.whole.get(named(resolution.lines)) ?? 0))).toBeLessThan(1e-3)
      }),
      { numRuns: 150 },
    )
  })
})

const twinShop = [product('p0', 269.6, 1, 1), product('p1', 269.8, 1, 1), product('p2', 205, 2, 2)]
const camera = (id: string, kind: Witness['kind'] = 'crossing', blindShare = 0): Witness => {
  return { id, kind, blindShare, blindShelves: [] }
}
/** Weights of p0, p1, p2 and none. */
const looksLikeFirst = [90, 8, 1, 1]

describe('what witnesses change', () => {
  test('[FU15] the order of witnesses, sightings and candidates changes nothing', () => {
    const shuffled = both.chain((instance) =>
      fc
        .tuple(
          fc.shuffledSubarray([...instance.sights.witnesses], { minLength: instance.sights.witnesses.length }),
          fc.shuffledSubarray([...instance.sights.sightings], { minLength: instance.sights.sightings.length }),
        )
        .map(([witnesses, sightings]): [Evidence, Evidence] => [
          instance,
          {
            ...instance,
            sights: {
              witnesses,
              sightings: sightings.map((one) => ({ ...one, candidates: [...one.candidates].reverse() })),
            },
          },
        ]),
    )
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        expect(resolveBasket(other)).toEqual(resolveBasket(one))
      }),
    )
  })

  test('[FU15] no witnesses, and witnesses that saw nothing of it, are the scales alone', () => {
    fc.assert(
      fc.property(smallEvidence, (instance) => {
        const alone = resolveBasket(instance)
        expect(resolveBasket({ ...instance, sights: nothingSeen })).toEqual(alone)
        const blind = { witnesses: [camera('w0', 'crossing', 1)], sightings: [seen('w0', 'taken', 1, [1, 0, 0, 0])] }
        expect(resolveBasket({ ...instance, sights: blind })).toEqual(alone)
        const unlisted = { witnesses: [], sightings: [seen('w9', 'taken', 1, [1, 0, 0, 0])] }
        expect(resolveBasket({ ...instance, sights: unlisted })).toEqual(alone)
      }),
      { numRuns: 50 },
    )
  })

  test('[FU15] nonsense is not heard: a babbler, a witness listed twice, numbers that are none', () => {
    const weighed = evidence(twinShop, [-269.7, 0])
    const alone = resolveBasket(weighed)
    const babble = Array.from({ length: 100 }, () => seen('w0', 'taken', 1, looksLikeFirst))
    expect(resolveBasket({ ...weighed, sights: { witnesses: [camera('w0')], sightings: babble } })).toEqual(alone)
    const twice = { witnesses: [camera('w0'), camera('w0')], sightings: [seen('w0', 'taken', 1, looksLikeFirst)] }
    expect(resolveBasket({ ...weighed, sights: twice })).toEqual(alone)
    const silent = resolveBasket({ ...weighed, sights: { witnesses: [camera('w0')], sightings: [] } })
    const broken = [NaN, Infinity, -1, 7].map((noneProbability) => ({
      ...seen('w0', 'taken', 1, looksLikeFirst),
      noneProbability,
    }))
    expect(resolveBasket({ ...weighed, sights: { witnesses: [camera('w0')], sightings: broken } })).toEqual(silent)
  })

  test('[FU12] [FU15] a hundred sightings by many witnesses take no longer than a blink, and blow nothing up', () => {
    const witnesses = Array.from({ length: 10 }, (_, index) => camera(`w${index}`))
    const sightings = witnesses.flatMap(({ id }, index) =>
      Array.from({ length: 12 }, (_, n) => seen(id, n % 3 === 0 ? 'returned' : 'taken', 1 + (n % 2), [n, index, 5, 3])),
    )
    const startedMs = threadMs()
    const resolution = resolveBasket({ ...evidence(twinShop, [-269.7 * 5, null]), sights: { witnesses, sightings } })
    expect(threadMs() - startedMs).toBeLessThan(2_000)
    expect(resolution.probability).toBeLessThan(0.97)
  })

  test('[FU2] visits of which four cameras told much are summed whole, and fast', () => {
    const file = readFileSync(new URL('../../vectors/fusion/much-told.json', import.meta.url), 'utf8')
    const visits = JSON.parse(file) as readonly (Omit<Evidence, 'products'> & { readonly truth: Evidence['stock'] })[]
    for (const { truth, ...told } of visits) {
      const visit = { ...told, products: defaultProducts() }
      const startedMs = threadMs()
      const resolution = resolveBasket(visit)
      // Some 80 ms on a core of its own; one that shares no bounds with the other shelves takes seconds, or gives up.
      expect(threadMs() - startedMs).toBeLessThan(1_000)
      expect(resolution.lines).toEqual(truth)
      const whole = resolveBasket(visit, { ...defaultParameters, maxMatching: 1e10, maxJointWays: 1e6 })
      expect(resolution.probability).toBeCloseTo(whole.probability, 6)
      expect(resolution.probability).toBeGreaterThan(0.97)
    }
  })

  test('[FU10] [FU12] sums that are not reckoned count against every basket: less sure than it is, never surer', () => {
    const weighed = evidence(twinShop, [-269.7, -205])
    const witnesses = [camera('w0'), camera('w1'), camera('w2', 'shelf')]
    const sightings = witnesses.flatMap(({ id }) => [
      seen(id, 'taken', 1, [60, 38, 1, 1]),
      seen(id, 'taken', 2, [1, 1, 97, 1]),
    ])
    const visit = { ...weighed, sights: { witnesses, sightings } }
    const full = resolveBasket(visit).probability
    expect(full).toBeGreaterThan(0.5)
    const found = Array.from({ length: 60 }, (_, index) =>
      resolveBasket(visit, { ...defaultParameters, maxMatching: 10 * (index + 1) }),
    )
    for (const { probability } of found) expect(probability).toBeLessThanOrEqual(full + 1e-9)
    // Some are found with part of the sums only: neither nothing, nor all there is.
    expect(found.some(({ probability }) => probability > 0 && probability < full - 1e-6)).toBe(true)
    expect(resolveBasket(visit, { ...defaultParameters, maxMatching: 0 })).toMatchObject({ exhausted: true, sure: [] })
  })

  test('[FU16] twins are told apart by those who saw them', () => {
    const weighed = evidence(twinShop, [-269.7, 0])
    const sightings = ['w0', 'w1'].map((id) => seen(id, 'taken', 1, looksLikeFirst))
    const sights = { witnesses: [camera('w0'), camera('w1')], sightings }
    const resolution = resolveBasket({ ...weighed, sights })
    expect(named(resolution.lines)).toBe('1xp0')
    expect(resolution.probability).toBeGreaterThan(0.9)
    expect(resolveBasket(weighed).probability).toBeLessThan(0.55)
    // One says the one, and one the other: no witness is better than another.
    const [first] = sightings
    const split = [first, seen('w1', 'taken', 1, [8, 90, 1, 1])].flatMap((one) => one ?? [])
    expect(resolveBasket({ ...weighed, sights: { ...sights, sightings: split } }).probability).toBeLessThan(0.6)
  })

  test('[FU19] what no witness saw leave is in doubt, though its weight has a name', () => {
    const weighed = evidence(twinShop, [0, -205])
    expect(resolveBasket(weighed).probability).toBeGreaterThan(0.97)
    const witnesses = [camera('w0'), camera('w1'), camera('w2', 'shelf'), camera('w3', 'shelf')]
    const sharp = { detection: 0.95, trust: 0.85 }
    const keen = {
      ...defaultParameters,
      crossing: { ...defaultParameters.crossing, ...sharp },
      beforeAfter: { ...defaultParameters.beforeAfter, ...sharp },
    }
    const unseen = { ...weighed, sights: { witnesses, sightings: [] } }
    expect(resolveBasket(unseen, keen).probability).toBeLessThan(0.97)
    const covered = witnesses.map((witness) => ({ ...witness, blindShare: 0.9 }))
    const blind = { ...weighed, sights: { witnesses: covered, sightings: [] } }
    expect(resolveBasket(blind, keen).probability).toBeGreaterThan(0.97)
    // Of eyes that miss much, silence says less, but not nothing.
    const [silent, veiled] = [resolveBasket(unseen), resolveBasket(blind)]
    expect(silent.probability).toBeLessThan(veiled.probability)
    expect(silent.probability).toBeGreaterThan(0.97)
  })

  test('[FU18] a review is told what speaks for the basket, and what for the runner-up', () => {
    const weighed = evidence(twinShop, [-269.7, 0])
    const sightings = [seen('w0', 'taken', 1, [60, 39, 1, 0]), seen('w1', 'taken', 1, [40, 59, 1, 0])]
    const { lines, runnerUp } = resolveBasket({
      ...weighed,
      sights: { witnesses: [camera('w0'), camera('w1')], sightings },
    })
    expect([named(lines), named(runnerUp?.lines ?? [])].sort()).toEqual(['1xp0', '1xp1'])
    const told = new Map(runnerUp?.apart.map(({ by, nats }) => [by, nats]))
    expect((told.get('w0') ?? 0) * (told.get('w1') ?? 0)).toBeLessThan(0)
    const heavier = evidence(twinShop, [-269.7 - 205, 0])
    const unlike = resolveBasket({ ...heavier, stock: [...heavier.stock, { sku: sku('p2'), shelf: 1, count: 1 }] })
    expect(unlike.runnerUp?.apart.every(({ nats }) => Math.abs(nats) >= 0.05)).toBe(true)
  })

  test('[FU16] what left a shelf whose cell is dead is named by those who saw it', () => {
    const dead = evidence(twinShop, [null, 0])
    const witnesses = [camera('w0'), camera('w1'), camera('w2', 'shelf')]
    const sightings = witnesses.map(({ id }) => seen(id, 'taken', 1, [97, 1, 1, 1]))
    const resolution = resolveBasket({ ...dead, sights: { witnesses, sightings } })
    expect(named(resolution.lines)).toBe('1xp0')
    expect(resolution.probability).toBeGreaterThan(0.9)
    const nobody = resolveBasket({ ...dead, sights: { witnesses, sightings: [] } })
    expect(nobody.lines).toEqual([])
    expect(nobody.probability).toBeGreaterThan(resolveBasket(dead).probability)
  })

  test('[FU16] one of a pair that was looked at and put back is not the one that left', () => {
    const weighed = evidence(twinShop, [-269.7, 0])
    const witnesses = [camera('w0'), camera('w1')]
    const sightings = witnesses.flatMap(({ id }) => [
      seen(id, 'taken', 1, [97, 1, 1, 1]),
      seen(id, 'returned', 1, [97, 1, 1, 1]),
      seen(id, 'taken', 1, [1, 97, 1, 1]),
    ])
    const resolution = resolveBasket({ ...weighed, sights: { witnesses, sightings } })
    expect(named(resolution.lines)).toBe('1xp1')
    expect(resolution.probability).toBeGreaterThan(0.9)
  })

  test('[FU16] a product that vision was not taught is not told from its twin by what it does not look like', () => {
    const weighed = evidence(twinShop, [-269.7, 0])
    const sightings = [seen('w0', 'taken', 1, [10, 1, 1, 88])]
    const sights = { witnesses: [camera('w0')], sightings, taught: [sku('p0'), sku('p2')] }
    expect(named(resolveBasket({ ...weighed, sights }).lines)).toBe('1xp1')
  })

  test('[FU17] each further camera makes the truth more probable, on average', () => {
    const twins = defaultProducts().filter(({ sku: name }) => name.startsWith('pling'))
    const weighed = evidence(
      twins.map((one) => ({ ...one, shelf: 1 })),
      [-269.7],
    )
    const meanLog = (cameras: readonly string[]): number => {
      const drawer = createSightDrawer(defaultProducts(), 1, { ...assumedErrors, cameras })
      let sum = 0
      for (let visit = 0; visit < 150; visit++) {
        const dice = createDice(randomOf(chance(visit, cameras.join())))
        const truth = twins[visit % 2]?.sku ?? ''
        const circumstances = { occluded: false, foggedUntilMs: null, openedMs: 0, closedMs: 5_000 }
        const sights = drawer.draw([{ direction: 'taken', sku: truth, shelf: 1, atMs: 900 }], circumstances, dice)
        const { lines, probability, runnerUp } = resolveBasket({ ...weighed, sights })
        sum += Math.log(named(lines) === `1x${truth}` ? probability : (runnerUp?.probability ?? 1e-3))
      }
      return sum / 150
    }
    const none = meanLog([])
    const one = meanLog(['left'])
    const two = meanLog(['left', 'right'])
    expect(one).toBeGreaterThan(none + 0.1)
    expect(two).toBeGreaterThan(one)
  })
})
