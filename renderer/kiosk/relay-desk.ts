/**
 * Relay desk: asks the fridge how far its owner's relay has come (GET /api/operator/relay), pairs it by the owner's code and
 * tries again, and turns the answers into closed sets of codes that the screen has words for. Never throws.
 */
import { z } from 'zod'
import { pairRelaySchema, relayViewSchema, type PairRelay, type RelayView } from '../../src/contract/kiosk.ts'

const pairFaults = ['pin', 'wait', 'noRelay', 'noAnswer', 'badCode', 'taken', 'busy'] as const
export type PairFault = (typeof pairFaults)[number] | 'code' | 'unreachable'
export type PairAnswer =
  { readonly code: 'paired' | PairFault } | { readonly code: 'refused'; readonly message: string }

const refusalSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) })
/** The fridge itself gives the relay twenty seconds. */
const pairWithinMs = 25_000
const seeWithinMs = 5_000

export interface RelayDesk {
  /** Null: the fridge did not answer. */
  see(): Promise<RelayView | null>
  pair(asked: PairRelay): Promise<PairAnswer>
  retry(): Promise<void>
}

export function relayDesk(headers: Readonly<Record<string, string>>, ask: typeof fetch = fetch): RelayDesk {
  const post = (path: string, body: object, withinMs: number): Promise<Response> =>
    ask(path, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(withinMs),
    })
  return {
    async see() {
      try {
        const answer = await ask('/api/operator/relay', { headers, signal: AbortSignal.timeout(seeWithinMs) })
        return relayViewSchema.parse(await answer.json())
      } catch {
        return null
      }
    },
    async pair(asked) {
      const checked = pairRelaySchema.safeParse(asked)
      if (!checked.success) return { code: 'code' }
      try {
        const answer = await post('/api/operator/pair', checked.data, pairWithinMs)
        if (answer.ok) return { code: 'paired' }
        const { error } = refusalSchema.parse(await answer.json())
        const code = pairFaults.find((known) => known === error.code)
        return code === undefined ? { code: 'refused', message: error.message } : { code }
      } catch {
        return { code: 'unreachable' }
      }
    },
    async retry() {
      await post('/api/operator/relay/retry', {}, seeWithinMs).catch(() => null)
    },
  }
}
