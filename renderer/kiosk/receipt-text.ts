/**
 * Receipt text: the receipt as plain text, which the QR code on the screen carries to the phone. Short, because every
 * character makes the code finer.
 */
import type { Screen } from '../../src/contract/kiosk.ts'
import type { KioskWords } from '../languages/kiosk/en.ts'
import type { Figures } from '../languages/language.tsx'

export type ReceiptScreen = Extract<Screen, { at: 'receipt' }>

export function receiptText(
  receipt: ReceiptScreen,
  fridge: { readonly name: string; readonly contact: string },
  words: KioskWords['receipt'],
  figures: Figures,
  nameOf: (sku: string) => string,
): string {
  const restMinor = receipt.holdMinor - receipt.chargedMinor
  return [
    receipt.number === null ? words.phone.heading : words.number(receipt.number),
    fridge.name,
    figures.moment(receipt.issuedAtMs),
    '',
    ...receipt.lines.map(
      (line) =>
        `${line.count}x ${figures.anyOf([line.sku, ...(line.or ?? [])].map(nameOf))}  ${figures.money(line.count * line.priceMinor)}`,
    ),
    '',
    `${words.total}: ${figures.money(receipt.totalMinor)}`,
    `${receipt.payment === 'paid' ? words.phone.charged : words.phone.paying}: ${figures.money(receipt.chargedMinor)}`,
    ...(restMinor > 0 ? [`${words.phone.released}: ${figures.money(restMinor)}`] : []),
    ...(fridge.contact === '' ? [] : ['', words.help(fridge.contact)]),
  ].join('\n')
}
