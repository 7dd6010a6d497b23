/**
 * Relay: what the phone page asks of the relay that served it. Every answer is checked before it is believed; nothing throws.
 * Holds always: what opens a door or spends money is asked for by its own name (a transaction, an Idempotency-Key), so that
 * asking again after a lost answer changes nothing.
 */
import * as z from 'zod/mini'
import {
  phoneCardSchema,
  phoneFridgeSchema,
  phoneMeSchema,
  phoneSetupSchema,
  phoneTokenSchema,
  phoneVisitSchema,
  phoneVisitsSchema,
  phoneVoucherSchema,
} from '../../src/contract/phone.ts'

/** `away`: no answer, or one of a relay that is not well; `changed`: one that this page is too old to read. */
export interface Trouble {
  readonly code: string
  /** The bank's or the fridge's reason, where there is one. */
  readonly reason: string | null
  readonly waitSeconds: number | null
}
export type Asked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly trouble: Trouble }

const troubled = (code: string): { ok: false; trouble: Trouble } => ({
  ok: false,
  trouble: { code, reason: null, waitSeconds: null },
})
const faultSchema = z.object({ code: z.string(), reason: z.optional(z.string()) })
const nothing = z.unknown()
const withinMs = 12_000
/** The relay itself gives bank and fridge so long. */
const unlockWithinMs = 40_000

interface Question {
  readonly body?: object
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly key?: string
  readonly patienceMs?: number
}

async function send(token: string | null, path: string, question: Question): Promise<Response | null> {
  const { body, method = body === undefined ? 'GET' : 'POST', key, patienceMs = withinMs } = question
  try {
    return await fetch(path, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      cache: 'no-store',
      signal: AbortSignal.timeout(patienceMs),
    })
  } catch {
    return null
  }
}

async function ask<T>(
  token: string | null,
  path: string,
  schema: z.ZodMiniType<T>,
  question: Question = {},
): Promise<Asked<T>> {
  const answer = await send(token, path, question)
  if (answer === null) return troubled('away')
  const said: unknown = await answer.json().catch(() => null)
  if (!answer.ok) {
    const fault = faultSchema.safeParse(said)
    if (!fault.success) return troubled(answer.status === 404 ? 'unknown' : 'away')
    const waitSeconds = Number(answer.headers.get('retry-after') ?? Number.NaN)
    const { code, reason = null } = fault.data
    return { ok: false, trouble: { code, reason, waitSeconds: Number.isFinite(waitSeconds) ? waitSeconds : null } }
  }
  const parsed = schema.safeParse(said)
  if (parsed.success) return { ok: true, value: parsed.data }
  console.error(`${path} answered what this page can't read`, parsed.error)
  return troubled('changed')
}

/** What anybody may ask. */
export const openRelay = {
  setup: () => ask(null, '/shop/setup', phoneSetupSchema),
  fridge: (fridge: string) => ask(null, `/shop/fridges/${encodeURIComponent(fridge)}`, phoneFridgeSchema),
  sendCode: (email: string, language: string) => ask(null, '/shop/sign-in', nothing, { body: { email, language } }),
  enterCode: (email: string, code: string) =>
    ask(null, '/shop/sign-in/code', phoneTokenSchema, { body: { email, code } }),
}

const beganSchema = z.object({ client_secret: z.string() })
const savedSchema = z.object({
  status: z.string(),
  card: z.optional(phoneCardSchema),
  client_secret: z.optional(z.string()),
})
const offeredSchema = z.object({ transaction_id: z.string() })

/** What a signed-in shopper may ask. */
export const relayAs = (token: string) => ({
  me: () => ask(token, '/shop/me', phoneMeSchema),
  visit: (id: string) => ask(token, `/shop/visits/${encodeURIComponent(id)}`, phoneVisitSchema),
  visits: (beforeMs: number | null) =>
    ask(token, `/shop/visits${beforeMs === null ? '' : `?before=${beforeMs}`}`, phoneVisitsSchema),
  /** Holds nothing and opens nothing. */
  offer: (fridge: string, key: string) => ask(token, '/transactions', offeredSchema, { body: { fridge }, key }),
  /** Reserved for what was offered: the same code again is answered alike. */
  voucher: (id: string, code: string) =>
    ask(token, `/shop/visits/${encodeURIComponent(id)}/voucher`, phoneVoucherSchema, { body: { code } }),
  /** Goes on once for one transaction, however often it is asked. */
  unlock: (id: string) => ask(token, '/unlock', nothing, { body: { id }, patienceMs: unlockWithinMs }),
  beginCard: (key: string) => ask(token, '/save-payment', beganSchema, { body: {}, key }),
  saveCard: (paymentMethodId: string) => ask(token, '/save-payment', savedSchema, { body: { paymentMethodId } }),
  change: (what: { readonly mailReceipts: boolean }) => ask(token, '/shop/me', nothing, { body: what }),
  dropCard: () => ask(token, '/shop/card', nothing, { method: 'DELETE' }),
  mailReceipt: (id: string, language: string) =>
    ask(token, `/shop/visits/${encodeURIComponent(id)}/mail`, nothing, { body: { language } }),
  subscribe: (subscription: object, language: string) =>
    ask(token, '/shop/push', nothing, { body: { subscription, language } }),
  signOut: () => ask(token, '/shop/sign-out', nothing, { body: {} }),
  removeAccount: () => ask(token, '/shop/me', nothing, { method: 'DELETE' }),
  /** Null: it could not be had. */
  async pdf(id: string, language: string): Promise<Blob | null> {
    const path = `/shop/visits/${encodeURIComponent(id)}/receipt.pdf?language=${language}`
    const answer = await send(token, path, {})
    if (answer?.ok !== true) return null
    return answer.blob().catch(() => null)
  },
})
export type Relay = ReturnType<typeof relayAs>
