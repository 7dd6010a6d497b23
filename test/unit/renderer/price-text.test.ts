/** Prices as a person types them. */
import { expect, test } from 'vitest'
import { minorOf, textOf } from '../../../renderer/fleet/changes/price-text.ts'

test('an amount has either decimal sign and no more digits than its currency', () => {
  expect(['1.90', '1,90', '1,9', ' 2 ', '0.01'].map((text) => minorOf(text, 'EUR'))).toEqual([190, 190, 190, 200, 1])
})

test('what is no price above zero is none, and nothing is guessed', () => {
  for (const text of ['', '0', '0,00', '-1', '1.999', '1.000,00', '1e3', '€2', '1234567', 'NaN'])
    expect(minorOf(text, 'EUR'), text).toBeNull()
})

test('an amount is written so that it reads back as itself', () => {
  for (const minor of [1, 99, 100, 1_999_999]) expect(minorOf(textOf(minor, 'EUR'), 'EUR')).toBe(minor)
})
