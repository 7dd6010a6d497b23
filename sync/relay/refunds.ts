/**
 * Refunds: money back on what a fridge has captured, asked of the provider by the relay.
 * Holds always (SPEC RL7): a refund is written before it is asked for, under a key that its owner gave; all of a visit's
 * together are at most what was captured; one whose answer was lost is asked for again by the same key, by any copy.
 */
import { sql } from 'kysely'
import type { Wallet } from '../../src/payments/wallet.ts'
import { note } from './store/audit.ts'
import type { Db } from './store/open.ts'
import { listRefunds, type Refund } from './store/owner-reads.ts'

export interface RefundAsked {
  readonly fridge: string
  readonly visit: string
  readonly key: string
  readonly amountMinor: number
  readonly by: string
  readonly reason: string
}
export type RefundAnswer =
  | { readonly type: 'refund'; readonly refund: Refund }
  | { readonly type: 'notCaptured' }
  | { readonly type: 'tooMuch'; readonly leftMinor: number }
  | { readonly type: 'keyUsed' }

export async function refund(db: Db, wallet: Pick<Wallet, 'refund'>, asked: RefundAsked): Promise<RefundAnswer> {
  const { fridge, visit, key, amountMinor, by, reason } = asked
  const written = await db.transaction().execute(async (trx): Promise<RefundAnswer | null> => {
    // The visit's capture is locked meanwhile: two refunds at once do not both see what is left.
    const captures = await sql<{ amount_minor: number; currency: string }>`select amount_minor, currency from captures
      where fridge = ${fridge} and visit = ${visit} for update`.execute(trx)
    const holds = await sql<{ body: string }>`select body from ledger_rows where fridge = ${fridge}
      and body like '{"type":"HoldPlaced"%' and substring(body from '"visit":"([^"]*)"') = ${visit} limit 1`.execute(
      trx,
    )
    const [capture] = captures.rows
    const reference = /"reference":"([^"]+)"/.exec(holds.rows[0]?.body ?? '')?.[1]
    if (capture === undefined || reference === undefined) return { type: 'notCaptured' }
    const before = await listRefunds(trx, 1_000, { fridge, visit })
    const same = before.find((one) => one.key === key)
    if (same !== undefined) return same.amountMinor === amountMinor ? null : { type: 'keyUsed' }
    const given = before.reduce((sum, one) => (one.at === 'refused' ? sum : sum + one.amountMinor), 0)
    const leftMinor = capture.amount_minor - given
    if (amountMinor > leftMinor) return { type: 'tooMuch', leftMinor }
    const { currency } = capture
    const values = { fridge, visit, key, amount_minor: amountMinor, currency, reference, at: 'asked', who: by, reason }
    await trx.insertInto('refunds').values(values).execute()
    await note(trx, by, 'refundAsked', `${fridge}/${visit}`, `${amountMinor} ${currency}: ${reason}`)
    return null
  })
  if (written !== null) return written
  const [mine] = (await listRefunds(db, 1_000, { fridge, visit })).filter((one) => one.key === key)
  if (mine === undefined) return { type: 'notCaptured' }
  return { type: 'refund', refund: mine.at === 'asked' ? await ask(db, wallet, mine) : mine }
}

async function ask(db: Db, wallet: Pick<Wallet, 'refund'>, one: Refund): Promise<Refund> {
  const { fridge, visit, key, reference, amountMinor } = one
  const answer = await wallet.refund({ key: `refund/${fridge}/${visit}/${key}`, reference, amountMinor })
  if (!answer.ok && answer.error.code === 'unreachable') return one
  const at = answer.ok ? 'done' : 'refused'
  const why = answer.ok || answer.error.code !== 'refused' ? null : answer.error.detail.slice(0, 300)
  await sql`update refunds set at = ${at}, why = ${why}, changed_at = now()
    where fridge = ${fridge} and visit = ${visit} and key = ${key} and at = 'asked'`.execute(db)
  return { ...one, at, why }
}

/** Those whose answer was lost. Within a day: the provider forgets keys after that, and a person must look. */
export async function sweepRefunds(db: Db, wallet: Wallet): Promise<void> {
  const { rows } = await sql<{ fridge: string; visit: string; key: string }>`select fridge, visit, key from refunds
    where at = 'asked' and made_at < now() - interval '30 seconds' and made_at > now() - interval '23 hours'
    order by made_at limit 50`.execute(db)
  for (const { fridge, visit, key } of rows)
    for (const one of await listRefunds(db, 1_000, { fridge, visit }))
      if (one.key === key && one.at === 'asked') await ask(db, wallet, one)
}
