/**
 * Fleet places: where fridges stand, and what they said over time.
 * Holds always: a place is changed by whoever has seen the last one, with an audit row [RL40]; samples are one a fridge and
 * quarter of an hour, whichever copies of the relay take them [RL41], and are gone after 31 days.
 */
import { sql } from 'kysely'
import type {
  FleetFill,
  FleetPlace,
  FleetSample,
  PlaceAnswer,
  PlaceChange,
} from '../../../src/contract/fleet-places.ts'
import { note } from './audit.ts'
import { nearlyGone } from './capacities.ts'
import type { Db } from './open.ts'
import type { SalesAsked } from './reads.ts'

const columns = ['fridge', 'label', 'address', 'latitude', 'longitude', 'version'] as const

export async function listPlaces(db: Db): Promise<FleetPlace[]> {
  return db.selectFrom('fridge_places').select(columns).orderBy('fridge').execute()
}

export async function setPlace(db: Db, fridge: string, by: string, change: PlaceChange): Promise<PlaceAnswer> {
  const { reason, version, ...place } = change
  return db.transaction().execute(async (trx) => {
    const { label, address, latitude, longitude } = place
    const { rows } = await sql`insert into fridge_places (fridge, label, address, latitude, longitude, version, who)
      select ${fridge}::text, ${label}::text, ${address}::text, ${latitude}::float8, ${longitude}::float8, 1, ${by}::text
      where ${version}::int = 0 or exists (select 1 from fridge_places where fridge = ${fridge})
      on conflict (fridge) do update set label = excluded.label, address = excluded.address,
        latitude = excluded.latitude, longitude = excluded.longitude, who = excluded.who, changed_at = now(),
        version = fridge_places.version + 1 where fridge_places.version = ${version}
      returning version`.execute(trx)
    const {
      who,
      changed_at: _,
      ...stands
    } = await trx.selectFrom('fridge_places').selectAll().where('fridge', '=', fridge).executeTakeFirstOrThrow()
    if (rows.length === 0) return { type: 'changed', by: who, place: stands }
    await note(trx, by, 'place', fridge, reason)
    return { type: 'set', place: stands }
  })
}

/** `low`: products with a fifth of their room, or less, as alerts say it. */
export async function listFill(db: Db): Promise<FleetFill[]> {
  const { rows } =
    await sql<FleetFill>`select fridge, sum(greatest(units, 0))::bigint as units, sum(rooms)::bigint as room,
      count(*) filter (where low)::bigint as low
    from (select fridge, sku, sum(count) as units, sum(room) as rooms, ${sql.raw(nearlyGone)} as low
      from stock_rooms group by fridge, sku) as s
    group by fridge order by fridge`.execute(db)
  return rows
}

const sampleMs = 900_000
const keptMs = 31 * 24 * 3_600_000

/** Writes what stands now under the present quarter of an hour; the first of its copies wins. */
export async function takeSamples(db: Db): Promise<void> {
  await sql`insert into fridge_samples (fridge, at_ms, celsius, units, room, pending, silent_ms)
    select f.id, floor(extract(epoch from now()) * 1000 / ${sampleMs}::float8) * ${sampleMs}::float8,
      case when c.online then (c.state::json->>'celsius')::float8 end, s.units, s.room,
      case when c.online then (c.state::json->>'pending')::bigint end,
      round(extract(epoch from now() - greatest(f.seen_at, c.heard_at)) * 1000)::float8
    from fridges f left join channels c on c.fridge = f.id
    left join (select fridge, sum(greatest(count, 0))::bigint as units, sum(room)::bigint as room
      from stock_rooms group by fridge) s on s.fridge = f.id
    where f.revoked_at is null on conflict do nothing`.execute(db)
  await sql`delete from fridge_samples where at_ms < extract(epoch from now()) * 1000 - ${keptMs}::float8`.execute(db)
}

/** Oldest first; at most one month of quarters. */
export async function listSamples(db: Db, fridge: string, fromMs: number, toMs: number): Promise<FleetSample[]> {
  const rows = await db
    .selectFrom('fridge_samples')
    .selectAll()
    .where('fridge', '=', fridge)
    .where('at_ms', '>=', fromMs)
    .where('at_ms', '<', toMs)
    .orderBy('at_ms')
    .limit(3_000)
    .execute()
  return rows.map(({ at_ms, celsius, units, room, pending, silent_ms }) => ({
    atMs: at_ms,
    celsius,
    units,
    room,
    pending,
    silentMs: silent_ms,
  }))
}

/** What receipts of a time charged, by fridge, the most first. */
export async function salesByFridge(
  db: Db,
  { fromMs, toMs }: SalesAsked,
): Promise<{ fridge: string; currency: string; receipts: number; chargedMinor: number }[]> {
  const { rows } = await sql<{ fridge: string; currency: string; receipts: number; charged: number }>`
    select fridge, currency, count(*)::bigint as receipts, sum(charged_minor)::bigint as charged from receipts
    where at_ms >= ${fromMs} and at_ms < ${toMs} group by fridge, currency order by charged desc, fridge
    limit 500`.execute(db)
  return rows.map(({ charged, ...row }) => ({ ...row, chargedMinor: charged }))
}
