/**
 * Accounts: shoppers who sign in by mail: their codes, sign-ins, and what becomes of it all when they leave.
 * Holds always (SPEC RL20, RL21): a code is good once, for ten minutes and five tries; what stands here of a code, and of an
 * address that has no account, is a MAC. Called by phone/sign-in.ts and phone/routes.ts.
 */
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Db } from './open.ts'

export const codeMinutes = 10
const codeTries = 5
export const sessionDays = 60

export interface Account {
  readonly id: string
  readonly email: string
  readonly language: string
  readonly mailReceipts: boolean
}

/** Null: go on; else so many seconds have to be waited. Counts this try where it may go on. */
export function slowedDown(
  db: Db,
  key: Uint8Array,
  { most, withinS }: { readonly most: number; readonly withinS: number },
): Promise<number | null> {
  return db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtext(${Buffer.from(key).toString('hex')}))`.execute(trx)
    const { rows } = await sql<{ count: number; wait: number | null }>`select count(*)::int as count,
        ceil(extract(epoch from min(at) - now()) + ${withinS}::float8)::int as wait
      from (select at from shopper_tries where key = ${Buffer.from(key)}
        and at > now() - ${withinS}::float8 * interval '1 second' order by at desc limit ${most}) as t`.execute(trx)
    const { count = 0, wait = null } = rows[0] ?? {}
    if (count >= most) return Math.max(1, wait ?? withinS)
    await sql`insert into shopper_tries (key) values (${Buffer.from(key)})`.execute(trx)
    return null
  })
}

/** The newest code of an address; one before it is good no more. */
export async function keepCode(db: Db, address: Uint8Array, code: Uint8Array): Promise<void> {
  await sql`insert into sign_in_codes (address, code, expires_at)
    values (${Buffer.from(address)}, ${Buffer.from(code)}, now() + ${codeMinutes} * interval '1 minute')
    on conflict (address) do update set code = excluded.code, expires_at = excluded.expires_at, tries = 0`.execute(db)
}

/** The MAC to compare with, and one try less; null: there is none, or none any more. */
export async function tryCode(db: Db, address: Uint8Array): Promise<Uint8Array | null> {
  const { rows } = await sql<{ code: Uint8Array }>`update sign_in_codes set tries = tries + 1
    where address = ${Buffer.from(address)} and tries < ${codeTries} and expires_at > now() returning code`.execute(db)
  return rows[0]?.code ?? null
}

/** False: somebody else has just used it, or a newer one was sent meanwhile. */
export async function useCode(db: Db, address: Uint8Array, code: Uint8Array): Promise<boolean> {
  const { rows } = await sql`delete from sign_in_codes
    where address = ${Buffer.from(address)} and code = ${Buffer.from(code)} returning 1`.execute(db)
  return rows.length > 0
}

/** The account of an address, made where there is none. */
export async function accountFor(db: Db, email: string, language: string): Promise<Account> {
  await sql`insert into accounts (id, email, language) values (${`acc_${randomBytes(12).toString('hex')}`}, ${email}, ${language})
    on conflict (email) do update set language = excluded.language`.execute(db)
  const row = await db.selectFrom('accounts').selectAll().where('email', '=', email).executeTakeFirstOrThrow()
  return accountIn(row)
}

export async function accountOf(db: Db, id: string): Promise<Account | null> {
  const row = await db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : accountIn(row)
}

const accountIn = (row: { id: string; email: string; language: string; mail_receipts: boolean }): Account => ({
  id: row.id,
  email: row.email,
  language: row.language,
  mailReceipts: row.mail_receipts,
})

/** False: there is no such account. */
export async function changeAccount(
  db: Db,
  id: string,
  { language, mailReceipts }: { readonly language?: string | undefined; readonly mailReceipts?: boolean | undefined },
): Promise<boolean> {
  const { rows } = await sql`update accounts set language = coalesce(${language ?? null}, language),
    mail_receipts = coalesce(${mailReceipts ?? null}::boolean, mail_receipts) where id = ${id} returning 1`.execute(db)
  return rows.length > 0
}

export async function beginSession(db: Db, account: string): Promise<string> {
  const id = randomBytes(16).toString('base64url')
  await sql`insert into sessions (id, account, expires_at)
    values (${id}, ${account}, now() + ${sessionDays} * interval '1 day')`.execute(db)
  return id
}

export async function sessionStands(db: Db, id: string, account: string): Promise<boolean> {
  const { rows } = await sql`select 1 from sessions where id = ${id} and account = ${account} and expires_at > now()`.execute(db) // prettier-ignore
  return rows.length > 0
}

export const endSession = async (db: Db, id: string): Promise<void> =>
  void (await db.deleteFrom('sessions').where('id', '=', id).execute())

/** No token can name it: it has a space. */
const nobody = 'deleted account'

/** The books keep what was sold, to nobody. Sign-ins, subscriptions, letters, the card's name and the address go. */
export async function removeShopper(db: Db, id: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx.deleteFrom('accounts').where('id', '=', id).execute()
    await trx.deleteFrom('sessions').where('account', '=', id).execute()
    await trx.deleteFrom('push_subscriptions').where('shopper', '=', id).execute()
    await trx.deleteFrom('letters').where('shopper', '=', id).execute()
    await trx.deleteFrom('shoppers').where('id', '=', id).execute()
    await trx.deleteFrom('answered').where('who', '=', `shopper ${id}`).execute()
    await trx.updateTable('transactions').set({ shopper: nobody }).where('shopper', '=', id).execute()
    await sql`update voucher_uses set shopper = ${nobody} || ' ' || visit where shopper = ${id}`.execute(trx)
  })
}

/** What has had its time. */
export async function sweepAccounts(db: Db): Promise<void> {
  await sql`delete from sign_in_codes where expires_at < now()`.execute(db)
  await sql`delete from sessions where expires_at < now()`.execute(db)
  await sql`delete from shopper_tries where at < now() - interval '1 hour'`.execute(db)
}
