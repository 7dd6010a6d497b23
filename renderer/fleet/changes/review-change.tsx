/**
 * Review of a change: what it will do at which fridge, with every fault, before anybody applies it; then now, or prices at a
 * time, with a reason. It is applied against what is shown here: what somebody changed since is refused, and shown anew.
 */
import { useState, type ReactNode } from 'react'
import type { Changes, Diff } from '../../../src/contract/fleet-changes.ts'
import { useChangeWords } from '../../languages/changes/words.ts'
import { useWords } from '../../languages/fleet/words.ts'
import { useSpeech } from '../../languages/language.tsx'
import { useAsked } from '../asked.ts'
import { useMoney } from '../money.ts'
import { useNames } from '../places/names.ts'
import { RelayTrouble, type Relay } from '../relay.ts'
import { Standing } from '../standing.tsx'

interface Reviewed {
  readonly relay: Relay
  readonly name: string
  readonly fridges: readonly string[]
  readonly changes: Changes
  readonly mayAct: boolean
  readonly onDone: (says: string | null) => void
}

export function ReviewChange({ relay, name, fridges, changes, mayAct, onDone }: Reviewed): ReactNode {
  const words = useChangeWords()
  const { trouble: troubles } = useWords()
  const nameOf = useNames(relay)
  const topic = `preview ${fridges.join(' ')} ${JSON.stringify(changes)}`
  const preview = useAsked(topic, () => relay.preview(fridges, changes), 600_000)
  const [refused, setRefused] = useState<readonly Diff[] | null>(null)
  const [reason, setReason] = useState('')
  const [at, setAt] = useState('')
  const [says, setSays] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const diffs = refused ?? preview.answer
  const touched = diffs?.filter((one) => one.prices.length + one.places.length + one.products.length + one.offers.length > 0) ?? [] // prettier-ignore
  const faulty = diffs?.filter(({ faults }) => faults.length > 0) ?? []
  const apply = async (): Promise<void> => {
    setBusy(true)
    try {
      const seen = (diffs ?? []).map(({ fridge, version }) => ({ fridge, version }))
      const atMs = at === '' ? {} : { atMs: new Date(at).getTime() }
      const answer = await relay.apply({ name, fridges: seen, changes, reason: reason.trim(), ...atMs })
      if (answer.type === 'applied') return onDone(at === '' ? words.applied(answer.fridges.length) : words.scheduled(answer.fridges.length)) // prettier-ignore
      if (answer.type === 'refused') {
        setRefused(answer.diffs)
        setSays(words.refused)
      } else setSays(words.nothing)
    } catch (error) {
      setSays(troubles[error instanceof RelayTrouble ? error.trouble : 'away'])
    }
    return setBusy(false)
  }
  const stale = diffs?.some(({ faults }) => faults.some(({ code }) => code === 'changed')) ?? false
  return (
    <section className="fleet-review-change" aria-labelledby="review-change">
      <h2 id="review-change">{words.review}</h2>
      <Standing trouble={preview.trouble} loading={diffs === null} />
      {diffs !== null && touched.length === 0 && faulty.length === 0 && <p className="soft">{words.nothing}</p>}
      {faulty.length > 0 && (
        <div className="fleet-trouble" role="alert">
          <p>{words.faulty(faulty.length)}</p>
          <ul>
            {faulty.flatMap(({ fridge, faults }) =>
              faults.map(({ code, sku }) => (
                <li key={`${fridge} ${code} ${sku}`}>
                  {nameOf(fridge)}: {words.faults[code]}
                  {sku === null ? '' : ` (${sku})`}
                </li>
              )),
            )}
          </ul>
        </div>
      )}
      <ul className="fleet-diffs">
        {touched.map((diff) => (
          <li key={diff.fridge}>
            <strong>{nameOf(diff.fridge)}</strong>
            <DiffLines diff={diff} />
          </li>
        ))}
      </ul>
      {says !== null && <p role="status">{says}</p>}
      {stale && (
        <button
          type="button"
          onClick={() => {
            setRefused(null)
            setSays(null)
            preview.again()
          }}
        >
          {words.again}
        </button>
      )}
      {mayAct && touched.length > 0 && faulty.length === 0 && (
        <form
          className="fleet-form"
          onSubmit={(event) => {
            event.preventDefault()
            void apply()
          }}
        >
          <label>
            <span>{words.reason}</span>
            <input
              required
              minLength={3}
              maxLength={200}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          </label>
          {changes.prices.length > 0 && changes.places.length === 0 && (
            <label>
              <span>{words.at}</span>
              <input type="datetime-local" value={at} onChange={(event) => setAt(event.target.value)} />
            </label>
          )}
          <div className="fleet-row whole">
            <button type="submit" className="primary" disabled={busy || reason.trim().length < 3}>
              {at === '' ? words.applyNow(touched.length) : words.applyThen(touched.length)}
            </button>
            <button type="button" className="quiet" onClick={() => onDone(null)}>
              {words.back}
            </button>
          </div>
        </form>
      )}
    </section>
  )
}

/** More than half as much again, or less than two thirds: perhaps a slip of the finger. */
const unusual = (from: number, to: number): boolean => to > from * 1.5 || to < from / 1.5

export function DiffLines({
  diff,
}: {
  diff: Pick<Diff, 'currency' | 'prices' | 'places' | 'products' | 'offers'>
}): ReactNode {
  const words = useChangeWords()
  const { say } = useSpeech()
  const money = useMoney()
  const { currency } = diff
  return (
    <ul>
      {currency !== null &&
        diff.prices.map(({ sku, fromMinor, toMinor }) => (
          <li key={`price ${sku}`}>
            {words.priced(sku, money(fromMinor, currency), money(toMinor, currency))}
            {unusual(fromMinor, toMinor) && <span className="fleet-note">{words.unusual}</span>}
          </li>
        ))}
      {diff.places.map(({ sku, from, to }) => (
        <li key={`place ${sku}`}>{words.moved(sku, from, to)}</li>
      ))}
      {diff.products.map(({ from, to }) => (
        <li key={`product ${to.sku}`}>
          {from === null
            ? words.defined(to.sku, say(to.name))
            : words.edited(
                to.sku,
                differing(from, to)
                  .map((field) => words.fields[field])
                  .join(', '),
              )}
        </li>
      ))}
      {diff.offers.map(({ sku, offered }) => (
        <li key={`offer ${sku}`}>{offered ? words.offered(sku) : words.withdrawn(sku)}</li>
      ))}
    </ul>
  )
}

type Definition = Diff['products'][number]['to']

/** What a person would call another in a product. */
function differing(from: Definition, to: Definition): ('name' | 'weight' | 'facts' | 'pictures')[] {
  const parts = (one: Definition) => ({
    name: one.name,
    weight: [one.weightGrams, one.weightSpreadGrams],
    facts: [one.size ?? null, one.ingredients ?? null, one.allergens.toSorted(), one.energyKcal ?? null],
    pictures: one.pictures.map(({ sha256 }) => sha256),
  })
  const [before, after] = [parts(from), parts(to)]
  return (['name', 'weight', 'facts', 'pictures'] as const).filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field])) // prettier-ignore
}
