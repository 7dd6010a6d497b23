/**
 * Declines: the provider's decline codes, in the few words that a screen can explain. An unknown code is a plain no.
 */
import type { DeclineReason } from '../core/ports.ts'

const reasons: ReadonlyMap<string, DeclineReason> = new Map<string, DeclineReason>([
  ['insufficient_funds', 'insufficientFunds'],
  ['withdrawal_count_limit_exceeded', 'insufficientFunds'],
  ['card_velocity_exceeded', 'insufficientFunds'],
  ['expired_card', 'expiredCard'],
  ['invalid_expiry_month', 'expiredCard'],
  ['invalid_expiry_year', 'expiredCard'],
  ['authentication_required', 'authenticationNeeded'],
  ['authentication_not_handled', 'authenticationNeeded'],
  ['online_or_offline_pin_required', 'authenticationNeeded'],
  ['offline_pin_required', 'authenticationNeeded'],
  ['payment_intent_authentication_failure', 'authenticationNeeded'],
  ['card_not_supported', 'cardUnusable'],
  ['currency_not_supported', 'cardUnusable'],
  ['incorrect_number', 'cardUnusable'],
  ['invalid_number', 'cardUnusable'],
  ['invalid_account', 'cardUnusable'],
  ['new_account_information_available', 'cardUnusable'],
  ['testmode_decline', 'cardUnusable'],
])

/** The decline code says more than the error code, where there is one. */
export function declineReason(code: string | null | undefined, declineCode: string | null | undefined): DeclineReason {
  return reasons.get(declineCode ?? '') ?? reasons.get(code ?? '') ?? 'declined'
}
