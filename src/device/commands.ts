/**
 * Commands: what is asked of the controller and repeated until it answers.
 *
 * Holds always: a command keeps its id however often it is sent, so that the controller does it once; one unlock at a time,
 * and none while a relock waits for its answer; an unlock that got no answer is followed by a relock, for it may have been
 * done. Called by link.ts, which sends and feeds back the answers.
 */
import type { VisitId } from '../core/ids.ts'
import type { Clock, Random, UnlockAnswer } from '../core/ports.ts'
import { linkConstants, type Outcome, type PiMessage } from './messages.gen.ts'
import { createRepetition, type Repetition } from './repeat.ts'
import { visitBytes } from './visit-bytes.ts'

export type CommandAnswer = Outcome | 'timeout' | 'busy'

export interface Commands {
  unlock(visit: VisitId, timeoutMs: number): Promise<UnlockAnswer>
  relock(): void
  /** Tare or calibrate; `make` gets the command's id. */
  ask(make: (commandId: number) => PiMessage): Promise<CommandAnswer>
  /** The link is up, with this start of the controller: what waited may go. */
  connected(bootId: number): void
  answeredUnlock(commandId: number, answer: UnlockAnswer): void
  answered(commandId: number, outcome: Outcome): void
  close(): void
}

export interface CommandPorts {
  readonly clock: Clock
  readonly random: Random
  /** The start of the controller that the link is up with, or null. */
  readonly bootId: () => number | null
  readonly send: (message: PiMessage) => void
  /** The controller's uptime at this moment of our clock. */
  readonly uptimeAt: (atMs: number) => number
}

interface Asked {
  readonly commandId: number
  readonly message: PiMessage
  readonly repetition: Repetition
  settle(answer: CommandAnswer): void
}

interface Unlocking {
  readonly commandId: number
  readonly repetition: Repetition
  /** The start of the controller that it was sent to; another one forgot it, and locked. */
  sentTo: number | null
  settle(answer: UnlockAnswer): void
}

const { commandRepeatMs: everyMs, openTimeoutMaxMs, unlockHorizonMs } = linkConstants
const answerWithinMs = 5_000
const queueLength = 8
/** Margin below the controller's horizon: its clock may be ahead of what we think. */
const horizonMs = unlockHorizonMs - 5_000

export function createCommands({ clock, random, bootId, send, uptimeAt }: CommandPorts): Commands {
  let unlocking: Unlocking | null = null
  let relocking: Asked | null = null
  const queue: Asked[] = []

  function newId(): number {
    const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4)
    return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
  }

  function ask(make: (commandId: number) => PiMessage, settle: (answer: CommandAnswer) => void): Asked {
    const commandId = newId()
    const asked: Asked = {
      commandId,
      message: make(commandId),
      settle(answer) {
        asked.repetition.stop()
        settle(answer)
      },
      repetition: createRepetition(clock, {
        everyMs,
        untilMs: clock.nowMs() + answerWithinMs,
        again: () => {
          const next = relocking ?? queue[0]
          if (next === asked && bootId() !== null) send(asked.message)
        },
        expired: () => asked.settle('timeout'),
      }),
    }
    return asked
  }

  function relock(): void {
    endUnlock('timeout')
    if (relocking !== null) return
    relocking = ask(
      (commandId) => ({ type: 'relock', commandId }),
      () => {
        relocking = null
      },
    )
    relocking.repetition.begin()
  }

  function endUnlock(answer: UnlockAnswer): void {
    const ended = unlocking
    if (ended === null) return
    unlocking = null
    ended.repetition.stop()
    ended.settle(answer)
  }

  function sendUnlock(asked: Unlocking, visit: Uint8Array, deadlineMs: number): void {
    const boot = bootId()
    if (boot === null || relocking !== null) return
    asked.sentTo ??= boot
    send({
      type: 'unlock',
      commandId: asked.commandId,
      visit,
      notAfterMs: uptimeAt(Math.min(deadlineMs, clock.nowMs() + horizonMs)),
      openTimeoutMs: openTimeoutMaxMs,
    })
  }

  return {
    unlock(visit, timeoutMs) {
      const bytes = visitBytes(visit)
      if (unlocking !== null) return Promise.resolve('busy')
      const deadlineMs = clock.nowMs() + timeoutMs
      return new Promise((settle) => {
        const asked: Unlocking = {
          commandId: newId(),
          sentTo: null,
          settle,
          repetition: createRepetition(clock, {
            everyMs,
            untilMs: deadlineMs,
            again: () => sendUnlock(asked, bytes, deadlineMs),
            // Sent and not answered is not the same as not done.
            expired: () => (asked.sentTo === null ? endUnlock('timeout') : relock()),
          }),
        }
        unlocking = asked
        asked.repetition.begin()
      })
    },
    relock,
    ask(make) {
      if (queue.length >= queueLength) return Promise.resolve('busy')
      return new Promise((settle) => {
        const asked = ask(make, (answer) => {
          queue.splice(queue.indexOf(asked), 1)
          settle(answer)
        })
        queue.push(asked)
        asked.repetition.begin()
      })
    },
    connected(boot) {
      if (unlocking !== null && unlocking.sentTo !== null && unlocking.sentTo !== boot) endUnlock('timeout')
    },
    answeredUnlock(commandId, answer) {
      if (unlocking?.commandId === commandId) endUnlock(answer)
    },
    answered(commandId, outcome) {
      const asked = [relocking, ...queue].find((one) => one?.commandId === commandId)
      asked?.settle(outcome)
    },
    close() {
      endUnlock('timeout')
      for (const asked of [relocking, ...queue]) asked?.settle('timeout')
    },
  }
}
