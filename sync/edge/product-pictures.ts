/**
 * Product pictures: fetches those of the products that the relay defined, behind everything else (SPEC SY82-SY84).
 *
 * Holds always: nothing while a row waits or somebody is at the fridge; one question under way at a time, with a pause behind it; a
 * picture goes on where it was cut off; one that is not the one that its definition names is thrown away. It throws nothing: a fridge
 * sells without pictures. Started by the runtime's relay link.
 */
import { hourMs, minuteMs, secondMs } from '../../src/core/time.ts'
import {
  encodePart,
  partAnswerSchema,
  productPicturesPath,
  signedPart,
  type PartAnswer,
} from '../protocol/product-pictures.ts'
import { backOffMs, spread } from './back-off.ts'
import { createErrand, type ErrandPorts, type ErrandSettings } from './errand.ts'
import type { Reply } from './exchange.ts'

/** Of a definition. */
export interface WantedPicture {
  readonly sha256: string
  readonly bytes: number
}

/** Where pictures are kept. Each may throw as a disk does. */
export interface PictureShelf {
  /** Those that are wanted and not here, the most wanted first. */
  missing(): readonly WantedPicture[]
  /** How much of a picture is here. */
  held(sha256: string): number
  /** Puts bytes behind what is held; false: there is no room for them. */
  append(sha256: string, bytes: Uint8Array): boolean
  /** It is all here: whether it is the one. One that is not is thrown away. */
  finish(sha256: string): boolean
}

/** Free: no row waits for the relay, and nobody is at the fridge. */
export interface ProductPicturePorts extends ErrandPorts {
  readonly shelf: PictureShelf
}

const lookEveryMs = 5 * secondMs
const pauseMs = 200
const againMs = 6 * hourMs
const stoppedMs = hourMs

export function startProductPictures(ports: ProductPicturePorts, settings: ErrandSettings): { stop(): void } {
  const { shelf, clock, random, log } = ports
  const errand = createErrand(ports, settings, {
    turn,
    failed: { says: 'pictures of products could not be fetched', forMs: minuteMs },
  })
  const { turnIn } = errand
  /** From when on a picture that could not be had is asked for again. */
  const dueMs = new Map<string, number>()
  let failures = 0

  async function turn(): Promise<void> {
    if (!ports.free()) return turnIn(lookEveryMs)
    const nowMs = clock.nowMs()
    const wanted = shelf.missing().find(({ sha256 }) => (dueMs.get(sha256) ?? 0) <= nowMs)
    if (wanted === undefined) return turnIn(lookEveryMs)
    const from = shelf.held(wanted.sha256)
    if (from >= wanted.bytes) return finish(wanted)
    const question = encodePart({ fridge: settings.fridge, sha256: wanted.sha256, from })
    took(wanted, from, await errand.question(productPicturesPath, signedPart, question, partAnswerSchema))
  }

  function took(wanted: WantedPicture, from: number, reply: Reply<PartAnswer>): void {
    if (errand.stopped()) return
    switch (reply.type) {
      case 'part': {
        failures = 0
        const part = Buffer.from(reply.base64, 'base64')
        const fits = reply.sha256 === wanted.sha256 && reply.bytes === wanted.bytes && reply.from === from
        if (!fits || part.length === 0 || from + part.length > wanted.bytes) return leave(wanted, 'it is not as long as it was said to be') // prettier-ignore
        if (!shelf.append(wanted.sha256, part)) return leave(wanted, 'there is no room on the disk')
        return from + part.length === wanted.bytes ? finish(wanted) : turnIn(spread(random, pauseMs))
      }
      case 'unknown':
      case 'malformed':
        return leave(wanted, reply.type)
      case 'noAnswer':
      case 'failed':
        failures += 1
        return turnIn(backOffMs(random, failures, 0))
      case 'busy':
        failures += 1
        return turnIn(backOffMs(random, failures, reply.retryAfterMs))
      case 'unknownFridge':
      case 'revoked':
      case 'badSignature':
      case 'foreignRows':
      case 'unsupportedVersion':
        log.warn('the relay gives no pictures of products for a while', { code: reply.type })
        return turnIn(spread(random, stoppedMs))
    }
  }

  function finish(wanted: WantedPicture): void {
    if (!shelf.finish(wanted.sha256)) return leave(wanted, 'its checksum is another')
    log.info('a product has a picture', { sha256: wanted.sha256.slice(0, 12), bytes: wanted.bytes })
    turnIn(spread(random, pauseMs))
  }

  function leave({ sha256 }: WantedPicture, why: string): void {
    log.warn('a picture of a product is left out for a while', { sha256: sha256.slice(0, 12), why })
    dueMs.set(sha256, clock.nowMs() + spread(random, againMs))
    turnIn(spread(random, pauseMs))
  }

  turnIn(spread(random, lookEveryMs))
  return errand
}
