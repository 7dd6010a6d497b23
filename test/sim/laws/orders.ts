/**
 * Y5: a command from the relay is one that was truly given, fresh, and acted on once. Judged from what the relay's desk gave and
 * when it sent it, and the ledger's rows; never from what either end says of it.
 */
import type { Event } from '../../../src/core/events.ts'
import type { Lane, Order } from '../../../sync/protocol/mqtt.ts'
import { count, type Judged, type Report } from './record.ts'

export interface OrderLaws {
  /** The relay gave this order, under this number (a relay put back to a backup may give a number twice). */
  given(lane: Lane, number: number, order: Order, by: string): void
  sent(lane: Lane, number: number): void
  /** A phone's visit: its hold is placed before the fridge's books know it. */
  phone(visit: string): void
  isPhone(visit: string): boolean
  /** `fresh`: it was acknowledged just now, not found after a crash. */
  row(event: Event, fresh: boolean): void
}

/** What is good for seconds, and what waits but is good for a minute each time it is sent; and the commit itself. */
const goodForMs: Readonly<Record<Lane, number>> = { now: 8_000, kept: 60_000 }
const commitMs = 500

export function orderLaws({
  report,
  nowMs,
  judged,
}: Judged & { readonly report: Report; readonly nowMs: () => number }): OrderLaws {
  // prettier-ignore
  const orders = new Map<string, { readonly order: Order; readonly by: string }[]>()
  const sentAtMs = new Map<string, number>()
  const phones = new Set<string>()
  const highest: Record<Lane, number> = { now: 0, kept: 0 }
  const inProgress = new Set<string>()
  const opened = new Set<string>()
  /** What the command of this commit was, until what it does is seen. */
  let due: readonly Order[] = []

  function taken(event: Extract<Event, { type: 'CommandTaken' }>, fresh: boolean): void {
    count(judged, 'Y5')
    const { lane, number, what, about, outcome, by } = event
    const name = `${lane} ${number}`
    if (number <= highest[lane]) report('Y5', `command ${name} was acted on after ${highest[lane]}`)
    highest[lane] = Math.max(highest[lane], number)
    const candidates = (orders.get(name) ?? []).filter(
      (one) => one.order.type === what && one.by === by && (!('visit' in one.order) || one.order.visit === about),
    )
    if (candidates.length === 0) return report('Y5', `the fridge acted on ${name} (${what}), which nobody gave`)
    const ageMs = nowMs() - (sentAtMs.get(name) ?? -Infinity)
    if (fresh && ageMs > goodForMs[lane] + commitMs)
      report('Y5', `command ${name} (${what}) was acted on ${Math.round(ageMs)} ms after it was sent`)
    due = outcome === 'done' ? candidates.map(({ order }) => order) : []
  }

  /** What only an order brings about comes right behind it, and as it was ordered. */
  function done(type: Order['type'], same: (order: Order) => boolean): void {
    count(judged, 'Y5 done')
    if (!due.some((order) => order.type === type && same(order))) report('Y5', `${type} came about without its order`)
    due = []
  }

  return {
    given(lane, number, order, by) {
      const name = `${lane} ${number}`
      orders.set(name, [...(orders.get(name) ?? []), { order, by }])
    },
    sent: (lane, number) => void sentAtMs.set(`${lane} ${number}`, nowMs()),
    phone: (visit) => void phones.add(visit),
    isPhone: (visit) => phones.has(visit),
    row(event, fresh) {
      const json = JSON.stringify
      switch (event.type) {
        case 'CommandTaken':
          return taken(event, fresh)
        case 'VisitStarted':
          inProgress.add(event.visit)
          if (phones.has(event.visit)) done('unlock', (order) => order.type === 'unlock' && order.visit === event.visit)
          return
        case 'UnlockRequested':
          if (phones.has(event.visit) && opened.has(event.visit)) report('Y5', `the door was opened twice for ${event.visit}`) // prettier-ignore
          opened.add(event.visit)
          return
        case 'VisitEnded':
          inProgress.delete(event.visit)
          return
        case 'PricesSet':
          done('prices', (order) => order.type === 'prices' && json(order.prices) === json(event.prices))
          if (inProgress.size > 0) report('Y5', `prices changed within visit ${[...inProgress].join(', ')}`)
          return
        case 'PlacesSet':
          done('planogram', (order) => order.type === 'planogram' && json(order.places) === json(event.places))
          if (inProgress.size > 0) report('Y5', `places changed within visit ${[...inProgress].join(', ')}`)
          return
        case 'ProductDefined':
          done('product', (order) => order.type === 'product' && json(order.product) === json(event.product))
          if (inProgress.size > 0) report('Y5', `a product changed within visit ${[...inProgress].join(', ')}`)
          return
        case 'OffersSet':
          done('offers', (order) => order.type === 'offers' && json(order.offers) === json(event.offers))
          if (inProgress.size > 0) report('Y5', `offers changed within visit ${[...inProgress].join(', ')}`)
          return
        case 'CardsDenied':
          return done('denied', (order) => order.type === 'denied' && json(order.fingerprints) === json(event.fingerprints)) // prettier-ignore
        case 'ServiceBegan':
          return done('openDoor', (order) => order.type === 'openDoor' && order.visit === event.visit)
        default:
          return
      }
    },
  }
}
