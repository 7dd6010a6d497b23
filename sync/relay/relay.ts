/**
 * Relay: the HTTP server that fridges and their owners meet at.
 * Holds always: it keeps nothing that its database does not, so that any number of copies serve the same fleet; it listens
 * before its database is open, and says so. Built by main.ts and by tests.
 */
import swagger from '@fastify/swagger'
import Fastify, { LogController, type FastifyBaseLogger, type FastifyError, type FastifyInstance } from 'fastify'
import { version } from '../../src/core/version.ts'
import { answerStatus, paths, type Answer } from '../protocol/messages.ts'
import { createHealth } from './health.ts'
import { createMetrics } from './metrics.ts'
import { pagePolicy, statusPage } from './page.ts'
import { fault, ownerRoutes } from './routes-owner.ts'
import { syncRoutes } from './routes-sync.ts'
import { plain } from './judge.ts'
import { faultOf } from './store/faults.ts'
import type { OpenStore } from './store/open.ts'
import { countFleet } from './store/reads.ts'

export interface RelayPorts {
  readonly kind: OpenStore['kind']
  /** Null while the database is being opened. */
  readonly store: () => OpenStore | null
  readonly log: FastifyBaseLogger
  /** Behind a proxy whose word for the client's address is taken. */
  readonly trustProxy?: boolean
}

export async function createRelay({ kind, store, log, trustProxy = false }: RelayPorts): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: log,
    trustProxy,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 64 * 1024,
    requestTimeout: 60_000,
    routerOptions: { maxParamLength: 64 },
    forceCloseConnections: 'idle',
  })
  const db = () => store()?.db ?? null
  const metrics = createMetrics()
  const health = createHealth(kind, store)

  // Schemas describe; the routes check what comes in themselves, by the zod schema that the description was made from.
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => (payload) => JSON.stringify(payload))
  app.addHook('onSend', async (_request, reply) => {
    reply.headers({
      'content-security-policy': pagePolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
  })
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = error.statusCode ?? 500
    const rows = request.url === paths.rows
    if (status < 500) {
      const what = plain(error.message)
      const answer: Answer = status === 413 ? { type: 'tooBig', what } : { type: 'malformed', what }
      if (rows) metrics.batch(answer.type, 0, 0)
      return rows || request.url === paths.pair
        ? reply.code(answerStatus[answer.type]).send(answer)
        : reply.code(status).send(fault('malformed', what))
    }
    const away = faultOf(error) === 'away'
    if (!away) request.log.error(error)
    return reply.code(away ? 503 : 500).send(away ? fault('busy', 'the database does not answer') : fault('failed', ''))
  })
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(fault('notFound', 'there is nothing at this address')),
  )

  await app.register(swagger, {
    openapi: {
      info: { title: 'VisionVend relay', version, description: 'What fridges sold, for their owner.' },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
    },
  })
  syncRoutes(app, { db, metrics })
  ownerRoutes(app, { db, metrics })

  const hidden = { schema: { hide: true } }
  app.get('/', hidden, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(statusPage(await health())),
  )
  app.get('/openapi.json', hidden, async () => app.swagger())
  app.get('/health/live', hidden, async () => ({ live: true }))
  for (const url of ['/health', '/health/ready'])
    app.get(url, hidden, async (_request, reply) => {
      const { state } = await health()
      return reply
        .code(state === 'ready' ? 200 : 503)
        .send({ live: true, ready: state === 'ready', state, store: kind })
    })
  app.get('/metrics', hidden, async (_request, reply) => {
    const open = db()
    const fleet = open === null ? null : await countFleet(open).catch(() => null)
    return reply.type(metrics.contentType).send(await metrics.text(fleet))
  })
  return app
}
