/** Pairing: one press gives a code that a fridge is paired with. */
import { useState, type ReactNode } from 'react'
import { useWords } from '../languages/fleet/words.ts'
import { RelayTrouble, type Relay, type Trouble } from './relay.ts'

export function Pairing({ relay }: { relay: Relay }): ReactNode {
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
