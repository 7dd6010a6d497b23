/**
 * Errand: what a fridge asks of its relay behind everything else (pictures, its window, pictures of products): a turn at a time,
 * one signed question under way at most. Holds always: it throws nothing, for a fridge sells without it; after `stop` no turn
 * begins, and what was asked is answered by nothing. Made by pictures.ts, product-pictures.ts and window.ts.
 */
import type { z } from 'zod'
import type { Cancel, Clock, Log, Random } from '../../src/core/ports.ts'
import { minuteMs } from '../../src/core/time.ts'
import { headerNames, protocolVersion } from '../protocol/messages.ts'
import type { SigningKey } from '../protocol/signing.ts'
import { spread } from './back-off.ts'
import { ask, type Fetch, type Reply } from './exchange.ts'

export interface ErrandPorts {
  /** Nothing that matters more waits for the relay. */
  readonly free: () => boolean
  readonly key: Pick<SigningKey, 'sign'>
  readonly fetch: Fetch
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

export interface ErrandSettings {
  readonly fridge: string
  /** Where the relay is, without a path: `https://relay.example`. */
  readonly relayUrl: string
  /** Of a question; a minute unless said. */
  readonly timeoutMs?: number
}

/** What there is to do each time; it calls `turnIn` before it ends, or there is no other turn. */
export interface Turn {
  readonly turn: () => Promise<void>
  /** Said of a turn that failed; the next begins after `forMs`. `forget`: lets go of what it was about. */
  readonly failed: { readonly says: string; readonly forMs: number; readonly forget?: () => void }
}

export interface Errand {
  turnIn(delayMs: number): void
  /** `signed`: the bytes that are signed for such a body. */
  question<Answer>(
    path: string,
    signed: (fridge: string, body: Uint8Array) => Uint8Array,
    body: Uint8Array,
    schema: z.ZodType<Answer>,
  ): Promise<Reply<Answer>>
  stopped(): boolean
  stop(): void
}

export function createErrand(ports: ErrandPorts, settings: ErrandSettings, { turn, failed }: Turn): Errand {
  const { key, fetch, clock, random, log } = ports
  const { fridge, relayUrl, timeoutMs = minuteMs } = settings
  let stopped = false
  let cancelTurn: Cancel = () => {}
  let cancelAsk: Cancel = () => {}

  function turnIn(delayMs: number): void {
    cancelTurn()
    if (stopped) return
    cancelTurn = clock.after(delayMs, () => {
      turn().catch((error: unknown) => {
        log.warn(failed.says, { error: String(error) })
        failed.forget?.()
        turnIn(spread(random, failed.forMs))
      })
    })
  }

  return {
    turnIn,
    async question(path, signed, body, schema) {
      const headers = {
        'content-type': 'application/octet-stream',
        [headerNames.protocol]: String(protocolVersion),
        [headerNames.fridge]: fridge,
        [headerNames.signature]: Buffer.from(key.sign(signed(fridge, body))).toString('base64'),
      }
      const asked = ask({ fetch, clock, relayUrl, timeoutMs }, { path, headers, body }, schema)
      cancelAsk = asked.cancel
      return asked.reply
    },
    stopped: () => stopped,
    stop() {
      stopped = true
      cancelTurn()
      cancelAsk()
    },
  }
}
