/**
 * Window route: fridges tell what they sell, names and pictures (`POST /sync/v1/window`), for phones to see.
 * Holds always (SPEC SY60, SY61): nothing of a body is read before its signature is known to be the fridge's.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import {
  decodeWindow,
  maxWindowBytes,
  signedWindow,
  windowAnswerStatus,
  windowPath,
  type WindowAnswer,
} from '../protocol/window.ts'
import { askedBy, notReady } from './signed-question.ts'
import { faultOf } from './store/faults.ts'
import type { Db } from './store/open.ts'
import { keepProductPicture, keepWindow, picturesMissing } from './store/visits.ts'

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
  const asked = await askedBy(ports.db(), request, signedWindow)
  if (!asked.ok) return asked.error
  const { db, fridge, body } = asked.value
  const question = decodeWindow(body)
  if (!question.ok) return question.error
  const told = question.value
  if (told.fridge !== fridge) return { type: 'foreignRows' }
  if (told.type === 'picture') return { type: (await keepProductPicture(db, fridge, told)) ? 'kept' : 'noRoom' }
  await keepWindow(db, fridge, told)
  const hashes = told.products.flatMap(({ picture }) => picture ?? [])
  return { type: 'wanted', sha256: await picturesMissing(db, hashes), phone: ports.phoneOf(fridge, request) }
}
