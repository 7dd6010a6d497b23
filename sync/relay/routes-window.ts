/**
 * Window route: fridges tell what they sell, names and pictures (`POST /sync/v1/window`), for phones to see.
 * Holds always (SPEC SY60, SY61): nothing of a body is read before its signature is known to be the fridge's.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { fridgeIdSchema, headerNames, supportedVersions } from '../protocol/messages.ts'
import { publicKeyOf, verified } from '../protocol/signing.ts'
import {
  decodeWindow,
  maxWindowBytes,
  signedWindow,
  windowAnswerStatus,
  windowPath,
  type WindowAnswer,
} from '../protocol/window.ts'
import { faultOf } from './store/faults.ts'
import { fridgeKey } from './store/fridges.ts'
import type { Db } from './store/open.ts'
import { keepProductPicture, keepWindow, picturesMissing } from './store/visits.ts'

const notReady = { type: 'busy', retryAfterMs: 2_000 } as const
const octets = 'application/octet-stream'

/** `phoneOf`: where phones find a fridge; null: phones can't buy here. */
export function windowRoute(
  app: FastifyInstance,
  ports: { readonly db: () => Db | null; readonly phoneOf: (fridge: string, request: FastifyRequest) => string | null },
): void {
  if (!app.hasContentTypeParser(octets))
    app.addContentTypeParser(octets, { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => body)
  app.post(windowPath, { bodyLimit: maxWindowBytes, schema: { hide: true } }, async (request, reply) => {
    const answer = await answered(ports, request).catch((error: unknown): WindowAnswer => {
      if (faultOf(error) === 'away') return notReady
      request.log.error(error)
      return { type: 'failed' }
    })
    return reply.code(windowAnswerStatus[answer.type]).send(answer)
  })
}

async function answered(ports: Parameters<typeof windowRoute>[1], request: FastifyRequest): Promise<WindowAnswer> {
  const { headers, body: sent } = request
  const body = Buffer.isBuffer(sent) ? sent : Buffer.alloc(0)
  if (!supportedVersions.includes(Number(headers[headerNames.protocol])))
    return { type: 'unsupportedVersion', supported: [...supportedVersions] }
  const fridge = fridgeIdSchema.safeParse(headers[headerNames.fridge])
  if (!fridge.success) return { type: 'malformed', what: `${headerNames.fridge} names no fridge` }
  const signature = headers[headerNames.signature]
  if (typeof signature !== 'string') return { type: 'badSignature' }
  const db = ports.db()
  if (db === null) return notReady
  const raw = await fridgeKey(db, fridge.data)
  if (raw === null) return { type: 'unknownFridge' }
  if (raw === 'revoked') return { type: 'revoked' }
  const key = publicKeyOf(raw)
  if (key === null || !verified(key, signedWindow(fridge.data, body), Buffer.from(signature, 'base64')))
    return { type: 'badSignature' }
  const question = decodeWindow(body)
  if (!question.ok) return question.error
  const told = question.value
  if (told.fridge !== fridge.data) return { type: 'foreignRows' }
  if (told.type === 'picture') return { type: (await keepProductPicture(db, fridge.data, told)) ? 'kept' : 'noRoom' }
  await keepWindow(db, fridge.data, told)
  const hashes = told.products.flatMap(({ picture }) => picture ?? [])
  return { type: 'wanted', sha256: await picturesMissing(db, hashes), phone: ports.phoneOf(fridge.data, request) }
}
