/**
 * Watching: when the cameras are on. From a card to its basket; and at a door that was forced, until it is closed again and
 * has been seen so, for a minute at most (laws D4, P2).
 *
 * Holds always: at no other time; one thing is watched at a time, and whoever shops goes before a forced door, whose pictures
 * then begin when the visit is over and the door still open. Called by runtime/runtime.
 */
import type { TamperId } from '../core/ids.ts'
import type { Cancel, Clock, Eyes } from '../core/ports.ts'
import { minuteMs, secondMs } from '../core/time.ts'
import { isFree, type Session } from '../session/state.ts'

/** Who steals is gone in a minute; a door that is left open shows nothing new after it. */
export const forcedForMs = minuteMs
/** For a picture of how the shelves were left: cameras send a dozen a second. */
export const forcedAfterMs = 2 * secondMs

export interface Watching {
  /** After each commit. */
  follow(session: Session): void
  doorOpened(): void
  doorClosed(): void
  /** The ledger says that the door was forced. */
  forced(tamper: TamperId): void
  stop(): void
}

export function createWatching(ports: {
  readonly eyes: Eyes
  readonly clock: Clock
  readonly doorOpen: () => boolean
}): Watching {
  const { eyes, clock, doorOpen } = ports
  let free = true
  let tamper: { readonly id: TamperId; readonly cancel: Cancel; readonly begun: boolean } | null = null

  function letGo(): void {
    tamper?.cancel()
    tamper = null
    if (free) eyes.end()
  }

  function begin(): void {
    if (tamper === null || tamper.begun || !free) return
    eyes.end()
    eyes.begin(tamper.id)
    eyes.doorOpened()
    tamper = { ...tamper, begun: true }
    if (!doorOpen()) closed() // told late, of a door that is closed by now: how it left the shelves
  }

  function closed(): void {
    eyes.doorClosed()
    if (tamper === null) return
    tamper.cancel()
    tamper = { ...tamper, cancel: clock.after(forcedAfterMs, letGo) }
  }

  return {
    follow(session) {
      free = isFree(session)
      if (free) return tamper === null ? eyes.end() : begin()
      // Of a visit that an earlier process began nobody saw how the shelves stood before.
      if (session.at !== 'holding' && session.at !== 'unlocking') return
      if (tamper?.begun === true) {
        letGo()
        eyes.end()
      }
      eyes.begin(session.visit)
    },
    doorOpened: () => eyes.doorOpened(),
    doorClosed: closed,
    forced(id) {
      letGo()
      tamper = { id, cancel: clock.after(forcedForMs, letGo), begun: false }
      begin()
    },
    stop() {
      tamper?.cancel()
      tamper = null
    },
  }
}
