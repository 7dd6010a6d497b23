/**
 * Command routes: what an owner's people order fridges to do, and what they must look at: doors, prices, places, denied
 * cards, reviews, refunds; and the audit of all of it.
 * Holds always: every change has a person, a role and a reason, in the audit log and in the fridge's own books (law P3);
 * a change that was asked for twice is one.
 */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { z } from 'zod'
import { secondMs } from '../../src/core/time.ts'
import { orderSchema, type Order } from '../protocol/mqtt.ts'
import type { Live } from './live.ts'
import { refund } from './refunds.ts'
import { addRoute, type OwnerPorts } from './routes-owner.ts'
import type { Shop } from './shop.ts'
import { note } from './store/audit.ts'
import { addCommand, listCommands } from './store/commands.ts'
import type { Db } from './store/open.ts'
import { catalogueOf, listAudit, listRefunds, listReviews, listSchedules } from './store/owner-reads.ts'
import { isKnown } from './store/reads.ts'

export interface CommandRoutePorts extends OwnerPorts {
  readonly live: Live
  readonly shop: Shop | null
}

const reason = z.string().trim().min(3).max(200)
const limit = z.coerce.number().int().min(1).max(500).default(100)
const [, , prices, planogram, denied, review, , , counts] = orderSchema.options
const pricesBody = prices.omit({ type: true }).extend({
  reason,
  atMs: z.int().positive().optional().describe('from when on, by the relay’s clock; without it, at once'),
})
const planogramBody = planogram.omit({ type: true }).extend({ reason })
const countsBody = counts.omit({ type: true }).extend({ reason })
const deniedBody = denied.omit({ type: true }).extend({ reason })
const reviewBody = review.omit({ type: true }).extend({ reason })
const refundBody = z.strictObject({
  visit: z.uuid(),
  amountMinor: z.int().min(1),
  key: z
    .string()
    .regex(/^[\x21-\x7e]{1,64}$/)
    .describe('names this refund: asked again with it, it is the same one'),
  reason,
})
const openForMs = 8 * secondMs

export function commandRoutes(app: FastifyInstance, ports: CommandRoutePorts): void {
  const { live, shop } = ports
  /** Written with its audit; sent now if the fridge is there, else when it is. */
  const keep = async (db: Db, fridge: string, by: string, order: Order, reason: string): Promise<number> => {
    const number = await db.transaction().execute(async (trx) => {
      await note(trx, by, order.type, fridge, reason)
      return addCommand(trx, { fridge, order, by, reason, untilMs: null })
    })
    await live.flush(fridge)
    return number
  }

  addRoute(app, ports, {
    method: 'GET',
    url: '/fridges/:fridge/commands',
    role: 'viewer',
    what: 'What a fridge was told to do, and what became of it, newest first',
    query: z.strictObject({ limit }),
    answer: async ({ db, fridge, query }) =>
      (await isKnown(db, fridge)) ? { commands: await listCommands(db, fridge, query.limit) } : null,
  })
  addRoute(app, ports, {
    method: 'POST',
    url: '/fridges/:fridge/unlock',
    role: 'operator',
    what: 'Opens a fridge’s door now for a person of the owner’s: nothing of it is sold. Answers with the fridge’s word',
    body: z.strictObject({ reason }),
    async answer({ db, fridge, caller, body }) {
      if (!(await isKnown(db, fridge))) return null
      const order: Order = { type: 'openDoor', visit: randomUUID() }
      const by = caller.name
      return live.now({ fridge, order, by, reason: body.reason }, openForMs, (_number, _untilMs, trx) =>
        note(trx, by, 'openDoor', fridge, body.reason).then(() => {}),
      )
    },
  })
  addRoute(app, ports, {
    method: 'GET',
    url: '/fridges/:fridge/catalogue',
    role: 'viewer',
    what: 'What a fridge sells, at which prices and on which shelves, as far as it has synced',
    answer: async ({ db, fridge }) =>
      (await isKnown(db, fridge)) ? { catalogue: await catalogueOf(db, fridge) } : null,
  })
  addRoute(app, ports, {
    method: 'POST',
    url: '/fridges/:fridge/prices',
    role: 'operator',
    what: 'Sets prices of a fridge, at once or from a time on; the fridge takes them when nobody is at its door',
    body: pricesBody,
    async answer({ db, fridge, caller, body: { prices, reason, atMs } }) {
      if (!(await isKnown(db, fridge))) return null
      if (atMs === undefined)
        return { command: await keep(db, fridge, caller.name, { type: 'prices', prices }, reason) }
      const id = randomUUID()
      await db.transaction().execute(async (trx) => {
        await note(trx, caller.name, 'pricesScheduled', fridge, reason)
        const values = { fridge, id, due_at: new Date(atMs), prices: JSON.stringify(prices), who: caller.name, reason }
        await trx.insertInto('price_schedules').values(values).execute()
      })
      return { schedule: id }
    },
  })
  addRoute(app, ports, {
    method: 'GET',
    url: '/fridges/:fridge/price-schedules',
    role: 'viewer',
    what: 'Prices that a fridge is to take from a time on',
    answer: async ({ db, fridge }) =>
      (await isKnown(db, fridge)) ? { schedules: await listSchedules(db, fridge) } : null,
  })
  addRoute(app, ports, {
    method: 'POST',
    url: '/fridges/:fridge/price-schedules/cancel',
    role: 'operator',
    what: 'Cancels prices that were to come; false where their time has come already',
    body: z.strictObject({ id: z.uuid(), reason }),
    answer: async ({ db, fridge, caller, body }) =>
      db.transaction().execute(async (trx) => {
        const { rows } = await sql`update price_schedules set cancelled_by = ${caller.name} where fridge = ${fridge}
          and id = ${body.id} and command is null and cancelled_by is null returning id`.execute(trx)
        if (rows.length > 0) await note(trx, caller.name, 'pricesCancelled', fridge, body.reason)
        return { cancelled: rows.length > 0 }
      }),
  })
  addRoute(app, ports, {
    method: 'POST',
    url: '/fridges/:fridge/planogram',
    role: 'operator',
    what: 'Gives products other shelves; what is believed to stand there goes along',
    body: planogramBody,
    answer: async ({ db, fridge, caller, body: { places, reason } }) =>
      (await isKnown(db, fridge))
        ? { command: await keep(db, fridge, caller.name, { type: 'planogram', places }, reason) }
        : null,
  })
  addRoute(app, ports, {
    method: 'POST',
    url: '/fridges/:fridge/counts',
    role: 'operator',
    what: 'Says what somebody has counted on a fridge’s shelves; it is believed from then on',
    body: countsBody,
    answer: async ({ db, fridge, caller, body: { counts, reason } }) =>
      (await isKnown(db, fridge))
        ? { command: await keep(db, fridge, caller.name, { type: 'counts', counts }, reason) }
        : null,
  })
  addRoute(app, ports, {
    method: 'POST',
    url: '/fridges/:fridge/denied',
    role: 'owner',
    what: 'The cards that a fridge turns away, by their fingerprints, in place of all before',
    body: deniedBody,
    answer: async ({ db, fridge, caller, body: { fingerprints, reason } }) =>
      (await isKnown(db, fridge))
        ? { command: await keep(db, fridge, caller.name, { type: 'denied', fingerprints }, reason) }
        : null,
  })
  addRoute(app, ports, {
    method: 'GET',
    url: '/reviews',
    role: 'viewer',
    what: 'Visits in doubt that somebody must look at, the most urgent first; with all=true the decided ones too',
    query: z.strictObject({ limit, all: z.enum(['true', 'false']).default('false') }),
    answer: async ({ db, query }) => ({
      reviews: await listReviews(db, { all: query.all === 'true', limit: query.limit }),
    }),
  })
  addRoute(app, ports, {
    method: 'POST',
    url: '/fridges/:fridge/reviews',
    role: 'operator',
    what: 'Decides a visit in doubt: what was taken. Once; asked again while it is on its way, it is the first verdict',
    body: reviewBody,
    async answer({ db, fridge, caller, body: { visit, taken, reason } }) {
      const order: Order = { type: 'review', visit, taken }
      const decided = await db.transaction().execute(async (trx) => {
        const found = await sql<{ closed_ms: number | null }>`select closed_ms from reviews
          where fridge = ${fridge} and visit = ${visit} for update`.execute(trx)
        const [row] = found.rows
        if (row === undefined) return null
        const sent = await sql<{
          number: number
        }>`select number from commands where fridge = ${fridge} and lane = 'kept'
          and type = 'review' and substring(body from '"visit":"([^"]*)"') = ${visit}
          and (outcome is null or outcome = 'done') limit 1`.execute(trx)
        const [before] = sent.rows
        if (before !== undefined) return { command: before.number, first: false }
        if (row.closed_ms !== null) return { command: null, first: false }
        await note(trx, caller.name, 'review', `${fridge}/${visit}`, reason)
        const number = await addCommand(trx, { fridge, order, by: caller.name, reason, untilMs: null })
        return { command: number, first: true }
      })
      if (decided?.first === true) await live.flush(fridge)
      return decided
    },
  })
  addRoute(app, ports, {
    method: 'POST',
    url: '/fridges/:fridge/refunds',
    role: 'owner',
    what: 'Gives money of a visit back, at most what was captured',
    body: refundBody,
    async answer({ db, fridge, caller, body }) {
      if (!(await isKnown(db, fridge))) return null
      if (shop === null) return { type: 'notSetUp' }
      return refund(db, shop.wallet, { fridge, by: caller.name, ...body })
    },
  })
  addRoute(app, ports, {
    method: 'GET',
    url: '/refunds',
    role: 'viewer',
    what: 'Refunds, newest first',
    query: z.strictObject({ limit }),
    answer: async ({ db, query }) => ({ refunds: await listRefunds(db, query.limit) }),
  })
  addRoute(app, ports, {
    method: 'GET',
    url: '/audit',
    role: 'owner',
    what: 'Who changed what, when and why, newest first',
    query: z.strictObject({ limit, beforeId: z.coerce.number().int().positive().optional() }),
    answer: async ({ db, query }) => ({ audit: await listAudit(db, query) }),
  })
}

/** Prices whose time has come become commands, at one copy of the relay each. */
export async function sweepSchedules(db: Db, live: Pick<Live, 'flush'>): Promise<void> {
  const { rows } = await sql<{ fridge: string; id: string }>`select fridge, id from price_schedules
    where due_at <= now() and command is null and cancelled_by is null order by due_at limit 100`.execute(db)
  for (const { fridge, id } of rows) {
    await db.transaction().execute(async (trx) => {
      const due = await sql<{
        prices: string
        who: string
        reason: string
      }>`select prices, who, reason from price_schedules
        where fridge = ${fridge} and id = ${id} and command is null and cancelled_by is null for update`.execute(trx)
      const [one] = due.rows
      if (one === undefined) return
      const order = orderSchema.parse({ type: 'prices', prices: JSON.parse(one.prices) as unknown })
      const number = await addCommand(trx, { fridge, order, by: one.who, reason: one.reason, untilMs: null })
      await sql`update price_schedules set command = ${number} where fridge = ${fridge} and id = ${id}`.execute(trx)
    })
    await live.flush(fridge)
  }
}
