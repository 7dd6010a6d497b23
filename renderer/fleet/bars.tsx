/**
 * Bars: one series over time, readable without a legend: the highest bar and the ends carry words. The same figures stand in
 * a table for whoever can't see it, and each bar says its own when it is pointed at.
 */
import type { ReactNode } from 'react'

export interface Bar {
  readonly name: string
  readonly value: number
  readonly says: string
}

const [width, height, floor, head] = [720, 220, 22, 26]

export function Bars(props: { caption: string; columns: readonly [string, string]; bars: readonly Bar[] }): ReactNode {
  const { caption, columns, bars } = props
  const highest = bars.reduce((most, { value }) => Math.max(most, value), 0)
  const step = width / Math.max(1, bars.length)
  const tallest = bars.findIndex(({ value }) => value === highest)
  const heightOf = (value: number): number => (highest > 0 ? (value / highest) * (height - floor - head) : 0)
  return (
    <figure className="fleet-bars">
      <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
        <line x1="0" x2={width} y1={height - floor} y2={height - floor} className="fleet-axis" />
        {bars.map(({ name, value, says }, index) => (
          <rect
            key={name}
            x={index * step + step * 0.12}
            y={height - floor - heightOf(value)}
            width={step * 0.76}
            height={heightOf(value)}
            rx="2"
            className="fleet-bar"
          >
            <title>{`${name}: ${says}`}</title>
          </rect>
        ))}
        {tallest >= 0 && highest > 0 && (
          <text
            x={Math.min(width - 60, Math.max(60, tallest * step + step / 2))}
            y={height - floor - heightOf(highest) - 8}
            textAnchor="middle"
          >
            {bars[tallest]?.says}
          </text>
        )}
        <text x="0" y={height - 4}>
          {bars[0]?.name}
        </text>
        <text x={width} y={height - 4} textAnchor="end">
          {bars.at(-1)?.name}
        </text>
      </svg>
      <table className="unseen">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{columns[0]}</th>
            <th scope="col">{columns[1]}</th>
          </tr>
        </thead>
        <tbody>
          {bars.map(({ name, says }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{says}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  )
}
