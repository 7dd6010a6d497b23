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
  const windows = windowShares.map((share) => share * windowNats + testimony.ceiling)
  const window = windows.find((nats) => countWays(shelves, reference - nats, maxJointWays) <= maxJointWays)
  const baskets = new Map<string, Basket>()
  const net = new Int32Array(question.skus.length)
  const chosen: Way[] = []
  const account = testimony.account()
  const groups = groupsOfEach(question, shelves)
  const after = bestsAfter(shelves)
  let totalMass = 0
  /** Of all joint ways looked at, lawful or not, at the most that witnesses may add. */
  let boundMass = 0
  let seen = 0

  const weigh = (score: number, plain: number, takes: number, unknown: boolean): void => {
    const settling = settlingFor(question, takes)
    const most = Math.exp(score + testimony.ceiling + settling - reference)
    boundMass += most
    if (!isLawful(net, unknown)) return
    const said = account.said()
    // What is too much to reckon counts against every basket, at the most that it may weigh.
    if (said === null) totalMass += most
    else {
      const exact = plain + said + settling
      const mass = Math.exp(exact - reference)
      totalMass += mass
      addTo(baskets, net, unknown, exact, mass, chosen)
    }
  }
  const choose = (
    index: number,
    score: number,
    plain: number,
    takes: number,
    unknown: boolean,
    least: number,
  ): boolean => {
    const shelf = shelves[index]
    if (shelf === undefined) {
      weigh(score, plain, takes, unknown)
      return ++seen <= maxJointWays
    }
    for (const [nth, way] of shelf.ways.entries()) {
      const total = score + way.score
      if (total + at(after, index + 1) < least) break
      for (const { product, count } of way.changes) net[product] = at(net, product) - count
      chosen.push(way)
      account.push(groups(index, nth))
      const more = choose(index + 1, total, plain + way.plain, takes + way.takes, unknown || way.unknown, least)
      chosen.pop()
      account.pop()
      for (const { product, count } of way.changes) net[product] = at(net, product) + count
      if (!more) return false
    }
    return true
  }
  choose(0, 0, 0, 0, false, reference - (window ?? windows.at(-1) ?? windowNats))
  const all = window === windows[0] ? 0 : Math.exp(logAll(question, shelves) + testimony.ceiling - reference)
  return { baskets, totalMass: totalMass + Math.max(0, all - boundMass), exhausted: window === undefined }
}

/** The score of the best lawful joint way that `shelves` has, exactly, or `floor` where it finds none better. */
export function bestLawful(question: Question, shelves: readonly ShelfWays[], floor: number): number {
  const { testimony } = question
  const net = new Int32Array(question.skus.length)
  const account = testimony.account()
  const groups = groupsOfEach(question, shelves)
  const after = bestsAfter(shelves)
  let best = floor
  let left = question.parameters.maxJointWays
  const choose = (index: number, score: number, plain: number, unknown: boolean): void => {
    const shelf = shelves[index]
    if (shelf === undefined) {
      left--
      if (isLawful(net, unknown)) {
        const said = account.said()
        if (said !== null) best = Math.max(best, plain + said)
      }
      return
    }
    for (const [nth, way] of shelf.ways.entries()) {
      const total = score + way.score
      if (left <= 0 || total + at(after, index + 1) + testimony.ceiling <= best) return
      for (const { product, count } of way.changes) net[product] = at(net, product) - count
      account.push(groups(index, nth))
      choose(index + 1, total, plain + way.plain, unknown || way.unknown)
      account.pop()
      for (const { product, count } of way.changes) net[product] = at(net, product) + count
    }
  }
  choose(0, 0, 0, false)
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
function countWays(shelves: readonly ShelfWays[], least: number, most: number): number {
  const after = bestsAfter(shelves)
  let count = 0
  const choose = (index: number, score: number): void => {
    const shelf = shelves[index]
    if (shelf === undefined) {
      count++
      return
    }
    for (const way of shelf.ways) {
      if (count > most || score + way.score + at(after, index + 1) < least) return
      choose(index + 1, score + way.score)
    }
  }
  choose(0, 0)
  return count
}

/** By index, and past the last: the best that the shelves from there on can add. */
const bestsAfter = (shelves: readonly ShelfWays[]): Float64Array =>
  Float64Array.from({ length: shelves.length + 1 }, (_, index) =>
    shelves.slice(index).reduce((sum, { ways }) => sum + (ways[0]?.score ?? -Infinity), 0),
  )

/** log of the mass of all joint ways, lawful or not: by their number of takes, for that is what settles the prior. */
function logAll(question: Question, shelves: readonly ShelfWays[]): number {
  let byTakes = [0]
  for (const { ways } of shelves) {
    const next: number[] = []
    for (const [before, log] of byTakes.entries()) {
      for (const { takes, score } of ways) {
        next[before + takes] = logSum(next[before + takes] ?? -Infinity, log + score)
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
