/** Over time: a fridge's air, stock and sync lag of the last day, week or month, from the samples that the relay keeps. */
import { useState, type ReactNode } from 'react'
import type { FleetSample } from '../../../src/contract/fleet-places.ts'
import { usePlaceWords } from '../../languages/places/words.ts'
import { useAsked } from '../asked.ts'
import { useNow } from '../now.ts'
import type { Relay } from '../relay.ts'
import { Standing } from '../standing.tsx'
import { Line } from './line.tsx'

const hourMs = 3_600_000
const reaches = { day: 24 * hourMs, week: 7 * 24 * hourMs, month: 31 * 24 * hourMs } as const
type Reach = keyof typeof reaches

const figures: readonly [name: 'air' | 'stock' | 'pending' | 'silent', of: (sample: FleetSample) => number | null][] = [
  ['air', ({ celsius }) => celsius],
  ['stock', ({ units }) => units],
  ['pending', ({ pending }) => pending],
  ['silent', ({ silentMs }) => (silentMs === null ? null : silentMs / 60_000)],
]

export function OverTime({ relay, fridge }: { relay: Relay; fridge: string }): ReactNode {
  const { charts: words } = usePlaceWords()
  const [reach, setReach] = useState<Reach>('day')
  const toMs = Math.ceil(useNow(60_000) / 900_000) * 900_000
  const fromMs = toMs - reaches[reach]
  const samples = useAsked(`samples ${fridge} ${fromMs} ${toMs}`, () => relay.samples(fridge, fromMs, toMs), 60_000)
  return (
    <section aria-labelledby="over-time">
      <h2 id="over-time">{words.title}</h2>
      <div className="fleet-choice" role="group" aria-labelledby="over-time">
        {(Object.keys(reaches) as Reach[]).map((one) => (
          <button key={one} type="button" aria-pressed={reach === one} onClick={() => setReach(one)}>
            {words.span[one]}
          </button>
        ))}
      </div>
      <Standing trouble={samples.trouble} loading={samples.answer === null} />
      {samples.answer?.length === 0 && <p className="soft">{words.none}</p>}
      <div className="fleet-lines">
        {figures.map(([name, of]) => (
          <Line
            key={name}
            name={words[name]}
            dots={(samples.answer ?? []).map((sample) => ({ atMs: sample.atMs, value: of(sample) }))}
            fromMs={fromMs}
            toMs={toMs}
            gapMs={2_000_000}
          />
        ))}
      </div>
    </section>
  )
}
