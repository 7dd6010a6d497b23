/** One fridge: how it stands, what stands in it, what it sold last. */
import { useState, type ReactNode } from 'react'
import type { FleetReceipt, FleetStock } from '../../../src/contract/fleet.ts'
import { useChangeWords } from '../../languages/changes/words.ts'
import { useWords } from '../../languages/fleet/words.ts'
import { useSpeech } from '../../languages/language.tsx'
import { usePlaceWords } from '../../languages/places/words.ts'
import { useAsked } from '../asked.ts'
import { useMoney } from '../money.ts'
import type { Relay } from '../relay.ts'
import { Standing } from '../standing.tsx'
import { StateMark } from '../state.tsx'
import { PlaceOf } from '../places/place-of.tsx'
import { RoomForm } from '../places/room-form.tsx'
import { OverTime } from '../places/over-time.tsx'
import { SalesCharts } from './sales.tsx'

const firstPage = 10

export function FridgePage({ relay, fridge, mayAct }: { relay: Relay; fridge: string; mayAct: boolean }): ReactNode {
  const words = useWords()
  const changeWords = useChangeWords()
  const { celsius } = useSpeech()
  const [limit, setLimit] = useState(firstPage)
  const known = useAsked('fridges', relay.fridges)
  const live = useAsked('live', relay.live, 5_000)
  const stock = useAsked(`stock ${fridge}`, () => relay.stock(fridge))
  const receipts = useAsked(`receipts ${fridge} ${limit}`, () => relay.receipts(fridge, limit))
  const one = known.answer?.find((other) => other.fridge === fridge)
  const said = live.answer?.find((other) => other.fridge === fridge)
  return (
    <>
      <a className="fleet-back" href="#fridges">
        {words.fridge.back}
      </a>
      <div className="fleet-row">
        <h1>{fridge}</h1>
        {one && <StateMark fridge={one} live={said} />}
        {typeof said?.celsius === 'number' && <span className="fleet-air">{celsius(said.celsius)}</span>}
      </div>
      <PlaceOf relay={relay} fridge={fridge} mayAct={mayAct} />
      <div className="fleet-columns">
        <section aria-labelledby="stock">
          <h2 id="stock">{words.fridge.stock}</h2>
          <Standing trouble={stock.trouble} loading={stock.answer === null} />
          {stock.answer?.length === 0 && <p className="soft">{words.fridge.stockNone}</p>}
          {stock.answer && <Shelves stock={stock.answer} />}
          {mayAct && stock.answer && stock.answer.length > 0 && (
            <Room relay={relay} fridge={fridge} stock={stock.answer} again={stock.again} />
          )}
          <a className="fleet-back" href={`#planogram/${fridge}`}>
            {changeWords.editShelves}
          </a>
        </section>
        <section aria-labelledby="receipts">
          <h2 id="receipts">{words.fridge.receipts}</h2>
          <Standing trouble={receipts.trouble} loading={receipts.answer === null} />
          {receipts.answer?.length === 0 && <p className="soft">{words.fridge.receiptsNone}</p>}
          <ul className="fleet-receipts">
            {receipts.answer?.map((receipt) => (
              <Receipt key={receipt.visit} receipt={receipt} />
            ))}
          </ul>
          {receipts.answer?.length === limit && (
            <button type="button" className="quiet" onClick={() => setLimit(limit + 40)}>
              {words.fridge.more}
            </button>
          )}
        </section>
      </div>
      <OverTime relay={relay} fridge={fridge} />
      <SalesCharts relay={relay} fridge={fridge} />
    </>
  )
}

function Shelves({ stock }: { stock: readonly FleetStock[] }): ReactNode {
  const words = useWords()
  const shelves = [...Map.groupBy(stock, ({ shelf }) => shelf)].toSorted(([a], [b]) => a - b)
  return shelves.map(([shelf, products]) => (
    <div key={shelf}>
      <h3>{words.fridge.shelf(shelf)}</h3>
      <ul className="fleet-stock">
        {products.map(({ sku, count, most, capacity }) => {
          const room = capacity ?? most
          const share = room > 0 ? Math.max(0, Math.min(1, count / room)) : 0
          return (
            <li key={sku} className={share <= 0.2 ? 'low' : undefined}>
              <span>{sku}</span>
              <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                <rect width="100" height="6" className="fleet-bar-room" />
                <rect width={100 * share} height="6" className="fleet-bar" />
              </svg>
              <span>{words.fridge.of(count, room)}</span>
            </li>
          )
        })}
      </ul>
    </div>
  ))
}

function Room(props: { relay: Relay; fridge: string; stock: readonly FleetStock[]; again: () => void }): ReactNode {
  const { relay, fridge, stock, again } = props
  const { room: words } = usePlaceWords()
  const [editing, setEditing] = useState(false)
  const [says, setSays] = useState<string | null>(null)
  const done = (what: string | null): void => {
    setEditing(false)
    setSays(what)
    again()
  }
  if (editing) return <RoomForm relay={relay} fridge={fridge} stock={stock} onDone={done} />
  return (
    <div className="fleet-row">
      <button
        type="button"
        className="quiet"
        onClick={() => {
          setSays(null)
          setEditing(true)
        }}
      >
        {words.edit}
      </button>
      {says !== null && <p role="status">{says}</p>}
    </div>
  )
}

function Receipt({ receipt }: { receipt: FleetReceipt }): ReactNode {
  const words = useWords()
  const money = useMoney()
  const { moment, anyOf } = useSpeech()
  const lines = receipt.lines
    .map(({ sku, count, or = [] }) => `${count > 1 ? `${count} × ` : ''}${anyOf([sku, ...or])}`)
    .join(', ')
  return (
    <li>
      <span>
        {lines || words.fridge.nothing}
        <time className="soft" dateTime={new Date(receipt.atMs).toISOString()}>
          {moment(receipt.atMs)}
        </time>
      </span>
      <strong>{money(receipt.chargedMinor, receipt.currency)}</strong>
    </li>
  )
}
