/**
 * Deliveries: which of the controller's events are new, and what each means to the runtime.
 *
 * The controller sends an event until it is acknowledged, and tells a visit's events anew after a reset, when it can't know
 * which arrived. Holds always: within one start of the controller an id is taken once; across starts, one visit is opened
 * once, closed once and relocked once (firmware/SPEC.md F18, F20). Called by link.ts only.
 */
import type { ControllerReport, Weights } from '../core/ports.ts'
import type { EventMessage, Weights as WeightsMessage, WeightsSettled } from './messages.gen.ts'
import { visitOf } from './visit-bytes.ts'

export interface Deliveries {
  /** False when this event was taken before: acknowledge it again, and that is all. */
  isNew(bootId: number, event: EventMessage): boolean
  /** Events that the controller lost before we took them: gaps in its ids. */
  missed(): number
}

export function createDeliveries(): Deliveries {
  let boot: number | null = null
  let lastId = 0
  let missed = 0
  let visit: string | null = null
  const told = new Set<EventMessage['type']>()

  /** A reset makes the controller repeat itself about its last visit, under new ids. */
  function toldBefore(event: EventMessage): boolean {
    if (event.type !== 'doorOpened' && event.type !== 'doorClosed' && event.type !== 'relocked') return false
    const whose = visitOf(event.visit)
    if (whose === null) return false
    if (whose !== visit) {
      visit = whose
      told.clear()
    }
    if (told.has(event.type)) return true
    told.add(event.type)
    return false
  }

  return {
    isNew(bootId, event) {
      if (boot !== bootId) {
        boot = bootId
        lastId = event.eventId - 1 // what was taken before our own start is not missed
      }
      if (event.eventId <= lastId) return false
      missed += event.eventId - lastId - 1
      lastId = event.eventId
      return !toldBefore(event)
    },
    missed: () => missed,
  }
}

const allShelves = 0b1111

/** Grams on each shelf; null where the scale can't be believed. */
export function weightsOf(message: WeightsMessage | WeightsSettled): Weights {
  const { decigrams, faultyShelves, settledShelves } = message
  const resting = (settledShelves | faultyShelves) === allShelves
  return {
    grams: decigrams.map((value, shelf) => ((faultyShelves & (1 << shelf)) === 0 ? value / 10 : null)),
    settled: message.type === 'weights' ? message.settled && resting : resting,
  }
}

/** What the runtime hears of an event; null for the answers to an unlock and for weights, which the link passes on itself. */
export function reportOf(event: EventMessage): ControllerReport | null {
  switch (event.type) {
    case 'unlocked':
    case 'unlockRefused':
    case 'weightsSettled':
      return null
    case 'relocked': {
      const visit = visitOf(event.visit)
      return visit === null ? null : { type: 'relocked', visit, reason: event.reason }
    }
    case 'doorOpened':
      return { type: 'doorOpened' }
    case 'doorClosed':
      return { type: 'doorClosed' }
    case 'doorLeftOpen':
      return { type: 'doorLeftOpen', seconds: event.seconds === 120 ? 120 : 60 }
    case 'tamper':
      return { type: 'tamper' }
  }
}
