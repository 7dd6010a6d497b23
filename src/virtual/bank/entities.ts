/**
 * Entities: what the bank keeps books of. Internal and mutable; objects.ts shows them in the provider's shape.
 * Times are in whole seconds, as the provider's are; amounts in minor units.
 */
import type { Card, Decline } from './cards.ts'
import type { Metadata } from './params.ts'

export interface Customer {
  readonly id: string
  readonly createdS: number
  name: string | null
  email: string | null
  description: string | null
  metadata: Metadata
  deleted: boolean
}

export interface Method {
  readonly id: string
  readonly createdS: number
  readonly type: 'card' | 'card_present'
  readonly card: Card
  customer: string | null
  metadata: Metadata
  /** Used without a customer, or detached from one: never good again. */
  spent: boolean
}

export interface Charge {
  readonly id: string
  readonly createdS: number
  readonly intent: string
  readonly method: string
  readonly amountMinor: number
  readonly currency: string
  readonly decline: Decline | null
  /** Until when an uncaptured hold stands; null when it was never a hold. */
  readonly captureBeforeS: number | null
  capturedMinor: number
  /** What went back without having been taken: the rest of a capture, or the whole of a cancelled hold. */
  releasedMinor: number
  refundedMinor: number
  captures: number
  readonly refunds: string[]
}

export type IntentStatus =
  | 'requires_payment_method'
  | 'requires_confirmation'
  | 'requires_action'
  | 'requires_capture'
  | 'succeeded'
  | 'canceled'

export type CancelReason = 'duplicate' | 'fraudulent' | 'requested_by_customer' | 'abandoned' | 'expired'

export interface Intent {
  readonly id: string
  readonly createdS: number
  readonly clientSecret: string
  amountMinor: number
  currency: string
  readonly captureMethod: 'automatic' | 'automatic_async' | 'manual'
  status: IntentStatus
  method: string | null
  methodTypes: readonly string[]
  customer: string | null
  metadata: Metadata
  description: string | null
  statementSuffix: string | null
  setupFutureUsage: string | null
  latestCharge: string | null
  /** Why the last try failed, and with which method. */
  lastDecline: { readonly decline: Decline; readonly method: string; readonly charge: string | null } | null
  canceledAtS: number | null
  cancelReason: CancelReason | null
}

export interface SetupIntent {
  readonly id: string
  readonly createdS: number
  readonly clientSecret: string
  status: 'requires_payment_method' | 'requires_confirmation' | 'requires_action' | 'succeeded' | 'canceled'
  method: string | null
  readonly methodTypes: readonly string[]
  readonly usage: 'off_session' | 'on_session'
  customer: string | null
  metadata: Metadata
  description: string | null
  lastDecline: Decline | null
  cancelReason: CancelReason | null
}

export interface Refund {
  readonly id: string
  readonly createdS: number
  readonly charge: string
  readonly intent: string
  readonly amountMinor: number
  readonly currency: string
  readonly reason: string | null
  readonly metadata: Metadata
}
