/** Choices: what may be decided of one visit, each with its key and what it charges; and the basket's own steppers. */
import { useEffect, useRef, useState, type ReactNode } from 'react'
import type { Review, ReviewCatalogue } from '../../../src/contract/review.ts'
import { useReviewWords } from '../../languages/review/words.ts'
import { useSpeech } from '../../languages/language.tsx'
import { useMoney } from '../money.ts'
import { chargeOf, hasProposal, hasRunnerUp, type Counted, type Line } from './basket.ts'
import type { Kind } from './verdicts.ts'

export interface Deciding {
  readonly review: Review
  readonly onDecide: (kind: Kind, taken: readonly Counted[]) => void
}

/** What each key decides; undefined where there is no such choice. */
export function takenOf(review: Review, kind: Exclude<Kind, 'edited'>): readonly Counted[] | undefined {
  const { evidence } = review
  const plain = (lines: readonly Line[] = []): Counted[] => lines.map(({ sku, count }) => ({ sku, count }))
  if (kind === 'nothing') return []
  if (kind === 'proposed') return hasProposal(review) ? plain(evidence?.likelyLines) : undefined
  return hasRunnerUp(review) ? plain(evidence?.runnerUp) : undefined
}

export function Choices({ review, onDecide, onEdit, onLater }: Deciding & { onEdit: () => void; onLater: () => void }): ReactNode {
  const words = useReviewWords().choices
  const { evidence, probability } = review
  const proposed = takenOf(review, 'proposed')
  const second = takenOf(review, 'runnerUp')
  return (
    <div className="review-choices">
      {proposed === undefined || evidence === null ? (
        <p className="review-none">{words.noProposal}</p>
      ) : (
        <button type="button" className="review-choice first" onClick={() => onDecide('proposed', proposed)}>
          <Basket review={review} name={words.proposed} mark="1" lines={evidence.likelyLines} probability={probability} />
        </button>
      )}
      {second !== undefined && evidence !== null && (
        <button type="button" className="review-choice" onClick={() => onDecide('runnerUp', second)}>
          <Basket review={review} name={words.runnerUp} mark="2" lines={evidence.runnerUp} probability={evidence.runnerUpProbability} />
        </button>
      )}
      <button type="button" className="review-choice short" onClick={() => onDecide('nothing', [])}>
        <kbd>3</kbd> <strong>{words.nothing}</strong>
      </button>
      <div className="review-row">
        <button type="button" onClick={onEdit}>
          {words.edit} <kbd>E</kbd>
        </button>
        <button type="button" onClick={onLater}>
          {words.later} <kbd>L</kbd>
        </button>
      </div>
    </div>
  )
} // prettier-ignore

function Basket(props: { review: Review; name: string; mark: string; lines: readonly Line[]; probability: number | null }): ReactNode {
  const words = useReviewWords().choices
  const { language } = useSpeech()
  const { review, name, mark, lines, probability } = props
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 })
  return (
    <>
      <span className="review-name">
        <kbd>{mark}</kbd> <strong>{name}</strong>
        {probability !== null && <span>{words.sure(percent.format(probability))}</span>}
      </span>
      <span className="review-lines">
        {lines.length === 0 && <span>{words.nothingTaken}</span>}
        {lines.map(({ sku, count }) => (
          <span key={sku}>
            {count} × {sku}
          </span>
        ))}
      </span>
      <Charge review={review} lines={lines} />
    </>
  )
} // prettier-ignore

function Charge({ review, lines }: { review: Review; lines: readonly Line[] }): ReactNode {
  const words = useReviewWords().choices
  const money = useMoney()
  const { minor, capped } = chargeOf(lines, review.holdMinor)
  const text = money(minor, review.currency ?? 'EUR')
  return <span className="review-charge">{minor === 0 ? words.free : capped ? words.capped(text) : words.charges(text)}</span>
} // prettier-ignore

/** Everything that either basket has, and whatever else the fridge sells. */
export function Edit({ review, catalogue, onDecide, onCancel }: Deciding & { catalogue: ReviewCatalogue | null; onCancel: () => void }): ReactNode {
  const words = useReviewWords().edit
  const { evidence } = review
  const [counts, setCounts] = useState<ReadonlyMap<string, number>>(
    () =>
      new Map([
        ...(evidence?.runnerUp ?? []).map(({ sku }) => [sku, 0] as const),
        ...(evidence?.sureLines ?? []).map(({ sku, count }) => [sku, count] as const),
        ...(evidence?.likelyLines ?? []).map(({ sku, count }) => [sku, count] as const),
      ]),
  )
  const set = (sku: string, count: number): void => setCounts((all) => new Map(all).set(sku, Math.min(99, Math.max(0, count))))
  const taken = [...counts].flatMap(([sku, count]) => (count > 0 ? [{ sku, count }] : []))
  const known = [...(evidence?.likelyLines ?? []), ...(evidence?.runnerUp ?? []), ...(catalogue?.products ?? [])]
  const priceOf = (sku: string): number => known.find((one) => one.sku === sku)?.priceMinor ?? 0
  const submit = useRef<HTMLButtonElement>(null)
  useEffect(() => submit.current?.focus(), [])
  return (
    <form
      className="review-edit"
      onSubmit={(event) => {
        event.preventDefault()
        onDecide('edited', taken)
      }}
    >
      <h3>{words.title}</h3>
      {catalogue === null && <p className="soft">{words.loading}</p>}
      <ul>
        {[...counts].map(([sku, count]) => (
          <li key={sku}>
            <span>{sku}</span>
            <button type="button" aria-label={words.fewer(sku)} disabled={count === 0} onClick={() => set(sku, count - 1)}>
              −
            </button>
            <output>{count}</output>
            <button type="button" aria-label={words.more(sku)} onClick={() => set(sku, count + 1)}>
              +
            </button>
          </li>
        ))}
      </ul>
      {catalogue !== null && (
        <select aria-label={words.add} value="" onChange={(event) => set(event.target.value, 1)}>
          <option value="" disabled>
            {words.add}
          </option>
          {catalogue.products
            .filter(({ sku }) => !counts.has(sku))
            .map(({ sku, shelf }) => (
              <option key={sku} value={sku}>{`${sku} (${shelf})`}</option>
            ))}
        </select>
      )}
      {taken.length === 0 ? <p>{words.none}</p> : <Charge review={review} lines={taken.map((one) => ({ ...one, priceMinor: priceOf(one.sku) }))} />}
      <div className="review-row">
        <button type="submit" className="primary" ref={submit}>
          {words.decide} <kbd>↵</kbd>
        </button>
        <button type="button" onClick={onCancel}>
          {words.cancel} <kbd>Esc</kbd>
        </button>
      </div>
    </form>
  )
} // prettier-ignore
