/**
 * Ingest: the books of intake.ts in a database.
 * Holds always: a page is a transaction that holds the fridge's row locked, so that two copies of the relay take turns; `upto`
 * moves with its rows and their projections. A batch that just goes on needs no page: one statement is its check and its
 * transaction, which several fridges' may share.
 */
import { sql, type Transaction } from 'kysely'
import type { Batch, Refused } from '../../protocol/messages.ts'
import { takeIn, type Books, type Ingested, type Page } from '../intake.ts'
import type { judge } from '../judge.ts'
import { append, apply, following } from './apply.ts'
import { noteDivergence, restartBooks } from './books.ts'
import { faultOf } from './faults.ts'
import { fridgeKey } from './fridges.ts'
import type { Db } from './open.ts'
import { prepared } from './prepared.ts'
import type { Tables } from './tables.ts'
import { together } from './together.ts'

export const ingest = (db: Db, batch: Batch, read?: typeof judge): Promise<Ingested> => takeIn(booksIn(db), batch, read)

const known = new WeakMap<Db, Books>()

/** One for each database: who asks at once may be written at once. */
export function booksIn(db: Db): Books {
  const books = known.get(db) ?? opened(db)
  known.set(db, books)
  return books
}

function opened(db: Db): Books {
  const write = together((pages: Parameters<typeof append>[1]) => append(db, pages))
  return {
    key: (fridge) => fridgeKey(db, fridge),
    page: (fridge, work) => db.transaction().execute((trx) => work(pageOf(trx, fridge))),
    async append(batch, rows) {
      const page = following(batch, rows)
      return page !== null && (await write(page))
    },
    faultOf,
  }
}

function pageOf(trx: Transaction<Tables>, fridge: string): Page {
  return {
    async known() {
      const { rows } = await sql<{ upto: number; head: Uint8Array; revoked: boolean; may_restart: boolean }>`${prepared}
        select upto, head, revoked_at is not null as revoked, coalesce(restart_until > now(), false) as may_restart
        from fridges where id = ${fridge} for update`.execute(trx)
      const [row] = rows
      return row === undefined ? null : { ...row, mayRestart: row.may_restart }
    },
    async hashes(fromSeq, beforeSeq) {
      const { rows } = await sql<{ seq: number; hash: Uint8Array }>`select seq, hash from ledger_rows
        where fridge = ${fridge} and seq >= ${fromSeq} and seq < ${beforeSeq} order by seq`.execute(trx)
      return rows
    },
    async setAside(fromSeq, beforeSeq) {
      const { rows } = await sql<Refused>`select seq, why, detail from quarantine where fridge = ${fridge}
        and seq >= ${fromSeq} and seq < ${beforeSeq} order by seq`.execute(trx)
      return rows
    },
    async heard() {
      await sql`update fridges set seen_at = now() where id = ${fridge}`.execute(trx)
    },
    noteDivergence: (seq) => noteDivergence(trx, fridge, seq),
    restart: (common, head) => restartBooks(trx, fridge, common, head),
    write: (rows) => apply(trx, fridge, rows),
    async attempt(work) {
      await sql`savepoint attempt`.execute(trx)
      try {
        const done = await work()
        await sql`release savepoint attempt`.execute(trx)
        return done
      } catch (error) {
        if (faultOf(error) !== 'data') throw error
        await sql`rollback to savepoint attempt`.execute(trx)
        await sql`release savepoint attempt`.execute(trx)
        throw error
      }
    },
  }
}
