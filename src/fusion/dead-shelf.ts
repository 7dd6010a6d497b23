/**
 * Dead shelf: the ways of a shelf whose cell says nothing, so that only the prior speaks, and whoever saw something.
 * Without any sighting nothing left, or something unknown did; with one, what may have left is named (SPEC, "A dead cell").
 */
import { at } from './element.ts'
import { placeOf, taken } from './hearing.ts'
import type { Change } from './oddities.ts'
import type { Question, ShelfQuestion } from './question.ts'
import { logTaken } from './takes.ts'
import { boundOf, type Way } from './way.ts'

/** So many products that stand there are named, those that witnesses speak for most. */
const mostNamed = 12

/** That nothing left competes with that anything did. */
export function deadWays(question: Question, asked: ShelfQuestion): Way[] {
  const { index, stock } = asked
  const way = (plain: number, changes: readonly Change[], unknown = false): Way => {
    const takes = unknown ? 1 : changes.filter(({ count }) => count < 0).length
    const told = { changes, unknown, foreignPut: false, unwatched: false }
    return { ...told, plain, score: plain + boundOf(question, index, told), takes, meanGrams: null }
  }
  const named = question.testimony.sighted ? namedTakes(question, asked) : []
  const some = logSomeTaken(question, stock)
  const ways = [way(0, []), ...named.map(({ logPrior, changes }) => way(logPrior, changes))]
  const rest =
    Math.exp(some) - named.reduce((sum, { logPrior, changes }) => sum + asOne(question, logPrior, changes), 0)
  if (rest > 0) ways.push(way(Math.log(rest), [], true))
  const put = Math.log(question.parameters.misplacedOdds)
  for (const product of question.skus.keys()) ways.push(way(put, [{ product, count: 1 }]))
  return ways
}

interface NamedTake {
  readonly logPrior: number
  readonly changes: readonly Change[]
}

/** One or two units of what stands there. */
function namedTakes(question: Question, { index, stock }: ShelfQuestion): NamedTake[] {
  const { scene, testimony } = question
  const spoken = (product: number): number => testimony.bound(placeOf(scene, taken, index, product), 1)
  const products = [...stock.keys()]
    .filter((product) => at(stock, product) > 0)
    .sort((a, b) => spoken(b) - spoken(a) || a - b)
    .slice(0, mostNamed)
    .sort((a, b) => a - b)
  const ones = products.map((product) => ({ logPrior: logTaken(question, 1), changes: [{ product, count: -1 }] }))
  const pairs = products
    .filter((product) => at(stock, product) > 1)
    .map((product) => ({ logPrior: logTaken(question, 2), changes: [{ product, count: -2 }] }))
  const twos = ones.flatMap((first, from) =>
    ones.slice(from + 1).map((second) => ({
      logPrior: first.logPrior + second.logPrior,
      changes: [...first.changes, ...second.changes],
    })),
  )
  return [...ones, ...pairs, ...twos]
}

/** What a named take counts for in the weight of "something", where all of it is reckoned as one take. */
const asOne = (question: Question, logPrior: number, changes: readonly Change[]): number =>
  Math.exp(logPrior - (changes.length - 1) * Math.log(question.parameters.keenness))

/**
 * log prior weight of any take at all from what is believed to stand there, against none: each product at the weight of
 * a first take, all of them together reckoned, like any take, at the keenest.
 */
export function logSomeTaken(question: Question, stock: Int32Array): number {
  const { repeatRatio, keenness } = question.parameters
  const first = Math.exp(question.logTake) / keenness
  let logAll = 0
  for (const count of stock) {
    if (count > 0) logAll += Math.log1p((first * (1 - repeatRatio ** count)) / (1 - repeatRatio))
  }
  return logAll > 0 ? Math.log(Math.expm1(logAll) * keenness) : -Infinity
}
