/**
 * Keyboard: our own keys on the glass, in the order of the language spoken, because the kiosk has no other and the
 * system's would not look or lock like ours. `pad` is digits alone, for a PIN.
 */
import { useState, type ReactNode } from 'react'
import type { Language } from '../languages/language.tsx'
import { Icon } from './icon.tsx'
import './keyboard.css'

const letters: Readonly<Record<Language, readonly string[]>> = {
  en: ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'],
  es: ['qwertyuiop', 'asdfghjklñ', 'zxcvbnm'],
  de: ['qwertzuiopü', 'asdfghjklöä', 'yxcvbnmß'],
}
const marks: Readonly<Record<Language, readonly string[]>> = {
  en: ['1234567890', '-/:()&@"', ".,?!'+%"],
  es: ['1234567890', 'áéíóúü¿¡', '.,?!-/%'],
  de: ['1234567890', '-/:()&@"', ".,?!'+%"],
}
const pad = ['123', '456', '789', '0']

interface KeyNames {
  readonly space: string
  readonly shift: string
  readonly erase: string
  readonly digits: string
  readonly letters: string
}

export function Keyboard(props: {
  kind: 'text' | 'pad'
  language: Language
  names: KeyNames
  value: string
  longest: number
  onChange: (value: string) => void
}): ReactNode {
  const { value, names } = props
  const [page, setPage] = useState<'letters' | 'digits'>('letters')
  // A name and a sentence start with a capital; afterwards capitals are for the asking.
  const [shift, setShift] = useState(value === '')
  const add = (character: string): void => {
    if (value.length >= props.longest) return
    props.onChange(value + character)
    setShift(character === ' ' && props.longest <= 60)
  }
  const erase = (
    <button
      type="button"
      className="key key-wide"
      aria-label={names.erase}
      onClick={() => {
        props.onChange(value.slice(0, -1))
      }}
    >
      <Icon name="erase" />
    </button>
  )
  const key = (character: string): ReactNode => {
    const written = shift && character !== 'ß' ? character.toLocaleUpperCase(props.language) : character
    return (
      <button
        type="button"
        className="key"
        key={character}
        onClick={() => {
          add(written)
        }}
      >
        {written}
      </button>
    )
  }

  if (props.kind === 'pad') {
    return (
      <div className="keyboard keyboard-pad">
        {pad.map((row, at) => (
          <div className="keyboard-row" key={row}>
            {at === 3 && <span className="key key-wide key-none" />}
            {Array.from(row, key)}
            {at === 3 && erase}
          </div>
        ))}
      </div>
    )
  }
  const rows = page === 'letters' ? letters[props.language] : marks[props.language]
  return (
    <div className="keyboard">
      {rows.map((row, at) => (
        <div className="keyboard-row" key={row}>
          {at === 2 && page === 'letters' && (
            <button
              type="button"
              className="key key-wide"
              aria-label={names.shift}
              aria-pressed={shift}
              onClick={() => {
                setShift(!shift)
              }}
            >
              <Icon name="shift" />
            </button>
          )}
          {Array.from(row, key)}
          {at === 2 && erase}
        </div>
      ))}
      <div className="keyboard-row">
        <button
          type="button"
          className="key key-wide key-word"
          onClick={() => {
            setPage(page === 'letters' ? 'digits' : 'letters')
            setShift(false)
          }}
        >
          {page === 'letters' ? names.digits : names.letters}
        </button>
        <button
          type="button"
          className="key key-space key-word"
          onClick={() => {
            if (value !== '') add(' ')
          }}
        >
          {names.space}
        </button>
      </div>
    </div>
  )
}
