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
import { logHighest, logMatchings, matchingCost, sharedOut, type Group, type Voice } from './matching.ts'
import type { FusionParameters } from './parameters.ts'

export interface Testimony {
  readonly speaks: boolean
  /** Any voice tells of anything. */
  readonly sighted: boolean
  /** What all sightings are worth at most, were each explained by its best move, and what round trips may add. */
  readonly ceiling: number
  /** The most that `count` moves at a place may add to that, whatever else moved. */
  bound(place: number, count: number): number
  /** The highest `bound` of any count up to `most`, and never below 0 (no move, no word). */
  gain(place: number, most: number): number
  /** Exactly, or null where there are too many moves, or the effort is spent. */
  of(groups: readonly Group[]): number | null
  /** What each voice says of these moves, round trips left out. */
  byVoice(groups: readonly Group[]): { readonly id: string; readonly nats: number }[]
}

interface Trip {
  readonly take: number
  readonly put: number
}

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
  const mostTold = voices.reduce((most, { sightings }) => Math.max(most, sightings), 0)
  const logTrip = Math.log(parameters.roundTripOdds)
  const bounds = new Map<number, number[]>()
  let left = parameters.maxMatching

  const said = (list: readonly Voice[], groups: readonly Group[]): number =>
    list.reduce((sum, voice) => sum + voice.trust * logMatchings(voice, groups), 0)

  /** Beyond as many as there are sightings, each further unit is only missed, and so the bound falls evenly. */
  function bound(place: number, count: number): number {
    if (!speaks || count === 0) return 0
    const known = bounds.get(place) ?? [0]
    bounds.set(place, known)
    const told = Math.min(count, mostTold + 1)
    for (let units = known.length; units <= told; units++) known.push(said(shared, [{ place, count: units }]))
    return at(known, told)
  }

  function gain(place: number, most: number): number {
    if (!sighted) return 0
    let best = 0
    for (let units = 1; units <= Math.min(most, mostTold); units++) best = Math.max(best, bound(place, units))
    return best
  }

  const sharedCrossing = shared.filter((voice) => voice.crossing)
  const logOf = (trip: Trip): number =>
    logTrip +
    said(sharedCrossing, [{ place: trip.take, count: 1 }]) +
    said(sharedCrossing, [{ place: trip.put, count: 1 }])
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

  function of(groups: readonly Group[]): number | null {
    if (!speaks) return 0
    const ways = journeys.map((journey) => ({ journey, groups: withTrips(groups, journey) }))
    const cost =
      lasting.reduce((sum, voice) => sum + matchingCost(voice, groups), 0) +
      ways.reduce((sum, way) => sum + crossing.reduce((some, voice) => some + matchingCost(voice, way.groups), 0), 0)
    if (cost > left) return null
    left -= cost
    const seen = ways.reduce(
      (log, way) => logSum(log, way.journey.length * logTrip + said(crossing, way.groups)),
      -Infinity,
    )
    return seen + said(lasting, groups)
  }

  return {
    speaks,
    sighted,
    bound,
    gain,
    ceiling: highest.reduce((sum, nats) => sum + nats, tripsBound),
    of,
    byVoice: (groups) =>
      voices.map((voice) => ({
        id: voice.id,
        nats: matchingCost(voice, groups) === Infinity ? 0 : voice.trust * logMatchings(voice, groups),
      })),
  }
}

function withTrips(groups: readonly Group[], trips: readonly Trip[]): readonly Group[] {
  if (trips.length === 0) return groups
  const all = groups.map((group) => ({ ...group }))
  for (const place of trips.flatMap((trip) => [trip.take, trip.put])) {
    const known = all.find((group) => group.place === place)
    if (known === undefined) all.push({ place, count: 1 })
    else known.count++
  }
  return all
}
