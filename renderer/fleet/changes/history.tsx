/** History: changes that were applied or are to come, what became of each at each fridge, and taking one back. */
import { useState, type ReactNode } from 'react'
import { partStates, type FleetChange } from '../../../src/contract/fleet-changes.ts'
import { useChangeWords } from '../../languages/changes/words.ts'
import { useWords } from '../../languages/fleet/words.ts'
import { useSpeech } from '../../languages/language.tsx'
import type { Asked } from '../asked.ts'
import { useNames } from '../places/names.ts'
import { RelayTrouble, type Relay } from '../relay.ts'
import { Standing } from '../standing.tsx'
import { DiffLines } from './review-change.tsx'

export function History(props: {
  relay: Relay
  changes: Asked<FleetChange[]>
  mayAct: boolean
  onUndone: () => void
}): ReactNode {
  const { relay, changes, mayAct, onUndone } = props
  const words = useChangeWords()
  return (
    <section aria-labelledby="history">
      <h2 id="history">{words.history}</h2>
      <Standing trouble={changes.trouble} loading={changes.answer === null} />
      {changes.answer?.length === 0 && <p className="soft">{words.historyNone}</p>}
      <ul className="fleet-history">
        {changes.answer?.map((change) => (
          <Change
            key={change.id}
            change={change}
            relay={relay}
            mayAct={mayAct}
            onUndone={() => {
              changes.again()
              onUndone()
            }}
          />
        ))}
      </ul>
    </section>
  )
}

function Change(props: { change: FleetChange; relay: Relay; mayAct: boolean; onUndone: () => void }): ReactNode {
  const { change, relay, mayAct, onUndone } = props
  const words = useChangeWords()
  const { trouble: troubles } = useWords()
  const { moment } = useSpeech()
  const nameOf = useNames(relay)
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const [says, setSays] = useState<string | null>(null)
  const undo = async (): Promise<void> => {
    try {
      const answer = await relay.undo(change.id, reason.trim())
      setAsking(false)
      setSays(answer.type === 'before' ? words.undoneBy(answer.by) : answer.left.length > 0 ? words.left(answer.left.map(({ sku }) => sku).join(', ')) : null) // prettier-ignore
      onUndone()
    } catch (error) {
      setSays(troubles[error instanceof RelayTrouble ? error.trouble : 'away'])
    }
  }
  const counts = partStates.flatMap((state) => {
    const count = change.parts.filter((part) => part.state === state).length
    return count > 0 ? [words.states[state](count)] : []
  })
  return (
    <li>
      <p>
        <strong>{change.undoes === null ? change.name : words.undoOf(change.name)}</strong>{' '}
        <span className="soft">
          {change.by}, {moment(change.madeAtMs)}: {change.reason}
        </span>
      </p>
      {change.dueAtMs !== null && <p>{words.due(moment(change.dueAtMs))}</p>}
      <p>{counts.join(' · ')}</p>
      {change.undoneBy !== null && <p className="soft">{words.undoneBy(change.undoneBy)}</p>}
      <details>
        <summary>{words.what}</summary>
        <ul className="fleet-diffs">
          {change.parts.map((part) => (
            <li key={part.fridge}>
              <strong>{nameOf(part.fridge)}</strong> {words.states[part.state](1)}
              {part.why !== null && ` (${part.why})`}
              <DiffLines diff={part} />
            </li>
          ))}
        </ul>
      </details>
      {says !== null && <p role="status">{says}</p>}
      {mayAct && change.undoneBy === null && !asking && (
        <button type="button" onClick={() => setAsking(true)}>
          {change.parts.some(({ state }) => state === 'scheduled') ? words.cancelIt : words.undo}
        </button>
      )}
      {asking && (
        <form
          className="fleet-row"
          onSubmit={(event) => {
            event.preventDefault()
            void undo()
          }}
        >
          <input
            aria-label={words.reason}
            placeholder={words.reason}
            required
            minLength={3}
            maxLength={200}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <button type="submit" className="primary" disabled={reason.trim().length < 3}>
            {words.undo}
          </button>
          <button type="button" className="quiet" onClick={() => setAsking(false)}>
            {words.back}
          </button>
        </form>
      )}
    </li>
  )
}
