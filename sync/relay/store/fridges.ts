/**
 * Fridges: who may write. Pairing by a code that is good once, revocation, and the key of each [SY9].
 * Holds always: a code is kept as its hash; a paired fridge's key changes only after it was revoked; who made a code or
 * revoked a fridge is in the audit log, with the reason (law P3).
 */
import { createHash, randomInt } from 'node:crypto'
import { sql } from 'kysely'
import { chainStart } from '../../protocol/chain.ts'
import { note } from './audit.ts'
import { cursorBegins } from './event-reads.ts'
import type { Db } from './open.ts'
import { prepared } from './prepared.ts'

/** Crockford's base32: no letter that is read as another. */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const codeLength = 8
const codeLivesMinutes = 15

export interface PairingCode {
  readonly code: string
  readonly expiresAtMs: number
}

export async function makePairingCode(db: Db, who: string): Promise<PairingCode> {
  const code = Array.from({ length: codeLength }, () => letters[randomInt(letters.length)]).join('')
  return db.transaction().execute(async (trx) => {
    // Old codes are of no use to anybody, used or not.
    await sql`delete from pairing_codes where expires_at < now() - interval '7 days'`.execute(trx)
    const made = await sql<{ expires_at: Date }>`insert into pairing_codes (code_hash, made_by, expires_at)
      values (${codeHash(code)}, ${who}, now() + ${codeLivesMinutes} * interval '1 minute') returning expires_at`.execute(
      trx,
    )
    await note(trx, who, 'pairingCodeMade', '', '')
    return { code: `${code.slice(0, 4)}-${code.slice(4)}`, expiresAtMs: Number(made.rows[0]?.expires_at) }
  })
}

/** Uses the code up, and makes the fridge known by its key. The same request again is answered alike. */
export function pairFridge(
  db: Db,
  { code, fridge, publicKey }: { code: string; fridge: string; publicKey: Uint8Array },
): Promise<'paired' | 'badCode' | 'taken'> {
  return db.transaction().execute(async (trx) => {
    const found = await sql<{ used_by: string | null; used_key: Uint8Array | null; made_by: string }>`
      select used_by, used_key, made_by from pairing_codes
      where code_hash = ${codeHash(code)} and expires_at > now() for update`.execute(trx)
    const [row] = found.rows
    if (row === undefined) return 'badCode'
    if (row.used_by !== null) {
      // The answer to the first time may have been lost on its way.
      const same = row.used_by === fridge && row.used_key !== null && Buffer.compare(row.used_key, publicKey) === 0
      return same ? 'paired' : 'badCode'
    }
    const written = await sql`insert into fridges (id, public_key, head) values (${fridge}, ${publicKey}, ${chainStart})
      on conflict (id) do update set public_key = excluded.public_key, revoked_at = null, paired_at = now()
      where fridges.revoked_at is not null returning id`.execute(trx)
    if (written.rows.length === 0) return 'taken'
    await sql`update pairing_codes set used_by = ${fridge}, used_key = ${publicKey}
      where code_hash = ${codeHash(code)}`.execute(trx)
    await cursorBegins(trx, fridge)
    await note(trx, row.made_by, 'fridgePaired', fridge, '')
    return 'paired'
  })
}

/** False where there is no such fridge. One that is revoked already stays so. */
export function revokeFridge(db: Db, fridge: string, who: string, reason: string): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const changed = await sql`update fridges set revoked_at = coalesce(revoked_at, now())
      where id = ${fridge} returning id`.execute(trx)
    if (changed.rows.length > 0) await note(trx, who, 'fridgeRevoked', fridge, reason)
    return changed.rows.length > 0
  })
}

/** The key that may sign for `fridge`; null where there is none, or none any more. */
export async function fridgeKey(db: Db, fridge: string): Promise<Uint8Array | 'revoked' | null> {
  const { rows } = await sql<{ public_key: Uint8Array; revoked_at: Date | null }>`${prepared}
    select public_key, revoked_at from fridges where id = ${fridge}`.execute(db)
  const [row] = rows
  if (row === undefined) return null
  return row.revoked_at === null ? row.public_key : 'revoked'
}

/** As a person types it: any case, with or without the dash, O for 0 and I or L for 1. */
function codeHash(typed: string): Uint8Array {
  const code = typed.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  return createHash('sha256').update(`pairing ${code}`).digest()
}
