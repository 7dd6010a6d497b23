/**
 * Books that begin anew behind a row [SY18]: a fridge whose ledger was put back to an older day, or which lost its disk, writes
 * on from there, and its owner has agreed to it here.
 * Holds always: nothing is deleted; a former row moves, and what was made of it stays, for it was sold.
 */
import { sql, type Transaction } from 'kysely'
import { note } from './audit.ts'
import { cursorRestarts } from './event-reads.ts'
import type { Db } from './open.ts'
import type { Tables } from './tables.ts'

type Trx = Transaction<Tables>

/** The owner looked: for a day the fridge may begin anew. False where there is no such fridge. */
export function allowRestart(db: Db, fridge: string, who: string, reason: string): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const changed = await sql`update fridges set restart_until = now() + interval '24 hours'
      where id = ${fridge} returning id`.execute(trx)
    if (changed.rows.length > 0) await note(trx, who, 'restartAllowed', fridge, reason)
    return changed.rows.length > 0
  })
}

/** What an owner sees of a fridge that stopped for it. */
export async function noteDivergence(trx: Trx, fridge: string, seq: number): Promise<void> {
  await sql`update fridges set diverged_seq = ${seq}, seen_at = now() where id = ${fridge}`.execute(trx)
}

/** Moves the rows behind row `common`, whose hash is `head`, away, in the caller's transaction. */
export async function restartBooks(trx: Trx, fridge: string, common: number, head: Uint8Array): Promise<void> {
  const moved = await sql`insert into former_rows
      (fridge, books, seq, at_ms, received_at, hash, body, why, detail, refused_body)
    select r.fridge, f.books, r.seq, r.at_ms, r.received_at, r.hash, r.body, q.why, q.detail, q.body
    from ledger_rows r join fridges f on f.id = r.fridge
    left join quarantine q on q.fridge = r.fridge and q.seq = r.seq
    where r.fridge = ${fridge} and r.seq > ${common} returning 1`.execute(trx)
  await sql`delete from ledger_rows where fridge = ${fridge} and seq > ${common}`.execute(trx)
  await sql`delete from quarantine where fridge = ${fridge} and seq > ${common}`.execute(trx)
  await sql`update fridges set upto = ${common}, head = ${head}, books = books + 1, restart_until = null,
    diverged_seq = null where id = ${fridge}`.execute(trx)
  await cursorRestarts(trx, fridge, common)
  await note(
    trx,
    fridge,
    'booksRestarted',
    fridge,
    `${moved.rows.length} rows behind row ${common} are former ones now`,
  )
}
