/** Products: those that were defined from here, new ones, edits, and what is withdrawn; as drafts, looked at, then sent. */
import { useState, type ReactNode } from 'react'
import type { Changes, KeptDraft, Standing as Stands } from '../../../src/contract/fleet-changes.ts'
import type { Definition } from '../../../src/core/definition.ts'
import { useSpeech } from '../../languages/language.tsx'
import { useChangeWords } from '../../languages/changes/words.ts'
import { useProductWords } from '../../languages/products/words.ts'
import { useAsked } from '../asked.ts'
import { mostFridges } from '../changes/changes-relay.ts'
import { Drafts, type Opened } from '../changes/drafts.tsx'
import { History } from '../changes/history.tsx'
import { ReviewChange } from '../changes/review-change.tsx'
import { ProductForm } from '../products/form.tsx'
import { nothingTyped, productOf, typedOf, type Typed } from '../products/typed.ts'
import { useNames } from '../places/names.ts'
import type { Relay } from '../relay.ts'
import { Standing } from '../standing.tsx'

/** What is being done: a form, or a change that is looked at. */
type Doing =
  | { readonly at: 'list' }
  | { readonly at: 'form'; readonly typed: Typed; readonly known: boolean; readonly opened: Opened | null }
  | { readonly at: 'review'; readonly name: string; readonly changes: Changes; readonly fridges: readonly string[]; readonly from: Doing } // prettier-ignore

const none = { currency: null, prices: [], places: [] }

export function ProductsPage({ relay, mayAct }: { relay: Relay; mayAct: boolean }): ReactNode {
  const words = useProductWords()
  const catalogues = useAsked('catalogues', relay.catalogues, 15_000)
  const changes = useAsked('changes', relay.changes, 4_000)
  const [doing, setDoing] = useState<Doing>({ at: 'list' })
  const [says, setSays] = useState<string | null>(null)
  const fleet = catalogues.answer ?? []
  const open = ({ id, version, changes }: KeptDraft): void => {
    const [first] = changes.products ?? []
    if (first === undefined) return
    setDoing({ at: 'form', typed: typedOf(first.product), known: !first.isNew, opened: { id, version } })
  }
  return (
    <>
      <a className="fleet-back" href="#catalogue">
        {words.back}
      </a>
      <h1>{words.title}</h1>
      <Standing trouble={catalogues.trouble} loading={catalogues.answer === null} />
      {says !== null && (
        <p className="fleet-calm" role="status">
          {says}
        </p>
      )}
      {doing.at === 'review' ? (
        <ReviewChange
          relay={relay}
          name={doing.name}
          fridges={doing.fridges}
          changes={doing.changes}
          mayAct={mayAct}
          onDone={(what) => {
            setDoing(what === null ? doing.from : { at: 'list' })
            setSays(what)
            catalogues.again()
            changes.again()
          }}
        />
      ) : doing.at === 'form' ? (
        <Editor
          key={doing.opened?.id ?? 'new'}
          relay={relay}
          fleet={fleet}
          doing={doing}
          onDoing={setDoing}
          onOpen={open}
        />
      ) : (
        <>
          <p className="soft">{words.how}</p>
          {mayAct && (
            <button
              type="button"
              className="primary"
              disabled={fleet.length === 0}
              onClick={() => {
                setSays(null)
                setDoing({ at: 'form', typed: nothingTyped(fleet[0]?.currency ?? 'EUR'), known: false, opened: null })
              }}
            >
              {words.add}
            </button>
          )}
          <List fleet={fleet} mayAct={mayAct} onDoing={setDoing} />
          <Drafts
            of="products"
            relay={relay}
            mayAct={false}
            name=""
            changes={null}
            opened={null}
            onOpen={open}
            onKept={() => {}}
          />
          <History relay={relay} changes={changes} mayAct={mayAct} onUndone={catalogues.again} />
        </>
      )}
    </>
  )
}

type EditorShown = {
  relay: Relay
  fleet: readonly Stands[]
  doing: Extract<Doing, { at: 'form' }>
  onDoing: (doing: Doing) => void
  onOpen: (draft: KeptDraft) => void
}

function Editor({ relay, fleet, doing, onDoing, onOpen }: EditorShown): ReactNode {
  const words = useProductWords()
  const { all, noFridge } = useChangeWords()
  const { say } = useSpeech()
  const nameOf = useNames(relay)
  const [typed, setTyped] = useState(doing.typed)
  const [opened, setOpened] = useState(doing.opened)
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const [tried, setTried] = useState(false)
  const product = productOf(typed)
  const wrong = 'sku' in product ? [] : product
  const ours = fleet.filter(({ currency }) => currency === typed.currency)
  const chosen = ours.map(({ fridge }) => fridge).filter((one) => !left.has(one))
  const changes: Changes | null = 'sku' in product ? { ...none, products: [{ isNew: !doing.known, product }] } : null
  const labels = wrong.map((field) => (field === 'name' || field === 'ingredients' ? words[field].en : words[field]))
  const name = 'sku' in product ? say(product.name).slice(0, 60) : ''
  const here: Doing = { ...doing, typed, opened }
  return (
    <>
      <h2>{words.product}</h2>
      <ProductForm relay={relay} typed={typed} known={doing.known} wrong={tried ? wrong : []} onTyped={setTyped} />
      <details className="fleet-chosen">
        <summary>
          {words.where}: {chosen.length === ours.length ? words.everywhere : chosen.map(nameOf).join(', ')}
        </summary>
        <div className="fleet-row">
          <button type="button" onClick={() => setLeft(new Set())}>
            {all}
          </button>
          <button type="button" onClick={() => setLeft(new Set(ours.map(({ fridge }) => fridge)))}>
            {noFridge}
          </button>
        </div>
        <ul>
          {ours.map(({ fridge }) => (
            <li key={fridge}>
              <label>
                <input
                  type="checkbox"
                  checked={!left.has(fridge)}
                  onChange={({ target }) =>
                    setLeft(new Set(target.checked ? [...left].filter((one) => one !== fridge) : [...left, fridge]))
                  }
                />
                {nameOf(fridge)}
              </label>
            </li>
          ))}
        </ul>
      </details>
      {tried && wrong.length > 0 && (
        <p className="fleet-trouble" role="alert">
          {words.wrong(labels.join(', '))}
        </p>
      )}
      <div className="fleet-row fleet-bottom">
        <button
          type="button"
          className="primary"
          disabled={chosen.length === 0 || chosen.length > mostFridges}
          onClick={() => {
            setTried(true)
            if (changes !== null) onDoing({ at: 'review', name, changes, fridges: chosen, from: here })
          }}
        >
          {words.look}
        </button>
        <button type="button" className="quiet" onClick={() => onDoing({ at: 'list' })}>
          {words.leave}
        </button>
      </div>
      <Drafts
        of="products"
        relay={relay}
        mayAct
        name={name}
        changes={changes}
        opened={opened}
        onOpen={onOpen}
        onKept={setOpened}
      />
    </>
  )
}

interface Known {
  readonly definition: Definition
  readonly at: readonly { readonly fridge: string; readonly offered: boolean }[]
}

function List(props: { fleet: readonly Stands[]; mayAct: boolean; onDoing: (doing: Doing) => void }): ReactNode {
  const { fleet, mayAct, onDoing } = props
  const words = useProductWords()
  const { say } = useSpeech()
  const known = new Map<string, Known>()
  for (const { fridge, products } of fleet)
    for (const { sku, offered, definition } of products)
      if (definition !== null)
        known.set(sku, { definition: known.get(sku)?.definition ?? definition, at: [...(known.get(sku)?.at ?? []), { fridge, offered }] }) // prettier-ignore
  const list = [...known.values()].toSorted((a, b) => (a.definition.sku < b.definition.sku ? -1 : 1))
  if (list.length === 0) return <p className="soft">{words.none}</p>
  return (
    <ul className="product-list">
      {list.map(({ definition, at }) => {
        const { sku, name, pictures } = definition
        const offered = at.filter((one) => one.offered)
        const offer = (to: boolean): void => {
          const fridges = at.filter((one) => one.offered !== to).map(({ fridge }) => fridge).slice(0, mostFridges) // prettier-ignore
          const changes: Changes = { ...none, offers: [{ sku, offered: to }] }
          onDoing({ at: 'review', name: say(name).slice(0, 60), changes, fridges, from: { at: 'list' } })
        }
        return (
          <li key={sku}>
            {pictures[0] === undefined ? <span /> : <img src={`/shop/pictures/${pictures[0].sha256}`} alt="" />}
            <p>
              <strong>{say(name)}</strong>
              <span className="fleet-under">{`${sku} · ${words.at(offered.length, at.length)}`}</span>
            </p>
            {mayAct && (
              <div className="fleet-row">
                <button
                  type="button"
                  aria-label={words.editOf(sku)}
                  onClick={() => onDoing({ at: 'form', typed: typedOf(definition), known: true, opened: null })}
                >
                  {words.edit}
                </button>
                {offered.length > 0 && (
                  <button
                    type="button"
                    className="quiet"
                    aria-label={words.withdrawOf(sku)}
                    onClick={() => offer(false)}
                  >
                    {words.withdraw}
                  </button>
                )}
                {offered.length < at.length && (
                  <button type="button" className="quiet" aria-label={words.offerOf(sku)} onClick={() => offer(true)}>
                    {words.offer}
                  </button>
                )}
              </div>
            )}
          </li>
        )
      })}
    </ul>
  )
}
