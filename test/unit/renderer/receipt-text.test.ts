import { expect, test } from 'vitest'
import { receiptText, type ReceiptScreen } from '../../../renderer/kiosk/receipt-text.ts'
import { de } from '../../../renderer/languages/kiosk/de.ts'
import { en } from '../../../renderer/languages/kiosk/en.ts'
import { es } from '../../../renderer/languages/kiosk/es.ts'
import { figuresOf } from '../../../renderer/languages/language.tsx'
import { codeOf } from '../../../renderer/parts/qr.ts'

const receipt: ReceiptScreen = {
  at: 'receipt',
  visit: '0c9f3f4e-4f7e-4a41-9a3f-8a3f8b1f7c55',
  lines: [
    { sku: 'cola', count: 2, priceMinor: 180 },
    { sku: 'bowl', count: 1, priceMinor: 890 },
  ],
  totalMinor: 1_250,
  chargedMinor: 1_250,
  holdMinor: 2_000,
  payment: 'paid',
  number: 'F1-142',
  issuedAtMs: 0,
}
const fridge = { name: 'Kitchen', contact: '+49 30 5550 0142' }
const written = (change: Partial<ReceiptScreen> = {}): string =>
  receiptText({ ...receipt, ...change }, fridge, en.receipt, figuresOf('en', 'EUR'), (sku) => sku)

test('the phone’s receipt has the number, the fridge, every line, the total, the charge and what goes back', () => {
  const lines = written().split('\n')
  expect(lines).toContain('Receipt F1-142')
  expect(lines).toContain('Kitchen')
  expect(lines).toContain('2x cola  €3.60')
  expect(lines).toContain('1x bowl  €8.90')
  expect(lines).toContain('Total: €12.50')
  expect(lines).toContain('Charged: €12.50')
  expect(lines).toContain('Given back of the reserve: €7.50')
})

test('what is not paid yet is not called charged', () => {
  const text = written({ payment: 'paying', number: null })
  expect(text).not.toContain('Charged')
  expect(text).toContain('Payment under way: €12.50')
})

test('a basket beyond the hold says the total and what is charged of it', () => {
  const text = written({ totalMinor: 2_500, chargedMinor: 2_000 })
  expect(text).toContain('Total: €25.00')
  expect(text).toContain('Charged: €20.00')
  expect(text).not.toContain('Given back')
})

test('[S21] what nobody could tell apart is "this or that", in each language`s own way', () => {
  const lines = [{ sku: 'cola', count: 1, priceMinor: 180, or: ['ombra'] }]
  expect(written({ lines })).toContain('1x cola or ombra  €1.80')
  const spanish = receiptText({ ...receipt, lines }, fridge, es.receipt, figuresOf('es', 'EUR'), (sku) => sku)
  expect(spanish).toContain('1x cola u ombra')
  const german = receiptText({ ...receipt, lines }, fridge, de.receipt, figuresOf('de', 'EUR'), (sku) => sku)
  expect(german).toContain('1x cola oder ombra')
})

test('a long German receipt is still a code that a phone reads from the screen', () => {
  const lines = Array.from({ length: 12 }, (_, at) => ({
    sku: `Erdbeerjoghurt mit Knusper Nummer ${at}`,
    count: 2,
    priceMinor: 199,
  }))
  const text = receiptText({ ...receipt, lines }, fridge, de.receipt, figuresOf('de', 'EUR'), (sku) => sku)
  const { size, path } = codeOf(text)
  // At 300 px a module of a code of 101 modules, with its rim, is 2.7 px wide: about the least that a phone takes.
  expect(size).toBeLessThanOrEqual(101)
  expect(path.startsWith('M0 0h7')).toBe(true)
})
