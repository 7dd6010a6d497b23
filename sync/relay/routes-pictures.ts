/**
 * Picture routes: fridges bring the pictures of visits in doubt (`POST /sync/v1/pictures`), and an owner's people look at them.
 * Holds always (SPEC SY50, RL30-RL33): nothing of a body is read before its signature is known to be the fridge's; a picture is
 * shown to an operator's key or above, is never kept by what lies between, and the look is in the audit.
 */
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  decodeQuestion,
  maxQuestionBytes,
  pictureAnswerStatus,
  picturesPath,
  signedPictures,
  type PictureAnswer,
} from '../protocol/pictures.ts'
import { addRoute, Download, fault, Refusal, type OwnerPorts } from './routes-owner.ts'
import { askedBy, notReady } from './signed-question.ts'
import { faultOf } from './store/faults.ts'
import type { Db } from './store/open.ts'
import {
  defaultPictureLimits,
  keepPicture,
  lookAt,
  sweepPictures,
  wantedOf,
  type PictureLimits,
} from './store/pictures.ts'

const sweepEveryMs = 10 * 60_000
const octets = 'application/octet-stream'
const pictureQuery = z.strictObject({
  visit: z.string().regex(/^[0-9A-Za-z-]{1,64}$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})

export function pictureRoutes(
  app: FastifyInstance,
  ports: OwnerPorts,
  limits: PictureLimits = defaultPictureLimits,
): void {
  if (!app.hasContentTypeParser(octets))
    app.addContentTypeParser(octets, { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => body)

  const brought = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const answer = await answered(ports.db(), request, limits).catch((error: unknown): PictureAnswer => {
      if (faultOf(error) === 'away') return notReady
      request.log.error(error)
      return { type: 'failed' }
    })
    ports.metrics.picture(answer.type)
    return reply.code(pictureAnswerStatus[answer.type]).send(answer)
  }
  app.post(picturesPath, { bodyLimit: maxQuestionBytes, schema: { hide: true } }, brought)

  addRoute(app, ports, {
    method: 'GET',
    url: '/fridges/:fridge/pictures',
    role: 'operator',
    what: 'One picture of a visit in doubt, as /reviews names it; who looked is in the audit',
    query: pictureQuery,
    async answer({ db, fridge, caller, query }) {
      const found = await lookAt(db, caller, { fridge, ...query })
      if (found === null) return new Refusal(404, fault('noPicture', 'it is not here, or was deleted when its time was up'))
      const ending = found.mediaType === 'image/webp' ? 'webp' : 'jpg'
      return new Download(`${query.sha256.slice(0, 12)}.${ending}`, found.mediaType, Readable.from([Buffer.from(found.picture)]))
    },
  })
  watchTime(app, ports.db, limits)
} // prettier-ignore

async function answered(asking: Db | null, request: FastifyRequest, limits: PictureLimits): Promise<PictureAnswer> {
  const asked = await askedBy(asking, request, signedPictures)
  if (!asked.ok) return asked.error
  const { db, fridge, body } = asked.value
  const question = decodeQuestion(body)
  if (!question.ok) return question.error
  if (question.value.fridge !== fridge) return { type: 'foreignRows' }
  if (question.value.type === 'list') {
    const wanted = await wantedOf(db, question.value)
    return typeof wanted === 'string' ? { type: 'unwanted', why: wanted } : { type: 'wanted', sha256: wanted }
  }
  const kept = await keepPicture(db, question.value, limits)
  return kept === 'kept' ? { type: 'kept' } : { type: 'unwanted', why: kept }
}

/** Deletes on time, whichever copy of the relay looks. */
function watchTime(app: FastifyInstance, db: () => Db | null, limits: PictureLimits): void {
  let looking: Promise<void> | null = null
  const look = (): void => {
    const open = db()
    if (open === null || looking !== null) return
    looking = sweepPictures(open, limits)
      .then((gone) => void (gone > 0 && app.log.info({ pictures: gone }, 'pictures whose time was up are deleted')))
      .catch((error: unknown) => app.log.warn({ err: error }, 'pictures could not be looked after'))
      .finally(() => (looking = null))
  }
  const timer = setInterval(look, sweepEveryMs)
  timer.unref()
  app.addHook('preClose', async () => {
    clearInterval(timer)
    await looking
  })
}
