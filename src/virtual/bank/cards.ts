/**
 * Cards: what the issuer thinks of each card the virtual reader may be shown, and of the provider's own test names.
 * A card is known by its uid; its fingerprint is derived from it, so the same card is the same card for ever.
 */
import { createHash } from 'node:crypto'

export type CardBehaviour = 'good' | 'declined' | 'insufficientFunds' | 'expired' | 'authenticationRequired'

export interface Card {
  /** The same for the same card; never the uid itself. */
  readonly fingerprint: string
  readonly behaviour: CardBehaviour
  readonly brand: 'visa' | 'mastercard'
  readonly last4: string
  readonly expiryMonth: number
  readonly expiryYear: number
}

/** Cards to try by hand. Any other uid of 8 to 20 hex digits is a good card. */
export const knownCards = [
  { uid: '04A1B2C3', kind: 'good' },
  { uid: '04DEC11E', kind: 'declined' },
  { uid: '04F00D00', kind: 'insufficientFunds' },
  { uid: '04E8912E', kind: 'expired' },
] as const satisfies readonly { uid: string; kind: CardBehaviour }[]

/** A card whose issuer wants its owner to sign in first: an unattended fridge can't ask for that. */
export const authenticationCardUid = '043D5EC0'

/** The provider's published test PaymentMethods that the bank knows. */
const testMethods: ReadonlyMap<string, CardBehaviour> = new Map<string, CardBehaviour>([
  ['pm_card_visa', 'good'],
  ['pm_card_chargeDeclined', 'declined'],
  ['pm_card_chargeDeclinedInsufficientFunds', 'insufficientFunds'],
  ['pm_card_chargeDeclinedExpiredCard', 'expired'],
  ['pm_card_authenticationRequired', 'authenticationRequired'],
])

export class CardUidMalformed extends Error {
  override readonly name = 'CardUidMalformed'
}

/** The card with this uid. Throws CardUidMalformed, naming the uid, unless it is 8 to 20 hex digits. */
export function cardOfUid(uid: string): Card {
  if (!/^[0-9A-Fa-f]{8,20}$/.test(uid)) {
    throw new CardUidMalformed(`a card uid is 8 to 20 hex digits, not ${JSON.stringify(uid.slice(0, 40))}`)
  }
  const name = uid.toUpperCase()
  const known = knownCards.find((card) => card.uid === name)?.kind
  return cardNamed(name, known ?? (name === authenticationCardUid ? 'authenticationRequired' : 'good'))
}

export function cardOfTestMethod(id: string): Card | null {
  const behaviour = testMethods.get(id)
  return behaviour === undefined ? null : cardNamed(id, behaviour)
}

/** The provider's published test numbers that the bank knows; any other number that can be one is a good card. */
const testNumbers: ReadonlyMap<string, CardBehaviour> = new Map<string, CardBehaviour>([
  ['4242424242424242', 'good'],
  ['4000000000000002', 'declined'],
  ['4000000000009995', 'insufficientFunds'],
  ['4000000000000069', 'expired'],
  ['4000002500003155', 'authenticationRequired'],
])

/** Null: no card has this number (its last digit is a check on the others). */
export function cardOfNumber(number: string): Card | null {
  if (!/^\d{12,19}$/.test(number)) return null
  let sum = 0
  for (const [at, digit] of number.split('').reverse().entries()) {
    const value = at % 2 === 1 ? Number(digit) * 2 : Number(digit)
    sum += value > 9 ? value - 9 : value
  }
  if (sum % 10 !== 0) return null
  return { ...cardNamed(`number:${number}`, testNumbers.get(number) ?? 'good'), last4: number.slice(-4) }
}

/** Made once a card: hashing it at every tap would be the dearest thing a simulated purchase does here. */
const made = new Map<string, Card>()

function cardNamed(name: string, behaviour: CardBehaviour): Card {
  const before = made.get(name)
  if (before !== undefined) return before
  const digest = createHash('sha256').update(`card:${name}`).digest()
  const card: Card = {
    fingerprint: digest.toString('base64url').replaceAll(/[-_]/g, 'x').slice(0, 16),
    behaviour,
    brand: digest.readUInt8(20) % 2 === 0 ? 'visa' : 'mastercard',
    last4: String(digest.readUInt16BE(22) % 10_000).padStart(4, '0'),
    expiryMonth: 1 + (digest.readUInt8(24) % 12),
    expiryYear: behaviour === 'expired' ? 2021 : 2034,
  }
  if (made.size > 10_000) made.clear()
  made.set(name, card)
  return card
}

export interface Decline {
  readonly code: string
  readonly declineCode: string
  readonly message: string
}

/** What the issuer answers for a decline code, in the provider's words. */
export function declineFor(declineCode: string): Decline {
  switch (declineCode) {
    case 'insufficient_funds':
      return { code: 'card_declined', declineCode, message: 'Your card has insufficient funds.' }
    case 'expired_card':
      return { code: 'expired_card', declineCode, message: 'Your card has expired.' }
    case 'authentication_required':
      return {
        code: 'authentication_required',
        declineCode,
        message: 'Your card was declined. This transaction requires authentication.',
      }
    default:
      return { code: 'card_declined', declineCode, message: 'Your card was declined.' }
  }
}

/** The issuer's answer to an authorization: null is yes. */
export function declineOf(behaviour: CardBehaviour): Decline | null {
  switch (behaviour) {
    case 'good':
      return null
    case 'declined':
      return declineFor('generic_decline')
    case 'insufficientFunds':
      return declineFor('insufficient_funds')
    case 'expired':
      return declineFor('expired_card')
    case 'authenticationRequired':
      return declineFor('authentication_required')
  }
}
