/**
 * The other side of a pusher, for tests: a relay in memory that was written from SPEC.md alone, and a network that loses,
 * repeats, delays and reorders. Both on the simulation's clock.
 */
import { createHash, createPublicKey, verify } from 'node:crypto'
import type { Fetch } from '../../../sync/edge/exchange.ts'
import { decodeBatch } from '../../../sync/protocol/codec.ts'
import type { Answer, Refused } from '../../../sync/protocol/messages.ts'
import type { Chance } from '../../sim/chance.ts'
import type { SimTime } from '../../sim/time.ts'

export interface MemoryRelay {
  /** Rows that took effect, in the order in which they did. */
  readonly taken: { seq: number; body: string | null }[]
  readonly setAside: Refused[]
  /** What a batch with rows, or an empty one, is answered instead of what it deserves. */
  instead: (rows: readonly string[]) => Answer | null
  /** Puts everything back to how it was when only `seq` rows had come. */
  restore(seq: number): void
  post(headers: Readonly<Record<string, string>>, body: Uint8Array): Answer
  posts(): number
  bytes(): number
  /** Of the batches that came, the number of rows in each. */
  readonly sizes: number[]
}

const spki = Buffer.from('302a300506032b6570032100', 'hex')

export function memoryRelay(fridge: string, publicKey: string): MemoryRelay {
  const key = createPublicKey({
    key: Buffer.concat([spki, Buffer.from(publicKey, 'base64')]),
    format: 'der',
    type: 'spki',
  })
  const kept: string[] = []
  let posts = 0
  let bytes = 0

  const relay: MemoryRelay = {
    taken: [],
    setAside: [],
    sizes: [],
    instead: () => null,
    restore(seq) {
      kept.length = seq
      relay.taken.length = seq
    },
    post(headers, body) {
      posts += 1
      bytes += body.length
      const signed = Buffer.concat([Buffer.from(`visionvend sync 1 rows\n${fridge}\n`), body])
      if (headers['vv-fridge'] !== fridge) return { type: 'unknownFridge' }
      if (!verify(null, signed, key, Buffer.from(headers['vv-signature'] ?? '', 'base64')))
        return { type: 'badSignature' }
      const read = decodeBatch(body)
      if (!read.ok) return read.error
      const { fromSeq, rows, previousHash, lastHash } = read.value
      relay.sizes.push(rows.length)
      const instead = relay.instead(rows.flatMap((row) => ('body' in row ? [row.body] : [])))
      if (instead !== null) return instead
      if (fromSeq > kept.length + 1) return { type: 'gap', expectedSeq: kept.length + 1 }
      let tip = Buffer.from(previousHash).toString('hex')
      if (tip !== (kept[fromSeq - 2] ?? '0'.repeat(64))) return { type: 'fork', seq: fromSeq - 1 }
      const hashes = rows.map((row, index) => {
        const place = Buffer.alloc(16)
        place.writeBigUInt64LE(BigInt(fromSeq + index))
        place.writeDoubleLE(row.atMs, 8)
        const hash = createHash('sha256').update(Buffer.from(tip, 'hex')).update(place)
        tip = 'body' in row ? hash.update(row.body).digest('hex') : Buffer.from(row.hash).toString('hex')
        return tip
      })
      if (tip !== Buffer.from(lastHash).toString('hex')) return { type: 'brokenChain', seq: fromSeq }
      const refused: Refused[] = []
      for (const [index, hash] of hashes.entries()) {
        const seq = fromSeq + index
        if (seq <= kept.length) {
          if (kept[seq - 1] !== hash) return { type: 'fork', seq }
          continue
        }
        kept.push(hash)
        const row = rows[index]!
        relay.taken.push({ seq, body: 'body' in row ? row.body : null })
        if ('withheld' in row) refused.push({ seq, why: row.withheld, detail: '' })
      }
      relay.setAside.push(...refused)
      return { type: 'accepted', upto: kept.length, refused }
    },
    posts: () => posts,
    bytes: () => bytes,
  }
  return relay
}

/** Chances, each for one message. */
export interface Weather {
  readonly lost: number
  readonly answerLost: number
  readonly repeated: number
  readonly badGateway: number
  /** The longest that a message is on its way: beyond the time-out it overtakes what was sent later. */
  readonly delayMs: number
}

export const fair: Weather = { lost: 0, answerLost: 0, repeated: 0, badGateway: 0, delayMs: 20 }
export const foul: Weather = { lost: 0.2, answerLost: 0.2, repeated: 0.2, badGateway: 0.1, delayMs: 40_000 }

/** `weather` is asked for every message. A lost one never comes back: only the caller's own time-out ends it. */
export function network(time: SimTime, random: Chance, relay: MemoryRelay, weather: () => Weather): Fetch {
  return (_url, { headers, body, signal }) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')))
      const now = weather()
      const reply = (status: number, text: string): void =>
        void time.after(random.between(1, now.delayMs / 2), () => resolve({ status, text: async () => text }))
      if (random.happens(now.lost)) return
      if (random.happens(now.badGateway)) return reply(502, '<h1>Bad Gateway</h1>')
      if (random.happens(now.repeated))
        time.after(random.between(1, 3 * now.delayMs), () => void relay.post(headers, body))
      time.after(random.between(1, now.delayMs), () => {
        const answer = relay.post(headers, body)
        if (!random.happens(now.answerLost)) reply(200, JSON.stringify(answer))
      })
    })
}
