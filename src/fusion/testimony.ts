/**
 * Testimony: what all witnesses together say of the moves of a joint way (SPEC, "What witnesses say"), and bounds on it
 * that add up over moves, by which the search may cut. In nats, against "nothing moved".
 *
 * Holds always: an account is exact, or null where it would cost too much; no joint way's testimony is above `ceiling` and the
 * sum of its moves' `bound`s. Without a voice all of it is 0.
 */
import type { Sights } from '../core/sighting.ts'
import { at } from './element.ts'
import { hear, placeOf, put, taken, type Scene } from './hearing.ts'
import { logSum } from './likelihood.ts'
import {
  addMove, copyTold, logHighest, logMatchings, logTold, logToldWith, moveCost, moveWeight, noneTold, sharedOut, sumsWithin, toldCost,
  type Group, type Told, type Voice,
} from './matching.ts' // prettier-ignore
import type { FusionParameters } from './parameters.ts'

export interface Testimony {
  readonly speaks: boolean
  /** Any voice tells of anything. */
  readonly sighted: boolean
  /** What sightings may be worth beyond their moves' bounds, at most, and what round trips may add. */
  readonly ceiling: number
  /** The most that `count` moves at a place may add to that, whatever else moved. `shelf` witnesses are taken at their word. */
  bound(place: number, count: number): number
  /** The same where these too are shared out: higher for who explains nothing, lower for who explains one thing twice. */
  readonly secondCeiling: number
  secondBound(place: number, count: number): number
  /** Of moves that change one shelf after the other. */
  account(): Account
  /** What each voice says of these moves, round trips left out. */
  byVoice(groups: readonly Group[]): { readonly id: string; readonly nats: number }[]
}

/** What witnesses say of all moves pushed; each shelf's are reckoned once for all that is pushed after them. */
export interface Account {
  push(groups: readonly Group[]): void
  pop(): void
  /** Exactly, or null where the effort is spent. */
  said(): number | null
}

interface Trip {
  readonly take: number
  readonly put: number
}

const mostSharedExactly = 11

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
  let left = parameters.maxMatching

  /** Of voices whose sightings are divided by what makes the bound hold together with their ceiling. */
  function boundBy(divided: readonly Voice[]): (place: number, count: number) => number {
    const bounds = new Map<number, number[]>()
    return (place, count) => {
      if (!speaks || count === 0) return 0
      const known = bounds.get(place)
      if (known !== undefined && count < known.length) return at(known, count)
      const list = divided.reduce((sum, voice) => addUp(sum, boundsOf(voice, place, count + 3)), [0])
      bounds.set(place, list)
      return at(list, count)
    }
  }
  /** By number of moves at a place. Where a witness tells of much, its sightings are not held to one move each. */
  function boundsOf(voice: Voice, place: number, most: number): number[] {
    const told = voice.sightings <= mostSharedExactly ? noneTold(voice) : null
    const one = voice.trust * Math.log(moveWeight(voice, place))
    const list = [0]
    for (let units = 1; units <= most; units++) {
      if (told !== null) addMove(voice, told, place)
      list.push(told === null ? units * one : voice.trust * logTold(voice, told))
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

  let withinJourneys: Float64Array[][] | null = null
  /** By journey and crossing voice: what its moves may tell with the sightings that others leave over. */
  const within = (): Float64Array[][] =>
    (withinJourneys ??= journeys.map((journey) => {
      const moves = journey.flatMap((trip) => [trip.take, trip.put])
      return moves.length === 0 ? [] : crossing.map((voice) => sumsWithin(voice, moves))
    }))

  /** log, over the journeys, of what crossing witnesses tell; `told` is by voice, in the order of `ordered`. */
  function logCrossing(told: readonly Told[]): number {
    let seen = -Infinity
    for (const [index, sums] of within().entries()) {
      let log = (journeys[index] as readonly Trip[]).length * logTrip
      for (const [voiceIndex, voice] of crossing.entries()) {
        const after = told[voiceIndex] as Told
        left -= toldCost(voice, after)
        const further = sums[voiceIndex]
        log += voice.trust * (further === undefined ? logTold(voice, after) : logToldWith(voice, after, further))
      }
      seen = logSum(seen, log)
    }
    return seen
  }

  const ordered = [...crossing, ...lasting]
  function account(): Account {
    const pushed: (readonly Group[])[] = []
    /** By how much of `pushed` it tells of, then by voice. As far as `reckoned` it holds. */
    const told: Told[][] = [ordered.map(noneTold)]
    const room: Told[][] = []
    let reckoned = 0

    function reckon(depth: number): void {
      const before = told[depth] as Told[]
      const groups = pushed[depth] as readonly Group[]
      if (groups.length === 0) return void (told[depth + 1] = before)
      const after = (room[depth] ??= ordered.map(noneTold))
      for (const [index, voice] of ordered.entries()) {
        const one = after[index] as Told
        copyTold(voice, before[index] as Told, one)
        for (const { place, count } of groups) {
          for (let unit = 0; unit < count; unit++) {
            addMove(voice, one, place)
            left -= moveCost(voice, one)
          }
        }
      }
      told[depth + 1] = after
    }

    return {
      push(groups) {
        if (!speaks) return
        pushed.push(groups)
      },
      pop() {
        if (!speaks) return
        pushed.pop()
        reckoned = Math.min(reckoned, pushed.length)
      },
      said() {
        if (!speaks) return 0
        if (left <= 0) return null
        for (; reckoned < pushed.length; reckoned++) reckon(reckoned)
        const all = told[reckoned] as Told[]
        let sum = logCrossing(all)
        for (const [index, voice] of lasting.entries()) {
          const one = all[crossing.length + index] as Told
          left -= toldCost(voice, one)
          sum += voice.trust * logTold(voice, one)
        }
        return sum
      },
    }
  }

  return {
    speaks,
    sighted,
    bound: boundBy(voices.map((voice, index) => (voice.crossing ? (shared[index] ?? voice) : voice))),
    ceiling: highest.reduce((sum, nats, index) => (voices[index]?.crossing === true ? sum + nats : sum), tripsBound),
    secondBound: boundBy(shared),
    secondCeiling: highest.reduce((sum, nats) => sum + nats, tripsBound),
    account,
    byVoice: (groups) =>
      voices.map((voice) => ({
        id: voice.id,
        nats: voice.trust * logMatchings(voice, groups),
      })),
  }
}

const addUp = (some: readonly number[], others: readonly number[]): number[] =>
  others.map((value, index) => value + (some[index] ?? 0))
