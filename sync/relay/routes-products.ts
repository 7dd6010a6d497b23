/**
 * Product routes: owners bring pictures of products (`POST /api/v1/product-pictures`), and fridges fetch those of the products
 * that they were told of (`POST /sync/v1/product-pictures`). What products are goes with changes (routes-changes.ts).
 * Holds always (SPEC RL62, SY81): nothing of a fridge's body is read before its signature is known to be the fridge's.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { broughtPictureSchema } from '../../src/contract/fleet-changes.ts'
import {
  decodePart,
  maxPartQuestionBytes,
  mostPartBytes,
  partAnswerStatus,
  productPicturesPath,
  signedPart,
  type PartAnswer,
} from '../protocol/product-pictures.ts'
import { madePicture, mostBroughtBytes } from './product-picture.ts'
import { addRoute, fault, Refusal, type OwnerPorts } from './routes-owner.ts'
import { askedBy, notReady } from './signed-question.ts'
import { faultOf } from './store/faults.ts'
import type { Db } from './store/open.ts'
import { keepBrought } from './store/product-pictures.ts'
import { productPicture } from './store/visits.ts'

const octets = 'application/octet-stream'
const statusOf = { pictureKind: 415, pictureBroken: 400, tooBig: 413, tooSmall: 400, notSetUp: 503 } as const

export function productRoutes(app: FastifyInstance, ports: OwnerPorts): void {
  for (const type of [octets, 'image/jpeg', 'image/png', 'image/svg+xml'])
    if (!app.hasContentTypeParser(type))
      app.addContentTypeParser(type, { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => body)

  addRoute(app, ports, {
    method: 'POST',
    url: '/product-pictures',
    role: 'operator',
    what: 'Brings a picture of a product, a JPEG or a PNG as the body; answers with what a definition names it by',
    file: true,
    bodyBytes: mostBroughtBytes,
    async answer({ db, body }: { readonly db: Db; readonly body: unknown }) {
      const made = await madePicture(Buffer.isBuffer(body) ? body : Buffer.alloc(0))
      const refused = made.ok ? ((await keepBrought(db, made.value)) ? null : 'noRoom') : made.error.code
      ports.metrics.productPicture(refused ?? 'kept')
      if (!made.ok) return new Refusal(statusOf[made.error.code], fault(made.error.code, made.error.says))
      if (refused !== null) return new Refusal(409, fault('noRoom', 'the relay has no more room for pictures'))
      const { sha256, bytes, width, height } = made.value
      return broughtPictureSchema.parse({ sha256, bytes, width, height })
    },
  })

  const asked = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const answer = await answered(ports.db(), request).catch((error: unknown): PartAnswer => {
      if (faultOf(error) === 'away') return notReady
      request.log.error(error)
      return { type: 'failed' }
    })
    ports.metrics.productPicture(answer.type)
    return reply.code(partAnswerStatus[answer.type]).send(answer)
  }
  app.post(productPicturesPath, { bodyLimit: maxPartQuestionBytes, schema: { hide: true } }, asked)
}

async function answered(asking: Db | null, request: FastifyRequest): Promise<PartAnswer> {
  const asked = await askedBy(asking, request, signedPart)
  if (!asked.ok) return asked.error
  const { db, fridge, body } = asked.value
  const question = decodePart(body)
  if (!question.ok) return question.error
  const { sha256, from, fridge: named } = question.value
  if (named !== fridge) return { type: 'foreignRows' }
  const found = await productPicture(db, sha256)
  if (found === null || from > found.picture.length) return { type: 'unknown' }
  const base64 = found.picture.subarray(from, from + mostPartBytes).toString('base64')
  return { type: 'part', sha256, bytes: found.picture.length, from, base64 }
}
