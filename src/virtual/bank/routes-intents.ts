/**
 * Payment intents on the wire: create (with confirm), retrieve, update, list, confirm, capture, cancel.
 * Parameters are checked before anything changes; a refusal by state or issuer carries the intent as it now stands.
 */
import type { Books } from './books.ts'
import type { CancelReason, Intent } from './entities.ts'
import type { BankOperation } from './faults.ts'
import { intentObject, methodObject } from './objects.ts'
import type { Params } from './params.ts'
import { invalid, missing, Refusal, wrongState } from './refusal.ts'
import { checkAmount, currencyOf, methodTypesOf, pageOf, type Route } from './route.ts'
import type { JsonObject } from './wire.ts'

const known = (books: Books, id: string): Intent => {
  const intent = books.intents.get(id)
  if (intent === undefined) throw missing('payment_intent', id, 'intent')
  return intent
}

/** Runs what may refuse; a refusal of the executed kind shows the intent (and the method it failed with). */
function telling(books: Books, intent: Intent, act: () => void): JsonObject {
  try {
    act()
  } catch (refusal) {
    if (!(refusal instanceof Refusal) || !refusal.executed) throw refusal
    const method = intent.lastDecline === null ? undefined : books.methods.get(intent.lastDecline.method)
    throw new Refusal(
      refusal.status,
      {
        ...refusal.detail,
        payment_intent: intentObject(books, intent),
        ...(refusal.detail.type === 'card_error' && method !== undefined
          ? { payment_method: methodObject(method) }
          : {}),
      },
      true,
    )
  }
  return intentObject(books, intent)
}

interface Confirmation {
  readonly method: string | null
  readonly wayOut: 'failOnAction' | 'askForAction'
}

/** The parameters of a confirmation, lawful on create only together with `confirm`. */
function confirmationOf(params: Params): Confirmation {
  const offSession = params.flag('off_session')
  const failOnAction = params.flag('error_on_requires_action')
  params.accept('return_url', 'mandate_data', 'payment_method_options', 'use_stripe_sdk')
  return { method: params.text('payment_method'), wayOut: offSession || failOnAction ? 'failOnAction' : 'askForAction' }
}

function useMethod(books: Books, intent: Intent, name: string): void {
  const method = books.methodFor(name, 'payment_method')
  if (!intent.methodTypes.includes(method.type)) {
    throw invalid(
      `The PaymentMethod provided (${method.type}) is not allowed for this PaymentIntent. It takes: ${intent.methodTypes.join(', ')}.`,
      'payment_method',
      'payment_intent_invalid_parameter',
    )
  }
  intent.method = method.id
  intent.status = 'requires_confirmation'
}

function confirm(books: Books, intent: Intent, operation: BankOperation, wayOut: Confirmation['wayOut']): void {
  if (intent.status !== 'requires_confirmation' && intent.status !== 'requires_action') {
    const message =
      intent.status === 'requires_payment_method'
        ? "You cannot confirm this PaymentIntent because it's missing a payment method. Update the PaymentIntent with a payment method and then confirm it again."
        : `This PaymentIntent could not be confirmed because it has a status of ${intent.status}.`
    throw wrongState(message, 'payment_intent_unexpected_state')
  }
  books.authorize(intent, operation, wayOut)
}

function create(books: Books, params: Params): JsonObject {
  const amountMinor = params.needInteger('amount')
  const currency = currencyOf(params)
  checkAmount(amountMinor, currency)
  const customer = params.text('customer')
  if (customer !== null && books.customers.get(customer)?.deleted !== false)
    throw missing('customer', customer, 'customer')
  const types = methodTypesOf(params)
  const confirmNow = params.flag('confirm')
  for (const name of ['off_session', 'error_on_requires_action', 'return_url']) {
    if (params.has(name) && !confirmNow)
      throw invalid(
        `The parameter ${name} cannot be passed when creating a PaymentIntent unless confirm is set to true.`,
        name,
      )
  }
  const { method, wayOut } = confirmationOf(params)
  const automatic = params.sub('automatic_payment_methods')
  automatic.flag('enabled')
  automatic.accept('allow_redirects')
  const id = books.id('pi')
  const intent: Intent = {
    id,
    createdS: books.nowS(),
    clientSecret: books.id(`${id}_secret`),
    amountMinor,
    currency,
    captureMethod: params.oneOf('capture_method', ['automatic', 'automatic_async', 'manual']) ?? 'automatic_async',
    status: 'requires_payment_method',
    method: null,
    methodTypes: types,
    customer,
    metadata: params.metadata(),
    description: params.text('description'),
    statementSuffix: suffixOf(params),
    setupFutureUsage: params.oneOf('setup_future_usage', ['on_session', 'off_session']),
    latestCharge: null,
    lastDecline: null,
    canceledAtS: null,
    cancelReason: null,
  }
  params.accept('receipt_email', 'confirmation_method', 'shipping', 'transfer_group')
  params.finish()
  if (confirmNow && method === null) {
    throw invalid(
      "You cannot confirm this PaymentIntent because it's missing a payment method.",
      'payment_method',
      'parameter_missing',
    )
  }
  if (method !== null) useMethod(books, intent, method)
  books.intents.set(id, intent)
  try {
    books.emit('payment_intent.created', id)
    return telling(books, intent, () => {
      if (confirmNow) confirm(books, intent, 'create', wayOut)
    })
  } catch (refusal) {
    // A decline leaves the intent behind, any other refusal leaves nothing.
    if (refusal instanceof Refusal && refusal.status !== 402) books.intents.delete(id)
    throw refusal
  }
}

function suffixOf(params: Params): string | null {
  const suffix = params.text('statement_descriptor_suffix')
  if (suffix !== null && (suffix.length > 22 || !/[A-Za-z]/.test(suffix) || /[<>\\'"*]/.test(suffix))) {
    throw invalid(
      'The statement descriptor suffix has up to 22 characters, a letter, and none of <>\\\'"*.',
      'statement_descriptor_suffix',
    )
  }
  return suffix
}

function update(books: Books, params: Params, id: string): JsonObject {
  const intent = known(books, id)
  const amountMinor = params.integer('amount')
  const method = params.text('payment_method')
  const metadata = params.metadata(intent.metadata)
  const description = params.has('description') ? params.text('description') : intent.description
  params.finish()
  return telling(books, intent, () => {
    const open = ['requires_payment_method', 'requires_confirmation', 'requires_action']
    for (const [name, value] of [
      ['amount', amountMinor],
      ['payment_method', method],
    ] as const) {
      // prettier-ignore
      if (value !== null && !open.includes(intent.status)) {
        throw wrongState(
          `This PaymentIntent's ${name} could not be updated because it has a status of ${intent.status}. You may only update the ${name} of a PaymentIntent with one of the following statuses: ${open.join(', ')}.`,
          'payment_intent_unexpected_state',
          { param: name },
        )
      }
    }
    if (amountMinor !== null) {
      checkAmount(amountMinor, intent.currency)
      intent.amountMinor = amountMinor
    }
    if (method !== null) useMethod(books, intent, method)
    intent.metadata = metadata
    intent.description = description
  })
}

const cancelReasons: readonly CancelReason[] = ['duplicate', 'fraudulent', 'requested_by_customer', 'abandoned']

export const intentRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/payment_intents',
    operation: 'create',
    shows: 'payment_intent',
    run: (books, params) => create(books, params),
  },
  {
    method: 'GET',
    path: '/v1/payment_intents',
    operation: 'list',
    shows: 'payment_intent',
    run(books, params, _, path) {
      const customer = params.text('customer')
      return pageOf(
        params,
        path,
        books.intents.values(),
        (intent) => customer === null || intent.customer === customer,
        (intent) => intentObject(books, intent),
      )
    },
  },
  {
    method: 'GET',
    path: '/v1/payment_intents/:id',
    operation: 'retrieve',
    shows: 'payment_intent',
    run(books, params, id) {
      params.accept('client_secret')
      params.finish()
      return intentObject(books, known(books, id))
    },
  },
  { method: 'POST', path: '/v1/payment_intents/:id', operation: 'update', shows: 'payment_intent', run: update },
  {
    method: 'POST',
    path: '/v1/payment_intents/:id/confirm',
    operation: 'confirm',
    shows: 'payment_intent',
    run(books, params, id) {
      const intent = known(books, id)
      const { method, wayOut } = confirmationOf(params)
      params.finish()
      return telling(books, intent, () => {
        if (
          method !== null &&
          intent.status !== 'requires_capture' &&
          intent.status !== 'succeeded' &&
          intent.status !== 'canceled'
        ) {
          useMethod(books, intent, method)
        }
        confirm(books, intent, 'confirm', wayOut)
      })
    },
  },
  {
    method: 'POST',
    path: '/v1/payment_intents/:id/capture',
    operation: 'capture',
    shows: 'payment_intent',
    run(books, params, id) {
      const intent = known(books, id)
      const asked = params.integer('amount_to_capture')
      if (asked === 0)
        throw invalid(
          'This value must be greater than or equal to 1.',
          'amount_to_capture',
          'parameter_invalid_integer',
        )
      params.accept('metadata', 'statement_descriptor_suffix', 'final_capture')
      params.finish()
      return telling(books, intent, () => {
        books.capture(intent, asked ?? intent.amountMinor)
      })
    },
  },
  {
    method: 'POST',
    path: '/v1/payment_intents/:id/cancel',
    operation: 'cancel',
    shows: 'payment_intent',
    run(books, params, id) {
      const intent = known(books, id)
      const reason = params.oneOf('cancellation_reason', cancelReasons)
      params.finish()
      return telling(books, intent, () => {
        books.cancel(intent, reason)
      })
    },
  },
]
