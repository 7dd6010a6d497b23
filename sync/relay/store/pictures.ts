/**
 * Pictures: what the relay keeps of visits in doubt, for whom and how long (SPEC RL30-RL34).
 * Holds always: a picture is taken only while its visit's review waits, and only so many bytes a fridge; it is gone when its
 * time is up, by the relay's own clock; who looked at a visit's pictures is in the audit. Called by routes-pictures.ts.
 */
import { sql } from 'kysely'
import { maxVisitBytes, maxVisitPictures, type PictureList, type SentPicture } from '../../protocol/pictures.ts'
import { note } from './audit.ts'
import type { Caller } from './keys.ts'
import type { Db } from './open.ts'

export interface PictureLimits {
  /** After it came, whatever became of its review. */
  readonly days: number
  /** After its review was over. */
  readonly daysDecided: number
  /** Of one fridge, all that is kept. */
  readonly fridgeBytes: number
}
export const defaultPictureLimits: PictureLimits = { days: 30, daysDecided: 7, fridgeBytes: 64 * 1024 * 1024 }

export type Unwanted = 'notInReview' | 'noRoom'

/** Of what a fridge lists, what is not here yet; nothing of a visit that nobody waits for. */
export async function wantedOf(db: Db, { fridge, visit, pictures }: PictureList): Promise<string[] | Unwanted> {
  if (!(await waits(db, fridge, visit))) return 'notInReview'
  const rows = await db
    .selectFrom('pictures')
    .select('sha256')
    .where('fridge', '=', fridge)
    .where('visit', '=', visit)
    .execute()
  const here = new Set(rows.map(({ sha256 }) => sha256))
  return pictures.filter(({ sha256 }) => !here.has(sha256)).map(({ sha256 }) => sha256)
}

/** Takes a picture once. Its fridge's row is held, so that two at a time can't go beyond the limit. */
export function keepPicture(db: Db, sent: SentPicture, limits: PictureLimits): Promise<'kept' | Unwanted> {
  const { fridge, visit, sha256 } = sent
  return db.transaction().execute(async (trx) => {
    await sql`select 1 from fridges where id = ${fridge} for update`.execute(trx)
    if (!(await waits(trx, fridge, visit))) return 'notInReview'
    const found = await sql<{ known: boolean; count: number; visit_bytes: number; bytes: number }>`
      select coalesce(bool_or(visit = ${visit} and sha256 = ${sha256}), false) as known,
        count(*) filter (where visit = ${visit}) as count,
        coalesce(sum(size) filter (where visit = ${visit}), 0)::float8 as visit_bytes,
        coalesce(sum(size) filter (where picture is not null), 0)::float8 as bytes
      from pictures where fridge = ${fridge}`.execute(trx)
    const { known = false, count = 0, visit_bytes = 0, bytes = 0 } = found.rows[0] ?? {}
    if (known) return 'kept'
    const size = sent.picture.length
    if (count >= maxVisitPictures || visit_bytes + size > maxVisitBytes || bytes + size > limits.fridgeBytes)
      return 'noRoom'
    await trx
      .insertInto('pictures')
      .values({
        fridge,
        visit,
        sha256,
        camera: sent.camera,
        why: sent.why,
        at_ms: sent.atMs,
        media_type: sent.mediaType,
        size,
        picture: sent.picture,
        closed_at: null,
        gone_at: null,
      })
      .execute()
    return 'kept'
  })
}

/** Is there a review of it that nobody has decided? */
async function waits(db: Db, fridge: string, visit: string): Promise<boolean> {
  const row = await db
    .selectFrom('reviews')
    .select('visit')
    .where('fridge', '=', fridge)
    .where('visit', '=', visit)
    .where('closed_ms', 'is', null)
    .executeTakeFirst()
  return row !== undefined
}

export interface KeptPicture {
  readonly sha256: string
  readonly camera: string
  readonly why: string
  readonly atMs: number
  /** Its time was up, and it was deleted. */
  readonly gone: boolean
}

/** Without the pictures themselves, by `FRIDGE/VISIT`, in the order in which they were taken. */
export async function picturesOf(
  db: Db,
  visits: readonly { readonly fridge: string; readonly visit: string }[],
): Promise<ReadonlyMap<string, readonly KeptPicture[]>> {
  const { rows } = await sql<{
    fridge: string
    visit: string
    sha256: string
    camera: string
    why: string
    at_ms: number
    gone: boolean
  }>`
    select p.fridge, p.visit, p.sha256, p.camera, p.why, p.at_ms, p.picture is null as gone from pictures p
    join unnest(${visits.map(({ fridge }) => fridge)}::text[], ${visits.map(({ visit }) => visit)}::text[])
      as v (fridge, visit) on v.fridge = p.fridge and v.visit = p.visit
    order by p.at_ms, p.camera, p.sha256`.execute(db)
  const found = new Map<string, KeptPicture[]>()
  for (const { fridge, visit, at_ms: atMs, ...one } of rows) {
    const key = `${fridge}/${visit}`
    found.set(key, [...(found.get(key) ?? []), { ...one, atMs }])
  }
  return found
}

/** A look an hour after the last one is another one. */
const oneLook = sql`interval '1 hour'`

/** The picture, for somebody who may see it; their look is in the audit in the same commit. Null: there is none, or no more. */
export function lookAt(
  db: Db,
  caller: Caller,
  { fridge, visit, sha256 }: { readonly fridge: string; readonly visit: string; readonly sha256: string },
): Promise<{ readonly mediaType: string; readonly picture: Uint8Array } | null> {
  return db.transaction().execute(async (trx) => {
    const row = await trx
      .selectFrom('pictures')
      .select(['media_type', 'picture'])
      .where('fridge', '=', fridge)
      .where('visit', '=', visit)
      .where('sha256', '=', sha256)
      .executeTakeFirst()
    if (row?.picture == null) return null
    const looked = await sql`insert into picture_looks (fridge, visit, key, who)
      values (${fridge}, ${visit}, ${caller.key}, ${caller.name})
      on conflict (fridge, visit, key) do update set last_at = now()
        where picture_looks.last_at < now() - ${oneLook} returning 1`.execute(trx)
    if (looked.rows.length > 0) await note(trx, caller.name, 'picturesSeen', `${fridge}/${visit}`, 'review')
    return { mediaType: row.media_type, picture: row.picture }
  })
}

/** Deletes what has had its time. Returns how many pictures went. */
export async function sweepPictures(db: Db, { days, daysDecided }: PictureLimits): Promise<number> {
  await sql`update pictures p set closed_at = now() from reviews r
    where p.closed_at is null and p.picture is not null and r.fridge = p.fridge and r.visit = p.visit
      and r.closed_ms is not null`.execute(db)
  const gone = await sql`update pictures set picture = null, gone_at = now() where picture is not null
    and (received_at <= now() - ${days} * interval '1 day' or closed_at <= now() - ${daysDecided} * interval '1 day')
    returning 1`.execute(db)
  // By then no review of it can wait any more, and no fridge lists it.
  await sql`delete from pictures where gone_at < now() - interval '90 days'`.execute(db)
  await sql`delete from picture_looks where last_at < now() - interval '400 days'`.execute(db)
  return gone.rows.length
}
