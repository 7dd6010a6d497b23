/**
 * The link: the Controller port over a wire of bytes (firmware/SPEC.md).
 *
 * Holds always: a message is believed only after its frame passed every check, once; the link is up only while the
 * controller proves, at least every two seconds, that it holds this session's key; an event is acknowledged after every
 * listener heard it, and heard once; no timer but the clock's. Whatever fails is counted by the way it failed.
 * Called by runtime/edge on a real fridge, and by the simulation.
 */
import type { VisitId } from '../core/ids.ts'
import type {
  ByteLink, Cancel, Clock, Controller, ControllerReport, Log, Random, Signal, Weights,
} from '../core/ports.ts' // prettier-ignore
import { invariant } from '../core/result.ts'
import { createCommands, type CommandAnswer } from './commands.ts'
import { createDeliveries, reportOf, weightsOf } from './deliveries.ts'
import { createSplitter, decodeFrame, type Frame } from './frame.ts'
import {
  decodeControllerMessage, encodePiMessage, helloAckType, linkConstants, linkFaults,
  type ControllerMessage, type EventMessage, type HelloAck, type LinkFault, type PiMessage, type Status,
} from './messages.gen.ts' // prettier-ignore
import {
  createSession,
  helloKey,
  isTagged,
  linkKeyLength,
  nonceLength,
  sealFrame,
  sessionKey,
  type Session,
} from './session.ts'
import { overtaken, statusOf } from './status.ts'
import { createUptime, type Uptime } from './uptime.ts'

export interface LinkPorts {
  readonly port: ByteLink
  /** The fridge's 32-byte link key. */
  readonly key: Uint8Array
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** What went over the wire, and what did not get through, since the start. */
export interface LinkCounters {
  readonly framesGood: number
  /** Frames dropped, by the first check that they failed. */
  readonly dropped: Readonly<Record<LinkFault, number>>
  /** From the last heartbeat to its status; null before the first. */
  readonly roundTripMs: number | null
  /** Times that the controller fell silent. */
  readonly silences: number
  /** Events that came again after they had been taken. */
  readonly repeatedEvents: number
  /** Events that the controller lost, for its queue was full. */
  readonly missedEvents: number
}

/** A Controller, and what only an operator's tools ask of it. */
export interface DeviceLink extends Controller {
  state(): 'connecting' | 'up' | 'closed'
  counters(): LinkCounters
  /** The last whole status: faults, supply and the controller's own counters. Null while the link is down. */
  health(): Status | null
  /** What shelf `shelf` (0 at the top) carries now is its zero. */
  tare(shelf: number): Promise<CommandAnswer>
  /** What the tared shelf carries now weighs `grams`. */
  calibrate(shelf: number, grams: number): Promise<CommandAnswer>
}

/**
 * connecting: saying Hello until it is answered. confirming: a session is made; its first status proves the controller's
 * end. up: frames flow. closed: for good.
 */
type State =
  | { readonly at: 'connecting'; readonly nonce: Uint8Array }
  | { readonly at: 'confirming'; readonly session: Session; readonly ack: HelloAck; readonly untilMs: number }
  | { readonly at: 'up'; readonly session: Session; readonly ack: HelloAck; readonly uptime: Uptime; status: Status }
  | { readonly at: 'closed' }

const { heartbeatMs, helloRepeatMs, commandRepeatMs, linkSilentMs } = linkConstants

export function createLink({ port, key, clock, random, log }: LinkPorts): DeviceLink {
  invariant(key.length === linkKeyLength, `a link key has ${linkKeyLength} bytes, not ${key.length}`)
  const greeting = helloKey(key)
  const listeners = new Set<(report: ControllerReport) => void>()
  const deliveries = createDeliveries()
  const commands = createCommands({
    clock,
    random,
    bootId: () => (state.at === 'up' ? state.ack.bootId : null),
    send: (message) => send(message),
    uptimeAt: (atMs) => (state.at === 'up' ? state.uptime.at(atMs) : 0),
  })
  const dropped = Object.fromEntries(linkFaults.map((fault) => [fault, 0])) as Record<LinkFault, number>
  const counts = { framesGood: 0, roundTripMs: null as number | null, silences: 0, repeatedEvents: 0 }
  let state: State = { at: 'connecting', nonce: random.bytes(nonceLength) }
  let heardAtMs = 0
  let wanted: Signal = 'idle'
  let weights: Weights | null = null
  // After whoever made the link has subscribed: a wire in this process answers at once.
  let cancelTimer: Cancel = clock.after(0, due)

  port.onBytes(
    createSplitter(
      (coded) => {
        const frame = decodeFrame(coded)
        if (frame.ok) received(frame.value)
        else drop(frame.error)
      },
      () => drop('length'),
    ),
  )

  // ---- time -------------------------------------------------------------------------------------------------------

  /** Says what is due in this state, and comes again. */
  function due(): void {
    const now = clock.nowMs()
    if (state.at === 'up' && now - heardAtMs >= linkSilentMs) lose()
    if (state.at === 'confirming' && now >= state.untilMs) connect()
    switch (state.at) {
      case 'connecting':
        cancelTimer = clock.after(helloRepeatMs, due)
        // A delimiter first: whatever half a frame stands on the line ends there.
        port.write(Uint8Array.of(0))
        return port.write(sealFrame(greeting, 'pi', 0, encodePiMessage({ type: 'hello', piNonce: state.nonce })))
      case 'confirming':
        cancelTimer = clock.after(commandRepeatMs, due)
        return beat()
      case 'up':
        cancelTimer = clock.after(heartbeatMs, due)
        return beat()
      case 'closed':
        return
    }
  }

  function beat(): void {
    send({ type: 'heartbeat', stamp: clock.nowMs() >>> 0, signal: wanted })
  }

  function connect(): void {
    state = { at: 'connecting', nonce: random.bytes(nonceLength) }
  }

  function lose(): void {
    counts.silences += 1
    weights = null
    connect()
    log.warn('the controller is silent', { ...counts, dropped: { ...dropped } })
    report({ type: 'lost' })
  }

  function send(message: PiMessage): void {
    if (state.at !== 'up' && state.at !== 'confirming') return
    const bytes = state.session.seal(encodePiMessage(message))
    if (bytes !== null) port.write(bytes)
    else if (state.at === 'up') lose()
    else connect()
  }

  // ---- frames -----------------------------------------------------------------------------------------------------

  function drop(fault: LinkFault): void {
    dropped[fault] += 1
  }

  function received(frame: Frame): void {
    if (state.at === 'closed') return
    if (frame.typeCode === helloAckType) return greeted(frame)
    if (state.at === 'connecting') return drop('noSession')
    const refused = state.session.refuse(frame)
    if (refused !== null) return drop(refused)
    heardAtMs = clock.nowMs()
    const message = understood(frame)
    if (message !== null) take(message)
  }

  function understood(frame: Frame): ControllerMessage | null {
    const message = decodeControllerMessage(frame.typeCode, frame.body)
    if (message.ok) {
      counts.framesGood += 1
      return message.value
    }
    drop(message.error.code)
    log.warn('an authentic frame makes no sense', { detail: message.error.detail })
    return null
  }

  function greeted(frame: Frame): void {
    if (!isTagged(greeting, 'controller', frame)) return drop('tag')
    const ack = understood(frame)
    if (ack?.type !== 'helloAck') return
    // An answer to another Hello than the one that is open now is old.
    if (state.at !== 'connecting' || !sameBytes(ack.piNonce, state.nonce)) return drop('counter')
    const session = createSession({ key: sessionKey(key, ack.piNonce, ack.controllerNonce), own: 'pi' })
    state = { at: 'confirming', session, ack, untilMs: clock.nowMs() + linkSilentMs }
    cancelTimer()
    due()
  }

  // ---- messages ---------------------------------------------------------------------------------------------------

  function take(message: ControllerMessage): void {
    switch (message.type) {
      case 'helloAck':
        return // greeted() takes these
      case 'status':
        return tookStatus(message)
      case 'commandDone':
        return commands.answered(message.commandId, message.outcome)
      case 'weights':
        return weighed(weightsOf(message), waits(state))
      case 'unlocked':
      case 'unlockRefused':
      case 'relocked':
      case 'doorOpened':
      case 'doorClosed':
      case 'doorLeftOpen':
      case 'tamper':
      case 'weightsSettled':
        return tookEvent(message)
    }
  }

  function tookStatus(status: Status): void {
    const now = clock.nowMs()
    counts.roundTripMs = (now - status.stamp) >>> 0
    if (state.at === 'up') {
      state.status = status
      state.uptime.seen(status.uptimeMs, now)
      return report({ type: 'status', status: statusOf(status, state.ack) })
    }
    if (state.at !== 'confirming') return
    const { session, ack } = state
    const uptime = createUptime()
    uptime.seen(status.uptimeMs, now)
    state = { at: 'up', session, ack, uptime, status }
    cancelTimer()
    cancelTimer = clock.after(heartbeatMs, due)
    log.info('the controller answers', { boot: ack.bootId, firmware: ack.firmwareVersion, reset: ack.resetReason })
    commands.connected(ack.bootId)
    report({ type: 'up', status: statusOf(status, ack) })
  }

  /** Not before the link is up, and not while nobody listens: it comes again. */
  function tookEvent(event: EventMessage): void {
    if (state.at !== 'up' || listeners.size === 0) return
    const { bootId } = state.ack
    if (deliveries.isNew(bootId, event)) {
      state.status = overtaken(state.status, event)
      if (event.type === 'unlocked') commands.answeredUnlock(event.commandId, 'unlocked')
      if (event.type === 'unlockRefused') commands.answeredUnlock(event.commandId, event.reason)
      if (event.type === 'weightsSettled') weighed(weightsOf(event), isPast(event.atMs, event.doorOpen))
      const heard = reportOf(event)
      if (heard !== null) report(heard)
    } else counts.repeatedEvents += 1
    send({ type: 'eventAck', eventId: event.eventId })
  }

  /** Weights that are of the past, or told before what led to them, are nothing to settle on. */
  function weighed(now: Weights, overtaken: boolean): void {
    weights = overtaken ? { ...now, settled: false } : now
    report({ type: 'weights', weights })
  }

  /** An event that waited for the link tells how the shelves once were. */
  function isPast(atMs: number, doorOpen: boolean): boolean {
    if (state.at !== 'up' || doorOpen !== state.status.doorOpen) return true
    return ((state.uptime.at(clock.nowMs()) - atMs) | 0) > freshWithinMs
  }

  function report(what: ControllerReport): void {
    // Who subscribes while this is told hears only the next; who left meanwhile hears nothing more.
    const present = [...listeners]
    for (const listener of present) if (listeners.has(listener)) listener(what)
  }

  return {
    unlock: (visit: VisitId, timeoutMs: number) => commands.unlock(visit, timeoutMs),
    relock: () => commands.relock(),
    signal(signal) {
      if (signal === wanted) return
      wanted = signal
      if (state.at === 'up') send({ type: 'showSignal', signal })
    },
    tare: (shelf) => commands.ask((commandId) => ({ type: 'tare', commandId, shelf })),
    calibrate: (shelf, grams) =>
      commands.ask((commandId) => ({
        type: 'calibrate',
        commandId,
        shelf,
        referenceDecigrams: Math.round(grams * 10),
      })),
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    status: () => (state.at === 'up' ? statusOf(state.status, state.ack) : null),
    weights: () => weights,
    health: () => (state.at === 'up' ? state.status : null),
    state: () => (state.at === 'confirming' ? 'connecting' : state.at),
    counters: () => ({ ...counts, dropped: { ...dropped }, missedEvents: deliveries.missed() }),
    close() {
      if (state.at === 'closed') return
      state = { at: 'closed' }
      cancelTimer()
      listeners.clear()
      commands.close()
      port.close()
    },
  }
}

/** An event that nothing held up is repeated at most this long until it is acknowledged. */
const freshWithinMs = 400

/** What happened at door and lock is still on its way. */
const waits = (state: State): boolean => state.at === 'up' && state.status.eventsWaiting > 0

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
