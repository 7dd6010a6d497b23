/**
 * Measured sights: what cameras would have told, drawn from what the real pipeline told of the virtual fridge's pictures.
 * A move gets all that every witness told of one recorded move, so that what one camera misses or mistakes the other may
 * too; a visit gets the blindness and the false sightings of one recorded visit.
 *
 * Recorded candidates are kept as what they were to the truth (itself, its twin, its cousin, another), so that any shop can
 * be drawn. Holds always: the same dice give the same sights. Made by scripts/fit-sights.ts; called by the benchmark and the
 * simulation.
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Product } from '../../core/product.ts'
import type { Candidate, Sighting, Sights, Witness } from '../../core/sighting.ts'
import type { Dice } from '../world/dice.ts'
import { lastingOf, type Circumstances, type SightDrawer, type TrueMove } from './draw.ts'

/** `self`, or its class and a number that is the same wherever the same product is meant: `twin0`, `cousin1`, `other0`. */
export type Likeness = string

/** What one witness told, in terms of the truth. */
export interface ToldOfMove {
  readonly witness: string
  readonly kind: Witness['kind']
  readonly sameDirection: boolean
  /** Told less true; null: none was told. */
  readonly shelfOff: number | null
  /** Told less true; null: none was told. */
  readonly lateMs: number | null
  readonly candidates: readonly (readonly [Likeness, number])[]
}

export type Hardship = 'plain' | 'occluded' | 'fogged' | 'twoHands'

/** One unit that was moved, and all that was told of it. */
export interface RecordedMove {
  readonly hardship: Hardship
  readonly twins: boolean
  /** The shop sells it. */
  readonly ours: boolean
  /** It was not undone: before and after differ by it. */
  readonly lasting: boolean
  readonly told: readonly ToldOfMove[]
  /** Shelf witnesses that knew its shelf to be hidden. */
  readonly hiddenFrom: readonly string[]
}

export interface RecordedVisit {
  readonly hardship: Hardship
  readonly witnesses: readonly { readonly id: string; readonly kind: Witness['kind']; readonly blindShare: number }[]
  /** What did not happen; directions are absolute, shelves a share of the shelves. */
  readonly untrue: readonly {
    readonly witness: string
    readonly taken: boolean
    readonly shelf: number | null
    readonly candidates: readonly (readonly [Likeness, number])[]
  }[]
}

export interface MeasuredSights {
  /** How it came about, for whoever reads a report. */
  readonly says: string
  readonly moves: readonly RecordedMove[]
  readonly visits: readonly RecordedVisit[]
}

/** With fewer of a kind, all moves are drawn from. */
const leastOfAKind = 8
const atOnceMs = 350

/** Throws when the file is none; scripts/fit-sights.ts writes it. */
export function readMeasured(file: string | URL = new URL('measured.json.gz', import.meta.url)): MeasuredSights {
  return JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as MeasuredSights
}

export function createMeasuredDrawer(
  products: readonly Product[],
  shelves: number,
  { moves: recorded, visits }: MeasuredSights,
): SightDrawer {
  function moveLike(move: TrueMove, hardship: Hardship, lasts: boolean, dice: Dice): RecordedMove | null {
    const ours = move.sku !== null
    const fits = recorded.filter((one) => one.ours === ours && (!lasts || one.lasting))
    const twins = ours && hasTwin(move.sku, products)
    const narrow = fits.filter((one) => one.hardship === hardship && one.twins === twins)
    const wide = fits.filter((one) => one.hardship === hardship)
    const from = narrow.length >= leastOfAKind ? narrow : wide.length >= leastOfAKind ? wide : fits
    return from.length === 0 ? null : (from[dice.below(from.length)] ?? null)
  }

  function visitLike(hardship: Hardship, dice: Dice): RecordedVisit | null {
    const like = visits.filter((one) => one.hardship === hardship)
    const from = like.length >= leastOfAKind ? like : visits
    return from[dice.below(from.length)] ?? null
  }

  return {
    draw(moves, circumstances, dice) {
      const hardships = moves.map((move) => hardshipOf(move, moves, circumstances))
      const visit = visitLike(hardships.find((one) => one !== 'plain') ?? kindOf(circumstances), dice)
      if (visit === null) return { witnesses: [], sightings: [] }
      const lasting = new Set(lastingOf(moves))
      const hidden = new Map<string, Set<number>>()
      const sightings: Sighting[] = []
      for (const [index, move] of moves.entries()) {
        const like = moveLike(move, hardships[index] ?? 'plain', lasting.has(move), dice)
        if (like === null) continue
        const nameOf = namesFor(move.sku, products, dice)
        for (const told of like.told) {
          if (told.kind === 'shelf' && !lasting.has(move)) continue
          sightings.push(toldOf(move, told, nameOf, shelves))
        }
        for (const id of like.hiddenFrom) hidden.set(id, (hidden.get(id) ?? new Set()).add(move.shelf))
      }
      for (const { witness, taken, shelf, candidates } of visit.untrue) {
        const told = named(candidates, namesFor(null, products, dice))
        const at = shelf === null ? null : Math.min(shelves, 1 + Math.floor(shelf * shelves))
        const atMs = shelfTold(witness, visit)
          ? null
          : Math.round(dice.between(circumstances.openedMs, circumstances.closedMs))
        sightings.push({ witness, direction: taken ? 'taken' : 'returned', shelf: at, atMs, ...told })
      }
      return settled(visit, hidden, sightings)
    },
  }
}

function settled(
  visit: RecordedVisit,
  hidden: ReadonlyMap<string, Set<number>>,
  sightings: readonly Sighting[],
): Sights {
  const witnesses = visit.witnesses.map(({ id, kind, blindShare }): Witness => {
    const blindShelves = [...(hidden.get(id) ?? [])].toSorted((a, b) => a - b)
    return { id, kind, blindShare, blindShelves }
  })
  const sees = new Set(witnesses.filter(({ blindShare }) => blindShare < 1).map(({ id }) => id))
  return { witnesses, sightings: sightings.filter(({ witness }) => sees.has(witness)) }
}

const shelfTold = (witness: string, { witnesses }: RecordedVisit): boolean =>
  witnesses.some(({ id, kind }) => id === witness && kind === 'shelf')

function toldOf(
  { direction, shelf, atMs }: TrueMove,
  { witness, sameDirection, shelfOff, lateMs, candidates }: ToldOfMove,
  nameOf: (likeness: Likeness) => string | null,
  shelves: number,
): Sighting {
  const other = direction === 'taken' ? 'returned' : 'taken'
  const off = shelfOff === null ? null : shelf + shelfOff
  const within = off === null || (off >= 1 && off <= shelves) ? off : shelf - (shelfOff ?? 0)
  return {
    witness,
    direction: sameDirection ? direction : other,
    shelf: within === null ? null : Math.min(shelves, Math.max(1, within)),
    atMs: lateMs === null ? null : atMs + lateMs,
    ...named(candidates, nameOf),
  }
}

/** The candidates under this shop's names; what has none is none of these. */
function named(
  candidates: readonly (readonly [Likeness, number])[],
  nameOf: (likeness: Likeness) => string | null,
): Pick<Sighting, 'candidates' | 'noneProbability'> {
  const list: Candidate[] = []
  for (const [likeness, probability] of candidates) {
    const sku = nameOf(likeness)
    if (sku !== null) list.push({ sku: sku as Candidate['sku'], probability })
  }
  const sum = list.reduce((total, { probability }) => total + probability, 0)
  return { candidates: list, noneProbability: Math.max(0, 1 - sum) }
}

/** Whom each likeness stands for, about this truth: each product once. */
function namesFor(
  truth: string | null,
  products: readonly Product[],
  dice: Dice,
): (likeness: Likeness) => string | null {
  const given = new Map<Likeness, string | null>()
  const left = products.map(({ sku }): string => sku).filter((sku) => sku !== truth)
  return (likeness) => {
    if (likeness === 'self') return truth
    const known = given.get(likeness)
    if (known !== undefined) return known
    const wanted = likeness.replace(/\d+$/, '')
    const fits = left.filter((sku) => likenessTo(truth, sku, products) === wanted)
    const from = fits.length > 0 ? fits : left
    const sku = from[dice.below(Math.max(1, from.length))] ?? null
    if (sku !== null) left.splice(left.indexOf(sku), 1)
    given.set(likeness, sku)
    return sku
  }
}

/** What one product is to another. */
export function likenessTo(
  truth: string | null,
  sku: string,
  products: readonly Product[],
): 'twin' | 'cousin' | 'other' {
  const [a, b] = [truth, sku].map((name) => products.find((one) => one.sku === name))
  if (a === undefined || b === undefined || a.kind !== b.kind) return 'other'
  return brandOf(a.sku) === brandOf(b.sku) ? 'twin' : 'cousin'
}

export const hasTwin = (truth: string | null, products: readonly Product[]): boolean =>
  products.some(({ sku }) => sku !== truth && likenessTo(truth, sku, products) === 'twin')

const brandOf = (sku: string): string => sku.split('-')[0] ?? sku

export function hardshipOf(
  move: TrueMove,
  moves: readonly TrueMove[],
  circumstances: Pick<Circumstances, 'occluded' | 'foggedUntilMs'>,
): Hardship {
  const kind = kindOf(circumstances)
  if (kind !== 'plain') return kind
  return moves.some((other) => other !== move && Math.abs(other.atMs - move.atMs) <= atOnceMs) ? 'twoHands' : 'plain'
}

const kindOf = ({ occluded, foggedUntilMs }: Pick<Circumstances, 'occluded' | 'foggedUntilMs'>): Hardship =>
  occluded ? 'occluded' : foggedUntilMs === null ? 'plain' : 'fogged'
