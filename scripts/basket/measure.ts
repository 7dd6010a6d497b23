/**
 * Measure: recorded visits, told against the truth: each sighting is put to the move that it most likely told of, and the
 * rest are untrue. What comes out is drawn from by the benchmark and the simulation (src/virtual/sights/measured.ts).
 */
import type { Product } from '../../src/core/product.ts'
import type { Sighting } from '../../src/core/sighting.ts'
import { lastingOf, type TrueMove } from '../../src/virtual/sights/draw.ts'
import {
  hardshipOf, hasTwin, likenessTo, type MeasuredSights, type RecordedMove, type RecordedVisit, type ToldOfMove,
} from '../../src/virtual/sights/measured.ts' // prettier-ignore
import type { SightRecord } from './records.ts'

/** A crossing is told so near to fingers closing or opening, or is of another move. */
const nearMs = 1_600
/** What is told with another direction or shelf is of this move only if it looks like it. */
const surelyIt = 0.3
const mostCandidates = 6

export function measure(records: readonly SightRecord[], products: readonly Product[], shelves: number, says: string) {
  const moves: RecordedMove[] = []
  const visits: RecordedVisit[] = []
  for (const record of records) {
    const { truth, sights, scenario } = record
    const lasting = new Set(lastingOf(truth))
    const ofMove = new Map<TrueMove, ToldOfMove[]>(truth.map((move) => [move, []]))
    const untrue: RecordedVisit['untrue'][number][] = []
    const names = new Map(truth.map((move) => [move, labels(move.sku, products)]))
    for (const { id, kind } of sights.witnesses) {
      const told = sights.sightings.filter(({ witness }) => witness === id)
      const asked = kind === 'shelf' ? truth.filter((move) => lasting.has(move)) : truth
      const { pairs, rest } = matched(told, asked)
      for (const [sighting, move] of pairs) {
        const label = names.get(move) ?? labels(move.sku, products)
        ofMove.get(move)?.push(toldOfMove(sighting, kind, move, label))
      }
      for (const { direction, shelf, candidates } of rest) {
        const label = labels(null, products)
        const share = shelf === null ? null : (shelf - 0.5) / shelves
        untrue.push({
          witness: id,
          taken: direction === 'taken',
          shelf: share,
          candidates: labelled(candidates, label),
        })
      }
    }
    const circumstances = { occluded: scenario === 'occluded', foggedUntilMs: scenario === 'fogged' ? 0 : null }
    for (const move of truth) {
      moves.push({
        hardship: hardshipOf(move, truth, circumstances),
        twins: hasTwin(move.sku, products) && move.sku !== null,
        ours: move.sku !== null,
        lasting: lasting.has(move),
        told: ofMove.get(move) ?? [],
        hiddenFrom: sights.witnesses
          .filter(({ blindShelves }) => blindShelves.includes(move.shelf))
          .map(({ id }) => id),
      })
    }
    visits.push({
      hardship:
        truth.map((move) => hardshipOf(move, truth, circumstances)).find((one) => one !== 'plain') ??
        hardshipOf({ direction: 'taken', sku: null, shelf: 1, atMs: 0 }, [], circumstances),
      witnesses: sights.witnesses.map(({ id, kind, blindShare }) => ({ id, kind, blindShare: rounded(blindShare) })),
      untrue,
    })
  }
  return { says, moves, visits } satisfies MeasuredSights
}

/** Each sighting with the move it tells of: the likeliest pair first, a move once, but that what is told twice is told of it too. */
function matched(
  told: readonly Sighting[],
  moves: readonly TrueMove[],
): { readonly pairs: readonly (readonly [Sighting, TrueMove])[]; readonly rest: readonly Sighting[] } {
  const all = told
    .flatMap((sighting) => moves.map((move) => ({ sighting, move, fit: fitOf(sighting, move) })))
    .filter(({ fit }) => fit > -Infinity)
    .toSorted((a, b) => b.fit - a.fit)
  const pairs: (readonly [Sighting, TrueMove])[] = []
  const given = new Set<Sighting>()
  for (const again of [false, true]) {
    for (const { sighting, move } of all) {
      if (given.has(sighting)) continue
      const taken = pairs.some(([, one]) => one === move)
      const alike = probabilityOf(sighting, move) >= surelyIt && sighting.direction === move.direction
      if (again ? !alike : taken) continue
      pairs.push([sighting, move])
      given.add(sighting)
    }
  }
  return { pairs, rest: told.filter((sighting) => !given.has(sighting)) }
}

function fitOf(sighting: Sighting, move: TrueMove): number {
  if (sighting.atMs !== null && Math.abs(sighting.atMs - move.atMs) > nearMs) return -Infinity
  const looks = probabilityOf(sighting, move)
  const [way, place] = [sighting.direction === move.direction, sighting.shelf === move.shelf]
  // A shelf witness has no times: what it told of another shelf or way must look like it.
  if ((!way || (sighting.atMs === null && !place)) && looks < surelyIt) return -Infinity
  return Math.log(looks + 0.01) + (way ? 4 : 0) + (place ? 2 : sighting.shelf === null ? 1 : 0)
}

const probabilityOf = ({ candidates, noneProbability }: Sighting, { sku }: TrueMove): number =>
  sku === null ? noneProbability : (candidates.find((one) => one.sku === sku)?.probability ?? 0)

function toldOfMove(
  sighting: Sighting,
  kind: ToldOfMove['kind'],
  move: TrueMove,
  label: (sku: string) => string,
): ToldOfMove {
  const { witness, direction, shelf, atMs, candidates } = sighting
  return {
    witness,
    kind,
    sameDirection: direction === move.direction,
    shelfOff: shelf === null ? null : shelf - move.shelf,
    lateMs: atMs === null ? null : Math.round(atMs - move.atMs),
    candidates: labelled(candidates, label),
  }
}

const labelled = (candidates: Sighting['candidates'], label: (sku: string) => string): [string, number][] =>
  candidates.slice(0, mostCandidates).map(({ sku, probability }) => [label(sku), rounded(probability)])

/** Numbers the products of each likeness as they come. */
function labels(truth: string | null, products: readonly Product[]): (sku: string) => string {
  const known = new Map<string, string>()
  const counts = { twin: 0, cousin: 0, other: 0 }
  return (sku) => {
    if (sku === truth) return 'self'
    const likeness = likenessTo(truth, sku, products)
    const name = known.get(sku) ?? `${likeness}${counts[likeness]++}`
    known.set(sku, name)
    return name
  }
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000
