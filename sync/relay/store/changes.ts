/**
 * Changes: prices, places and products of one or many fridges, applied at once or from a time on, and taken back; and drafts of them.
 * Holds always (SPEC RL42-RL46): a change goes to all the fridges that it names or to none; it is against what its maker saw;
 * it is one commit with its audit and its orders; what stood before is kept with it, and what somebody changed since stays.
 */
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { z } from 'zod'
import {
  diffSchema,
  type ApplyAnswer,
  type Changes,
  type Diff,
  type Draft,
  type DraftAnswer,
  type FleetChange,
  type KeptDraft,
  type UndoAnswer,
} from '../../../src/contract/fleet-changes.ts'
import type { Order } from '../../protocol/mqtt.ts'
import { note } from './audit.ts'
import { addCommand } from './commands.ts'
import type { Db } from './open.ts'
import { goodsBack, productFaults, productOrders } from './product-changes.ts'
import { diffOf, standingOf } from './standing.ts'

export interface NewChange {
  readonly name: string
  readonly by: string
  readonly reason: string
  /** With the version of each that was seen. */
  readonly fridges: readonly { readonly fridge: string; readonly version: string }[]
  readonly changes: Changes
  readonly atMs?: number | undefined
}

/** Two that change at once go one after the other: the second sees what the first did. */
const oneAtATime = (trx: Db) => sql`select pg_advisory_xact_lock(8471)`.execute(trx)

export async function previewOf(db: Db, fridges: readonly string[], changes: Changes): Promise<Diff[]> {
  const stands = await standingOf(db, fridges)
  const everywhere = await productFaults(db, changes)
  return fridges.map((fridge) => {
    const diff = diffOf(fridge, stands.get(fridge), changes)
    const told = new Set(diff.faults.map(({ code, sku }) => `${code} ${sku}`))
    return { ...diff, faults: [...diff.faults, ...everywhere.filter(({ code, sku }) => !told.has(`${code} ${sku}`))] }
  })
}

export async function applyChange(db: Db, change: NewChange): Promise<ApplyAnswer> {
  const { fridges, changes, atMs } = change
  return db.transaction().execute(async (trx) => {
    await oneAtATime(trx)
    const diffs = await previewOf(trx, fridges.map(({ fridge }) => fridge), changes) // prettier-ignore
    const seen = new Map(fridges.map(({ fridge, version }) => [fridge, version]))
    const revoked = await sql<{ id: string }>`select id from fridges where id = any(${[...seen.keys()]}::text[])
      and revoked_at is null`.execute(trx)
    const known = new Set(revoked.rows.map(({ id }) => id))
    const { rows: clock } = await sql<{ ms: number }>`select (extract(epoch from now()) * 1000)::float8 as ms`.execute(trx) // prettier-ignore
    for (const diff of diffs) {
      if (!known.has(diff.fridge)) diff.faults.unshift({ code: 'unknownFridge', sku: null })
      else if (diff.version !== '' && diff.version !== seen.get(diff.fridge))
        diff.faults.unshift({ code: 'changed', sku: null })
      if (atMs !== undefined && changes.places.length > 0) diff.faults.push({ code: 'placesLater', sku: null })
      if (atMs !== undefined && (changes.products ?? []).length + (changes.offers ?? []).length > 0)
        diff.faults.push({ code: 'productsLater', sku: null })
      if (atMs !== undefined && atMs < (clock[0]?.ms ?? 0)) diff.faults.push({ code: 'past', sku: null })
    }
    if (diffs.some(({ faults }) => faults.length > 0)) return { type: 'refused', diffs }
    const touched = diffs.filter((one) => one.prices.length + one.places.length + one.products.length + one.offers.length > 0) // prettier-ignore
    if (touched.length === 0) return { type: 'nothing' }
    const id = await write(trx, change, touched, null)
    return { type: 'applied', change: id, fridges: touched.map(({ fridge }) => fridge) }
  })
}

async function write(
  trx: Db,
  { name, by, reason, atMs }: Omit<NewChange, 'fridges' | 'changes'>,
  diffs: readonly Diff[],
  undoes: string | null,
): Promise<string> {
  const id = randomUUID()
  const due_at = atMs === undefined ? null : new Date(atMs)
  await trx.insertInto('changes').values({ id, name, who: by, reason, due_at, undoes }).execute()
  for (const { fridge, currency, prices, places, products, offers } of diffs) {
    const order = async (order: Order): Promise<number> => {
      await note(trx, by, order.type, fridge, reason)
      return addCommand(trx, { fridge, order, by, reason, untilMs: null })
    }
    const wanted = prices.map(({ sku, toMinor }) => ({ sku, priceMinor: toMinor }))
    let schedule: string | null = null
    if (due_at !== null) {
      schedule = randomUUID()
      await note(trx, by, 'pricesScheduled', fridge, reason)
      const values = { fridge, id: schedule, due_at, prices: JSON.stringify(wanted), who: by, reason }
      await trx.insertInto('price_schedules').values(values).execute()
    }
    const now = due_at === null
    const more: number[] = []
    for (const one of productOrders({ products, offers })) more.push(await order(one))
    const moves = places.map(({ sku, to }) => ({ sku, shelf: to }))
    await trx
      .insertInto('change_parts')
      .values({
        fridge,
        change: id,
        diff: JSON.stringify({ currency, prices, places, products, offers }),
        prices_command: now && wanted.length > 0 ? await order({ type: 'prices', prices: wanted }) : null,
        places_command: moves.length > 0 ? await order({ type: 'planogram', places: moves }) : null,
        schedule,
        more_commands: sql`${more}::bigint[]`,
      })
      .execute()
  }
  return id
}

const partDiff = diffSchema.pick({ currency: true, prices: true, places: true, products: true, offers: true })

/** Null: there is no such change. */
export async function undoChange(db: Db, { id, by, reason }: { id: string; by: string; reason: string }): Promise<UndoAnswer | null> {
  return db.transaction().execute(async (trx) => {
    await oneAtATime(trx)
    const change = await trx.selectFrom('changes').selectAll().where('id', '=', id).executeTakeFirst()
    if (change === undefined) return null
    if (change.undone_by !== null) return { type: 'before', by: change.undone_by }
    await trx.updateTable('changes').set({ undone_by: by }).where('id', '=', id).execute()
    const parts = await trx.selectFrom('change_parts').selectAll().where('change', '=', id).orderBy('fridge').execute()
    const stands = await standingOf(trx, parts.map(({ fridge }) => fridge)) // prettier-ignore
    const cancelled: string[] = []
    const left: { fridge: string; sku: string }[] = []
    const back: Diff[] = []
    for (const { fridge, diff, schedule } of parts) {
      const { rows } = await sql`update price_schedules set cancelled_by = ${by} where fridge = ${fridge}
        and id = ${schedule} and command is null and cancelled_by is null returning id`.execute(trx)
      if (rows.length > 0) {
        cancelled.push(fridge)
        await note(trx, by, 'pricesCancelled', fridge, reason)
        continue
      }
      const made = partDiff.parse(JSON.parse(diff))
      const now = new Map(stands.get(fridge)?.products.map((one) => [one.sku, one]))
      const prices: Diff['prices'] = []
      const places: Diff['places'] = []
      for (const { sku, fromMinor, toMinor } of made.prices)
        if (now.get(sku)?.priceMinor === toMinor) prices.push({ sku, fromMinor: toMinor, toMinor: fromMinor })
        else left.push({ fridge, sku })
      for (const { sku, from, to } of made.places)
        if (now.get(sku)?.shelf === to) places.push({ sku, from: to, to: from })
        else left.push({ fridge, sku })
      const goods = goodsBack(made, now)
      left.push(...goods.left.map((sku) => ({ fridge, sku })))
      const { products, offers } = goods
      if (prices.length + places.length + products.length + offers.length > 0)
        back.push({ fridge, currency: made.currency, version: '', prices, places, products, offers, faults: [] })
    }
    if (back.length > 0) await write(trx, { name: change.name, by, reason }, back, id)
    return { type: 'undone', cancelled, fridges: back.map(({ fridge }) => fridge), left }
  })
} // prettier-ignore

/** Newest first, with what became of each at each fridge. */
export async function listChanges(db: Db, limit: number): Promise<FleetChange[]> {
  const rows = await db.selectFrom('changes').selectAll().orderBy('made_at', 'desc').orderBy('id').limit(limit).execute()
  const parts = await sql<{
    change: string
    fridge: string
    diff: string
    state: FleetChange['parts'][number]['state']
    why: string | null
  }>`select p.change, p.fridge, p.diff, coalesce(a.why, b.why, m.why) as why, case
      when s.cancelled_by is not null then 'cancelled'
      when s.id is not null and s.command is null then 'scheduled'
      when a.outcome is distinct from 'done' and a.outcome is not null then 'refused'
      when b.outcome is distinct from 'done' and b.outcome is not null then 'refused'
      when m.refused then 'refused'
      when a.outcome is null and a.number is not null or b.outcome is null and b.number is not null or m.waits then 'waiting'
      else 'done' end as state
    from change_parts p
    left join price_schedules s on s.fridge = p.fridge and s.id = p.schedule
    left join commands a on a.fridge = p.fridge and a.lane = 'kept' and a.number = coalesce(p.prices_command, s.command)
    left join commands b on b.fridge = p.fridge and b.lane = 'kept' and b.number = p.places_command
    left join lateral (select bool_or(c.outcome is null) as waits, bool_or(c.outcome <> 'done') as refused, max(c.why) as why
      from commands c where c.fridge = p.fridge and c.lane = 'kept' and c.number = any(p.more_commands)) m on true
    where p.change = any(${rows.map(({ id }) => id)}::text[]) order by p.fridge`.execute(db)
  const partsOf = Map.groupBy(parts.rows, ({ change }) => change)
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    by: row.who,
    reason: row.reason,
    madeAtMs: row.made_at.getTime(),
    dueAtMs: row.due_at?.getTime() ?? null,
    undoes: row.undoes,
    undoneBy: row.undone_by,
    parts: (partsOf.get(row.id) ?? []).map(({ fridge, diff, state, why }) => ({
      fridge,
      ...partDiff.parse(JSON.parse(diff)),
      state,
      why,
    })),
  }))
} // prettier-ignore

// ---- drafts ----------------------------------------------------------------------------------------------------------

const changesText = z.string().transform((text): Changes => JSON.parse(text) as Changes)

export async function listDrafts(db: Db): Promise<KeptDraft[]> {
  const rows = await db.selectFrom('drafts').selectAll().orderBy('changed_at', 'desc').limit(100).execute()
  return rows.map(({ id, name, version, changes, who, changed_at }) => ({
    id,
    name,
    version,
    changes: changesText.parse(changes),
    by: who,
    changedAtMs: changed_at.getTime(),
  }))
}

/** `changes` null: throws it away. */
export async function keepDraft(
  db: Db,
  by: string,
  draft: Pick<Draft, 'id' | 'name' | 'version'> & { readonly changes: Changes | null },
): Promise<DraftAnswer> {
  const { id, name, version, changes } = draft
  const text = JSON.stringify(changes)
  return db.transaction().execute(async (trx) => {
    const { rows } =
      changes === null
        ? await sql<{ version: number }>`delete from drafts where id = ${id} and version = ${version} returning version`.execute(trx) // prettier-ignore
        : version === 0
          ? await sql<{ version: number }>`insert into drafts (id, name, version, changes, who)
              values (${id}, ${name}, 1, ${text}, ${by}) on conflict do nothing returning version`.execute(trx)
          : await sql<{ version: number }>`update drafts set name = ${name}, version = version + 1, changes = ${text},
              who = ${by}, changed_at = now() where id = ${id} and version = ${version} returning version`.execute(trx)
    const [kept] = rows
    if (kept === undefined) return { type: 'changed', draft: (await listDrafts(trx)).find((one) => one.id === id) ?? null }
    await note(trx, by, changes === null ? 'draftDropped' : 'draftKept', id, name)
    return { type: 'kept', version: kept.version }
  })
} // prettier-ignore
