/** Room form: how much of each product fits on its shelf, for whoever may say so. Empty: the most that ever stood there counts. */
import { useState, type ReactNode } from 'react'
import type { FleetStock } from '../../../src/contract/fleet.ts'
import { usePlaceWords } from '../../languages/places/words.ts'
import { useWords } from '../../languages/fleet/words.ts'
import { RelayTrouble, type Relay } from '../relay.ts'

const keyOf = ({ shelf, sku }: Pick<FleetStock, 'shelf' | 'sku'>): string => `${shelf}/${sku}`
const textOf = (capacity: number | null): string => (capacity === null ? '' : String(capacity))

export function RoomForm(props: {
  relay: Relay
  fridge: string
  /** As it was when the form was opened: what comes later from others is no reason to overwrite it. */
  stock: readonly FleetStock[]
  onDone: (says: string | null) => void
}): ReactNode {
  const { relay, fridge, onDone } = props
  const [stock] = useState(props.stock)
  const { room: words, place } = usePlaceWords()
  const { trouble: troubles, fridge: fridgeWords } = useWords()
  const [fields, setFields] = useState(() => new Map(stock.map((one) => [keyOf(one), textOf(one.capacity)])))
  const [reason, setReason] = useState('')
  const [fault, setFault] = useState<string | null>(null)
  const changed = stock.filter((one) => fields.get(keyOf(one)) !== textOf(one.capacity))
  const save = async (): Promise<void> => {
    if (changed.length === 0) return onDone(null)
    const capacities = changed.map((one) => {
      const text = fields.get(keyOf(one)) ?? ''
      return { shelf: one.shelf, sku: one.sku, capacity: text === '' ? null : Number(text), was: one.capacity }
    })
    try {
      const answer = await relay.setCapacities(fridge, { capacities, reason })
      return onDone(answer.type === 'set' ? place.saved : words.changed(answer.sku))
    } catch (error) {
      return setFault(troubles[error instanceof RelayTrouble ? error.trouble : 'away'])
    }
  }
  return (
    <form
      className="fleet-form"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <p className="soft whole">{words.hint}</p>
      {stock.map((one) => (
        <label key={keyOf(one)}>
          <span>{`${fridgeWords.shelf(one.shelf)}, ${one.sku}`}</span>
          <input
            type="number"
            inputMode="numeric"
            min={1}
            max={500}
            step={1}
            placeholder={String(one.most)}
            value={fields.get(keyOf(one)) ?? ''}
            onChange={(event) => setFields(new Map(fields).set(keyOf(one), event.target.value))}
          />
        </label>
      ))}
      <label className="whole">
        <span>{place.reason}</span>
        <input
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          required={changed.length > 0}
          minLength={3}
          maxLength={200}
        />
      </label>
      {fault && (
        <p className="fleet-trouble whole" role="alert">
          {fault}
        </p>
      )}
      <div className="fleet-row whole">
        <button type="submit" className="primary">
          {place.save}
        </button>
        <button type="button" className="quiet" onClick={() => onDone(null)}>
          {place.cancel}
        </button>
      </div>
    </form>
  )
}
