/**
 * Money: integer minor units with a currency. Never a float, never a sum across currencies.
 */
import { invariant } from './result.ts'

declare const minorBrand: unique symbol
/** An amount in the currency's minor unit (cents for EUR), a safe integer, never negative. */
export type Minor = number & { readonly [minorBrand]: true }

/** ISO 4217 codes with two decimals, which is all that the fridge sells in so far. */
export type Currency = 'EUR' | 'USD' | 'GBP' | 'CHF'
export const currencies = ['EUR', 'USD', 'GBP', 'CHF'] as const satisfies readonly Currency[]

export interface Money {
  readonly amountMinor: Minor
  readonly currency: Currency
}

/** Brands a whole, non-negative amount; anything else is a broken invariant (validate before, at the boundary). */
export function minor(amount: number): Minor {
  invariant(Number.isSafeInteger(amount) && amount >= 0, `an amount is a whole number of minor units, not ${amount}`)
  return amount as Minor
}

export const zero = minor(0)
export const addMinor = (a: Minor, b: Minor): Minor => minor(a + b)
export const timesMinor = (a: Minor, count: number): Minor => minor(a * count)
export const leastMinor = (a: Minor, b: Minor): Minor => (a < b ? a : b)
