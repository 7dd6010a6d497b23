/** A fridge for the relay's contract: paired with its own key, its books in memory, its requests served in this process. */
import { createHash, randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import type { Event } from '../../src/core/events.ts'
import { silent, type Clock } from '../../src/core/ports.ts'
import type { Cursor } from '../../sync/edge/batches.ts'
import { cursorAt, nextBatch } from '../../sync/edge/batches.ts'
import type { Fetch } from '../../sync/edge/exchange.ts'
import { pair } from '../../sync/edge/pairing.ts'
import { createPusher, type Pusher } from '../../sync/edge/pusher.ts'
import { encodeBatch } from '../../sync/protocol/codec.ts'
import type { Answer, Batch } from '../../sync/protocol/messages.ts'
import { signedRows, signingKey, type SigningKey } from '../../sync/protocol/signing.ts'
import { createRelay } from '../../sync/relay/relay.ts'
import { makePairingCode } from '../../sync/relay/store/fridges.ts'
import type { Db, OpenStore } from '../../sync/relay/store/open.ts'
import { createBooks, type Books } from '../unit/sync/books.ts'

export const relayOn = (store: OpenStore | null): Promise<FastifyInstance> =>
  createRelay({ kind: store?.kind ?? 'embedded', store: () => store, log: pino({ level: 'silent' }) })

/** A hundred times faster than real, so that nobody waits for jitter. */
const quick: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, due) {
    const timer = setTimeout(due, delayMs / 100)
    return () => clearTimeout(timer)
  },
}

const fetchFrom =
  (app: () => FastifyInstance): Fetch =>
  async (url, { method, headers, body }) => {
    const path = new URL(url).pathname
    const answer = await app().inject({ method, url: path, headers: { ...headers }, payload: Buffer.from(body) })
    return { status: answer.statusCode, text: async () => answer.body }
  }

const wire = (fetch: Fetch) => ({ fetch, clock: quick, relayUrl: 'http://relay.test', timeoutMs: 6_000_000 })

export interface Fridge {
  readonly id: string
  readonly key: SigningKey
  readonly books: Books
  /** `as`: under another fridge's name. */
  pair(code: string, as?: string): ReturnType<typeof pair>
  /** Pushes until the relay has all, or stops. */
  drain(app?: () => FastifyInstance): Promise<Pusher>
  /** One batch, as it would be sent from behind row `after`. */
  batch(after?: number, limit?: number): Batch
  send(batch: Batch, headers?: Record<string, string>, body?: Uint8Array): Promise<Answer>
}

/** `paired`: known to the relay from the start. */
export async function newFridge(app: FastifyInstance, db: Db | null, ...events: readonly Event[]): Promise<Fridge> {
  const key = signingKey(randomBytes(32))
  const id = `fridge-${createHash('sha256').update(key.publicKey).digest('hex').slice(0, 12)}`
  const books = createBooks()
  books.write(1_764_000_000_000, ...events)
  const fridge: Fridge = {
    id,
    key,
    books,
    pair: (code, as = id) => pair(wire(fetchFrom(() => app)), key, as, code),
    drain: (from = () => app) =>
      new Promise((resolve, reject) => {
        const pusher = createPusher(
          {
            ledger: books,
            key,
            fetch: fetchFrom(from),
            clock: quick,
            random: { bytes: (count) => randomBytes(count), uuid: () => '' },
            log: silent,
            failed: reject,
          },
          { fridge: id, relayUrl: 'http://relay.test', timeoutMs: 6_000_000 },
        )
        pusher.onProgress((progress) => {
          const { at, pending } = progress
          if (at !== 'refused' && (at !== 'idle' || pending > 0)) return
          // After the stop nothing but the last state is of interest.
          pusher.stop()
          resolve({ ...pusher, progress: () => progress })
        })
      }),
    batch(after = 0, limit = 1_000) {
      const batch = nextBatch(books, id, cursorAt(books, after) as Cursor, limit, new Map())
      if (!batch.ok) throw new Error(`row ${batch.error.seq}`)
      return batch.value
    },
    async send(batch, headers = {}, body = encodeBatch(batch)) {
      const signature = Buffer.from(key.sign(signedRows(id, body))).toString('base64')
      const standard = {
        'content-type': 'application/zstd',
        'vv-protocol': '1',
        'vv-fridge': id,
        'vv-signature': signature,
      }
      const payload = Buffer.from(body)
      const answer = await app.inject({
        method: 'POST',
        url: '/sync/v1/rows',
        headers: { ...standard, ...headers },
        payload,
      })
      return answer.json()
    },
  }
  if (db !== null) {
    const answer = await fridge.pair((await makePairingCode(db, 'test')).code)
    if (answer.type !== 'paired') throw new Error(JSON.stringify(answer))
  }
  return fridge
}
