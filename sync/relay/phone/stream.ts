/**
 * Stream: a visit as it changes, as server-sent events: the whole of it each time, under a name made of what it says, so that a
 * phone that lost the line goes on by `Last-Event-ID`, or by asking, and has missed nothing.
 * Holds always: a stream ends with its visit, with its sign-in's time, or after ten minutes (the phone opens another one).
 */
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { PhoneVisit } from '../../../src/contract/phone.ts'

const lastsMs = 10 * 60_000
const lookEveryMs = 1_000
const beatEveryMs = 15_000
const mostStreams = 2_000
let streams = 0

/** False: too many are open; the phone asks by itself meanwhile. `wake` calls back when the fridge was heard. */
export function streamVisit(
  request: FastifyRequest,
  reply: FastifyReply,
  ports: {
    readonly look: () => Promise<PhoneVisit | null>
    readonly wake: (heard: () => void) => () => void
    readonly closing: AbortSignal
  },
): boolean {
  if (streams >= mostStreams) return false
  streams += 1
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    connection: 'close', // a line that has ended does not wait for another question while the relay wants to stop
    'x-content-type-options': 'nosniff',
  })
  raw.write(': here\n\n') // the phone knows at once that it is heard, also where there is nothing new
  const last = request.headers['last-event-id']
  let told = typeof last === 'string' ? last : ''
  let over = false
  const turn = { looking: false, again: false }
  let saidAt = performance.now()
  const endsAt = saidAt + lastsMs

  /** Tells what is new. False: it is over. */
  const tell = async (): Promise<boolean> => {
    const visit = await ports.look()
    if (visit === null || performance.now() > endsAt) return false
    const name = nameOf(visit)
    if (name !== told) {
      told = name
      saidAt = performance.now()
      raw.write(`id: ${name}\nevent: visit\ndata: ${JSON.stringify(visit)}\n\n`)
    } else if (performance.now() - saidAt > beatEveryMs) {
      saidAt = performance.now()
      raw.write(': here\n\n')
    }
    return !isOver(visit)
  }
  const wantsAgain = (): boolean => turn.again && !over
  const look = async (): Promise<void> => {
    if (turn.looking) {
      turn.again = true
      return
    }
    turn.looking = true
    turn.again = false
    try {
      if (!(await tell())) end()
    } catch (error) {
      request.log.warn({ err: error }, 'a visit could not be looked at for its phone')
      end()
    } finally {
      turn.looking = false
    }
    if (wantsAgain()) await look()
  }
  const unwake = ports.wake(() => void look())
  const timer = setInterval(() => void look(), lookEveryMs)
  function end(): void {
    if (over) return
    over = true
    streams -= 1
    clearInterval(timer)
    unwake()
    raw.end()
  }
  raw.on('close', end)
  ports.closing.addEventListener('abort', end, { once: true })
  void look()
  return true
}

/** What it says, but for clocks that run on by themselves. */
function nameOf(visit: PhoneVisit): string {
  const live = visit.live === null ? null : { ...visit.live, heardMs: visit.live.heardMs > 20_000, leftMs: null }
  return createHash('sha256').update(JSON.stringify({ ...visit, live })).digest('base64url').slice(0, 22)
} // prettier-ignore

/** Nothing more will change by itself within the stream's time. */
const isOver = ({ at, end, expired }: PhoneVisit): boolean => {
  if (end !== null) return end.type !== 'receipt' || end.receipt.payment === 'paid'
  return at === 'declined' || at === 'released' || (at === 'offered' && expired)
}
