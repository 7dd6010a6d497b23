/**
 * Window: how long a hold can still be captured, by the provider's own word and the provider's own clock. Pure.
 */
import type { Log } from '../core/ports.ts'
import { hourMs } from '../core/time.ts'
import type { Intent } from './ask.ts'

/**
 * Where the provider says nothing: its shortest published window is two days (cards at a reader); six hours less, as it
 * keeps itself for clearing.
 */
const leastWindowMs = 42 * hourMs

export interface Now {
  /** The provider's clock when it showed the intent; null when it did not say. */
  readonly providerNowMs: number | null
  /** What the fridge's clock says has passed since it first asked: used only where the provider's clock is not known. */
  readonly elapsedMs: number
}

/** Milliseconds from now until the hold can no longer be captured; 0 when that has passed. Never more than the truth. */
export function captureWithinMs(intent: Intent, now: Now, log: Log): number {
  const charge = typeof intent.latest_charge === 'string' ? null : intent.latest_charge
  const createdMs = (charge?.created ?? intent.created) * 1000
  const details = charge?.payment_method_details
  const saidS = details?.card_present?.capture_before ?? details?.card?.capture_before
  if (saidS === undefined) {
    log.warn('bank does not say until when a hold can be captured', { reference: intent.id, assumedMs: leastWindowMs })
  }
  const untilMs = saidS === undefined ? createdMs + leastWindowMs : saidS * 1000
  // Its clock is told in whole seconds, cut off: it may be a second later. Before the hold's own time it is no clock.
  const providerNowMs =
    now.providerNowMs !== null && now.providerNowMs >= createdMs
      ? now.providerNowMs
      : createdMs + Math.max(0, now.elapsedMs)
  return Math.max(0, untilMs - providerNowMs - 1000)
}
