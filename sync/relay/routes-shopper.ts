/**
 * Shopper routes: what a phone asks: an offer, an unlock, a saved method. `/unlock` and `/save-payment` stand where the first
 * version of this API had them, and answer in its words.
 * Holds always: a shopper sees and uses their own only; a request with an Idempotency-Key takes effect once; who shows
 * nothing good is slowed down by their address.
 */
import rateLimit from '@fastify/rate-limit'
import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { fridgeIdSchema } from '../protocol/messages.ts'
import type { Live } from './live.ts'
import { silentAfterMs } from './live.ts'
import { bearerOf, shopperShown } from './phone/caller.ts'
import type { Metrics } from './metrics.ts'
import type { Shop } from './shop.ts'
import { liveOf } from './store/channels.ts'
import { callerOf, mayAs } from './store/keys.ts'
import type { Db } from './store/open.ts'
import {
  answerKey,
  claimKey,
  fridgeOfTransaction,
  keepShopper,
  offer,
  shopperOf,
  transactionOf,
  type Transaction,
} from './store/transactions.ts'
import { unlock, type Unlocked } from './unlocks.ts'

export interface ShopperPorts {
  /** Null while the database is being opened. */
  readonly db: () => Db | null
  readonly live: Live
  /** Null: payments are not set up here. */
  readonly shop: Shop | null
  readonly metrics: Pick<Metrics, 'refused'>
  /** An unlock is good for so long. */
  readonly unlockMs: number
  /** The fridge has said so: the shopper's phones may be told. */
  readonly onUnlocked?: (transaction: Transaction) => void
}

/** A shopper with a token, or a program of the owner's with an API key of an operator, for any shopper. */
type Who = { readonly shopper: string } | { readonly key: string; readonly name: string }

interface Told {
  readonly status: number
  readonly body: object
}

const strangersEachMinute = 30
const unlockBody = z.object({ id: z.string().min(1).max(100) })
const saveBody = z.object({ paymentMethodId: z.string().regex(/^[A-Za-z0-9_]{3,100}$/).optional() }) // prettier-ignore
const offerBody = z.object({ fridge: fridgeIdSchema, shopper: z.string().regex(/^[\x21-\x7e]{1,100}$/).optional() }) // prettier-ignore

const told = (status: number, body: object): Told => ({ status, body })
const fault = (status: number, code: string, message: string, more: object = {}): Told =>
  told(status, { status: 'error', code, message, ...more })

export async function shopperRoutes(app: FastifyInstance, ports: ShopperPorts): Promise<void> {
  if (!app.hasDecorator('createRateLimit')) await app.register(rateLimit, { global: false })
  const strangers = app.createRateLimit({ max: strangersEachMinute, timeWindow: '1 minute', keyGenerator: addressOf })

  type Answer = (call: { db: Db; shop: Shop; who: Who; request: FastifyRequest }) => Promise<Told>
  const add = (method: 'GET' | 'POST', url: string, who: 'shopper' | 'both', what: string, answer: Answer): void => {
    const schema = { summary: what, tags: ['shopper'], security: [{ token: [] }, ...(who === 'both' ? [{ key: [] }] : [])] } // prettier-ignore
    app.route({
      method,
      url,
      bodyLimit: 8 * 1024,
      schema,
      handler: async (request, reply) => send(reply, await answered(request, who, answer)),
    })
  }

  async function answered(request: FastifyRequest, allowed: 'shopper' | 'both', answer: Answer): Promise<Told> {
    const { shop } = ports
    const db = ports.db()
    if (db === null) return fault(503, 'busy', 'the database is being opened')
    if (shop === null) return fault(503, 'notSetUp', 'payments are not set up at this relay')
    const who = await whoAsks(db, shop, request)
    if (who === null || (allowed === 'shopper' && !('shopper' in who))) {
      const limit = await strangers(request)
      if (!limit.isAllowed && limit.isExceeded)
        return fault(429, 'tooMany', `too many requests without a good token: wait ${limit.ttlInSeconds} s`)
      ports.metrics.refused('badKey')
      return fault(401, 'notSignedIn', 'send Authorization: Bearer with a good token')
    }
    return once(db, who, request, () => answer({ db, shop, who, request }))
  }

  add('POST', '/transactions', 'both', 'Offers a visit: what would be held, before it is', async ({ db, who, request }) => {
    const body = offerBody.safeParse(request.body)
    if (!body.success) return fault(400, 'malformed', says(body.error))
    const shopper = 'shopper' in who ? who.shopper : body.data.shopper
    if (shopper === undefined) return fault(400, 'malformed', 'shopper: is needed with an API key')
    return offered(db, body.data.fridge, shopper)
  }) // prettier-ignore

  add('GET', '/transactions/:id', 'both', 'How a transaction stands', async ({ db, who, request }) => {
    const { id } = request.params as { id: string }
    const transaction = await transactionOf(db, id)
    if (transaction === null || !isTheirs(who, transaction)) return fault(404, 'unknown', 'there is no such transaction')
    const receipt = await receiptOf(db, transaction)
    return told(200, { ...shown(transaction), at: transaction.at, why: transaction.why, receipt })
  }) // prettier-ignore

  add('POST', '/unlock', 'both', 'Pre-authorises and unlocks: a transaction by its id, or a fridge by its', async ({ db, shop, who, request }) => {
    const body = unlockBody.safeParse(request.body)
    if (!body.success) return fault(400, 'malformed', says(body.error))
    let { id } = body.data
    if (fridgeOfTransaction(id) === null) {
      if (!('shopper' in who) || !fridgeIdSchema.safeParse(id).success)
        return fault(404, 'unknown', 'there is no such transaction')
      const made = await offered(db, id, who.shopper)
      if (made.status !== 201) return made
      id = (made.body as { transaction_id: string }).transaction_id
    }
    const transaction = await transactionOf(db, id)
    if (transaction === null || !isTheirs(who, transaction)) return fault(404, 'unknown', 'there is no such transaction')
    const { customer, method } = await shopperOf(db, transaction.shopper)
    if (customer === null || method === null)
      return fault(402, 'noMethod', 'no payment method is saved: POST /save-payment', shown(transaction))
    const { live } = ports
    const outcome = await unlock({ live, providerFor: shop.providerFor, nowMs: shop.nowMs, goodForMs: ports.unlockMs }, db, transaction, method, customer)
    if (outcome.type === 'unlocked') ports.onUnlocked?.(transaction)
    return toldOf(outcome, transaction)
  }) // prettier-ignore

  add('POST', '/save-payment', 'shopper', 'Saves a payment method; without one, begins to', async ({ db, shop, who, request }) => {
    const body = saveBody.safeParse(request.body ?? {})
    if (!body.success || !('shopper' in who)) return fault(400, 'malformed', 'paymentMethodId: is the provider’s name of a method') // prettier-ignore
    const { wallet } = shop
    const known = await shopperOf(db, who.shopper)
    const customer = known.customer ?? (await made(wallet.customerOf(who.shopper)))
    if (customer === null) return fault(503, 'bankSilent', 'the payment provider does not answer')
    const { paymentMethodId } = body.data
    if (paymentMethodId === undefined) {
      await keepShopper(db, who.shopper, customer, null)
      const begun = await wallet.begin(customer, `begin/${who.shopper}/${keyOf(request) ?? shop.nowMs()}`)
      if (!begun.ok) return fault(503, 'bankSilent', 'the payment provider does not answer')
      return told(200, { status: 'begun', customer_id: customer, client_secret: begun.value.clientSecret })
    }
    const saved = await wallet.save(customer, paymentMethodId, `save/${customer}/${paymentMethodId}`)
    if (saved.ok) {
      await keepShopper(db, who.shopper, customer, saved.value)
      const { brand, last4 } = saved.value
      // One card at a time. Where the provider does not answer now, an old one stays unused.
      const old = known.method?.paymentMethod
      if (old !== undefined && old !== saved.value.paymentMethod) await wallet.drop(old)
      return told(200, { status: 'success', customer_id: customer, card: { brand, last4 } })
    }
    const { error } = saved
    switch (error.code) {
      case 'unreachable':
        return fault(503, 'bankSilent', 'the payment provider does not answer')
      case 'declined':
        return fault(402, 'declined', `the method was declined: ${error.reason}`, { reason: error.reason })
      case 'authenticationNeeded':
        return told(202, { status: 'authentication_needed', customer_id: customer, client_secret: error.clientSecret })
      case 'unknownMethod':
        return fault(400, 'unknownMethod', 'the payment provider does not take this method')
    }
  }) // prettier-ignore
}

async function offered(db: Db, fridge: string, shopper: string): Promise<Told> {
  const [live] = await liveOf(db, fridge)
  if (live?.facts == null) return fault(404, 'unknownFridge', 'there is no such fridge, or it was never heard')
  const there = live.online && live.silentMs !== null && live.silentMs < silentAfterMs
  if (!there) return fault(503, 'offline', 'the fridge is not connected: pay at its reader')
  const { holdMinor: amountMinor, currency, name } = live.facts
  const id = await offer(db, { fridge, shopper, amountMinor, currency })
  const hold = { amountMinor, currency }
  return told(201, { status: 'success', transaction_id: id, fridge, name, hold, closed: live.state?.closed ?? null })
}

async function whoAsks(db: Db, { tokens }: Shop, request: FastifyRequest): Promise<Who | null> {
  const shown = bearerOf(request)
  if (shown === null) return null
  if (!shown.startsWith('vv_')) {
    const found = await shopperShown(db, tokens, shown)
    return found === null ? null : { shopper: found.shopper }
  }
  const caller = await callerOf(db, shown)
  return caller !== null && mayAs(caller, 'operator') ? { key: caller.key, name: caller.name } : null
}

const isTheirs = (who: Who, { shopper }: Transaction): boolean => !('shopper' in who) || who.shopper === shopper

const keyOf = (request: FastifyRequest): string | undefined => {
  const key = request.headers['idempotency-key']
  return typeof key === 'string' && /^[\x21-\x7e]{1,128}$/.test(key) ? key : undefined
}

/** With an Idempotency-Key, once: the answer is kept for a day, unless it was that somebody did not answer. */
async function once(db: Db, who: Who, request: FastifyRequest, act: () => Promise<Told>): Promise<Told> {
  const key = keyOf(request)
  if (key === undefined || request.method !== 'POST') return act()
  const name = 'shopper' in who ? `shopper ${who.shopper}` : `key ${who.key}`
  const said = createHash('sha256')
    .update(`${request.url}\n${JSON.stringify(request.body ?? null)}`)
    .digest()
  const claimed = await claimKey(db, name, key, said)
  switch (claimed.type) {
    case 'before':
      return told(claimed.status, JSON.parse(claimed.body) as object)
    case 'underWay':
      return fault(409, 'underWay', 'a request with this Idempotency-Key is under way')
    case 'other':
      return fault(422, 'keyUsed', 'this Idempotency-Key was used for another request')
    case 'mine': {
      try {
        const answer = await act()
        // That somebody did not answer may be otherwise next time.
        await answerKey(db, name, key, answer.status < 500 ? answer.status : null, JSON.stringify(answer.body))
        return answer
      } catch (error) {
        await answerKey(db, name, key, null, '')
        throw error
      }
    }
  }
}

const shown = ({ id, fridge, visit, amountMinor, currency }: Transaction) => ({
  transaction_id: id,
  fridge,
  visit,
  hold: { amountMinor, currency },
})

function toldOf(outcome: Unlocked, transaction: Transaction): Told {
  const about = shown(transaction)
  switch (outcome.type) {
    case 'unlocked':
      return told(200, { status: 'success', ...about })
    case 'pending':
      return told(202, { status: 'pending', ...about })
    case 'declined':
      return fault(402, 'declined', `the hold was declined: ${outcome.why}`, { reason: outcome.why, ...about })
    case 'bankSilent':
      return fault(503, 'bankSilent', 'the payment provider does not answer; what it may hold is released', about)
    case 'offline':
      return fault(503, 'offline', 'the fridge is not connected; the hold is released', about)
    case 'refused':
      return fault(409, 'refused', `the fridge did not open (${outcome.why}); the hold is released`, { reason: outcome.why, ...about }) // prettier-ignore
    case 'expired':
      return fault(410, 'expired', 'the offer has expired: make another', about)
  }
}

/** Once the fridge has synced it. */
async function receiptOf(db: Db, { fridge, visit }: Transaction) {
  const row = await db
    .selectFrom('receipts')
    .select(['number', 'at_ms', 'total_minor', 'charged_minor', 'currency'])
    .where('fridge', '=', fridge)
    .where('visit', '=', visit)
    .executeTakeFirst()
  if (row === undefined) return null
  const { number, at_ms: atMs, total_minor: totalMinor, charged_minor: chargedMinor, currency } = row
  return { number, atMs, totalMinor, chargedMinor, currency }
}

const made = async (asked: ReturnType<Shop['wallet']['customerOf']>): Promise<string | null> => {
  const customer = await asked
  return customer.ok ? customer.value : null
}

const addressOf = (request: FastifyRequest): string => request.ip
const says = (error: z.ZodError): string => error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') // prettier-ignore
const send = (reply: FastifyReply, { status, body }: Told): FastifyReply =>
  reply.code(status).header('cache-control', 'no-store').send(body)
