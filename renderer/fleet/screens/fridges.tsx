/** Fridges: on a map, and in a list beside it that is searched, filtered and sorted; the ones in need stand first. */
import { useState, type ReactNode } from 'react'
import type { FleetFridge, FleetLive } from '../../../src/contract/fleet.ts'
import type { FleetFill, FleetPlace } from '../../../src/contract/fleet-places.ts'
import { useWords } from '../../languages/fleet/words.ts'
import { usePlaceWords } from '../../languages/places/words.ts'
import { useSpeech } from '../../languages/language.tsx'
import { useAsked } from '../asked.ts'
import { useAge } from '../money.ts'
import { Pairing } from '../pairing.tsx'
import { FillBar } from '../places/fill-bar.tsx'
import { HealthShape, healthOf, healths, type Health } from '../places/health.tsx'
import { FleetMap, type Mark } from '../places/map.tsx'
import type { Relay } from '../relay.ts'
import { Standing } from '../standing.tsx'
import { silenceOf, StateMark } from '../state.tsx'

interface Row {
  readonly one: FleetFridge
  readonly said: FleetLive | undefined
  readonly fill: FleetFill | undefined
  readonly place: FleetPlace | undefined
  readonly health: Health
  readonly name: string
}

const orders = ['need', 'name', 'stock', 'air', 'lag'] as const
type Order = (typeof orders)[number]
const shareOf = ({ fill }: Row): number => (fill === undefined || fill.room === 0 ? 1 : fill.units / fill.room)
const figureOf: Readonly<Record<Order, (row: Row) => number>> = {
  need: ({ health }) => healths.indexOf(health),
  name: () => 0,
  stock: shareOf,
  air: ({ said }) => -(said?.celsius ?? -273),
  lag: ({ one, said }) => -((said?.pending ?? 0) * 1e9 + (silenceOf(one, said) ?? 1e15)),
}

export function FridgesPage({ relay, mayPair }: { relay: Relay; mayPair: boolean }): ReactNode {
  const words = useWords()
  const more = usePlaceWords()
  const fridges = useAsked('fridges', relay.fridges)
  const live = useAsked('live', relay.live, 5_000)
  const fill = useAsked('fill', relay.fill, 60_000)
  const places = useAsked('places', relay.places, 60_000)
  const [search, setSearch] = useState('')
  const [health, setHealth] = useState<Health | ''>('')
  const [order, setOrder] = useState<Order>('need')
  const [picked, setPicked] = useState<readonly string[] | null>(null)
  const heard = new Map(live.answer?.map((one) => [one.fridge, one]))
  const filled = new Map(fill.answer?.map((one) => [one.fridge, one]))
  const placed = new Map(places.answer?.map((one) => [one.fridge, one]))
  const rows = (fridges.answer ?? []).map((one): Row => {
    const [said, full, place] = [heard.get(one.fridge), filled.get(one.fridge), placed.get(one.fridge)]
    return { one, said, fill: full, place, health: healthOf(one, said, full), name: place?.label || one.fridge }
  })
  const wanted = search.trim().toLocaleLowerCase()
  const shown = rows
    .filter((row) => health === '' || row.health === health)
    .filter(({ one }) => picked === null || picked.includes(one.fridge))
    .filter(({ one, place, name }) =>
      [one.fridge, name, place?.address, one.version].some((text) => text?.toLocaleLowerCase().includes(wanted)),
    )
    .toSorted((a, b) => figureOf[order](a) - figureOf[order](b) || a.name.localeCompare(b.name))
  const marks = rows.flatMap(({ one: { fridge }, place, health, name }): Mark[] =>
    place === undefined || place.latitude === null || place.longitude === null
      ? []
      : [{ fridge, label: name, health, latitude: place.latitude, longitude: place.longitude }],
  )
  const unplaced = rows.length - marks.length
  return (
    <section>
      <div className="fleet-row spread">
        <h1 id="fridges">{words.fridges.title}</h1>
        {mayPair && <Pairing relay={relay} />}
      </div>
      <Standing trouble={fridges.trouble} loading={fridges.answer === null} />
      {fridges.answer?.length === 0 && <p className="fleet-calm">{words.fridges.none}</p>}
      {rows.length > 0 && (
        <div className="fleet-beside">
          <div>
            {places.answer && marks.length === 0 && <p className="soft">{more.map.none}</p>}
            {marks.length > 0 && <FleetMap marks={marks} onPick={setPicked} />}
            {marks.length > 0 && unplaced > 0 && <p className="soft">{more.map.unplaced(unplaced)}</p>}
          </div>
          <div>
            <div className="fleet-tools" role="search">
              <label className="wide">
                <span>{more.list.search}</span>
                <input type="search" value={search} onChange={(event) => setSearch(event.target.value)} />
              </label>
              <label>
                <span>{more.list.filter}</span>
                <select value={health} onChange={(event) => setHealth(event.target.value as Health | '')}>
                  <option value="">{more.list.everything}</option>
                  {healths.map((one) => (
                    <option key={one} value={one}>
                      {more.health[one]}
                    </option>
                  ))}
                </select>
              </label>
              <label>
                <span>{more.list.sort}</span>
                <select value={order} onChange={(event) => setOrder(event.target.value as Order)}>
                  {orders.map((one) => (
                    <option key={one} value={one}>
                      {more.list.by[one]}
                    </option>
                  ))}
                </select>
              </label>
              {picked !== null && (
                <button type="button" onClick={() => setPicked(null)}>
                  {more.list.picked(picked.length)} ✕
                </button>
              )}
            </div>
            {shown.length === 0 ? <p className="fleet-calm">{more.list.nothing}</p> : <Table rows={shown} />}
          </div>
        </div>
      )}
    </section>
  )
}

function Table({ rows }: { rows: readonly Row[] }): ReactNode {
  const words = useWords()
  const more = usePlaceWords()
  const age = useAge()
  const { number, celsius } = useSpeech()
  const columns = [words.fridges.name, words.fridges.state, more.list.stock, ...(['air', 'heard', 'waiting', 'version'] as const).map((one) => words.fridges[one])] // prettier-ignore
  return (
    <div className="fleet-scroll">
      <table className="fleet-table fleet-cards">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ one, said, fill, place, health, name }) => {
            const silence = silenceOf(one, said)
            return (
              <tr key={one.fridge}>
                <th scope="row">
                  <span className="fleet-named">
                    <HealthShape health={health} />
                    <a href={`#fridge/${one.fridge}`}>{name}</a>
                  </span>
                  {place && (
                    <span className="fleet-under">
                      {[name === one.fridge ? '' : one.fridge, place.address].filter(Boolean).join(' · ')}
                    </span>
                  )}
                  {one.setAside > 0 && <span className="fleet-note">{words.fridges.setAside(one.setAside)}</span>}
                  {one.divergedAtSeq !== null && <span className="fleet-note">{words.fridges.diverged}</span>}
                </th>
                <td>
                  <StateMark fridge={one} live={said} />
                </td>
                <td>
                  {fill === undefined ? words.fridges.unknown : <FillBar units={fill.units} room={fill.room} />}
                  {fill !== undefined && fill.low > 0 && <span className="fleet-note">{more.list.low(fill.low)}</span>}
                </td>
                <td data-name={words.fridges.air}>
                  {typeof said?.celsius === 'number' ? celsius(said.celsius) : words.fridges.unknown}
                </td>
                <td data-name={words.fridges.heard}>
                  {silence === null ? words.fridges.never : words.fridges.ago(age(silence))}
                </td>
                <td data-name={words.fridges.waiting}>
                  {typeof said?.pending === 'number' ? number(said.pending) : words.fridges.unknown}
                </td>
                <td data-name={words.fridges.version}>{one.version ?? words.fridges.unknown}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
