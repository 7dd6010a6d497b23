/**
 * Cabinet: the fridge seen from the front, its shelves with what truly stands on them, drawn to scale, and its glass door
 * as the world has it. Things can be tapped, carried and reached by keyboard.
 */
import type { CSSProperties, ReactNode } from 'react'
import type { World } from '../../src/contract/virtual.ts'
import { useSpeech } from '../languages/language.tsx'
import { useWords } from '../languages/virtual/words.ts'
import { Icon } from '../parts/icon.tsx'
import { Picture } from '../parts/picture.tsx'
import { place, useCarry } from './carry.tsx'
import { useScene, type Product } from './world.ts'
import './cabinet.css'

/** The inside's room for goods, in rem, and the air between two of them in mm. */
const insideRem = { width: 38.4, height: 43.6 }
const airMm = 16
/** So many of one product are drawn behind each other; the count on the rail tells the rest. */
const deepest = 4

export function Cabinet(): ReactNode {
  const { world, products } = useScene()
  const words = useWords()
  const state = world.door.open ? 'open' : world.door.locked ? 'locked' : 'unlocked'
  return (
    <section className="fridge" data-power={world.power} data-door={state} data-signal={world.signal}>
      <div className="fridge-sign">
        <span>VisionVend</span>
        <span className="fridge-lock">
          <Icon name={state === 'locked' ? 'lock' : 'unlock'} />
          {state === 'locked' ? words.door.locked : state === 'unlocked' ? words.door.unlocked : words.door.isOpen}
        </span>
      </div>
      <div className="fridge-box">
        <div className="fridge-lit" style={{ '--mm': `${scaleOf(world, products)}rem` } as CSSProperties}>
          {world.shelves.map((shelf) => (
            <Shelf key={shelf.shelf} shelf={shelf} />
          ))}
        </div>
        <Door />
      </div>
      <div className="fridge-foot" />
    </section>
  )
}

function Door(): ReactNode {
  const { world, ask } = useScene()
  const words = useWords()
  const { open, locked } = world.door
  return (
    <button
      type="button"
      className="fridge-door"
      aria-label={`${words.door.name}: ${open ? words.door.close : words.door.open}`}
      data-open={open}
      data-locked={locked}
      onClick={() => {
        ask({ to: 'door', open: !open })
      }}
    >
      <span className="fridge-handle" />
    </button>
  )
}

function Shelf(props: { shelf: World['shelves'][number] }): ReactNode {
  const { shelf, items } = props.shelf
  const { products } = useScene()
  const { carried } = useCarry()
  const words = useWords()
  const home = [...products.values()].filter((product) => product.shelf === shelf)
  const strangers = items
    .filter((item) => !home.some((product) => product.sku === item.sku))
    .flatMap((item) => products.get(item.sku) ?? [])
  const tallestMm = Math.max(100, ...home.map((product) => product.sizeMm.height))
  return (
    <div
      className="fridge-shelf"
      role="group"
      aria-label={words.shelf(shelf)}
      data-inviting={carried !== null && carried.from !== shelf}
      style={{ '--tall': tallestMm } as CSSProperties}
      {...place({ at: 'shelf', shelf })}
    >
      {[...home, ...strangers].map((product) => (
        <Stack
          key={product.sku}
          product={product}
          shelf={shelf}
          count={items.find((item) => item.sku === product.sku)?.count ?? 0}
          stranger={product.shelf !== shelf}
        />
      ))}
    </div>
  )
}

function Stack(props: { product: Product; shelf: number; count: number; stranger: boolean }): ReactNode {
  const { product, shelf, count } = props
  const { ask, pictureUrl } = useScene()
  const { props: carried } = useCarry()
  const speech = useSpeech()
  const words = useWords()
  const { sku } = product
  return (
    <div
      className="stack"
      data-stranger={props.stranger}
      style={{ '--wide': product.sizeMm.width, '--high': product.sizeMm.height } as CSSProperties}
    >
      <button
        type="button"
        className="stack-goods"
        disabled={count === 0}
        aria-label={words.take(speech.say(product.name), count)}
        data-sku={sku}
        {...carried({ sku, from: shelf }, () => {
          ask({ to: 'take', sku, shelf })
        })}
      >
        {Array.from({ length: Math.min(count, deepest) }, (_, depth) => (
          <span key={depth} style={{ '--depth': depth } as CSSProperties}>
            <Picture url={pictureUrl(sku)} name="" />
          </span>
        )).reverse()}
      </button>
      <span className="stack-rail">
        {speech.money(product.priceMinor)}
        <small>{count}</small>
      </span>
    </div>
  )
}

/** How many rem a millimetre is, so that the widest shelf fits across and all shelves fit above each other. */
export function scaleOf(world: World, products: ReadonlyMap<string, Product>): number {
  const rows = world.shelves.map((shelf) => {
    const home = [...products.values()].filter((product) => product.shelf === shelf.shelf)
    return {
      wide: home.reduce((sum, product) => sum + product.sizeMm.width + airMm, 0),
      tall: Math.max(100, ...home.map((product) => product.sizeMm.height)),
    }
  })
  const widest = Math.max(300, ...rows.map((row) => row.wide))
  const tallest = Math.max(
    400,
    rows.reduce((sum, row) => sum + row.tall, 0),
  )
  return Math.min(insideRem.width / widest, insideRem.height / tallest)
}
