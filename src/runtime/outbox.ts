/**
 * Outbox: performs what the ledger has promised, and posts each outcome back as an input.
 *
 * Holds always: an effect is performed only after its commit; every money effect goes out under its own key, so that
 * repeating it is asking (law M6); a capture or release is asked until the bank has answered, however long that takes; a
 * door is opened at once or not at all (law D1).
 */
import type { Effect, EffectOf } from '../core/effects.ts'
import { unreachable } from '../core/result.ts'
import type { Cancel, Clock, Controller, Log, PaymentProvider, Random } from '../core/ports.ts'
import { minuteMs, secondMs } from '../core/time.ts'
import type { Inbox } from './inbox.ts'
import type { Weigher } from './weigher.ts'

export interface Outbox {
  perform(effect: Effect): void
  /** The network is back: ask the bank now rather than at the end of a long pause. */
  retryNow(): void
  online(): boolean
  stop(): void
}

export interface OutboxPorts {
  readonly inbox: Pick<Inbox, 'post'>
  readonly controller: Controller
  readonly provider: PaymentProvider
  readonly weigher: Weigher
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly onlineChanged: () => void
}

const unlockTimeoutMs = 3 * secondMs
/** A shopper waits for this: two quick repeats cover a lost packet, then we say that the bank is silent. */
const holdRetryMs = 700
const holdTries = 3
const firstPauseMs = secondMs
const longestPauseMs = 5 * minuteMs

export function createOutbox(ports: OutboxPorts): Outbox {
  const { inbox, controller, provider, weigher, clock, random, log } = ports
  const paused = new Map<string, { cancel: Cancel; ask: () => void }>()
  let online = true
  let stopped = false

  function perform(effect: Effect): void {
    if (stopped) return
    switch (effect.type) {
      case 'PlaceHold':
        return void placeHold(effect, 1)
      case 'UnlockDoor':
        return void unlock(effect)
      case 'RelockDoor':
        controller.relock()
        inbox.post({ type: 'Performed' }, effect.key)
        return
      case 'ResolveBasket':
        weigher.weigh(effect.visit, effect.baseline, (resolution) => {
          inbox.post({ type: 'BasketWeighed', visit: effect.visit, key: effect.key, resolution }, effect.key)
        })
        return
      case 'CaptureHold':
        return void capture(effect, firstPauseMs)
      case 'ReleaseHold':
        return void release(effect, firstPauseMs)
      default:
        return unreachable(effect)
    }
  }

  async function placeHold(effect: EffectOf<'PlaceHold'>, tried: number): Promise<void> {
    const answer = await provider.placeHold(effect.hold)
    if (stopped) return
    const silent = !answer.ok && answer.error.code === 'unreachable'
    heard(!silent)
    if (silent && tried < holdTries) pause(effect.key, holdRetryMs, () => void placeHold(effect, tried + 1))
    else inbox.post({ type: 'HoldAnswered', visit: effect.visit, key: effect.key, answer }, effect.key)
  }

  async function unlock(effect: EffectOf<'UnlockDoor'>): Promise<void> {
    const late = clock.nowMs() > effect.expiresAtMs
    const answer = late ? 'stale' : await controller.unlock(effect.visit, unlockTimeoutMs)
    if (!stopped) inbox.post({ type: 'UnlockAnswered', visit: effect.visit, key: effect.key, answer }, effect.key)
  }

  async function capture(effect: EffectOf<'CaptureHold'>, pauseMs: number): Promise<void> {
    const answer = await provider.capture(effect)
    if (stopped) return
    if (silence(answer)) return pause(effect.key, pauseMs, () => void capture(effect, longer(pauseMs)))
    inbox.post({ type: 'CaptureAnswered', visit: effect.visit, key: effect.key, answer }, effect.key)
  }

  async function release(effect: EffectOf<'ReleaseHold'>, pauseMs: number): Promise<void> {
    const answer = await provider.release(effect)
    if (stopped) return
    if (silence(answer)) return pause(effect.key, pauseMs, () => void release(effect, longer(pauseMs)))
    inbox.post({ type: 'ReleaseAnswered', visit: effect.visit, key: effect.key, answer }, effect.key)
  }

  function silence(answer: { ok: true } | { ok: false; error: { code: string } }): boolean {
    const silent = !answer.ok && answer.error.code === 'unreachable'
    heard(!silent)
    return silent
  }

  /** Ask again later; whichever way it comes, the next time is under the same key. */
  function pause(key: string, pauseMs: number, ask: () => void): void {
    const jitterMs = (pauseMs * (random.bytes(1)[0] ?? 0)) / 1_024 // up to a quarter: a street of fridges does not ask in step
    const again = (): void => {
      paused.delete(key)
      ask()
    }
    paused.set(key, { cancel: clock.after(pauseMs + jitterMs, again), ask: again })
  }

  function heard(answered: boolean): void {
    if (answered === online) return
    online = answered
    log.info(answered ? 'the bank answers again' : 'the bank is silent')
    ports.onlineChanged()
    if (answered) retryNow()
  }

  function retryNow(): void {
    for (const { cancel, ask } of Array.from(paused.values())) {
      cancel()
      ask()
    }
  }

  return {
    perform,
    retryNow,
    online: () => online,
    stop() {
      stopped = true
      for (const { cancel } of paused.values()) cancel()
      paused.clear()
    },
  }
}

const longer = (pauseMs: number): number => Math.min(pauseMs * 2, longestPauseMs)
