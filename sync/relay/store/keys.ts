/**
 * Keys: how an owner's programs and pages say who they are. `vv_ID_SECRET`, made here by chance, shown once.
 * Holds always: only the SHA-256 of a secret of 32 random bytes is kept (a slow hash is for secrets that people choose); it is
 * compared in constant time; there is no key that nobody made.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Db } from './open.ts'

/** Each may what the ones before it may. viewer: read. operator: pair. owner: revoke. */
export const roles = ['viewer', 'operator', 'owner'] as const
export type Role = (typeof roles)[number]

export interface Caller {
  readonly key: string
  readonly name: string
  readonly role: Role
}

export async function makeKey(db: Db, name: string, role: Role): Promise<string> {
  const id = randomBytes(6).toString('hex')
  const secret = randomBytes(32).toString('base64url')
  await db
    .insertInto('api_keys')
    .values({ id, name, role, secret_hash: hashOf(secret) })
    .execute()
  return `vv_${id}_${secret}`
}

/** Who holds this key; null for anything that is none, or no more. */
export async function callerOf(db: Db, key: string): Promise<Caller | null> {
  const [, id, secret] = /^vv_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/.exec(key) ?? []
  if (id === undefined || secret === undefined) return null
  const row = await db
    .selectFrom('api_keys')
    .select(['name', 'role', 'secret_hash'])
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  const role = roles.find((one) => one === row?.role)
  if (row === undefined || role === undefined || !timingSafeEqual(hashOf(secret), row.secret_hash)) return null
  return { key: id, name: row.name, role }
}

export const mayAs = (caller: Caller, wanted: Role): boolean => roles.indexOf(caller.role) >= roles.indexOf(wanted)

/** False where there is no such key. */
export async function revokeKey(db: Db, id: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('api_keys')
    .set({ revoked_at: new Date() })
    .where('id', '=', id)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()
