/**
 * Signed question: which fridge asks, and that it is it who asks; beside rows (intake.ts), pictures, the window and the pictures
 * of products are asked so. Holds always: nothing of a body is read before its signature is known to be the fridge's.
 * Called by the routes of those.
 */
import type { FastifyRequest } from 'fastify'
import { err, ok, type Result } from '../../src/core/result.ts'
import { fridgeIdSchema, headerNames, supportedVersions } from '../protocol/messages.ts'
import { publicKeyOf, verified } from '../protocol/signing.ts'
import { fridgeKey } from './store/fridges.ts'
import type { Db } from './store/open.ts'

export const notReady = { type: 'busy', retryAfterMs: 2_000 } as const

type NotAsked =
  | { readonly type: 'unsupportedVersion'; readonly supported: number[] }
  | { readonly type: 'malformed'; readonly what: string }
  | { readonly type: 'badSignature' | 'unknownFridge' | 'revoked' }
  | typeof notReady

interface Asked {
  readonly db: Db
  readonly fridge: string
  readonly body: Buffer
}

/** `signed`: the bytes that a fridge signs for such a body. */
export async function askedBy(
  db: Db | null,
  { headers, body: sent }: FastifyRequest,
  signed: (fridge: string, body: Buffer) => Uint8Array,
): Promise<Result<Asked, NotAsked>> {
  const body = Buffer.isBuffer(sent) ? sent : Buffer.alloc(0)
  if (!supportedVersions.includes(Number(headers[headerNames.protocol])))
    return err({ type: 'unsupportedVersion', supported: [...supportedVersions] })
  const fridge = fridgeIdSchema.safeParse(headers[headerNames.fridge])
  if (!fridge.success) return err({ type: 'malformed', what: `${headerNames.fridge} names no fridge` })
  const signature = headers[headerNames.signature]
  if (typeof signature !== 'string') return err({ type: 'badSignature' })
  if (db === null) return err(notReady)
  const raw = await fridgeKey(db, fridge.data)
  if (raw === null) return err({ type: 'unknownFridge' })
  if (raw === 'revoked') return err({ type: 'revoked' })
  const key = publicKeyOf(raw)
  if (key === null || !verified(key, signed(fridge.data, body), Buffer.from(signature, 'base64')))
    return err({ type: 'badSignature' })
  return ok({ db, fridge: fridge.data, body })
}
