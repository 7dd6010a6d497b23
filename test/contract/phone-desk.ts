/**
 * Phone desk: a relay with a shop, a bank, a mail server and a push service, fridges that say what they are told to, and shoppers
 * who sign in. Opened anew for each store; each test is another sender. Used by the tests of phones.
 */
import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { phoneVisitSchema } from '../../src/contract/phone.ts'
import { effectKey, sku, visitId } from '../../src/core/ids.ts'
import { minor } from '../../src/core/money.ts'
import { silent } from '../../src/core/ports.ts'
import { createStripeClient } from '../../src/payments/client.ts'
import { createBank, type Bank } from '../../src/virtual/bank/bank.ts'
import { bankHttpClient } from '../../src/virtual/bank/http-client.ts'
import { createCommandLink, type CommandLink } from '../../sync/edge/commands.ts'
import { overMqtt } from '../../sync/edge/mqtt-client.ts'
import type { LiveState } from '../../sync/protocol/mqtt.ts'
import { smtpCarrier } from '../../sync/relay/mail/carrier.ts'
import { createPusher } from '../../sync/relay/mail/web-push.ts'
import { createRelay } from '../../sync/relay/relay.ts'
import { createShop, type Shop } from '../../sync/relay/shop.ts'
import { liveOf } from '../../sync/relay/store/channels.ts'
import { createTokens } from '../../sync/relay/tokens.ts'
import { quick, random, real, secret, slow, until } from './in-time.ts'
import { newFridge } from './relay-fridge.ts'
import type { TestStore } from './relay-stores.ts'
import { startMailServer, type MailServer } from './smtp.ts'

type Method = 'GET' | 'POST' | 'DELETE'

/** To be called where tests are described: it opens before them and closes after. */
export function phoneDesk(open: () => Promise<TestStore>) {
  let opened: TestStore
  let app: FastifyInstance
  let bank: Bank
  let shop: Shop
  let url: string
  let mail: MailServer
  let service: Server
  let serviceUrl: string
  const pushed: { path: string; headers: Record<string, unknown>; bytes: number }[] = []
  let pushStatus = 201
  const links: CommandLink[] = []
  let sender = 0

  beforeAll(async () => {
    opened = await open()
    mail = await startMailServer()
    service = createServer((request, response) => {
      let bytes = 0
      request.on('data', (chunk: Buffer) => (bytes += chunk.length))
      request.on('end', () => {
        pushed.push({ path: request.url ?? '', headers: request.headers, bytes })
        response.writeHead(pushStatus).end()
      })
    })
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
    const at = service.address()
    serviceUrl = `http://127.0.0.1:${typeof at === 'object' && at !== null ? at.port : 0}`
    bank = createBank({ clock: real, random })
    const stripe = createStripeClient({ apiKey: bank.secretKey, httpClient: bankHttpClient(bank) })
    const page = { script: 'http://127.0.0.1:9/v3/', publishableKey: bank.publishableKey }
    shop = createShop({ tokens: await createTokens({ secret }), page, stripe, clock: real, log: silent })
    const { store } = opened
    const pusher = createPusher({ secret: Buffer.alloc(32, 7), contact: 'mailto:shop@example.org' }, serviceUrl)
    const carrier = smtpCarrier(mail.url, 'Shop <shop@example.org>', () => {})
    const phones = { post: { carrier, pusher }, publicUrl: 'https://shop.example', zone: 'Europe/Berlin' }
    app = await createRelay({ kind: store.kind, store: () => store, log: pino({ level: 'silent' }), shop, phones, trustProxy: true }) // prettier-ignore
    url = await app.listen({ host: '127.0.0.1', port: 0 })
  }, slow)
  beforeEach(() => {
    sender += 1
    pushStatus = 201
  })
  afterAll(async () => {
    for (const link of links) link.stop()
    await app.close()
    await mail.close()
    service.closeAllConnections()
    await new Promise((resolve) => service.close(resolve))
    await opened.close()
  }, slow)
  const db = () => opened.store.db

  /** Each test is another sender, for what is slowed down. */
  const ask = async (method: Method, path: string, payload?: object, token?: string, from = `10.0.0.${sender}`) => {
    const answer = await app.inject({
      method,
      url: path,
      headers: { 'x-forwarded-for': from, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      ...(payload === undefined ? {} : { payload }),
    })
    const type = String(answer.headers['content-type'])
    return { status: answer.statusCode, headers: answer.headers, raw: answer.rawPayload, body: type.startsWith('application/json') ? answer.json<Record<string, unknown>>() : {} } // prettier-ignore
  }
  const address = () => `s${randomBytes(5).toString('hex')}@example.org`
  const codeTo = (email: string): Promise<string> =>
    until(() => /Subject: (\d{6})/.exec(mail.mails.findLast(({ to }) => to === email)?.text ?? '')?.[1])
  const signIn = async (email = address()) => {
    const before = mail.mails.length
    expect(await ask('POST', '/shop/sign-in', { email, language: 'de' })).toMatchObject({ status: 202 })
    await until(() => mail.mails.slice(before).some(({ to }) => to === email))
    const entered = await ask('POST', '/shop/sign-in/code', { email, code: await codeTo(email) })
    expect(entered.status).toBe(200)
    return { email, token: String(entered.body['token']) }
  }

  /** A fridge that says what it is told to say, over its own channel and books. */
  async function fridgeAtWork() {
    const paired = await newFridge(app, db())
    const state: { -readonly [Name in keyof LiveState]: LiveState[Name] } = { atMs: 0, doorOpen: false, celsius: 4, at: 'idle', closed: null, pending: 0 } // prettier-ignore
    const products = [{ sku: sku('cola'), priceMinor: minor(250), weightGrams: 350, weightSpreadGrams: 3, shelf: 1 }]
    paired.books.write(1_764_000_000_000, { type: 'CatalogueAdopted', hash: 'a', currency: 'EUR', products }, { type: 'StockCounted', sku: sku('cola'), shelf: 1, count: 6, by: 'a', reason: 'b' }) // prettier-ignore
    await paired.drain()
    const link = createCommandLink(
      {
        connect: overMqtt(),
        fetch: (to, { method, headers, body, signal }) => fetch(to, { method, headers, body: Buffer.from(body), signal }), // prettier-ignore
        key: paired.key,
        clock: quick,
        random,
        log: silent,
        facts: () => ({ atMs: Date.now(), version: '1', name: 'corner', holdMinor: 1500, currency: 'EUR', acted: { now: 0, kept: 0 } }), // prettier-ignore
        state: () => ({ ...state, atMs: Date.now() }),
        known: () => null,
        act: async () => ({ outcome: 'done', why: null }),
        failed(error) {
          throw error
        },
      },
      { fridge: paired.id, relayUrl: url },
    )
    links.push(link)
    await until(async () => (await liveOf(db(), paired.id))[0]?.state != null)
    return {
      ...paired,
      say(more: Partial<typeof state>) {
        Object.assign(state, more)
        link.changed()
      },
      /** What its books say of a visit that took so many. */
      async booked(visit: string, cans: number, or: readonly string[] = []) {
        const of = visitId(visit)
        const total = minor(250 * cans)
        const lines = cans === 0 ? [] : [{ sku: sku('cola'), count: cans, priceMinor: minor(250), ...(or.length > 0 && { or: or.map(sku) }) }] // prettier-ignore
        paired.books.write(
          1_764_000_100_000 + Math.floor(Math.random() * 1e6),
          { type: 'VisitStarted', visit: of, holdKey: effectKey('h'), paymentMethod: 'pm', fingerprint: 'f', amountMinor: minor(1500), currency: 'EUR' },
          ...(cans === 0
            ? [{ type: 'VisitEnded' as const, visit: of, ending: { type: 'nothingTaken' as const } }]
            : [
                { type: 'ReceiptIssued' as const, visit: of, number: 7, lines, totalMinor: total, chargedMinor: total },
                { type: 'VisitEnded' as const, visit: of, ending: { type: 'paid' as const, lines, totalMinor: total, chargedMinor: total } },
                { type: 'HoldCaptured' as const, visit: of, key: effectKey('c'), amountMinor: total },
              ]),
        ) // prettier-ignore
        await paired.drain()
      },
    }
  }
  const unlocked = async (fridge: string, token: string) => {
    const saved = await ask('POST', '/save-payment', { paymentMethodId: 'pm_card_visa' }, token)
    expect(saved.body).toMatchObject({ status: 'success' })
    const offered = await ask('POST', '/transactions', { fridge }, token)
    const id = String(offered.body['transaction_id'])
    expect(await ask('POST', '/unlock', { id }, token)).toMatchObject({ status: 200 })
    return { id, visit: String(offered.body['transaction_id'] === undefined ? '' : (await ask('GET', `/transactions/${id}`, undefined, token)).body['visit']) } // prettier-ignore
  }
  const visitNow = async (id: string, token: string) =>
    phoneVisitSchema.parse((await ask('GET', `/shop/visits/${id}`, undefined, token)).body)

  return {
    db,
    ask,
    address,
    codeTo,
    signIn,
    fridgeAtWork,
    unlocked,
    visitNow,
    app: () => app,
    bank: () => bank,
    mail: () => mail,
    url: () => url,
    /** This test's number: no two have the same. */
    sender: () => sender,
    /** What came to the push service at this path, and where it is. */
    pushed: (path: string) => pushed.filter((one) => one.path === path),
    pushUrl: (path: string) => `${serviceUrl}${path}`,
    /** How the push service answers from now on, for this test. */
    answerPushes: (status: number) => void (pushStatus = status),
  }
}
