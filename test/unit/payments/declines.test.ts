import { expect, test } from 'vitest'
import { declineReason } from '../../../src/payments/declines.ts'

test.each([
  ['card_declined', 'generic_decline', 'declined'],
  ['card_declined', 'insufficient_funds', 'insufficientFunds'],
  ['expired_card', 'expired_card', 'expiredCard'],
  ['expired_card', undefined, 'expiredCard'],
  ['authentication_required', 'authentication_required', 'authenticationNeeded'],
  ['card_declined', 'online_or_offline_pin_required', 'authenticationNeeded'],
  ['card_declined', 'card_not_supported', 'cardUnusable'],
  ['card_declined', 'lost_card', 'declined'],
  ['a_code_of_next_year', null, 'declined'],
  [null, undefined, 'declined'],
])('[PAY3] %s with %s is %s', (code, declineCode, reason) => {
  expect(declineReason(code, declineCode)).toBe(reason)
})
