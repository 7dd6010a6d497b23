/**
 * Kept card: a card that is presented while the fridge opens in a moment, because its shelves only have to come to rest.
 *
 * Holds always (session SPEC S20): one card, the first, for `keptMs`; nothing is written or asked of the bank until its visit
 * starts; when anything else comes between, it is let go, and the screen says what. Called by runtime/runtime.
 */
import type { Cancel, Clock, PresentedCard } from '../core/ports.ts'
import { secondMs } from '../core/time.ts'

/** Shelves rest within half a second of a closed door, or two after a slam that shook everything. */
export const keptMs = 2 * secondMs

export interface KeptCard {
  present(card: PresentedCard): void
  /** Something changed: starts the card's visit, keeps it, or lets it go. */
  look(): void
  waits(): boolean
  stop(): void
}

export function createKeptCard(ports: {
  readonly clock: Clock
  /** `now`: a visit may start. `soon`: once the shelves rest. */
  readonly opens: () => 'now' | 'soon' | 'no'
  readonly start: (card: PresentedCard) => void
  readonly changed: () => void
}): KeptCard {
  const { clock, opens, start, changed } = ports
  let kept: { readonly card: PresentedCard; readonly cancel: Cancel } | null = null

  function letGo(): void {
    kept?.cancel()
    kept = null
  }

  return {
    present(card) {
      if (kept !== null) return
      if (opens() !== 'soon') return start(card)
      const lapsed = (): void => {
        letGo()
        changed()
      }
      kept = { card, cancel: clock.after(keptMs, lapsed) }
      changed()
    },
    look() {
      const when = opens()
      if (kept === null || when === 'soon') return
      const { card } = kept
      letGo()
      if (when === 'now') start(card)
    },
    waits: () => kept !== null,
    stop: letGo,
  }
}
