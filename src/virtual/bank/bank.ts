/**
 * Bank: the provider's wire API over the books: key, fault, idempotency, route, answer, in that order. It is also the
 * issuer behind the virtual reader. No socket, no timer and no chance of its own: all come in.
 * Holds always: a request takes effect at most once a key; what it answers is what its books say.
 * Called by server.ts (loopback), http-client.ts (same process), and the virtual fridge for cards and switches.
 */
import type { Clock, Log, PresentedCard, Random } from '../../core/ports.ts'
import { silent } from '../../core/ports.ts'
import { dayMs, hourMs } from '../../core/time.ts'
import { createBooks, type EventType } from './books.ts'
import { cardOfUid } from './cards.ts'
import { checkPaths, expand } from './expand.ts'
import { createFaults, type BankFault, type BankOperation, type FaultOrder } from './faults.ts'
import { canonical, parseForm, type Form } from './form.ts'
import { createIdempotency, type Answer } from './idempotency.ts'
import { chargeObject, intentObject, methodObject, setupIntentObject } from './objects.ts'
import { Params } from './params.ts'
import { openForBrowser, publishableKeyOf } from './publishable.ts'
import { invalid, Refusal } from './refusal.ts'
import { findRoute, type FoundRoute } from './routes.ts'
import { holdsOf, sumsOf, type BankSummary } from './summary.ts'
import { createWebhooks, type WebhookTarget } from './webhooks.ts'
import { secondsOf, type JsonObject, type WireAnswer, type WireRequest, type WireResponse } from './wire.ts'

export interface BankOptions {
  /** The bank's own clock, which need not agree with the fridge's. */
  readonly clock: Clock
  readonly random: Random
  readonly log?: Log
  /** The key that callers must show. */
  readonly secretKey?: string
  /** How long a hold stands: 7 days unless said otherwise. */
  readonly authorizationMs?: number
  /** How long an idempotency key is remembered: 24 h unless said otherwise. */
  readonly keysKeptMs?: number
  readonly webhook?: WebhookTarget
}

export interface Bank {
  readonly clock: Clock
  readonly secretKey: string
  /** For browsers: no secret. */
  readonly publishableKey: string
  /** Answers one request; settles at once, or on the bank's clock where it is slow. Never rejects. */
  respond(request: WireRequest): Promise<WireAnswer>
  /** A card held to the virtual reader: a method for one use. Throws CardUidMalformed. */
  presentCard(uid: string): PresentedCard
  inject(order: FaultOrder): void
  clearFaults(): void
  /** For holds placed from now on. */
  setAuthorizationWindow(windowMs: number): void
  summary(): BankSummary
}

export const defaultSecretKey = 'sk_test_virtualbank'
const apiVersion = '2026-10-28.endive'

export function createBank(options: BankOptions): Bank {
  const { clock, random, log = silent, secretKey = defaultSecretKey } = options
  const publishableKey = publishableKeyOf(secretKey)
  const faults = createFaults()
  const keys = createIdempotency(options.keysKeptMs ?? 24 * hourMs)
  const webhooks = options.webhook === undefined ? null : createWebhooks(options.webhook, clock, log)
  const requests: Partial<Record<BankOperation, number>> = {}
  let replays = 0
  let events: { readonly type: EventType; readonly object: JsonObject }[] = []

  const books = createBooks({
    random,
    nowS: () => secondsOf(clock.nowMs()),
    faults,
    authorizationMs: options.authorizationMs ?? 7 * dayMs,
    onEvent(type, id) {
      const object = webhooks === null ? null : objectOf(type, id)
      if (object !== null) events.push({ type, object })
    },
  })

  /** The object as it is at the moment of the event. */
  function objectOf(type: EventType, id: string): JsonObject | null {
    const [charge, method] = [books.charges.get(id), books.methods.get(id)]
    const [intent, setup] = [books.intents.get(id), books.setupIntents.get(id)]
    if (type.startsWith('charge.')) return charge === undefined ? null : chargeObject(books, charge)
    if (type.startsWith('payment_method.')) return method === undefined ? null : methodObject(method)
    if (type.startsWith('setup_intent.')) return setup === undefined ? null : setupIntentObject(setup)
    return intent === undefined ? null : intentObject(books, intent)
  }

  const flush = (requestId: string | null, idempotencyKey: string | null): void => {
    for (const event of events) {
      webhooks?.send({ id: books.id('evt'), apiVersion, requestId, idempotencyKey, ...event }, faults.takeDuplicate())
    }
    events = []
  }

  const wait = (delayMs: number): Promise<void> => new Promise((resolve) => void clock.after(delayMs, resolve))

  const responseOf = (answer: Answer, more: Record<string, string> = {}): WireResponse => ({
    type: 'response',
    status: answer.status,
    headers: {
      date: new Date(clock.nowMs()).toUTCString(),
      'content-type': 'application/json',
      'request-id': answer.requestId,
      'stripe-version': apiVersion,
      'access-control-allow-origin': '*',
      ...more,
    },
    body: answer.body,
  })

  const refusalAnswer = (refusal: Refusal, requestId: string): Answer => ({
    status: refusal.status,
    requestId,
    body: JSON.stringify({
      error: {
        ...refusal.detail,
        ...(refusal.detail.code === undefined
          ? {}
          : { doc_url: `https://stripe.com/docs/error-codes/${refusal.detail.code.replaceAll('_', '-')}` }),
        request_log_url: `https://dashboard.stripe.com/test/logs/${requestId}`,
      },
    }),
  })

  const outage = (requestId: string): Answer =>
    refusalAnswer(new Refusal(500, { type: 'api_error', message: 'An unknown error occurred' }, true), requestId)

  /** Whose key it is. A browser sends its own in the form, as the provider's script does. */
  function checkKey(request: WireRequest, found: FoundRoute | null): 'secret' | 'publishable' {
    const header = request.headers['authorization'] ?? ''
    const basic = /^Basic (.+)$/i.exec(header)?.[1]
    const given =
      basic === undefined
        ? /^Bearer (.+)$/i.exec(header)?.[1]
        : Buffer.from(basic, 'base64').toString('utf8').replace(/:$/, '')
    if (given === secretKey) return 'secret'
    const told = given ?? new URLSearchParams(request.method === 'POST' ? request.body : found?.query).get('key')
    if (told === publishableKey) return 'publishable'
    const message =
      given === undefined
        ? "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
        : `Invalid API Key provided: ${given.slice(0, 8)}${'*'.repeat(Math.max(0, Math.min(given.length, 40) - 12))}${given.length > 12 ? given.slice(-4) : ''}`
    throw new Refusal(401, { type: 'invalid_request_error', message }, false)
  }

  /** Runs a route. Either it and its events happened, or (a refusal other than a decline) nothing did. */
  function execute(found: FoundRoute, form: Form, requestId: string): { answer: Answer; executed: boolean } {
    books.expire()
    flush(null, null)
    try {
      const paths = form.get('expand')
      form.delete('expand')
      const wanted = paths === undefined ? [] : typeof paths === 'string' ? [paths] : [...paths.values()]
      const names = wanted.map((path) => {
        if (typeof path !== 'string') throw invalid('Invalid array', 'expand')
        return path
      })
      const { route } = found
      checkPaths(route.shows, names)
      const object = expand(books, route.shows, route.run(books, new Params(form), found.id, found.path), names)
      return { answer: { status: 200, requestId, body: JSON.stringify(object) }, executed: true }
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal
      if (refusal.status !== 402) events = []
      return { answer: refusalAnswer(refusal, requestId), executed: refusal.executed }
    }
  }

  /** The answer and what became of it on the way, for a request that arrived and is for a known endpoint. */
  async function perform(
    found: FoundRoute,
    request: WireRequest,
    requestId: string,
    fault: BankFault | null,
    who: 'secret' | 'publishable',
  ): Promise<WireAnswer> {
    const form = parseForm(request.method === 'POST' ? request.body : found.query)
    if (who === 'publishable') openForBrowser(books, found, form)
    const key = request.method === 'POST' ? (request.headers['idempotency-key'] ?? null) : null
    const headers: Record<string, string> =
      key === null ? {} : { 'idempotency-key': key, 'original-request': requestId }
    if (key !== null) {
      const kept = keys.claim(key, `${request.method} ${found.path}`, canonical(form), clock.nowMs())
      if (kept !== null) {
        replays += 1
        if (fault?.type === 'slow') await wait(fault.delayMs)
        return (
          lost(fault) ??
          responseOf(
            { ...kept, requestId },
            { ...headers, 'original-request': kept.requestId, 'idempotent-replayed': 'true' },
          )
        )
      }
    }
    if (fault?.type === 'slow') await wait(fault.delayMs)
    const spent = fault?.type === 'error500KeySpent'
    const done = spent ? { answer: outage(requestId), executed: true } : execute(found, form, requestId)
    const answer = fault?.type === 'error500AfterEffect' && done.executed ? outage(requestId) : done.answer
    if (key !== null && done.executed) keys.keep(key, answer)
    else if (key !== null) keys.free(key)
    flush(requestId, key)
    return lost(fault) ?? responseOf(answer, headers)
  }

  /** What arrives instead of an answer that was made and lost on its way; null when it was not lost. */
  function lost(fault: BankFault | null): WireAnswer | null {
    if (fault?.type === 'timeoutAfterEffect') return { type: 'silence' }
    if (fault?.type !== 'garbledAfterEffect') return null
    const body = '<!doctype html><title>Sign in to this network</title>'
    return { type: 'response', status: 200, headers: { 'content-type': 'text/html' }, body }
  }

  async function respond(request: WireRequest): Promise<WireAnswer> {
    const found = findRoute(request.method, request.path)
    const operation = found?.route.operation ?? null
    const fault = faults.take(operation)
    if (fault?.type === 'networkDown') return { type: 'refused' }
    if (operation !== null) requests[operation] = (requests[operation] ?? 0) + 1
    if (fault?.type === 'timeoutBeforeEffect') return { type: 'silence' }
    const requestId = books.id('req')
    if (fault?.type === 'error500BeforeEffect') return responseOf(outage(requestId))
    try {
      if (fault?.type === 'rateLimit429') {
        throw new Refusal(
          429,
          { type: 'invalid_request_error', code: 'rate_limit', message: 'Too many requests hit the API too quickly.' },
          false,
        )
      }
      const who = checkKey(request, found)
      if (found === null) {
        const [path = ''] = request.path.split('?')
        throw new Refusal(
          404,
          { type: 'invalid_request_error', message: `Unrecognized request URL (${request.method}: ${path}).` },
          false,
        )
      }
      return await perform(found, request, requestId, fault, who)
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal
      return responseOf(refusalAnswer(refusal, requestId))
    }
  }

  return {
    clock,
    secretKey,
    publishableKey,
    respond,
    presentCard(uid) {
      const card = cardOfUid(uid)
      return { paymentMethod: books.addMethod('card_present', card).id, fingerprint: card.fingerprint }
    },
    inject: (order) => {
      faults.inject(order)
    },
    clearFaults: () => {
      faults.clear()
    },
    setAuthorizationWindow: (windowMs) => {
      books.setAuthorizationWindow(windowMs)
    },
    summary() {
      books.expire()
      flush(null, null)
      const holds = holdsOf(books)
      return {
        holds,
        sums: sumsOf(holds),
        requests: { ...requests },
        replays,
        faults: faults.counts(),
        activeFaults: faults.active(),
        webhooks: webhooks?.counts() ?? null,
      }
    },
  }
}
