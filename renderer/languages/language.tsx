/**
 * Language: which of the three is spoken, and how money, times and degrees are written in it.
 *
 * Holds always: money is written by Intl from whole minor units and its currency; a word missing in one language is a
 * type error, not a fallback. Pages wrap themselves in <Speaking words=...> and parts ask `useSpeech`.
 */
import { createContext, useContext, useMemo, type ReactNode } from 'react'
import type { Catalogue, KioskMessage } from '../../src/contract/kiosk.ts'

export type Language = Extract<KioskMessage, { type: 'language' }>['language']
export type Currency = Catalogue['currency']
type Words = Readonly<Record<Language, string>>

/** Each language by its own name, in the order of the switch. */
export const languageNames = { en: 'English', es: 'Español', de: 'Deutsch' } as const satisfies Words
export const allLanguages: readonly Language[] = ['en', 'es', 'de']

const locales = { en: 'en-GB', es: 'es-ES', de: 'de-DE' } as const satisfies Words

export const isLanguage = (text: string): text is Language => (allLanguages as readonly string[]).includes(text)

/** The first of the browser's wishes that we speak, else English. */
export function languageOf(wishes: readonly string[]): Language {
  for (const wish of wishes) {
    const short = wish.slice(0, 2).toLowerCase()
    if (isLanguage(short)) return short
  }
  return 'en'
}

/** Figures of one language and currency. All of them take whole minor units or plain numbers and give text. */
export interface Figures {
  money(amountMinor: number): string
  number(value: number): string
  celsius(value: number): string
  moment(atMs: number): string
  /** "this or that" */
  anyOf(names: readonly string[]): string
}

export function figuresOf(language: Language, currency: Currency): Figures {
  const locale = locales[language]
  const money = new Intl.NumberFormat(locale, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' })
  const number = new Intl.NumberFormat(locale)
  const degrees = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 })
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  const either = new Intl.ListFormat(locale, { type: 'disjunction' })
  return {
    money: (amountMinor) => money.format(amountMinor / 100),
    number: (value) => number.format(value),
    // `+ 0` turns the -0 of -0.4 into 0: nobody wants to read "-0 °C".
    celsius: (value) => `${degrees.format(Math.round(value) + 0)} °C`,
    moment: (atMs) => moment.format(atMs),
    anyOf: (names) => either.format(names),
  }
}

interface Speech extends Figures {
  readonly language: Language
  /** A product's name and other words that the catalogue has in all languages. */
  say(words: Words): string
}

const SpeechContext = createContext<Speech | null>(null)

export function Speaking(props: { language: Language; currency: Currency; children: ReactNode }): ReactNode {
  const { language, currency } = props
  const speech = useMemo<Speech>(
    () => ({ ...figuresOf(language, currency), language, say: (words) => words[language] }),
    [language, currency],
  )
  return <SpeechContext value={speech}>{props.children}</SpeechContext>
}

export function useSpeech(): Speech {
  const speech = useContext(SpeechContext)
  if (!speech) throw new Error('a part that speaks stands outside <Speaking>')
  return speech
}
