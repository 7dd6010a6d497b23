/**
 * Matching: how likely one witness's sightings are, given the moves there were, against all of them being false (SPEC,
 * "What witnesses say"). Each sighting tells of at most one move, each move is told of at most once; every such assignment
 * is summed, exactly, move by move, as the weight of all assignments so far that use a set of sightings.
 */
import { at } from './element.ts'

/** Moves that no witness can tell apart: so many units of one product, taken from or put on one shelf. */
export interface Group {
  /** Place (hearing.ts): direction, shelf and product as one index. */
  readonly place: number
  readonly count: number
}

export interface Voice {
  readonly id: string
  /** It sees what is carried past, so a round trip too; otherwise only what stands differently in the end. */
  readonly crossing: boolean
  /** What its log likelihood counts for. */
  readonly trust: number
  readonly sightings: number
  /** By place: the probability that a move is not told of. */
  readonly miss: Float64Array
  /** log density of all sightings being false, up to what no parameter changes. */
  readonly logFalse: number
  /** By place, then sighting: that it tells of such a move, over that it is false. */
  readonly odds: Float64Array
}

/** The weight of each set of sightings, as bits. Of sets larger than `reach` nothing was told: what stands there is stale. */
export interface Told {
  readonly weights: Float64Array
  reach: number
}

export const noneTold = ({ sightings }: Voice): Told => {
  const weights = new Float64Array(1 << sightings)
  weights[0] = 1
  return { weights, reach: 0 }
}

interface Sets {
  /** Every set of so many sightings, smaller ones first. */
  readonly list: Int32Array
  /** By size: where sets of that size begin in it. */
  readonly from: readonly number[]
}

const setsBySightings: Sets[] = []

/** Sets by size: few moves tell of small sets only, and most sets of many sightings are large. */
function setsOf(sightings: number): Sets {
  const known = setsBySightings[sightings]
  if (known !== undefined) return known
  const bySize: number[][] = Array.from({ length: sightings + 1 }, () => [])
  for (let set = 0; set < 1 << sightings; set++) bySize[sizeOf(set)]?.push(set)
  const from = [0]
  for (const sets of bySize) from.push(at(from, from.length - 1) + sets.length)
  return (setsBySightings[sightings] = { list: Int32Array.from(bySize.flat()), from })
}

function sizeOf(set: number): number {
  let size = 0
  for (let rest = set; rest !== 0; rest &= rest - 1) size++
  return size
}

/** One more move at `place`; changes `told`. */
export function addMove({ sightings, miss, odds }: Voice, told: Told, place: number): void {
  const { weights, reach } = told
  const { list, from } = setsOf(sightings)
  const missed = at(miss, place)
  const row = place * sightings
  // Larger sets first, so that a set's parts still stand for the moves before.
  const further = Math.min(sightings, reach + 1)
  const old = at(from, reach + 1)
  for (let index = at(from, further + 1) - 1; index >= 0; index--) {
    const set = at(list, index)
    let sum = index < old ? at(weights, set) * missed : 0
    for (let rest = set; rest !== 0; rest &= rest - 1) {
      const bit = rest & -rest
      sum += at(weights, set ^ bit) * at(odds, row + 31 - Math.clz32(bit))
    }
    weights[set] = sum
  }
  told.reach = further
}

/** `into` becomes what `told` is. */
export function copyTold({ sightings }: Voice, told: Told, into: Told): void {
  const { list, from } = setsOf(sightings)
  for (let index = at(from, told.reach + 1) - 1; index >= 0; index--) {
    const set = at(list, index)
    into.weights[set] = at(told.weights, set)
  }
  into.reach = told.reach
}

/**
 * By set of sightings: the weight of all that further `moves` may tell with those, or with some of them. With
 * `logToldWith` that sums many moves' assignments together without adding the further ones to each.
 */
export function sumsWithin(voice: Voice, moves: readonly number[]): Float64Array {
  const told = noneTold(voice)
  for (const place of moves) addMove(voice, told, place)
  const sums = told.weights
  for (let bit = 1; bit < sums.length; bit <<= 1) {
    for (let set = 0; set < sums.length; set++) if ((set & bit) !== 0) sums[set] = at(sums, set) + at(sums, set ^ bit)
  }
  return sums
}

/** log of all assignments of `told`'s moves and of those that `within` stands for: these have what the first leave over. */
export function logToldWith({ sightings }: Voice, { weights, reach }: Told, within: Float64Array): number {
  const { list, from } = setsOf(sightings)
  const all = within.length - 1
  let sum = 0
  for (let index = at(from, reach + 1) - 1; index >= 0; index--) {
    const set = at(list, index)
    sum += at(weights, set) * at(within, all ^ set)
  }
  return Math.log(sum)
}

/** The same where sightings are not held to one move each: a factor for every move at `place`. */
export function moveWeight({ sightings, miss, odds }: Voice, place: number): number {
  let weight = at(miss, place)
  for (let sighting = 0; sighting < sightings; sighting++) weight += at(odds, place * sightings + sighting)
  return weight
}

export function logTold({ sightings }: Voice, { weights, reach }: Told): number {
  const { list, from } = setsOf(sightings)
  let sum = 0
  for (let index = at(from, reach + 1) - 1; index >= 0; index--) sum += at(weights, at(list, index))
  return Math.log(sum)
}

/** Steps that the last move took, or that summing takes: what an effort is counted in. */
export const moveCost = (voice: Voice, told: Told): number => (1 + told.reach) * toldCost(voice, told)
export const toldCost = ({ sightings }: Voice, { reach }: Told): number => at(setsOf(sightings).from, reach + 1)

/** log P(sightings | moves) - log P(sightings | nothing moved), without the voice's trust. */
export function logMatchings(voice: Voice, groups: readonly Group[]): number {
  const told = noneTold(voice)
  for (const { place, count } of groups) for (let unit = 0; unit < count; unit++) addMove(voice, told, place)
  return logTold(voice, told)
}

/**
 * For bounds: each sighting's odds as shares of one more than its highest, so that no move gains by claiming what another
 * claims too. With c that divisor, sum over assignments of product of odds <= product of c * product over moves of
 * (miss + sum of odds / c), for every sighting is used once at most, and what is unused counts 1 <= c.
 */
export function sharedOut(voice: Voice): Voice {
  const odds = voice.odds.slice()
  for (let sighting = 0; sighting < voice.sightings; sighting++) {
    const divisor = divisorOf(voice, sighting)
    for (let index = sighting; index < odds.length; index += voice.sightings) odds[index] = at(odds, index) / divisor
  }
  return { ...voice, odds }
}

/** log of the product of those divisors. */
export function logHighest(voice: Voice): number {
  let log = 0
  for (let sighting = 0; sighting < voice.sightings; sighting++) log += Math.log(divisorOf(voice, sighting))
  return log
}

function divisorOf({ sightings, odds }: Voice, sighting: number): number {
  let most = 0
  for (let index = sighting; index < odds.length; index += sightings) most = Math.max(most, at(odds, index))
  return 1 + most
}
