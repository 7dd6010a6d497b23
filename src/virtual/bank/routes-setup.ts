/**
 * Setup intents on the wire: saving a card for later, which asks its issuer too.
 */
import type { Books } from './books.ts'
import { declineOf } from './cards.ts'
import type { SetupIntent } from './entities.ts'
import { setupIntentObject } from './objects.ts'
import type { Params } from './params.ts'
import { invalid, missing, Refusal, wrongState } from './refusal.ts'
import { methodTypesOf, type Route } from './route.ts'
import type { JsonObject } from './wire.ts'

function setupKnown(books: Books, id: string): SetupIntent {
  const setup = books.setupIntents.get(id)
  if (setup === undefined) throw missing('setupintent', id, 'intent')
  return setup
}

function customerExists(books: Books, id: string): void {
  if (books.customers.get(id)?.deleted !== false) throw missing('customer', id, 'customer')
}

/** Saving a card asks its issuer too; only a good card is saved. */
function confirmSetup(books: Books, setup: SetupIntent, methodName: string | null): JsonObject {
  if (setup.status === 'succeeded' || setup.status === 'canceled') {
    throw wrongState(
      `This SetupIntent could not be confirmed because it has a status of ${setup.status}.`,
      'setup_intent_unexpected_state',
      {
        setup_intent: setupIntentObject(setup),
      },
    )
  }
  if (methodName !== null) setup.method = books.methodFor(methodName, 'payment_method').id
  const method = setup.method === null ? undefined : books.methods.get(setup.method)
  if (method === undefined)
    throw invalid("You cannot confirm this SetupIntent because it's missing a payment method.", 'payment_method')
  const decline = declineOf(method.card.behaviour)
  if (decline?.declineCode === 'authentication_required') {
    setup.status = 'requires_action'
    return setupIntentObject(setup)
  }
  if (decline !== null) {
    setup.lastDecline = decline
    setup.status = 'requires_payment_method'
    setup.method = null
    throw new Refusal(
      402,
      {
        type: 'card_error',
        code: decline.code,
        decline_code: decline.declineCode,
        message: decline.message,
        setup_intent: setupIntentObject(setup),
      },
      true,
    )
  }
  if (setup.customer !== null && method.customer === null) books.attach(method, setup.customer)
  setup.status = 'succeeded'
  setup.lastDecline = null
  books.emit('setup_intent.succeeded', setup.id)
  return setupIntentObject(setup)
}

function createSetup(books: Books, params: Params): JsonObject {
  const customer = params.text('customer')
  if (customer !== null) customerExists(books, customer)
  const methodName = params.text('payment_method')
  const types = methodTypesOf(params)
  const confirmNow = params.flag('confirm')
  params.accept('automatic_payment_methods', 'return_url', 'payment_method_options', 'mandate_data')
  const id = books.id('seti')
  const setup: SetupIntent = {
    id,
    createdS: books.nowS(),
    clientSecret: books.id(`${id}_secret`),
    status: methodName === null ? 'requires_payment_method' : 'requires_confirmation',
    method: null,
    methodTypes: types,
    usage: params.oneOf('usage', ['off_session', 'on_session']) ?? 'off_session',
    customer,
    metadata: params.metadata(),
    description: params.text('description'),
    lastDecline: null,
    cancelReason: null,
  }
  params.finish()
  if (methodName !== null) setup.method = books.methodFor(methodName, 'payment_method').id
  books.setupIntents.set(id, setup)
  return confirmNow ? confirmSetup(books, setup, null) : setupIntentObject(setup)
}

export const setupRoutes: readonly Route[] = [
  { method: 'POST', path: '/v1/setup_intents', operation: 'setupIntent', shows: 'setup_intent', run: createSetup },
  {
    method: 'GET',
    path: '/v1/setup_intents/:id',
    operation: 'setupIntent',
    shows: 'setup_intent',
    run(books, params, id) {
      params.accept('client_secret')
      params.finish()
      return setupIntentObject(setupKnown(books, id))
    },
  },
  {
    method: 'POST',
    path: '/v1/setup_intents/:id/confirm',
    operation: 'setupIntent',
    shows: 'setup_intent',
    run(books, params, id) {
      const setup = setupKnown(books, id)
      const methodName = params.text('payment_method')
      params.accept('return_url', 'mandate_data', 'payment_method_options')
      params.finish()
      return confirmSetup(books, setup, methodName)
    },
  },
  {
    method: 'POST',
    path: '/v1/setup_intents/:id/cancel',
    operation: 'setupIntent',
    shows: 'setup_intent',
    run(books, params, id) {
      const setup = setupKnown(books, id)
      const reason = params.oneOf('cancellation_reason', ['abandoned', 'duplicate', 'requested_by_customer'])
      params.finish()
      if (setup.status === 'succeeded' || setup.status === 'canceled') {
        throw wrongState(
          `You cannot cancel this SetupIntent because it has a status of ${setup.status}.`,
          'setup_intent_unexpected_state',
          {
            setup_intent: setupIntentObject(setup),
          },
        )
      }
      setup.status = 'canceled'
      setup.cancelReason = reason
      return setupIntentObject(setup)
    },
  },
]
