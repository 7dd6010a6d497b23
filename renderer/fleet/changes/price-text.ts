/** Price text: an amount as a person types it, with either decimal sign, to minor units and back. Pure. */
import type { Currency } from '../../languages/language.tsx'

const digitsOf = (currency: Currency): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2

/** Null for what is no price above zero, or has more digits than the currency. */
export function minorOf(text: string, currency: Currency): number | null {
  const digits = digitsOf(currency)
  const [, whole, part = ''] = /^(\d{1,6})(?:[.,](\d*))?$/.exec(text.trim()) ?? []
  if (whole === undefined || part.length > digits) return null
  const minor = Number(whole + part.padEnd(digits, '0'))
  return minor >= 1 && minor <= 10_000_000 ? minor : null
}

export const textOf = (minor: number, currency: Currency): string =>
  (minor / 10 ** digitsOf(currency)).toFixed(digitsOf(currency))
