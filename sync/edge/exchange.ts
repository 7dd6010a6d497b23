/**
 * Exchange: one question to the relay, one answer, whatever the network does to either.
 * Holds always: it resolves, within the time-out; what is not the relay's own JSON (a proxy's page, half an answer) is no
 * answer. Called by pusher.ts and pairing.ts.
 */
import type { z } from 'zod'
import type { Cancel, Clock } from '../../src/core/ports.ts'

/** The part of `fetch` that is used, as a port: the runtime gives the global one, the simulation its own network. */
export type Fetch = (
  url: string,
  request: {
    readonly method: 'POST'
    readonly headers: Readonly<Record<string, string>>
    readonly body: Uint8Array
    readonly redirect: 'error'
    readonly signal: AbortSignal
  },
) => Promise<{ readonly status: number; text(): Promise<string> }>

export interface Wire {
  readonly fetch: Fetch
  readonly clock: Clock
  /** Where the relay is, without a path: `https://relay.example`. */
  readonly relayUrl: string
  readonly timeoutMs: number
}

/** `noAnswer`: nothing that the relay itself said. `status` is what some server on the way said, if any did. */
export type Reply<Answer> = Answer | { readonly type: 'noAnswer'; readonly status: number | null }

export interface Question {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** Asks once. `cancel` gives up at once, as the time-out does. */
export function ask<Answer>(
  wire: Wire,
  question: Question,
  schema: z.ZodType<Answer>,
): { readonly reply: Promise<Reply<Answer>>; readonly cancel: Cancel } {
  const abort = new AbortController()
  let cancel: Cancel = () => {}
  const reply = new Promise<Reply<Answer>>((resolve) => {
    const giveUp = (): void => {
      resolve({ type: 'noAnswer', status: null })
      abort.abort()
    }
    const done = wire.clock.after(wire.timeoutMs, giveUp)
    cancel = () => {
      done()
      giveUp()
    }
    void read(wire, question, schema, abort.signal).then(resolve).finally(done)
  })
  return { reply, cancel: () => cancel() }
}

async function read<Answer>(
  wire: Wire,
  { path, headers, body }: Question,
  schema: z.ZodType<Answer>,
  signal: AbortSignal,
): Promise<Reply<Answer>> {
  let status: number | null = null
  try {
    const url = wire.relayUrl + path
    const response = await wire.fetch(url, { method: 'POST', headers, body, redirect: 'error', signal })
    status = response.status
    const answer = schema.safeParse(JSON.parse(await response.text()))
    return answer.success ? answer.data : { type: 'noAnswer', status }
  } catch {
    return { type: 'noAnswer', status }
  }
}
