/** State: how a fridge stands by what it said last, as a word with a mark. */
import type { ReactNode } from 'react'
import type { FleetFridge, FleetLive } from '../../src/contract/fleet.ts'
import { useWords } from '../languages/fleet/words.ts'

export type State = 'revoked' | 'silent' | 'door' | 'closed' | 'selling'
const silentAfterMs = 300_000

/** How long ago it was heard of, by either way; null: never. */
export const silenceOf = (fridge: FleetFridge, live: FleetLive | undefined): number | null => {
  const heard = [fridge.silentMs, live?.silentMs].filter((one) => typeof one === 'number')
  return heard.length === 0 ? null : Math.min(...heard)
}

export function stateOf(fridge: FleetFridge, live: FleetLive | undefined): State {
  if (fridge.revokedAtMs !== null) return 'revoked'
  if ((silenceOf(fridge, live) ?? Infinity) > silentAfterMs) return 'silent'
  if (live?.doorOpen === true) return 'door'
  return (fridge.stopped ?? live?.closed ?? null) === null ? 'selling' : 'closed'
}

export function StateMark({ fridge, live }: { fridge: FleetFridge; live: FleetLive | undefined }): ReactNode {
  const words = useWords()
  const state = stateOf(fridge, live)
  const said =
    state === 'closed' ? words.fridges.states.closed(live?.closed ?? fridge.stopped ?? '') : words.fridges.states[state]
  return <span className={`fleet-state is-${state}`}>{said}</span>
}
