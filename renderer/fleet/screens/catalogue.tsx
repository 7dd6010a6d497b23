/** Catalogue: what fridges sell and at which prices; new prices as a draft, reviewed, then applied at one or many fridges. */
import { useState, type ReactNode } from 'react'
import type { Changes, KeptDraft, Standing as Stands } from '../../../src/contract/fleet-changes.ts'
import { useChangeWords } from '../../languages/changes/words.ts'
import type { Currency } from '../../languages/language.tsx'
import { useProductWords } from '../../languages/products/words.ts'
import { useAsked } from '../asked.ts'
import { mostFridges } from '../changes/changes-relay.ts'
import { Drafts, type Opened } from '../changes/drafts.tsx'
import { History } from '../changes/history.tsx'
import { minorOf, textOf } from '../changes/price-text.ts'
import { ReviewChange } from '../changes/review-change.tsx'
import { useMoney } from '../money.ts'
import { useNames } from '../places/names.ts'
import type { Relay } from '../relay.ts'
import { Standing } from '../standing.tsx'

export function CataloguePage({ relay, mayAct }: { relay: Relay; mayAct: boolean }): ReactNode {
  const words = useChangeWords()
  const { title: products } = useProductWords()
  const catalogues = useAsked('catalogues', relay.catalogues, 15_000)
  const changes = useAsked('changes', relay.changes, 4_000)
  const [says, setSays] = useState<string | null>(null)
  return (
    <>
      <h1>{words.title}</h1>
      <p>
        <a href="#products">{products}</a>
      </p>
      <Standing trouble={catalogues.trouble} loading={catalogues.answer === null} />
      {catalogues.answer?.length === 0 && <p className="fleet-calm">{words.none}</p>}
      {says !== null && (
        <p className="fleet-calm" role="status">
          {says}
        </p>
      )}
      {catalogues.answer !== null && catalogues.answer.length > 0 && (
        <Prices
          relay={relay}
          mayAct={mayAct}
          catalogues={catalogues.answer}
          onDone={(what) => {
            setSays(what)
            catalogues.again()
            changes.again()
          }}
        />
      )}
      <History relay={relay} changes={changes} mayAct={mayAct} onUndone={catalogues.again} />
    </>
  )
}

interface PricesShown {
  readonly relay: Relay
  readonly mayAct: boolean
  readonly catalogues: readonly Stands[]
  readonly onDone: (says: string | null) => void
}

function Prices({ relay, mayAct, catalogues, onDone }: PricesShown): ReactNode {
  const words = useChangeWords()
  const currencies = [...new Set(catalogues.map((one) => one.currency))].toSorted()
  const [chosenCurrency, setCurrency] = useState<Currency | null>(null)
  const currency = chosenCurrency ?? currencies[0] ?? 'EUR'
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const [typed, setTyped] = useState<ReadonlyMap<string, string>>(new Map())
  const [name, setName] = useState('')
  const [opened, setOpened] = useState<Opened | null>(null)
  const [reviewing, setReviewing] = useState(false)
  const ours = catalogues.filter((one) => one.currency === currency)
  const chosen = ours.filter(({ fridge }) => !left.has(fridge))
  const prices = [...typed].filter(([, text]) => text.trim() !== '').map(([sku, text]) => ({ sku, priceMinor: minorOf(text, currency) })) // prettier-ignore
  const wrong = prices.filter(({ priceMinor }) => priceMinor === null).map(({ sku }) => sku)
  const good = prices.flatMap(({ sku, priceMinor }) => (priceMinor === null ? [] : [{ sku, priceMinor }]))
  const changes: Changes | null = good.length > 0 && wrong.length === 0 ? { currency, prices: good, places: [] } : null
  const open = (draft: KeptDraft): void => {
    const of = draft.changes.currency ?? currency
    setCurrency(of)
    setName(draft.name)
    setOpened({ id: draft.id, version: draft.version })
    setTyped(new Map(draft.changes.prices.map(({ sku, priceMinor }) => [sku, textOf(priceMinor, of)])))
    setReviewing(false)
  }
  // A fridge that does not sell a product has no part in its price: it is named where somebody chose it by hand only.
  const skus = new Set(good.map(({ sku }) => sku))
  const concerned = chosen.filter(({ products }) => products.some(({ sku }) => skus.has(sku)))
  if (reviewing && changes !== null)
    return (
      <ReviewChange
        relay={relay}
        name={name.trim() || words.unnamed}
        fridges={concerned.map(({ fridge }) => fridge)}
        changes={changes}
        mayAct={mayAct}
        onDone={(says) => {
          setReviewing(false)
          if (says !== null) setTyped(new Map())
          onDone(says)
        }}
      />
    )
  return (
    <>
      <div className="fleet-tools">
        {currencies.length > 1 && (
          <label>
            <span>{words.currency}</span>
            <select value={currency} onChange={(event) => setCurrency(event.target.value as Currency)}>
              {currencies.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
        )}
        <label className="wide">
          <span>{words.name}</span>
          <input maxLength={60} value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        <button
          type="button"
          className="primary"
          disabled={changes === null || concerned.length === 0 || concerned.length > mostFridges}
          onClick={() => setReviewing(true)}
        >
          {words.look}
        </button>
      </div>
      {concerned.length > mostFridges && (
        <p className="fleet-trouble" role="alert">
          {words.tooMany(concerned.length, mostFridges)}
        </p>
      )}
      <Fridges relay={relay} ours={ours} left={left} onLeft={setLeft} />
      <PriceTable chosen={chosen} currency={currency} typed={typed} wrong={wrong} onTyped={setTyped} mayAct={mayAct} />
      <Drafts
        of="prices"
        relay={relay}
        mayAct={mayAct}
        name={name}
        changes={changes}
        opened={opened}
        onOpen={open}
        onKept={setOpened}
      />
    </>
  )
}

function Fridges(props: {
  relay: Relay
  ours: readonly Stands[]
  left: ReadonlySet<string>
  onLeft: (left: ReadonlySet<string>) => void
}): ReactNode {
  const { relay, ours, left, onLeft } = props
  const words = useChangeWords()
  const nameOf = useNames(relay)
  const chosen = ours.filter(({ fridge }) => !left.has(fridge)).length
  return (
    <details className="fleet-chosen">
      <summary>{words.chosen(chosen, ours.length)}</summary>
      <div className="fleet-row">
        <button type="button" onClick={() => onLeft(new Set())}>
          {words.all}
        </button>
        <button type="button" onClick={() => onLeft(new Set(ours.map(({ fridge }) => fridge)))}>
          {words.noFridge}
        </button>
      </div>
      <ul>
        {ours.map(({ fridge, waiting }) => (
          <li key={fridge}>
            <label>
              <input
                type="checkbox"
                checked={!left.has(fridge)}
                onChange={(event) => {
                  const next = new Set(left)
                  if (event.target.checked) next.delete(fridge)
                  else next.add(fridge)
                  onLeft(next)
                }}
              />
              {nameOf(fridge)} {waiting > 0 && <span className="soft">{words.waiting(waiting)}</span>}
            </label>
            <a href={`#planogram/${fridge}`}>{words.shelvesOf}</a>
          </li>
        ))}
      </ul>
    </details>
  )
}

interface Table {
  readonly chosen: readonly Stands[]
  readonly currency: Currency
  readonly typed: ReadonlyMap<string, string>
  readonly wrong: readonly string[]
  readonly mayAct: boolean
  readonly onTyped: (typed: ReadonlyMap<string, string>) => void
}

function PriceTable({ chosen, currency, typed, wrong, mayAct, onTyped }: Table): ReactNode {
  const words = useChangeWords()
  const money = useMoney()
  const sold = [...Map.groupBy(chosen.flatMap(({ products }) => products), ({ sku }) => sku)].toSorted(([a], [b]) => (a < b ? -1 : 1)) // prettier-ignore
  return (
    <div className="fleet-scroll">
      <table className="fleet-table fleet-prices">
        <thead>
          <tr>
            {[words.product, words.price, words.newPrice].map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sold.map(([sku, products]) => {
            const minors = products.map(({ priceMinor }) => priceMinor)
            const [least, most] = [Math.min(...minors), Math.max(...minors)]
            const { weightGrams, weightSpreadGrams } = products[0] ?? { weightGrams: 0, weightSpreadGrams: 0 }
            return (
              <tr key={sku}>
                <th scope="row">
                  {sku}
                  <span className="fleet-under">{words.about(products.length, weightGrams, weightSpreadGrams)}</span>
                </th>
                <td>
                  {least === most ? money(least, currency) : `${money(least, currency)} – ${money(most, currency)}`}
                </td>
                <td>
                  <input
                    aria-label={words.newPriceOf(sku)}
                    aria-invalid={wrong.includes(sku)}
                    inputMode="decimal"
                    disabled={!mayAct}
                    placeholder={textOf(least, currency)}
                    value={typed.get(sku) ?? ''}
                    onChange={(event) => onTyped(new Map(typed).set(sku, event.target.value))}
                  />
                  {wrong.includes(sku) && <span className="fleet-note">{words.noPrice(currency)}</span>}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
