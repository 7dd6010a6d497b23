/**
 * Owner routes: what an owner's programs ask, under `/api/v1`, with `Authorization: Bearer vv_...`.
 * Holds always: every route names the role it wants; input is checked by the same schema that the API's description shows;
 * who changed something is in the audit log, with a reason.
 */
import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { fridgeIdSchema } from '../protocol/messages.ts'
import type { Metrics } from './metrics.ts'
import { acknowledgeAlert, escalateAlert, listAlerts } from './store/alerts.ts'
import { allowRestart } from './store/books.ts'
import { makePairingCode, revokeFridge } from './store/fridges.ts'
import { callerOf, mayAs, type Caller, type Role } from './store/keys.ts'
import type { Db } from './store/open.ts'
import {
  isKnown,
  listFridges,
  listReceipts,
  listSetAside,
  listStock,
  moneyByFridge,
  salesByProduct,
} from './store/reads.ts'

export interface OwnerPorts {
  readonly db: () => Db | null
  readonly metrics: Metrics
}

interface Call<Query, Body> {
  readonly db: Db
  readonly caller: Caller
  readonly fridge: string
  readonly query: Query
  readonly body: Body
}

interface Route<Query, Body> {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly role: Role
  readonly what: string
  readonly query?: z.ZodType<Query>
  readonly body?: z.ZodType<Body>
  /** The body is a file: its bytes, as they came. */
  readonly file?: true
  /** Of a body that is longer than others'. */
  readonly bodyBytes?: number
  /** What is answered; null: there is no such fridge; a Download or a Refusal is sent as what it is. */
  answer(call: Call<Query, Body>): Promise<unknown>
}

/** A file to be kept, sent as it is made. */
export class Download {
  readonly file: string
  readonly type: string
  readonly stream: Readable
  constructor(file: string, type: string, stream: Readable) {
    this.file = file
    this.type = type
    this.stream = stream
  }
}

/** An answer that is none, with its status. */
export class Refusal {
  readonly status: number
  readonly body: ReturnType<typeof fault>
  constructor(status: number, body: ReturnType<typeof fault>) {
    this.status = status
    this.body = body
  }
}

const time = z.coerce.number().int().min(0).max(8_640_000_000_000_000)
const fridge = fridgeIdSchema.optional()
const limit = z.coerce.number().int().min(1).max(500).default(100)

const receiptsQuery = z
  .strictObject({
    fridge,
    limit,
    beforeAtMs: time.optional().describe('the last receipt of the page before: its atMs, fridge and visit'),
    beforeFridge: fridgeIdSchema.optional(),
    beforeVisit: z.string().max(64).optional(),
  })
  .refine(
    (query) =>
      [query.beforeAtMs, query.beforeFridge, query.beforeVisit].every((one) => one === undefined) ||
      [query.beforeAtMs, query.beforeFridge, query.beforeVisit].every((one) => one !== undefined),
    'beforeAtMs, beforeFridge and beforeVisit go together',
  )
export const salesQuery = z.strictObject({ fridge, fromMs: time.default(0), toMs: time.default(8_640_000_000_000_000) })
const setAsideQuery = z.strictObject({ limit })
const alertsQuery = z.strictObject({ limit, all: z.enum(['true', 'false']).default('false') })
const acknowledgeBody = z.strictObject({ id: z.int().positive(), note: z.string().trim().min(3).max(200) })
const reasonBody = z.strictObject({ reason: z.string().trim().min(3).max(200) })

export function ownerRoutes(app: FastifyInstance, ports: OwnerPorts): void {
  const add = <Query, Body>(route: Route<Query, Body>): void => addRoute(app, ports, route)

  add({
    method: 'GET',
    url: '/fridges',
    role: 'viewer',
    what: 'Every fridge, how far it has synced, and how long it has been silent',
    answer: async ({ db }) => ({ fridges: await listFridges(db) }),
  })
  add({
    method: 'GET',
    url: '/fridges/:fridge/stock',
    role: 'viewer',
    what: 'What a fridge believes stands on its shelves; below zero is a difference that a count will settle',
    answer: async ({ db, fridge }) => ((await isKnown(db, fridge)) ? { stock: await listStock(db, fridge) } : null),
  })
  add({
    method: 'GET',
    url: '/fridges/:fridge/set-aside',
    role: 'viewer',
    what: 'The rows of a fridge that the relay could not take, newest first, as they came',
    query: setAsideQuery,
    answer: async ({ db, fridge, query }) =>
      (await isKnown(db, fridge)) ? { setAside: await listSetAside(db, fridge, query.limit) } : null,
  })
  add({
    method: 'GET',
    url: '/receipts',
    role: 'viewer',
    what: 'Receipts with their lines, newest first',
    query: receiptsQuery,
    answer: async ({ db, query: { fridge, limit, beforeAtMs, beforeFridge, beforeVisit } }) => {
      const given = beforeAtMs !== undefined && beforeFridge !== undefined && beforeVisit !== undefined
      const before = given ? { atMs: beforeAtMs, fridge: beforeFridge, visit: beforeVisit } : undefined
      return { receipts: await listReceipts(db, { fridge, limit, before }) }
    },
  })
  add({
    method: 'GET',
    url: '/sales',
    role: 'viewer',
    what: 'What was sold in a time, by product',
    query: salesQuery,
    answer: async ({ db, query }) => ({ sales: await salesByProduct(db, query) }),
  })
  add({
    method: 'GET',
    url: '/money',
    role: 'viewer',
    what: 'Captures beside receipts, by fridge and currency: they are equal once a fridge has synced',
    answer: async ({ db }) => ({ money: await moneyByFridge(db) }),
  })
  add({
    method: 'GET',
    url: '/alerts',
    role: 'viewer',
    what: 'What somebody must be told of a fridge: what stands open, or with `all` what ever was, newest first',
    query: alertsQuery,
    answer: async ({ db, query }) => ({
      alerts: await listAlerts(db, { open: query.all === 'false', limit: query.limit }),
    }),
  })
  add({
    method: 'POST',
    url: '/alerts/acknowledge',
    role: 'operator',
    what: 'Somebody has seen an alert and says what is done; it closes by itself when its cause is gone',
    body: acknowledgeBody,
    answer: async ({ db, caller, body }) => ({
      acknowledged: await acknowledgeAlert(db, body.id, caller.name, body.note),
    }),
  })
  add({
    method: 'POST',
    url: '/alerts/escalate',
    role: 'operator',
    what: 'Somebody calls for more people, once an alert: it is told wherever alerts are told, and marked here in any case',
    body: acknowledgeBody,
    answer: async ({ db, caller, body }) => ({ escalated: await escalateAlert(db, body.id, caller.name, body.note) }),
  })
  add({
    method: 'POST',
    url: '/pairing-codes',
    role: 'operator',
    what: 'A code that pairs one fridge in the next 15 minutes',
    answer: async ({ db, caller }) => makePairingCode(db, caller.name),
  })
  add({
    method: 'POST',
    url: '/fridges/:fridge/revoke',
    role: 'owner',
    what: 'Takes a fridge’s key back: it can write no more until it is paired anew',
    body: reasonBody,
    answer: async ({ db, fridge, caller, body }) =>
      (await revokeFridge(db, fridge, caller.name, body.reason)) ? { revoked: fridge } : null,
  })
  add({
    method: 'POST',
    url: '/fridges/:fridge/restart',
    role: 'owner',
    what: 'Lets a fridge whose ledger was put back to an older day go on from there, within 24 hours; see divergedAtSeq',
    body: reasonBody,
    answer: async ({ db, fridge, caller, body }) =>
      (await allowRestart(db, fridge, caller.name, body.reason)) ? { mayRestart: fridge } : null,
  })
}

/** One route under `/api/v1`: who may, what comes in, what goes out, and its description. */
export function addRoute<Query, Body>(
  app: FastifyInstance,
  { db, metrics }: OwnerPorts,
  route: Route<Query, Body>,
): void {
  const { method, role, what } = route
  const schema = {
    summary: what,
    description: `For the role ${role} and above.`,
    security: [{ key: [] }],
    ...(route.query === undefined ? {} : { querystring: described(route.query) }),
    ...(route.body === undefined ? {} : { body: described(route.body) }),
    ...(route.url.includes(':fridge') ? { params: described(z.object({ fridge: fridgeIdSchema })) } : {}),
  }
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const open = db()
    if (open === null) return reply.code(503).send(fault('busy', 'the database is being opened'))
    const caller = await callerOfRequest(open, request)
    if (typeof caller === 'string') {
      metrics.refused(caller)
      const says = caller === 'noKey' ? 'send Authorization: Bearer and an API key' : 'the API key is not known'
      return reply.code(401).header('www-authenticate', 'Bearer').send(fault(caller, says))
    }
    if (!mayAs(caller, role)) {
      metrics.refused('role')
      return reply.code(403).send(fault('role', `this needs the role ${role}, and the key has ${caller.role}`))
    }
    const params = z.object({ fridge: fridgeIdSchema.default('-') }).safeParse(request.params)
    if (!params.success) return reply.code(404).send(fault('unknownFridge', 'there is no such fridge'))
    const query = (route.query ?? z.strictObject({})).safeParse(request.query)
    if (!query.success) return reply.code(400).send(fault('malformed', says(query.error)))
    const body = route.body?.safeParse(request.body)
    if (body?.success === false) {
      metrics.refused('malformed')
      return reply.code(400).send(fault('malformed', says(body.error)))
    }
    const answered = await route.answer({
      db: open,
      caller,
      fridge: params.data.fridge,
      // Where a route names no schema nobody looks at these.
      query: query.data as Query,
      body: (route.file === true ? request.body : body?.data) as Body,
    })
    if (answered instanceof Refusal) return reply.code(answered.status).send(answered.body)
    if (answered instanceof Download)
      return reply
        .headers({ 'cache-control': 'no-store', 'content-type': answered.type })
        .header('content-disposition', `attachment; filename="${answered.file}"`)
        .send(answered.stream)
    if (answered === null) return reply.code(404).send(fault('unknownFridge', 'there is no such fridge'))
    return reply.header('cache-control', 'no-store').send(answered)
  }
  app.route({ method, url: `/api/v1${route.url}`, bodyLimit: route.bodyBytes ?? 16 * 1024, schema, handler: answer })
}

async function callerOfRequest(db: Db, request: FastifyRequest): Promise<Caller | 'noKey' | 'badKey'> {
  const key = /^Bearer (\S{1,200})$/.exec(request.headers.authorization ?? '')?.[1]
  return key === undefined ? 'noKey' : ((await callerOf(db, key)) ?? 'badKey')
}

export const fault = (code: string, says: string) => ({ error: { code, says } })

const says = (error: z.ZodError): string =>
  error.issues.map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`).join('; ').slice(0, 500) // prettier-ignore

const described = (schema: z.ZodType): unknown => z.toJSONSchema(schema, { target: 'draft-7', io: 'input' })
