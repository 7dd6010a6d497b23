/**
 * Letters: mails and pushes on their way, which any copy of the relay sends.
 * Holds always (SPEC RL23): a letter is written in one commit with what it tells of, under an id that is given once; it is one
 * copy's at a time, for a minute; what stands here of it is sealed, and goes when it is over. Called by mail/post.ts.
 */
import { sql } from 'kysely'
import type { Seals } from '../phone/seals.ts'
import type { Db } from './open.ts'

export interface Letter {
  /** The same for the same news to the same reader. */
  readonly id: string
  readonly shopper: string
  readonly kind: 'mail' | 'push'
  /** An address, or a subscription's endpoint. */
  readonly target: string
  /** JSON, as its kind has it. */
  readonly body: string
  /** After so long nobody wants it any more. */
  readonly goodForMs: number
}

export interface Due extends Omit<Letter, 'goodForMs'> {
  readonly tries: number
}

const takenMs = 60_000
const firstPauseMs = 5_000
const longestPauseMs = 30 * 60_000

/** False: it was written before. */
export async function addLetter(db: Db, seals: Seals, letter: Letter): Promise<boolean> {
  const { id, shopper, kind, target, body, goodForMs } = letter
  const { rows } = await sql`insert into letters (id, shopper, kind, target, body, expires_at)
    values (${id}, ${shopper}, ${kind}, ${seals.close(`${id} target`, target)}, ${seals.close(`${id} body`, body)},
      now() + ${goodForMs}::float8 * interval '1 millisecond')
    on conflict (id) do nothing returning 1`.execute(db)
  return rows.length > 0
}

/** Takes what is due for a minute. Those that nobody wants any more are over; so is what was sealed with another secret. */
export async function takeLetters(db: Db, seals: Seals, limit: number): Promise<Due[]> {
  await sql`update letters set over_at = now(), outcome = 'late', target = null, body = null
    where over_at is null and expires_at < now()`.execute(db)
  const { rows } = await sql<{ id: string; shopper: string; kind: string; target: Uint8Array | null; body: Uint8Array | null; tries: number }>`
    with due as (select id from letters where over_at is null and due_at <= now()
      order by due_at limit ${limit} for update skip locked)
    update letters l set tries = l.tries + 1, due_at = now() + ${takenMs} * interval '1 millisecond'
    from due where l.id = due.id returning l.id, l.shopper, l.kind, l.target, l.body, l.tries`.execute(db) // prettier-ignore
  const found: Due[] = []
  for (const { id, shopper, kind, target, body, tries } of rows) {
    const to = target === null ? null : seals.open(`${id} target`, target)
    const text = body === null ? null : seals.open(`${id} body`, body)
    if (to === null || text === null) await letterOver(db, id, 'unreadable')
    else found.push({ id, shopper, kind: kind === 'push' ? 'push' : 'mail', target: to, body: text, tries })
  }
  return found
}

export async function letterOver(db: Db, id: string, outcome: 'sent' | 'refused' | 'unreadable'): Promise<void> {
  await sql`update letters set over_at = now(), outcome = ${outcome}, target = null, body = null where id = ${id}`.execute(db) // prettier-ignore
}

/** Tried again, ever later. */
export async function letterLater(db: Db, { id, tries }: Pick<Due, 'id' | 'tries'>): Promise<void> {
  const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(tries - 1, 12))
  await sql`update letters set due_at = now() + ${pauseMs} * interval '1 millisecond' where id = ${id}`.execute(db)
}

/** Ids are kept as long as something could be told twice. */
export const sweepLetters = async (db: Db): Promise<void> =>
  void (await sql`delete from letters where over_at < now() - interval '120 days'`.execute(db))

// ---- where pushes go -------------------------------------------------------------------------------------------------

export interface Subscription {
  readonly endpoint: string
  readonly p256dh: string
  readonly auth: string
  readonly language: string
}

/** Of one shopper at most so many phones. */
const mostPhones = 10

export async function subscribe(db: Db, shopper: string, { endpoint, p256dh, auth, language }: Subscription) {
  await db.transaction().execute(async (trx) => {
    // A phone that somebody else signs in on is theirs from now on.
    await trx.deleteFrom('push_subscriptions').where('endpoint', '=', endpoint).execute()
    await trx.insertInto('push_subscriptions').values({ shopper, endpoint, p256dh, auth, language }).execute()
    await sql`delete from push_subscriptions where shopper = ${shopper} and endpoint not in (
      select endpoint from push_subscriptions where shopper = ${shopper} order by made_at desc limit ${mostPhones})`.execute(
      trx,
    )
  })
}

/** `shopper` null: whoever's; the push service says that it is gone. */
export async function unsubscribe(db: Db, shopper: string | null, endpoint: string): Promise<void> {
  let query = db.deleteFrom('push_subscriptions').where('endpoint', '=', endpoint)
  if (shopper !== null) query = query.where('shopper', '=', shopper)
  await query.execute()
}

export function subscriptionsOf(db: Db, shopper: string): Promise<Subscription[]> {
  return db
    .selectFrom('push_subscriptions')
    .select(['endpoint', 'p256dh', 'auth', 'language'])
    .where('shopper', '=', shopper)
    .orderBy('made_at')
    .execute()
}
