/**
 * Hours and fridges: when on a day it is bought, by the reader's own clock, and which fridge sold what. The hours are of the last
 * 31 days of the time at most: more would be asked for in thousands of rows.
 */
import type { ReactNode } from 'react'
import { useWords } from '../../languages/fleet/words.ts'
import { usePlaceWords } from '../../languages/places/words.ts'
import { useSpeech, type Currency } from '../../languages/language.tsx'
import { useAsked } from '../asked.ts'
import { Bars } from '../bars.tsx'
import { useMoney } from '../money.ts'
import type { Relay } from '../relay.ts'

const hourMs = 3_600_000
const mostMs = 31 * 24 * hourMs
const shownFridges = 20

interface Asked {
  readonly relay: Relay
  readonly fridge: string | null
  readonly fromMs: number
  readonly toMs: number
}

export function HoursAndFridges({ relay, fridge, fromMs, toMs }: Asked): ReactNode {
  const words = useWords()
  const { range } = usePlaceWords()
  const { language } = useSpeech()
  const money = useMoney()
  const beginMs = Math.max(fromMs, toMs - mostMs)
  const hours = useAsked(`hours ${fridge ?? ''} ${beginMs} ${toMs}`, () => relay.spans(fridge, beginMs, toMs, hourMs), 60_000) // prettier-ignore
  const naming = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' })
  const currencies = [...new Set(hours.answer?.map(({ currency }) => currency))]
  const barsOf = (currency: Currency) =>
    Array.from({ length: 24 }, (_, hour) => {
      const value = (hours.answer ?? [])
        .filter((span) => span.currency === currency && new Date(span.fromMs).getHours() === hour)
        .reduce((sum, { chargedMinor }) => sum + chargedMinor, 0)
      return { name: naming.format(new Date(2026, 0, 5, hour)), value, says: money(value, currency) }
    })
  return (
    <>
      {currencies.map((currency) => (
        <div key={currency}>
          <h2>{range.byHour}</h2>
          <Bars caption={range.byHour} columns={[range.hour, words.sales.amount]} bars={barsOf(currency)} />
        </div>
      ))}
      {fridge === null && <ByFridge relay={relay} fromMs={fromMs} toMs={toMs} />}
    </>
  )
}

function ByFridge({ relay, fromMs, toMs }: Omit<Asked, 'fridge'>): ReactNode {
  const words = useWords()
  const { range } = usePlaceWords()
  const money = useMoney()
  const sales = useAsked(`by fridge ${fromMs} ${toMs}`, () => relay.salesByFridge(fromMs, toMs), 60_000)
  const places = useAsked('places', relay.places, 60_000)
  const named = new Map(places.answer?.map(({ fridge, label }) => [fridge, label]))
  const most = new Map<string, number>()
  for (const { currency, chargedMinor } of sales.answer ?? []) most.set(currency, Math.max(most.get(currency) ?? 0, chargedMinor)) // prettier-ignore
  if (sales.answer === null || sales.answer.length === 0) return null
  return (
    <>
      <h2>{range.byFridge}</h2>
      <ul className="fleet-stock">
        {sales.answer.slice(0, shownFridges).map(({ fridge, currency, receipts, chargedMinor }) => (
          <li key={`${fridge} ${currency}`}>
            <a href={`#fridge/${fridge}`}>{named.get(fridge) || fridge}</a>
            <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
              <rect
                width={(100 * chargedMinor) / Math.max(1, most.get(currency) ?? 1)}
                height="6"
                className="fleet-bar"
              />
            </svg>
            <span>{`${money(chargedMinor, currency)}, ${words.stats.receipts(receipts)}`}</span>
          </li>
        ))}
      </ul>
    </>
  )
}
