/**
 * Integrations: the places outside that a relay tells of its fleet, each only where its address is set: RabbitMQ, a webhook and
 * mail for alerts, Google Sheets. Any number of copies of the relay may run them on one database.
 * Holds always: what can't be told waits in the database, is tried ever later, and stops nothing else. Built by relay.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { headerNames, paths } from '../protocol/messages.ts'
import { createAlertMail, type AlertMailSettings } from './alert-mail.ts'
import { asyncApi } from './events/asyncapi.ts'
import { createPublisher } from './events/publisher.ts'
import { createExchange } from './events/rabbitmq.ts'
import type { Zone } from './exports/zone.ts'
import type { Live } from './live.ts'
import type { Metrics, Sink } from './metrics.ts'
import type { PhoneSettings } from './phone/phones.ts'
import { createSpreadsheet, type GoogleSettings } from './sheets/google.ts'
import { createSheets } from './sheets/sheets.ts'
import type { Db } from './store/open.ts'
import { createWebhook, type WebhookSettings } from './webhook.ts'
import { takeTurns, type Turns } from './turns.ts'

export interface SheetsSettings extends GoogleSettings {
  readonly zone: Zone
  readonly history: boolean
}

export interface IntegrationSettings {
  readonly webhook?: WebhookSettings | undefined
  readonly alertMail?: AlertMailSettings | undefined
  readonly sheets?: SheetsSettings | undefined
  readonly rabbitmq?: { readonly url: string; readonly exchange: string; readonly history: boolean } | undefined
}

export interface IntegrationPorts {
  /** Null while the database is being opened. */
  readonly db: () => Db | null
  readonly metrics: Metrics
  readonly live: Pick<Live, 'flush'>
  /** Who carries mails, and what they say of addresses and times. */
  readonly phones: PhoneSettings
}

const openingMs = 200
const allEveryMs = 15_000
const eventsEveryMs = 1_000
const noticesEveryMs = 5_000
const sheetsEveryMs = 30_000

export function useIntegrations(app: FastifyInstance, ports: IntegrationPorts, settings: IntegrationSettings): void {
  const { db, metrics } = ports
  app.get('/asyncapi.json', { schema: { hide: true } }, async () => asyncApi(settings.rabbitmq?.exchange))
  const running: Turns[] = []
  const run = (to: Sink, everyMs: number, turn: (open: Db) => Promise<'more' | 'done'>): void => {
    running.push(
      takeTurns({
        everyMs,
        turn: async (ending) => {
          let open = db()
          for (; open === null && !ending.aborted; open = db()) await sleep(openingMs, undefined, { signal: ending })
          return open === null ? 'done' : turn(open)
        },
        failed: (error, times) =>
          app.log.warn({ err: error, to, times }, 'a place outside could not be told; it is tried again'),
      }),
    )
  }

  const { rabbitmq } = settings
  if (rabbitmq !== undefined) {
    const exchange = createExchange(rabbitmq)
    const publisher = createPublisher({ exchange, metrics, log: app.log, history: rabbitmq.history })
    const turn = hurried(app, (open, only) => publisher.turn(open, only))
    run('rabbitmq', eventsEveryMs, turn)
    app.addHook('onClose', () => exchange.close())
  }
  if (settings.webhook !== undefined) {
    const webhook = createWebhook(settings.webhook, { metrics, log: app.log })
    run('webhook', noticesEveryMs, (open) => webhook.turn(open))
  }
  const { carrier } = ports.phones.post
  if (settings.alertMail !== undefined && carrier !== null) {
    const { publicUrl, zone } = ports.phones
    const link = publicUrl === null ? null : `${publicUrl}/fleet/`
    const alertMail = createAlertMail(settings.alertMail, { carrier, link, zone, metrics, log: app.log })
    run('mail', noticesEveryMs, (open) => alertMail.turn(open))
  }
  if (settings.sheets !== undefined) {
    const { id: sheet, zone, history } = settings.sheets
    const spreadsheet = createSpreadsheet(settings.sheets)
    const sheets = createSheets({ spreadsheet, sheet, zone, history, metrics, log: app.log, live: ports.live })
    run('sheets', sheetsEveryMs, (open) => sheets.turn(open))
  }
  app.addHook('preClose', async () => {
    for (const turns of running) await turns.close()
  })
}

/**
 * Turns that look at the fridges which pushed rows to this copy since, and now and then at all of them: those of another copy
 * that has ended, and rows that come late. After a failure, and while there is more, all are looked at.
 */
function hurried(
  app: FastifyInstance,
  turn: (open: Db, only?: readonly string[]) => Promise<'more' | 'done'>,
): (open: Db) => Promise<'more' | 'done'> {
  const wrote = new Set<string>()
  /** 0: something failed, or there is more. */
  let allAtMs = 0
  app.addHook('onResponse', async (request, reply) => {
    const fridge = request.headers[headerNames.fridge]
    if (request.url === paths.rows && reply.statusCode === 200 && typeof fridge === 'string') wrote.add(fridge)
  })
  return async (open) => {
    const only = [...wrote]
    wrote.clear()
    const dueAtMs = allAtMs
    const all = performance.now() >= dueAtMs
    allAtMs = 0
    const outcome = await (all ? turn(open) : turn(open, only))
    if (outcome === 'done') allAtMs = all ? performance.now() + allEveryMs : dueAtMs
    return outcome
  }
}
