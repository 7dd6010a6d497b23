/**
 * Difference: what today's pipeline says of a stored visit otherwise than it was said. Pure. A sighting is the same when witness,
 * direction and shelf agree, and the product that comes first; how sure it is may move by `mostDrift`.
 */
import type { Sighting, Sights } from '../../src/core/sighting.ts'
import type { CountedSku } from '../../src/fusion/evidence.ts'

export interface Basket {
  readonly lines: readonly CountedSku[]
  readonly probability: number
}

export interface Difference {
  /** The most probable basket is another one. */
  readonly basket: { readonly was: Basket; readonly now: Basket } | null
  readonly gone: readonly Sighting[]
  readonly come: readonly Sighting[]
  /** The same thing seen, named otherwise or with another certainty. */
  readonly moved: readonly { readonly was: Sighting; readonly now: Sighting }[]
  readonly witnesses: readonly { readonly id: string; readonly was: string | null; readonly now: string | null }[]
}

/** Of a probability: less is another processor's rounding and another JPEG decoder. */
export const mostDrift = 0.05
/** Of the time: how blind a witness was depends on how fast the machine was. */
const mostBlindDrift = 0.1

/** Null where nothing differs. */
export function difference(
  was: Basket & { readonly sights: Sights | null },
  now: Basket & { readonly sights: Sights },
): Difference | null {
  const [earlier, later] = [was.sights?.sightings ?? [], now.sights.sightings]
  const left = [...later]
  const gone: Sighting[] = []
  const moved: { was: Sighting; now: Sighting }[] = []
  for (const one of earlier) {
    const alike = left.filter((other) => placeOf(other) === placeOf(one))
    const match = alike.find((other) => first(other) === first(one)) ?? alike[0]
    if (match === undefined) gone.push(one)
    else {
      left.splice(left.indexOf(match), 1)
      if (first(match) !== first(one) || Math.abs(sureness(match) - sureness(one)) > mostDrift)
        moved.push({ was: one, now: match })
    }
  }
  const same = basketText(was.lines) === basketText(now.lines)
  const found: Difference = {
    basket: same
      ? null
      : {
          was: { lines: was.lines, probability: was.probability },
          now: { lines: now.lines, probability: now.probability },
        },
    gone,
    come: was.sights === null ? [] : left,
    moved,
    witnesses: was.sights === null ? [] : witnessesApart(was.sights, now.sights),
  }
  const nothing = same && [found.gone, found.come, found.moved, found.witnesses].every((list) => list.length === 0)
  return nothing ? null : found
}

function witnessesApart(was: Sights, now: Sights): Difference['witnesses'] {
  const ids = [...new Set([...was.witnesses, ...now.witnesses].map(({ id }) => id))].toSorted()
  return ids.flatMap((id) => {
    const [earlier, later] = [was, now].map(({ witnesses }) => witnesses.find((one) => one.id === id))
    const close =
      earlier !== undefined &&
      later !== undefined &&
      Math.abs(earlier.blindShare - later.blindShare) <= mostBlindDrift &&
      earlier.blindShelves.join() === later.blindShelves.join()
    return close ? [] : [{ id, was: blindText(earlier), now: blindText(later) }]
  })
}

function blindText(witness: Sights['witnesses'][number] | undefined): string | null {
  if (witness === undefined) return null
  const shelves = witness.blindShelves.length === 0 ? '' : `, not shelf ${witness.blindShelves.join(', ')}`
  return `saw ${Math.round(100 * (1 - witness.blindShare))} % of the time${shelves}`
}

const placeOf = ({ witness, direction, shelf }: Sighting): string => `${witness} ${direction} ${shelf}`
const sureness = ({ candidates }: Sighting): number => candidates[0]?.probability ?? 0
const first = ({ candidates }: Sighting): string | null => candidates[0]?.sku ?? null

/** `2 x cola, 1 x lime`, or `nothing`. */
export const basketText = (lines: readonly CountedSku[]): string =>
  lines.length === 0
    ? 'nothing'
    : lines
        .toSorted((a, b) => (a.sku < b.sku ? -1 : 1))
        .map(({ sku, count }) => `${count} x ${sku}`)
        .join(', ')
