/**
 * Wallet: the saved methods of a shopper, and refunds, at the provider. Called by the relay.
 * Holds always (SPEC PAY16, PAY17): every request goes out under a key made from what it is about, so that asking again
 * changes nothing; no card number comes near (law P1): a method is the provider's name for one.
 */
import type { Stripe } from 'stripe'
import { z } from 'zod'
import type { Clock, DeclineReason, Log } from '../core/ports.ts'
import { err, ok, type Result } from '../core/result.ts'
import { ask, type Asked, type Asking } from './ask.ts'
import { declineReason } from './declines.ts'

const named = z.object({ id: z.string().min(1) })
const methodSchema = named.extend({
  card: z.object({
    fingerprint: z.string().nullish(),
    brand: z.string().nullish(),
    last4: z.string().length(4).nullish(),
  }),
})
const setupSchema = named.extend({
  status: z.string(),
  payment_method: z.string().nullish(),
  client_secret: z.string().nullish(),
  last_setup_error: z.object({ code: z.string().nullish(), decline_code: z.string().nullish() }).nullish(),
})
const refundSchema = named.extend({ status: z.string().nullish(), amount: z.int() })

export interface SavedMethod {
  readonly paymentMethod: string
  /** The same for the same card: for deny lists. */
  readonly fingerprint: string
  readonly brand: string | null
  readonly last4: string | null
}
export type SaveFault =
  | { readonly code: 'unreachable' }
  | { readonly code: 'declined'; readonly reason: DeclineReason }
  /** The issuer wants its customer to sign in: the page goes on with this. */
  | { readonly code: 'authenticationNeeded'; readonly clientSecret: string }
  | { readonly code: 'unknownMethod'; readonly detail: string }

export interface Wallet {
  /** The provider's customer for a shopper, made at the first asking. */
  customerOf(shopper: string): Promise<Result<string, 'unreachable'>>
  /** Something for the page to save a method with. `key` names this attempt. */
  begin(customer: string, key: string): Promise<Result<{ readonly clientSecret: string }, 'unreachable'>>
  save(customer: string, paymentMethod: string, key: string): Promise<Result<SavedMethod, SaveFault>>
  /** Lets go of a saved method; one that is gone already is gone. */
  drop(paymentMethod: string): Promise<Result<null, 'unreachable'>>
  /** Deletes the provider's customer, with all methods; holds and captures stand. */
  forget(customer: string): Promise<Result<null, 'unreachable'>>
  refund(refund: { readonly key: string; readonly reference: string; readonly amountMinor: number }): Promise<
    Result<{ readonly amountMinor: number }, { readonly code: 'unreachable' } | { readonly code: 'refused'; readonly detail: string }>
  > // prettier-ignore
}

export function createWallet(ports: {
  readonly stripe: Stripe
  readonly clock: Clock
  readonly log: Log
  readonly answerWithinMs?: number
}): Wallet {
  const { stripe, clock, log } = ports
  const asking: Asking = { clock, log, answerWithinMs: ports.answerWithinMs ?? 15_000 }
  const lost = err({ code: 'unreachable' } as const)

  async function methodOf(id: string): Promise<Result<SavedMethod, SaveFault>> {
    const asked = await ask(asking, 'method', methodSchema, () => stripe.paymentMethods.retrieve(id))
    if (asked.type === 'unknown') return lost
    if (asked.type === 'refused') return err({ code: 'unknownMethod', detail: asked.message })
    const { card } = asked.value
    const { fingerprint, brand, last4 } = card
    return ok({ paymentMethod: id, fingerprint: fingerprint ?? '', brand: brand ?? null, last4: last4 ?? null })
  }

  return {
    async customerOf(shopper) {
      const asked = await ask(asking, 'customer', named, () =>
        stripe.customers.create({ metadata: { shopper } }, { idempotencyKey: `shopper/${shopper}/customer` }),
      )
      return asked.type === 'answered' ? ok(asked.value.id) : err('unreachable')
    },
    async begin(customer, key) {
      const asked = await ask(asking, 'setup', setupSchema, () =>
        stripe.setupIntents.create(
          { customer, usage: 'off_session', allowed_payment_method_types: ['card'] },
          { idempotencyKey: key },
        ),
      )
      if (asked.type !== 'answered' || typeof asked.value.client_secret !== 'string') return err('unreachable')
      return ok({ clientSecret: asked.value.client_secret })
    },
    async save(customer, paymentMethod, key) {
      const asked: Asked<z.infer<typeof setupSchema>> = await ask(asking, 'setup', setupSchema, () =>
        stripe.setupIntents.create(
          { customer, payment_method: paymentMethod, usage: 'off_session', allowed_payment_method_types: ['card'], confirm: true },
          { idempotencyKey: key },
        ),
      ) // prettier-ignore
      if (asked.type === 'unknown') return lost
      if (asked.type === 'refused')
        return asked.status === 402
          ? err({ code: 'declined', reason: declineReason(asked.code, asked.declineCode) })
          : err({ code: 'unknownMethod', detail: asked.message })
      const { status, payment_method: method, client_secret: clientSecret, last_setup_error: fault } = asked.value
      if (status === 'succeeded') return methodOf(method ?? paymentMethod)
      if (status === 'requires_action' && typeof clientSecret === 'string')
        return err({ code: 'authenticationNeeded', clientSecret })
      return err({ code: 'declined', reason: declineReason(fault?.code, fault?.decline_code) })
    },
    async drop(paymentMethod) {
      const asked = await ask(asking, 'method', named, () => stripe.paymentMethods.detach(paymentMethod))
      return asked.type === 'unknown' ? err('unreachable') : ok(null)
    },
    async forget(customer) {
      const asked = await ask(asking, 'customer', named, () => stripe.customers.del(customer))
      return asked.type === 'unknown' ? err('unreachable') : ok(null)
    },
    async refund({ key, reference, amountMinor }) {
      const asked = await ask(asking, 'refund', refundSchema, () =>
        stripe.refunds.create({ payment_intent: reference, amount: amountMinor }, { idempotencyKey: key }),
      )
      if (asked.type === 'unknown') return lost
      if (asked.type === 'refused') return err({ code: 'refused', detail: asked.message })
      if (asked.value.status === 'failed') return err({ code: 'refused', detail: 'the refund failed' })
      return ok({ amountMinor: asked.value.amount })
    },
  }
}
