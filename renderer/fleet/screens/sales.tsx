/** Sales: charged over time, and by product, of all fridges or of one. Currencies are never added up. */
import { useState, type ReactNode } from 'react'
import { useWords } from '../../languages/fleet/words.ts'
import { usePlaceWords } from '../../languages/places/words.ts'
import { useSpeech, type Currency } from '../../languages/language.tsx'
import { useAsked } from '../asked.ts'
import { Bars } from '../bars.tsx'
import { HoursAndFridges } from '../places/hours-and-fridges.tsx'
import { useMoney } from '../money.ts'
import { useNow } from '../now.ts'
import type { Relay } from '../relay.ts'
import { Standing } from '../standing.tsx'
import { TakeAway } from '../take-away.tsx'

const hourMs = 3_600_000
/** How far back, and in spans of what. */
const reaches = {
  day: { spanMs: hourMs, spans: 24 },
  week: { spanMs: 24 * hourMs, spans: 7 },
  month: { spanMs: 24 * hourMs, spans: 30 },
} as const
type Reach = keyof typeof reaches

export function SalesPage({ relay }: { relay: Relay }): ReactNode {
  const words = useWords()
  const [fridge, setFridge] = useState<string | null>(null)
  const fridges = useAsked('fridges', relay.fridges, 60_000)
  return (
    <>
      <div className="fleet-row spread">
        <h1>{words.sales.title}</h1>
        <label>
          <span className="unseen">{words.sales.which}</span>
          <select value={fridge ?? ''} onChange={(event) => setFridge(event.target.value || null)}>
            <option value="">{words.sales.all}</option>
            {fridges.answer?.map((one) => (
              <option key={one.fridge}>{one.fridge}</option>
            ))}
          </select>
        </label>
      </div>
      <SalesCharts relay={relay} fridge={fridge} />
    </>
  )
}

interface Span {
  readonly fromMs: number
  readonly toMs: number
  readonly spanMs: number
  readonly spans: number
}

/** Ends with the present hour or day, so that the last bar grows. */
function spanOf(reach: Reach, nowMs: number): Span {
  const { spanMs, spans } = reaches[reach]
  const now = new Date(nowMs)
  const endMs = spanMs === hourMs ? now.setMinutes(60, 0, 0) : now.setHours(24, 0, 0, 0)
  return { fromMs: endMs - spans * spanMs, toMs: endMs, spanMs, spans }
}

interface Dates {
  readonly from: string
  readonly to: string
}

/** As a date field has it, in the reader's own zone. */
function dayOf(atMs: number): string {
  const at = new Date(atMs)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

const longestDays = 400

/** Both days whole; null where they are none, or the wrong way round, or more than a year and a month. */
function spanOfDates({ from, to }: Dates): Span | null {
  const [fromMs, lastMs] = [from, to].map((day) => new Date(`${day}T00:00:00`).getTime())
  if (fromMs === undefined || lastMs === undefined || !(fromMs <= lastMs)) return null
  const toMs = new Date(lastMs).setHours(24, 0, 0, 0)
  const days = Math.round((toMs - fromMs) / (24 * hourMs))
  if (days > longestDays) return null
  const spanMs = days <= 2 ? hourMs : 24 * hourMs
  return { fromMs, toMs, spanMs, spans: Math.ceil((toMs - fromMs) / spanMs) }
}

export function SalesCharts({ relay, fridge }: { relay: Relay; fridge: string | null }): ReactNode {
  const words = useWords()
  const { range } = usePlaceWords()
  const money = useMoney()
  const { language, number } = useSpeech()
  const [reach, setReach] = useState<Reach>('week')
  const [dates, setDates] = useState<Dates | null>(null)
  const reached = spanOf(reach, useNow())
  const { fromMs, toMs, spanMs, spans } = (dates === null ? null : spanOfDates(dates)) ?? reached
  const topic = `${fridge ?? ''} ${fromMs} ${toMs}`
  const overTime = useAsked(`spans ${topic}`, () => relay.spans(fridge, fromMs, toMs, spanMs), 60_000)
  const byProduct = useAsked(`sales ${topic}`, () => relay.sales(fridge, fromMs, toMs), 60_000)
  const naming = new Intl.DateTimeFormat(
    language,
    spanMs === hourMs ? { hour: '2-digit', minute: '2-digit' } : { weekday: 'short', day: 'numeric', month: 'short' },
  )
  const currencies = [...new Set(overTime.answer?.map(({ currency }) => currency))]
  const barsOf = (currency: Currency) =>
    Array.from({ length: spans }, (_, index) => {
      const span = overTime.answer?.find((one) => one.currency === currency && one.fromMs === fromMs + index * spanMs)
      const value = span?.chargedMinor ?? 0
      return { name: naming.format(fromMs + index * spanMs), value, says: money(value, currency) }
    })
  const most = byProduct.answer?.reduce((sum, { count }) => Math.max(sum, count), 0) ?? 0
  return (
    <section aria-label={words.sales.title}>
      <div className="fleet-choice" role="group" aria-label={words.sales.overTime}>
        {(Object.keys(reaches) as Reach[]).map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={dates === null && reach === one}
            onClick={() => {
              setDates(null)
              setReach(one)
            }}
          >
            {words.sales.span[one]}
          </button>
        ))}
        <button
          type="button"
          aria-pressed={dates !== null}
          onClick={() => setDates(dates ?? { from: dayOf(reached.fromMs), to: dayOf(reached.toMs - 1) })}
        >
          {range.own}
        </button>
      </div>
      {dates !== null && (
        <div className="fleet-dates">
          {(['from', 'to'] as const).map((end) => (
            <label key={end}>
              <span>{range[end]}</span>
              <input
                type="date"
                value={dates[end]}
                max={dayOf(reached.toMs - 1)}
                onChange={(event) => setDates({ ...dates, [end]: event.target.value })}
              />
            </label>
          ))}
        </div>
      )}
      <Standing trouble={overTime.trouble ?? byProduct.trouble} loading={overTime.answer === null} />
      {overTime.answer?.length === 0 && <p className="fleet-calm">{words.sales.none}</p>}
      {currencies.map((currency) => (
        <div key={currency}>
          <h2>{words.sales.overTime}</h2>
          <Bars
            caption={words.sales.overTime}
            columns={[words.sales.when, words.sales.amount]}
            bars={barsOf(currency)}
          />
        </div>
      ))}
      {byProduct.answer && byProduct.answer.length > 0 && (
        <>
          <h2>{words.sales.byProduct}</h2>
          <ul className="fleet-stock">
            {byProduct.answer.map(({ sku, currency, count, amountMinor }) => (
              <li key={`${sku} ${currency}`}>
                <span>{sku}</span>
                <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                  <rect width={most > 0 ? (100 * count) / most : 0} height="6" className="fleet-bar" />
                </svg>
                <span>{`${number(count)} ${words.sales.sold}, ${money(amountMinor, currency)}`}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {overTime.answer && overTime.answer.length > 0 && (
        <HoursAndFridges relay={relay} fridge={fridge} fromMs={fromMs} toMs={toMs} />
      )}
      <TakeAway relay={relay} fridge={fridge} fromMs={fromMs} toMs={toMs} />
    </section>
  )
}
