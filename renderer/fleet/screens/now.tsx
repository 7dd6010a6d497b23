/** Now: what needs somebody, first; then how the fleet stands in four figures. */
import { useEffect, useRef, useState, type ReactNode } from 'react'
import type { FleetAlert } from '../../../src/contract/fleet.ts'
import { useWords } from '../../languages/fleet/words.ts'
import { useSpeech } from '../../languages/language.tsx'
import { Icon, type IconName } from '../../parts/icon.tsx'
import { useAsked } from '../asked.ts'
import { useAge, useMoney } from '../money.ts'
import { useNow } from '../now.ts'
import { useNames } from '../places/names.ts'
import { RelayTrouble, type Relay, type Trouble } from '../relay.ts'
import { Standing } from '../standing.tsx'
import { stateOf, type State } from '../state.tsx'

const gravest: readonly FleetAlert['kind'][] = ['temperature', 'suspicious', 'door', 'payments', 'offline', 'stock']
const icons: Readonly<Record<FleetAlert['kind'], IconName>> = {
  temperature: 'snow',
  suspicious: 'warning',
  door: 'door',
  payments: 'card',
  offline: 'offline',
  stock: 'coins',
}

export function NowPage({ relay, mayAct }: { relay: Relay; mayAct: boolean }): ReactNode {
  const words = useWords()
  const alerts = useAsked('alerts', relay.alerts, 5_000)
  const sorted = alerts.answer?.toSorted(
    (a, b) => gravest.indexOf(a.kind) - gravest.indexOf(b.kind) || a.raisedAtMs - b.raisedAtMs,
  )
  return (
    <>
      <section aria-labelledby="needs">
        <h1 id="needs">{words.alerts.title}</h1>
        <Standing trouble={alerts.trouble} loading={alerts.answer === null} />
        {sorted?.length === 0 && (
          <p className="fleet-calm">
            <Icon name="check" /> {words.alerts.none}
          </p>
        )}
        <ul className="fleet-alerts">
          {sorted?.map((alert) => (
            <AlertCard key={alert.id} alert={alert} relay={relay} mayAct={mayAct} onDone={alerts.again} />
          ))}
        </ul>
      </section>
      <Figures relay={relay} />
      <PastAlerts relay={relay} />
    </>
  )
}

function AlertCard(props: { alert: FleetAlert; relay: Relay; mayAct: boolean; onDone: () => void }): ReactNode {
  const { alert, relay, mayAct, onDone } = props
  const words = useWords()
  const age = useAge()
  const nameOf = useNames(relay)
  const nowMs = useNow()
  const [writing, setWriting] = useState<'acknowledge' | 'escalate' | null>(null)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (writing !== null) field.current?.focus()
  }, [writing])
  const [note, setNote] = useState('')
  const [trouble, setTrouble] = useState<Trouble | null>(null)
  const send = async (): Promise<void> => {
    try {
      await relay[writing === 'escalate' ? 'escalate' : 'acknowledge'](alert.id, note.trim())
      setWriting(null)
      setNote('')
      onDone()
    } catch (error) {
      setTrouble(error instanceof RelayTrouble ? error.trouble : 'away')
    }
  }
  const grave = alert.kind === 'temperature' || alert.kind === 'suspicious' || alert.escalatedAtMs !== null
  return (
    <li className={grave && alert.acknowledgedBy === null ? 'fleet-alert grave' : 'fleet-alert'}>
      <Icon name={icons[alert.kind]} />
      <div>
        <h2>
          {words.alerts.kind[alert.kind]}
          {alert.subject && `: ${alert.subject}`}
        </h2>
        <p>
          <a href={`#fridge/${alert.fridge}`}>{nameOf(alert.fridge)}</a>,{' '}
          {words.fridges.ago(age(nowMs - alert.raisedAtMs))}
          {alert.kind === 'stock' && `, ${alert.detail}`}
          {alert.escalatedAtMs !== null && alert.escalatedBy === null && alert.acknowledgedBy === null && (
            <strong> · {words.alerts.escalated}</strong>
          )}
        </p>
        <p className="soft">{words.alerts.todo[alert.kind]}</p>
        {alert.acknowledgedBy !== null && (
          <p className="fleet-seen">
            <Icon name="check" /> {words.alerts.seenBy(alert.acknowledgedBy, alert.note ?? '')}
          </p>
        )}
        {alert.escalatedBy !== null && (
          <p>
            <strong>{words.alerts.escalatedBy(alert.escalatedBy, alert.escalationNote ?? '')}</strong>
          </p>
        )}
        {trouble && <p role="alert">{words.trouble[trouble]}</p>}
        {writing !== null && (
          <form
            className="fleet-row"
            onSubmit={(event) => {
              event.preventDefault()
              void send()
            }}
          >
            <input
              aria-label={writing === 'escalate' ? words.alerts.escalateWhy : words.alerts.note}
              placeholder={writing === 'escalate' ? words.alerts.escalateWhy : words.alerts.note}
              value={note}
              minLength={3}
              maxLength={200}
              required
              ref={field}
              onChange={(event) => setNote(event.target.value)}
            />
            <button type="submit" className="primary" disabled={note.trim().length < 3}>
              {words.alerts.send}
            </button>
            <button type="button" className="quiet" onClick={() => setWriting(null)}>
              {words.alerts.cancel}
            </button>
          </form>
        )}
      </div>
      {mayAct && writing === null && (
        <div className="fleet-alert-acts">
          {alert.acknowledgedBy === null && (
            <button type="button" className="primary" onClick={() => setWriting('acknowledge')}>
              {words.alerts.acknowledge}
            </button>
          )}
          {alert.escalatedBy === null && (
            <button type="button" onClick={() => setWriting('escalate')}>
              {words.alerts.escalate}
            </button>
          )}
        </div>
      )}
    </li>
  )
}

/** What was told in the past: who saw to it, and who called for more people. Asked for when it is opened. */
function PastAlerts({ relay }: { relay: Relay }): ReactNode {
  const words = useWords()
  const [open, setOpen] = useState(false)
  return (
    <details className="fleet-past" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{words.alerts.past}</summary>
      {open && <Past relay={relay} />}
    </details>
  )
}

function Past({ relay }: { relay: Relay }): ReactNode {
  const words = useWords()
  const { moment } = useSpeech()
  const nameOf = useNames(relay)
  const alerts = useAsked('past alerts', () => relay.alerts(true), 30_000)
  const { kind, past, cleared, seenTo, called } = words.alerts
  const told = (who: string | null, atMs: number | null, note: string | null): string =>
    who === null ? '–' : `${who}${atMs === null ? '' : `, ${moment(atMs)}`}: ${note ?? ''}`
  return (
    <div className="fleet-scroll">
      <Standing trouble={alerts.trouble} loading={alerts.answer === null} />
      <table className="fleet-table">
        <caption className="unseen">{past}</caption>
        <thead>
          <tr>
            {[words.sales.when, words.fridges.name, words.alerts.what, cleared, seenTo, called].map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {alerts.answer?.map((alert) => (
            <tr key={alert.id}>
              <th scope="row">{moment(alert.raisedAtMs)}</th>
              <td>
                <a href={`#fridge/${alert.fridge}`}>{nameOf(alert.fridge)}</a>
              </td>
              <td>{alert.subject === '' ? kind[alert.kind] : `${kind[alert.kind]}: ${alert.subject}`}</td>
              <td>{alert.clearedAtMs === null ? '–' : moment(alert.clearedAtMs)}</td>
              <td>{told(alert.acknowledgedBy, alert.acknowledgedAtMs, alert.note)}</td>
              <td>{told(alert.escalatedBy, alert.escalatedAtMs, alert.escalationNote)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Figures({ relay }: { relay: Relay }): ReactNode {
  const words = useWords()
  const money = useMoney()
  const { number } = useSpeech()
  const fridges = useAsked('fridges', relay.fridges)
  const live = useAsked('live', relay.live)
  const books = useAsked('money', relay.money, 60_000)
  const midnightMs = new Date(useNow(60_000)).setHours(0, 0, 0, 0)
  const today = useAsked(`today ${midnightMs}`, () =>
    relay.spans(null, midnightMs, midnightMs + 86_400_000, 86_400_000),
  )
  if (fridges.answer === null) return null
  const known = fridges.answer.filter(({ revokedAtMs }) => revokedAtMs === null)
  const heard = new Map(live.answer?.map((one) => [one.fridge, one]))
  const countOf = (state: State): number => known.filter((one) => stateOf(one, heard.get(one.fridge)) === state).length
  const uneven = books.answer?.filter(({ capturedMinor, receiptsMinor }) => capturedMinor !== receiptsMinor) ?? []
  return (
    <section className="fleet-figures" aria-label={words.title}>
      <Figure value={number(countOf('selling') + countOf('door'))} label={words.stats.selling} />
      <Figure value={number(countOf('closed'))} label={words.stats.closed} />
      <Figure value={number(countOf('silent'))} label={words.stats.silent} />
      {(today.answer ?? []).map((span) => (
        <Figure
          key={span.currency}
          value={money(span.chargedMinor, span.currency)}
          label={`${words.stats.today}, ${words.stats.receipts(span.receipts)}`}
        />
      ))}
      {books.answer !== null && (
        <p className={uneven.length > 0 ? 'fleet-books uneven' : 'fleet-books'}>
          <Icon name={uneven.length > 0 ? 'warning' : 'check'} />
          {uneven.length > 0 ? words.stats.uneven(uneven.map(({ fridge }) => fridge).join(', ')) : words.stats.even}
        </p>
      )}
    </section>
  )
}

const Figure = ({ value, label }: { value: string; label: string }): ReactNode => (
  <p className="fleet-figure">
    <strong>{value}</strong>
    <span>{label}</span>
  </p>
)
