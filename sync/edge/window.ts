/**
 * Window: tells the relay what this fridge sells, names and pictures, for phones (SPEC SY60-SY62).
 * Holds always: rows go first; one question under way at a time; what is refused is left out, and blocks nothing; it throws
 * nothing: a fridge sells without it. Started by the runtime's relay link.
 */
import { dayMs, hourMs, minuteMs, secondMs } from '../../src/core/time.ts'
import {
  encodeWindow,
  encodeWindowPicture,
  signedWindow,
  windowAnswerSchema,
  windowPath,
  type ProductPictureType,
  type WindowAnswer,
  type WindowTold,
} from '../protocol/window.ts'
import { backOffMs, spread } from './back-off.ts'
import { createErrand, type ErrandPorts, type ErrandSettings } from './errand.ts'
import type { Reply } from './exchange.ts'

/** What the fridge shows; its pictures are read when they are wanted. */
export interface ShopWindow extends Pick<WindowTold, 'contact' | 'products'> {
  readonly picture: (sha256: string) => { readonly mediaType: ProductPictureType; readonly bytes: Uint8Array } | null
}

/** Free: no row waits for the relay. */
export interface WindowPorts extends ErrandPorts {
  /** Null: it is still being read. */
  readonly window: () => ShopWindow | null
  /** Where phones find this fridge, by the relay's word. */
  readonly onPhone: (address: string | null) => void
}

const firstMs = 2 * secondMs
const lookEveryMs = 5 * secondMs
/** For another window than the one that was told. */
const lookAgainMs = minuteMs
const pauseMs = 200

export function startWindow(ports: WindowPorts, settings: ErrandSettings): { stop(): void } {
  const { clock, random, log } = ports
  const { fridge } = settings
  const errand = createErrand(ports, settings, {
    turn,
    failed: { says: 'the shop window could not be told', forMs: hourMs },
  })
  const { turnIn } = errand
  const leftOut = new Set<string>()
  let wanted: readonly string[] | null = null
  let asked: ShopWindow | null = null
  let told: { readonly window: ShopWindow; readonly dueMs: number } | null = null
  let failures = 0

  async function turn(): Promise<void> {
    const window = ports.window()
    if (window === null || !ports.free()) return turnIn(lookEveryMs)
    if (told !== null && told.window !== window) {
      told = null
      wanted = null
    }
    if (told !== null && wanted === null && clock.nowMs() < told.dueMs) return turnIn(lookAgainMs)
    if (wanted === null) {
      const { contact, products } = window
      asked = window
      return took(await question(encodeWindow({ fridge, contact, products })), null)
    }
    const [sha256, ...rest] = wanted
    if (sha256 === undefined) {
      wanted = null
      return turnIn(lookAgainMs)
    }
    const picture = window.picture(sha256)
    if (picture === null) {
      wanted = rest
      return turnIn(pauseMs)
    }
    const { mediaType, bytes } = picture
    took(await question(encodeWindowPicture({ fridge, sha256, mediaType, picture: bytes })), sha256)
  }

  function took(reply: Reply<WindowAnswer>, picture: string | null): void {
    if (errand.stopped()) return
    switch (reply.type) {
      case 'wanted':
        failures = 0
        if (asked !== null) told = { window: asked, dueMs: clock.nowMs() + spread(random, dayMs) }
        wanted = reply.sha256.filter((one) => !leftOut.has(one))
        ports.onPhone(reply.phone)
        return turnIn(pauseMs)
      case 'kept':
        failures = 0
        return passed(picture)
      case 'noRoom':
      case 'malformed':
      case 'tooBig':
        log.warn('the relay does not take this of the shop window', { code: reply.type })
        if (picture === null) return turnIn(spread(random, dayMs))
        leftOut.add(picture)
        return passed(picture)
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
        return turnIn(spread(random, hourMs))
    }
  }

  function passed(picture: string | null): void {
    wanted = wanted?.filter((one) => one !== picture) ?? null
    turnIn(pauseMs)
  }

  const question = (body: Uint8Array) => errand.question(windowPath, signedWindow, body, windowAnswerSchema)

  turnIn(firstMs)
  return errand
}
