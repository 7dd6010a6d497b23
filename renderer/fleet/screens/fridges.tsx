/** Fridges: all of them with what each said last; the ones in need stand first. */
import { useState, type ReactNode } from 'react'
import type { FleetFridge, FleetLive } from '../../../src/contract/fleet.ts'
import { useWords } from '../../languages/fleet/words.ts'
import { useSpeech } from '../../languages/language.tsx'
import { useAsked } from '../asked.ts'
import { useAge } from '../money.ts'
import { RelayTrouble, type Relay, type Trouble } from '../relay.ts'
import { Standing } from '../standing.tsx'

export type State = 'revoked' | 'silent' | 'door' | 'closed' | 'selling'
const worst: readonly State[] = ['closed', 'door', 'silent', 'selling', 'revoked']
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

export function FridgesPage({ relay, mayPair }: { relay: Relay; mayPair: boolean }): ReactNode {
  const words = useWords()
  const age = useAge()
  const { number, celsius } = useSpeech()
  const fridges = useAsked('fridges', relay.fridges)
  const live = useAsked('live', relay.live, 5_000)
  const heard = new Map(live.answer?.map((one) => [one.fridge, one]))
  const rankOf = (one: FleetFridge): number => worst.indexOf(stateOf(one, heard.get(one.fridge)))
  const sorted = fridges.answer?.toSorted((a, b) => rankOf(a) - rankOf(b) || (a.fridge < b.fridge ? -1 : 1))
  return (
    <section>
      <div className="fleet-row spread">
        <h1 id="fridges">{words.fridges.title}</h1>
        {mayPair && <Pairing relay={relay} />}
      </div>
      <Standing trouble={fridges.trouble} loading={fridges.answer === null} />
      {sorted?.length === 0 && <p className="fleet-calm">{words.fridges.none}</p>}
      {sorted && sorted.length > 0 && (
        <div className="fleet-scroll">
          <table className="fleet-table">
            <thead>
              <tr>
                {(['name', 'state', 'air', 'heard', 'waiting', 'version'] as const).map((column) => (
                  <th key={column} scope="col">
                    {words.fridges[column]}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {sorted.map((one) => {
                const said = heard.get(one.fridge)
                const silence = silenceOf(one, said)
                return (
                  <tr key={one.fridge}>
                    <th scope="row">
                      <a href={`#fridge/${one.fridge}`}>{one.fridge}</a>
                      {one.setAside > 0 && <span className="fleet-note">{words.fridges.setAside(one.setAside)}</span>}
                      {one.divergedAtSeq !== null && <span className="fleet-note">{words.fridges.diverged}</span>}
                    </th>
                    <td>
                      <StateMark fridge={one} live={said} />
                    </td>
                    <td>{typeof said?.celsius === 'number' ? celsius(said.celsius) : words.fridges.unknown}</td>
                    <td>{silence === null ? words.fridges.never : words.fridges.ago(age(silence))}</td>
                    <td>{typeof said?.pending === 'number' ? number(said.pending) : words.fridges.unknown}</td>
                    <td>{one.version ?? words.fridges.unknown}</td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

function Pairing({ relay }: { relay: Relay }): ReactNode {
  const words = useWords()
  const [code, setCode] = useState<string | null>(null)
  const [trouble, setTrouble] = useState<Trouble | null>(null)
  const make = async (): Promise<void> => {
    try {
      setCode((await relay.pairingCode()).code)
    } catch (error) {
      setTrouble(error instanceof RelayTrouble ? error.trouble : 'away')
    }
  }
  return (
    <div className="fleet-pairing">
      {code === null ? (
        <button type="button" className="primary" onClick={() => void make()}>
          {words.fridges.pair}
        </button>
      ) : (
        <p role="status">
          <strong className="fleet-code">{code}</strong>
          <span className="soft">{words.fridges.pairHow}</span>
        </p>
      )}
      {trouble && <p role="alert">{words.trouble[trouble]}</p>}
    </div>
  )
}
