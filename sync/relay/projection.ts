/**
 * Projection: what a run of events changes in the relay's tables. Pure: the fold of the rows, ready to be written.
 * Holds always: stock is the fridge's own law (src/catalog/SPEC K1-K2): a count sets, a move adds, a review's guess is taken
 * back by its verdict; a test holds both folds to the same numbers. Called by store/ingest.ts in the rows' transaction.
 */
import type { Line, Move } from '../../src/core/basket.ts'
import type { EventOf, Recorded } from '../../src/core/events.ts'

type At<Type extends Recorded['event']['type']> = { readonly atMs: number; readonly event: EventOf<Type> }

/** What becomes of one product on one shelf: counted anew (or not), and moved since. */
export interface StockChange {
  readonly shelf: number
  readonly sku: string
  counted: number | null
  moved: number
}

export interface Changes {
  readonly visitsStarted: At<'VisitStarted'>[]
  readonly visitsEnded: At<'VisitEnded'>[]
  readonly captures: At<'HoldCaptured'>[]
  readonly receipts: At<'ReceiptIssued'>[]
  readonly receiptLines: (Line & { readonly visit: string; readonly line: number })[]
  readonly reviewsOpened: At<'ReviewOpened'>[]
  readonly reviewsClosed: At<'ReviewDecided' | 'ReviewLapsed'>[]
  readonly stock: Map<string, StockChange>
  currency: string | null
  version: string | null
}

/** The visits whose review was open before a run of events that closes it: their guesses must be known to fold it. */
export function closesReviewsOf(rows: readonly Recorded[]): string[] {
  const opened = new Set<string>()
  const closed: string[] = []
  for (const { event } of rows)
    if (event.type === 'ReviewOpened') opened.add(event.visit)
    else if (event.type === 'ReviewDecided' && !opened.has(event.visit)) closed.push(event.visit)
  return closed
}

/** `guesses`: the moves that open reviews assumed, by visit. */
export function project(rows: readonly Recorded[], guesses: ReadonlyMap<string, readonly Move[]>): Changes {
  const open = new Map(guesses)
  const changes: Changes = {
    visitsStarted: [],
    visitsEnded: [],
    captures: [],
    receipts: [],
    receiptLines: [],
    reviewsOpened: [],
    reviewsClosed: [],
    stock: new Map(),
    currency: null,
    version: null,
  }
  for (const { atMs, event } of rows) {
    switch (event.type) {
      case 'FridgeStarted':
        changes.version = event.version
        break
      case 'CatalogueAdopted':
        changes.currency = event.currency
        break
      case 'StockCounted': {
        const change = changeOf(changes.stock, event)
        change.counted = event.count
        change.moved = 0
        break
      }
      case 'VisitStarted':
        changes.visitsStarted.push({ atMs, event })
        break
      case 'VisitEnded':
        changes.visitsEnded.push({ atMs, event })
        break
      case 'BasketResolved':
        move(changes.stock, event.moves, 1)
        break
      case 'ReviewOpened':
        changes.reviewsOpened.push({ atMs, event })
        open.set(event.visit, event.likelyMoves)
        move(changes.stock, event.likelyMoves, 1)
        break
      case 'ReviewDecided':
        changes.reviewsClosed.push({ atMs, event })
        move(changes.stock, open.get(event.visit) ?? [], -1)
        move(changes.stock, event.moves, 1)
        open.delete(event.visit)
        break
      case 'ReviewLapsed':
        changes.reviewsClosed.push({ atMs, event })
        open.delete(event.visit)
        break
      case 'HoldCaptured':
        changes.captures.push({ atMs, event })
        break
      case 'ReceiptIssued':
        changes.receipts.push({ atMs, event })
        event.lines.forEach((line, index) =>
          changes.receiptLines.push({ ...line, visit: event.visit, line: index + 1 }),
        )
        break
      default:
        // Kept as a row; nothing here is made of it.
        break
    }
  }
  return changes
}

function changeOf(stock: Map<string, StockChange>, { shelf, sku }: { shelf: number; sku: string }): StockChange {
  const place = `${shelf}/${sku}`
  const known = stock.get(place)
  if (known !== undefined) return known
  const change: StockChange = { shelf, sku, counted: null, moved: 0 }
  stock.set(place, change)
  return change
}

function move(stock: Map<string, StockChange>, moves: readonly Move[], sign: 1 | -1): void {
  for (const one of moves) changeOf(stock, one).moved += sign * one.count
}
