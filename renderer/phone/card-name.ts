/** A card as people know it. */
import type { PhoneCard } from '../../src/contract/phone.ts'

const brands: Readonly<Record<string, string>> = {
  visa: 'Visa',
  mastercard: 'Mastercard',
  amex: 'American Express',
  discover: 'Discover',
  diners: 'Diners Club',
  jcb: 'JCB',
  unionpay: 'UnionPay',
}

export function cardName({ brand, last4 }: PhoneCard): string {
  const name = brands[brand ?? ''] ?? '••••'
  return last4 === null ? name : `${name} ·· ${last4}`
}
