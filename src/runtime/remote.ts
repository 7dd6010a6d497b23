/**
 * Remote: what the relay's commands mean to this fridge, and what the ledger knows of them.
 *
 * Pure. Holds always (sync/protocol SPEC SY33-SY35, SY40, SY41, SY85): a command is acted on once and in its time, or refused, and
 * either is one commit with all that it does; a door that is opened from afar is opened for the owner's person or on a hold
 * of the relay's, and sells nothing in the first case. Called by runtime/fridge (step, evolve).
 */
import type { Line, Move } from '../core/basket.ts'
import type { Event } from '../core/events.ts'
import type { Sku, VisitId } from '../core/ids.ts'
import { effectKey, visitId } from '../core/ids.ts'
import { minor, type Currency } from '../core/money.ts'
import { err, ok, type Result } from '../core/result.ts'
import { minuteMs, secondMs } from '../core/time.ts'
import type { Command, Lane, Order, Outcome } from '../../sync/protocol/mqtt.ts'
import type { Stock } from '../catalog/stock.ts'
import { join, nothing, type Decision } from '../session/decision.ts'
import { goods } from './goods.ts'
import { relockKey } from '../session/keys.ts'
import { isFree, type Visits } from '../session/state.ts'
import type { SessionInput } from '../session/input.ts'

/** What tells a command from another one of the same number, which a relay may give that was put back to a backup. */
interface Named {
  readonly what: string
  readonly by: string
  readonly reason: string
  readonly about: string | null
  /** Absent in rows of before it was written: those are told apart by the rest alone. */
  readonly digest?: string
}
interface LaneKnown {
  readonly highest: number
  /** Of the last commands, by number. */
  readonly outcomes: ReadonlyMap<number, Pick<Outcome, 'outcome' | 'why'> & Named>
}
/** The door, open for a person of the owner's. */
interface Service {
  readonly visit: VisitId
  readonly untilMs: number
}
export interface Remote {
  readonly lanes: Readonly<Record<Lane, LaneKnown>>
  readonly service: Service | null
  readonly denied: ReadonlySet<string>
}

const newLane: LaneKnown = { highest: 0, outcomes: new Map() }
export const newRemote: Remote = { lanes: { now: newLane, kept: newLane }, service: null, denied: new Set() }

const outcomesKept = 64
/** Somebody who fills a fridge has so long; the controller relocks by itself long before, if the door is not opened. */
const serviceMs = 30 * minuteMs
const unlockWithinMs = 6 * secondMs

export function evolve(state: Remote, event: Event, atMs: number): Remote {
  switch (event.type) {
    case 'CommandTaken': {
      const { lane, number, outcome, why, what, by, reason, about = null, digest } = event
      const taken = { outcome, why, what, by, reason, about, ...(digest === undefined ? {} : { digest }) }
      const outcomes = new Map(state.lanes[lane].outcomes).set(number, taken)
      for (const old of outcomes.keys()) if (outcomes.size > outcomesKept) outcomes.delete(old)
      return { ...state, lanes: { ...state.lanes, [lane]: { highest: number, outcomes } } }
    }
    case 'CardsDenied':
      return { ...state, denied: new Set(event.fingerprints) }
    case 'ServiceBegan':
      return { ...state, service: { visit: event.visit, untilMs: atMs + serviceMs } }
    case 'ServiceEnded':
      return { ...state, service: null }
    default:
      return state
  }
}

/** What became of a command; `unknown`: its number is used up, and it is not known to be this one; null: it is new. */
export function known(state: Remote, command: Command): Pick<Outcome, 'outcome' | 'why'> | 'unknown' | null {
  const { lane, number, order, by, reason, digest } = command
  const { highest, outcomes } = state.lanes[lane]
  const found = outcomes.get(number)
  if (found === undefined) return number <= highest ? 'unknown' : null
  const about = 'visit' in order ? order.visit : null
  const same = found.what === order.type && found.by === by && found.reason === reason && found.about === about
  const alike = found.digest === undefined || found.digest === digest
  return same && alike ? { outcome: found.outcome, why: found.why } : 'unknown'
}

/** The rest of the fridge, as far as a command may know it. */
export interface Around {
  readonly atMs: number
  readonly visits: Visits
  readonly stock: Stock
  /** Why nothing is sold just now. */
  readonly closed: string | null
  readonly doorOpen: boolean
  readonly controllerUp: boolean
  /** How many there are; null while nobody knows. */
  readonly shelves: number | null
  /** What the visits make of an input. */
  readonly asVisit: (input: SessionInput) => Decision
}

/** Empty for a command that is known, or late: nothing is written of it. */
export function decide(state: Remote, command: Command, around: Around): Decision {
  const { lane, number, order, by, reason, digest } = command
  if (known(state, command) !== null || around.atMs > command.untilMs) return nothing
  const decided = obeyed(state, order, { by, reason }, around)
  const taken: Event = {
    type: 'CommandTaken',
    lane,
    number,
    what: order.type,
    by,
    reason,
    outcome: decided.ok ? 'done' : 'refused',
    why: decided.ok ? null : decided.error,
    ...('visit' in order ? { about: order.visit } : {}),
    digest,
  }
  return join({ events: [taken], effects: [] }, decided.ok ? decided.value : nothing)
}

function obeyed(
  state: Remote,
  order: Order,
  { by, reason }: { readonly by: string; readonly reason: string },
  around: Around,
): Result<Decision, string> {
  const { atMs, visits, stock, closed, asVisit } = around
  const products = new Map<string, unknown>(stock.catalogue?.products.map((one) => [one.sku, one]))
  switch (order.type) {
    case 'unlock': {
      const { hold } = order
      if (!isFree(visits.session)) return err('busy')
      if (closed !== null) return err(closed)
      if (hold.currency !== stock.catalogue?.currency) return err('currency')
      const { paymentMethod, fingerprint, reference, currency, captureWithinMs } = hold
      const decision = asVisit({
        type: 'HoldBrought',
        visit: visitId(order.visit),
        card: { paymentMethod, fingerprint },
        reference,
        holdMinor: minor(hold.amountMinor),
        currency: currency satisfies Currency,
        captureWithinMs,
      })
      return decision.events.length === 0 ? err('denied') : ok(decision)
    }
    case 'openDoor': {
      if (!isFree(visits.session) || state.service !== null) return err('busy')
      if (!around.controllerUp) return err('controller')
      if (around.doorOpen) return err('doorOpen')
      if (closed === 'storage') return err(closed)
      const visit = visitId(order.visit)
      return ok({
        events: [{ type: 'ServiceBegan', visit, by, reason }],
        effects: [{ type: 'UnlockDoor', key: serviceKey(visit), visit, expiresAtMs: atMs + unlockWithinMs }],
      })
    }
    case 'prices': {
      if (!isFree(visits.session)) return err('busy')
      const prices = order.prices.map(({ sku, priceMinor }) => ({ sku: sku as Sku, priceMinor: minor(priceMinor) }))
      if (prices.some(({ sku }) => !products.has(sku))) return err('unknownProduct')
      return ok({ events: [{ type: 'PricesSet', prices }], effects: [] })
    }
    case 'planogram':
      return planogram(order, { by, reason }, around)
    case 'product':
    case 'offers':
    case 'counts':
      return isFree(visits.session) ? goods(order, { by, reason }, around) : err('busy')
    case 'denied':
      return ok({ events: [{ type: 'CardsDenied', fingerprints: order.fingerprints }], effects: [] })
    case 'review': {
      const visit = visitId(order.visit)
      if (visits.settlements.get(visit)?.at !== 'review') return err('notInReview')
      const verdict = verdictOf(stock, visit, order.taken)
      return verdict === null ? err('unknownProduct') : ok(asVisit({ type: 'ReviewDecided', visit, ...verdict, by, reason })) // prettier-ignore
    }
  }
}

/** What stands on a product's shelf goes with it: whoever gives it another place carries it there. */
function planogram(
  { places }: Extract<Order, { type: 'planogram' }>,
  { by, reason }: { readonly by: string; readonly reason: string },
  { visits, stock }: Around,
): Result<Decision, string> {
  if (!isFree(visits.session)) return err('busy')
  const events: Event[] = [{ type: 'PlacesSet', places: places.map(({ sku, shelf }) => ({ sku: sku as Sku, shelf })) }]
  for (const { sku, shelf } of places) {
    const product = stock.catalogue?.products.find((one) => one.sku === sku)
    if (product === undefined) return err('unknownProduct')
    if (product.shelf === shelf) continue
    const count = Math.max(0, stock.counts.get(`${product.shelf}/${sku}`) ?? 0)
    const there = Math.max(0, stock.counts.get(`${shelf}/${sku}`) ?? 0)
    events.push(
      { type: 'StockCounted', sku: product.sku, shelf: product.shelf, count: 0, by, reason },
      { type: 'StockCounted', sku: product.sku, shelf, count: there + count, by, reason },
    )
  }
  return ok({ events, effects: [] })
}

/**
 * A person's verdict on a visit in review as lines and moves: the price is that of the visit [catalog K6], the shelf today's.
 * Null where it names a product that the fridge did not sell then.
 */
export function verdictOf(
  stock: Stock,
  visit: VisitId,
  taken: readonly { readonly sku: string; readonly count: number }[],
): { readonly lines: readonly Line[]; readonly moves: readonly Move[] } | null {
  const lines: Line[] = []
  const moves: Move[] = []
  for (const { sku, count } of taken) {
    const product = stock.inReview.get(visit)?.products.find((one) => one.sku === sku)
    if (product === undefined) return null
    const { shelf } = stock.catalogue?.products.find((one) => one.sku === sku) ?? product
    lines.push({ sku: product.sku, count, priceMinor: product.priceMinor })
    moves.push({ sku: product.sku, shelf, count: -count })
  }
  return { lines: lines.sort((a, b) => (a.sku < b.sku ? -1 : 1)), moves }
}

const serviceKey = (visit: VisitId) => effectKey(`${visit}/service`)

/** How a service ends: by what the world says of its door, or by time [SY40]. */
export function follow(
  { service }: Remote,
  input:
    | Extract<SessionInput, { type: 'UnlockAnswered' | 'DoorRelocked' | 'TimePassed' }>
    | { readonly type: 'Restarted' }
    | { readonly type: 'ControllerFound'; readonly doorOpen: boolean; readonly lockOpen: boolean },
  atMs: number,
): Decision {
  if (service === null) return nothing
  const { visit } = service
  const ended = (how: string): Decision => ({ events: [{ type: 'ServiceEnded', visit, how }], effects: [] })
  switch (input.type) {
    case 'UnlockAnswered':
      if (input.key !== serviceKey(visit) || input.answer === 'unlocked') return nothing
      // Silence is not a refusal: what may have opened is taken back.
      return input.answer === 'timeout' ? join(relocked(visit, atMs), ended('timeout')) : ended(input.answer)
    case 'DoorRelocked':
      return input.visit === visit ? ended(input.reason) : nothing
    case 'ControllerFound':
      return input.doorOpen || input.lockOpen ? nothing : ended('controller')
    case 'TimePassed':
      return atMs >= service.untilMs ? ended('time') : nothing
    case 'Restarted':
      return ended('restart')
  }
}

const relocked = (visit: VisitId, atMs: number): Decision => ({
  events: [],
  effects: [{ type: 'RelockDoor', key: relockKey(visit, atMs), visit }],
})

/** When a service ends by time alone, or null. */
export const nextDeadline = ({ service }: Remote): number | null => service?.untilMs ?? null
