/**
 * Alert mail: alerts, mailed to addresses of the owner's as they are raised, escalated and over.
 * Holds always (SPEC RL70): to each address at most one mail a minute, with all that came since; one that can't be sent waits, is tried
 * ever later for a day under the same Message-ID, and holds up no other address. Built by integrations.ts and by tests.
 */
import { createHash } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import { hourMs, minuteMs, secondMs } from '../../src/core/time.ts'
import type { Language } from '../../src/core/product.ts'
import { alertLetter } from './mail/alert-letter.ts'
import type { Carrier } from './mail/carrier.ts'
import type { Metrics } from './metrics.ts'
import { takeDigest } from './store/alert-digests.ts'
import { liveOf } from './store/channels.ts'
import { openSink } from './store/event-reads.ts'
import { countNotices, gather, noticesGivenUp, noticesLater, noticesTold } from './store/notices.ts'
import type { Db } from './store/open.ts'

export interface AlertMailSettings {
  readonly to: readonly string[]
  readonly language: Language
}

export interface AlertMailPorts {
  readonly carrier: Carrier
  /** Of the owner's pages; null: not known. */
  readonly link: string | null
  readonly zone: string
  readonly metrics: Pick<Metrics, 'sent' | 'waiting'>
  readonly log: Pick<FastifyBaseLogger, 'warn'>
  /** A mail a minute, unless a test is in a hurry. */
  readonly everyMs?: number
}

const firstPauseMs = 5 * secondMs
const longestPauseMs = 30 * minuteMs
/** What is older wakes nobody. */
const withinHours = 24

export function createAlertMail({ to, language }: AlertMailSettings, ports: AlertMailPorts) {
  const { carrier, link, zone, metrics, log, everyMs = minuteMs } = ports
  const readers = to.map((address) => ({ address, sink: sinkOf(address) }))
  let known = false

  async function tell(db: Db, { address, sink }: (typeof readers)[number]): Promise<void> {
    await gather(db, sink, { withinHours, only: ['alert.raised', 'alert.escalated', 'alert.cleared'] })
    const digest = await takeDigest(db, sink, everyMs)
    if (digest === null) return
    const { id, notices, ageMs } = digest
    const letter = alertLetter(notices, await shownWith(db))
    const outcome = await carrier.carry(address, `alerts/${id}`, letter).catch((error: unknown) => {
      log.warn({ err: error, digest: id }, 'alerts could not be mailed')
      return 'later' as const
    })
    if (outcome === 'sent') {
      metrics.sent('mail', 'told', notices.length)
      return noticesTold(db, sink, notices)
    }
    if (outcome === 'refused' || ageMs > withinHours * hourMs) {
      metrics.sent('mail', 'givenUp', notices.length)
      const why = outcome === 'refused' ? 'the mail server refused it' : 'nobody took it for a day'
      log.warn({ digest: id, alerts: notices.length, why }, 'alerts could not be mailed, and are not any more')
      return noticesGivenUp(db, sink, notices, why)
    }
    metrics.sent('mail', 'failed', notices.length)
    const tries = Math.min(notices[0]?.tries ?? 1, 12)
    return noticesLater(db, sink, notices, Math.min(longestPauseMs, firstPauseMs * 2 ** (tries - 1)))
  }

  async function shownWith(db: Db) {
    const names = new Map((await liveOf(db)).map(({ fridge, facts }) => [fridge, facts?.name ?? fridge]))
    return { language, zone, link, nameOf: (fridge: string) => names.get(fridge) ?? fridge }
  }

  return {
    async turn(db: Db): Promise<'done'> {
      if (!known) for (const { sink } of readers) await openSink(db, sink, false)
      known = true
      await Promise.all(readers.map((reader) => tell(db, reader)))
      const waiting = await Promise.all(readers.map(({ sink }) => countNotices(db, sink)))
      metrics.waiting('mail', waiting.reduce((sum, count) => sum + count, 0)) // prettier-ignore
      return 'done'
    },
  }
}

/** An address has a story of its own, and stands in the settings only. */
const sinkOf = (address: string): `mail/${string}` =>
  `mail/${createHash('sha256').update(address.toLowerCase()).digest('hex').slice(0, 32)}`
