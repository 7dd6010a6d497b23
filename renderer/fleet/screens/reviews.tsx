/**
 * Reviews: visits in doubt, the oldest first, one at a time, decided by one key or one tap; each decision can be taken back for
 * ten seconds. With pictures or without: what was measured is always there.
 */
import { useEffect, useRef, useState, type ReactNode } from 'react'
import type { Review } from '../../../src/contract/review.ts'
import { useReviewWords } from '../../languages/review/words.ts'
import { useSpeech } from '../../languages/language.tsx'
import { Icon } from '../../parts/icon.tsx'
import { useAsked } from '../asked.ts'
import { useAge, useMoney } from '../money.ts'
import { useNow } from '../now.ts'
import type { Relay } from '../relay.ts'
import { keyOf, waitingOf } from '../review/basket.ts'
import { Choices, Edit, takenOf } from '../review/choices.tsx'
import { Apart, Weights } from '../review/figures.tsx'
import { Pictures, plainView, viewAfter } from '../review/pictures.tsx'
import { useVerdicts, type Kind, type Verdicts } from '../review/verdicts.ts'
import { Standing } from '../standing.tsx'
import '../review/review.css'

const kinds: Readonly<Record<string, Exclude<Kind, 'edited'>>> = { '1': 'proposed', '2': 'runnerUp', '3': 'nothing' }

export function ReviewsPage({ relay, mayAct }: { relay: Relay; mayAct: boolean }): ReactNode {
  const words = useReviewWords()
  const asked = useAsked('reviews', relay.reviews, 10_000)
  const verdicts = useVerdicts(relay, asked.again)
  const [keys, setKeys] = useState(true)
  const [put, setPut] = useState<readonly string[]>([])
  const [pinned, setPinned] = useState<string | null>(null)
  const all = waitingOf(asked.answer ?? []).filter((one) => !verdicts.gone.has(keyOf(one)))
  // What was put off comes last, in the order in which it was.
  const waiting = all.toSorted((a, b) => put.indexOf(keyOf(a)) - put.indexOf(keyOf(b)))
  // One that comes in late, and is older, does not push away what somebody looks at.
  const current = waiting.find((one) => keyOf(one) === pinned) ?? waiting[0]
  const currentKey = current === undefined ? null : keyOf(current)
  if (currentKey !== pinned && asked.answer !== null) setPinned(currentKey)
  const undo = (): void => {
    const back = verdicts.undo()
    if (back !== null) setPinned(keyOf(back))
  }
  const decidedCount = verdicts.gone.size
  return (
    <>
      <div className="fleet-row spread">
        <h1>{words.title}</h1>
        <div className="fleet-row review-progress">
          {current !== undefined && <span>{words.progress(decidedCount + 1, decidedCount + waiting.length)}</span>}
          {decidedCount > 0 && <span>{words.decidedCount(decidedCount)}</span>}
          <label className="review-keys">
            <input type="checkbox" checked={keys} onChange={(event) => setKeys(event.target.checked)} />
            <span>{words.choices.keys}</span>
          </label>
        </div>
      </div>
      <Standing trouble={asked.trouble} loading={asked.answer === null} />
      {asked.answer !== null && current === undefined && (
        <p className="fleet-calm">
          <Icon name="check" /> {words.empty}
        </p>
      )}
      {current !== undefined && (
        <Visit
          key={keyOf(current)}
          relay={relay}
          review={current}
          mayAct={mayAct}
          keys={keys}
          onDecide={(kind, taken) => verdicts.decide({ fridge: current.fridge, visit: current.visit, kind, taken })}
          onLater={() => {
            setPut((before) => [...before.filter((one) => one !== keyOf(current)), keyOf(current)])
            setPinned(null)
          }}
        />
      )}
      <Decided verdicts={verdicts} keys={keys} onUndo={undo} />
    </>
  )
}

type Decide = (kind: Kind, taken: readonly { sku: string; count: number }[]) => void

function Visit(props: { relay: Relay; review: Review; mayAct: boolean; keys: boolean; onDecide: Decide; onLater: () => void }): ReactNode {
  const words = useReviewWords()
  const { moment } = useSpeech()
  const money = useMoney()
  const age = useAge()
  const nowMs = useNow(30_000)
  const { relay, review, mayAct, keys, onDecide, onLater } = props
  const [view, setView] = useState(plainView)
  const [editing, setEditing] = useState(false)
  const catalogue = useAsked(`sells ${review.fridge}`, () => relay.sells(review.fridge), 300_000)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const pressed = (key: string): boolean => {
    if (editing) {
      if (key === 'Escape') setEditing(false)
      return key === 'Escape'
    }
    const kind = kinds[key]
    const taken = kind === undefined ? undefined : takenOf(review, kind)
    const next = viewAfter(view, key)
    if (mayAct && kind !== undefined && taken !== undefined) onDecide(kind, taken)
    else if (mayAct && key.toLowerCase() === 'e') setEditing(true)
    else if (mayAct && key.toLowerCase() === 'l') onLater()
    else if (next !== null) setView(next)
    else return false
    return true
  }
  useKeys(keys, pressed)
  const leftMs = review.decideByMs - nowMs
  return (
    <article className="review">
      <header>
        <h2 ref={heading} tabIndex={-1}>
          {words.visitAt(review.fridge, moment(review.openedAtMs))}
        </h2>
        <p className="soft">
          {words.cause[review.cause] ?? review.cause}{' '}
          {leftMs > 0 ? words.decideBy(moment(review.decideByMs), age(leftMs)) : words.tooLate}{' '}
          {review.holdMinor !== null && words.hold(money(review.holdMinor, review.currency ?? 'EUR'))}
        </p>
      </header>
      <section className="review-look" aria-label={words.pictures.title}>
        <Pictures relay={relay} review={review} mayLook={mayAct} view={view} onView={setView} />
      </section>
      <section className="review-decide" aria-labelledby="review-what">
        <h2 id="review-what">{words.choices.title}</h2>
        {!mayAct && <p className="review-none">{words.choices.mayNot}</p>}
        {mayAct && !editing && (
          <Choices review={review} onDecide={onDecide} onEdit={() => setEditing(true)} onLater={onLater} />
        )}
        {mayAct && editing && (
          <Edit review={review} catalogue={catalogue.answer} onDecide={onDecide} onCancel={() => setEditing(false)} />
        )}
      </section>
      <div className="review-figures">
        <Apart review={review} />
        <Weights review={review} catalogue={catalogue.answer} />
      </div>
    </article>
  )
} // prettier-ignore

/** Keys of the whole page, but where somebody types or chooses; can be switched off, for who speaks to their machine. */
function useKeys(on: boolean, pressed: (key: string) => boolean): void {
  const latest = useRef(pressed)
  useEffect(() => {
    latest.current = pressed
  })
  useEffect(() => {
    if (!on) return
    const hear = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return
      if (event.target instanceof Element && event.target.closest('input:not([type=checkbox]), select, textarea')) return
      if (latest.current(event.key)) event.preventDefault()
    }
    window.addEventListener('keydown', hear)
    return () => window.removeEventListener('keydown', hear)
  }, [on])
} // prettier-ignore

/** What was decided last, while it can be taken back, or why it came back. */
function Decided({ verdicts, keys, onUndo }: { verdicts: Verdicts; keys: boolean; onUndo: () => void }): ReactNode {
  const words = useReviewWords().decided
  const { pending, outcome } = verdicts
  const last = pending.at(-1)
  const nowMs = useNow(500)
  useKeys(keys && last !== undefined, (key) => {
    if (key.toLowerCase() !== 'u') return false
    onUndo()
    return true
  })
  if (last !== undefined)
    return (
      <div className="review-decided">
        <p role="status">
          <Icon name="check" /> {words.says(last.fridge, words[last.kind])}
        </p>
        <span>{words.sentIn(Math.max(1, Math.min(10, Math.ceil((last.sendAtMs - nowMs) / 1_000))))}</span>
        <button type="button" onClick={onUndo}>
          {words.undo} <kbd>U</kbd>
        </button>
      </div>
    )
  if (outcome === null) return null
  return (
    <p className="fleet-trouble" role="alert">
      {outcome.at === 'failed' ? words.failed(outcome.of.fridge) : words.taken(outcome.of.fridge)}
    </p>
  )
}
