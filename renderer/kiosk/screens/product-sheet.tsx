/** A product's page: what it is, what is in it, what it costs. The law wants ingredients and allergens before buying. */
import type { ReactNode } from 'react'
import { useSpeech } from '../../languages/language.tsx'
import { useWords } from '../../languages/kiosk/words.ts'
import { AllergenIcon } from '../../parts/allergen-icon.tsx'
import { Icon, type IconName } from '../../parts/icon.tsx'
import { Picture } from '../../parts/picture.tsx'
import { useShop, type Product } from '../shop.tsx'
import './product-sheet.css'

export function ProductSheet(props: { product: Product }): ReactNode {
  const { product } = props
  const { view, pictureUrl } = useShop()
  const speech = useSpeech()
  const words = useWords()
  const left = view.stock[product.sku]
  return (
    <article className="sheet product">
      <div className="product-picture">
        <Picture url={pictureUrl(product.sku)} name={speech.say(product.name)} />
      </div>
      <div className="product-words">
        <h1>{speech.say(product.name)}</h1>
        <p className="product-price">
          <strong>{speech.money(product.priceMinor)}</strong>
          {left !== undefined && <span>{left === 0 ? words.attract.soldOut : words.product.left(left)}</span>}
        </p>
        <ul className="product-facts">
          {product.size !== undefined && <Fact icon="scale" name={words.product.size} value={product.size} />}
          {product.energyKcal !== undefined && (
            <Fact
              icon="flame"
              name={words.product.energy}
              value={words.product.kcal(speech.number(product.energyKcal))}
            />
          )}
          <Fact icon="shelf" name={words.product.shelf} value={words.attract.shelf(product.shelf)} />
        </ul>
        <h2>{words.product.allergens}</h2>
        {product.allergens.length === 0 ? (
          <p>{words.product.noAllergens}</p>
        ) : (
          <ul className="product-allergens">
            {product.allergens.map((allergen) => (
              <li key={allergen}>
                <AllergenIcon allergen={allergen} />
                {words.allergens[allergen]}
              </li>
            ))}
          </ul>
        )}
        {product.ingredients && (
          <>
            <h2>{words.product.ingredients}</h2>
            <p>{speech.say(product.ingredients)}</p>
          </>
        )}
      </div>
    </article>
  )
}

function Fact(props: { icon: IconName; name: string; value: string }): ReactNode {
  return (
    <li>
      <Icon name={props.icon} />
      <span>
        {props.name}
        <strong>{props.value}</strong>
      </span>
    </li>
  )
}
