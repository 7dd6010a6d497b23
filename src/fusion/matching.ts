/**
 * Matching: how likely one witness's sightings are, given the moves there were, against all of them being false (SPEC,
 * "What a witness says"). Each sighting tells of at most one move, each move is told of at most once; every such assignment
 * is summed, exactly, by dynamic programming over how many moves of each group have been told of.
 */
import { at } from './element.ts'

/** Moves that no witness can tell apart: so many units of one product, taken from or put on one shelf. */
export interface Group {
  /** Place (testimony.ts): direction, shelf and product as one index. */
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
  /** By sighting, then place: that it tells of such a move, over that it is false. */
  readonly odds: Float64Array
}

/** States of the sum: more moves than this many combinations of are not reckoned. */
const mostStates = 4_096

/** What reckoning costs, and so what an effort is counted in; Infinity where it would be too much. */
export function matchingCost({ sightings }: Voice, groups: readonly Group[]): number {
  const states = groups.reduce((product, { count }) => product * (count + 1), 1)
  return states > mostStates ? Infinity : 1 + sightings * states * Math.max(1, groups.length)
}

/** log P(sightings | moves) - log P(sightings | nothing moved), without the voice's trust. Ask the cost first. */
export function logMatchings({ sightings, miss, odds }: Voice, groups: readonly Group[]): number {
  const places = miss.length
  const strides: number[] = []
  let states = 1
  for (const { count } of groups) {
    strides.push(states)
    states *= count + 1
  }
  // State: how many of each group have been told of, as digits. Visited downwards, so that a sighting is used once.
  const weights = new Float64Array(states)
  weights[0] = 1
  for (let sighting = 0; sighting < sightings; sighting++) {
    for (let state = states - 1; state > 0; state--) {
      let sum = at(weights, state)
      for (const [index, { place, count }] of groups.entries()) {
        const stride = at(strides, index)
        const told = Math.floor(state / stride) % (count + 1)
        if (told > 0) sum += at(weights, state - stride) * at(odds, sighting * places + place) * (count - told + 1)
      }
      weights[state] = sum
    }
  }
  let total = 0
  for (let state = 0; state < states; state++) {
    let weight = at(weights, state)
    for (const [index, { place, count }] of groups.entries()) {
      const told = Math.floor(state / at(strides, index)) % (count + 1)
      weight *= at(miss, place) ** (count - told)
    }
    total += weight
  }
  return Math.log(total)
}

/**
 * For bounds: each sighting's odds as shares of one more than its highest, so that no move gains by claiming what another
 * claims too. With c that divisor, sum over assignments of product of odds <= product of c * product over moves of
 * (miss + sum of odds / c), for every sighting is used once at most, and what is unused counts 1 <= c.
 */
export function sharedOut(voice: Voice): Voice {
  const odds = voice.odds.slice()
  const places = voice.miss.length
  for (let sighting = 0; sighting < voice.sightings; sighting++) {
    const divisor = divisorOf(voice, sighting)
    for (let place = 0; place < places; place++)
      odds[sighting * places + place] = at(odds, sighting * places + place) / divisor
  }
  return { ...voice, odds }
}

/** log of the product of those divisors. */
export function logHighest(voice: Voice): number {
  let log = 0
  for (let sighting = 0; sighting < voice.sightings; sighting++) log += Math.log(divisorOf(voice, sighting))
  return log
}

function divisorOf({ miss, odds }: Voice, sighting: number): number {
  let most = 0
  for (let place = 0; place < miss.length; place++) most = Math.max(most, at(odds, sighting * miss.length + place))
  return 1 + most
}
