/**
 * Summary: the bank's books as an auditor reads them: every hold, what became of its money, and sums per currency.
 * It is the truth about money: the fridge never reads it, whoever checks the fridge does.
 */
import type { Books } from './books.ts'
import type { Charge, Intent } from './entities.ts'
import type { BankFaultType, BankOperation, FaultOrder } from './faults.ts'

/** `open`: begun and not authorized. `declined`: the issuer's last word. */
export type HoldStatus = 'open' | 'declined' | 'held' | 'captured' | 'released' | 'expired'

export interface HoldSummary {
  readonly reference: string
  /** `metadata.visit` and `metadata.holdKey`, as the fridge wrote them. */
  readonly visit: string | null
  readonly holdKey: string | null
  readonly metadata: Readonly<Record<string, string>>
  readonly card: string | null
  readonly currency: string
  readonly amountMinor: number
  readonly status: HoldStatus
  readonly heldMinor: number
  readonly capturedMinor: number
  readonly releasedMinor: number
  readonly refundedMinor: number
  /** How often it was captured: never more than once. */
  readonly captures: number
  readonly createdAtMs: number
  readonly captureBeforeMs: number | null
}

export interface CurrencySum {
  readonly holds: number
  readonly heldMinor: number
  readonly capturedMinor: number
  readonly releasedMinor: number
  readonly refundedMinor: number
}

export interface BankSummary {
  /** In the order they were asked for. */
  readonly holds: readonly HoldSummary[]
  /** Per ISO currency code, in capitals. */
  readonly sums: Readonly<Record<string, CurrencySum>>
  readonly requests: Readonly<Partial<Record<BankOperation, number>>>
  /** Requests answered from the store of idempotency keys. */
  readonly replays: number
  readonly faults: Readonly<Partial<Record<BankFaultType, number>>>
  readonly activeFaults: readonly FaultOrder[]
  readonly webhooks: { readonly delivered: number; readonly failed: number; readonly givenUp: number } | null
}

function statusOf(intent: Intent): HoldStatus {
  switch (intent.status) {
    case 'requires_capture':
      return 'held'
    case 'succeeded':
      return 'captured'
    case 'canceled':
      return intent.cancelReason === 'expired' ? 'expired' : 'released'
    case 'requires_payment_method':
      return intent.lastDecline === null ? 'open' : 'declined'
    case 'requires_confirmation':
    case 'requires_action':
      return 'open'
  }
}

export function holdsOf(books: Books): HoldSummary[] {
  return [...books.intents.values()].map((intent) => {
    const latest = intent.latestCharge === null ? undefined : books.charges.get(intent.latestCharge)
    const charge: Charge | null = latest === undefined || latest.decline !== null ? null : latest
    const method = books.methods.get(latest?.method ?? intent.method ?? '')
    const taken = charge === null ? 0 : charge.capturedMinor + charge.releasedMinor
    return {
      reference: intent.id,
      visit: intent.metadata['visit'] ?? null,
      holdKey: intent.metadata['holdKey'] ?? null,
      metadata: intent.metadata,
      card: method?.card.fingerprint ?? null,
      currency: intent.currency.toUpperCase(),
      amountMinor: intent.amountMinor,
      status: statusOf(intent),
      heldMinor: charge === null ? 0 : charge.amountMinor - taken,
      capturedMinor: charge?.capturedMinor ?? 0,
      releasedMinor: charge?.releasedMinor ?? 0,
      refundedMinor: charge?.refundedMinor ?? 0,
      captures: charge?.captures ?? 0,
      createdAtMs: intent.createdS * 1000,
      captureBeforeMs: charge?.captureBeforeS === null || charge === null ? null : charge.captureBeforeS * 1000,
    }
  })
}

export function sumsOf(holds: readonly HoldSummary[]): Record<string, CurrencySum> {
  const sums: Record<string, CurrencySum> = {}
  for (const hold of holds) {
    const sum = sums[hold.currency] ?? { holds: 0, heldMinor: 0, capturedMinor: 0, releasedMinor: 0, refundedMinor: 0 }
    sums[hold.currency] = {
      holds: sum.holds + 1,
      heldMinor: sum.heldMinor + hold.heldMinor,
      capturedMinor: sum.capturedMinor + hold.capturedMinor,
      releasedMinor: sum.releasedMinor + hold.releasedMinor,
      refundedMinor: sum.refundedMinor + hold.refundedMinor,
    }
  }
  return sums
}
