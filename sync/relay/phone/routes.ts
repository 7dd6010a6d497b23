/**
 * Phone routes: what the phone page asks under `/shop` (src/contract/phone.ts). Who is signed in shows a bearer token that the
 * page keeps: no cookie, so that no other site can make a browser ask in a shopper's name.
 * Holds always (SPEC RL20-RL26): a shopper sees and changes their own only; what is not theirs is not there; who shows nothing good
 * is slowed down; nothing that is answered here is kept by what lies between.
 */
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { PhoneMe, PhoneSetup, PhoneVisits } from '../../../src/contract/phone.ts'
import { languages } from '../../../src/core/product.ts'
import { fridgeIdSchema } from '../../protocol/messages.ts'
import type { Live } from '../live.ts'
import { receiptLetter } from '../mail/letters.ts'
import { receiptPdf } from '../mail/receipt-pdf.ts'
import type { Post } from '../mail/post.ts'
import type { Shop } from '../shop.ts'
import { accountOf, changeAccount, endSession, removeShopper, slowedDown } from '../store/accounts.ts'
import { addLetter, subscribe, unsubscribe } from '../store/letters.ts'
import { liveOf } from '../store/channels.ts'
import type { Db } from '../store/open.ts'
import { dropCard, shopperOf, transactionOf } from '../store/transactions.ts'
import { pastVisits, productPicture, visitUnderWay } from '../store/visits.ts'
import { reserve } from '../store/vouchers.ts'
import type { Shown } from '../tokens.ts'
import { bearerOf, shopperShown } from './caller.ts'
import { languageIn, linkTo, type NewsSettings } from './news.ts'
import type { Given } from './first-page.ts'
import { enterCode, sendCode } from './sign-in.ts'
import { streamVisit } from './stream.ts'
import { phoneFridge, phoneVisit } from './visits.ts'

export interface PhonePorts {
  readonly db: () => Db | null
  readonly live: Pick<Live, 'watch'>
  /** Null: phones can't pay here, and nobody signs in. */
  readonly shop: Shop | null
  readonly post: Post
  readonly settings: NewsSettings
  /** A letter was written that somebody waits for. */
  readonly hurry: () => void
}

interface Call {
  readonly db: Db
  readonly shop: Shop
  readonly who: Shown
  readonly request: FastifyRequest
}
interface Told {
  readonly status: number
  readonly body: object
  readonly afterS?: number
}

const strangersEachMinute = 30
const looksEachMinute = 240
const pageLength = 20

const language = z.enum(languages)
const email = z.string().trim().max(254).regex(/^[^\s@<>,;:"()[\]\\\p{Cc}]+@[^\s@<>,;:"()[\]\\\p{Cc}]+\.[^\s@<>,;:"()[\]\\.\p{Cc}]{2,}$/u, 'is no e-mail address') // prettier-ignore
const sendBody = z.object({ email, language: language.default('en') })
const codeBody = z.object({ email, code: z.string().regex(/^\d{6}$/, 'has six digits'), language: language.default('en') }) // prettier-ignore
const changeBody = z.strictObject({ language: language.optional(), mailReceipts: z.boolean().optional() })
const mailBody = z.object({ language: language.optional() })
const pdfQuery = z.object({ language: language.default('en') })
const visitsQuery = z.object({ before: z.coerce.number().min(0).max(8_640_000_000_000_000).optional() })
const base64url = z.string().regex(/^[A-Za-z0-9_-]{1,200}={0,2}$/)
const pushBody = z.object({
  subscription: z.object({
    endpoint: z.url().max(1_000),
    keys: z.object({ p256dh: base64url, auth: base64url }),
  }),
  language: language.default('en'),
})
const voucherBody = z.object({ code: z.string().min(1).max(40) })
/** Of one shopper: a code that is typed is typed wrong now and then, and guessed never. */
const voucherTries = { most: 10, withinS: 600 }
const voucherFaults = {
  noVoucher: 'there is no such voucher',
  voucherOver: 'the voucher is good no more',
  voucherElsewhere: 'the voucher is not for this fridge',
  voucherUsed: 'the voucher was used',
  tooLate: 'the visit was asked for, or its offer is over',
} as const
const unpushBody = z.object({ endpoint: z.string().max(1_000) })

const told = (status: number, body: object): Told => ({ status, body })
const fault = (status: number, code: string, message: string, afterS?: number): Told => ({
  status,
  body: { status: 'error', code, message },
  ...(afterS === undefined ? {} : { afterS }),
})
const wait = (seconds: number): Told => fault(429, 'wait', `too many tries: wait ${seconds} s`, seconds)
const busy = fault(503, 'busy', 'the database is being opened', 2)
const notSetUp = fault(503, 'notSetUp', 'payments are not set up at this relay')
const noVisit = fault(404, 'unknown', 'there is no such visit')
const says = (error: z.ZodError): string => error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') // prettier-ignore
const malformed = (error: z.ZodError): Told => fault(400, 'malformed', says(error))

/** Gives what a fridge's page may begin with, by the same limits as who asks for it. */
export async function phoneRoutes(
  app: FastifyInstance,
  ports: PhonePorts,
): Promise<{ given(fridge: string, request: FastifyRequest): Promise<Given | null> }> {
  if (!app.hasDecorator('createRateLimit')) await app.register(rateLimit, { global: false })
  const byAddress = (request: FastifyRequest): string => request.ip
  const strangers = app.createRateLimit({ max: strangersEachMinute, timeWindow: '1 minute', keyGenerator: byAddress })
  const looks = app.createRateLimit({ max: looksEachMinute, timeWindow: '1 minute', keyGenerator: byAddress })
  const closing = new AbortController()
  app.addHook('preClose', async () => closing.abort())
  const bodyLimit = 8 * 1024
  const { post, settings } = ports

  /** What anybody may ask. */
  const open = (method: 'GET' | 'POST', url: string, what: string, answer: (db: Db, request: FastifyRequest) => Promise<Told>): void => {
    app.route({
      method,
      url,
      bodyLimit,
      schema: { summary: what, tags: ['phone page'], security: [] },
      handler: async (request, reply) => {
        const limit = await looks(request)
        if (!limit.isAllowed && limit.isExceeded) return send(reply, wait(limit.ttlInSeconds))
        const db = ports.db()
        return send(reply, db === null ? busy : await answer(db, request))
      },
    })
  } // prettier-ignore

  /** Who is signed in, or why not. */
  async function caller(request: FastifyRequest): Promise<Call | Told> {
    const db = ports.db()
    const { shop } = ports
    if (db === null) return busy
    if (shop === null) return notSetUp
    const bearer = bearerOf(request)
    const who = bearer === null ? null : await shopperShown(db, shop.tokens, bearer)
    if (who !== null) return { db, shop, who, request }
    const limit = await strangers(request)
    if (!limit.isAllowed && limit.isExceeded) return wait(limit.ttlInSeconds)
    return fault(401, 'notSignedIn', 'send Authorization: Bearer with a good token')
  }

  const mine = (method: 'GET' | 'POST' | 'DELETE', url: string, what: string, answer: (call: Call, reply: FastifyReply) => Promise<Told | null>): void => {
    app.route({
      method,
      url,
      bodyLimit,
      schema: { summary: what, tags: ['phone page'], security: [{ token: [] }] },
      handler: async (request, reply) => {
        const call = await caller(request)
        const answered = 'db' in call ? await answer(call, reply) : call
        return answered === null ? reply : send(reply, answered)
      },
    })
  } // prettier-ignore

  // ---- for anybody -----------------------------------------------------------------------------------------------

  open('GET', '/shop/setup', 'What this relay can do for phones', async () => told(200, setupOf(ports)))

  open('GET', '/shop/fridges/:fridge', 'What a phone sees before a fridge is opened', async (db, request) => {
    const id = fridgeIdSchema.safeParse((request.params as { fridge: string }).fridge)
    const found = id.success ? await phoneFridge(db, id.data) : null
    return found === null ? fault(404, 'unknownFridge', 'there is no such fridge, or it was never heard') : told(200, found)
  }) // prettier-ignore

  void app.register(async (pictures) => {
    // A drawing may hold a style sheet of its own; it may load and run nothing.
    const policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    pictures.addHook('onSend', async (_request, reply) => void reply.header('content-security-policy', policy))
    pictures.get('/shop/pictures/:sha256', { schema: { hide: true } }, async (request, reply) => {
      const { sha256 } = request.params as { sha256: string }
      const db = ports.db()
      const found = db === null || !/^[0-9a-f]{64}$/.test(sha256) ? null : await productPicture(db, sha256)
      if (found === null) return send(reply, fault(404, 'unknown', 'there is no such picture'))
      // Its address is its content's hash.
      void reply.header('cache-control', 'public, max-age=31536000, immutable').type(found.mediaType)
      return reply.send(found.picture)
    })
  })

  open('POST', '/shop/sign-in', 'Mails a code to sign in with; the answer is the same for everybody', async (db, request) => {
    const body = sendBody.safeParse(request.body)
    if (!body.success) return malformed(body.error)
    const seals = ports.shop?.tokens.seals ?? null
    if (seals === null || post.carrier === null) return fault(503, 'notSetUp', 'this relay can send no mail')
    const sent = await sendCode(db, seals, { ...body.data, from: request.ip })
    if (sent.type === 'wait') return wait(sent.seconds)
    ports.hurry()
    return told(202, { status: 'sent' })
  }) // prettier-ignore

  open('POST', '/shop/sign-in/code', 'A code for a token', async (db, request) => {
    const body = codeBody.safeParse(request.body)
    if (!body.success) return malformed(body.error)
    const { seals = null, issue = null } = ports.shop?.tokens ?? {}
    if (seals === null || issue === null || ports.shop === null) return notSetUp
    const entered = await enterCode(db, { seals, issue }, { ...body.data, from: request.ip, nowMs: ports.shop.nowMs() })
    if (entered.type === 'wait') return wait(entered.seconds)
    if (entered.type === 'wrongCode') return fault(401, 'wrongCode', 'the code is wrong, or good no more')
    return told(200, { token: entered.token, expiresAtMs: entered.expiresAtMs })
  })

  // ---- for who is signed in --------------------------------------------------------------------------------------

  mine('POST', '/shop/sign-out', 'Ends this sign-in', async ({ db, who }) => {
    if (who.session !== null) await endSession(db, who.session)
    return told(200, { status: 'success' })
  })

  mine('GET', '/shop/me', 'Who is signed in', async ({ db, who }) => {
    const account = await accountOf(db, who.shopper)
    const { method } = await shopperOf(db, who.shopper)
    const me: PhoneMe = {
      email: account?.email ?? who.shopper,
      mailReceipts: account?.mailReceipts ?? false,
      card: method === null ? null : { brand: method.brand, last4: method.last4 },
      visit: await visitUnderWay(db, who.shopper),
    }
    return told(200, me)
  })

  mine('POST', '/shop/me', 'Changes the language, and whether receipts come by mail', async ({ db, who, request }) => {
    const body = changeBody.safeParse(request.body ?? {})
    if (!body.success) return malformed(body.error)
    const changed = await changeAccount(db, who.shopper, body.data)
    return changed ? told(200, { status: 'success' }) : fault(409, 'noAccount', 'this token has no account of this relay')
  }) // prettier-ignore

  mine('DELETE', '/shop/me', 'Ends the account: what was sold stays in the books, without its shopper', async ({ db, shop, who }) => {
    if ((await visitUnderWay(db, who.shopper)) !== null)
      return fault(409, 'visitOpen', 'a visit is under way: its receipt comes first')
    const { customer } = await shopperOf(db, who.shopper)
    // The provider first: an account that is gone could not ask again.
    if (customer !== null && !(await shop.wallet.forget(customer)).ok)
      return fault(503, 'bankSilent', 'the payment provider does not answer; nothing was removed')
    await removeShopper(db, who.shopper)
    return told(200, { status: 'success' })
  }) // prettier-ignore

  mine('DELETE', '/shop/card', 'Removes the saved card', async ({ db, shop, who }) => {
    const { method } = await shopperOf(db, who.shopper)
    if (method === null) return told(200, { status: 'success' })
    if (!(await shop.wallet.drop(method.paymentMethod)).ok)
      return fault(503, 'bankSilent', 'the payment provider does not answer; the card is still saved')
    await dropCard(db, who.shopper)
    return told(200, { status: 'success' })
  })

  /** Theirs, or not there. */
  const transactionIn = async ({ db, who, request }: Call) => {
    const transaction = await transactionOf(db, (request.params as { id: string }).id)
    return transaction?.shopper === who.shopper ? transaction : null
  }

  mine('GET', '/shop/visits', 'Visits with a receipt or under review, newest first', async ({ db, who, request }) => {
    const query = visitsQuery.safeParse(request.query)
    if (!query.success) return malformed(query.error)
    const found = await pastVisits(db, who.shopper, query.data.before ?? null, pageLength + 1)
    const names = new Map((await Promise.all([...new Set(found.map(({ fridge }) => fridge))].map((one) => liveOf(db, one)))).flat().map((one) => [one.fridge, one.facts?.name])) // prettier-ignore
    const page = found.slice(0, pageLength).map(({ fridge, currency, ...one }) => ({
      ...one,
      currency: currency as PhoneVisits['visits'][number]['currency'],
      fridgeName: names.get(fridge) ?? fridge,
    }))
    return told(200, { visits: page, more: found.length > pageLength } satisfies PhoneVisits)
  })

  mine('GET', '/shop/visits/:id', 'How a visit stands, with its live basket', async (call) => {
    const transaction = await transactionIn(call)
    return transaction === null ? noVisit : told(200, await phoneVisit(call.db, transaction))
  })

  mine('POST', '/shop/visits/:id/voucher', 'Reserves a voucher for a visit that was offered', async (call) => {
    const body = voucherBody.safeParse(call.request.body)
    if (!body.success) return malformed(body.error)
    const [transaction, { seals }] = [await transactionIn(call), call.shop.tokens]
    if (transaction === null) return noVisit
    const key = seals?.mac('voucher', call.who.shopper) ?? Buffer.from(`voucher ${call.who.shopper}`)
    const slowed = await slowedDown(call.db, key, voucherTries)
    if (slowed !== null) return wait(slowed)
    const { type, ...worth } = await reserve(call.db, transaction, body.data.code)
    return type === 'reserved' ? told(200, worth) : fault(409, type, voucherFaults[type])
  })

  mine('GET', '/shop/visits/:id/live', 'The same as a stream of events, as it changes', async (call, reply) => {
    const transaction = await transactionIn(call)
    if (transaction === null) return noVisit
    const { db, who, request } = call
    const streaming = streamVisit(request, reply, {
      look: async () => {
        const now = await transactionOf(db, transaction.id)
        return now?.shopper === who.shopper ? phoneVisit(db, now) : null
      },
      wake: (heard) => ports.live.watch(transaction.fridge, heard),
      closing: closing.signal,
    })
    return streaming ? null : fault(503, 'busy', 'too many phones listen: ask again instead', 5)
  })

  mine('GET', '/shop/visits/:id/receipt.pdf', 'The receipt as a PDF', async (call, reply) => {
    const query = pdfQuery.safeParse(call.request.query)
    if (!query.success) return malformed(query.error)
    const transaction = await transactionIn(call)
    const visit = transaction === null ? null : await phoneVisit(call.db, transaction)
    if (visit?.end?.type !== 'receipt') return noVisit
    const { receipt } = visit.end
    const file = receiptPdf({ visit, receipt, language: query.data.language, zone: settings.zone, link: null })
    void reply.type('application/pdf').header('cache-control', 'no-store')
    void reply.header('content-disposition', `attachment; filename="receipt-${receipt.number}.pdf"`)
    await reply.send(file)
    return null
  })

  mine('POST', '/shop/visits/:id/mail', 'Mails the receipt', async (call) => {
    const { db, shop, who, request } = call
    const body = mailBody.safeParse(request.body ?? {})
    if (!body.success) return malformed(body.error)
    const [transaction, account, { seals }] = [await transactionIn(call), await accountOf(db, who.shopper), shop.tokens]
    const visit = transaction === null ? null : await phoneVisit(db, transaction)
    if (visit?.end?.type !== 'receipt') return noVisit
    if (account === null || seals === null || post.carrier === null)
      return fault(503, 'notSetUp', 'no mail can be sent for this token')
    const written = body.data.language ?? languageIn(account.language)
    const { receipt } = visit.end
    const link = linkTo(settings.publicUrl, visit.id)
    const asked = { visit, receipt, language: written, zone: settings.zone, link }
    // Asked for twice within a minute, it comes once.
    const again = `${written}/${Math.floor(shop.nowMs() / 60_000)}`
    await addLetter(db, seals, receiptLetter({ shopper: who.shopper, email: account.email }, asked, again))
    ports.hurry()
    return told(202, { status: 'sent' })
  })

  mine('POST', '/shop/push', 'Tells this browser of receipts from now on', async ({ db, who, request }) => {
    const body = pushBody.safeParse(request.body)
    if (!body.success) return malformed(body.error)
    const { endpoint, keys } = body.data.subscription
    if (post.pusher === null) return fault(503, 'notSetUp', 'this relay pushes nothing')
    if (!post.pusher.mayGoTo(endpoint)) return fault(400, 'malformed', 'subscription.endpoint: is no push service that is known here') // prettier-ignore
    await subscribe(db, who.shopper, { endpoint, ...keys, language: body.data.language })
    return told(200, { status: 'success' })
  })

  mine('DELETE', '/shop/push', 'Tells this browser nothing any more', async ({ db, who, request }) => {
    const body = unpushBody.safeParse(request.body)
    if (!body.success) return malformed(body.error)
    await unsubscribe(db, who.shopper, body.data.endpoint)
    return told(200, { status: 'success' })
  })

  return {
    async given(id, request) {
      const db = ports.db()
      const limit = await looks(request)
      if (db === null || (!limit.isAllowed && limit.isExceeded)) return null
      const fridge = await phoneFridge(db, id)
      return fridge === null ? null : { setup: setupOf(ports), fridge }
    },
  }
}

function setupOf({ shop, post }: PhonePorts): PhoneSetup {
  const canSignIn = post.carrier !== null && shop?.tokens.seals != null && shop.tokens.issue !== null
  return { payments: shop?.page ?? null, mail: canSignIn, pushKey: post.pusher?.publicKey ?? null }
}

const send = (reply: FastifyReply, { status, body, afterS }: Told): FastifyReply => {
  if (afterS !== undefined) void reply.header('retry-after', String(afterS))
  return reply.code(status).header('cache-control', 'no-store').send(body)
}
