/**
 * Inbox: the one queue through which everything that happens reaches the fridge.
 *
 * A turn takes the inputs that wait together, steps through them, and commits all their events and effects at once; only
 * then is the new state seen by anybody, and only then are effects performed (law L1, L3). Holds always: the queue is
 * bounded; an answer to an effect is never turned away. A failed commit or a broken invariant stops the inbox for good.
 */
import type { CabinetLimits } from '../cabinet/cabinet.ts'
import type { Effect } from '../core/effects.ts'
import type { Event } from '../core/events.ts'
import type { EffectKey } from '../core/ids.ts'
import type { Clock } from '../core/ports.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { evolve, step, type Fridge, type FridgeInput, type Live } from './fridge.ts'

export interface Inbox {
  /**
   * Queues an input. False when the queue is full and the input was not taken: tell whoever sent it. `answers` names the
   * effect whose outcome this is.
   */
  post(input: FridgeInput, answers?: EffectKey): boolean
  /** Commits at once what waits, for those who must know it written before they go on. Within a turn it waits for the next. */
  turn(): void
  fridge(): Fridge
  stop(): void
}

export interface InboxPorts {
  readonly ledger: Ledger
  readonly clock: Clock
  readonly limits: CabinetLimits
  readonly live: () => Live
  /** After each commit: the state it left, what was written, and the effects to perform. */
  readonly committed: (fridge: Fridge, events: readonly Event[], effects: readonly Effect[]) => void
  /** The fridge can't go on: the ledger did not take a commit, or an invariant broke. Called once. */
  readonly failed: (error: unknown) => void
}

const capacity = 1_024
const sharedCommit = 64

export function createInbox(start: Fridge, ports: InboxPorts): Inbox {
  const { ledger, clock, limits, live, committed, failed } = ports
  const waiting: { input: FridgeInput; answers: EffectKey | undefined }[] = []
  let fridge = start
  let scheduled = false
  let stopped = false
  let turning = false

  function turn(): void {
    if (turning) return schedule()
    scheduled = false
    if (stopped || waiting.length === 0) return
    turning = true
    const taken = waiting.splice(0, sharedCommit)
    try {
      commit(taken)
    } catch (error) {
      stopped = true
      waiting.length = 0
      failed(error)
      return
    } finally {
      turning = false
    }
    if (waiting.length > 0) schedule()
  }

  function commit(taken: typeof waiting): void {
    const atMs = Math.max(clock.nowMs(), ledger.last().atMs)
    const events: Event[] = []
    const effects: Effect[] = []
    const done: EffectKey[] = []
    let next = fridge
    for (const { input, answers } of taken) {
      const decision = step(next, input, atMs, live(), limits)
      for (const event of decision.events) next = evolve(next, event, atMs)
      events.push(...decision.events)
      effects.push(...decision.effects)
      if (answers !== undefined) done.push(answers)
    }
    if (events.length + effects.length + done.length === 0) return
    const written = ledger.commit({ atMs, events, effects, done, abandoned: [] })
    fridge = next
    committed(fridge, events, written.effects)
  }

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    queueMicrotask(turn)
  }

  return {
    post(input, answers) {
      if (stopped || (answers === undefined && waiting.length >= capacity)) return false
      waiting.push({ input, answers })
      schedule()
      return true
    },
    turn,
    fridge: () => fridge,
    stop() {
      stopped = true
      waiting.length = 0
    },
  }
}
