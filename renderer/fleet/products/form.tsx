/** Form: one product, typed; its pictures are brought to the relay at once, which makes them anew and says what is wrong. */
import { useState, type ReactNode } from 'react'
import { currencies } from '../../../src/core/money.ts'
import { allergens } from '../../../src/core/product.ts'
import { useWords as useKioskWords } from '../../languages/kiosk/words.ts'
import { allLanguages } from '../../languages/language.tsx'
import { useProductWords } from '../../languages/products/words.ts'
import type { Relay } from '../relay.ts'
import { textFields, type Field, type TextField, type Typed } from './typed.ts'

interface FormShown {
  readonly relay: Relay
  readonly typed: Typed
  /** Its sku is fixed, and price and shelf stand where they were set. */
  readonly known: boolean
  readonly wrong: readonly Field[]
  readonly onTyped: (change: (typed: Typed) => Typed) => void
}

export function ProductForm({ relay, typed, known, wrong, onTyped }: FormShown): ReactNode {
  const words = useProductWords()
  const { allergens: named } = useKioskWords()
  const set = (parts: Partial<Typed>): void => onTyped((now) => ({ ...now, ...parts }))
  const numeric = new Set<TextField>(['price', 'weight', 'spread', 'shelf', 'energy'])
  const fixed = new Set<TextField>(known ? ['sku', 'price', 'shelf'] : [])
  return (
    <div className="fleet-form">
      {(['name', 'ingredients'] as const).map((field) =>
        allLanguages.map((language) => (
          <label key={`${field} ${language}`}>
            <span>{words[field][language]}</span>
            <input
              lang={language}
              aria-invalid={wrong.includes(field)}
              value={typed[field][language]}
              onChange={({ target }) =>
                onTyped((now) => ({ ...now, [field]: { ...now[field], [language]: target.value } }))
              }
            />
          </label>
        )),
      )}
      <p className="soft whole">{words.nameHint}</p>
      {textFields.map((field) => (
        <label key={field}>
          <span>{words[field]}</span>
          <input
            inputMode={numeric.has(field) ? 'decimal' : 'text'}
            aria-invalid={wrong.includes(field)}
            disabled={fixed.has(field)}
            value={typed[field]}
            onChange={({ target }) => set({ [field]: target.value })}
          />
        </label>
      ))}
      <label>
        <span>{words.currency}</span>
        <select
          disabled={known}
          value={typed.currency}
          onChange={({ target }) => set({ currency: target.value as Typed['currency'] })}
        >
          {currencies.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <fieldset className="whole product-allergens">
        <legend>{words.allergens}</legend>
        {allergens.map((one) => (
          <label key={one}>
            <input
              type="checkbox"
              checked={typed.allergens.includes(one)}
              onChange={
                ({ target }) =>
                set({ allergens: target.checked ? [...typed.allergens, one] : typed.allergens.filter((other) => other !== one) }) // prettier-ignore
              }
            />
            {named[one]}
          </label>
        ))}
      </fieldset>
      <Pictures relay={relay} typed={typed} onTyped={onTyped} />
    </div>
  )
}

function Pictures({ relay, typed, onTyped }: Pick<FormShown, 'relay' | 'typed' | 'onTyped'>): ReactNode {
  const words = useProductWords()
  const [busy, setBusy] = useState(false)
  const [says, setSays] = useState<readonly string[]>([])
  const bring = async (files: readonly File[]): Promise<void> => {
    setBusy(true)
    const told: string[] = []
    for (const file of files) {
      const brought = await relay.bringPicture(file)
      if (typeof brought === 'string') told.push(`${file.name} ${words.refused[brought]}`)
      else
        onTyped((now) =>
          now.pictures.length >= 20 || now.pictures.some((one) => one.sha256 === brought.sha256)
            ? now
            : { ...now, pictures: [...now.pictures, brought] },
        )
    }
    setSays(told)
    setBusy(false)
  }
  return (
    <div className="whole">
      <label className="product-bring">
        <span>{words.pictures}</span>
        <input
          type="file"
          multiple
          accept="image/jpeg,image/png"
          disabled={busy}
          aria-label={words.bring}
          onChange={({ target }) => {
            const files = [...(target.files ?? [])]
            target.value = ''
            void bring(files)
          }}
        />
      </label>
      {busy && <p role="status">{words.bringing}</p>}
      {says.length > 0 && (
        <ul className="fleet-trouble" role="alert">
          {says.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      )}
      <ol className="product-pictures">
        {typed.pictures.map((picture, index) => (
          <li key={picture.sha256}>
            <img src={`/shop/pictures/${picture.sha256}`} alt={words.picture(index + 1)} />
            <div className="fleet-row">
              <button
                type="button"
                aria-label={words.first(index + 1)}
                disabled={index === 0}
                onClick={() =>
                  onTyped((now) => ({ ...now, pictures: [picture, ...now.pictures.filter((one) => one !== picture)] }))
                }
              >
                1
              </button>
              <button
                type="button"
                className="quiet"
                aria-label={words.drop(index + 1)}
                onClick={() => onTyped((now) => ({ ...now, pictures: now.pictures.filter((one) => one !== picture) }))}
              >
                ×
              </button>
            </div>
          </li>
        ))}
      </ol>
    </div>
  )
}
