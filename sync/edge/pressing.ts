/**
 * Pressing: what an owner waits for, or must hear of at once, does not wait for company [SY15]. Pure.
 * The end of a visit comes with its receipt, so a visit is one batch; money goes before whatever else there is to say.
 */
import type { Event } from '../../src/core/events.ts'

const pressing: ReadonlySet<Event['type']> = new Set<Event['type']>([
  'ReceiptIssued',
  'HoldReleased',
  'ReviewOpened',
  'SalesStopped',
  'DoorForced',
  'DoorLeftOpen',
  'RelayPaired',
])

export const presses = (events: readonly Event[]): boolean => events.some(({ type }) => pressing.has(type))
