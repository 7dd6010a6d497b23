/**
 * Product pictures: those that owners brought, beside those that fridges show in their windows, known by their content's hash.
 * Holds always (SPEC RL62): all that owners bring has one bounded room; what no order and no draft names goes when room is
 * short, a week after it came. Called by routes-products.ts.
 */
import { sql } from 'kysely'
import type { MadePicture } from '../product-picture.ts'
import type { Db } from './open.ts'

/** No fridge's id. */
const byOwner = '@owner'
const roomBytes = 512 * 1024 * 1024

/** False: there is no room. */
export function keepBrought(db: Db, { sha256, bytes, width, height, webp }: MadePicture): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(8472)`.execute(trx)
    const { rows } = await sql<{ bytes: number }>`select coalesce(sum(size), 0)::float8 as bytes from product_pictures
      where brought_by = ${byOwner}`.execute(trx)
    if ((rows[0]?.bytes ?? 0) + bytes > roomBytes && (await sweep(trx)) === 0) return false
    // The same picture again, or one that a fridge has shown: it is known by its pixels, and how they are shaped.
    await sql`insert into product_pictures (sha256, media_type, picture, size, brought_by, width, height)
      values (${sha256}, 'image/webp', ${Buffer.from(webp)}, ${bytes}, ${byOwner}, ${width}, ${height})
      on conflict (sha256) do update set width = excluded.width, height = excluded.height, brought_by = excluded.brought_by,
        brought_at = now()`.execute(trx)
    return true
  })
}

/** Only where room is short: it reads through every order and draft of products. */
async function sweep(trx: Db): Promise<number> {
  const gone =
    await sql`delete from product_pictures p where brought_by = ${byOwner} and brought_at < now() - interval '7 days'
    and not exists (select from commands c where c.type = 'product' and position(p.sha256 in c.body) > 0)
    and not exists (select from drafts d where position(p.sha256 in d.changes) > 0)
    returning 1`.execute(trx)
  return gone.rows.length
}
