/**
 * Capacities: how much of a product fits on a shelf, as a person has said it; where nobody has, the most that ever stood there. The
 * step '062-capacities' of migrations.ts.
 * Holds always (SPEC RL71): a change is whole or not at all, against what its maker saw, with an audit row. Called by routes-places.ts.
 */
import { sql } from 'kysely'
import type { CapacityAnswer, CapacityChange } from '../../../src/contract/fleet-places.ts'
import { note } from './audit.ts'
import type { Db } from './open.ts'

export const capacityTables: readonly string[] = [
  `CREATE TABLE capacities (
    fridge text NOT NULL,
    shelf integer NOT NULL,
    sku text NOT NULL,
    capacity bigint NOT NULL,
    PRIMARY KEY (fridge, shelf, sku)
  )`,
  // What "20 %" is of, wherever it is asked. \`room\` is a product's on one shelf.
  `CREATE VIEW stock_rooms AS SELECT s.fridge, s.shelf, s.sku, s.count, greatest(s.most, s.count) AS most, c.capacity,
      coalesce(c.capacity, greatest(s.most, s.count)) AS room
    FROM stock s LEFT JOIN capacities c ON c.fridge = s.fridge AND c.shelf = s.shelf AND c.sku = s.sku`,
]

/** Of what there is in \`stock_rooms\` by product: a fifth of it is left, or less. What a person has set counts however small it is. */
export const nearlyGone = '(sum(room) >= 3 OR bool_or(capacity IS NOT NULL)) AND sum(count) <= 0.2 * sum(room)'

export function setCapacities(db: Db, fridge: string, by: string, { capacities, reason }: CapacityChange): Promise<CapacityAnswer> {
  return db.transaction().execute(async (trx) => {
    // One person at a time changes a fridge's.
    await sql`select 1 from fridges where id = ${fridge} for update`.execute(trx)
    for (const { shelf, sku, was } of capacities) {
      const { rows } = await sql<{ capacity: number | null }>`select capacity from stock_rooms
        where fridge = ${fridge} and shelf = ${shelf} and sku = ${sku}`.execute(trx)
      const [stands] = rows
      if (stands === undefined) return { type: 'unknown', shelf, sku }
      if (stands.capacity !== was) return { type: 'changed', shelf, sku }
    }
    for (const { shelf, sku, capacity } of capacities)
      await (capacity === null
        ? sql`delete from capacities where fridge = ${fridge} and shelf = ${shelf} and sku = ${sku}`
        : sql`insert into capacities (fridge, shelf, sku, capacity) values (${fridge}, ${shelf}, ${sku}, ${capacity})
            on conflict (fridge, shelf, sku) do update set capacity = excluded.capacity`
      ).execute(trx)
    await note(trx, by, 'capacities', fridge, reason)
    return { type: 'set' }
  })
} // prettier-ignore
