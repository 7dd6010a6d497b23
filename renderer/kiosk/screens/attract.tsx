/**
 * Attract: the fridge as it stands there, shelf by shelf, with prices. A card may be tapped at any time of it, so what a
 * tap reserves is always in sight, over the shelves, a product's page and "how to pay" alike (law M8).
 */
import { useState, type ReactNode } from 'react'
import { useSpeech } from '../../languages/language.tsx'
import { useWords } from '../../languages/kiosk/words.ts'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Picture } from '../../parts/picture.tsx'
import { Frame, Money } from '../frame.tsx'
import { useShop, type Product } from '../shop.tsx'
import { PaySheet } from './pay-sheet.tsx'
import { ProductSheet } from './product-sheet.tsx'
import './attract.css'

export function Attract(): ReactNode {
  const { view, product, relay } = useShop()
  const words = useWords()
  const speech = useSpeech()
  const [shown, setShown] = useState<{ at: 'shelves' } | { at: 'product'; sku: string } | { at: 'pay' }>({
    at: 'shelves',
  })
  const hold = speech.money(view.holdMinor)
  const looked = shown.at === 'product' ? product(shown.sku) : undefined
  const leave = (): void => {
    setShown({ at: 'shelves' })
  }
  return (
    <Frame
      name={view.fridge.name}
      scene={shown.at}
      aside={<Chill />}
      money={
        view.online ? (
          <Money
            tone="accent"
            icon="contactless"
            title={words.attract.tap}
            note={words.attract.hold(hold)}
            label={words.attract.holdLabel}
            amount={hold}
          />
        ) : (
          <Money
            tone="warn"
            icon="offline"
            title={words.attract.offline}
            note={words.attract.offlineWhat}
            label={words.attract.holdLabel}
            amount={hold}
          />
        )
      }
      action={
        shown.at === 'shelves' ? (
          <Button
            kind="quiet"
            icon="info"
            onPress={() => {
              setShown({ at: 'pay' })
            }}
          >
            {words.attract.howToPay}
          </Button>
        ) : (
          <>
            <Button kind="quiet" icon={shown.at === 'pay' ? 'check' : 'back'} onPress={leave}>
              {shown.at === 'pay' ? words.pay.close : words.product.close}
            </Button>
            {shown.at === 'pay' && (
              <Button kind="bare" onPress={relay}>
                {words.closed.operators}
              </Button>
            )}
          </>
        )
      }
    >
      {looked ? (
        <ProductSheet product={looked} />
      ) : shown.at === 'pay' ? (
        <PaySheet />
      ) : (
        <Shelves
          onLook={(sku) => {
            setShown({ at: 'product', sku })
          }}
        />
      )}
    </Frame>
  )
}

/** How cold it is inside, when the fridge knows. */
export function Chill(): ReactNode {
  const { view } = useShop()
  const speech = useSpeech()
  const words = useWords()
  if (view.temperatureCelsius === null) return null
  return (
    <span className="chill">
      <Icon name="snow" />
      {words.attract.chilled(speech.celsius(view.temperatureCelsius))}
    </span>
  )
}

function Shelves(props: { onLook: (sku: string) => void }): ReactNode {
  const { catalogue, view } = useShop()
  const words = useWords()
  const products = catalogue.products.filter(({ sku, withdrawn }) => withdrawn !== true || (view.stock[sku] ?? 0) > 0)
  const shelves = [...new Set(products.map((product) => product.shelf))].sort((a, b) => a - b)
  return (
    <div className="shelves">
      <h1>{words.attract.title}</h1>
      <div className="cabinet">
        {shelves.map((shelf) => (
          <section className="shelf" key={shelf} aria-label={words.attract.shelf(shelf)}>
            <ul>
              {products
                .filter((product) => product.shelf === shelf)
                .map((product, _, row) => (
                  <li key={product.sku}>
                    <Goods product={product} row={row} onLook={props.onLook} />
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </div>
    </div>
  )
}

function Goods(props: { product: Product; row: readonly Product[]; onLook: (sku: string) => void }): ReactNode {
  const { product, row } = props
  const { view, pictureUrl } = useShop()
  const speech = useSpeech()
  const words = useWords()
  const name = speech.say(product.name)
  const soldOut = view.stock[product.sku] === 0
  return (
    <button
      type="button"
      className="goods"
      data-sold-out={soldOut}
      onClick={() => {
        props.onLook(product.sku)
      }}
    >
      <span className="goods-place">
        <span className="goods-picture" style={{ height: `${100 * seenHeight(product, row)}%` }}>
          <Picture url={pictureUrl(product.sku)} name="" />
        </span>
        {soldOut && <span className="goods-sold-out">{words.attract.soldOut}</span>}
      </span>
      <span className="goods-label">
        <span className="goods-name">{name}</span>
        <span className="goods-price">{speech.money(product.priceMinor)}</span>
      </span>
    </button>
  )
}

/**
 * How much of the shelf's height a product takes, 0 to 1: as it stands there, but the small ones larger than life, or a
 * cup beside a bottle could not be recognised.
 */
export function seenHeight(product: Product, row: readonly Product[]): number {
  const tallestMm = Math.max(...row.map((each) => each.sizeMm.height))
  return (product.sizeMm.height / tallestMm) ** 0.5
}
