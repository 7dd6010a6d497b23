/**
 * Memory books: the relay's books of one simulation, in memory, as store/ keeps them in a database.
 * Holds always: what a database refuses (a second receipt for one visit, a character that no text may hold) is refused here, and
 * undone, too. test/contract/relay-intake.test.ts holds this and the databases to the same answers and the same tables.
 */
import type { Move } from '../../src/core/basket.ts'
import type { Recorded } from '../../src/core/events.ts'
import { chainStart, hashOf } from '../../sync/protocol/chain.ts'
import type { Books, Page } from '../../sync/relay/intake.ts'
import type { JudgedRow } from '../../sync/relay/judge.ts'
import { closesReviewsOf, project } from '../../sync/relay/projection.ts'

export interface KeptRow {
  readonly seq: number
  readonly atMs: number
  readonly hash: Uint8Array
  readonly body: string | null
}

export interface KeptReceipt {
  readonly number: number
  readonly books: number
  readonly totalMinor: number
  readonly chargedMinor: number
  readonly currency: string
  readonly lines: readonly string[]
}

/** One fridge's: every table's rows. */
export interface Kept {
  readonly key: Uint8Array
  upto: number
  head: Uint8Array
  books: number
  divergedSeq: number | null
  mayRestart: boolean
  currency: string | null
  rows: KeptRow[]
  former: readonly (KeptRow & { readonly books: number })[]
  setAside: Map<number, { readonly why: JudgedWhy; readonly detail: string; readonly body: string | null }>
  readonly visits: Map<string, { currency: string; ending: string | null }>
  readonly captures: Map<string, { amountMinor: number; currency: string }>
  readonly receipts: Map<string, KeptReceipt>
  readonly reviews: Map<string, { likelyMoves: readonly Move[]; outcome: string | null }>
  readonly stock: Map<string, number>
}
type JudgedWhy = Extract<JudgedRow['verdict'], { why: unknown }>['why']

/** What a database's constraint is to a statement. */
class Refused extends Error {}

export interface MemoryBooks extends Books {
  kept(fridge: string): Kept | undefined
  pair(fridge: string, key: Uint8Array): void
  /** As a backup holds them. */
  backup(fridge: string): Kept
  restore(fridge: string, backup: Kept): void
}

export function memoryBooks(): MemoryBooks {
  const all = new Map<string, Kept>()
  const copy = (kept: Kept): Kept => structuredClone(kept)
  const of = (fridge: string): Kept => {
    const kept = all.get(fridge)
    if (kept === undefined) throw new Error(`${fridge} is not paired`)
    return kept
  }
  return {
    kept: (fridge) => all.get(fridge),
    pair: (fridge, key) => void all.set(fridge, emptyBooks(key)),
    backup: (fridge) => copy(of(fridge)),
    restore: (fridge, backup) => void all.set(fridge, copy(backup)),
    key: async (fridge) => all.get(fridge)?.key ?? null,
    faultOf: (error) => (error instanceof Refused ? 'data' : 'other'),
    async page(fridge, work) {
      // Nothing in memory waits for anything, so pages are never open side by side.
      const undo: (() => void)[] = []
      try {
        return await work(pageOf(all.get(fridge) ?? null, undo))
      } catch (error) {
        undoTo(undo, 0)
        throw error
      }
    },
  }
}

const emptyBooks = (key: Uint8Array): Kept => ({
  key,
  upto: 0,
  head: chainStart,
  books: 1,
  divergedSeq: null,
  mayRestart: false,
  currency: null,
  rows: [],
  former: [],
  setAside: new Map(),
  visits: new Map(),
  captures: new Map(),
  receipts: new Map(),
  reviews: new Map(),
  stock: new Map(),
})

function undoTo(undo: (() => void)[], length: number): void {
  while (undo.length > length) undo.pop()?.()
}

function pageOf(found: Kept | null, undo: (() => void)[]): Page {
  // Asked for first, and nothing else where there is none.
  const kept = found as Kept
  function set<Name extends keyof Kept>(name: Name, value: Kept[Name]): void {
    const before = kept[name]
    kept[name] = value
    undo.push(() => (kept[name] = before))
  }
  function put<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
    const before = map.get(key)
    map.set(key, value)
    undo.push(() => (before === undefined ? map.delete(key) : map.set(key, before)))
  }
  function insert<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
    if (map.has(key)) throw new Refused('duplicate key value violates unique constraint')
    put(map, key, value)
  }

  function write(rows: readonly JudgedRow[]) {
    const refused = []
    const events: Recorded[] = []
    const before = kept.rows.length
    undo.push(() => (kept.rows.length = before))
    for (const { seq, atMs, digest, body, verdict } of rows) {
      const taken = 'event' in verdict
      kept.rows.push({ seq, atMs, hash: hashOf(digest), body: taken ? body : null })
      if (taken) {
        events.push({ seq, atMs, event: verdict.event })
        continue
      }
      refused.push({ seq, why: verdict.why, detail: verdict.detail })
      insert(kept.setAside, seq, { why: verdict.why, detail: verdict.detail, body })
    }
    applyEvents(events)
    const last = rows.at(-1)
    if (last !== undefined) {
      set('upto', last.seq)
      set('head', hashOf(last.digest))
      set('divergedSeq', null)
    }
    return refused
  }

  function applyEvents(events: readonly Recorded[]): void {
    const guesses = closesReviewsOf(events).flatMap((visit) => {
      const review = kept.reviews.get(visit)
      return review?.outcome === null ? [[visit, review.likelyMoves] as const] : []
    })
    const changes = project(events, new Map(guesses))
    for (const { event } of changes.visitsStarted)
      insert(kept.visits, text(event.visit), { currency: event.currency, ending: null })
    for (const { event } of changes.visitsEnded) {
      const visit = kept.visits.get(text(event.visit))
      if (visit !== undefined) put(kept.visits, event.visit, { ...visit, ending: event.ending.type })
    }
    for (const { event } of changes.reviewsOpened)
      insert(kept.reviews, text(event.visit), { likelyMoves: event.likelyMoves, outcome: null })
    for (const { event } of changes.reviewsClosed) {
      const review = kept.reviews.get(text(event.visit))
      const outcome = event.type === 'ReviewDecided' ? 'decided' : 'lapsed'
      if (review !== undefined) put(kept.reviews, event.visit, { ...review, outcome })
    }
    const currencyOf = (visit: string): string => {
      const currency = kept.visits.get(visit)?.currency ?? changes.currency ?? kept.currency
      if (currency === null) throw new Refused('null value in column "currency" violates not-null constraint')
      return currency
    }
    for (const { event } of changes.captures)
      insert(kept.captures, text(event.visit), { amountMinor: event.amountMinor, currency: currencyOf(event.visit) })
    const numbers = new Set([...kept.receipts.values()].map(({ books, number }) => `${books}/${number}`))
    for (const { event } of changes.receipts) {
      const { number, totalMinor, chargedMinor } = event
      const place = `${kept.books}/${number}`
      if (numbers.has(place)) throw new Refused('duplicate key value violates unique constraint')
      numbers.add(place)
      const lines = changes.receiptLines.flatMap((line) =>
        line.visit === event.visit ? [`${text(line.sku)} ${line.count} ${line.priceMinor}`] : [],
      )
      const currency = currencyOf(event.visit)
      insert(kept.receipts, text(event.visit), { number, books: kept.books, totalMinor, chargedMinor, currency, lines })
    }
    for (const { shelf, sku, counted, moved } of changes.stock.values()) {
      const place = `${shelf}/${text(sku)}`
      put(kept.stock, place, (counted ?? kept.stock.get(place) ?? 0) + moved)
    }
    if (changes.currency !== null) set('currency', changes.currency)
  }

  return {
    known: async () =>
      found === null ? null : { upto: kept.upto, head: kept.head, revoked: false, mayRestart: kept.mayRestart },
    hashes: async (fromSeq, beforeSeq) => kept.rows.slice(Math.max(0, fromSeq - 1), Math.max(0, beforeSeq - 1)),
    setAside: async (fromSeq, beforeSeq) =>
      [...kept.setAside]
        .filter(([seq]) => seq >= fromSeq && seq < beforeSeq)
        .map(([seq, { why, detail }]) => ({ seq, why, detail }))
        .toSorted((a, b) => a.seq - b.seq),
    heard: async () => {},
    noteDivergence: async (seq) => set('divergedSeq', seq),
    async restart(common, head) {
      const moved = kept.rows.slice(common).map((row) => ({ ...row, books: kept.books }))
      set('former', [...kept.former, ...moved])
      set('rows', kept.rows.slice(0, common))
      set('setAside', new Map([...kept.setAside].filter(([seq]) => seq <= common)))
      set('upto', common)
      set('head', head)
      set('books', kept.books + 1)
      set('mayRestart', false)
      set('divergedSeq', null)
    },
    write: async (rows) => write(rows),
    async attempt(work) {
      const length = undo.length
      try {
        return await work()
      } catch (error) {
        undoTo(undo, length)
        throw error
      }
    },
  }
}

/** No text in a database holds a NUL. */
function text<Text extends string>(value: Text): Text {
  if (value.includes('\0')) throw new Refused('invalid byte sequence for encoding "UTF8": 0x00')
  return value
}
