/**
 * Auditor: judges every law from outside. It sees the door, the bolt, the shelves' truth, the air, the frames' arrival, the
 * bank's books and requests, the rows that the process acknowledged, the ledger's file after each death, and the screen.
 * It never sees the runtime's state. Each law is in laws/*.ts; this file gives each what it may see.
 */
import type { KioskView } from '../../src/contract/kiosk.ts'
import type { Event, Recorded } from '../../src/core/events.ts'
import type { HoldSummary } from '../../src/virtual/bank/summary.ts'
import { booksLaws } from './laws/books.ts'
import { coldLaws } from './laws/cold.ts'
import { doorLaws } from './laws/door.ts'
import type { OrderLaws } from './laws/orders.ts'
import { moneyLaws, type BankRequest } from './laws/money.ts'
import { follow, type VisitRecord } from './laws/record.ts'
import { shelfLaws } from './laws/shelves.ts'
import { screenLaws } from './laws/screen.ts'
import { misreadings, tally, type Tally } from './laws/tally.ts'
import { watchLaws } from './laws/watch.ts'

export interface Violation {
  readonly law: string
  readonly what: string
  readonly story: readonly string[]
}

export interface AuditorPorts {
  readonly nowMs: () => number
  readonly later: (delayMs: number, check: () => void) => void
  /** What stands in the fridge now, in truth, by `sku@shelf`. */
  readonly inside: () => ReadonlyMap<string, number>
  /** What stands on each shelf in truth, grams, top first. */
  readonly grams: () => readonly number[]
  readonly signal: () => string
  /** Whether the fridge has cameras. */
  readonly cameras: boolean
  readonly prices: ReadonlyMap<string, number>
  readonly story: () => string[]
  readonly orders: OrderLaws
}

export interface Auditor {
  lock(released: boolean): void
  door(open: boolean): void
  controllerFell(): void
  frameReached(): void
  air(celsius: number): void
  sensor(alive: boolean): void
  power(on: boolean): void
  /** Something between runtime and controller is broken until it is said to be whole again. */
  storageFull(full: boolean): void
  disturbed(): { end(): void }
  /** The same for bank, network, process and disk: what money needs. */
  troubled(): { end(): void }
  acknowledged(rows: readonly Recorded[]): void
  /** The cameras were put on for this visit, or forced door. */
  watched(what: string): void
  found(dir: string): void
  shown(view: KioskView): void
  dark(): void
  asked(request: BankRequest): void
  books(holds: readonly HoldSummary[]): void
  /** The process ended by itself: a broken invariant, an unhandled rejection. */
  broke(why: string): void
  /** The process wrote again after its ledger had failed. */
  retried(): void
  /** The reviewer's verdict was not the truth, on purpose. */
  misjudged(visit: string): void
  visits(): ReadonlyMap<string, VisitRecord>
  finish(dir: string, secrets: readonly string[]): void
  violations(): readonly Violation[]
  tally(): Tally
  misreadings(): readonly string[]
  judged(): { judged: Record<string, number>; excused: Record<string, number> }
  rows(): number
}

const mostViolations = 20

export function createAuditor(ports: AuditorPorts): Auditor {
  const { nowMs, later, inside, grams, signal, story, orders } = ports
  let prices = ports.prices
  const visits = new Map<string, VisitRecord>()
  const judged = new Map<string, number>()
  const excused = new Map<string, number>()
  const violations: Violation[] = []
  const misjudged = new Set<string>()
  let current: VisitRecord | null = null
  let insideAtOpen: ReadonlyMap<string, number> | null = null
  let receiptsMinor = 0
  let finding = false

  const report = (law: string, what: string): void => {
    if (violations.length < mostViolations) violations.push({ law, what, story: story() })
  }
  const disturbance = createTroubles(nowMs)
  const trouble = createTroubles(nowMs)
  const base = { report, nowMs, later, judged, excused, visits }

  const money = moneyLaws({
    ...base,
    isPhone: orders.isPhone,
    doorOpenFor: () => door.openFor(),
    troubledAtMs: trouble.lastMs,
  })
  const door = doorLaws({ ...base, holdOf: money.holdOf, disturbedAtMs: disturbance.lastMs, signal })
  const cold = coldLaws(base)
  const shelves = shelfLaws({ ...base, grams })
  const screen = screenLaws({
    ...base,
    holdOf: money.holdOf,
    current: () => current,
    disturbedAtMs: disturbance.lastMs,
  })
  const books = booksLaws({ ...base, learned })
  const watch = watchLaws({ ...base, brokenAtMs: () => Math.max(disturbance.lastMs(), trouble.lastMs()) })

  function learned(event: Event, fridgeMs: number): void {
    orders.row(event, !finding)
    if (event.type === 'PricesSet')
      prices = new Map([
        ...prices,
        ...event.prices.map((one) => [one.sku as string, one.priceMinor as number] as const),
      ])
    if (event.type === 'ProductDefined' && !prices.has(event.product.sku))
      prices = new Map([...prices, [event.product.sku, event.product.priceMinor]])
    follow(visits, event, nowMs(), prices)
    door.row(event)
    cold.row(event)
    if (event.type === 'ReceiptIssued') receiptsMinor += event.chargedMinor
    const visit = 'visit' in event && event.visit !== null ? visits.get(event.visit) : undefined
    if (visit === undefined) return
    if (event.type === 'VisitStarted') {
      current = visit
      screen.visitStarted(visit)
    }
    if (event.type === 'HoldPlaced') money.holdPlaced(visit, fridgeMs)
    if (event.type === 'ReviewOpened') money.reviewOpened(visit, event.decideByMs, fridgeMs)
    if (event.type === 'BasketResolved') money.resolved(visit)
    if (event.type === 'BasketResolved' && event.lines.length === 0) {
      money.resolvedEmpty(visit)
      screen.resolvedEmpty(visit)
    }
  }

  return {
    lock(released) {
      door.lock(released)
      if (released && !door.isService()) cold.lockReleased() // the owner's person may always look
    },
    door(open) {
      if (open) {
        door.door(true)
        insideAtOpen = inside()
        return
      }
      const visit = door.openFor()
      if (visit !== null && insideAtOpen !== null) addTaken(visit, insideAtOpen, inside())
      door.door(false)
      shelves.closed()
    },
    controllerFell: door.controllerFell,
    frameReached: door.frameReached,
    air: cold.air,
    sensor: cold.sensor,
    power(on) {
      cold.power(on)
      door.power(on)
    },
    storageFull: screen.storageFull,
    disturbed: disturbance.begin,
    troubled: trouble.begin,
    acknowledged(rows) {
      books.acknowledged(rows)
      for (const row of rows) {
        shelves.row(row.event)
        if (ports.cameras) watch.row(row)
      }
    },
    watched: watch.begun,
    found(dir) {
      finding = true
      books.found(dir)
      finding = false
    },
    shown(view) {
      screen.shown(view)
      door.screen(view.screen.at, view.screen.at === 'shopping' ? view.screen.leftOpen : null)
      books.stockShown(view.stock)
    },
    dark: screen.dark,
    asked: money.asked,
    books: money.moved,
    broke: (why) => report('own', `the process broke by itself: ${why}`),
    retried: () => report('L3', 'the process wrote on after its ledger had failed'),
    misjudged: (visit) => void misjudged.add(visit),
    visits: () => visits,
    finish(dir, secrets) {
      money.finish(receiptsMinor, 'EUR')
      screen.finish()
      books.finish(dir, secrets)
    },
    violations: () => violations,
    tally: () => tally(visits.values(), money.holdOf, (visit) => !misjudged.has(visit)),
    misreadings: () => misreadings(visits.values()),
    judged: () => ({ judged: Object.fromEntries(judged), excused: Object.fromEntries(excused) }),
    rows: books.rows,
  }
}

function addTaken(visit: VisitRecord, before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): void {
  for (const place of new Set([...before.keys(), ...after.keys()])) {
    const gone = (before.get(place) ?? 0) - (after.get(place) ?? 0)
    if (gone === 0) continue
    const sku = place.slice(0, place.lastIndexOf('@'))
    visit.moves.set(place, (visit.moves.get(place) ?? 0) - gone)
    visit.taken.set(sku, (visit.taken.get(sku) ?? 0) + gone)
  }
}

/** When the last trouble of a kind was; now, while one lasts. */
function createTroubles(nowMs: () => number) {
  const lasting = new Set<object>()
  let endedMs = -Infinity
  return {
    begin(): { end(): void } {
      const one = {}
      lasting.add(one)
      return {
        end() {
          if (lasting.delete(one)) endedMs = nowMs()
        },
      }
    },
    lastMs: (): number => (lasting.size > 0 ? nowMs() : endedMs),
  }
}
