/**
 * Transactions: a shopper's wish to open a fridge, from the offer to what became of it, and the shopper's saved method.
 * Holds always (sync/relay/SPEC.md): a transaction goes forward only, and by one worker at a time: each step names the one
 * that it leaves; its id says whose fridge it is, which stands first in the key.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Currency } from '../../../src/core/money.ts'
import type { SavedMethod } from '../../../src/payments/wallet.ts'
import { fridgeIdSchema } from '../../protocol/messages.ts'
import type { Db } from './open.ts'

/** offered -> holding -> unlocking -> unlocked; or declined; or releasing -> released. */
export const stages = ['offered', 'holding', 'unlocking', 'unlocked', 'declined', 'releasing', 'released'] as const
export type Stage = (typeof stages)[number]

export interface Transaction {
  readonly fridge: string
  readonly id: string
  readonly shopper: string
  readonly visit: string
  readonly amountMinor: number
  readonly currency: Currency
  readonly at: Stage
  readonly why: string | null
  readonly expired: boolean
  readonly paymentMethod: string | null
  readonly customer: string | null
  readonly askedAtMs: number | null
  readonly reference: string | null
  readonly command: number | null
  readonly untilMs: number | null
}

const offerMinutes = 10

/** The fridge that a transaction's id names; null for what is none. */
export function fridgeOfTransaction(id: string): string | null {
  const [, fridge] = /^txn_([a-z0-9-]{1,40})_[0-9a-f]{24}$/.exec(id) ?? []
  return fridge !== undefined && fridgeIdSchema.safeParse(fridge).success ? fridge : null
}

export async function offer(
  db: Db,
  { fridge, shopper, amountMinor, currency }: Pick<Transaction, 'fridge' | 'shopper' | 'amountMinor' | 'currency'>,
): Promise<string> {
  const id = `txn_${fridge}_${randomBytes(12).toString('hex')}`
  await sql`insert into transactions (fridge, id, shopper, visit, amount_minor, currency, at, expires_at)
    values (${fridge}, ${id}, ${shopper}, ${randomUUID()}, ${amountMinor}, ${currency}, 'offered',
      now() + ${offerMinutes} * interval '1 minute')`.execute(db)
  return id
}

export async function transactionOf(db: Db, id: string): Promise<Transaction | null> {
  const fridge = fridgeOfTransaction(id)
  if (fridge === null) return null
  const { rows } = await sql<{
    shopper: string
    visit: string
    amount_minor: number
    currency: string
    at: string
    why: string | null
    expired: boolean
    payment_method: string | null
    customer: string | null
    asked_ms: number | null
    reference: string | null
    command: number | null
    until_ms: number | null
  }>`select shopper, visit, amount_minor, currency, at, why, expires_at < now() as expired, payment_method, customer,
      asked_ms, reference, command, until_ms from transactions where fridge = ${fridge} and id = ${id}`.execute(db)
  const [row] = rows
  if (row === undefined) return null
  return {
    fridge,
    id,
    shopper: row.shopper,
    visit: row.visit,
    amountMinor: row.amount_minor,
    currency: row.currency as Currency,
    at: stages.find((one) => one === row.at) ?? 'released',
    why: row.why,
    expired: row.expired,
    paymentMethod: row.payment_method,
    customer: row.customer,
    askedAtMs: row.asked_ms,
    reference: row.reference,
    command: row.command,
    untilMs: row.until_ms,
  }
}

export interface Step {
  readonly why?: string
  readonly paymentMethod?: string
  readonly customer?: string
  readonly askedAtMs?: number
  readonly reference?: string
  readonly command?: number
  readonly untilMs?: number
}

/** False: it is not at `from` any more; another has taken it on. */
export async function move(
  db: Db,
  { fridge, id }: Pick<Transaction, 'fridge' | 'id'>,
  from: Stage,
  to: Stage,
  step: Step = {},
): Promise<boolean> {
  const { rows } =
    await sql`update transactions set at = ${to}, changed_at = now(), why = coalesce(${step.why ?? null}, why),
      payment_method = coalesce(${step.paymentMethod ?? null}, payment_method),
      customer = coalesce(${step.customer ?? null}, customer), asked_ms = coalesce(${step.askedAtMs ?? null}, asked_ms),
      reference = coalesce(${step.reference ?? null}, reference), command = coalesce(${step.command ?? null}, command),
      until_ms = coalesce(${step.untilMs ?? null}, until_ms)
    where fridge = ${fridge} and id = ${id} and at = ${from} returning id`.execute(db)
  return rows.length > 0
}

/** Those whose worker seems to have gone: they stand where nobody should stand for long. */
export async function leftBehind(db: Db, olderThanMs: number, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id from transactions
    where at in ('holding', 'unlocking', 'releasing') and changed_at < now() - ${olderThanMs} * interval '1 millisecond'
    order by changed_at limit ${limit}`.execute(db)
  return rows.map(({ id }) => id)
}

/** Looked at, and nothing is known yet: others come first next time. */
export async function lookedAt(db: Db, { fridge, id }: Pick<Transaction, 'fridge' | 'id'>): Promise<void> {
  await sql`update transactions set changed_at = now() where fridge = ${fridge} and id = ${id}`.execute(db)
}

/**
 * What the fridge's own books, as far as they have come, say of a hold that was brought to it: `taken`, `never` (they go on
 * after the time in which it could have been taken, and do not have it), or `unknown`.
 */
export async function heldByBooks(
  db: Db,
  { fridge, visit, untilMs }: { readonly fridge: string; readonly visit: string; readonly untilMs: number },
): Promise<'taken' | 'never' | 'unknown'> {
  const { rows } = await sql<{ taken: boolean; later: boolean }>`select
      exists (select from ledger_rows where fridge = ${fridge} and body like '{"type":"HoldPlaced"%'
        and substring(body from '"visit":"([^"]*)"') = ${visit}) as taken,
      coalesce((select last_event_ms > ${untilMs} from fridges where id = ${fridge}), false) as later`.execute(db)
  const [row] = rows
  if (row?.taken === true) return 'taken'
  return row?.later === true ? 'never' : 'unknown'
}

// ---- the shopper -----------------------------------------------------------------------------------------------------

export interface Shopper {
  readonly customer: string | null
  readonly method: SavedMethod | null
}

export async function shopperOf(db: Db, id: string): Promise<Shopper> {
  const row = await db.selectFrom('shoppers').selectAll().where('id', '=', id).executeTakeFirst()
  return {
    customer: row?.customer ?? null,
    method: row?.card === null || row?.card === undefined ? null : (JSON.parse(row.card) as SavedMethod),
  }
}

export async function keepShopper(db: Db, id: string, customer: string, method: SavedMethod | null): Promise<void> {
  const card = method === null ? null : JSON.stringify(method)
  await sql`insert into shoppers (id, customer, payment_method, card)
    values (${id}, ${customer}, ${method?.paymentMethod ?? null}, ${card})
    on conflict (id) do update set customer = excluded.customer, changed_at = now(),
      payment_method = coalesce(excluded.payment_method, shoppers.payment_method),
      card = coalesce(excluded.card, shoppers.card)`.execute(db)
}

/** The shopper has no saved method any more; their customer at the provider stays. */
export async function dropCard(db: Db, id: string): Promise<void> {
  await sql`update shoppers set payment_method = null, card = null, changed_at = now() where id = ${id}`.execute(db)
}

// ---- what comes again ------------------------------------------------------------------------------------------------

export type Claimed =
  | { readonly type: 'mine' }
  | { readonly type: 'before'; readonly status: number; readonly body: string }
  | { readonly type: 'underWay' }
  | { readonly type: 'other' }

/** Claims an Idempotency-Key for this request, or says what became of it before. Kept for a day. */
export async function claimKey(db: Db, who: string, key: string, request: Uint8Array): Promise<Claimed> {
  await sql`delete from answered where made_at < now() - interval '24 hours' and who = ${who}`.execute(db)
  const { rows } = await sql`insert into answered (who, key, request) values (${who}, ${key}, ${Buffer.from(request)})
    on conflict (who, key) do nothing returning key`.execute(db)
  if (rows.length > 0) return { type: 'mine' }
  const row = await db
    .selectFrom('answered')
    .select(['request', 'status', 'body'])
    .where('who', '=', who)
    .where('key', '=', key)
    .executeTakeFirst()
  if (row === undefined) return { type: 'underWay' }
  if (Buffer.compare(Buffer.from(row.request), request) !== 0) return { type: 'other' }
  if (row.status === null) return { type: 'underWay' }
  return { type: 'before', status: row.status, body: row.body ?? '' }
}

/** `status` null: it came to nothing, and may be tried again by the same key. */
export async function answerKey(db: Db, who: string, key: string, status: number | null, body: string): Promise<void> {
  if (status === null) await db.deleteFrom('answered').where('who', '=', who).where('key', '=', key).execute()
  else await db.updateTable('answered').set({ status, body }).where('who', '=', who).where('key', '=', key).execute()
}
