/** Phones: all of the relay that a shopper's phone meets: page, routes, letters, the fridges' windows. Called by relay.ts. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Live } from '../live.ts'
import { keepPosting, type Post } from '../mail/post.ts'
import { windowRoute } from '../routes-window.ts'
import type { Shop } from '../shop.ts'
import type { Db } from '../store/open.ts'
import { transactionOf, type Transaction } from '../store/transactions.ts'
import { push, tellEnds, type NewsSettings } from './news.ts'
import { phonePages } from './pages.ts'
import { phoneRoutes } from './routes.ts'
import { phoneVisit } from './visits.ts'

/** What sends letters, and what phones are told of addresses and times. */
export interface PhoneSettings extends NewsSettings {
  readonly post: Post
}

export const noPhones: PhoneSettings = { post: { carrier: null, pusher: null }, publicUrl: null, zone: 'UTC' }

export async function usePhones(
  app: FastifyInstance,
  ports: { readonly db: () => Db | null; readonly live: Live; readonly shop: Shop | null },
  { post, ...settings }: PhoneSettings,
): Promise<{ onUnlocked(transaction: Transaction): void }> {
  const { db, live, shop } = ports
  const seals = shop?.tokens.seals ?? null
  const posting =
    seals === null ? null : keepPosting(app, { db, seals, post }, (open) => tellEnds(open, seals, settings))
  const hurry = (): void => posting?.hurry()
  const { given } = await phoneRoutes(app, { db, live, shop, post, settings, hurry })
  const page = shop?.page ?? null
  windowRoute(app, {
    db,
    phoneOf: (fridge, request) =>
      page === null ? null : `${settings.publicUrl ?? onThisMachine(request)}/f/${fridge}`,
  })
  await phonePages(app, { script: page?.script ?? null, given })
  return {
    onUnlocked(transaction) {
      const open = db()
      if (open === null || seals === null || post.pusher === null) return
      tellUnlocked(open, transaction)
        .then(hurry)
        .catch((error: unknown) => app.log.warn({ err: error }, 'phones could not be told of an unlocked door'))
    },
  }

  async function tellUnlocked(open: Db, { id }: Transaction): Promise<void> {
    const now = await transactionOf(open, id)
    if (now === null || seals === null) return
    await push(open, seals, { shopper: now.shopper, visit: await phoneVisit(open, now), news: { type: 'unlocked' } })
  }
}

/**
 * Where nobody has said an address for phones: a fridge goes by the one at which it reaches the relay (the empty one here), but on
 * one machine, where the virtual fridge's own network stands between the two and no phone is behind it.
 */
const onThisMachine = ({ host, hostname }: FastifyRequest): string =>
  ['127.0.0.1', '[::1]', '::1', 'localhost'].includes(hostname) ? `http://${host}` : ''
