/**
 * Stock: what the fridge believes stands where, as the fold of the ledger's events.
 *
 * Pure. Holds always (SPEC K1-K10): counted + moved = believed, per product and shelf. Fusion reads it as its prior, the
 * screens as "sold out". Called by runtime/fridge.
 */
import type { Move } from '../core/basket.ts'
import type { Definition } from '../core/definition.ts'
import type { Event, EventOf } from '../core/events.ts'
import type { Sku, VisitId } from '../core/ids.ts'
import type { Minor } from '../core/money.ts'

export interface Stock {
  /** What is sold, as it stands now: adopted, and defined by the relay, with the prices and places that it has set. */
  readonly catalogue: Catalogue | null
  /** Signed, by sku and shelf: below zero is a difference between books and shelf that a count will settle [K3]. */
  readonly counts: ReadonlyMap<string, number>
  /**
   * By the same key: units that may still stand there though they are booked as taken, because a visit was billed as one of two
   * products [K10]. Until the place is counted.
   */
  readonly perhaps: ReadonlyMap<string, number>
  /** Of visits in review, until their verdict comes. */
  readonly inReview: ReadonlyMap<VisitId, InReview>
  /** Prices that the relay has set; they stand above those of any catalogue, until it sets others [K5]. */
  readonly prices: ReadonlyMap<Sku, Minor>
  /** Products that the relay has defined; they stand above those of any catalogue [K7]. */
  readonly defined: ReadonlyMap<Sku, Definition>
  /** Products that are not offered any more [K8]. */
  readonly withdrawn: ReadonlySet<Sku>
}

interface InReview {
  /** What it is believed to have moved, to be taken back then [K2]. */
  readonly moves: readonly Move[]
  /** What was sold, and for how much, while its shopper was there [K6]. */
  readonly products: Catalogue['products']
}
type Catalogue = EventOf<'CatalogueAdopted'>

export const noStock: Stock = {
  catalogue: null,
  counts: new Map(),
  perhaps: new Map(),
  inReview: new Map(),
  prices: new Map(),
  defined: new Map(),
  withdrawn: new Set(),
}

const place = (sku: Sku, shelf: number): string => `${shelf}/${sku}`

export function evolve(state: Stock, event: Event): Stock {
  switch (event.type) {
    case 'CatalogueAdopted':
      return { ...state, catalogue: priced(withDefined(event, state.defined), state.prices) }
    case 'PricesSet': {
      const prices = new Map(state.prices)
      for (const { sku, priceMinor } of event.prices) prices.set(sku, priceMinor)
      return { ...state, prices, catalogue: state.catalogue === null ? null : priced(state.catalogue, prices) }
    }
    case 'PlacesSet': {
      if (state.catalogue === null) return state
      const shelves = new Map(event.places.map(({ sku, shelf }) => [sku, shelf]))
      const products = state.catalogue.products.map((one) => ({ ...one, shelf: shelves.get(one.sku) ?? one.shelf }))
      const defined = new Map(state.defined)
      for (const [sku, one] of defined) defined.set(sku, { ...one, shelf: shelves.get(sku) ?? one.shelf })
      return { ...state, defined, catalogue: { ...state.catalogue, products } }
    }
    case 'ProductDefined': {
      const { product } = event
      const before = state.defined.get(product.sku)
      const kept = before === undefined ? product : { ...product, priceMinor: before.priceMinor, shelf: before.shelf }
      const defined = new Map(state.defined).set(product.sku, kept)
      if (state.catalogue === null) return { ...state, defined }
      return { ...state, defined, catalogue: priced(withDefined(state.catalogue, defined), state.prices) }
    }
    case 'OffersSet': {
      const withdrawn = new Set(state.withdrawn)
      for (const { sku, offered } of event.offers)
        if (offered) withdrawn.delete(sku)
        else withdrawn.add(sku)
      return { ...state, withdrawn }
    }
    case 'StockCounted': {
      const counted = place(event.sku, event.shelf)
      const counts = new Map(state.counts).set(counted, event.count)
      if (!state.perhaps.has(counted)) return { ...state, counts }
      const perhaps = new Map(state.perhaps)
      perhaps.delete(counted)
      return { ...state, counts, perhaps }
    }
    case 'BasketResolved':
      return { ...state, counts: moved(state.counts, event.moves, 1), perhaps: withPerhaps(state.perhaps, event) }
    case 'ReviewOpened':
      return {
        ...state,
        counts: moved(state.counts, event.likelyMoves, 1),
        inReview: new Map(state.inReview).set(event.visit, {
          moves: event.likelyMoves,
          products: state.catalogue?.products ?? [],
        }),
      }
    case 'ReviewDecided':
    case 'ReviewLapsed': {
      const assumed = state.inReview.get(event.visit)?.moves ?? []
      const inReview = new Map(state.inReview)
      inReview.delete(event.visit)
      // A lapsed review leaves the shelves as they were believed; a verdict puts its own truth in place of the guess.
      if (event.type === 'ReviewLapsed') return { ...state, inReview }
      return { ...state, counts: moved(moved(state.counts, assumed, -1), event.moves, 1), inReview }
    }
    default:
      return state
  }
}

/** One in another currency than the catalogue's is not sold. */
function withDefined(catalogue: Catalogue, defined: Stock['defined']): Catalogue {
  if (defined.size === 0) return catalogue
  const own = catalogue.products.filter(({ sku }) => !defined.has(sku))
  const others = [...defined.values()].flatMap((one) => {
    const { sku, priceMinor, weightGrams, weightSpreadGrams, shelf } = one
    return one.currency === catalogue.currency ? [{ sku, priceMinor, weightGrams, weightSpreadGrams, shelf }] : []
  })
  return { ...catalogue, products: [...own, ...others] }
}

function priced(catalogue: Catalogue, prices: Stock['prices']): Catalogue {
  if (prices.size === 0) return catalogue
  const products = catalogue.products.map((one) => ({ ...one, priceMinor: prices.get(one.sku) ?? one.priceMinor }))
  return { ...catalogue, products }
}

function moved(counts: ReadonlyMap<string, number>, moves: readonly Move[], sign: 1 | -1): ReadonlyMap<string, number> {
  if (moves.length === 0) return counts
  const next = new Map(counts)
  for (const move of moves) {
    const key = place(move.sku, move.shelf)
    next.set(key, (next.get(key) ?? 0) + sign * move.count)
  }
  return next
}

/** What was taken of a product that may have been another may still stand where it is said to have left. */
function withPerhaps(perhaps: Stock['perhaps'], { lines, moves }: EventOf<'BasketResolved'>): Stock['perhaps'] {
  const unsure = new Set(lines.flatMap(({ sku, or }) => (or === undefined ? [] : [sku])))
  const taken = moves.filter(({ sku, count }) => count < 0 && unsure.has(sku))
  return moved(perhaps, taken, -1)
}

export interface ShelfStock {
  readonly sku: Sku
  readonly shelf: number
  readonly count: number
}

/** What is believed to stand on each shelf, or may well stand there [K10], nothing below none. */
export function onShelves(state: Stock): ShelfStock[] {
  const found: ShelfStock[] = []
  for (const [key, believed] of state.counts) {
    const count = Math.max(0, believed) + (state.perhaps.get(key) ?? 0)
    const slash = key.indexOf('/')
    if (count > 0) found.push({ shelf: Number(key.slice(0, slash)), sku: key.slice(slash + 1) as Sku, count })
  }
  return found
}

/** How many of each product the fridge believes it has, summed over shelves, nothing below none. */
export function bySku(state: Stock): Map<Sku, number> {
  const sums = new Map<Sku, number>()
  for (const [key, count] of state.counts) {
    const sku = key.slice(key.indexOf('/') + 1) as Sku
    sums.set(sku, (sums.get(sku) ?? 0) + count)
  }
  for (const [sku, count] of sums) if (count < 0) sums.set(sku, 0)
  return sums
}
