/**
 * Sync routes: what fridges ask, over `POST /sync/v1/rows` and `/sync/v1/pair`.
 * Holds always (SPEC SY2): nothing of a body is read before its signature is known to be the fridge's; every answer is one of
 * the protocol's, and counted; a fault of the relay is `failed`, and told to the log, not to the stranger.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  answerStatus,
  maxBatchBytes,
  pairAnswerStatus,
  pairRequestSchema,
  paths,
  supportedVersions,
  type Answer,
  type PairAnswer,
} from '../protocol/messages.ts'
import { publicKeyOf, signedPair, verified } from '../protocol/signing.ts'
import { answerRows } from './intake.ts'
import { plain } from './judge.ts'
import type { Metrics } from './metrics.ts'
import { faultOf } from './store/faults.ts'
import { pairFridge } from './store/fridges.ts'
import { booksIn } from './store/ingest.ts'
import type { Db } from './store/open.ts'

const notReady = { type: 'busy', retryAfterMs: 2_000 } as const
const pairBodyBytes = 4 * 1024

export interface SyncPorts {
  /** Null while the database is being opened. */
  readonly db: () => Db | null
  readonly metrics: Metrics
}

export function syncRoutes(app: FastifyInstance, { db, metrics }: SyncPorts): void {
  app.removeContentTypeParser('text/plain')
  app.addContentTypeParser('application/zstd', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => body)

  const rows = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const startedAt = performance.now()
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    const open = db()
    const answer = await guarded(request, () => answerRows(open && booksIn(open), request.headers, body))
    metrics.batch(answer.type, body.length, (performance.now() - startedAt) / 1000)
    if (answer.type === 'accepted') metrics.rows(answer.taken, answer.refused.map(({ why }) => why)) // prettier-ignore
    return send(reply, answerStatus, answer.type === 'accepted' ? withoutTaken(answer) : answer)
  }
  app.post(paths.rows, { bodyLimit: maxBatchBytes, schema: { hide: true } }, rows)

  const pairing = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const answer = await guarded(request, () => answerPair(db(), request.body))
    const told: PairAnswer = answer.type === 'failed' ? notReady : answer
    metrics.pairing(told.type)
    return send(reply, pairAnswerStatus, told)
  }
  app.post(paths.pair, { bodyLimit: pairBodyBytes, schema: { hide: true } }, pairing)
}

/** How many rows were new is counted, not told. */
const withoutTaken = ({ type, upto, refused }: Extract<Answer, { type: 'accepted' }>): Answer => ({
  type,
  upto,
  refused,
})

async function answerPair(db: Db | null, body: unknown): Promise<PairAnswer> {
  if (typeof body === 'object' && body !== null && 'protocol' in body)
    if (!supportedVersions.includes(Number(body.protocol)))
      return { type: 'unsupportedVersion', supported: [...supportedVersions] }
  const request = pairRequestSchema.safeParse(body)
  if (!request.success) {
    const [issue] = request.error.issues
    return { type: 'malformed', what: plain(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`) }
  }
  const { code, fridge, publicKey, signature } = request.data
  const raw = Buffer.from(publicKey, 'base64')
  const key = publicKeyOf(raw)
  if (key === null || !verified(key, signedPair(code, fridge, publicKey), Buffer.from(signature, 'base64')))
    return { type: 'badSignature' }
  if (db === null) return notReady
  const outcome = await pairFridge(db, { code, fridge, publicKey: raw })
  return outcome === 'paired' ? { type: 'paired', fridge } : { type: outcome }
}

async function guarded<A>(
  request: FastifyRequest,
  answer: () => Promise<A>,
): Promise<A | { type: 'failed' } | typeof notReady> {
  try {
    return await answer()
  } catch (error) {
    if (faultOf(error) === 'away') return notReady
    request.log.error(error)
    return { type: 'failed' }
  }
}

const send = <Type extends string>(
  reply: FastifyReply,
  status: Readonly<Record<Type, number>>,
  answer: { readonly type: Type },
): FastifyReply => {
  const code: number = status[answer.type]
  return reply.code(code).send(answer)
}
