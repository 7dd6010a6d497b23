/**
 * Publisher: tells RabbitMQ what fridges wrote and what the relay found.
 * Holds always (SPEC RL51-RL54): a fridge's events go in the order of its rows, from one copy of the relay at a time; a cursor
 * moves after the broker's confirmation, so that an event is told at least once, under the same id each time; while the
 * broker is away everything waits where it is kept anyway. Built by integrations.ts and by tests.
 */
import { randomUUID } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import { eventSchema } from '../../../src/core/events.ts'
import type { Metrics } from '../metrics.ts'
import {
  advance,
  countBehind,
  followNewFridges,
  giveBack,
  lateRows,
  leaseFridges,
  openSink,
  rowsBehind,
  type FactRow,
  type Lease,
} from '../store/event-reads.ts'
import {
  allNotices,
  countNotices,
  gather,
  noticesLater,
  noticesTold,
  takeNotices,
  type Notice,
} from '../store/notices.ts'
import type { Db } from '../store/open.ts'
import { domainEvent, domainTypes, toldOf } from './domain.ts'
import type { Exchange, Message } from './rabbitmq.ts'

export interface PublisherPorts {
  readonly exchange: Exchange
  readonly metrics: Pick<Metrics, 'sent' | 'waiting'>
  readonly log: Pick<FastifyBaseLogger, 'warn'>
  /** What was there before the first start is told too. */
  readonly history: boolean
}

export interface Publisher {
  /**
   * One turn at it. `only`: of these fridges, which are known to have written; without it, whoever has. Throws where the
   * broker, or the database, could not be spoken to.
   */
  turn(db: Db, only?: readonly string[]): Promise<'more' | 'done'>
}

const sink = 'rabbitmq'
const fridgesAtOnce = 20
const rowsAtOnce = 250
const noticesAtOnce = 100

interface Part {
  readonly lease: Lease
  readonly uptoSeq: number
  readonly late: readonly FactRow[]
  readonly messages: readonly Message[]
  readonly full: boolean
}

export function createPublisher({ exchange, metrics, log, history }: PublisherPorts): Publisher {
  /** This copy's name on what it has taken. */
  const me = randomUUID()
  let known = false

  async function partOf(db: Db, lease: Lease): Promise<Part> {
    const late = await lateRows(db, lease, rowsAtOnce)
    const rows = await rowsBehind(db, lease, rowsAtOnce)
    const uptoSeq = rows.at(-1)?.seq ?? lease.seq
    const messages = [...late, ...rows].flatMap((row) => messageOf(row))
    return { lease, uptoSeq, late, messages, full: late.length === rowsAtOnce || rows.length === rowsAtOnce }
  }

  function messageOf({ fridge, seq, atMs, hash, body, money }: FactRow): Message[] {
    if (body === null) return []
    const event = eventSchema.safeParse(JSON.parse(body))
    if (!event.success) {
      log.warn({ fridge, seq }, 'a row that is kept can’t be read, and is not told to RabbitMQ')
      return []
    }
    const told = toldOf(event.data, money)
    if (told === null) return []
    const id = `${fridge}:${Buffer.from(hash).toString('hex')}`
    return [{ fridge, type: told.type, event: domainEvent(fridge, id, told.type, atMs, told.data) }]
  }

  async function tellRows(db: Db, only: readonly string[] | null): Promise<boolean> {
    const leases = await leaseFridges(db, sink, me, fridgesAtOnce, only)
    if (leases.length === 0) return false
    try {
      const parts: Part[] = []
      for (const lease of leases) parts.push(await partOf(db, lease))
      const messages = parts.flatMap((part) => part.messages)
      if (messages.length > 0) await exchange.publish(messages)
      for (const { lease, uptoSeq, late } of parts) await advance(db, me, lease, uptoSeq, late)
      metrics.sent(sink, 'told', messages.length)
      return leases.length === fridgesAtOnce || parts.some(({ full }) => full)
    } finally {
      // What was not advanced, for whatever reason, is anybody's again.
      await giveBack(db, sink, me, leases.map(({ fridge }) => fridge)).catch(() => {}) // prettier-ignore
    }
  }

  async function tellNotices(db: Db): Promise<boolean> {
    await gather(db, sink, allNotices)
    const notices = await takeNotices(db, sink, noticesAtOnce)
    if (notices.length === 0) return false
    try {
      await exchange.publish(notices.flatMap((notice) => noticeMessage(notice)))
    } catch (error) {
      await noticesLater(db, sink, notices, 0).catch(() => {})
      throw error
    }
    await noticesTold(db, sink, notices)
    metrics.sent(sink, 'told', notices.length)
    return true
  }

  return {
    async turn(db, only) {
      if (!known) await openSink(db, sink, history)
      known = true
      if (only === undefined) await followNewFridges(db, sink)
      try {
        const rows = await tellRows(db, only ?? null)
        // The relay looks for alerts each quarter of a minute itself.
        const notices = only === undefined && (await tellNotices(db))
        return rows || notices ? 'more' : 'done'
      } catch (error) {
        metrics.sent(sink, 'failed', 1)
        throw error
      } finally {
        // Over all fridges: not each second.
        if (only === undefined) {
          const rows = await countBehind(db, sink).catch(() => 0)
          metrics.waiting(sink, rows + (await countNotices(db, sink).catch(() => 0)))
        }
      }
    },
  }
}

function noticeMessage({ fridge, id, type, atMs, body }: Notice): Message[] {
  const known = domainTypes.find((one) => one === type)
  if (known === undefined) return []
  return [{ fridge, type: known, event: domainEvent(fridge, `${fridge}:${id}`, known, atMs, JSON.parse(body)) }]
}
