/**
 * Ingest: a batch into the tables, whole or not at all, once however often it comes.
 *
 * Holds always (SPEC SY5-SY7): `upto` moves with its rows and their projections in one transaction; the fridge's row is
 * locked meanwhile, so that two copies of the relay take turns; nothing is taken from a batch that forks. A row that the
 * database refuses is found by halving and set aside. Called by the rows route, after the signature was checked.
 */
import { sql, type Transaction } from 'kysely'
import { chainStart, sameHash } from '../../protocol/chain.ts'
import type { Answer, AnswerOf, Batch, Refused } from '../../protocol/messages.ts'
import { judge, plain, type JudgedRow } from '../judge.ts'
import { apply } from './apply.ts'
import { restartBooks, noteDivergence } from './books.ts'
import { faultOf } from './faults.ts'
import type { Db } from './open.ts'
import type { Tables } from './tables.ts'

type Trx = Transaction<Tables>
interface Known {
  readonly upto: number
  readonly head: Uint8Array
  readonly revoked: boolean
  readonly may_restart: boolean
}
type Writer = (trx: Trx, fridge: string, rows: readonly JudgedRow[]) => Promise<Refused[]>

const busyRetryMs = 5_000
const attempts = 3

/** The answer, and how many of the rows were new. */
export type Ingested = Exclude<Answer, { type: 'accepted' }> | (AnswerOf<'accepted'> & { readonly taken: number })

/** `read`: how rows are judged; another release's in tests. */
export async function ingest(db: Db, batch: Batch, read = judge): Promise<Ingested> {
  const judged = read(batch)
  if (!judged.ok) return judged.error
  let write: Writer = apply
  for (let attempt = 1; attempt <= attempts; attempt++) {
    try {
      return await db.transaction().execute((trx) => take(trx, batch, judged.value, write))
    } catch (error) {
      const fault = faultOf(error)
      if (fault === 'other') throw error
      if (fault === 'away') break
      if (fault === 'data') write = applyByHalves
    }
  }
  return { type: 'busy', retryAfterMs: busyRetryMs }
}

async function take(trx: Trx, batch: Batch, rows: readonly JudgedRow[], write: Writer): Promise<Ingested> {
  const { fridge, fromSeq } = batch
  const found = await sql<Known>`select upto, head, revoked_at is not null as revoked,
    coalesce(restart_until > now(), false) as may_restart from fridges where id = ${fridge} for update`.execute(trx)
  let [known] = found.rows
  if (known === undefined) return { type: 'unknownFridge' }
  if (known.revoked) return { type: 'revoked' }
  if (batch.restart === true && known.may_restart && fromSeq <= known.upto + 1)
    known = (await restartBooks(trx, batch)) ?? known
  const upto = known.upto
  if (fromSeq > upto + 1) return { type: 'gap', expectedSeq: upto + 1 }
  const fork = await forkAt(trx, batch, rows, upto, known.head)
  if (fork !== null) {
    if (fork.type === 'fork') await noteDivergence(trx, fridge, fork.seq)
    return fork
  }
  const before = fromSeq > upto ? [] : await refusedBefore(trx, batch, upto)
  const fresh = rows.filter(({ seq }) => seq > upto)
  const last = fresh.at(-1)
  if (last === undefined) {
    await sql`update fridges set seen_at = now() where id = ${fridge}`.execute(trx)
    return { type: 'accepted', upto, refused: before, taken: 0 }
  }
  const refused = await write(trx, fridge, fresh)
  return { type: 'accepted', upto: last.seq, refused: [...before, ...refused], taken: fresh.length - refused.length }
}

/** The rows of a batch that were set aside when it came the first time: the answer to that may have been lost. */
async function refusedBefore(trx: Trx, { fridge, fromSeq, rows }: Batch, upto: number): Promise<Refused[]> {
  const found = await sql<Refused>`select seq, why, detail from quarantine where fridge = ${fridge}
    and seq between ${fromSeq} and ${Math.min(upto, fromSeq + rows.length - 1)} order by seq`.execute(trx)
  return found.rows
}

/** The first place where the batch and the kept rows differ. */
async function forkAt(
  trx: Trx,
  { fridge, fromSeq, previousHash, restart }: Batch,
  rows: readonly JudgedRow[],
  upto: number,
  head: Uint8Array,
): Promise<AnswerOf<'brokenChain' | 'fork'> | null> {
  if (fromSeq === 1 && !sameHash(previousHash, chainStart)) return { type: 'brokenChain', seq: 1 }
  if (fromSeq === upto + 1) return sameHash(previousHash, head) ? null : { type: 'fork', seq: upto }
  const sent = new Map(rows.map(({ seq, hash }) => [seq, hash]))
  if (fromSeq > 1) sent.set(fromSeq - 1, previousHash)
  const kept = await sql<{ seq: number; hash: Uint8Array }>`select seq, hash from ledger_rows
    where fridge = ${fridge} and seq >= ${fromSeq - 1} and seq < ${fromSeq + rows.length} order by seq`.execute(trx)
  for (const { seq, hash } of kept.rows) {
    const mine = sent.get(seq)
    if (mine !== undefined && !sameHash(mine, hash)) return { type: 'fork', seq: seq }
  }
  // Nothing differs, and the fridge says that it has nothing more [SY18].
  const behind = fromSeq + rows.length
  if (restart === true && behind <= upto) return { type: 'fork', seq: behind }
  return null
}

/** As `apply`, where some row is known to be one that the database refuses: each half by itself, down to the row. */
async function applyByHalves(trx: Trx, fridge: string, rows: readonly JudgedRow[]): Promise<Refused[]> {
  await sql`savepoint half`.execute(trx)
  try {
    const refused = await apply(trx, fridge, rows)
    await sql`release savepoint half`.execute(trx)
    return refused
  } catch (error) {
    if (faultOf(error) !== 'data') throw error
    await sql`rollback to savepoint half`.execute(trx)
    await sql`release savepoint half`.execute(trx)
    const [row] = rows
    if (row !== undefined && rows.length === 1) {
      const detail = plain(error instanceof Error ? error.message : '')
      return apply(trx, fridge, [{ ...row, verdict: { why: 'unstorable', detail } }])
    }
    const middle = rows.length >> 1
    const before = await applyByHalves(trx, fridge, rows.slice(0, middle))
    return [...before, ...(await applyByHalves(trx, fridge, rows.slice(middle)))]
  }
}
