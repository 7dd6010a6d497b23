/**
 * Testimony: what all witnesses together say of the moves of a joint way (SPEC, "What witnesses say"), and bounds on it
 * that add up over moves, by which the search may cut. In nats, against "nothing moved".
 *
 * Holds always: `of` is exact, or null where it would cost too much; no joint way's testimony is above `ceiling` and the
 * sum of its moves' `bound`s. Without a voice all of it is 0.
 */
import type { Sights } from '../core/sighting.ts'
import { at } from './element.ts'
import { hear, placeOf, put, taken, type Scene } from './hearing.ts'
import { logSum } from './likelihood.ts'
import {
  addMove, logHighest, logMatchings, logTold, moveCost, moveWeight, noneTold, sharedOut, type Group, type Voice,
} from './matching.ts' // prettier-ignore
import type { FusionParameters } from './parameters.ts'

export interface Testimony {
  readonly speaks: boolean
  /** Any voice tells of anything. */
  readonly sighted: boolean
  /** What all sightings are worth at most, were each explained by its best move, and what round trips may add. */
  readonly ceiling: number
  /** The most that `count` moves at a place may add to that, whatever else moved. */
  bound(place: number, count: number): number
  /** Exactly, or null where there are too many moves, or the effort is spent. */
  of(groups: readonly Group[]): number | null
  /** What each voice says of these moves, round trips left out. */
  byVoice(groups: readonly Group[]): { readonly id: string; readonly nats: number }[]
}

interface Trip {
  readonly take: number
  readonly put: number
}

const mostSharedExactly = 6

/** `stocked`: by shelf index, the products that are believed to stand there. */
export function testimonyOf(
  scene: Scene,
  sights: Sights | undefined,
  stocked: readonly (readonly number[])[],
  parameters: FusionParameters,
): Testimony {
  const voices = hear(scene, sights, parameters)
  const speaks = voices.length > 0
  const sighted = voices.some(({ sightings }) => sightings > 0)
  const highest = voices.map((voice) => voice.trust * logHighest(voice))
  const shared = voices.map(sharedOut)
  const crossing = voices.filter((voice) => voice.crossing)
  const lasting = voices.filter((voice) => !voice.crossing)
  const logTrip = Math.log(parameters.roundTripOdds)
  const bounds = new Map<number, number[]>()
  let left = parameters.maxMatching

  function bound(place: number, count: number): number {
    if (!speaks || count === 0) return 0
    const known = bounds.get(place)
    if (known !== undefined && count < known.length) return at(known, count)
    const list = shared.reduce((sum, voice) => addUp(sum, boundsOf(voice, place, count + 3)), [0])
    bounds.set(place, list)
    return at(list, count)
  }
  /** By number of moves at a place. Where a witness tells of much, its sightings are not held to one move each. */
  function boundsOf(voice: Voice, place: number, most: number): number[] {
    const told = voice.sightings <= mostSharedExactly ? noneTold(voice) : null
    const one = voice.trust * Math.log(moveWeight(voice, place))
    const list = [0]
    for (let units = 1; units <= most; units++) {
      if (told !== null) addMove(voice, told, place)
      list.push(told === null ? units * one : voice.trust * logTold(told))
    }
    return list
  }

  const sharedCrossing = shared.filter((voice) => voice.crossing)
  const logOf = (trip: Trip): number =>
    sharedCrossing.reduce(
      (sum, voice) => sum + at(boundsOf(voice, trip.take, 1), 1) + at(boundsOf(voice, trip.put, 1), 1),
      logTrip,
    )
  const trips = (crossing.some(({ sightings }) => sightings > 0) ? stocked : [])
    .flatMap((products, shelf) =>
      products.map((product) => ({
        take: placeOf(scene, taken, shelf, product),
        put: placeOf(scene, put, shelf, product),
      })),
    )
    .map((trip) => ({ ...trip, log: logOf(trip) }))
    .filter(({ log }) => log > -parameters.windowNats)
    .sort((a, b) => b.log - a.log || a.take - b.take)
    .slice(0, parameters.mostRoundTrips)
  const tripsBound = trips.reduce((sum, { log }) => sum + Math.log1p(Math.exp(log)), 0)
  /** None, each, and each two. */
  const journeys: (readonly Trip[])[] = [
    [],
    ...trips.map((trip) => [trip]),
    ...trips.flatMap((first, index) =>
      trips
        .slice(index + 1)
        .filter((second) => first.log + second.log > -parameters.windowNats)
        .map((second) => [first, second]),
    ),
  ]

  const perMove = voices.reduce((sum, voice) => sum + moveCost(voice), 0)
  const tripMoves = journeys.reduce((sum, journey) => sum + 2 * journey.length, 0)
  const perTrips = crossing.reduce((sum, voice) => sum + tripMoves * moveCost(voice), 0)

  function of(groups: readonly Group[]): number | null {
    if (!speaks) return 0
    const moves = groups.reduce((sum, { count }) => sum + count, 1)
    left -= moves * perMove + perTrips
    if (left < 0) return null
    const ends = crossing.map((voice) => {
      const told = noneTold(voice)
      for (const { place, count } of groups) for (let unit = 0; unit < count; unit++) addMove(voice, told, place)
      return { voice, told }
    })
    let seen = -Infinity
    for (const journey of journeys) {
      let log = journey.length * logTrip
      for (const { voice, told } of ends) {
        const after = journey.length === 0 ? told : told.slice()
        for (const trip of journey) {
          addMove(voice, after, trip.take)
          addMove(voice, after, trip.put)
        }
        log += voice.trust * logTold(after)
      }
      seen = logSum(seen, log)
    }
    return lasting.reduce((sum, voice) => sum + voice.trust * logMatchings(voice, groups), seen)
  }

  return {
    speaks,
    sighted,
    bound,
    ceiling: highest.reduce((sum, nats) => sum + nats, tripsBound),
    of,
    byVoice: (groups) =>
      voices.map((voice) => ({
        id: voice.id,
        nats: voice.trust * logMatchings(voice, groups),
      })),
  }
}

const addUp = (some: readonly number[], others: readonly number[]): number[] =>
  others.map((value, index) => value + (some[index] ?? 0))
