/** What a shopper's phone asks: sign-in by mail, the fridge before it, the live basket, receipts, cards, pushes; on each store. */
import { createHash, createECDH, randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  phoneFridgeSchema,
  phoneMeSchema,
  phoneSetupSchema,
  phoneVisitSchema,
  phoneVisitsSchema,
} from '../../src/contract/phone.ts'
import { effectKey, sku, visitId } from '../../src/core/ids.ts'
import { minor } from '../../src/core/money.ts'
import { silent, type Clock } from '../../src/core/ports.ts'
import { createStripeClient } from '../../src/payments/client.ts'
import { createBank, type Bank } from '../../src/virtual/bank/bank.ts'
import { bankHttpClient } from '../../src/virtual/bank/http-client.ts'
import { createCommandLink, type CommandLink } from '../../sync/edge/commands.ts'
import { overMqtt } from '../../sync/edge/mqtt-client.ts'
import type { LiveState, LiveVisit } from '../../sync/protocol/mqtt.ts'
import { encodeWindow, encodeWindowPicture, signedWindow } from '../../sync/protocol/window.ts'
import { smtpCarrier } from '../../sync/relay/mail/carrier.ts'
import { createPusher } from '../../sync/relay/mail/web-push.ts'
import { createRelay } from '../../sync/relay/relay.ts'
import { createShop, type Shop } from '../../sync/relay/shop.ts'
import { liveOf } from '../../sync/relay/store/channels.ts'
import { listReceipts } from '../../sync/relay/store/reads.ts'
import { makeVoucher } from '../../sync/relay/store/vouchers.ts'
import { createTokens } from '../../sync/relay/tokens.ts'
import { newFridge } from './relay-fridge.ts'
import { openMemory, openOwnPostgresql, postgresqlBin, type TestStore } from './relay-stores.ts'
import { startMailServer, type MailServer } from './smtp.ts'

const ci = process.env['CI'] === 'true'
const slow = 120_000
const real: Clock = {
  nowMs: () => Date.now(),
  after(delayMs, due) {
    const timer = setTimeout(due, delayMs)
    return () => clearTimeout(timer)
  },
}
const quick: Clock = { ...real, after: (delayMs, due) => real.after(delayMs / 20, due) }
const random = { bytes: (count: number) => randomBytes(count), uuid: () => crypto.randomUUID() }
const secret = Buffer.alloc(32, 3)

describe('on an embedded database', () => {
  contract(openMemory)
})
describe.skipIf(postgresqlBin === null && !ci)('on PostgreSQL', () => {
  contract(openOwnPostgresql)
})

function contract(open: () => Promise<TestStore>): void {
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

  const until = async <T>(look: () => Promise<T | null | undefined | false> | T | null | undefined | false): Promise<T> => {
    for (let tried = 0; tried < 400; tried++) {
      const found = await look()
      if (found !== null && found !== undefined && found !== false) return found
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    throw new Error('it did not come to that')
  } // prettier-ignore
  type Method = 'GET' | 'POST' | 'DELETE'
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

  test('[RL20] a code from a mail signs in once, and opens the older routes too; after signing out it is nobody’s', async () => {
    const { email, token } = await signIn()
    const me = await ask('GET', '/shop/me', undefined, token)
    expect(phoneMeSchema.parse(me.body)).toEqual({ email, mailReceipts: false, card: null, visit: null })
    expect(me.headers['cache-control']).toBe('no-store')
    expect((await ask('POST', '/save-payment', {}, token)).body).toMatchObject({ status: 'begun' })
    expect(mail.mails.findLast(({ to }) => to === email)?.text).toMatch(/Ihr Code zum Anmelden/)
    const again = await ask('POST', '/shop/sign-in/code', { email, code: await codeTo(email) })
    expect(again).toMatchObject({ status: 401, body: { code: 'wrongCode' } })
    expect((await ask('POST', '/shop/sign-out', {}, token)).status).toBe(200)
    for (const [method, path] of [['GET', '/shop/me'], ['POST', '/save-payment'], ['GET', '/shop/visits']] as const)
      expect((await ask(method, path, method === 'POST' ? {} : undefined, token)).status).toBe(401)
  }) // prettier-ignore

  test('[RL20] [RL21] a code is good for five tries, the newest only, and stands nowhere in the database', async () => {
    const email = address()
    await ask('POST', '/shop/sign-in', { email })
    const first = await codeTo(email)
    const stored = await db().selectFrom('sign_in_codes').selectAll().execute()
    const written = await db().selectFrom('letters').selectAll().execute()
    expect(JSON.stringify([stored, written])).not.toContain(email)
    expect(written.filter(({ over_at }) => over_at !== null).every(({ body, target }) => body === null && target === null)).toBe(true) // prettier-ignore
    const wrong = first === '000000' ? '000001' : '000000'
    for (let tried = 0; tried < 5; tried++)
      expect(await ask('POST', '/shop/sign-in/code', { email, code: wrong })).toMatchObject({ status: 401 })
    expect(await ask('POST', '/shop/sign-in/code', { email, code: first })).toMatchObject({ status: 401 })
    await ask('POST', '/shop/sign-in', { email })
    const second = await until(async () => {
      const code = await codeTo(email)
      return code !== first && code
    })
    expect((await ask('POST', '/shop/sign-in/code', { email, code: second })).status).toBe(200)
  })

  test('[RL21] who asks too often waits, alike for an address with an account and one without', async () => {
    const known = (await signIn()).email
    const stranger = address()
    const answers: unknown[] = []
    for (const [at, email] of [known, stranger].entries())
      for (let times = 0; times < 5; times++) {
        const { status, body, headers } = await ask(
          'POST',
          '/shop/sign-in',
          { email },
          undefined,
          `10.9.${sender}.${at}`,
        )
        if (status === 429) expect(Number(headers['retry-after'])).toBeGreaterThan(0)
        answers.push([email === known ? times + 1 : times, status, body['code'] ?? body['status']])
      }
    expect(answers.filter((one) => JSON.stringify(one).includes('429')).length).toBe(3)
    const flood = await Promise.all(Array.from({ length: 20 }, () => ask('POST', '/shop/sign-in', { email: address() }, undefined, `10.8.0.${sender}`))) // prettier-ignore
    expect(flood.filter(({ status }) => status === 202).length).toBe(12)
  })

  test('[RL22] bad input is refused by what is wrong with it', async () => {
    for (const email of ['', 'a', 'a@b', 'a@b.c\r\nBcc: d@e.fg', 'a@b.cd, e@f.gh', `${'a'.repeat(250)}@b.cd`, 5, null])
      expect(await ask('POST', '/shop/sign-in', { email })).toMatchObject({ status: 400, body: { code: 'malformed' } })
    for (const code of ['12345', '1234567', 'abcdef', 123456])
      expect(await ask('POST', '/shop/sign-in/code', { email: 'a@b.cd', code })).toMatchObject({ status: 400 })
    const { token } = await signIn()
    expect(await ask('POST', '/shop/me', { mailReceipts: 'yes' }, token)).toMatchObject({ status: 400 })
    expect(await ask('GET', '/shop/visits?before=x', undefined, token)).toMatchObject({ status: 400 })
    for (const endpoint of ['http://127.0.0.1:1/x', 'https://example.org/x', 'https://fcm.googleapis.com:81/x', 'no'])
      expect(await ask('POST', '/shop/push', { subscription: { endpoint, keys: { p256dh: 'aa', auth: 'aa' } } }, token)).toMatchObject({ status: 400 }) // prettier-ignore
    for (const forged of [
      `${token}x`,
      'vv_1_2',
      await createTokens({ secret: Buffer.alloc(32, 4) }).then((one) => one.issue?.('a', 5) ?? ''),
    ])
      // prettier-ignore
      expect((await ask('GET', '/shop/me', undefined, forged)).status).toBe(401)
  })

  test('[RL24] [SY60] [SY61] a phone sees what a fridge sells, by the fridge’s own signed word', async () => {
    const fridge = await fridgeAtWork()
    expect(phoneSetupSchema.parse((await ask('GET', '/shop/setup')).body)).toMatchObject({ mail: true, payments: { publishableKey: bank.publishableKey } }) // prettier-ignore
    const picture = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')
    const sha256 = createHash('sha256').update(picture).digest('hex')
    const name = { en: 'Cola', es: 'Cola', de: 'Brause' }
    const tell = async (body: Uint8Array, as = fridge) => {
      const signature = Buffer.from(as.key.sign(signedWindow(fridge.id, body))).toString('base64')
      const headers = { 'content-type': 'application/octet-stream', 'vv-protocol': '1', 'vv-fridge': fridge.id, 'vv-signature': signature } // prettier-ignore
      return (await app.inject({ method: 'POST', url: '/sync/v1/window', headers, payload: Buffer.from(body) })).json<object>() // prettier-ignore
    }
    const window = { fridge: fridge.id, contact: '+49 1', products: [{ sku: 'cola', name, picture: sha256 }] }
    expect(await tell(encodeWindow(window))).toEqual({ type: 'wanted', sha256: [sha256], phone: `https://shop.example/f/${fridge.id}` }) // prettier-ignore
    const sent = { fridge: fridge.id, sha256, mediaType: 'image/svg+xml' as const, picture }
    expect(await tell(encodeWindowPicture({ ...sent, mediaType: 'image/png' }))).toMatchObject({ type: 'malformed' })
    expect(await tell(encodeWindowPicture(sent))).toEqual({ type: 'kept' })
    expect(await tell(encodeWindow(window))).toMatchObject({ sha256: [] })
    const other = await newFridge(app, db())
    expect(await tell(encodeWindow(window), { ...fridge, key: other.key })).toEqual({ type: 'badSignature' })
    expect(await tell(encodeWindow({ ...window, fridge: other.id }))).toEqual({ type: 'foreignRows' })
    const seen = phoneFridgeSchema.parse((await ask('GET', `/shop/fridges/${fridge.id}`)).body)
    expect(seen).toMatchObject({ name: 'corner', contact: '+49 1', holdMinor: 1500, online: true, busy: false, closed: null, celsius: 4 }) // prettier-ignore
    expect(seen.products).toEqual([{ sku: 'cola', name, priceMinor: 250, left: 6, pictureUrl: `/shop/pictures/${sha256}` }]) // prettier-ignore
    const shown = await ask('GET', `/shop/pictures/${sha256}`)
    expect(shown.headers).toMatchObject({ 'content-type': 'image/svg+xml', 'x-content-type-options': 'nosniff' })
    expect(shown.headers['content-security-policy']).toContain('sandbox')
    expect(await ask('GET', '/shop/fridges/nowhere')).toMatchObject({ status: 404, body: { code: 'unknownFridge' } })
    const page = await app.inject({ method: 'GET', url: `/f/${fridge.id}` })
    // Without a built page it leads on; with it [RL80] it says what the routes say.
    if (page.statusCode === 200)
      expect(JSON.parse(/id="given">([^<]+)</.exec(page.body)?.[1] ?? '')).toEqual({ setup: (await ask('GET', '/shop/setup')).body, fridge: seen }) // prettier-ignore
    else expect(page.headers['location']).toBe('/phone/')
    expect((await ask('GET', '/f/..%2f..%2fevil')).headers['location'] ?? '/phone/').toBe('/phone/')
  })

  test('[RL25] [SY42] the live basket is at the phone that opened the door within a second, and goes on after a lost line', async () => {
    const fridge = await fridgeAtWork()
    const { token } = await signIn()
    const { id, visit } = await unlocked(fridge.id, token)
    const basket = (count: number): LiveVisit => ({ visit, at: 'shopping', leftMs: null, lines: [{ sku: 'cola', count, priceMinor: 250 }], totalMinor: 250 * count, leftOpen: false }) // prettier-ignore
    const stop = new AbortController()
    const listen = async (last?: string) => {
      const answer = await fetch(`${url}/shop/visits/${id}/live`, {
        headers: { authorization: `Bearer ${token}`, ...(last === undefined ? {} : { 'last-event-id': last }) },
        signal: stop.signal,
      })
      expect(answer.headers.get('content-type')).toMatch('text/event-stream')
      const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
      let text = ''
      return async (holds: (told: ReturnType<typeof phoneVisitSchema.parse>) => boolean) => {
        for (;;) {
          for (const part of text.split('\n\n').slice(0, -1)) {
            const [, name = '', data = ''] = /id: (.*)\nevent: visit\ndata: (.*)/.exec(part) ?? []
            if (data !== '' && holds(phoneVisitSchema.parse(JSON.parse(data)))) return name
          }
          const { value, done } = (await reader?.read()) ?? { done: true }
          if (done) throw new Error('the stream ended')
          text += value
        }
      }
    }
    const heard = await listen()
    await heard(({ at }) => at === 'unlocked')
    const saidAt = performance.now()
    fridge.say({ at: 'shopping', doorOpen: true, visit: basket(2) })
    const last = await heard(({ live }) => live?.at === 'shopping' && live.lines?.[0]?.count === 2)
    expect(performance.now() - saidAt).toBeLessThan(1_000)
    const resumed = await listen(last)
    fridge.say({ visit: basket(1) })
    await resumed(({ live }) => {
      expect(live?.totalMinor).toBe(250) // what was told before is not told again
      return true
    })
    expect((await visitNow(id, token)).live).toMatchObject({ at: 'shopping', totalMinor: 250 })
    fridge.say({ at: 'idle', doorOpen: false, visit: undefined })
    await fridge.booked(visit, 1)
    await heard(({ end }) => end?.type === 'receipt' && end.receipt.payment === 'paid')
    stop.abort()
    expect(phoneFridgeSchema.parse((await ask('GET', `/shop/fridges/${fridge.id}`)).body).busy).toBe(false)
  })

  test('[RL23] [RL26] a receipt comes by mail where it is wanted, once, and as a PDF; history and money are exact', async () => {
    const fridge = await fridgeAtWork()
    const { email, token } = await signIn()
    expect((await ask('POST', '/shop/me', { mailReceipts: true, language: 'en' }, token)).status).toBe(200)
    const { id, visit } = await unlocked(fridge.id, token)
    expect(phoneMeSchema.parse((await ask('GET', '/shop/me', undefined, token)).body)).toMatchObject({ visit: id, card: { brand: expect.any(String) } }) // prettier-ignore
    expect(await ask('DELETE', '/shop/me', undefined, token)).toMatchObject({
      status: 409,
      body: { code: 'visitOpen' },
    })
    await fridge.booked(visit, 2, ['lime'])
    const told = await until(() => mail.mails.find(({ to, text }) => to === email && text.includes('Receipt 000007')))
    expect(told.text.replaceAll('=\r\n', '')).toContain(' or lime')
    expect((await visitNow(id, token)).end).toMatchObject({
      receipt: { lines: [{ sku: 'cola', or: [{ en: 'lime' }] }] },
    })
    expect(told.text).toContain('application/pdf')
    expect(told.text).toContain(`https://shop.example/phone/#visit/${id}`)
    expect((await ask('POST', `/shop/visits/${id}/mail`, { language: 'es' }, token)).status).toBe(202)
    expect((await ask('POST', `/shop/visits/${id}/mail`, { language: 'es' }, token)).status).toBe(202)
    await until(() => mail.mails.some(({ to, text }) => to === email && text.includes('Recibo 000007')))
    expect(mail.mails.filter(({ to, text }) => to === email && /Rec(?:eipt|ibo) 000007/.test(text)).length).toBe(2)
    const pdf = await ask('GET', `/shop/visits/${id}/receipt.pdf?language=de`, undefined, token)
    expect(pdf.raw.subarray(0, 5).toString()).toBe('%PDF-')
    expect(pdf.raw.toString('latin1')).toContain('(5,00 \x80)')
    expect(pdf.raw.toString('latin1')).toContain(' oder lime)')
    expect((await listReceipts(db(), { fridge: fridge.id, limit: 1 }))[0]?.lines).toMatchObject([{ or: ['lime'] }])
    const { visits, more } = phoneVisitsSchema.parse((await ask('GET', '/shop/visits', undefined, token)).body)
    expect([visits, more]).toMatchObject([[{ id, fridgeName: 'corner', chargedMinor: 500, refundedMinor: 0, review: false }], false]) // prettier-ignore
    expect((await ask('GET', `/shop/visits?before=${visits[0]?.atMs}`, undefined, token)).body).toEqual({ visits: [], more: false }) // prettier-ignore
  })

  test('[RL72] [RL26] a voucher is reserved before the unlock, and stands on the receipt; who guesses waits', async () => {
    const fridge = await fridgeAtWork()
    const { token } = await signIn()
    const wanted = { name: 'opening', currency: 'EUR', percent: 50, mostMinor: 900, uses: 1, codes: 1, fridges: [fridge.id], expiresAtMs: Date.now() + 60_000, reason: 'we open' } as const // prettier-ignore
    const { codes: [code = ''] } = await makeVoucher(db(), 'Ada', { ...wanted, fridges: [fridge.id] }) // prettier-ignore
    await ask('POST', '/save-payment', { paymentMethodId: 'pm_card_visa' }, token)
    const id = String((await ask('POST', '/transactions', { fridge: fridge.id }, token)).body['transaction_id'])
    const give = (typed: string, by = token) => ask('POST', `/shop/visits/${id}/voucher`, { code: typed }, by)
    expect(await give(code, (await signIn()).token)).toMatchObject({ status: 404 })
    expect(await give('AAAA-AAAA-AAAA')).toMatchObject({ status: 409, body: { code: 'noVoucher' } })
    expect(await give(code.toLowerCase())).toMatchObject({ status: 200, body: { percent: 50, mostMinor: 900 } })
    expect(await ask('POST', '/unlock', { id }, token)).toMatchObject({ status: 200 })
    expect(await give(code)).toMatchObject({ status: 409, body: { code: 'tooLate' } })
    const visit = String((await ask('GET', `/transactions/${id}`, undefined, token)).body['visit'])
    await fridge.booked(visit, 1)
    expect((await visitNow(id, token)).end).toMatchObject({ type: 'receipt', receipt: { chargedMinor: 250, voucherMinor: 125, refund: null } }) // prettier-ignore
    const pdf = await ask('GET', `/shop/visits/${id}/receipt.pdf?language=de`, undefined, token)
    expect(pdf.raw.toString('latin1')).toContain('(-1,25 \x80)')
    for (let tries = 0; tries < 10; tries++) await give('AAAA-AAAA-AAAA')
    expect(await give('AAAA-AAAA-AAAA')).toMatchObject({ status: 429, body: { code: 'wait' } })
  })

  test('[RL24] one shopper sees nothing of another’s', async () => {
    const fridge = await fridgeAtWork()
    const [a, b] = [await signIn(), await signIn()]
    const { id, visit } = await unlocked(fridge.id, a.token)
    await fridge.booked(visit, 1)
    const paths = [`/shop/visits/${id}`, `/shop/visits/${id}/live`, `/shop/visits/${id}/receipt.pdf`]
    for (const path of paths)
      expect(await ask('GET', path, undefined, b.token)).toMatchObject({ status: 404, body: { code: 'unknown' } })
    expect((await ask('POST', `/shop/visits/${id}/mail`, {}, b.token)).status).toBe(404)
    expect((await ask('GET', `/transactions/${id}`, undefined, b.token)).status).toBe(404)
    expect((await ask('GET', '/shop/visits', undefined, b.token)).body).toEqual({ visits: [], more: false })
    for (const path of paths) expect((await ask('GET', path)).status).toBe(401)
    expect((await visitNow(id, a.token)).end).toMatchObject({ type: 'receipt', receipt: { chargedMinor: 250 } })
  })

  test('[RL27] a card is removed at the provider first, and an account leaves the books without its shopper', async () => {
    const fridge = await fridgeAtWork()
    const { email, token } = await signIn()
    const { id, visit } = await unlocked(fridge.id, token)
    await fridge.booked(visit, 1)
    bank.inject({ fault: { type: 'networkDown' }, count: 3 })
    expect(await ask('DELETE', '/shop/card', undefined, token)).toMatchObject({
      status: 503,
      body: { code: 'bankSilent' },
    })
    bank.clearFaults()
    expect((await ask('DELETE', '/shop/card', undefined, token)).status).toBe(200)
    expect((await ask('GET', '/shop/me', undefined, token)).body).toMatchObject({ card: null })
    const offered = await ask('POST', '/transactions', { fridge: fridge.id }, token)
    expect(await ask('POST', '/unlock', { id: offered.body['transaction_id'] }, token)).toMatchObject({ status: 402, body: { code: 'noMethod' } }) // prettier-ignore
    expect((await ask('DELETE', '/shop/me', undefined, token)).status).toBe(200)
    expect((await ask('GET', '/shop/me', undefined, token)).status).toBe(401)
    const kept = await db().selectFrom('transactions').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    expect(kept.shopper).toBe('deleted account')
    expect(await db().selectFrom('accounts').select('id').where('email', '=', email).execute()).toEqual([])
    const anew = await signIn(email)
    expect((await ask('GET', '/shop/visits', undefined, anew.token)).body).toEqual({ visits: [], more: false })
  })

  test('[RL23] a mail server that is away or full is tried again; one that refuses is not', async () => {
    const letters = async () => db().selectFrom('letters').select(['id', 'tries', 'outcome', 'over_at']).where('id', 'like', 'code/%').orderBy('made_at', 'desc').limit(1).executeTakeFirstOrThrow() // prettier-ignore
    mail.refuse('451 later', 1)
    const email = address()
    await ask('POST', '/shop/sign-in', { email })
    const late = await until(async () => ((await letters()).tries > 0 ? letters() : null))
    expect(late.over_at).toBeNull()
    await db().updateTable('letters').set({ due_at: new Date(0) }).where('id', '=', late.id).execute()
    await codeTo(email)
    mail.refuse('550 nobody', 1)
    await ask('POST', '/shop/sign-in', { email: address() })
    expect(await until(async () => ((await letters()).over_at === null ? null : letters()))).toMatchObject({ outcome: 'refused', tries: 1 }) // prettier-ignore
  }) // prettier-ignore

  test('[RL28] phones are told of the open door and the receipt; one that is gone is told nothing more', async () => {
    const fridge = await fridgeAtWork()
    const { token } = await signIn()
    const browser = createECDH('prime256v1')
    const keys = { p256dh: browser.generateKeys().toString('base64url'), auth: randomBytes(16).toString('base64url') }
    const endpoint = `${serviceUrl}/push/${sender}`
    expect((await ask('POST', '/shop/push', { subscription: { endpoint, keys }, language: 'en' }, token)).status).toBe(
      200,
    )
    const mine = () => pushed.filter(({ path }) => path === `/push/${sender}`)
    const { visit } = await unlocked(fridge.id, token)
    await until(() => mine().length === 1)
    expect(mine()[0]?.headers).toMatchObject({ 'content-encoding': 'aes128gcm', authorization: expect.stringMatching(/^vapid t=.+, k=.+/) }) // prettier-ignore
    pushStatus = 410
    await fridge.booked(visit, 1)
    await until(() => mine().length === 2)
    await until(async () => (await db().selectFrom('push_subscriptions').selectAll().where('endpoint', '=', endpoint).execute()).length === 0) // prettier-ignore
  })
}
