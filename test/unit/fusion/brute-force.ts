/**
 * Brute force: SPEC.md's posterior by summing every joint way there is, with no bound and no cleverness. Written from
 * the SPEC and shares no code with src/fusion but its types; only good for two or three products.
 */
import type { Evidence } from '../../../src/fusion/evidence.ts'
import type { FusionParameters } from '../../../src/fusion/parameters.ts'
import { bruteTestimony, type BruteMove } from './brute-testimony.ts'

interface BruteWay {
  readonly weight: number
  readonly counts: readonly number[]
  readonly unknown: boolean
  readonly takes: number
  readonly moves: readonly BruteMove[]
}

export interface BrutePosterior {
  /** Probability of each basket, whole ones only, by its name ("2xcola,1xwater"; "" is nothing). */
  readonly whole: ReadonlyMap<string, number>
  /** The same with those added in which these lines and something unknown left. */
  readonly withUnknown: ReadonlyMap<string, number>
  readonly unknown: number
  /** P(taken >= n), by "sku n". */
  readonly atLeast: ReadonlyMap<string, number>
}

export function brutePosterior(evidence: Evidence, parameters: FusionParameters): BrutePosterior {
  const products = [...evidence.products].sort((a, b) => (a.sku < b.sku ? -1 : 1))
  const shelves = [
    ...new Set([...evidence.shelves, ...evidence.stock.filter(({ count }) => count > 0)].map(({ shelf }) => shelf)),
  ]
  const stockAt = (shelf: number, sku: string): number =>
    evidence.stock
      .filter((s) => s.shelf === shelf && s.sku === sku && s.count > 0)
      .reduce((sum, { count }) => sum + count, 0)
  const places = shelves.flatMap((shelf) => products.map(({ sku }) => stockAt(shelf, sku))).filter((count) => count > 0)
  const a = parameters.takesPerVisit / (1 + parameters.takesPerVisit) / Math.max(1, places.length)
  const r = parameters.repeatRatio
  const skus = products.map(({ sku }) => sku)
  const stocked = shelves.flatMap((shelf) =>
    skus.filter((sku) => stockAt(shelf, sku) > 0).map((sku) => ({ shelf, sku })),
  )
  const said = bruteTestimony({ skus, shelves, stocked }, evidence.sights, parameters)
  const hearing = new Set(evidence.sights?.witnesses.filter(({ blindShare }) => blindShare < 1).map(({ id }) => id))
  const sighted = evidence.sights?.sightings.some(({ witness }) => hearing.has(witness)) ?? false
  const unknownMove = (shelf: number, taken: boolean): BruteMove => ({ taken, shelf, sku: null })
  const movesOf = (shelf: number, counts: readonly number[]): BruteMove[] =>
    counts.flatMap((count, index) =>
      Array.from({ length: Math.abs(count) }, () => ({ taken: count < 0, shelf, sku: skus[index] ?? '' })),
    )

  const waysOf = (shelf: number): BruteWay[] => {
    const weighed = evidence.shelves.find((weights) => weights.shelf === shelf)
    const delta =
      weighed === undefined || weighed.beforeGrams === null || weighed.afterGrams === null
        ? null
        : weighed.afterGrams - weighed.beforeGrams
    const none = products.map(() => 0)
    const all = products
      .map(({ sku }) => stockAt(shelf, sku))
      .reduce((product, count) => product * (1 + (a * (1 - r ** count)) / (1 - r)), 1)
    if (delta === null) {
      const ways: BruteWay[] = [{ weight: 1, counts: none, unknown: false, takes: 0, moves: [] }]
      const add = (weight: number, counts: readonly number[], takes: number): unknown =>
        ways.push({ weight, counts, unknown: false, takes, moves: movesOf(shelf, counts) })
      let rest = all - 1
      for (const first of sighted ? products.keys() : []) {
        for (let second = first; second <= products.length; second++) {
          // The one after the last product stands for no second unit.
          const counts = none.map((_, index) => -Number(index === first) - Number(index === second))
          if (counts.some((count, index) => -count > stockAt(shelf, skus[index] ?? ''))) continue
          const kinds = counts.filter((count) => count < 0).length
          const weight = a ** kinds * (first === second ? r : 1)
          add(weight, counts, kinds)
          rest -= weight
        }
      }
      ways.push({ weight: rest, counts: none, unknown: true, takes: 1, moves: [unknownMove(shelf, true)] })
      for (const put of products.keys()) {
        const counts = none.map((_, index) => (index === put ? 1 : 0))
        add(parameters.misplacedOdds, counts, 0)
      }
      return ways
    }
    const width = parameters.foreignScaleGrams
    const foreignDensity = 1 / (Math.PI * width * (1 + (delta / width) ** 2))
    const u = parameters.unwatchedShare
    const left = unknownMove(shelf, true)
    const came = unknownMove(shelf, false)
    const { foreignOdds, foreignTakenOdds } = parameters
    const ways = [
      delta < 0
        ? { weight: foreignTakenOdds * foreignDensity, unknown: true, takes: 0, moves: [left] }
        : { weight: foreignOdds * foreignDensity, unknown: false, takes: 0, moves: [came] },
      { weight: foreignOdds * foreignDensity * (all - 1), unknown: true, takes: 1, moves: [left, came] },
    ].flatMap((way): BruteWay[] => [
      { ...way, counts: none, weight: way.weight * (1 - u) },
      { ...way, counts: none, weight: way.weight * u, moves: [] },
    ])
    const vary = (index: number, counts: readonly number[], prior: number, odd: number): void => {
      const product = products[index]
      if (product === undefined) {
        const takes = counts.filter((count) => count < 0).length
        const moves = movesOf(shelf, counts)
        ways.push({ weight: prior * density(delta, counts), counts, unknown: false, takes, moves })
        return
      }
      const believed = stockAt(shelf, product.sku)
      const beyond = believed > 0 || product.shelf === shelf ? parameters.miscountOdds : parameters.strayOdds
      for (let change = -(believed + 2); change <= 2; change++) {
        const taken = -change
        const isOdd = change > 0 || taken > believed
        if (isOdd && odd === 2) continue
        const factor =
          change === 0
            ? 1
            : change > 0
              ? parameters.misplacedOdds * r ** (change - 1)
              : a * r ** (taken - 1) * (isOdd ? beyond : 1)
        vary(index + 1, [...counts, change], prior * factor, odd + (isOdd ? 1 : 0))
      }
    }
    vary(0, [], 1, 0)
    return ways
  }

  const density = (delta: number, counts: readonly number[]): number => {
    let mean = 0
    let variance = parameters.noiseGrams ** 2
    for (const [index, product] of products.entries()) {
      mean += (counts[index] ?? 0) * product.weightGrams
      variance += Math.abs(counts[index] ?? 0) * product.weightSpreadGrams ** 2
    }
    variance += (parameters.loadErrorShare * mean) ** 2
    const normal = (sd: number): number =>
      Math.exp(-((delta - mean) ** 2) / (2 * sd ** 2)) / (sd * Math.sqrt(2 * Math.PI))
    const sd = Math.sqrt(variance)
    return (1 - parameters.outlierShare) * normal(sd) + parameters.outlierShare * normal(sd * parameters.outlierScale)
  }

  const whole = new Map<string, number>()
  const withUnknown = new Map<string, number>()
  const atLeast = new Map<string, number>()
  let total = 0
  let unknownTotal = 0
  const add = (map: Map<string, number>, key: string, weight: number): unknown =>
    map.set(key, (map.get(key) ?? 0) + weight)
  const join = (
    rest: readonly (readonly BruteWay[])[],
    taken: readonly number[],
    weight: number,
    takes: number,
    unknown: boolean,
    moves: readonly BruteMove[],
  ): void => {
    const [ways, ...others] = rest
    if (ways !== undefined) {
      for (const way of ways) {
        if (way.weight === 0) continue
        const next = taken.map((count, index) => count - (way.counts[index] ?? 0))
        const all = [...moves, ...way.moves]
        join(others, next, weight * way.weight, takes + way.takes, unknown || way.unknown, all)
      }
      return
    }
    if (!unknown && taken.some((count) => count < 0)) return
    const name = products
      .flatMap(({ sku }, index) => ((taken[index] ?? 0) > 0 ? [`${taken[index]}x${sku}`] : []))
      .join()
    let mass = weight * said(moves)
    for (let k = 1; k <= takes; k++) mass *= Math.min(k, parameters.keenness)
    total += mass
    add(withUnknown, name, mass)
    if (unknown) unknownTotal += mass
    else add(whole, name, mass)
    for (const [index, { sku }] of products.entries()) {
      for (let n = 1; n <= (taken[index] ?? 0); n++) add(atLeast, `${sku} ${n}`, mass)
    }
  }
  join(
    shelves.map(waysOf),
    products.map(() => 0),
    1,
    0,
    false,
    [],
  )
  const normal = (map: Map<string, number>): Map<string, number> =>
    new Map([...map].map(([key, weight]) => [key, weight / total]))
  return {
    whole: normal(whole),
    withUnknown: normal(withUnknown),
    unknown: unknownTotal / total,
    atLeast: normal(atLeast),
  }
}
