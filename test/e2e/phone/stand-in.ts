/**
 * Stand-in: a relay, a bank and a fridge as far as the phone page sees them (src/contract/phone.ts), so that the page can be led
 * into every state. It serves the built page under a policy as strict as the relay's, and counts what a shopper would pay for:
 * holds and unlocks. Used by phone.test.ts only.
 */
import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import type { PhoneFridge, PhoneLine, PhoneSetup, PhoneVisit } from '../../../src/contract/phone.ts'
import { packed, pageGiving } from '../../../sync/relay/phone/first-page.ts'
import { root } from '../programs.ts'

const dist = join(root, 'dist', 'renderer', 'phone')
const kinds: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
}
const policy = [
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; img-src 'self' data: blob:",
  "manifest-src 'self'; worker-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
].join('; ')

/** The provider's form, as its own script would put it there. */
const provider = `window.Stripe = () => ({
  elements: () => ({
    submit: async () => ({}),
    create: (kind) => {
      const told = {}
      return {
        on: (event, then) => (told[event] = then),
        mount: (at) => {
          if (kind === 'payment') {
            at.innerHTML = '<label>Card number <input inputmode="numeric" autocomplete="cc-number"></label>'
          }
          setTimeout(() => told.ready && told.ready({}), 20)
        },
        destroy: () => undefined,
      }
    },
  }),
  confirmSetup: async () => ({ setupIntent: { payment_method: 'pm_visa' } }),
  retrieveSetupIntent: async () => ({}),
})`

const name = (text: string): PhoneLine['name'] => ({ en: text, es: text, de: text })
export const cola: PhoneLine = { sku: 'cola', name: name('Cola'), count: 1, priceMinor: 180, pictureUrl: null }
export const holdMinor = 1_500

const fridge: PhoneFridge = {
  fridge: 'fridge-1',
  name: 'Kitchen, 3rd floor',
  contact: '+49 30 1234567',
  currency: 'EUR',
  holdMinor,
  online: true,
  busy: false,
  closed: null,
  celsius: 4,
  products: [
    { sku: 'cola', name: name('Cola'), priceMinor: 180, left: 4, pictureUrl: null },
    { sku: 'tea', name: name('Tea'), priceMinor: 160, left: 0, pictureUrl: null },
  ],
}

const setup: PhoneSetup = { payments: { script: '/provider.js', publishableKey: 'pk_1' }, mail: true, pushKey: null }

export interface StandIn {
  readonly url: string
  /** Codes that were mailed, the newest last. */
  readonly mails: string[]
  /** Every path that was asked for but a fridge's own page, oldest first. */
  readonly asked: string[]
  /** Transactions that were held for: each of them once, or the page has made its shopper pay twice. */
  readonly held: string[]
  /** What the fridge shows to anybody. */
  fridge: PhoneFridge
  card: { brand: string; last4: string } | null
  /** The newest visit, to be led on. */
  visit: PhoneVisit
  /** The bank's answer to the next hold. */
  declines: string | null
  /** Unlocks are taken on, and their answer is lost on the way. */
  losesAnswers: boolean
  /** `stopped`: a proxy stands before a relay that does not run; `unreached`: nothing answers. */
  gone: 'stopped' | 'unreached' | null
  /** The languages of receipts that were mailed, oldest first. */
  readonly mailed: string[]
  /** The phone's sign-in was ended here. */
  ended: boolean
  /** The code that is good, and the transactions that it was reserved for. */
  voucher: string
  readonly reserved: string[]
  close(): Promise<void>
}

type Answer = readonly [status: number, body: object]

export async function startStandIn(): Promise<StandIn> {
  const offers = new Map<string, string>()
  const state: StandIn = {
    url: '',
    mails: [],
    asked: [],
    held: [],
    fridge,
    card: null,
    visit: blank('none'),
    declines: null,
    losesAnswers: false,
    gone: null,
    mailed: [],
    ended: false,
    voucher: 'ABCD-EFGH-JKMN',
    reserved: [],
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
  const refused = (status: number, code: string, more: object = {}): Answer => [status, { status: 'error', code, message: code, ...more }] // prettier-ignore

  function answer(request: IncomingMessage, path: string, body: Record<string, unknown>): Answer {
    const { method = 'GET', headers } = request
    switch (`${method} ${path}`) {
      case 'GET /shop/setup':
        return [200, setup]
      case 'GET /shop/fridges/fridge-1':
        return [200, state.fridge]
      case 'POST /shop/sign-in':
        state.mails.push(String(100_000 + state.mails.length))
        return [202, {}]
      case 'POST /shop/sign-in/code':
        return body['code'] === state.mails.at(-1)
          ? [200, { token: 'a-token', expiresAtMs: Date.now() + 1e9 }]
          : refused(401, 'wrongCode')
    }
    if (headers.authorization !== 'Bearer a-token' || state.ended) return refused(path.startsWith('/shop/fridges/') ? 404 : 401, 'notSignedIn') // prettier-ignore
    switch (`${method} ${path}`) {
      case 'GET /shop/me':
        return [200, { email: 'sam@example.org', card: state.card, visit: null }]
      case 'GET /shop/visits': {
        const { id, fridgeName, currency } = state.visit
        const one = { id, fridgeName, atMs: 1e12, currency, chargedMinor: 180, refundedMinor: 0, review: false }
        return [200, { visits: [one], more: false }]
      }
      case 'POST /save-payment':
        if (body['paymentMethodId'] === undefined) return [200, { status: 'begun', client_secret: 'seti_1_secret' }]
        state.card = { brand: 'visa', last4: '4242' }
        return [200, { status: 'success', card: state.card }]
      case 'POST /transactions': {
        const key = String(headers['idempotency-key'])
        const id = offers.get(key) ?? `txn_fridge-1_${offers.size}`
        if (!offers.has(key)) state.visit = blank(id)
        offers.set(key, id)
        return [201, { status: 'success', transaction_id: id }]
      }
      case 'POST /unlock': {
        const id = String(body['id'])
        if (id !== state.visit.id) return refused(404, 'unknown')
        if (state.visit.at !== 'offered') return [202, { status: 'pending' }] // as the relay does: it goes on once
        if (state.declines !== null) {
          state.visit = { ...state.visit, at: 'declined', why: state.declines }
          return refused(402, 'declined', { reason: state.declines })
        }
        state.held.push(id)
        state.visit = { ...state.visit, at: 'holding' }
        return [202, { status: 'pending' }]
      }
      case `GET /shop/visits/${state.visit.id}`:
        return [200, state.visit]
      case 'POST /shop/sign-out':
        state.ended = true
        return [200, { status: 'success' }]
      case 'DELETE /shop/card':
        state.card = null
        return [200, { status: 'success' }]
      case `POST /shop/visits/${state.visit.id}/voucher`:
        if (body['code'] !== state.voucher) return refused(409, 'noVoucher')
        if (state.visit.at !== 'offered') return refused(409, 'tooLate')
        state.reserved.push(state.visit.id)
        return [200, { percent: 50, mostMinor: 900 }]
      case `POST /shop/visits/${state.visit.id}/mail`:
        state.mailed.push(String(body['language']))
        return [202, {}]
    }
    return refused(404, 'unknown')
  }

  const server: Server = createServer((request, response) => void serve(request, response))
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://relay')
    if (state.gone === 'unreached') return void response.destroy()
    if (state.gone === 'stopped') return void response.writeHead(502, { 'content-type': 'text/html' }).end('Bad Gateway') // prettier-ignore
    if (pathname === '/provider.js') return void response.writeHead(200, { 'content-type': 'text/javascript' }).end(provider) // prettier-ignore
    if (pathname.startsWith('/f/')) {
      const fridge = pathname === `/f/${state.fridge.fridge}` ? state.fridge : null
      const html = pageGiving(readFileSync(join(dist, 'index.html'), 'utf8'))(
        fridge === null ? null : { setup, fridge },
      )
      const { body, encoding } = await packed(html, String(request.headers['accept-encoding']))
      response.writeHead(200, { 'content-type': kinds['.html'], 'content-security-policy': policy, 'cache-control': 'no-store', ...(encoding === null ? {} : { 'content-encoding': encoding }) }) // prettier-ignore
      return void response.end(body)
    }
    state.asked.push(pathname)
    if (pathname.startsWith('/phone/')) return file(pathname, request, response)
    if (pathname === `/shop/visits/${state.visit.id}/receipt.pdf`)
      return void response.writeHead(200, { 'content-type': 'application/pdf' }).end(`%PDF-1.7 ${searchParams.get('language') ?? ''}`) // prettier-ignore
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const [status, body] = answer(request, pathname, text === '' ? {} : (JSON.parse(text) as Record<string, unknown>))
    if (state.losesAnswers && pathname === '/unlock') return void response.destroy()
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(body)) // prettier-ignore
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(state, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

function file(pathname: string, request: IncomingMessage, response: ServerResponse): void {
  const at = join(dist, pathname === '/phone/' ? 'index.html' : pathname.slice(7))
  if (!existsSync(at)) return void response.writeHead(404).end()
  const zipped = existsSync(`${at}.gz`) && String(request.headers['accept-encoding']).includes('gzip')
  response.writeHead(200, {
    ...(zipped ? { 'content-encoding': 'gzip' } : {}),
    'content-type': kinds[extname(at)] ?? 'text/plain',
    'content-security-policy': policy,
    'cache-control': pathname.includes('/assets/') ? 'max-age=31536000, immutable' : 'no-cache',
  })
  createReadStream(zipped ? `${at}.gz` : at).pipe(response)
}

function blank(id: string): PhoneVisit {
  return {
    id,
    fridge: 'fridge-1',
    fridgeName: fridge.name,
    contact: fridge.contact,
    currency: 'EUR',
    holdMinor,
    at: 'offered',
    why: null,
    expired: false,
    live: null,
    end: null,
  }
}
