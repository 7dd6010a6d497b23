/**
 * Books for the sync tests: a ledger in memory with rows as a selling fridge writes them, chained by the ledger's own code.
 */
import type { Event } from '../../../src/core/events.ts'
import { effectKey, fridgeId, sku, visitId } from '../../../src/core/ids.ts'
import { minor } from '../../../src/core/money.ts'
import { chainHash, chainStart } from '../../../src/ledger/chain.ts'
import type { LedgerRow, RowSource } from '../../../sync/edge/batches.ts'
import { chance } from '../../sim/chance.ts'

export interface Books extends RowSource {
  write(atMs: number, ...events: readonly Event[]): void
  /** A row whose body is whatever is given. */
  writeBody(atMs: number, body: string): void
  all(): readonly LedgerRow[]
  /** Lets go of the rows up to `seq`; `all` has them still. */
  prune(seq: number): void
  /** As a disk that was put back to an older day. */
  putBack(seq: number): void
}

export function createBooks(): Books {
  const rows: LedgerRow[] = []
  let pruned = 0
  const books: Books = {
    write: (atMs, ...events) => events.forEach((event) => books.writeBody(atMs, JSON.stringify(event))),
    writeBody(atMs, body) {
      const seq = rows.length + 1
      rows.push({ seq, atMs, body, hash: chainHash(rows.at(-1)?.hash ?? chainStart, seq, atMs, body) })
    },
    rows: (afterSeq, limit) => rows.slice(Math.max(afterSeq, pruned), Math.max(afterSeq, pruned) + limit),
    anchor: () => rows[pruned - 1] ?? null,
    prune: (seq) => void (pruned = seq),
    last: () => ({ seq: rows.length }),
    all: () => rows,
    putBack: (seq) => void (rows.length = seq),
  }
  return books
}

const prices = [120, 150, 199, 250, 350]

export const opening = (fridge: string): Event[] => [
  { type: 'FridgeStarted', fridge: fridgeId(fridge), version: '0.1.0', offMs: 0 },
  {
    type: 'CatalogueAdopted',
    hash: '00',
    currency: 'EUR',
    products: prices.map((price, index) => ({
      sku: sku(`can-${index}`),
      priceMinor: minor(price),
      weightGrams: 350,
      weightSpreadGrams: 3,
      shelf: index + 1,
    })),
  },
  ...prices.map((_, index): Event => ({
    type: 'StockCounted',
    sku: sku(`can-${index}`),
    shelf: index + 1,
    count: 5_000,
    by: 'Ada',
    reason: 'filled',
  })),
]

/** The 15 rows of one visit that took one or two products, or (`doubt`) of one that went to review and was decided. */
export function visitEvents(seed: number, number: number, doubt = false): Event[] {
  const random = chance(seed, `visit ${number}`)
  const hex = (bytes: number): string => Buffer.from(random.bytes(bytes)).toString('hex')
  const visit = visitId(`${hex(4)}-${hex(2)}-4${hex(2).slice(1)}-a${hex(2).slice(1)}-${hex(6)}`)
  const [holdKey, key] = [effectKey(`${visit}/hold`), effectKey(`${visit}/capture`)]
  const lines = [...new Set([random.below(5), random.below(5)])]
    .toSorted((a, b) => a - b)
    .map((one) => ({ sku: sku(`can-${one}`), count: 1, priceMinor: minor(prices[one] ?? 0) }))
  const moves = lines.map((line) => ({ sku: line.sku, shelf: Number(line.sku.slice(4)) + 1, count: -1 }))
  const totalMinor = minor(lines.reduce((sum, line) => sum + line.priceMinor, 0))
  const grams = (): number[] => prices.map(() => Math.round(random.between(1_000, 9_000) * 10) / 10)
  const [before, after] = [grams(), grams()]
  const settled: Event[] = doubt
    ? [
        {
          type: 'ReviewOpened',
          visit,
          cause: 'evidence',
          sureLines: [],
          likelyLines: lines,
          likelyMoves: [{ sku: sku('can-0'), shelf: 1, count: -2 }],
          probability: 0.6,
          runnerUp: [],
          before,
          after,
          decideByMs: 1_764_000_000_000 + number,
        },
        { type: 'VisitEnded', visit, ending: { type: 'unsure', sureLines: [], sureMinor: minor(0) } },
        { type: 'ReviewDecided', visit, lines, moves, by: 'Ada', reason: 'seen in the pictures' },
      ]
    : [
        { type: 'BasketResolved', visit, lines, moves, totalMinor, probability: 0.998, before, after },
        { type: 'VisitEnded', visit, ending: { type: 'paid', lines, totalMinor, chargedMinor: totalMinor } },
      ]
  return [
    {
      type: 'VisitStarted',
      visit,
      holdKey,
      paymentMethod: `pm_${hex(12)}`,
      fingerprint: hex(8),
      amountMinor: minor(1_500),
      currency: 'EUR',
    },
    {
      type: 'HoldPlaced',
      visit,
      holdKey,
      reference: `pi_${hex(12)}`,
      amountMinor: minor(1_500),
      captureByMs: 1_764_000_000_000 + number,
    },
    { type: 'UnlockRequested', visit, baseline: before },
    { type: 'DoorUnlocked', visit },
    { type: 'DoorOpened', visit },
    { type: 'DoorClosed', visit },
    { type: 'DoorRelocked', visit, reason: 'doorClosed' },
    ...settled,
    { type: 'CaptureRequested', visit, key, lines, totalMinor, amountMinor: totalMinor },
    { type: 'HoldCaptured', visit, key, amountMinor: totalMinor },
    { type: 'ReceiptIssued', visit, number, lines, totalMinor, chargedMinor: totalMinor },
    { type: 'DoorLeftOpen', visit: null, seconds: 60 },
    { type: 'WarmingBegan', celsius: 5.4, sinceMs: 1_764_000_000_000 + number },
    { type: 'WarmingEnded', celsius: 4.2 },
  ]
}

export const startMs = 1_764_000_000_000

/** Books of a fridge that sold `visits` times, ten minutes apart. */
export function soldBooks(fridge: string, visits: number, seed = 1): Books {
  const books = createBooks()
  books.write(startMs, ...opening(fridge))
  for (let number = 1; number <= visits; number++)
    books.write(startMs + number * 600_000, ...visitEvents(seed, number, number % 50 === 0))
  return books
}
