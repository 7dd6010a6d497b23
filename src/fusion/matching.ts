/**
 * Matching: how likely one witness's sightings are, given the moves there were, against all of them being false (SPEC,
 * "What witnesses say"). Each sighting tells of at most one move, each move is told of at most once; every such assignment
 * is summed, exactly, move by move: `Told[set]` is the weight of all assignments so far that use that set of sightings.
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

/** By set of sightings, as bits. */
export type Told = Float64Array

export const noneTold = ({ sightings }: Voice): Told => {
  const told = new Float64Array(1 << sightings)
  told[0] = 1
  return told
}

/** One more move at `place`; changes `told`. */
export function addMove({ sightings, miss, odds }: Voice, told: Told, place: number): void {
  const missed = at(miss, place)
  const row = place * sightings
  // Downwards, so that a set's parts still stand for the moves before.
  for (let set = told.length - 1; set >= 0; set--) {
    let sum = at(told, set) * missed
    for (let sighting = 0; sighting < sightings; sighting++) {
      const bit = 1 << sighting
      if ((set & bit) !== 0) sum += at(told, set ^ bit) * at(odds, row + sighting)
    }
    told[set] = sum
  }
}

/** The same where sightings are not held to one move each: a factor for every move at `place`. */
export function moveWeight({ sightings, miss, odds }: Voice, place: number): number {
  let weight = at(miss, place)
  for (let sighting = 0; sighting < sightings; sighting++) weight += at(odds, place * sightings + sighting)
  return weight
}

export const logTold = (told: Told): number => Math.log(told.reduce((sum, weight) => sum + weight, 0))

/** Steps that so many moves take: what an effort is counted in. */
export const moveCost = ({ sightings }: Voice): number => (1 + sightings) << sightings

/** log P(sightings | moves) - log P(sightings | nothing moved), without the voice's trust. */
export function logMatchings(voice: Voice, groups: readonly Group[]): number {
  const told = noneTold(voice)
  for (const { place, count } of groups) for (let unit = 0; unit < count; unit++) addMove(voice, told, place)
  return logTold(told)
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
