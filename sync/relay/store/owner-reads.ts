/**
 * Owner reads: the review queue with its evidence, the catalogue that a fridge sells by, refunds, price schedules, the audit.
 * Holds always: what is read out of a ledger row goes through the event's own schema; pages are cut by key.
 */
import { sql } from 'kysely'
import { eventSchema, type EventOf } from '../../../src/core/events.ts'
import type { Db } from './open.ts'
import { picturesOf, type KeptPicture } from './pictures.ts'
import { soldOf } from './sold.ts'

export interface ReviewRow {
  readonly fridge: string
  readonly visit: string
  readonly cause: string
  readonly openedAtMs: number
  readonly decideByMs: number
  readonly probability: number
  readonly closedAtMs: number | null
  readonly outcome: string | null
  readonly decidedBy: string | null
  readonly reason: string | null
  readonly currency: string | null
  readonly holdMinor: number | null
  /** What the fridge thought, and the shelves' weights: null where the row was set aside. */
  readonly evidence:
    | (Pick<EventOf<'ReviewOpened'>, 'sureLines' | 'likelyLines' | 'runnerUp' | 'before' | 'after'> & {
        readonly runnerUpProbability: number | null
        readonly apart: readonly { readonly by: string; readonly nats: number }[]
      })
    | null
  /** Which pictures of it are here; what they show is asked for one by one. */
  readonly pictures: readonly KeptPicture[]
  /** A verdict that is on its way to the fridge, or what became of it. */
  readonly command: { readonly number: number; readonly outcome: string | null; readonly why: string | null } | null
}

/** Open ones first to run out first; with `all`, closed ones too, newest first. */
export async function listReviews(db: Db, { all, limit }: { all: boolean; limit: number }): Promise<ReviewRow[]> {
  const { rows } = await sql<{
    fridge: string
    visit: string
    cause: string
    opened_ms: number
    decide_by_ms: number
    probability: number
    closed_ms: number | null
    outcome: string | null
    decided_by: string | null
    reason: string | null
    body: string | null
    currency: string | null
    hold_minor: number | null
  }>`select r.fridge, r.visit, r.cause, r.opened_ms, r.decide_by_ms, r.probability, r.closed_ms, r.outcome, r.decided_by,
      r.reason, v.currency, v.hold_minor, (select l.body from ledger_rows l where l.fridge = r.fridge and l.body like '{"type":"ReviewOpened"%'
        and substring(l.body from '"visit":"([^"]*)"') = r.visit limit 1) as body
    from reviews r left join visits v on v.fridge = r.fridge and v.visit = r.visit
    where ${all} or r.closed_ms is null
    order by case when ${all} then -r.opened_ms else r.decide_by_ms end, r.fridge, r.visit limit ${limit}`.execute(db)
  const commands = await sql<{ fridge: string; number: number; outcome: string | null; why: string | null; visit: string }>`
    select c.fridge, c.number, c.outcome, c.why, v.visit from commands c
    join unnest(${rows.map((row) => row.fridge)}::text[], ${rows.map((row) => row.visit)}::text[]) as v (fridge, visit)
      on v.fridge = c.fridge and c.lane = 'kept' and c.type = 'review'
        and substring(c.body from '"visit":"([^"]*)"') = v.visit
    order by c.number`.execute(db) // prettier-ignore
  const pictures = await picturesOf(db, rows)
  const commandOf = new Map(commands.rows.map((row) => [`${row.fridge}/${row.visit}`, row]))
  return rows.map((row) => {
    const command = commandOf.get(`${row.fridge}/${row.visit}`)
    return {
      fridge: row.fridge,
      visit: row.visit,
      cause: row.cause,
      openedAtMs: row.opened_ms,
      decideByMs: row.decide_by_ms,
      probability: row.probability,
      closedAtMs: row.closed_ms,
      outcome: row.outcome,
      decidedBy: row.decided_by,
      reason: row.reason,
      currency: row.currency,
      holdMinor: row.hold_minor,
      evidence: evidenceIn(row.body),
      pictures: pictures.get(`${row.fridge}/${row.visit}`) ?? [],
      command: command === undefined ? null : { number: command.number, outcome: command.outcome, why: command.why },
    }
  })
}

function evidenceIn(body: string | null): ReviewRow['evidence'] {
  const event = body === null ? null : eventSchema.safeParse(JSON.parse(body))
  if (event?.success !== true || event.data.type !== 'ReviewOpened') return null
  const { sureLines, likelyLines, runnerUp, runnerUpProbability = null, apart = [], before, after } = event.data
  return { sureLines, likelyLines, runnerUp, runnerUpProbability, apart, before, after }
}

/** What the fridge sells by, as far as its books have come: what the relay has set, defined and withdrawn included. */
export async function catalogueOf(db: Db, fridge: string) {
  const sold = await soldOf(db, fridge)
  if (sold === null) return null
  const { type, hash, currency, products, withdrawn } = sold
  const catalogue = { type, hash, currency, products }
  return withdrawn.size === 0 ? catalogue : { ...catalogue, withdrawn: [...withdrawn] }
}

export interface AuditRow {
  readonly id: number
  readonly atMs: number
  readonly who: string
  readonly what: string
  readonly subject: string
  readonly reason: string
}

/** Newest first. */
export async function listAudit(db: Db, { limit, beforeId }: { limit: number; beforeId?: number | undefined }): Promise<AuditRow[]> {
  let query = db.selectFrom('audit').selectAll()
  if (beforeId !== undefined) query = query.where('id', '<', beforeId)
  const rows = await query.orderBy('id', 'desc').limit(limit).execute()
  return rows.map(({ id, at, who, what, subject, reason }) => ({ id, atMs: at.getTime(), who, what, subject, reason }))
} // prettier-ignore

// ---- price schedules -------------------------------------------------------------------------------------------------

export interface Schedule {
  readonly id: string
  readonly dueAtMs: number
  readonly prices: unknown
  readonly by: string
  readonly reason: string
  readonly command: number | null
  readonly cancelledBy: string | null
}

export async function listSchedules(db: Db, fridge: string): Promise<Schedule[]> {
  const rows = await db.selectFrom('price_schedules').selectAll().where('fridge', '=', fridge).orderBy('due_at').execute()
  return rows.map((row) => ({
    id: row.id,
    dueAtMs: row.due_at.getTime(),
    prices: JSON.parse(row.prices) as unknown,
    by: row.who,
    reason: row.reason,
    command: row.command,
    cancelledBy: row.cancelled_by,
  }))
} // prettier-ignore

// ---- refunds ---------------------------------------------------------------------------------------------------------

export interface Refund {
  readonly fridge: string
  readonly visit: string
  readonly key: string
  readonly amountMinor: number
  readonly currency: string
  readonly reference: string
  /** `asked`: the provider has not answered yet. */
  readonly at: 'asked' | 'done' | 'refused'
  readonly why: string | null
  readonly by: string
  readonly reason: string
  readonly madeAtMs: number
}

export async function listRefunds(db: Db, limit: number, only?: { readonly fridge: string; readonly visit: string }) {
  let query = db.selectFrom('refunds').selectAll()
  if (only !== undefined) query = query.where('fridge', '=', only.fridge).where('visit', '=', only.visit)
  const rows = await query.orderBy('made_at', 'desc').limit(limit).execute()
  return rows.map(
    ({ fridge, visit, key, amount_minor, currency, reference, at, why, who, reason, made_at }): Refund => ({
      fridge,
      visit,
      key,
      amountMinor: amount_minor,
      currency,
      reference,
      at: at === 'done' || at === 'refused' ? at : 'asked',
      why,
      by: who,
      reason,
      madeAtMs: made_at.getTime(),
    }),
  )
}
