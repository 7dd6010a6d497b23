/**
 * Bench: the firmware on its table, and a Pi that says only what it is told. Its session is made from the same parts as the
 * link's, but without the link, so that a test can forge and repeat.
 */
import { createSplitter, decodeFrame, type Frame } from '../../../src/device/frame.ts'
import {
  decodeControllerMessage,
  encodePiMessage,
  eventTypes,
  helloAckType,
  linkConstants,
  linkFaults,
  type ControllerMessage,
  type EventMessage,
  type HelloAck,
  type LinkFault,
  type PiMessage,
  type ResetReason,
  type Signal,
  type Status,
} from '../../../src/device/messages.gen.ts'
import { createSession, helloKey, isTagged, sealFrame, sessionKey, type Session } from '../../../src/device/session.ts'
import { benchKey, createChance, createTable, visitA } from './table.ts'

/** The bench's Pi, as the test wants it. */
interface Pi {
  /** Whether it says its heartbeat, and whether it acknowledges. */
  alive: boolean
  acks: boolean
  /** The signal that its heartbeats ask for. */
  wanted: Signal
  session: Session | null
  ack: HelloAck | null
}

export type Bench = ReturnType<typeof createBench>

export function createBench({ startMs = 1_000, linkKey = benchKey, seed = 7 } = {}) {
  const sent: Uint8Array[] = []
  const heard: ControllerMessage[] = []
  const splitter = createSplitter(frameHeard, () => {})
  const table = createTable({
    chance: createChance(seed),
    linkKey,
    startMs,
    transmit(bytes) {
      sent.push(bytes)
      splitter(bytes)
    },
  })
  const pi: Pi = { alive: true, acks: true, wanted: 'idle', session: null, ack: null }
  const bench = Object.assign(table, pi, {
    /** Every frame that left the controller. */
    sent,
    /** Every message the Pi could believe, in order. */
    heard,
    connect,
    hello,
    say,
    run,
    reset,
    events,
    types: () => events().map((event) => event.type),
    status,
    dropped,
    unlock,
  })
  let nonceCount = 0
  let lastBeatMs = -Infinity

  function frameHeard(coded: Uint8Array): void {
    const frame = decodeFrame(coded)
    if (!frame.ok) throw new Error(`the controller sent a frame with a fault: ${frame.error}`)
    const message = decodeControllerMessage(frame.value.typeCode, frame.value.body)
    if (!message.ok) throw new Error(message.error.detail)
    if (!believed(frame.value)) return
    heard.push(message.value)
    if (message.value.type === 'helloAck') bench.ack = message.value
    if (bench.acks && eventTypes.has(message.value.type) && 'eventId' in message.value)
      say({ type: 'eventAck', eventId: message.value.eventId })
  }

  function believed(frame: Frame): boolean {
    if (frame.typeCode === helloAckType) return isTagged(helloKey(linkKey), 'controller', frame)
    return bench.session?.refuse(frame) === null
  }

  /** Says Hello with a nonce of its own and gives the answer's session, without using it yet. */
  function hello(piNonce: Uint8Array = new Uint8Array(16).fill(++nonceCount)): Session {
    bench.ack = null
    bench.give(sealFrame(helloKey(linkKey), 'pi', 0, encodePiMessage({ type: 'hello', piNonce })))
    const ack = bench.ack as HelloAck | null
    if (ack === null) throw new Error('no HelloAck')
    return createSession({ key: sessionKey(linkKey, piNonce, ack.controllerNonce), own: 'pi' })
  }

  function connect(): void {
    bench.session = hello()
    beat()
  }

  function beat(): void {
    lastBeatMs = bench.nowMs
    say({ type: 'heartbeat', stamp: 0, signal: bench.wanted })
  }

  /** Sends a message in the session and returns its bytes, so that they can be played again. */
  function say(message: PiMessage): Uint8Array {
    const bytes = bench.session?.seal(encodePiMessage(message))
    if (bytes === null || bytes === undefined) throw new Error('no session to say it in')
    bench.give(bytes)
    return bytes
  }

  function run(ms: number): void {
    for (const endMs = bench.nowMs + ms; bench.nowMs < endMs; ) {
      bench.tick()
      if (bench.alive && bench.session !== null && bench.nowMs - lastBeatMs >= linkConstants.heartbeatMs) beat()
    }
  }

  function reset(reason: ResetReason = 'watchdog'): void {
    bench.session = null
    bench.restart(reason)
  }

  /** Events as they were first heard; a repeated one counts once. */
  function events(): EventMessage[] {
    const seen = new Set<string>()
    return heard.filter((message): message is EventMessage => {
      if (!('eventId' in message)) return false
      const id = `${message.eventId} ${message.atMs}`
      if (seen.has(id)) return false
      seen.add(id)
      return true
    })
  }

  /** Asks for the truth now. */
  function status(): Status {
    beat()
    const last = heard.findLast((message) => message.type === 'status')
    if (last === undefined) throw new Error('no status')
    return last
  }

  function dropped(): Record<LinkFault, number> {
    const { framesDropped } = status()
    return Object.fromEntries(linkFaults.map((fault, i) => [fault, framesDropped[i] ?? 0])) as Record<LinkFault, number>
  }

  /** An unlock as the link would say it: fresh for 3 s unless told otherwise. */
  function unlock(visit = visitA, { commandId = 1, validMs = 3_000, openTimeoutMs = 10_000 } = {}): Uint8Array {
    const { uptimeMs } = status()
    return say({ type: 'unlock', commandId, visit, notAfterMs: (uptimeMs + validMs) >>> 0, openTimeoutMs })
  }

  return bench
}

/** A bench that is connected and whose shelves have come to rest. */
export function readyBench(settings: Parameters<typeof createBench>[0] = {}): Bench {
  const bench = createBench(settings)
  bench.connect()
  bench.run(1_000)
  bench.heard.length = 0
  return bench
}

/** Door and lock events only: what the shelves say comes when it comes. */
export const doorTypes = (bench: Bench): string[] => bench.types().filter((type) => type !== 'weightsSettled')
