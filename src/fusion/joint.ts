/**
 * Joint: the ways of all shelves together, weighed into baskets. A joint way is lawful when nothing was put down that
 * was not taken up elsewhere (SPEC FU4). Ways that end in the same basket add up; that is what the shopper is asked
 * to pay for.
 */
import type { Move } from '../core/basket.ts'
import { logSum } from './likelihood.ts'
import { at } from './element.ts'
import { settlingFor, type Question } from './question.ts'
import type { Group } from './matching.ts'
import type { ShelfWays } from './shelf.ts'
import { groupsOf, type Way } from './way.ts'

export interface Basket {
  /** Units taken of each product, by product index. */
  readonly counts: Int32Array
  /** Something that can't be named left too. */
  readonly unknown: boolean
  /** Posterior weight, not normalised. */
  mass: number
  bestScore: number
  best: readonly Way[]
}

export interface Joint {
  readonly baskets: ReadonlyMap<string, Basket>
  /** Of every lawful joint way, never less than what `baskets` holds. */
  readonly totalMass: number
  readonly exhausted: boolean
}

/** Narrower windows, tried in turn where there are too many joint ways for the full one, as shares of it. */
const windowShares = [1, 0.75, 0.55, 0.4, 0.25]

/**
 * Sums every lawful joint way down to `windowNats` below `reference`. Where there are too many, a narrower window is
 * summed, and what it leaves out is bounded from above by all ways of all shelves less those looked at, so that no basket
 * looks surer than it is.
 */
export function combine(question: Question, shelves: readonly ShelfWays[], reference: number): Joint {
  const { windowNats, testimony } = question
  const { maxJointWays } = question.parameters
  const groups = groupsOfEach(question, shelves)
  const bounds = boundsOf(question, shelves, groups)
  const leastOf = (share: number): Least => ({
    first: reference - share * windowNats - testimony.ceiling,
    second: reference - share * windowNats - testimony.secondCeiling,
  })
  const share = windowShares.find((one) => countWays(shelves, bounds, leastOf(one), maxJointWays) <= maxJointWays)
  const least = leastOf(share ?? windowShares.at(-1) ?? 1)
  const baskets = new Map<string, Basket>()
  const net = new Int32Array(question.skus.length)
  const chosen: Way[] = []
  const account = testimony.account()
  const { firstAfter, secondAfter, seconds } = bounds
  let totalMass = 0
  /** Of all joint ways looked at, lawful or not, at the most that witnesses may add, by either bound. */
  const looked = { first: 0, second: 0 }
  let seen = 0

  const weigh = (first: number, second: number, plain: number, takes: number, unknown: boolean): void => {
    const settling = settlingFor(question, takes)
    const firstMass = Math.exp(first + testimony.ceiling + settling - reference)
    const secondMass = Math.exp(second + testimony.secondCeiling + settling - reference)
    looked.first += firstMass
    looked.second += secondMass
    if (!isLawful(net, unknown)) return
    const said = account.said()
    // What is too much to reckon counts against every basket, at the most that it may weigh.
    if (said === null) totalMass += Math.min(firstMass, secondMass)
    else {
      const exact = plain + said + settling
      const mass = Math.exp(exact - reference)
      totalMass += mass
      addTo(baskets, net, unknown, exact, mass, chosen)
    }
  }
  const choose = (
    index: number,
    first: number,
    second: number,
    plain: number,
    takes: number,
    unknown: boolean,
  ): boolean => {
    const shelf = shelves[index]
    if (shelf === undefined) {
      weigh(first, second, plain, takes, unknown)
      return ++seen <= maxJointWays
    }
    const shelfSeconds = seconds[index] as Float64Array
    for (const [nth, way] of shelf.ways.entries()) {
      const nextFirst = first + way.score
      if (nextFirst + at(firstAfter, index + 1) < least.first) break
      const nextSecond = second + at(shelfSeconds, nth)
      if (nextSecond + at(secondAfter, index + 1) < least.second) continue
      for (const { product, count } of way.changes) net[product] = at(net, product) - count
      chosen.push(way)
      account.push(groups(index, nth))
      const more = choose(
        index + 1,
        nextFirst,
        nextSecond,
        plain + way.plain,
        takes + way.takes,
        unknown || way.unknown,
      )
      chosen.pop()
      account.pop()
      for (const { product, count } of way.changes) net[product] = at(net, product) + count
      if (!more) return false
    }
    return true
  }
  choose(0, 0, 0, 0, 0, false)
  const leftOut =
    share === windowShares[0]
      ? 0
      : Math.min(
          Math.exp(logAll(question, shelves, (_, __, { score }) => score) + testimony.ceiling - reference) - looked.first,
          Math.exp(logAll(question, shelves, (index, nth) => at(seconds[index] as Float64Array, nth)) + testimony.secondCeiling - reference) - looked.second,
        ) // prettier-ignore
  return { baskets, totalMass: totalMass + Math.max(0, leftOut), exhausted: share === undefined }
}

/** The least that a joint way must reach by each bound. */
interface Least {
  readonly first: number
  readonly second: number
}

/** Both bounds of what each way and the shelves behind it may come to; a joint way weighs no more than either says. */
interface Bounds {
  /** By shelf, then way: its score by the second bound. */
  readonly seconds: readonly Float64Array[]
  /** By index, and past the last: the best that the shelves from there on can add. */
  readonly firstAfter: Float64Array
  readonly secondAfter: Float64Array
}

function boundsOf(
  { testimony }: Question,
  shelves: readonly ShelfWays[],
  groups: (index: number, nth: number) => readonly Group[],
): Bounds {
  const seconds = shelves.map(({ ways }, index) =>
    Float64Array.from(ways, ({ plain }, nth) =>
      groups(index, nth).reduce((sum, { place, count }) => sum + testimony.secondBound(place, count), plain),
    ),
  )
  const bestSeconds = seconds.map((list) => list.reduce((most, second) => Math.max(most, second), -Infinity))
  return { seconds, firstAfter: bestsAfter(shelves.map(({ ways }) => ways[0]?.score ?? -Infinity)), secondAfter: bestsAfter(bestSeconds) } // prettier-ignore
}

/** The score of the best lawful joint way that `shelves` has, exactly, or `floor` where it finds none better. */
export function bestLawful(question: Question, shelves: readonly ShelfWays[], floor: number): number {
  const { testimony } = question
  const net = new Int32Array(question.skus.length)
  const account = testimony.account()
  const groups = groupsOfEach(question, shelves)
  const { seconds, firstAfter, secondAfter } = boundsOf(question, shelves, groups)
  let best = floor
  let left = question.parameters.maxJointWays
  const choose = (index: number, first: number, second: number, plain: number, unknown: boolean): void => {
    const shelf = shelves[index]
    if (shelf === undefined) {
      left--
      if (isLawful(net, unknown)) {
        const said = account.said()
        if (said !== null) best = Math.max(best, plain + said)
      }
      return
    }
    const shelfSeconds = seconds[index] as Float64Array
    for (const [nth, way] of shelf.ways.entries()) {
      const nextFirst = first + way.score
      if (left <= 0 || nextFirst + at(firstAfter, index + 1) + testimony.ceiling <= best) return
      const nextSecond = second + at(shelfSeconds, nth)
      if (nextSecond + at(secondAfter, index + 1) + testimony.secondCeiling <= best) continue
      for (const { product, count } of way.changes) net[product] = at(net, product) - count
      account.push(groups(index, nth))
      choose(index + 1, nextFirst, nextSecond, plain + way.plain, unknown || way.unknown)
      account.pop()
      for (const { product, count } of way.changes) net[product] = at(net, product) + count
    }
  }
  choose(0, 0, 0, 0, false)
  return best
}

/** What was put down may have come from a shelf that can't tell what left it, and only from there. */
function isLawful(net: Int32Array, unknown: boolean): boolean {
  if (unknown) return true
  for (let product = 0; product < net.length; product++) if (at(net, product) < 0) return false
  return true
}

/** The moves of each way, made when they are first asked for; none where nobody would hear of them. */
function groupsOfEach(
  question: Question,
  shelves: readonly ShelfWays[],
): (index: number, nth: number) => readonly Group[] {
  const none: Group[] = []
  const known: Group[][][] = shelves.map(() => [])
  return (index, nth) => {
    if (!question.testimony.speaks) return none
    const list = known[index] as Group[][]
    return (list[nth] ??= groupsOf(question, index, shelves[index]?.ways[nth] as Way))
  }
}

export const groupsOfAll = (question: Question, ways: readonly Way[]): Group[] =>
  ways.flatMap((way, index) => groupsOf(question, index, way))

/** How many joint ways reach `least`, lawful or not; stops counting beyond `most`. */
function countWays(shelves: readonly ShelfWays[], { seconds, firstAfter, secondAfter }: Bounds, least: Least, most: number): number {
  let count = 0
  const choose = (index: number, first: number, second: number): void => {
    const shelf = shelves[index]
    if (shelf === undefined) {
      count++
      return
    }
    const shelfSeconds = seconds[index] as Float64Array
    for (const [nth, way] of shelf.ways.entries()) {
      if (count > most || first + way.score + at(firstAfter, index + 1) < least.first) return
      const nextSecond = second + at(shelfSeconds, nth)
      if (nextSecond + at(secondAfter, index + 1) >= least.second) choose(index + 1, first + way.score, nextSecond)
    }
  }
  choose(0, 0, 0)
  return count
} // prettier-ignore

/** By index, and past the last: the sum of the bests from there on. */
const bestsAfter = (bests: readonly number[]): Float64Array =>
  Float64Array.from({ length: bests.length + 1 }, (_, index) => bests.slice(index).reduce((sum, best) => sum + best, 0))

/** log of the mass of all joint ways, lawful or not: by their number of takes, for that is what settles the prior. */
function logAll(
  question: Question,
  shelves: readonly ShelfWays[],
  scoreOf: (index: number, nth: number, way: Way) => number,
): number {
  let byTakes = [0]
  for (const [index, { ways }] of shelves.entries()) {
    const next: number[] = []
    for (const [before, log] of byTakes.entries()) {
      for (const [nth, way] of ways.entries()) {
        const takes = before + way.takes
        next[takes] = logSum(next[takes] ?? -Infinity, log + scoreOf(index, nth, way))
      }
    }
    byTakes = Array.from(next, (log: number | undefined) => log ?? -Infinity)
  }
  return byTakes.reduce((sum, log, takes) => logSum(sum, log + settlingFor(question, takes)), -Infinity)
}

/** Adds one joint way to its basket. */
function addTo(
  baskets: Map<string, Basket>,
  net: Int32Array,
  unknown: boolean,
  score: number,
  mass: number,
  chosen: readonly Way[],
): void {
  let key = unknown ? '?' : ''
  for (let product = 0; product < net.length; product++) {
    const count = at(net, product)
    if (count > 0) key += `${product}:${count},`
  }
  const basket = baskets.get(key)
  if (basket === undefined) {
    const counts = net.map((count) => Math.max(0, count))
    baskets.set(key, { counts, unknown, mass, bestScore: score, best: [...chosen] })
  } else {
    basket.mass += mass
    if (score > basket.bestScore) {
      basket.bestScore = score
      basket.best = [...chosen]
    }
  }
}

/** The ways' changes as moves, sorted by shelf and sku. */
export function movesOf(question: Question, ways: readonly Way[]): Move[] {
  return ways.flatMap((way, index) =>
    way.changes.map(({ product, count }) => ({
      sku: question.skus[product] as Move['sku'],
      shelf: question.shelves[index]?.shelf as number,
      count,
    })),
  )
}
