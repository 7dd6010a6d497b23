import { expect, test } from 'vitest'
import { de } from '../../../renderer/languages/kiosk/de.ts'
import { en } from '../../../renderer/languages/kiosk/en.ts'
import { es } from '../../../renderer/languages/kiosk/es.ts'
import { figuresOf, languageOf } from '../../../renderer/languages/language.tsx'

test('money is written as each language writes it, from whole minor units', () => {
  const written = (['en', 'es', 'de'] as const).map((language) =>
    figuresOf(language, 'EUR')
      .money(123_456)
      .replaceAll(/[\u00A0\u202F]/g, ' '),
  )
  expect(written).toEqual(['€1,234.56', '1234,56 €', '1.234,56 €'])
  expect(figuresOf('en', 'USD').money(5)).toBe('$0.05')
  expect(figuresOf('en', 'EUR').money(0)).toBe('€0.00')
})

test('degrees are whole, and just below zero is not "minus zero"', () => {
  const { celsius } = figuresOf('en', 'EUR')
  expect([celsius(3.6), celsius(-0.4), celsius(-1.6)]).toEqual(['4 °C', '0 °C', '-2 °C'])
})

test('the first of the browser’s wishes that we speak is spoken, else English', () => {
  expect(languageOf(['fr-FR', 'de-AT', 'en'])).toBe('de')
  expect(languageOf(['es'])).toBe('es')
  expect(languageOf(['fr', 'it'])).toBe('en')
  expect(languageOf([])).toBe('en')
})

/** Every text of a dictionary by its path; a text that takes an amount is given one. */
function texts(words: unknown, path = ''): [string, string][] {
  if (typeof words === 'string') return [[path, words]]
  if (typeof words === 'function')
    return texts((words as (...parts: unknown[]) => unknown)('€20.00', '€20.00'), `${path}()`)
  if (typeof words !== 'object' || words === null) return []
  return Object.entries(words).flatMap(([key, value]) => texts(value, `${path}.${key}`))
}

test('no text is empty, and each that takes an amount says it in every language', () => {
  const english = new Map(texts(en))
  for (const words of [es, de]) {
    for (const [path, text] of texts(words)) {
      expect(text.trim(), path).not.toBe('')
      expect((text.match(/€20\.00/g) ?? []).length > 0, path).toBe(
        (english.get(path)?.match(/€20\.00/g) ?? []).length > 0,
      )
    }
  }
})

test('[P4] every failure says what happened, what happens with the money and what to do now', () => {
  for (const words of [en, es, de]) {
    const failures = [words.bankSilent, words.unlockFailed, words.interrupted, words.blind]
    for (const failure of failures) {
      const money = typeof failure.money === 'function' ? failure.money('€20.00') : failure.money
      for (const text of [failure.title, failure.what, money, failure.now]) expect(text.length).toBeGreaterThan(5)
    }
    const { money, ...reasons } = words.declined
    expect(money.length).toBeGreaterThan(5)
    for (const reason of Object.values(reasons)) expect(Object.keys(reason).sort()).toEqual(['now', 'title', 'what'])
  }
})
