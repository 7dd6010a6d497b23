/** Figures of one visit: what tells the two baskets apart, and what each shelf weighed, plainly. */
import type { ReactNode } from 'react'
import type { Review, ReviewCatalogue } from '../../../src/contract/review.ts'
import type { ReviewWords } from '../../languages/review/en.ts'
import { useReviewWords } from '../../languages/review/words.ts'
import { useSpeech } from '../../languages/language.tsx'
import { gramsGone, hasRunnerUp } from './basket.ts'

const mostTimes = 1_000

export function Apart({ review }: { review: Review }): ReactNode {
  const words = useReviewWords().apart
  const { number } = useSpeech()
  if (review.evidence === null || !hasRunnerUp(review)) return null
  const { apart } = review.evidence
  const times = (nats: number): string => {
    const odds = Math.exp(Math.abs(nats))
    return odds >= mostTimes ? `> ${number(mostTimes)}` : number(Number(odds.toPrecision(2)))
  }
  return (
    <section>
      <h3>{words.title}</h3>
      {apart.length === 0 && <p className="soft">{words.none}</p>}
      <ul className="review-apart">
        {apart.slice(0, 5).map(({ by, nats }) => (
          <li key={by}>
            <span>{nameOf(by, words)}</span>
            <strong>{nats >= 0 ? words.for(times(nats)) : words.against(times(nats))}</strong>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** `shelf 2`, `left-shelves`, `left-doorway`: a shelf's weight, or a camera in one of its roles. */
function nameOf(by: string, words: ReviewWords['apart']): string {
  const [, shelf] = /^shelf (\d+)$/.exec(by) ?? []
  if (shelf !== undefined) return words.shelf(shelf)
  const [, camera, role] = /^([a-z0-9]+)-(\w+)$/.exec(by) ?? []
  if (camera === undefined) return by
  return role === 'shelves' ? words.shelves(camera) : words.crossing(camera)
}

export function Weights({ review, catalogue }: { review: Review; catalogue: ReviewCatalogue | null }): ReactNode {
  const words = useReviewWords().weights
  const { number } = useSpeech()
  const { evidence } = review
  if (evidence === null || evidence.before.length === 0) return <p className="soft">{words.none}</p>
  const two = hasRunnerUp(review)
  const grams = (value: number | null | undefined): string => (value == null ? words.dead : number(Math.round(value)))
  const signed = (value: number): string => `${Math.round(value) > 0 ? '+' : ''}${number(Math.round(value) + 0)}`
  return (
    <section>
      <h3>{words.title}</h3>
        <table className="review-weights">
          <thead>
            <tr>
              <th scope="col">{words.shelf}</th>
              <th scope="col">{words.before}</th>
              <th scope="col">{words.after}</th>
              <th scope="col">{words.change}</th>
              {catalogue !== null && <th scope="col">{words.proposed}</th>}
              {catalogue !== null && two && <th scope="col">{words.runnerUp}</th>}
            </tr>
          </thead>
          <tbody>
            {evidence.before.map((before, index) => {
              const after = evidence.after[index] ?? null
              const shelf = index + 1
              return (
                <tr key={shelf}>
                  <th scope="row">{shelf}</th>
                  <td>{grams(before)}</td>
                  <td>{grams(after)}</td>
                  <td>
                    <strong>{before === null || after === null ? words.dead : signed(after - before)}</strong>
                  </td>
                  {catalogue !== null && <td>{signed(gramsGone(evidence.likelyLines, catalogue, shelf))}</td>}
                  {catalogue !== null && two && <td>{signed(gramsGone(evidence.runnerUp, catalogue, shelf))}</td>}
                </tr>
              )
            })}
          </tbody>
        </table>
    </section>
  )
} // prettier-ignore
