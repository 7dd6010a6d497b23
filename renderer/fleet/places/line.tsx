/**
 * Line: one figure over time. Where nothing is known there is a gap, not a line across it; the least and the most stand in
 * words beside it, and every figure in a table that can be opened.
 */
import type { ReactNode } from 'react'
import { usePlaceWords } from '../../languages/places/words.ts'
import { useSpeech } from '../../languages/language.tsx'

export interface Dot {
  readonly atMs: number
  readonly value: number | null
}

const [width, height, edge] = [560, 150, 14]

export function Line(props: {
  name: string
  dots: readonly Dot[]
  fromMs: number
  toMs: number
  gapMs: number
}): ReactNode {
  const { name, dots, fromMs, toMs, gapMs } = props
  const { charts: words } = usePlaceWords()
  const { language, number } = useSpeech()
  const known = dots.flatMap(({ atMs, value }) => (value === null ? [] : [{ atMs, value }]))
  if (known.length === 0) return null
  const values = known.map(({ value }) => value)
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const span = Math.max(most - least, Math.abs(most) * 0.02, 0.5)
  const x = (atMs: number): number => (width * (atMs - fromMs)) / (toMs - fromMs)
  const y = (value: number): number => height - edge - ((value - least) / span) * (height - 2 * edge)
  const path = known
    .map(({ atMs, value }, index) => {
      const before = known[index - 1]
      const begins = before === undefined || atMs - before.atMs > gapMs
      const lone = begins && (known[index + 1] === undefined || (known[index + 1]?.atMs ?? 0) - atMs > gapMs)
      return `${begins ? 'M' : 'L'}${x(atMs).toFixed(1)} ${y(value).toFixed(1)}${lone ? 'h0.1' : ''}`
    })
    .join('')
  const moment = new Intl.DateTimeFormat(language, { weekday: 'short', hour: '2-digit', minute: '2-digit', day: 'numeric', month: 'short' }) // prettier-ignore
  const shown = (value: number): string => number(Math.round(value * 10) / 10)
  return (
    <figure className="fleet-line">
      <figcaption>
        <strong>{name}</strong> <span className="soft">{words.between(shown(least), shown(most))}</span>
      </figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        <line x1="0" x2={width} y1={height - 1} y2={height - 1} className="fleet-axis" />
        <path d={path} />
      </svg>
      <p className="fleet-ends soft" aria-hidden="true">
        <span>{moment.format(fromMs)}</span>
        <span>{moment.format(toMs)}</span>
      </p>
      <details>
        <summary>{words.table}</summary>
        <div className="fleet-scroll fleet-short">
          <table className="fleet-table">
            <thead>
              <tr>
                <th scope="col">{words.when}</th>
                <th scope="col">{name}</th>
              </tr>
            </thead>
            <tbody>
              {known.toReversed().map(({ atMs, value }) => (
                <tr key={atMs}>
                  <th scope="row">{moment.format(atMs)}</th>
                  <td>{shown(value)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  )
}
