/**
 * Customers, their payment methods and setup intents on the wire: what a saved card needs.
 */
import type { Books } from './books.ts'
import { cardOfTestMethod, declineOf } from './cards.ts'
import type { Customer, Method, SetupIntent } from './entities.ts'
import { customerObject, methodObject, setupIntentObject } from './objects.ts'
import type { Params } from './params.ts'
import { invalid, missing, Refusal, wrongState } from './refusal.ts'
import { methodTypesOf, pageOf, type Route } from './route.ts'
import type { JsonObject } from './wire.ts'

function customerKnown(books: Books, id: string, param = 'id'): Customer {
  const customer = books.customers.get(id)
  if (customer === undefined || customer.deleted) throw missing('customer', id, param)
  return customer
}

function methodKnown(books: Books, id: string): Method {
  const method = books.methods.get(id)
  if (method === undefined) throw missing('PaymentMethod', id, 'payment_method')
  return method
}

function setupKnown(books: Books, id: string): SetupIntent {
  const setup = books.setupIntents.get(id)
  if (setup === undefined) throw missing('setupintent', id, 'intent')
  return setup
}

function writeCustomer(customer: Customer, params: Params): void {
  const metadata = params.metadata(customer.metadata)
  const text = (name: 'name' | 'email' | 'description'): string | null =>
    params.has(name) ? params.text(name) : customer[name]
  const [name, email, description] = [text('name'), text('email'), text('description')]
  params.accept('phone', 'preferred_locales', 'payment_method', 'invoice_settings')
  params.finish()
  Object.assign(customer, { metadata, name, email, description })
}

function createMethod(books: Books, params: Params): JsonObject {
  const type = params.oneOf('type', ['card', 'card_present']) ?? 'card'
  const facts = params.sub('card')
  if (facts.has('number')) {
    throw invalid(
      'Sending credit card numbers directly to the API is unsafe. Use a test token such as tok_visa instead.',
      'card[number]',
    )
  }
  const token = facts.need('token')
  facts.finish()
  params.accept('billing_details')
  const metadata = params.metadata()
  params.finish()
  const card = cardOfTestMethod(token.replace(/^tok_/, 'pm_card_'))
  if (card === null) throw missing('token', token, 'card[token]')
  const method = books.addMethod(type, card)
  method.metadata = metadata
  return methodObject(method)
}

function listMethods(books: Books, params: Params, customer: string | null, path: string): JsonObject {
  const type = params.text('type')
  return pageOf(
    params,
    path,
    books.methods.values(),
    (method) => method.customer === customer && (type === null || method.type === type),
    methodObject,
  )
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
  if (customer !== null) customerKnown(books, customer, 'customer')
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

const show = (one: JsonObject, params: Params): JsonObject => {
  params.finish()
  return one
}

export const cardRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/customers',
    operation: 'customer',
    run(books, params) {
      const customer: Customer = {
        id: books.id('cus'),
        createdS: books.nowS(),
        name: null,
        email: null,
        description: null,
        metadata: {},
        deleted: false,
      }
      writeCustomer(customer, params)
      books.customers.set(customer.id, customer)
      return customerObject(customer)
    },
  },
  {
    method: 'GET',
    path: '/v1/customers',
    operation: 'customer',
    run(books, params, _, path) {
      const email = params.text('email')
      return pageOf(
        params,
        path,
        books.customers.values(),
        (one) => !one.deleted && (email === null || one.email === email),
        customerObject,
      )
    },
  },
  {
    method: 'GET',
    path: '/v1/customers/:id',
    operation: 'customer',
    run(books, params, id) {
      const customer = books.customers.get(id)
      if (customer === undefined) throw missing('customer', id)
      return show(customerObject(customer), params)
    },
  },
  {
    method: 'POST',
    path: '/v1/customers/:id',
    operation: 'customer',
    run(books, params, id) {
      const customer = customerKnown(books, id)
      writeCustomer(customer, params)
      return customerObject(customer)
    },
  },
  {
    method: 'DELETE',
    path: '/v1/customers/:id',
    operation: 'customer',
    run(books, params, id) {
      const customer = customerKnown(books, id)
      params.finish()
      for (const method of books.methods.values()) if (method.customer === id) books.detach(method)
      customer.deleted = true
      return customerObject(customer)
    },
  },
  {
    method: 'GET',
    path: '/v1/customers/:id/payment_methods',
    operation: 'paymentMethod',
    run: (books, params, id, path) => listMethods(books, params, customerKnown(books, id).id, path),
  },
  { method: 'POST', path: '/v1/payment_methods', operation: 'paymentMethod', run: createMethod },
  {
    method: 'GET',
    path: '/v1/payment_methods',
    operation: 'paymentMethod',
    run: (books, params, _, path) =>
      listMethods(books, params, customerKnown(books, params.need('customer'), 'customer').id, path),
  },
  {
    method: 'GET',
    path: '/v1/payment_methods/:id',
    operation: 'paymentMethod',
    run: (books, params, id) => show(methodObject(methodKnown(books, id)), params),
  },
  {
    method: 'POST',
    path: '/v1/payment_methods/:id/attach',
    operation: 'paymentMethod',
    run(books, params, id) {
      const customer = customerKnown(books, params.need('customer'), 'customer')
      params.finish()
      const method = books.methodFor(id, 'payment_method')
      books.attach(method, customer.id)
      return methodObject(method)
    },
  },
  {
    method: 'POST',
    path: '/v1/payment_methods/:id/detach',
    operation: 'paymentMethod',
    run(books, params, id) {
      const method = methodKnown(books, id)
      params.finish()
      books.detach(method)
      return methodObject(method)
    },
  },
  { method: 'POST', path: '/v1/setup_intents', operation: 'setupIntent', run: createSetup },
  {
    method: 'GET',
    path: '/v1/setup_intents/:id',
    operation: 'setupIntent',
    run(books, params, id) {
      params.accept('client_secret')
      return show(setupIntentObject(setupKnown(books, id)), params)
    },
  },
  {
    method: 'POST',
    path: '/v1/setup_intents/:id/confirm',
    operation: 'setupIntent',
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
