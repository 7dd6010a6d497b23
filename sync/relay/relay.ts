/**
 * Relay: the HTTP server that fridges and their owners meet at.
 * Holds always: it keeps nothing that its database does not, so that any number of copies serve the same fleet; it listens
 * before its database is open, and says so. Built by main.ts and by tests.
 */
import swagger from '@fastify/swagger'
import Fastify, { LogController, type FastifyBaseLogger, type FastifyError, type FastifyInstance } from 'fastify'
import { version } from '../../src/core/version.ts'
import { answerStatus, paths, type Answer } from '../protocol/messages.ts'
import { createEmbeddedBroker } from './broker/embedded.ts'
import { createExternalBroker, type ExternalSettings } from './broker/external.ts'
import { createHealth } from './health.ts'
import { useIntegrations, type IntegrationSettings } from './integrations.ts'
import { createLive, usualPatience, type Live, type Patience } from './live.ts'
import { createMetrics } from './metrics.ts'
import { pagePolicy, statusPage } from './page.ts'
import { fleetPages, fleetRoutes } from './routes-fleet.ts'
import { fault, ownerRoutes } from './routes-owner.ts'
import { exportRoutes } from './routes-exports.ts'
import { pictureRoutes } from './routes-pictures.ts'
import { placeRoutes } from './routes-places.ts'
import { productRoutes } from './routes-products.ts'
import { changeRoutes } from './routes-changes.ts'
import { channelRoutes } from './routes-channel.ts'
import { commandRoutes, sweepSchedules } from './routes-commands.ts'
import { noPhones, usePhones, type PhoneSettings } from './phone/phones.ts'
import { shopperRoutes } from './routes-shopper.ts'
import { syncRoutes } from './routes-sync.ts'
import { sweepRefunds } from './refunds.ts'
import { sweepVouchers } from './vouchers.ts'
import { voucherRoutes } from './routes-vouchers.ts'
import { sweep } from './unlocks.ts'
import type { Shop } from './shop.ts'
import { plain } from './judge.ts'
import { faultOf } from './store/faults.ts'
import { countAlerts, sweepAlerts } from './store/alerts.ts'
import type { Db, OpenStore } from './store/open.ts'
import type { PictureLimits } from './store/pictures.ts'
import { countFleet } from './store/reads.ts'

export interface RelayPorts {
  readonly kind: OpenStore['kind']
  /** Null while the database is being opened. */
  readonly store: () => OpenStore | null
  readonly log: FastifyBaseLogger
  /** Behind a proxy whose word for the client's address is taken. */
  readonly trustProxy?: boolean
  /** A broker of the owner's; without it the relay is one itself, and must be the only copy. */
  readonly broker?: ExternalSettings | undefined
  /** Where fridges find that broker, if not at the same address. */
  readonly brokerForFridges?: string | undefined
  /** Plain MQTT of the relay's own broker, beside the WebSocket at its own address. */
  readonly mqttPort?: number | undefined
  /** What lets shoppers pay; without it their routes say that payments are not set up. */
  readonly shop?: Shop | undefined
  /** What sends mails and pushes to shoppers; without it nobody signs in. */
  readonly phones?: PhoneSettings | undefined
  /** Places outside that are told of the fleet. */
  readonly integrations?: IntegrationSettings | undefined
  /** How long, and how much of, pictures of visits in doubt are kept. */
  readonly pictures?: PictureLimits | undefined
  /** How long a shopper waits for a fridge that says nothing; else some seconds. */
  readonly patience?: Patience | undefined
  /** Told once, for whoever speaks to fridges beside the routes. */
  readonly onLive?: (live: Live) => void
}

export async function createRelay(ports: RelayPorts): Promise<FastifyInstance> {
  const { kind, store, log, trustProxy = false, patience = usualPatience } = ports
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
  const live = createLive({ db, metrics, log, patience })
  await useBroker(app, live, ports)
  ports.onLive?.(live)

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
      if (status === 413 && request.url.endsWith('/product-pictures')) metrics.productPicture('tooBig')
      return rows || request.url === paths.pair
        ? reply.code(answerStatus[answer.type]).send(answer)
        : reply.code(status).send(fault(answer.type, what))
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
      components: {
        securitySchemes: {
          key: { type: 'http', scheme: 'bearer' },
          token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        },
      },
    },
  })
  syncRoutes(app, { db, metrics })
  const { broker, brokerForFridges } = ports
  const shop = ports.shop ?? null
  commandRoutes(app, { db, metrics, live, shop })
  const phones = await usePhones(app, { db, live, shop }, ports.phones ?? noPhones)
  await shopperRoutes(app, { db, live, shop, metrics, unlockMs: patience.unlockMs, ...phones })
  finishWork(app, db, live, shop)
  channelRoutes(app, { db, metrics, brokerForFridges: brokerForFridges ?? (broker ? addressOf(broker.url) : null) })
  ownerRoutes(app, { db, metrics })
  fleetRoutes(app, { db, metrics })
  pictureRoutes(app, { db, metrics }, ports.pictures)
  exportRoutes(app, { db, metrics })
  placeRoutes(app, { db, metrics })
  voucherRoutes(app, { db, metrics })
  productRoutes(app, { db, metrics })
  changeRoutes(app, { db, metrics, live })
  await fleetPages(app)
  watchAlerts(app, db)
  useIntegrations(app, { db, metrics, live, phones: ports.phones ?? noPhones }, ports.integrations ?? {})

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
    const alerts = open === null || fleet === null ? new Map<string, number>() : await countAlerts(open)
    return reply.type(metrics.contentType).send(await metrics.text(fleet, alerts, live.broker()?.isUp() ?? false))
  })
  return app
}

const sweepEveryMs = 15_000

/** Looks for what owners must be told; a database that is away is looked at again the next time. */
function watchAlerts(app: FastifyInstance, db: () => Db | null): void {
  let looking: Promise<void> = Promise.resolve()
  let busy = false
  const timer = setInterval(() => {
    const open = db()
    if (open === null || busy) return
    busy = true
    looking = sweepAlerts(open)
      .catch((error: unknown) => app.log.warn({ err: error }, 'alerts could not be looked for'))
      .finally(() => (busy = false))
  }, sweepEveryMs)
  timer.unref()
  app.addHook('preClose', async () => {
    clearInterval(timer)
    await looking
  })
}

/** The owner's broker, or the relay's own at the relay's own address. */
async function useBroker(app: FastifyInstance, live: Live, { broker, mqttPort }: RelayPorts): Promise<void> {
  if (broker === undefined) {
    const own = await createEmbeddedBroker({ passwordOf: live.passwordOf, listener: live.listener })
    own.serveOn(app.server)
    if (mqttPort !== undefined) await own.listen(mqttPort, '127.0.0.1')
    live.use(own)
  } else live.use(createExternalBroker(broker, live.listener))
  app.addHook('preClose', () => live.close())
}

/** Without the relay's own user and password. */
function addressOf(url: string): string {
  const address = new URL(url)
  address.username = ''
  address.password = ''
  return address.href
}

/** What is due, and what a worker or a fridge left standing, is done by any copy of the relay. */
function finishWork(app: FastifyInstance, db: () => Db | null, live: Live, shop: Shop | null): void {
  let looking: Promise<unknown> | null = null
  const look = async (open: Db): Promise<void> => {
    await sweepSchedules(open, live)
    if (shop === null) return
    await sweep({ live, providerFor: shop.providerFor, nowMs: shop.nowMs }, open)
    await sweepVouchers(open, shop.wallet)
    await sweepRefunds(open, shop.wallet)
  }
  const timer = setInterval(() => {
    const open = db()
    if (open === null || looking !== null) return
    looking = look(open)
      .catch((error: unknown) => app.log.warn({ err: error }, 'what is due could not be done'))
      .finally(() => (looking = null))
  }, finishEveryMs)
  timer.unref()
  app.addHook('preClose', async () => {
    clearInterval(timer)
    await looking
  })
}

const finishEveryMs = 15_000
