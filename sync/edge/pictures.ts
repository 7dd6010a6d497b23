/**
 * Pictures: those of visits in doubt, to the relay, behind everything else.
 *
 * Holds always (SPEC SY52-SY57): only visits whose review waits; nothing while a row waits or somebody shops; within the day's
 * bytes; one question under way at a time; what is refused is left out and blocks nothing. The relay's word is the only cursor.
 * It throws nothing: a fridge sells without it. Started by the runtime's relay link.
 */
import { dayMs, hourMs, minuteMs, secondMs } from '../../src/core/time.ts'
import {
  encodeList,
  encodePicture,
  pictureAnswerSchema,
  picturesPath,
  signedPictures,
  type PictureAbout,
  type PictureAnswer,
} from '../protocol/pictures.ts'
import { backOffMs, spread } from './back-off.ts'
import { createErrand, type ErrandPorts, type ErrandSettings } from './errand.ts'
import type { Reply } from './exchange.ts'

/** A picture of a visit, made small. */
export interface ReviewPicture {
  readonly about: PictureAbout
  readonly read: () => Promise<Uint8Array>
}

/** How many bytes went on a day of the fridge's time; kept over a restart. */
export interface DayBudget {
  /** Takes them off the day that `nowMs` is in, written down before they go; false: there is no room, and nothing is taken. */
  take(nowMs: number, bytes: number): boolean
}

/** Free: no row waits for the relay, and nobody is at the fridge. */
export interface PicturePorts extends ErrandPorts {
  /** The visits whose review waits, oldest first. */
  readonly waiting: () => readonly string[]
  /** What there is of a visit; null: not yet, ask again. */
  readonly pictures: (visit: string) => Promise<readonly ReviewPicture[] | null>
  readonly budget: DayBudget
}

const lookEveryMs = 5 * secondMs
const pauseMs = 250
const notYetMs = 20 * secondMs
const againMs = 6 * hourMs
const stoppedMs = hourMs
const mostTries = 3

/** Answers that speak neither of one picture's bytes nor of its being kept. */
type Other = Exclude<Reply<PictureAnswer>, { type: 'malformed' } | { type: 'tooBig' }>

interface Visit {
  readonly visit: string
  readonly pictures: readonly ReviewPicture[]
  /** What the relay wants of it, next first; null: it was not asked yet. */
  readonly wanted: readonly string[] | null
}

/** Begins after a while: what else a start has to do comes first. */
export function startPictures(ports: PicturePorts, settings: ErrandSettings): { stop(): void } {
  const { clock, random, log } = ports
  const { fridge } = settings
  const errand = createErrand(ports, settings, {
    turn,
    failed: {
      says: 'pictures for the relay could not be looked after',
      forMs: minuteMs,
      forget: () => leave(current?.visit, minuteMs),
    },
  })
  const { turnIn } = errand
  /** From when on a visit is looked at again. */
  const dueMs = new Map<string, number>()
  /** Pictures that are left out until the next start, or how often they failed. */
  const failed = new Map<string, number>()
  let current: Visit | null = null
  let failures = 0

  async function turn(): Promise<void> {
    if (!ports.free()) return turnIn(lookEveryMs)
    const waiting = ports.waiting()
    for (const visit of dueMs.keys()) if (!waiting.includes(visit)) dueMs.delete(visit)
    if (current !== null && !waiting.includes(current.visit)) current = null
    current ??= await next(waiting)
    if (current === null || errand.stopped()) return turnIn(lookEveryMs)
    if (current.wanted === null) return list(current)
    const [sha256] = current.wanted
    const picture = current.pictures.find(({ about }) => about.sha256 === sha256)
    if (picture !== undefined) return send(current, picture)
    leave(current.visit, againMs)
    turnIn(pauseMs)
  }

  async function next(waiting: readonly string[]): Promise<Visit | null> {
    const nowMs = clock.nowMs()
    for (const visit of waiting) {
      if ((dueMs.get(visit) ?? 0) > nowMs) continue
      const found = await ports.pictures(visit)
      const pictures = found?.filter(({ about }) => (failed.get(about.sha256) ?? 0) < mostTries) ?? []
      if (pictures.length > 0) return { visit, pictures, wanted: null }
      leave(visit, found === null ? notYetMs : againMs)
    }
    return null
  }

  /** Done with it for so long. */
  function leave(visit: string | undefined, forMs: number): void {
    if (visit !== undefined) dueMs.set(visit, clock.nowMs() + spread(random, forMs))
    current = null
  }

  async function list(of: Visit): Promise<void> {
    const { visit, pictures } = of
    const reply = await question(encodeList({ fridge, visit, pictures: pictures.map(({ about }) => about) }))
    if (reply === null || errand.stopped()) return
    if (reply.type === 'wanted') {
      failures = 0
      current = { ...of, wanted: reply.sha256 }
      return turnIn(pauseMs)
    }
    if (reply.type === 'malformed' || reply.type === 'tooBig') {
      log.warn('the relay does not take the list of a visit`s pictures', { visit, code: reply.type, what: reply.what })
      leave(visit, againMs)
      return turnIn(pauseMs)
    }
    refused(reply, visit)
  }

  async function send(of: Visit, { about, read }: ReviewPicture): Promise<void> {
    const { visit } = of
    const { sha256 } = about
    const bytes = await read().catch(() => null)
    // Deleted on time, or for want of room, since it was listed.
    if (bytes === null) return passed(of, sha256)
    const reply = await question(encodePicture({ fridge, visit }, about, bytes))
    if (reply === null || errand.stopped()) return
    if (reply.type === 'noAnswer' && reply.status === 413) {
      failed.set(sha256, mostTries) // something before the relay takes nothing so large
      return passed(of, sha256)
    }
    switch (reply.type) {
      case 'kept':
        failures = 0
        return passed(of, sha256)
      case 'failed': {
        const tries = (failed.get(sha256) ?? 0) + 1
        failed.set(sha256, tries)
        return tries >= mostTries ? passed(of, sha256) : later(0)
      }
      case 'malformed':
      case 'tooBig':
        log.warn('the relay does not take a picture; it is left out', { visit, code: reply.type, what: reply.what })
        failed.set(sha256, mostTries)
        return passed(of, sha256)
      default:
        return refused(reply, visit)
    }
  }

  function passed(of: Visit, sha256: string): void {
    current = { ...of, wanted: of.wanted?.filter((one) => one !== sha256) ?? [] }
    turnIn(spread(random, pauseMs))
  }

  /** Null: there is no room in today's bytes, and it is planned for tomorrow. */
  async function question(body: Uint8Array): Promise<Reply<PictureAnswer> | null> {
    const nowMs = clock.nowMs()
    if (!ports.budget.take(nowMs, body.length)) {
      turnIn(dayMs - (nowMs % dayMs) + spread(random, minuteMs))
      return null
    }
    return errand.question(picturesPath, signedPictures, body, pictureAnswerSchema)
  }

  function refused(reply: Other, visit: string): void {
    switch (reply.type) {
      case 'noAnswer':
      case 'failed':
      case 'wanted':
      case 'kept': // answers to other questions: as good as none
        return later(0)
      case 'busy':
        return later(reply.retryAfterMs)
      case 'unwanted':
        leave(visit, againMs)
        return turnIn(pauseMs)
      case 'unknownFridge':
      case 'revoked':
      case 'badSignature':
      case 'foreignRows':
      case 'unsupportedVersion':
        log.warn('the relay takes no pictures for a while', { code: reply.type })
        current = null
        return turnIn(spread(random, stoppedMs))
    }
  } // prettier-ignore

  function later(atLeastMs: number): void {
    failures += 1
    turnIn(backOffMs(random, failures, atLeastMs))
  }

  turnIn(spread(random, lookEveryMs))
  return errand
}
