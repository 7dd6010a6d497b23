/** Decision: what a step wants written and done, in the order of writing. */
import type { Effect } from '../core/effects.ts'
import type { Event } from '../core/events.ts'

export interface Decision {
  readonly events: readonly Event[]
  readonly effects: readonly Effect[]
}
export const nothing: Decision = { events: [], effects: [] }
export const join = (...parts: readonly Decision[]): Decision => ({
  events: parts.flatMap((part) => part.events),
  effects: parts.flatMap((part) => part.effects),
})
