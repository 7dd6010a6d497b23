/**
 * Vouchers: codes that an owner gives away, and what became of each: reserved for a visit, used, or given back. The step
 * '060-vouchers' of migrations.ts.
 * Holds always (SPEC RL72, RL73): a code is known by its hash only; it is used as often as it was made for and once by a shopper,
 * whichever copies look; a visit has one at most, reserved before anything is held for it. Called by routes and vouchers.ts.
 */
import { createHash, randomInt, randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { MadeVoucher, NewVoucher, Voucher } from '../../../src/contract/vouchers.ts'
import { note } from './audit.ts'
import type { Db } from './open.ts'

export const voucherTables: readonly string[] = [
  // \`most_minor\`: what a use is worth at most; of what was charged it is \`percent\`, or all. \`fridges\`: JSON, null: all.
  `CREATE TABLE vouchers (
    id text PRIMARY KEY,
    name text NOT NULL,
    currency text NOT NULL,
    percent integer,
    most_minor bigint NOT NULL,
    uses integer NOT NULL,
    codes integer NOT NULL,
    fridges text,
    expires_at timestamptz NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
  )`,
  `CREATE TABLE voucher_codes (hash bytea PRIMARY KEY, voucher text NOT NULL)`,
  `CREATE TABLE voucher_uses (
    fridge text NOT NULL,
    visit text NOT NULL,
    hash bytea NOT NULL,
    voucher text NOT NULL,
    shopper text NOT NULL,
    at text NOT NULL,
    amount_minor bigint NOT NULL DEFAULT 0,
    made_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (fridge, visit)
  )`,
  `CREATE UNIQUE INDEX voucher_uses_once ON voucher_uses (hash, shopper) WHERE at <> 'back'`,
  `CREATE INDEX voucher_uses_open ON voucher_uses (made_at) WHERE at = 'reserved'`,
  `CREATE INDEX voucher_uses_by_voucher ON voucher_uses (voucher)`,
]

/** Without letters and digits that look alike. Twelve of them are 59 bits. */
const letters = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789'
const newCode = (): string =>
  Array.from({ length: 12 }, (_, at) => `${at > 0 && at % 4 === 0 ? '-' : ''}${letters[randomInt(letters.length)] ?? ''}`).join('') // prettier-ignore
/** As a person types it. */
const hashOf = (code: string): Buffer =>
  createHash('sha256').update(`voucher\n${code.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')}`).digest() // prettier-ignore

/** The codes are told this once. */
export function makeVoucher(db: Db, by: string, asked: NewVoucher): Promise<MadeVoucher> {
  const { name, currency, percent, mostMinor, uses, codes: count, fridges, expiresAtMs, reason } = asked
  const id = randomUUID()
  const codes = [...new Set(Array.from({ length: count }, newCode))]
  return db.transaction().execute(async (trx) => {
    await sql`insert into vouchers (id, name, currency, percent, most_minor, uses, codes, fridges, expires_at, made_by)
      values (${id}, ${name}, ${currency}, ${percent}, ${mostMinor}, ${uses}, ${codes.length},
        ${fridges === null ? null : JSON.stringify(fridges)}, to_timestamp(${expiresAtMs}::float8 / 1000), ${by})`.execute(trx)
    await sql`insert into voucher_codes (hash, voucher)
      select decode(h, 'hex'), ${id} from unnest(${codes.map((code) => hashOf(code).toString('hex'))}::text[]) as t (h)`.execute(trx)
    await note(trx, by, 'voucher', id, `${name}, ${codes.length} codes: ${reason}`)
    return { id, codes }
  })
} // prettier-ignore

/** The newest first, 500 at most. */
export async function listVouchers(db: Db): Promise<Voucher[]> {
  const { rows } = await sql<Omit<Voucher, 'fridges'> & { fridges: string | null }>`select v.id, v.name, v.currency, v.percent,
      v.most_minor as "mostMinor", v.uses, v.codes, v.fridges, v.made_by as "madeBy",
      round(extract(epoch from v.expires_at) * 1000)::float8 as "expiresAtMs",
      round(extract(epoch from v.revoked_at) * 1000)::float8 as "revokedAtMs",
      (select count(*)::int from voucher_uses u where u.voucher = v.id and u.at = 'reserved') as reserved,
      (select count(*)::int from voucher_uses u where u.voucher = v.id and u.at = 'used') as used,
      (select coalesce(sum(amount_minor), 0)::float8 from voucher_uses u where u.voucher = v.id and u.at = 'used') as "usedMinor"
    from vouchers v order by v.made_at desc, v.id limit 500`.execute(db)
  return rows.map((row) => ({ ...row, fridges: row.fridges === null ? null : (JSON.parse(row.fridges) as string[]) }))
} // prettier-ignore

/** What is reserved stays so. False: there is none, or it was revoked before. */
export function revokeVoucher(db: Db, by: string, id: string, reason: string): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql`update vouchers set revoked_at = now()
      where id = ${id} and revoked_at is null returning id`.execute(trx)
    if (rows.length > 0) await note(trx, by, 'voucherRevoked', id, reason)
    return rows.length > 0
  })
}

export type Reserved =
  | { readonly type: 'reserved'; readonly percent: number | null; readonly mostMinor: number }
  | { readonly type: 'noVoucher' | 'voucherOver' | 'voucherElsewhere' | 'voucherUsed' | 'tooLate' }

/** For a transaction that was offered and is not asked for yet; the same code again is answered alike. */
export function reserve(db: Db, transaction: { readonly fridge: string; readonly id: string }, code: string): Promise<Reserved> {
  const { fridge, id } = transaction
  const hash = hashOf(code)
  return db.transaction().execute(async (trx): Promise<Reserved> => {
    // Who unlocks meanwhile waits for this row, or was before us.
    const offers = await sql<{ visit: string; shopper: string; currency: string }>`select visit, shopper, currency
      from transactions where fridge = ${fridge} and id = ${id} and at = 'offered' and expires_at > now() for update`.execute(trx)
    const [offer] = offers.rows
    if (offer === undefined) return { type: 'tooLate' }
    const { visit, shopper, currency } = offer
    // One at a time for a code: two phones do not both see its last use.
    const found = await sql<{ voucher: string; currency: string; percent: number | null; most: number; uses: number; fridges: string | null; over: boolean }>`
      select c.voucher, v.currency, v.percent, v.most_minor as most, v.uses, v.fridges,
        v.revoked_at is not null or v.expires_at < now() as over
      from voucher_codes c join vouchers v on v.id = c.voucher where c.hash = ${hash} for update of c`.execute(trx)
    const [voucher] = found.rows
    if (voucher === undefined) return { type: 'noVoucher' }
    if (voucher.over) return { type: 'voucherOver' }
    const fridges = voucher.fridges === null ? null : (JSON.parse(voucher.fridges) as string[])
    if (voucher.currency !== currency || fridges?.includes(fridge) === false) return { type: 'voucherElsewhere' }
    // Who gave it to an offer that they left, and begins anew, has it still.
    await sql`update voucher_uses u set at = 'back', changed_at = now() from transactions t
      where u.hash = ${hash} and u.shopper = ${shopper} and u.at = 'reserved' and u.visit <> ${visit}
        and t.fridge = u.fridge and t.visit = u.visit and t.at = 'offered'`.execute(trx)
    const uses = await sql<{ others: number; mine: number }>`select count(*)::int as others,
        (count(*) filter (where shopper = ${shopper}))::int as mine
      from voucher_uses where hash = ${hash} and at <> 'back' and not (fridge = ${fridge} and visit = ${visit})`.execute(trx)
    const { others = 0, mine = 0 } = uses.rows[0] ?? {}
    if (others >= voucher.uses || mine > 0) return { type: 'voucherUsed' }
    await sql`insert into voucher_uses (fridge, visit, hash, voucher, shopper, at)
      values (${fridge}, ${visit}, ${hash}, ${voucher.voucher}, ${shopper}, 'reserved')
      on conflict (fridge, visit) do update set hash = excluded.hash, voucher = excluded.voucher, at = 'reserved',
        changed_at = now()`.execute(trx)
    return { type: 'reserved', percent: voucher.percent, mostMinor: voucher.most }
  })
} // prettier-ignore

export interface Worth {
  readonly percent: number | null
  readonly mostMinor: number
}
/** Of what was charged; never more than it. A share is rounded down. */
export const worthOf = ({ percent, mostMinor }: Worth, chargedMinor: number): number =>
  Math.min(chargedMinor, mostMinor, percent === null ? chargedMinor : Math.floor((chargedMinor * percent) / 100))

export interface DueUse extends Worth {
  readonly fridge: string
  readonly visit: string
  readonly name: string
  /** Null: nothing of the visit is charged, and nothing will be. */
  readonly capturedMinor: number | null
}

/** Reserved ones whose visit has been captured, or is over without that. After two months nothing comes any more. */
export async function dueUses(db: Db, limit: number): Promise<DueUse[]> {
  const { rows } = await sql<DueUse>`select u.fridge, u.visit, v.name, v.percent, v.most_minor as "mostMinor",
      c.amount_minor as "capturedMinor"
    from voucher_uses u join vouchers v on v.id = u.voucher
      join transactions t on t.fridge = u.fridge and t.visit = u.visit
      left join captures c on c.fridge = u.fridge and c.visit = u.visit
    where u.at = 'reserved' and (c.visit is not null or t.at in ('declined', 'released')
      or (t.at = 'offered' and t.expires_at < now() - interval '1 minute') or u.made_at < now() - interval '60 days'
      or (exists (select from visits w where w.fridge = u.fridge and w.visit = u.visit and w.ending is not null)
        and not exists (select from receipts r where r.fridge = u.fridge and r.visit = u.visit)
        and not exists (select from reviews q where q.fridge = u.fridge and q.visit = u.visit and q.closed_ms is null)))
    order by u.changed_at limit ${limit}`.execute(db)
  return rows
}

/** The key of the refund that redeems a visit's voucher: one a visit. */
export const redeemedBy = (visit: string): string => `voucher of ${visit}`

/** The first word stands. */
export async function useOver(db: Db, { fridge, visit }: Pick<DueUse, 'fridge' | 'visit'>, at: 'used' | 'back', amountMinor = 0) {
  await sql`update voucher_uses set at = ${at}, amount_minor = ${amountMinor}, changed_at = now()
    where fridge = ${fridge} and visit = ${visit} and at = 'reserved'`.execute(db)
} // prettier-ignore

/** What a visit's voucher is worth of its charge; null: it has none. */
export async function voucherOf(db: Db, fridge: string, visit: string, chargedMinor: number): Promise<number | null> {
  const { rows } = await sql<Worth & { at: string; amount: number }>`select u.at, u.amount_minor as amount, v.percent,
      v.most_minor as "mostMinor" from voucher_uses u join vouchers v on v.id = u.voucher
    where u.fridge = ${fridge} and u.visit = ${visit} and u.at <> 'back'`.execute(db)
  const [use] = rows
  if (use === undefined) return null
  return use.at === 'used' ? use.amount : worthOf(use, chargedMinor)
}
