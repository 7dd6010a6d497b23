/**
 * Client: the provider's SDK, set up the one way the fridge uses it. No telemetry (it would write a file and send
 * timings), no retries of its own (the outbox decides when to ask again, by the same key).
 * The SDK still repeats once, by the same key, when a kept-alive connection turns out to be closed; that is harmless.
 */
import { Stripe } from 'stripe'

type StripeConfig = NonNullable<ConstructorParameters<typeof Stripe>[1]>

export interface StripeClientOptions {
  readonly apiKey: string
  /** How long one request may wait for an answer: 10 s unless said otherwise. */
  readonly timeoutMs?: number
  /** Where the provider is, when it is not the provider itself: the virtual bank. */
  readonly at?: { readonly host: string; readonly port: number; readonly protocol: 'http' | 'https' }
  /** Carries requests without a socket: the virtual bank in the same process. */
  readonly httpClient?: NonNullable<StripeConfig['httpClient']>
}

export function createStripeClient({ apiKey, timeoutMs = 10_000, at, httpClient }: StripeClientOptions): Stripe {
  return new Stripe(apiKey, {
    telemetry: false,
    maxNetworkRetries: 0,
    timeout: timeoutMs,
    appInfo: { name: 'visionvend' },
    ...at,
    ...(httpClient === undefined ? {} : { httpClient }),
  })
}
