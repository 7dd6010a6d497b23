/**
 * Post: sends the letters that are due, mails and pushes, until each is over.
 * Holds always (SPEC RL23): any copy of the relay sends any letter, one copy each at a time; what could not be sent is tried
 * ever later, until nobody wants it; a refusal ends that letter and holds up no other. Built by main.ts and by tests.
 */
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { letterLater, letterOver, sweepLetters, takeLetters, unsubscribe, type Due } from '../store/letters.ts'
import { sweepAccounts } from '../store/accounts.ts'
import type { Db } from '../store/open.ts'
import type { Seals } from '../phone/seals.ts'
import type { Carrier } from './carrier.ts'
import { mailSchema, pushSchema } from './letters.ts'
import type { Pusher } from './web-push.ts'

export interface Post {
  /** Null: no mail can be sent. */
  readonly carrier: Carrier | null
  /** Null: nothing is pushed. */
  readonly pusher: Pusher | null
}

const atOnce = 20
const pushGoodForMs = 3_600_000

/** Sends what is due now. Returns how many letters were tried. */
export async function sendDue(db: Db, seals: Seals, post: Post, log: FastifyBaseLogger): Promise<number> {
  const due = await takeLetters(db, seals, atOnce)
  await Promise.all(
    due.map(async (letter) => {
      const outcome = await sent(db, letter, post).catch((error: unknown) => {
        log.warn({ err: error }, 'a letter could not be sent')
        return 'later' as const
      })
      if (outcome === 'later') await letterLater(db, letter)
      else await letterOver(db, letter.id, outcome)
    }),
  )
  return due.length
}

async function sent(db: Db, { id, kind, target, body }: Due, post: Post): Promise<'sent' | 'later' | 'refused'> {
  if (kind === 'mail') {
    const mail = mailSchema.safeParse(JSON.parse(body))
    if (!mail.success) return 'refused'
    return post.carrier === null ? 'later' : post.carrier.carry(target, id, mail.data)
  }
  const push = pushSchema.safeParse(JSON.parse(body))
  if (!push.success) return 'refused'
  if (post.pusher === null) return 'later'
  const { told, p256dh, auth } = push.data
  const pushed = await post.pusher.push({ endpoint: target, p256dh, auth }, JSON.stringify(told), pushGoodForMs)
  if (pushed === 'gone') await unsubscribe(db, null, target)
  return pushed === 'gone' ? 'refused' : pushed
}

const lookEveryMs = 2_000
const sweepEveryMs = 10 * 60_000

/** Looks by itself; `hurry` when somebody waits for what was just written. `before`: what else is looked for each time. */
export function keepPosting(
  app: FastifyInstance,
  ports: { readonly db: () => Db | null; readonly seals: Seals; readonly post: Post },
  before: (db: Db) => Promise<void>,
): { hurry(): void } {
  const { seals, post } = ports
  let looking: Promise<void> | null = null
  let again = false
  const closing = new AbortController()
  let sweptAt = 0
  async function look(db: Db): Promise<void> {
    await before(db)
    while (!closing.signal.aborted && (await sendDue(db, seals, post, app.log)) === atOnce) continue
    if (performance.now() - sweptAt < sweepEveryMs) return
    sweptAt = performance.now()
    await sweepAccounts(db)
    await sweepLetters(db)
  }
  const turn = (): void => {
    const db = ports.db()
    if (db === null || closing.signal.aborted) return
    if (looking !== null) {
      again = true
      return
    }
    again = false
    looking = look(db)
      .catch((error: unknown) => app.log.warn({ err: error }, 'letters could not be looked for'))
      .finally(() => {
        looking = null
        if (again) turn()
      })
  }
  const timer = setInterval(turn, lookEveryMs)
  timer.unref()
  app.addHook('preClose', async () => {
    closing.abort()
    clearInterval(timer)
    await looking
    post.carrier?.close()
  })
  return { hurry: turn }
}
