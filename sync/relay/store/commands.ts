/**
 * Commands: what fridges are told to do, and what became of it [SY33] [SY35].
 * Holds always: a lane's numbers rise, also over what a fridge says that it knows (a relay that was put back to a backup
 * does not reuse a number); the first outcome of a command stands.
 */
import { sql } from 'kysely'
import { laneOf, type CommandBody, type Lane, type Order, type Outcome } from '../../protocol/mqtt.ts'
import type { Db } from './open.ts'

export interface NewCommand {
  readonly fridge: string
  readonly order: Order
  readonly by: string
  readonly reason: string
  /** Fridge time; null for one that waits for the fridge. */
  readonly untilMs: number | null
}

/** Its number. In the caller's transaction, if it has one. */
export async function addCommand(db: Db, { fridge, order, by, reason, untilMs }: NewCommand): Promise<number> {
  const lane = laneOf[order.type]
  const { rows } = await sql<{ number: number }>`with next as (
      insert into lanes (fridge, lane, number) values (${fridge}, ${lane}, 1)
      on conflict (fridge, lane) do update set number = lanes.number + 1 returning number)
    insert into commands (fridge, lane, number, type, body, who, reason, until_ms)
    select ${fridge}, ${lane}, number, ${order.type}, ${JSON.stringify(order)}, ${by}, ${reason}, ${untilMs} from next
    returning number`.execute(db)
  return Number(rows[0]?.number)
}

/** The fridge's ledger knows commands up to here: no lower number is given again. */
export async function raiseLane(db: Db, fridge: string, lane: Lane, number: number): Promise<void> {
  if (number === 0) return
  await sql`insert into lanes (fridge, lane, number) values (${fridge}, ${lane}, ${number})
    on conflict (fridge, lane) do update set number = excluded.number where lanes.number < excluded.number`.execute(db)
}

export interface WaitingCommand extends Omit<CommandBody, 'untilMs'> {
  readonly number: number
}

/** The one that the fridge is to hear next: they go one after the other. */
export async function nextKept(db: Db, fridge: string): Promise<WaitingCommand | null> {
  const row = await db
    .selectFrom('commands')
    .select(['number', 'body', 'who', 'reason'])
    .where('fridge', '=', fridge)
    .where('lane', '=', 'kept')
    .where('answered_at', 'is', null)
    .orderBy('number')
    .limit(1)
    .executeTakeFirst()
  if (row === undefined) return null
  return { fridge, number: row.number, by: row.who, reason: row.reason, order: JSON.parse(row.body) as Order }
}

/** Gives a kept command a number above all: its own was used up before the relay was put back to a backup. */
export async function renumber(db: Db, fridge: string, number: number): Promise<void> {
  await sql`with next as (update lanes set number = number + 1 where fridge = ${fridge} and lane = 'kept' returning number),
    priced as (update change_parts set prices_command = (select number from next)
      where fridge = ${fridge} and prices_command = ${number}),
    placed as (update change_parts set places_command = (select number from next)
      where fridge = ${fridge} and places_command = ${number}),
    more as (update change_parts set more_commands = array_replace(more_commands, ${number}::bigint, (select number from next))
      where fridge = ${fridge} and ${number}::bigint = any(more_commands)),
    due as (update price_schedules set command = (select number from next)
      where fridge = ${fridge} and command = ${number})
    update commands set number = (select number from next)
    where fridge = ${fridge} and lane = 'kept' and number = ${number} and answered_at is null`.execute(db)
}

/** False: it was answered before, or there is no such command. */
export async function answered(db: Db, fridge: string, { lane, number, outcome, why }: Outcome): Promise<boolean> {
  const { rows } = await sql`update commands set answered_at = now(), outcome = ${outcome}, why = ${why}
    where fridge = ${fridge} and lane = ${lane} and number = ${number} and answered_at is null returning number`.execute(
    db,
  )
  return rows.length > 0
}

export async function outcomeOf(
  db: Db,
  fridge: string,
  lane: Lane,
  number: number,
): Promise<Pick<Outcome, 'outcome' | 'why'> | null> {
  const row = await db
    .selectFrom('commands')
    .select(['outcome', 'why'])
    .where('fridge', '=', fridge)
    .where('lane', '=', lane)
    .where('number', '=', number)
    .executeTakeFirst()
  if (row === undefined || row.outcome === null) return null
  return { outcome: row.outcome as Outcome['outcome'], why: row.why }
}

export interface CommandRow {
  readonly lane: string
  readonly number: number
  readonly type: string
  readonly order: unknown
  readonly by: string
  readonly reason: string
  readonly madeAtMs: number
  readonly answeredAtMs: number | null
  readonly outcome: string | null
  readonly why: string | null
}

/** Newest first. */
export async function listCommands(db: Db, fridge: string, limit: number): Promise<CommandRow[]> {
  const rows = await db
    .selectFrom('commands')
    .selectAll()
    .where('fridge', '=', fridge)
    .orderBy('made_at', 'desc')
    .orderBy('number', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    lane: row.lane,
    number: row.number,
    type: row.type,
    order: JSON.parse(row.body) as unknown,
    by: row.who,
    reason: row.reason,
    madeAtMs: row.made_at.getTime(),
    answeredAtMs: row.answered_at?.getTime() ?? null,
    outcome: row.outcome,
    why: row.why,
  }))
}
