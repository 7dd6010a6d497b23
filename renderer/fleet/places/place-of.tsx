/** Place of: where one fridge stands, and a form for whoever may say so. Nobody overwrites what they have not read. */
import { useState, type ReactNode } from 'react'
import type { FleetPlace } from '../../../src/contract/fleet-places.ts'
import { usePlaceWords } from '../../languages/places/words.ts'
import { useWords } from '../../languages/fleet/words.ts'
import { useAsked } from '../asked.ts'
import { RelayTrouble, type Relay } from '../relay.ts'

const empty: Omit<FleetPlace, 'fridge'> = { label: '', address: '', latitude: null, longitude: null, version: 0 }

export function PlaceOf({ relay, fridge, mayAct }: { relay: Relay; fridge: string; mayAct: boolean }): ReactNode {
  const { place: words } = usePlaceWords()
  const places = useAsked('places', relay.places, 60_000)
  const [editing, setEditing] = useState(false)
  const [says, setSays] = useState<string | null>(null)
  if (places.answer === null) return null
  const place = places.answer.find((one) => one.fridge === fridge)
  return (
    <section className="fleet-place" aria-label={words.title}>
      {place === undefined ? (
        <p className="soft">{words.none}</p>
      ) : (
        <p>
          <strong>{place.label}</strong> {place.address}
        </p>
      )}
      {mayAct && !editing && (
        <button
          type="button"
          className="quiet"
          onClick={() => {
            setSays(null)
            setEditing(true)
          }}
        >
          {place === undefined ? words.set : words.edit}
        </button>
      )}
      {says !== null && <p role="status">{says}</p>}
      {editing && (
        <PlaceForm
          relay={relay}
          fridge={fridge}
          from={place ?? empty}
          onDone={(what) => {
            setEditing(false)
            setSays(what)
            places.again()
          }}
        />
      )}
    </section>
  )
}

/** Both kinds of decimal sign; empty is none; null: it is no number. */
const degrees = (text: string): number | null | 'none' => {
  if (text.trim() === '') return 'none'
  const value = Number(text.trim().replace(',', '.'))
  return Number.isFinite(value) ? value : null
}

function PlaceForm(props: {
  relay: Relay
  fridge: string
  from: Omit<FleetPlace, 'fridge'>
  onDone: (says: string | null) => void
}): ReactNode {
  const { relay, fridge, from, onDone } = props
  const { place: words } = usePlaceWords()
  const { trouble: troubles } = useWords()
  const [fields, setFields] = useState({
    label: from.label,
    address: from.address,
    latitude: from.latitude === null ? '' : String(from.latitude),
    longitude: from.longitude === null ? '' : String(from.longitude),
    reason: '',
  })
  const [fault, setFault] = useState<string | null>(null)
  const save = async (): Promise<void> => {
    const [latitude, longitude] = [degrees(fields.latitude), degrees(fields.longitude)]
    const within = (value: number | null | 'none', most: number): boolean =>
      value === 'none' || (value !== null && Math.abs(value) <= most)
    if (!within(latitude, 90) || !within(longitude, 180) || (latitude === 'none') !== (longitude === 'none'))
      return setFault(words.wrong)
    const { label, address, reason } = fields
    const [north, east] = [latitude, longitude].map((one) => (one === 'none' ? null : one))
    const change = { label, address, reason, latitude: north ?? null, longitude: east ?? null, version: from.version }
    try {
      const answer = await relay.setPlace(fridge, change)
      return onDone(answer.type === 'set' ? words.saved : words.changed(answer.by))
    } catch (error) {
      return setFault(troubles[error instanceof RelayTrouble ? error.trouble : 'away'])
    }
  }
  const field = (name: keyof typeof fields, more: object = {}): ReactNode => (
    <label>
      <span>{words[name]}</span>
      <input
        value={fields[name]}
        onChange={(event) => setFields({ ...fields, [name]: event.target.value })}
        {...more}
      />
    </label>
  )
  return (
    <form
      className="fleet-form"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      {field('label', { required: true, maxLength: 60 })}
      {field('address', { maxLength: 200, autoComplete: 'off' })}
      {field('latitude', { inputMode: 'decimal', 'aria-describedby': 'degrees' })}
      {field('longitude', { inputMode: 'decimal', 'aria-describedby': 'degrees' })}
      <p id="degrees" className="soft whole">
        {words.hint}
      </p>
      {field('reason', { required: true, minLength: 3, maxLength: 200 })}
      {fault && (
        <p className="fleet-trouble whole" role="alert">
          {fault}
        </p>
      )}
      <div className="fleet-row whole">
        <button type="submit" className="primary">
          {words.save}
        </button>
        <button type="button" className="quiet" onClick={() => onDone(null)}>
          {words.cancel}
        </button>
      </div>
    </form>
  )
}
