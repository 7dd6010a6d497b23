/**
 * Fleet routes: the owner's pages (`/fleet/`, built by Vite) and what they ask beside the owner's API.
 * Holds always: the pages are the same for everybody and hold nothing of the owner's; what they show comes from the API with
 * the key that the owner typed. Their policy lets them speak to this relay only.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { FleetCaller, FleetLive, FleetSpan } from '../../src/contract/fleet.ts'
import { addRoute, salesQuery, type OwnerPorts } from './routes-owner.ts'
import { liveOf } from './store/channels.ts'
import { salesBySpan } from './store/reads.ts'

const hourMs = 3_600_000
const spansQuery = salesQuery.extend({
  fromMs: z.coerce.number().int().min(0),
  toMs: z.coerce.number().int().min(0),
  spanMs: z.coerce
    .number()
    .int()
    .min(hourMs)
    .max(31 * 24 * hourMs)
    .default(hourMs),
})

export function fleetRoutes(app: FastifyInstance, ports: OwnerPorts): void {
  addRoute(app, ports, {
    method: 'GET',
    url: '/me',
    role: 'viewer',
    what: 'Whose key this is, and what it may',
    answer: async ({ caller }): Promise<FleetCaller> => ({ name: caller.name, role: caller.role }),
  })
  addRoute(app, ports, {
    method: 'GET',
    url: '/live',
    role: 'viewer',
    what: 'What each fridge said last over its live channel; a fridge that was never there is not listed',
    answer: async ({ db }) => ({
      live: (await liveOf(db)).map(({ fridge, online, silentMs, state }): FleetLive => ({
        fridge,
        online,
        silentMs,
        doorOpen: state?.doorOpen ?? null,
        celsius: state?.celsius ?? null,
        closed: state?.closed ?? null,
        pending: state?.pending ?? null,
      })),
    }),
  })
  addRoute(app, ports, {
    method: 'GET',
    url: '/sales/spans',
    role: 'viewer',
    what: 'What was charged in a time, by spans of it (an hour, unless said otherwise); empty spans are left out',
    query: spansQuery,
    answer: async ({ db, query: { spanMs, ...asked } }) => ({
      spans: (await salesBySpan(db, asked, spanMs)) as FleetSpan[],
    }),
  })
}

/** Vite's build; in a bundle it stands beside it. */
const built = [new URL('../../dist/renderer/', import.meta.url), new URL('./renderer/', import.meta.url)]
const policy = [
  "default-src 'none'",
  ...['script-src', 'style-src', 'font-src', 'connect-src'].map((source) => `${source} 'self'`),
  "img-src 'self' data:",
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
].join('; ')

/** Serves the pages where they were built; elsewhere `/fleet/` says how to. Returns whether they are there. */
export async function fleetPages(app: FastifyInstance): Promise<boolean> {
  const root = built.map((url) => fileURLToPath(url)).find((folder) => existsSync(`${folder}fleet/index.html`))
  if (root === undefined) {
    app.get('/fleet/', { schema: { hide: true } }, async (_request, reply) =>
      reply.code(503).type('text/plain').send('The pages are not built: npm run build\n'),
    )
    return false
  }
  await app.register(async (pages) => {
    pages.addHook('onSend', async (_request, reply) => void reply.header('content-security-policy', policy))
    const common = { decorateReply: false, index: ['index.html'], redirect: true, schemaHide: true }
    await pages.register(fastifyStatic, { ...common, root: `${root}fleet`, prefix: '/fleet/', cacheControl: false })
    // Vite puts a hash of its content into each name.
    await pages.register(fastifyStatic, {
      ...common,
      root: `${root}assets`,
      prefix: '/assets/',
      index: false,
      maxAge: '365d',
      immutable: true,
    })
  })
  return true
}
