/**
 * Retake: rows that an older release set aside for not knowing them, tried again by this one [SY17].
 * Holds always: what is made of a fridge's rows is made anew from all of them, in their order, in one transaction that holds the
 * fridge's row, so that it is what a relay of this release would have made from the start. Called by main.ts at its start.
 */
import { sql, type Transaction } from 'kysely'
import type { Recorded } from '../../../src/core/events.ts'
import { version } from '../../../src/core/version.ts'
import { verdict, type Verdict } from '../judge.ts'
import { applyEvents } from './apply.ts'
import { cursorRetakes } from './event-reads.ts'
import type { Db } from './open.ts'
import type { Tables } from './tables.ts'

type Trx = Transaction<Tables>

const page = 2_000
/** What a newer release may see otherwise. The rest is as wrong as it was. */
const unknown = 'unknownEvent'
const projections = ['visits', 'captures', 'receipts', 'receipt_lines', 'reviews', 'stock'] as const

/** The fridges whose set-aside rows another release has judged. */
export async function fridgesToRetake(db: Db): Promise<string[]> {
  const { rows } = await sql<{ fridge: string }>`select distinct fridge from quarantine
    where why = ${unknown} and relay_version is distinct from ${version} order by fridge`.execute(db)
  return rows.map(({ fridge }) => fridge)
}

/** Returns how many rows were taken out of quarantine. Where making it all anew fails, everything stays as it was. */
export function retake(
  db: Db,
  fridge: string,
  read: (body: string, fridge: string) => Verdict = verdict,
): Promise<number> {
  return db.transaction().execute(async (trx) => {
    await sql`select 1 from fridges where id = ${fridge} for update`.execute(trx)
    const aside = await sql<{ seq: number; body: Uint8Array | null }>`select seq, body from quarantine
      where fridge = ${fridge} and why = ${unknown}
      and relay_version is distinct from ${version}`.execute(trx)
    const bodies = aside.rows.flatMap(({ seq, body }) =>
      body === null ? [] : [{ seq, body: Buffer.from(body).toString() }],
    )
    const known = bodies.filter(({ body }) => 'event' in read(body, fridge))
    if (known.length > 0) {
      const seqs = known.map(({ seq }) => seq)
      await sql`update ledger_rows set body = t.body
        from unnest(${seqs}::bigint[], ${known.map(({ body }) => body)}::text[]) as t (seq, body)
        where fridge = ${fridge} and ledger_rows.seq = t.seq`.execute(trx)
      await sql`delete from quarantine where fridge = ${fridge} and seq = any(${seqs}::bigint[])`.execute(trx)
      await makeAnew(trx, fridge, read)
      await cursorRetakes(trx, fridge, seqs)
    }
    await sql`update quarantine set relay_version = ${version} where fridge = ${fridge}`.execute(trx)
    return known.length
  })
}

async function makeAnew(trx: Trx, fridge: string, read: (body: string, fridge: string) => Verdict): Promise<void> {
  for (const table of projections) await trx.deleteFrom(table).where('fridge', '=', fridge).execute()
  let at = { books: 0, seq: 0 }
  for (;;) {
    const { rows } = await sql<{ books: number; seq: number; at_ms: number; body: string }>`
      select * from (
        select books, seq, at_ms, body from former_rows where fridge = ${fridge}
        union all select f.books, r.seq, r.at_ms, r.body from ledger_rows r join fridges f on f.id = r.fridge
          where r.fridge = ${fridge}
      ) as all_rows where body is not null and (books, seq) > (${at.books}, ${at.seq})
      order by books, seq limit ${page}`.execute(trx)
    for (const [books, part] of Map.groupBy(rows, (row) => row.books)) {
      const events = part.flatMap(({ seq, at_ms: atMs, body }): Recorded[] => {
        const found = read(body, fridge)
        return 'event' in found ? [{ seq, atMs, event: found.event }] : []
      })
      await applyEvents(trx, fridge, events, books)
    }
    const last = rows.at(-1)
    if (last === undefined) return
    at = last
  }
}
