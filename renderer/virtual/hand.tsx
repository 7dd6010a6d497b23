/** Hand: what the shopper holds. Tap puts a thing back where it belongs; carrying it, or a digit, any shelf. */
import type { ReactNode } from 'react'
import { useSpeech } from '../languages/language.tsx'
import { useWords } from '../languages/virtual/words.ts'
import { Icon } from '../parts/icon.tsx'
import { Picture } from '../parts/picture.tsx'
import { place, useCarry } from './carry.tsx'
import { useScene } from './world.ts'
import './hand.css'

export function Hand(): ReactNode {
  const { world, products, pictureUrl, ask } = useScene()
  const { carried, props: carriedProps } = useCarry()
  const speech = useSpeech()
  const words = useWords().hand
  return (
    <section
      className="hand"
      aria-label={words.name}
      data-inviting={carried !== null && carried.from !== null}
      {...place({ at: 'hand' })}
    >
      <span className="hand-name">
        <Icon name="hand" />
        {words.name}
      </span>
      {world.hand.length === 0 ? (
        <p>{words.empty}</p>
      ) : (
        <ul>
          {world.hand.map(({ sku, count }) => {
            const product = products.get(sku)
            return (
              <li key={sku}>
                <button
                  type="button"
                  data-sku={sku}
                  aria-label={words.putBack(product ? speech.say(product.name) : sku)}
                  {...carriedProps({ sku, from: null }, () => {
                    ask({ to: 'return', sku })
                  })}
                  onKeyDown={(event) => {
                    if (/^[1-8]$/.test(event.key)) ask({ to: 'return', sku, shelf: Number(event.key) })
                  }}
                >
                  <Picture url={pictureUrl(sku)} name="" />
                  {count > 1 && <small>{count}</small>}
                </button>
              </li>
            )
          })}
        </ul>
      )}
    </section>
  )
}
