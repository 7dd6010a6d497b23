/**
 * Objects: the bank's books in the provider's shape, field for field where a client may look. Ids stand where another
 * object belongs until expand.ts puts the object there.
 */
import type { Card } from './cards.ts'
import type { Charge, Customer, Intent, Method, Refund, SetupIntent } from './entities.ts'
import type { Books } from './books.ts'
import type { Json, JsonObject } from './wire.ts'

const noAddress = { city: null, country: null, line1: null, line2: null, postal_code: null, state: null }
const noBilling = { address: noAddress, email: null, name: null, phone: null, tax_id: null }

export const customerObject = (customer: Customer): JsonObject =>
  customer.deleted
    ? { id: customer.id, object: 'customer', deleted: true }
    : {
        id: customer.id,
        object: 'customer',
        address: null,
        balance: 0,
        created: customer.createdS,
        currency: null,
        default_source: null,
        delinquent: false,
        description: customer.description,
        email: customer.email,
        invoice_prefix: null,
        livemode: false,
        metadata: customer.metadata,
        name: customer.name,
        phone: null,
        preferred_locales: [],
        shipping: null,
        tax_exempt: 'none',
      }

const cardFacts = (card: Card): Record<string, Json> => ({
  brand: card.brand,
  country: 'DE',
  exp_month: card.expiryMonth,
  exp_year: card.expiryYear,
  fingerprint: card.fingerprint,
  funding: 'debit',
  last4: card.last4,
})

export const methodObject = (method: Method): JsonObject => ({
  id: method.id,
  object: 'payment_method',
  allow_redisplay: 'unspecified',
  billing_details: noBilling,
  ...(method.type === 'card'
    ? {
        card: {
          ...cardFacts(method.card),
          checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: null },
          generated_from: null,
          networks: { available: [method.card.brand], preferred: null },
          three_d_secure_usage: { supported: true },
          wallet: null,
        },
      }
    : {
        card_present: {
          ...cardFacts(method.card),
          brand_product: null,
          cardholder_name: null,
          networks: { available: [method.card.brand], preferred: null },
          offline: null,
          preferred_locales: ['de', 'en'],
          read_method: 'contactless_emv',
        },
      }),
  created: method.createdS,
  customer: method.customer,
  livemode: false,
  metadata: method.metadata,
  type: method.type,
})

function methodDetails(charge: Charge, method: Method): JsonObject {
  const common = {
    ...cardFacts(method.card),
    amount_authorized: charge.decline === null ? charge.amountMinor : null,
    ...(charge.captureBeforeS === null ? {} : { capture_before: charge.captureBeforeS }),
    network: method.card.brand,
    overcapture: { maximum_amount_capturable: charge.amountMinor, status: 'unavailable' },
    incremental_authorization_supported: false,
  }
  return method.type === 'card'
    ? {
        type: 'card',
        card: { ...common, checks: null, installments: null, mandate: null, three_d_secure: null, wallet: null },
      }
    : {
        type: 'card_present',
        card_present: {
          ...common,
          emv_auth_data: null,
          generated_card: null,
          read_method: 'contactless_emv',
          receipt: null,
        },
      }
}

export function chargeObject(books: Books, charge: Charge): JsonObject {
  const method = books.methods.get(charge.method)
  const intent = books.intents.get(charge.intent)
  return {
    id: charge.id,
    object: 'charge',
    amount: charge.amountMinor,
    amount_captured: charge.capturedMinor,
    // What was held and not taken goes back without a refund (since version 2025-03-31).
    amount_refunded: charge.refundedMinor,
    application: null,
    balance_transaction: null,
    billing_details: noBilling,
    calculated_statement_descriptor: 'VISIONVEND',
    captured: charge.captures > 0,
    created: charge.createdS,
    currency: charge.currency,
    customer: intent?.customer ?? null,
    description: intent?.description ?? null,
    disputed: false,
    failure_code: charge.decline?.code ?? null,
    failure_message: charge.decline?.message ?? null,
    livemode: false,
    metadata: intent?.metadata ?? {},
    outcome:
      charge.decline === null
        ? {
            network_status: 'approved_by_network',
            reason: null,
            risk_level: 'normal',
            seller_message: 'Payment complete.',
            type: 'authorized',
          }
        : {
            network_status: 'declined_by_network',
            reason: charge.decline.declineCode,
            risk_level: 'normal',
            seller_message: charge.decline.message,
            type: 'issuer_declined',
          },
    paid: charge.decline === null,
    payment_intent: charge.intent,
    payment_method: charge.method,
    payment_method_details: method === undefined ? null : methodDetails(charge, method),
    receipt_url: null,
    refunded: charge.captures > 0 && charge.refundedMinor === charge.capturedMinor,
    status: charge.decline === null ? 'succeeded' : 'failed',
    statement_descriptor_suffix: intent?.statementSuffix ?? null,
  }
}

export function intentObject(books: Books, intent: Intent): JsonObject {
  const charge = intent.latestCharge === null ? undefined : books.charges.get(intent.latestCharge)
  const failed = intent.lastDecline
  const failedMethod = failed === null ? undefined : books.methods.get(failed.method)
  return {
    id: intent.id,
    object: 'payment_intent',
    amount: intent.amountMinor,
    amount_capturable: intent.status === 'requires_capture' ? intent.amountMinor : 0,
    amount_details: { tip: {} },
    amount_received: charge?.capturedMinor ?? 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: intent.canceledAtS,
    cancellation_reason: intent.cancelReason,
    capture_method: intent.captureMethod,
    client_secret: intent.clientSecret,
    confirmation_method: 'automatic',
    created: intent.createdS,
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    last_payment_error:
      failed === null
        ? null
        : {
            type: 'card_error',
            code: failed.decline.code,
            decline_code: failed.decline.declineCode,
            message: failed.decline.message,
            charge: failed.charge,
            payment_method: failedMethod === undefined ? null : methodObject(failedMethod),
          },
    latest_charge: intent.latestCharge,
    livemode: false,
    metadata: intent.metadata,
    next_action: intent.status === 'requires_action' ? { type: 'use_stripe_sdk', use_stripe_sdk: {} } : null,
    on_behalf_of: null,
    payment_method: intent.method,
    payment_method_options: {},
    payment_method_types: intent.methodTypes,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: intent.setupFutureUsage,
    shipping: null,
    statement_descriptor: null,
    statement_descriptor_suffix: intent.statementSuffix,
    status: intent.status,
    transfer_data: null,
    transfer_group: null,
  }
}

export const setupIntentObject = (setup: SetupIntent): JsonObject => ({
  id: setup.id,
  object: 'setup_intent',
  application: null,
  automatic_payment_methods: null,
  cancellation_reason: setup.cancelReason,
  client_secret: setup.clientSecret,
  created: setup.createdS,
  customer: setup.customer,
  description: setup.description,
  last_setup_error:
    setup.lastDecline === null
      ? null
      : {
          type: 'card_error',
          code: setup.lastDecline.code,
          decline_code: setup.lastDecline.declineCode,
          message: setup.lastDecline.message,
        },
  latest_attempt: null,
  livemode: false,
  mandate: null,
  metadata: setup.metadata,
  next_action: setup.status === 'requires_action' ? { type: 'use_stripe_sdk', use_stripe_sdk: {} } : null,
  on_behalf_of: null,
  payment_method: setup.method,
  payment_method_options: {},
  payment_method_types: setup.methodTypes,
  single_use_mandate: null,
  status: setup.status,
  usage: setup.usage,
})

export const refundObject = (refund: Refund): JsonObject => ({
  id: refund.id,
  object: 'refund',
  amount: refund.amountMinor,
  balance_transaction: null,
  charge: refund.charge,
  created: refund.createdS,
  currency: refund.currency,
  metadata: refund.metadata,
  payment_intent: refund.intent,
  reason: refund.reason,
  receipt_number: null,
  source_transfer_reversal: null,
  status: 'succeeded',
  transfer_reversal: null,
})
