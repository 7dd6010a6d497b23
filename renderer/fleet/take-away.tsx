/** Take away: what a page shows, as a file for a spreadsheet: of this fridge, or all, in this span, by this clock. */
import { useState, type ReactNode } from 'react'
import { useWords } from '../languages/fleet/words.ts'
import { exportNames, RelayTrouble, type ExportName, type Relay, type Trouble } from './relay.ts'
import { Standing } from './standing.tsx'

interface TakeAwayProps {
  readonly relay: Relay
  readonly fridge: string | null
  readonly fromMs: number
  readonly toMs: number
}

export function TakeAway({ relay, fridge, fromMs, toMs }: TakeAwayProps): ReactNode {
  const words = useWords().takeAway
  const [what, setWhat] = useState<ExportName>('sales')
  const [at, setAt] = useState<'ready' | 'busy' | Trouble>('ready')
  const take = async (as: 'csv' | 'xlsx'): Promise<void> => {
    setAt('busy')
    try {
      keep(await relay.exported(what, as, fridge, fromMs, toMs), `${what}.${as}`)
      setAt('ready')
    } catch (error) {
      setAt(error instanceof RelayTrouble ? error.trouble : 'away')
    }
  }
  return (
    <div className="fleet-choice" role="group" aria-label={words.title}>
      <label>
        <span className="unseen">{words.title}</span>
        <select
          value={what}
          onChange={(event) => setWhat(exportNames.find((one) => one === event.target.value) ?? what)}
        >
          {exportNames.map((one) => (
            <option key={one} value={one}>
              {words.what[one]}
            </option>
          ))}
        </select>
      </label>
      {(['csv', 'xlsx'] as const).map((as) => (
        <button key={as} type="button" disabled={at === 'busy'} onClick={() => void take(as)}>
          {words.as[as]}
        </button>
      ))}
      <Standing trouble={at === 'ready' || at === 'busy' ? null : at} loading={false} />
    </div>
  )
}

/** As if a link to it had been followed. */
function keep(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = `visionvend-${name}`
  link.click()
  // The browser reads it in its own time.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
