/**
 * Recover: where the fridge stands after a start, whatever ended the last run.
 *
 * The ledger is replayed and checked as it is read; what was promised and not answered is sorted into what may be repeated
 * (money, by its key) and what must not be (a door). Called once, by runtime/runtime.
 */
import { afterRestart, type Effect } from '../core/effects.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { evolve, type Fridge } from './fridge.ts'
import { stateAtAnchor } from './prune.ts'

export interface Recovered {
  readonly fridge: Fridge
  /** Read from the disk: those after the anchor. */
  readonly events: number
  readonly repeat: readonly Effect[]
  readonly abandon: readonly Effect[]
}

export function recover(ledger: Ledger): Recovered {
  let fridge = stateAtAnchor(ledger)
  let events = 0
  for (const { event, atMs } of ledger.replay()) {
    fridge = evolve(fridge, event, atMs)
    events++
  }
  const pending = ledger.pending()
  return {
    fridge,
    events,
    repeat: pending.filter((effect) => afterRestart[effect.type] === 'repeat'),
    abandon: pending.filter((effect) => afterRestart[effect.type] === 'abandon'),
  }
}
