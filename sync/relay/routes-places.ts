/**
 * Place routes: where fridges stand, how full they are, and what they said over time, for the map and for charts.
 * Holds always: a place is changed by an operator who has seen the last one, with a reason in the audit [RL40].
 */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { capacityChangeSchema, placeChangeSchema } from '../../src/contract/fleet-places.ts'
import { addRoute, salesQuery, type OwnerPorts } from './routes-owner.ts'
import { setCapacities } from './store/capacities.ts'
import { listFill, listPlaces, listSamples, salesByFridge, setPlace, takeSamples } from './store/fleet-places.ts'
import { isKnown } from './store/reads.ts'

const lookEveryMs = 60_000
const time = z.coerce.number().int().min(0)

export function placeRoutes(app: FastifyInstance, ports: OwnerPorts): void {
  addRoute(app, ports, {
    method: 'GET',
    url: '/places',
    role: 'viewer',
    what: 'Where fridges stand, as far as somebody has said it',
    answer: async ({ db }) => ({ places: await listPlaces(db) }),
  })
  addRoute(app, ports, {
    method: 'POST',
    url: '/fridges/:fridge/place',
    role: 'operator',
    what: 'Says where a fridge stands; with the version that was seen, so that nobody overwrites what they have not read',
    body: placeChangeSchema,
    answer: async ({ db, fridge, caller, body }) =>
      (await isKnown(db, fridge)) ? setPlace(db, fridge, caller.name, body) : null,
  })
  addRoute(app, ports, {
    method: 'POST',
    url: '/fridges/:fridge/capacities',
    role: 'operator',
    what: 'Says how much of a product fits on a shelf, or null again; all of them or none, against what was seen',
    body: capacityChangeSchema,
    answer: async ({ db, fridge, caller, body }) =>
      (await isKnown(db, fridge)) ? setCapacities(db, fridge, caller.name, body) : null,
  })
  addRoute(app, ports, {
    method: 'GET',
    url: '/fill',
    role: 'viewer',
    what: 'How full each fridge is, and how many of its products are nearly gone',
    answer: async ({ db }) => ({ fill: await listFill(db) }),
  })
  addRoute(app, ports, {
    method: 'GET',
    url: '/fridges/:fridge/samples',
    role: 'viewer',
    what: 'What a fridge said over time, a quarter of an hour each: air, stock, rows that waited, silence; kept for 31 days',
    query: z.strictObject({ fromMs: time, toMs: time }),
    answer: async ({ db, fridge, query }) =>
      (await isKnown(db, fridge)) ? { samples: await listSamples(db, fridge, query.fromMs, query.toMs) } : null,
  })
  addRoute(app, ports, {
    method: 'GET',
    url: '/sales/fridges',
    role: 'viewer',
    what: 'What receipts of a time charged, by fridge, the most first, 500 at most',
    query: salesQuery,
    answer: async ({ db, query }) => ({ sales: await salesByFridge(db, query) }),
  })
  sampleOften(app, ports)
}

/** Any copy may take one; a database that is away is asked again a minute later. */
function sampleOften(app: FastifyInstance, { db }: OwnerPorts): void {
  let taking: Promise<void> | null = null
  const timer = setInterval(() => {
    const open = db()
    if (open === null || taking !== null) return
    taking = takeSamples(open)
      .catch((error: unknown) => app.log.warn({ err: error }, 'samples could not be taken'))
      .finally(() => (taking = null))
  }, lookEveryMs)
  timer.unref()
  app.addHook('preClose', async () => {
    clearInterval(timer)
    await taking
  })
}
