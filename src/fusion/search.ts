/**
 * Search: which of each shelf's ways can be part of a joint way within `windowNats` of the best lawful one, proved by
 * bounds (SPEC, "The search"). Narrow first: what the best costs says how far down the rest is worth a look.
 */
import { bestLawful, combine, type Joint } from './joint.ts'
import { at } from './element.ts'
import type { Question } from './question.ts'
import { shelfOf, waysOf, type Reach, type Shelf, type ShelfWays } from './shelf.ts'

/** How far below each shelf's best the first, quick look goes, nats. */
const firstLookNats = 4

export function searchAll(question: Question): Joint {
  const { parameters, cell, testimony } = question
  const shelves = question.shelves.map((asked) => shelfOf(question, asked))
  const none = new Float64Array(question.skus.length)
  let exhausted = false
  const look = (least: (index: number) => number, options: Omit<Reach, 'least'>): ShelfWays[] =>
    shelves.map((shelf, index) => told(waysOf(question, shelf, { ...options, least: least(index) })))
  const told = (ways: ShelfWays): ShelfWays => {
    exhausted ||= ways.exhausted
    return ways
  }
  const everything = { puts: true, bestOnly: false, needs: none }

  // The best on each shelf, alone: without puts (lawful together whatever they are), and with (an upper bound).
  const free = look(() => -Infinity, { puts: false, bestOnly: true, needs: none }).map(bestOf)
  const best = look((index) => at(free, index), { puts: true, bestOnly: true, needs: none }).map((ways, index) =>
    Math.max(at(free, index), bestOf(ways)),
  )
  const allBest = sum(best)

  // The best lawful joint way, or near it. Where puts gain nothing it is the free bests together.
  // With witnesses, what a shelf's best adds is only a bound, so what the best comes to has to be reckoned.
  let reference = testimony.speaks ? -Infinity : sum(free)
  if (allBest > reference) {
    const near = look((index) => Math.min(at(free, index), at(best, index) - firstLookNats), everything)
    reference = bestLawful(question, near, reference)
  }
  if (reference === -Infinity) return { baskets: new Map(), totalMass: 0, exhausted: true }

  // A way is worth keeping when it reaches the window though all other shelves are at their best.
  const least = (index: number): number =>
    reference - question.windowNats - testimony.ceiling - (allBest - at(best, index))
  const feeding = shelves.map(
    (shelf) => Math.log(parameters.misplacedOdds) + question.logTake + cell.peak + gainOf(shelf),
  )
  const feeders = look((index) => Math.max(least(index), at(feeding, index)), {
    puts: false,
    bestOnly: false,
    needs: none,
  })
  const kept = shelves.map((shelf, index) => {
    const needs = needsOf(question, feeders, best, feeding, index, least)
    return told(waysOf(question, shelf, { puts: true, bestOnly: false, needs, least: least(index) }))
  })
  const joint = combine(question, kept, reference)
  return { ...joint, exhausted: joint.exhausted || exhausted }
}

/**
 * What a put of each product on this shelf costs the other shelves at least: on one of them a way must take that
 * product, or something unknown. Ways with puts of their own take it at `feeding` at best.
 */
function needsOf(
  question: Question,
  feeders: readonly ShelfWays[],
  best: readonly number[],
  feeding: readonly number[],
  putShelf: number,
  least: (index: number) => number,
): Float64Array {
  const needs = new Float64Array(question.skus.length).fill(Infinity)
  for (const [index, { ways }] of feeders.entries()) {
    if (index === putShelf) continue
    const floor = Math.max(least(index), at(feeding, index))
    const lossOf = (score: number): number => Math.max(0, at(best, index) - score)
    const unknown = ways.reduce((most, way) => (way.unknown ? Math.max(most, way.score) : most), floor)
    for (const product of needs.keys()) needs[product] = Math.min(at(needs, product), lossOf(unknown))
    for (const way of ways) {
      for (const { product } of way.changes) needs[product] = Math.min(at(needs, product), lossOf(way.score))
    }
  }
  return needs
}

/** The most that witnesses may add to a shelf's way: to its takes, and to two oddities. */
function gainOf({ places, oddities }: Shelf): number {
  const bounds = oddities.map(({ bound }) => Math.max(0, bound)).sort((a, b) => b - a)
  return at(places.gainsFrom, 0) + (bounds[0] ?? 0) + (bounds[1] ?? 0)
}

const bestOf = ({ ways }: ShelfWays): number => ways[0]?.score ?? -Infinity
const sum = (list: readonly number[]): number => list.reduce((total, value) => total + value, 0)
