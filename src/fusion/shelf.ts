/**
 * Shelf: the ways in which one shelf's change may have come about, each with its score in nats (prior + likelihood of the
 * weights + the most that witnesses may add, SPEC "The search").
 * Holds always: no way that scores `least` or more is left out, unless `exhausted`. A free way needs nothing from
 * another shelf; a way with a put does, which joint.ts checks (SPEC FU4). Called by search.ts.
 */
import { logForeignDensity } from './likelihood.ts'
import { eachOdditySet, odditiesOf, type Change, type Oddity } from './oddities.ts'
import { deadWays, logSomeTaken } from './dead-shelf.ts'
import { at } from './element.ts'
import type { Question, ShelfQuestion } from './question.ts'
import { placesOf, takesNear, type Found, type Places, type Threshold } from './takes.ts'
import { boundOf, type Way } from './way.ts'

export interface ShelfWays {
  /** Best first. */
  readonly ways: readonly Way[]
  readonly exhausted: boolean
}

/** A shelf, with what every search on it needs. */
export interface Shelf {
  readonly asked: ShelfQuestion
  readonly places: Places
  readonly oddities: readonly Oddity[]
}

export interface Reach {
  /** The least score of interest. In the search for the best it rises with each better way. */
  readonly least: number
  readonly puts: boolean
  readonly bestOnly: boolean
  /** What a put of each product needs from the rest of the fridge, nats: counts against it, not in its score. */
  readonly needs: Float64Array
}

export const shelfOf = (question: Question, asked: ShelfQuestion): Shelf => ({
  asked,
  places: placesOf(question, asked),
  oddities: odditiesOf(question, asked),
})

export function waysOf(question: Question, shelf: Shelf, reach: Reach): ShelfWays {
  const { deltaGrams } = shelf.asked
  const ways = deltaGrams === null ? deadWays(question, shelf.asked) : foreignWays(question, shelf.asked, deltaGrams)
  const wanted = ways.filter(({ score, changes }) => score >= reach.least && (reach.puts || isFree(changes)))
  return deltaGrams === null ? sorted(wanted, false) : addNamedWays(question, shelf, deltaGrams, reach, wanted)
}

const isFree = (changes: readonly Change[]): boolean => changes.every(({ count }) => count < 0)

/**
 * Something the catalogue does not know was put on, or taken; where it was put on, anything that stands there may have left
 * under it, also where the shelf is lighter now. Or all of that came about while nobody watched: before the visit, without power.
 */
function foreignWays(question: Question, { stock, index: shelf }: ShelfQuestion, deltaGrams: number): Way[] {
  const { foreignOdds, foreignTakenOdds } = question.parameters
  const density = logForeignDensity(deltaGrams, question.parameters)
  const some = logSomeTaken(question, stock)
  const came = {
    plain: Math.log(foreignOdds) + density,
    changes: [],
    unknown: false,
    foreignPut: true,
    unwatched: false,
    takes: 0,
    meanGrams: null,
  }
  const left = { ...came, plain: Math.log(foreignTakenOdds) + density, unknown: true, foreignPut: false }
  const ways = [deltaGrams < 0 ? left : came]
  if (some > -Infinity) ways.push({ ...came, plain: came.plain + some, unknown: true, takes: 1 })
  const { unwatchedShare } = question.parameters
  return [unwatchedShare, 1 - unwatchedShare].flatMap((share, index) =>
    ways
      .map((way) => ({ ...way, plain: way.plain + Math.log(share), unwatched: index === 0 }))
      .map((way) => ({ ...way, score: way.plain + boundOf(question, shelf, way) })),
  )
}

/** Takes of what stands there, with each set of oddities that may be worth it. */
function addNamedWays(question: Question, shelf: Shelf, deltaGrams: number, reach: Reach, ways: Way[]): ShelfWays {
  const { cell, effort } = question
  const oddities = reach.puts ? shelf.oddities : shelf.oddities.filter(({ count }) => count < 0)
  const threshold: Threshold = { least: 0 }
  let least = reach.bestOnly ? ways.reduce((score, way) => Math.max(score, way.score), reach.least) : reach.least
  const exhausted = (): boolean => effort.visitsLeft < 0 || effort.waysLeft < 0
  eachOdditySet(
    oddities,
    reach.needs,
    () => (exhausted() ? Infinity : least - cell.peak - at(shelf.places.gainsFrom, 0)),
    (set) => {
      threshold.least = least + set.needs
      const { logPrior, variance } = set
      const wanted = { grams: set.grams - deltaGrams, offsetGrams: set.grams, variance, logPrior }
      takesNear(question, shelf.places, wanted, threshold, (take) => {
        const changes = changesOf(take, set.oddities)
        if (changes === null) return
        effort.waysLeft--
        const takes = changes.reduce((sum, { count }) => (count < 0 ? sum + 1 : sum), 0)
        const { score } = take
        const plain = score - take.bound - set.bound
        const meanGrams = set.grams - take.grams
        ways.push({ score, plain, changes, unknown: false, foreignPut: false, unwatched: false, takes, meanGrams })
        if (reach.bestOnly) threshold.least = Math.max(threshold.least, take.score)
      })
      if (reach.bestOnly) least = Math.max(least, threshold.least - set.needs)
    },
  )
  return sorted(ways, exhausted())
}

/** Null when an oddity speaks of a product that the take speaks of too: each product changes once on a shelf. */
function changesOf({ places, units }: Found, oddities: readonly Oddity[]): Change[] | null {
  const changes: Change[] = []
  for (const [index, { product }] of places.entries()) {
    const count = at(units, index)
    if (count === 0) continue
    if (oddities.some((oddity) => oddity.product === product)) return null
    changes.push({ product, count: -count })
  }
  for (const { product, count } of oddities) changes.push({ product, count })
  return changes.sort((a, b) => a.product - b.product)
}

function sorted(ways: Way[], exhausted: boolean): ShelfWays {
  return { ways: ways.sort((a, b) => b.score - a.score), exhausted }
}
