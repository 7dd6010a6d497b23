/**
 * Alert digests: notices of one address that go out together, in one mail. The step '061-mail-alerts' of migrations.ts.
 * Holds always (SPEC RL70): a digest is what it was when it was formed, under an id that is given once; one of an address stands open
 * at a time and is one copy's for a minute; the next is formed a minute later at the earliest. Called by alert-mail.ts.
 */
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Notice } from './notices.ts'
import type { Db } from './open.ts'

export const digestColumns: readonly string[] = [
  `ALTER TABLE event_notices ADD COLUMN digest text`,
  // When the last one was formed: what comes within the next minute waits for company.
  `ALTER TABLE event_sinks ADD COLUMN digest_at timestamptz NOT NULL DEFAULT 'epoch'`,
]

export interface Digest {
  readonly id: string
  /** The oldest first; at least one. */
  readonly notices: readonly Notice[]
  /** Of the oldest notice, by the database's clock. */
  readonly ageMs: number
}

/** A copy that took a digest has it for so long: more than the mail server is waited for. */
const takenMs = 60_000
const mostNotices = 500

/** Takes the digest that stands open, or forms the next one. Null: nothing is due. */
export async function takeDigest(db: Db, sink: string, everyMs: number): Promise<Digest | null> {
  return db.transaction().execute(async (trx) => {
    // Copies take turns here: two would form two of the same alerts.
    await sql`select 1 from event_sinks where sink = ${sink} for update`.execute(trx)
    const id = (await openDigest(trx, sink)) ?? (await form(trx, sink, everyMs))
    if (id === null) return null
    const { rows } = await sql<Notice & { readonly age: number }>`update event_notices
      set tries = tries + 1, due_at = now() + ${takenMs} * interval '1 millisecond'
      where sink = ${sink} and digest = ${id} and done_at is null and due_at <= now()
      returning fridge, id, type, round(extract(epoch from at) * 1000)::float8 as "atMs", body, tries,
        extract(epoch from now() - at)::float8 * 1000 as age`.execute(trx)
    const notices = rows.toSorted((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1))
    return notices.length === 0 ? null : { id, notices, ageMs: Math.max(...rows.map(({ age }) => age)) }
  })
}

async function openDigest(trx: Db, sink: string): Promise<string | null> {
  const { rows } = await sql<{ digest: string }>`select digest from event_notices
    where sink = ${sink} and done_at is null and digest is not null limit 1`.execute(trx)
  return rows[0]?.digest ?? null
}

/** Null: there is nothing to tell, or the last one was formed just now. */
async function form(trx: Db, sink: string, everyMs: number): Promise<string | null> {
  const id = randomUUID()
  const { rows } = await sql`update event_notices n set digest = ${id} from (
      select fridge, sink, id from event_notices where sink = ${sink} and done_at is null
        and exists (select from event_sinks s where s.sink = ${sink}
          and s.digest_at <= now() - ${everyMs}::float8 * interval '1 millisecond')
      order by at, id limit ${mostNotices}
    ) as due where n.fridge = due.fridge and n.sink = due.sink and n.id = due.id returning 1`.execute(trx)
  if (rows.length === 0) return null
  await sql`update event_sinks set digest_at = now() where sink = ${sink}`.execute(trx)
  return id
}
