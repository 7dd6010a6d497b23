/**
 * Planogram: a fridge's shelves as they stand, with what is believed to be on them; products are dragged to another shelf, or
 * moved by their buttons. What was moved is kept here until it is applied; then somebody carries the products.
 */
import { useRef, useState, type ReactNode, type RefObject } from 'react'
import type { FleetStock } from '../../../src/contract/fleet.ts'
import type { Changes, Standing as Stands } from '../../../src/contract/fleet-changes.ts'
import { useChangeWords } from '../../languages/changes/words.ts'
import { useWords } from '../../languages/fleet/words.ts'
import { Icon } from '../../parts/icon.tsx'
import { useAsked } from '../asked.ts'
import { History } from '../changes/history.tsx'
import { ReviewChange } from '../changes/review-change.tsx'
import { useMoney } from '../money.ts'
import { FillBar } from '../places/fill-bar.tsx'
import { useNames } from '../places/names.ts'
import type { Relay } from '../relay.ts'
import { Standing } from '../standing.tsx'

export function PlanogramPage({ relay, fridge, mayAct }: { relay: Relay; fridge: string; mayAct: boolean }): ReactNode {
  const words = useChangeWords()
  const { fridge: fridgeWords } = useWords()
  const catalogues = useAsked(`standing ${fridge}`, () => relay.standing(fridge), 15_000)
  const stock = useAsked(`stock ${fridge}`, () => relay.stock(fridge))
  const changes = useAsked('changes', relay.changes, 4_000)
  const nameOf = useNames(relay)
  /** Whose button was pressed: it has gone to another shelf, and the focus goes with it. */
  const followRef = useRef<Followed | null>(null)
  const [moved, setMoved] = useState<ReadonlyMap<string, number>>(new Map())
  const [reviewing, setReviewing] = useState(false)
  const [says, setSays] = useState<string | null>(null)
  const stands = catalogues.answer?.find((one) => one.fridge === fridge)
  const places = [...moved].flatMap(([sku, shelf]) =>
    stands?.products.some((one) => one.sku === sku && one.shelf !== shelf) === true ? [{ sku, shelf }] : [],
  )
  const change: Changes = { currency: stands?.currency ?? null, prices: [], places }
  const ofThis = changes.answer?.filter(({ parts }) => parts.some((part) => part.fridge === fridge)) ?? null
  return (
    <>
      <a className="fleet-back" href={`#fridge/${fridge}`}>
        {nameOf(fridge)}
      </a>
      <h1>{words.shelves}</h1>
      <Standing trouble={catalogues.trouble} loading={catalogues.answer === null} />
      {catalogues.answer !== null && stands === undefined && <p className="fleet-calm">{words.faults.noCatalogue}</p>}
      {says !== null && (
        <p className="fleet-calm" role="status">
          {says}
        </p>
      )}
      {stands !== undefined && stands.waiting > 0 && <p className="soft">{words.waiting(stands.waiting)}</p>}
      {stands !== undefined && reviewing && (
        <ReviewChange
          relay={relay}
          name={words.shelves}
          fridges={[fridge]}
          changes={change}
          mayAct={mayAct}
          onDone={(what) => {
            setReviewing(false)
            setSays(what)
            catalogues.again()
            changes.again()
            if (what !== null) setMoved(new Map())
          }}
        />
      )}
      {stands !== undefined && !reviewing && (
        <>
          <p className="soft">{words.how}</p>
          {Array.from({ length: stands.shelves }, (_, index) => (
            <Shelf
              key={index}
              shelf={index + 1}
              title={fridgeWords.shelf(index + 1)}
              stands={stands}
              stock={stock.answer ?? []}
              moved={moved}
              mayAct={mayAct}
              followRef={followRef}
              onMove={(sku, shelf) => setMoved(new Map(moved).set(sku, shelf))}
            />
          ))}
          {mayAct && (
            <div className="fleet-row fleet-bottom">
              <button
                type="button"
                className="primary"
                disabled={places.length === 0}
                onClick={() => setReviewing(true)}
              >
                {words.lookAt(places.length)}
              </button>
              <button type="button" disabled={moved.size === 0} onClick={() => setMoved(new Map())}>
                {words.reset}
              </button>
            </div>
          )}
        </>
      )}
      <History relay={relay} changes={{ ...changes, answer: ofThis }} mayAct={mayAct} onUndone={catalogues.again} />
    </>
  )
}

interface Followed {
  readonly sku: string
  readonly way: 'up' | 'down'
}

interface ShelfShown {
  readonly followRef: RefObject<Followed | null>
  readonly shelf: number
  readonly title: string
  readonly stands: Stands
  readonly stock: readonly FleetStock[]
  readonly moved: ReadonlyMap<string, number>
  readonly mayAct: boolean
  readonly onMove: (sku: string, shelf: number) => void
}

function Shelf({ shelf, title, stands, stock, moved, mayAct, followRef, onMove }: ShelfShown): ReactNode {
  const words = useChangeWords()
  const money = useMoney()
  const [over, setOver] = useState(false)
  const products = stands.products.filter((one) => (moved.get(one.sku) ?? one.shelf) === shelf)
  return (
    <section className="fleet-shelf" aria-label={title}>
      <h2>{title}</h2>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- a drop is the mouse's way; each product has buttons */}
      <ul
        className={over ? 'is-over' : undefined}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault()
          setOver(false)
          const sku = event.dataTransfer.getData('text/plain')
          if (mayAct && stands.products.some((one) => one.sku === sku)) onMove(sku, shelf)
        }}
      >
        {products.length === 0 && <li className="soft empty">{words.emptyShelf}</li>}
        {products.map(({ sku, priceMinor, shelf: from }) => {
          const here = stock.filter((one) => one.sku === sku && one.count > 0)
          const [units, room] = [here.reduce((sum, one) => sum + one.count, 0), Math.max(0, ...stock.filter((one) => one.sku === sku).map((one) => one.most))] // prettier-ignore
          return (
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- dragging is the mouse's way; its buttons do the same
            <li
              key={sku}
              ref={(node) => {
                if (node === null || followRef.current?.sku !== sku) return
                const { way } = followRef.current
                followRef.current = null
                const buttons = [...node.querySelectorAll<HTMLButtonElement>('button:enabled')]
                ;(buttons.find((one) => one.dataset['way'] === way) ?? buttons[0])?.focus()
              }}
              className={from === shelf ? undefined : 'is-moved'}
              draggable={mayAct}
              onDragStart={(event) => event.dataTransfer.setData('text/plain', sku)}
            >
              <strong>{sku}</strong>
              <span>{money(priceMinor, stands.currency)}</span>
              <FillBar units={units} room={Math.max(room, units)} />
              {from !== shelf && <span className="fleet-note">{words.wasOn(from)}</span>}
              {mayAct && (
                <span className="fleet-moves">
                  <button
                    type="button"
                    disabled={shelf === 1}
                    aria-label={words.up(sku)}
                    data-way="up"
                    onClick={() => {
                      followRef.current = { sku, way: 'up' }
                      onMove(sku, shelf - 1)
                    }}
                  >
                    <Icon name="raise" />
                  </button>
                  <button
                    type="button"
                    disabled={shelf === stands.shelves}
                    aria-label={words.down(sku)}
                    data-way="down"
                    onClick={() => {
                      followRef.current = { sku, way: 'down' }
                      onMove(sku, shelf + 1)
                    }}
                  >
                    <Icon name="lower" />
                  </button>
                </span>
              )}
            </li>
          )
        })}
      </ul>
    </section>
  )
}
