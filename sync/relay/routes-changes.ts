/**
 * Change routes: the catalogue and planogram editor's: what fridges sell by, drafts, what a change would do where, applying
 * and undoing it.
 * Holds always (SPEC RL42-RL46): viewers read; operators draft, apply and undo; each with a reason, in the audit and in the
 * fridge's own books.
 */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { changesSchema, draftSchema } from '../../src/contract/fleet-changes.ts'
import { fridgeIdSchema } from '../protocol/messages.ts'
import type { Live } from './live.ts'
import { addRoute, fault, Refusal, type OwnerPorts } from './routes-owner.ts'
import { applyChange, keepDraft, listChanges, listDrafts, previewOf, undoChange } from './store/changes.ts'
import { listFridges } from './store/reads.ts'
import { standingOf } from './store/standing.ts'

const most = 200
/** Twenty products, with all that is said of them in three languages. */
const bodyBytes = 512 * 1024
const reason = z.string().trim().min(3).max(200)
const limit = z.coerce.number().int().min(1).max(100).default(30)
const onceEach = (fridges: readonly string[]): boolean => new Set(fridges).size === fridges.length
const previewBody = z.strictObject({
  fridges: z.array(fridgeIdSchema).min(1).max(most).refine(onceEach, 'names a fridge twice'),
  changes: changesSchema,
})
const applyBody = z.strictObject({
  name: z.string().trim().min(1).max(60),
  fridges: z
    .array(z.strictObject({ fridge: fridgeIdSchema, version: z.string().max(64) }))
    .min(1)
    .max(most)
    .refine((list) => onceEach(list.map(({ fridge }) => fridge)), 'names a fridge twice'),
  changes: changesSchema,
  atMs: z
    .int()
    .positive()
    .max(8_640_000_000_000_000)
    .optional()
    .describe('prices from a time on, by the relay’s clock; without it, at once'),
  reason,
})

export function changeRoutes(app: FastifyInstance, ports: OwnerPorts & { readonly live: Pick<Live, 'flush'> }): void {
  const { live } = ports
  addRoute(app, ports, {
    method: 'GET',
    url: '/catalogues',
    role: 'viewer',
    what: 'What fridges sell, at which prices and on which shelves, once all that they were told has come to them; 200 a page',
    query: z.strictObject({
      after: fridgeIdSchema.optional().describe('the last fridge of the page before'),
      fridge: fridgeIdSchema.optional().describe('only this one'),
    }),
    async answer({ db, query: { after = '', fridge } }) {
      if (fridge !== undefined) return { catalogues: [...(await standingOf(db, [fridge])).values()], next: null }
      const ids = (await listFridges(db)).filter((one) => one.revokedAtMs === null).map(({ fridge }) => fridge)
      const page = ids.toSorted((a, b) => (a < b ? -1 : 1)).filter((one) => one > after).slice(0, most) // prettier-ignore
      const stands = await standingOf(db, page)
      return { catalogues: [...stands.values()], next: page.length === most ? (page.at(-1) ?? null) : null }
    },
  })
  addRoute(app, ports, {
    method: 'POST',
    url: '/changes/preview',
    role: 'viewer',
    what: 'What a change of prices, places and products would do at each fridge, with every fault; does nothing',
    body: previewBody,
    bodyBytes,
    answer: async ({ db, body }) => ({ diffs: await previewOf(db, body.fridges, body.changes) }),
  })
  addRoute(app, ports, {
    method: 'POST',
    url: '/changes',
    role: 'operator',
    what: 'Applies a change at all fridges that it names or at none; they take it when nobody is at their doors',
    body: applyBody,
    bodyBytes,
    async answer({ db, caller, body }) {
      const applied = await applyChange(db, { ...body, by: caller.name })
      if (applied.type === 'applied') await Promise.all(applied.fridges.map((fridge) => live.flush(fridge)))
      if (applied.type === 'refused') for (const { faults } of applied.diffs) for (const { code } of faults) ports.metrics.changeRefused(code) // prettier-ignore
      return applied
    },
  })
  addRoute(app, ports, {
    method: 'GET',
    url: '/changes',
    role: 'viewer',
    what: 'Changes that were applied or are to come, and what became of each at each fridge, newest first',
    query: z.strictObject({ limit }),
    answer: async ({ db, query }) => ({ changes: await listChanges(db, query.limit) }),
  })
  addRoute(app, ports, {
    method: 'POST',
    url: '/changes/undo',
    role: 'operator',
    what: 'Takes a change back, once; what is to come is cancelled, and what somebody changed since stays',
    body: z.strictObject({ id: z.uuid(), reason }),
    async answer({ db, caller, body }) {
      const undone = await undoChange(db, { ...body, by: caller.name })
      if (undone === null) return new Refusal(404, fault('unknownChange', 'there is no such change'))
      if (undone.type === 'undone') await Promise.all(undone.fridges.map((fridge) => live.flush(fridge)))
      return undone
    },
  })
  addRoute(app, ports, {
    method: 'GET',
    url: '/drafts',
    role: 'viewer',
    what: 'Changes that somebody has begun and not applied',
    answer: async ({ db }) => ({ drafts: await listDrafts(db) }),
  })
  addRoute(app, ports, {
    method: 'POST',
    url: '/drafts',
    role: 'operator',
    what: 'Keeps a draft: version 0 makes it; else the version that was seen, so that nobody overwrites another’s',
    body: draftSchema,
    bodyBytes,
    answer: async ({ db, caller, body }) => keepDraft(db, caller.name, body),
  })
  addRoute(app, ports, {
    method: 'POST',
    url: '/drafts/drop',
    role: 'operator',
    what: 'Throws a draft away, if nobody has changed it meanwhile',
    body: draftSchema.omit({ changes: true }),
    answer: async ({ db, caller, body }) => keepDraft(db, caller.name, { ...body, changes: null }),
  })
}
