/**
 * Charges and refunds on the wire. Charges are only read here: they come from payment intents.
 */
import type { Books } from './books.ts'
import type { Charge, Refund } from './entities.ts'
import { chargeObject, refundObject } from './objects.ts'
import type { Params } from './params.ts'
import { invalid, missing, wrongState } from './refusal.ts'
import { pageOf, type Route } from './route.ts'
import type { JsonObject } from './wire.ts'

function chargeKnown(books: Books, id: string, param = 'id'): Charge {
  const charge = books.charges.get(id)
  if (charge === undefined) throw missing('charge', id, param)
  return charge
}

function chargeToRefund(books: Books, params: Params): Charge {
  const [chargeId, intentId] = [params.text('charge'), params.text('payment_intent')]
  if (chargeId !== null) return chargeKnown(books, chargeId, 'charge')
  if (intentId === null)
    throw invalid('One of the following params should be provided for this request: payment_intent or charge.')
  const intent = books.intents.get(intentId)
  if (intent === undefined) throw missing('payment_intent', intentId, 'payment_intent')
  if (intent.latestCharge === null) {
    throw wrongState(
      'This PaymentIntent does not have a successful charge to refund.',
      'payment_intent_unexpected_state',
    )
  }
  return chargeKnown(books, intent.latestCharge)
}

function createRefund(books: Books, params: Params): JsonObject {
  const charge = chargeToRefund(books, params)
  const asked = params.integer('amount')
  const reason = params.oneOf('reason', ['duplicate', 'fraudulent', 'requested_by_customer'])
  const metadata = params.metadata()
  params.finish()
  const left = charge.capturedMinor - charge.refundedMinor
  if (charge.captures === 0) {
    throw wrongState(
      `Charge ${charge.id} has not been captured: cancel its PaymentIntent instead.`,
      'charge_not_refundable',
    )
  }
  if (left === 0) throw wrongState(`Charge ${charge.id} has already been refunded.`, 'charge_already_refunded')
  const amountMinor = asked ?? left
  if (amountMinor < 1) throw invalid('Invalid positive integer', 'amount', 'parameter_invalid_integer')
  if (amountMinor > left) {
    throw wrongState(
      `Refund amount (${amountMinor}) is greater than unrefunded amount on charge (${left}).`,
      'amount_too_large',
      { param: 'amount' },
    )
  }
  const refund: Refund = {
    id: books.id('re'),
    createdS: books.nowS(),
    charge: charge.id,
    intent: charge.intent,
    amountMinor,
    currency: charge.currency,
    reason,
    metadata,
  }
  books.refund(charge, refund)
  return refundObject(refund)
}

export const chargeRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/charges/:id',
    operation: 'charge',
    shows: 'charge',
    run(books, params, id) {
      params.finish()
      return chargeObject(books, chargeKnown(books, id))
    },
  },
  {
    method: 'GET',
    path: '/v1/charges',
    operation: 'charge',
    shows: 'charge',
    run(books, params, _, path) {
      const intent = params.text('payment_intent')
      return pageOf(
        params,
        path,
        books.charges.values(),
        (charge) => intent === null || charge.intent === intent,
        (charge) => chargeObject(books, charge),
      )
    },
  },
  { method: 'POST', path: '/v1/refunds', operation: 'refund', shows: 'refund', run: createRefund },
  {
    method: 'GET',
    path: '/v1/refunds/:id',
    operation: 'refund',
    shows: 'refund',
    run(books, params, id) {
      params.finish()
      const refund = books.refunds.get(id)
      if (refund === undefined) throw missing('refund', id)
      return refundObject(refund)
    },
  },
  {
    method: 'GET',
    path: '/v1/refunds',
    operation: 'refund',
    shows: 'refund',
    run(books, params, _, path) {
      const [charge, intent] = [params.text('charge'), params.text('payment_intent')]
      return pageOf(
        params,
        path,
        books.refunds.values(),
        (refund) => (charge === null || refund.charge === charge) && (intent === null || refund.intent === intent),
        refundObject,
      )
    },
  },
]
