/**
 * Books: who owes what to whom, and the only rules by which money moves: authorize, capture once and at most the hold,
 * release, expire, refund at most what was captured. In memory; clock and chance come in. routes call it, objects.ts
 * shows it, summary.ts sums it up for whoever checks the fridge against the truth.
 * Holds always: amount = captured + released + still held, for every hold; captured <= amount; refunded <= captured.
 */
import type { Random } from '../../core/ports.ts'
import { invariant } from '../../core/result.ts'
import { cardOfTestMethod, declineFor, declineOf, type Card } from './cards.ts'
import type { CancelReason, Charge, Customer, Intent, Method, Refund, SetupIntent } from './entities.ts'
import type { BankOperation, Faults } from './faults.ts'
import { missing, Refusal, wrongState } from './refusal.ts'

export type EventType =
  | 'payment_intent.created'
  | 'payment_intent.amount_capturable_updated'
  | 'payment_intent.payment_failed'
  | 'payment_intent.requires_action'
  | 'payment_intent.succeeded'
  | 'payment_intent.canceled'
  | 'charge.captured'
  | 'charge.expired'
  | 'charge.refunded'
  | 'setup_intent.succeeded'
  | 'payment_method.attached'
  | 'payment_method.detached'

export interface Books {
  readonly customers: Map<string, Customer>
  readonly methods: Map<string, Method>
  readonly intents: Map<string, Intent>
  readonly charges: Map<string, Charge>
  readonly setupIntents: Map<string, SetupIntent>
  readonly refunds: Map<string, Refund>
  nowS(): number
  id(prefix: string): string
  addMethod(type: Method['type'], card: Card): Method
  /** The method a request names; one of the provider's test names makes a fresh method. */
  methodFor(id: string, param: string): Method
  attach(method: Method, customer: string): void
  detach(method: Method): void
  /** Asks the issuer. Throws a Refusal (402) when it says no. */
  authorize(intent: Intent, operation: BankOperation, wayOut: 'failOnAction' | 'askForAction'): void
  capture(intent: Intent, amountMinor: number): void
  cancel(intent: Intent, reason: CancelReason | null): void
  refund(charge: Charge, refund: Refund): void
  /** Lets go of the holds that nobody captured in time. Called before every request. */
  expire(): void
  emit(type: EventType, id: string): void
  /** How long holds stand that are placed from now on. */
  setAuthorizationWindow(windowMs: number): void
}

export interface BooksOptions {
  readonly random: Random
  readonly nowS: () => number
  readonly faults: Faults
  readonly authorizationMs: number
  readonly onEvent: (type: EventType, id: string) => void
}

const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The states from which a hold can be let go, as the provider lists them. */
export const cancelable = [
  'requires_payment_method',
  'requires_capture',
  'requires_confirmation',
  'requires_action',
] as const

export function createBooks({ random, nowS, faults, authorizationMs, onEvent }: BooksOptions): Books {
  let windowMs = authorizationMs
  const customers = new Map<string, Customer>()
  const methods = new Map<string, Method>()
  const intents = new Map<string, Intent>()
  const charges = new Map<string, Charge>()
  const setupIntents = new Map<string, SetupIntent>()
  const refunds = new Map<string, Refund>()
  /** Charges with money still held, in the order they were placed. */
  const held = new Set<Charge>()

  const id = (prefix: string): string => {
    let text = ''
    for (const byte of random.bytes(18)) text += letters[byte % letters.length]
    return `${prefix}_${text}`
  }

  const addMethod = (type: Method['type'], card: Card): Method => {
    const method: Method = { id: id('pm'), createdS: nowS(), type, card, customer: null, metadata: {}, spent: false }
    methods.set(method.id, method)
    return method
  }

  const chargeFor = (intent: Intent, method: Method, decline: Charge['decline']): Charge => {
    const holds = decline === null && intent.captureMethod === 'manual'
    const charge: Charge = {
      id: id('ch'),
      createdS: nowS(),
      intent: intent.id,
      method: method.id,
      amountMinor: intent.amountMinor,
      currency: intent.currency,
      decline,
      captureBeforeS: holds ? nowS() + Math.floor(windowMs / 1000) : null,
      capturedMinor: 0,
      releasedMinor: 0,
      refundedMinor: 0,
      captures: 0,
      refunds: [],
    }
    charges.set(charge.id, charge)
    intent.latestCharge = charge.id
    if (holds) held.add(charge)
    return charge
  }

  const chargeOf = (intent: Intent): Charge | null =>
    intent.latestCharge === null ? null : (charges.get(intent.latestCharge) ?? null)

  const release = (intent: Intent, reason: CancelReason | null): void => {
    const charge = chargeOf(intent)
    if (charge !== null && held.delete(charge)) charge.releasedMinor = charge.amountMinor
    intent.status = 'canceled'
    intent.canceledAtS = nowS()
    intent.cancelReason = reason
    onEvent('payment_intent.canceled', intent.id)
  }

  const take = (intent: Intent, amountMinor: number): void => {
    const charge = chargeOf(intent)
    invariant(charge !== null && charge.captures === 0, `a hold is captured once: ${intent.id}`)
    invariant(amountMinor <= charge.amountMinor, `a capture is at most the hold: ${intent.id}`)
    held.delete(charge)
    charge.captures += 1
    charge.capturedMinor = amountMinor
    charge.releasedMinor = charge.amountMinor - amountMinor
    intent.status = 'succeeded'
    onEvent('charge.captured', charge.id)
    onEvent('payment_intent.succeeded', intent.id)
  }

  const refuse = (intent: Intent, method: Method, declineCode: string): never => {
    const decline = declineFor(declineCode)
    const charge = chargeFor(intent, method, decline)
    intent.status = 'requires_payment_method'
    intent.method = null
    intent.lastDecline = { decline, method: method.id, charge: charge.id }
    onEvent('payment_intent.payment_failed', intent.id)
    throw new Refusal(
      402,
      {
        type: 'card_error',
        code: decline.code,
        decline_code: decline.declineCode,
        message: decline.message,
        charge: charge.id,
      },
      true,
    )
  }

  return {
    customers,
    methods,
    intents,
    charges,
    setupIntents,
    refunds,
    nowS,
    id,
    addMethod,
    emit: onEvent,

    setAuthorizationWindow(ms) {
      windowMs = ms
    },

    methodFor(name, param) {
      const card = cardOfTestMethod(name)
      if (card !== null) return addMethod('card', card)
      const method = methods.get(name)
      if (method === undefined) throw missing('PaymentMethod', name, param)
      return method
    },

    attach(method, customer) {
      if (method.type === 'card_present') {
        throw wrongState(
          'PaymentMethods of type card_present cannot be saved to a Customer.',
          'payment_method_invalid_parameter',
        )
      }
      refuseSpent(method)
      if (method.customer !== null && method.customer !== customer) {
        throw wrongState(
          'The payment method you provided has already been attached to a customer.',
          'resource_already_exists',
        )
      }
      method.customer = customer
      onEvent('payment_method.attached', method.id)
    },

    detach(method) {
      if (method.customer === null) {
        throw wrongState(
          'The payment method you provided is not attached to a customer so detachment is impossible.',
          'payment_method_not_attached',
        )
      }
      method.customer = null
      method.spent = true
      onEvent('payment_method.detached', method.id)
    },

    authorize(intent, operation, wayOut) {
      const method = intent.method === null ? undefined : methods.get(intent.method)
      invariant(method !== undefined, `an authorization has a method: ${intent.id}`)
      refuseSpent(method)
      if (method.customer !== null && method.customer !== intent.customer) {
        throw wrongState(
          `The PaymentMethod ${method.id} belongs to a Customer. Please include the Customer in the \`customer\` parameter.`,
          'payment_method_customer_mismatch',
          { param: 'payment_method' },
        )
      }
      if (method.customer === null) method.spent = true
      const byIssuer = declineOf(method.card.behaviour)
      const declineCode = faults.takeDecline(operation) ?? byIssuer?.declineCode ?? null
      if (declineCode === 'authentication_required' && wayOut === 'askForAction') {
        intent.status = 'requires_action'
        onEvent('payment_intent.requires_action', intent.id)
        return
      }
      if (declineCode !== null) refuse(intent, method, declineCode)
      chargeFor(intent, method, null)
      intent.lastDecline = null
      intent.status = 'requires_capture'
      if (intent.captureMethod === 'manual') onEvent('payment_intent.amount_capturable_updated', intent.id)
      else take(intent, intent.amountMinor)
    },

    capture(intent, amountMinor) {
      if (intent.status !== 'requires_capture') {
        throw wrongState(
          `This PaymentIntent could not be captured because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.`,
          'payment_intent_unexpected_state',
        )
      }
      if (amountMinor > intent.amountMinor) {
        throw wrongState(
          `The amount_to_capture (${amountMinor}) must be less than or equal to the authorized amount (${intent.amountMinor}).`,
          'amount_too_large',
          { param: 'amount_to_capture' },
        )
      }
      take(intent, amountMinor)
    },

    cancel(intent, reason) {
      if (!cancelable.some((status) => status === intent.status)) {
        throw wrongState(
          `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be canceled: ${cancelable.join(', ')}.`,
          'payment_intent_unexpected_state',
        )
      }
      release(intent, reason)
    },

    refund(charge, refund) {
      invariant(
        refund.amountMinor <= charge.capturedMinor - charge.refundedMinor,
        `a refund is at most the capture: ${charge.id}`,
      )
      refunds.set(refund.id, refund)
      charge.refunds.push(refund.id)
      charge.refundedMinor += refund.amountMinor
      onEvent('charge.refunded', charge.id)
    },

    expire() {
      for (const charge of held) {
        if (charge.captureBeforeS === null || charge.captureBeforeS > nowS()) continue
        const intent = intents.get(charge.intent)
        if (intent !== undefined) release(intent, 'expired')
        onEvent('charge.expired', charge.id)
      }
    },
  }
}

function refuseSpent(method: Method): void {
  if (!method.spent) return
  throw wrongState(
    'The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.',
    'payment_method_unexpected_state',
    { param: 'payment_method' },
  )
}
