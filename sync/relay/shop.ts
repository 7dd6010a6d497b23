/**
 * Shop: what the relay needs to let shoppers pay: their tokens, the provider, and the unlocks between them. Built by main.ts
 * and by tests; without it the shoppers' routes say that they are not set up.
 */
import type { Stripe } from 'stripe'
import type { Clock, Log, PaymentProvider } from '../../src/core/ports.ts'
import { createStripeProvider } from '../../src/payments/stripe.ts'
import { createWallet, type Wallet } from '../../src/payments/wallet.ts'
import type { Tokens } from './tokens.ts'

export interface Shop {
  readonly tokens: Tokens
  /** What the phone page pays with; null: its owner has not said, and phones save no card. */
  readonly page: PaymentPage | null
  readonly wallet: Wallet
  readonly providerFor: (customer: string) => PaymentProvider
  readonly nowMs: () => number
}

/** The provider's script, and the key that it is begun with, which is no secret. */
export interface PaymentPage {
  readonly script: string
  readonly publishableKey: string
}

export function createShop(ports: {
  readonly tokens: Tokens
  readonly page?: PaymentPage | undefined
  readonly stripe: Stripe
  readonly clock: Clock
  readonly log: Log
}): Shop {
  const { tokens, stripe, clock, log } = ports
  const answerWithinMs = 10_000
  return {
    tokens,
    page: ports.page ?? null,
    wallet: createWallet({ stripe, clock, log, answerWithinMs }),
    providerFor: (customer) => createStripeProvider({ stripe, clock, log, customer, answerWithinMs }),
    nowMs: () => clock.nowMs(),
  }
}
