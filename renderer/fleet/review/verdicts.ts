/**
 * Verdicts: decisions that were made and can still be taken back: each goes to the relay ten seconds after it was made, or at
 * once when the page is left. One that the relay did not take comes back.
 */
import { useEffect, useRef, useState } from 'react'
import { RelayTrouble, type Relay } from '../relay.ts'
import { keyOf, type Counted } from './basket.ts'

export const undoMs = 10_000

export type Kind = 'proposed' | 'runnerUp' | 'nothing' | 'edited'
/** As the fridge's own books will give it; in English, as everything in them. */
const reasons: Readonly<Record<Kind, string>> = {
  proposed: 'reviewed: as proposed',
  runnerUp: 'reviewed: as the runner-up',
  nothing: 'reviewed: nothing taken',
  edited: 'reviewed: basket edited',
}

export interface Verdict {
  readonly fridge: string
  readonly visit: string
  readonly kind: Kind
  readonly taken: readonly Counted[]
  readonly sendAtMs: number
}

/** What became of one that was sent, where it is worth a word. */
export interface Outcome {
  readonly of: Verdict
  readonly at: 'failed' | 'taken'
  readonly trouble: RelayTrouble['trouble'] | null
}

export interface Verdicts {
  /** Made, and not sent yet; the newest last. */
  readonly pending: readonly Verdict[]
  /** Visits that are decided here, or about to be. */
  readonly gone: ReadonlySet<string>
  readonly outcome: Outcome | null
  decide(verdict: Omit<Verdict, 'sendAtMs'>): void
  /** Takes the newest back; gives its visit. */
  undo(): Verdict | null
}

export function useVerdicts(relay: Relay, changed: () => void): Verdicts {
  const [pending, setPending] = useState<readonly Verdict[]>([])
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set())
  const [outcome, setOutcome] = useState<Outcome | null>(null)

  const send = async (verdict: Verdict, leaving = false): Promise<void> => {
    setPending((all) => all.filter((one) => one !== verdict))
    const { fridge, visit, kind, taken } = verdict
    try {
      const { first } = await relay.decide(fridge, { visit, taken, reason: reasons[kind] }, leaving)
      if (!first) setOutcome({ of: verdict, at: 'taken', trouble: null })
    } catch (error) {
      setGone((all) => new Set([...all].filter((one) => one !== keyOf(verdict))))
      setOutcome({ of: verdict, at: 'failed', trouble: error instanceof RelayTrouble ? error.trouble : 'away' })
    }
    changed()
  }
  const sending = useRef({ send, pending })
  useEffect(() => {
    sending.current = { send, pending }
  })
  useEffect(() => {
    const [first] = pending
    if (first === undefined) return
    const timer = setTimeout(() => void sending.current.send(first), Math.max(0, first.sendAtMs - Date.now()))
    return () => clearTimeout(timer)
  }, [pending])
  // A tab that is closed, or put away on a phone, may never run again.
  useEffect(() => {
    const flush = (): void => {
      for (const verdict of sending.current.pending) void sending.current.send(verdict, true)
      sending.current = { ...sending.current, pending: [] }
    }
    window.addEventListener('pagehide', flush)
    return () => {
      window.removeEventListener('pagehide', flush)
      flush()
    }
  }, [])

  return {
    pending,
    gone,
    outcome,
    decide(verdict) {
      setOutcome(null)
      setGone((all) => new Set([...all, keyOf(verdict)]))
      setPending((all) => [...all, { ...verdict, sendAtMs: Date.now() + undoMs }])
    },
    undo() {
      const last = pending.at(-1)
      if (last === undefined) return null
      setPending((all) => all.filter((one) => one !== last))
      setGone((all) => new Set([...all].filter((one) => one !== keyOf(last))))
      return last
    },
  }
}
