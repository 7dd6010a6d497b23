/**
 * Visits by phone: what the tables say of them: how they ended, and which are whose. What a shopper is shown of it is made by
 * phone/visits.ts. Holds always: every question names its shopper, or a transaction that was looked up by one (SPEC RL24).
 */
import { sql } from 'kysely'
import { eventSchema } from '../../../src/core/events.ts'
import type { Line } from '../../../src/core/basket.ts'
import type { Db } from './open.ts'
import { alternativesOf } from './reads.ts'
import { redeemedBy, voucherOf } from './vouchers.ts'

/** What a fridge's books say of a visit in the end; each null: nothing of it yet. */
export interface BookedVisit {
  readonly receipt: {
    readonly number: number
    readonly atMs: number
    readonly totalMinor: number
    readonly chargedMinor: number
    readonly lines: readonly { readonly sku: string; readonly count: number; readonly priceMinor: number; readonly or?: string[] }[]
    readonly captured: boolean
    readonly refundedMinor: number
    readonly refundAsked: boolean
    /** What the visit's voucher is worth; null: it has none. It is no part of `refundedMinor`. */
    readonly voucherMinor: number | null
  } | null
  /** A review that waits for a person. */
  readonly review: { readonly sureLines: readonly Line[] } | null
  readonly ending: string | null
} // prettier-ignore

export async function bookedVisit(db: Db, fridge: string, visit: string): Promise<BookedVisit> {
  const { rows } = await sql<{
    number: number | null
    at_ms: number | null
    total_minor: number | null
    charged_minor: number | null
    captured: boolean
    refunded: number
    asked: boolean
    waits: boolean
    ending: string | null
  }>`select r.number, r.at_ms, r.total_minor, r.charged_minor,
      exists (select from captures c where c.fridge = ${fridge} and c.visit = ${visit}) as captured,
      coalesce((select sum(amount_minor) from refunds f where f.fridge = ${fridge} and f.visit = ${visit} and f.at <> 'refused' and f.key <> ${redeemedBy(visit)}), 0)::float8 as refunded,
      exists (select from refunds f where f.fridge = ${fridge} and f.visit = ${visit} and f.at = 'asked' and f.key <> ${redeemedBy(visit)}) as asked,
      exists (select from reviews w where w.fridge = ${fridge} and w.visit = ${visit} and w.closed_ms is null) as waits,
      (select ending from visits v where v.fridge = ${fridge} and v.visit = ${visit}) as ending
    from (select 1) as one left join receipts r on r.fridge = ${fridge} and r.visit = ${visit}`.execute(db)
  const [row] = rows
  if (row === undefined) return { receipt: null, review: null, ending: null }
  const { number, at_ms: atMs, total_minor: totalMinor, charged_minor: chargedMinor } = row
  const whole = number !== null && atMs !== null && totalMinor !== null && chargedMinor !== null
  const lines = whole ? await linesOf(db, fridge, visit) : []
  const voucherMinor = whole ? await voucherOf(db, fridge, visit, chargedMinor) : null
  return {
    receipt: whole
      ? { number, atMs, totalMinor, chargedMinor, lines, captured: row.captured, refundedMinor: row.refunded, refundAsked: row.asked, voucherMinor }
      : null,
    review: row.waits ? { sureLines: await sureLines(db, fridge, visit) } : null,
    ending: row.ending,
  }
} // prettier-ignore

async function linesOf(db: Db, fridge: string, visit: string) {
  const rows = await db
    .selectFrom('receipt_lines')
    .select(['sku', 'count', 'price_minor', 'alternatives'])
    .where('fridge', '=', fridge)
    .where('visit', '=', visit)
    .orderBy('line')
    .execute()
  return rows.map((row) => ({ sku: row.sku, count: row.count, priceMinor: row.price_minor, ...alternativesOf(row) }))
}

async function sureLines(db: Db, fridge: string, visit: string): Promise<readonly Line[]> {
  const { rows } = await sql<{ body: string }>`select body from ledger_rows where fridge = ${fridge}
    and body like '{"type":"ReviewOpened"%' and substring(body from '"visit":"([^"]*)"') = ${visit} limit 1`.execute(db)
  const event = rows[0] === undefined ? null : eventSchema.safeParse(JSON.parse(rows[0].body))
  return event?.success === true && event.data.type === 'ReviewOpened' ? event.data.sureLines : []
}

export interface PastVisit {
  readonly id: string
  readonly fridge: string
  readonly atMs: number
  readonly currency: string
  readonly chargedMinor: number
  readonly refundedMinor: number
  readonly review: boolean
}

/** With a receipt or under review, newest first. */
export async function pastVisits(db: Db, shopper: string, beforeMs: number | null, limit: number): Promise<PastVisit[]> {
  const { rows } = await sql<PastVisit>`select t.id, t.fridge, coalesce(r.at_ms, w.opened_ms) as "atMs", t.currency,
      coalesce(r.charged_minor, 0) as "chargedMinor", r.visit is null as review,
      coalesce((select sum(amount_minor) from refunds f where f.fridge = t.fridge and f.visit = t.visit and f.at = 'done'), 0)::float8 as "refundedMinor"
    from transactions t left join receipts r on r.fridge = t.fridge and r.visit = t.visit
      left join reviews w on w.fridge = t.fridge and w.visit = t.visit and w.closed_ms is null
    where t.shopper = ${shopper} and (r.visit is not null or w.visit is not null)
      and (${beforeMs}::float8 is null or coalesce(r.at_ms, w.opened_ms) < ${beforeMs}::float8)
    order by 3 desc, t.id limit ${limit}`.execute(db)
  return rows
} // prettier-ignore

/** A transaction that has not ended, the newest; null: there is none. One whose fridge is never heard again is let go of. */
export async function visitUnderWay(db: Db, shopper: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`select t.id from transactions t
    where t.shopper = ${shopper} and t.at in ('holding', 'unlocking', 'unlocked') and t.changed_at > now() - interval '2 hours'
      and not exists (select from visits v where v.fridge = t.fridge and v.visit = t.visit and v.ending is not null)
    order by t.made_at desc limit 1`.execute(db)
  return rows[0]?.id ?? null
}

/** The visit that was opened by phone last at this fridge: the one that an older fridge's state can speak of. */
export async function lastOpened(db: Db, fridge: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`select id from transactions where fridge = ${fridge}
    and at in ('unlocking', 'unlocked') order by made_at desc limit 1`.execute(db)
  return rows[0]?.id ?? null
}

/**
 * Visits whose end is there and was not told of yet: with a receipt, or with nothing to tell. One that is decided waits for its
 * receipt. For a transaction, in which they are locked.
 */
export async function untold(trx: Db, limit: number): Promise<{ fridge: string; id: string; receipt: boolean }[]> {
  const { rows } = await sql<{ fridge: string; id: string; receipt: boolean }>`select t.fridge, t.id,
      r.visit is not null as receipt
    from transactions t left join receipts r on r.fridge = t.fridge and r.visit = t.visit
      left join visits v on v.fridge = t.fridge and v.visit = t.visit
    where t.at = 'unlocked' and t.told_at is null
      and (r.visit is not null or v.ending in ('nothingTaken', 'notOpened', 'interrupted', 'unlockFailed')
        or t.changed_at < now() - interval '60 days')
    order by t.changed_at limit ${limit} for update of t skip locked`.execute(trx)
  return rows
}

export const toldOf = async (db: Db, fridge: string, id: string): Promise<void> =>
  void (await sql`update transactions set told_at = now() where fridge = ${fridge} and id = ${id}`.execute(db))

// ---- what fridges show in their windows ------------------------------------------------------------------------------

export interface WindowProduct {
  readonly sku: string
  readonly name: { readonly en: string; readonly es: string; readonly de: string }
  readonly picture: string | null
}
export interface ShopWindow {
  readonly contact: string
  readonly products: readonly WindowProduct[]
}

export async function windowOf(db: Db, fridge: string): Promise<ShopWindow> {
  const row = await db.selectFrom('windows').selectAll().where('fridge', '=', fridge).executeTakeFirst()
  if (row === undefined) return { contact: '', products: [] }
  return { contact: row.contact, products: JSON.parse(row.products) as WindowProduct[] }
}

export async function keepWindow(db: Db, fridge: string, { contact, products }: ShopWindow): Promise<void> {
  await sql`insert into windows (fridge, contact, products) values (${fridge}, ${contact}, ${JSON.stringify(products)})
    on conflict (fridge) do update set contact = excluded.contact, products = excluded.products, changed_at = now()`.execute(db) // prettier-ignore
}

/** Of these pictures, the ones that are not here. */
export async function picturesMissing(db: Db, hashes: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ sha256: string }>`select distinct s.sha256 from unnest(${hashes}::text[]) as s (sha256)
    where not exists (select from product_pictures p where p.sha256 = s.sha256)`.execute(db)
  return rows.map(({ sha256 }) => sha256)
}

const pictureRoomBytes = 32 * 1024 * 1024

/** False: the fridge has filled its room. */
export function keepProductPicture(
  db: Db,
  fridge: string,
  { sha256, mediaType, picture }: { readonly sha256: string; readonly mediaType: string; readonly picture: Uint8Array },
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    await sql`select 1 from fridges where id = ${fridge} for update`.execute(trx)
    const { rows } = await sql<{ bytes: number }>`select coalesce(sum(size), 0)::float8 as bytes from product_pictures
      where brought_by = ${fridge}`.execute(trx)
    if ((rows[0]?.bytes ?? 0) + picture.length > pictureRoomBytes) return false
    await sql`insert into product_pictures (sha256, media_type, picture, size, brought_by)
      values (${sha256}, ${mediaType}, ${Buffer.from(picture)}, ${picture.length}, ${fridge})
      on conflict (sha256) do nothing`.execute(trx)
    return true
  })
}

export async function productPicture(db: Db, sha256: string) {
  const row = await db.selectFrom('product_pictures').select(['media_type', 'picture']).where('sha256', '=', sha256).executeTakeFirst()
  return row === undefined ? null : { mediaType: row.media_type, picture: Buffer.from(row.picture) }
} // prettier-ignore
