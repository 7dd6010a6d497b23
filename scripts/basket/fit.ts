/**
 * Fit: how witnesses see, from records of visits whose truth is known. By maximum likelihood of what each witness told,
 * given what truly moved, under the very model that fusion uses (src/fusion/SPEC.md); and how far several are to be trusted
 * together, by how well the truth then comes out.
 */
import type { Product } from '../../src/core/product.ts'
import { hear, placeOf, put, taken, unknownProduct, type Scene } from '../../src/fusion/hearing.ts'
import { logMatchings, type Group } from '../../src/fusion/matching.ts'
import type { FittedSightParameters, FusionParameters, WitnessParameters } from '../../src/fusion/parameters.ts'
import { resolveBasket } from '../../src/fusion/resolve.ts'
import { lastingOf, type TrueMove } from '../../src/virtual/sights/draw.ts'
import type { SightRecord } from './records.ts'

type Role = 'crossing' | 'beforeAfter'
type Learned = Exclude<keyof WitnessParameters, 'trust'>
/** No lower than a few hundred visits can tell from never. */
const ranges: Readonly<Record<Learned, readonly [number, number]>> = {
  detection: [0.2, 0.995],
  flip: [0.002, 0.3],
  shelfError: [0.002, 0.5],
  falseRate: [0.002, 2],
  falseNone: [0.02, 0.98],
  sharpness: [0.4, 4],
  doubt: [0.002, 0.6],
}
const rounds = 3
const trusts = [0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1, 1.2]
/** One visit in so many is asked with dead cells as well. */
const deadEach = 8
const middleTrust = 0.7
/** No visit's surprise counts for more than this. */
const leastGiven = 1e-4
const doubtful = {
  detection: 0.6,
  flip: 0.05,
  shelfError: 0.1,
  falseRate: 0.3,
  falseNone: 0.4,
  sharpness: 1,
  doubt: 0.2,
} as const

export function fitSights(
  records: readonly SightRecord[],
  products: readonly Product[],
  shelves: number,
  start: FusionParameters,
): FittedSightParameters {
  const scene = {
    skus: products.map(({ sku }) => sku).sort((a, b) => (a < b ? -1 : 1)),
    shelves: Array.from({ length: shelves }, (_, index) => index + 1),
  }
  const crossing = fitRole('crossing', records, scene, start)
  const beforeAfter = fitRole('beforeAfter', records, scene, { ...start, crossing })
  const places = records.reduce(
    (sum, { weighed }) => sum + (weighed?.stock.filter(({ count }) => count > 0).length ?? products.length),
    0,
  )
  const undone = records.reduce((sum, { truth }) => sum + (truth.length - lastingOf(truth).length) / 2, 0)
  const roundTripOdds = (undone + 1) / (places + 2)
  return fitTrust(records, products, { ...start, crossing, beforeAfter, roundTripOdds })
}

function fitRole(
  role: Role,
  records: readonly SightRecord[],
  scene: Scene,
  start: FusionParameters,
): WitnessParameters {
  let best: WitnessParameters = start[role]
  const told = records.filter(({ sights }) => sights.witnesses.some(({ kind }) => roleOf(kind) === role))
  if (told.length === 0) return best
  const score = (model: WitnessParameters): number =>
    told.reduce((sum, record) => sum + logTold(role, record, scene, { ...start, [role]: model }), 0)
  // Who trusts looks too much takes what was badly seen for false, and never learns to doubt: so it begins doubtful.
  if (score({ ...best, ...doubtful }) > score(best)) best = { ...best, ...doubtful }
  for (let round = 0; round < rounds; round++) {
    for (const name of Object.keys(ranges) as Learned[]) {
      const [low, high] = ranges[name]
      best = { ...best, [name]: highest((value) => score({ ...best, [name]: value }), low, high) }
    }
  }
  return best
}

const roleOf = (kind: 'crossing' | 'shelf'): Role => (kind === 'crossing' ? 'crossing' : 'beforeAfter')

/** log P(what witnesses of this role told | what truly moved), up to what no parameter changes. */
function logTold(role: Role, record: SightRecord, scene: Scene, parameters: FusionParameters): number {
  const witnesses = record.sights.witnesses.filter(({ kind }) => roleOf(kind) === role)
  const moves = role === 'crossing' ? record.truth : lastingOf(record.truth)
  const groups = groupsOf(moves, scene)
  return hear(scene, { ...record.sights, witnesses }, parameters).reduce(
    (sum, voice) => sum + voice.logFalse + logMatchings(voice, groups),
    0,
  )
}

function groupsOf(moves: readonly TrueMove[], scene: Scene): Group[] {
  const counts = new Map<number, number>()
  for (const { direction, sku, shelf } of moves) {
    const product = sku === null ? unknownProduct(scene) : scene.skus.indexOf(sku)
    const place = placeOf(scene, direction === 'taken' ? taken : put, scene.shelves.indexOf(shelf), product)
    counts.set(place, (counts.get(place) ?? 0) + 1)
  }
  return [...counts].map(([place, count]) => ({ place, count }))
}

/** Where a function of one parameter is highest, on a logarithmic scale, by golden section. */
function highest(score: (value: number) => number, low: number, high: number): number {
  const golden = (Math.sqrt(5) - 1) / 2
  let [from, to] = [Math.log(low), Math.log(high)]
  for (let step = 0; step < 9; step++) {
    const left = to - golden * (to - from)
    const right = from + golden * (to - from)
    if (score(Math.exp(left)) < score(Math.exp(right))) from = left
    else to = right
  }
  return Math.exp((from + to) / 2)
}

/** The exponents with which the truth comes out best, of both roles together, by its mean log probability. */
function fitTrust(
  records: readonly SightRecord[],
  products: readonly Product[],
  fitted: FusionParameters,
): FittedSightParameters {
  const whole = records.flatMap((record) => (record.weighed === undefined ? [] : [{ ...record, ...record.weighed }]))
  // Weights hide how far witnesses miss the same; who is asked with dead cells too must not be believed when all are silent.
  const dead = whole.filter((_, index) => index % deadEach === 0).map(withoutWeights)
  const weighed = [...whole, ...dead]
  const known = new Map<string, number>()
  const score = (crossing: number, beforeAfter: number): number => {
    const parameters = {
      ...fitted,
      crossing: { ...fitted.crossing, trust: crossing },
      beforeAfter: { ...fitted.beforeAfter, trust: beforeAfter },
    }
    const name = `${crossing} ${beforeAfter}`
    const sum =
      known.get(name) ??
      weighed.reduce((total, { truth, stock, shelves, sights }) => {
        const { baskets } = resolveBasket({ products, stock, shelves, sights }, parameters)
        const right = basketOf(truth)
        const given = baskets.find(({ lines }) => named(lines) === right)?.probability ?? 0
        return total + Math.log(Math.max(leastGiven, given))
      }, 0)
    known.set(name, sum)
    return sum
  }
  // What one role is trusted shifts what the other is, so each is looked at again until neither moves.
  let [crossing, beforeAfter] = [middleTrust, middleTrust]
  for (let moved = true; moved;) {
    const before = `${crossing} ${beforeAfter}`
    crossing = highestOf(trusts, (trust) => score(trust, beforeAfter))
    beforeAfter = highestOf(trusts, (trust) => score(crossing, trust))
    moved = before !== `${crossing} ${beforeAfter}`
  }
  return {
    crossing: { ...fitted.crossing, trust: crossing },
    beforeAfter: { ...fitted.beforeAfter, trust: beforeAfter },
    roundTripOdds: fitted.roundTripOdds,
  }
}

const withoutWeights = <Weighed extends NonNullable<SightRecord['weighed']>>(record: Weighed): Weighed => ({
  ...record,
  shelves: record.shelves.map((shelf) => ({ ...shelf, afterGrams: null })),
})

function highestOf(values: readonly number[], score: (value: number) => number): number {
  const scores = values.map(score)
  return values[scores.indexOf(Math.max(...scores))] ?? middleTrust
}

function basketOf(truth: readonly TrueMove[]): string {
  const counts = new Map<string, number>()
  for (const { direction, sku } of truth)
    if (sku !== null) counts.set(sku, (counts.get(sku) ?? 0) + (direction === 'taken' ? 1 : -1))
  return named(
    [...counts]
      .map(([sku, count]) => ({ sku, count }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => (a.sku < b.sku ? -1 : 1)),
  )
}
const named = (lines: readonly { sku: string; count: number }[]): string =>
  lines.map(({ sku, count }) => `${count}x${sku}`).join()
