/** What a visit's page shows: the relay's word decides, in every state that a visit can be in. */
import { describe, expect, test } from 'vitest'
import type { PhoneVisit } from '../../../../src/contract/phone.ts'
import { askAgainMs, isOver, phaseOf } from '../../../../renderer/phone/phase.ts'

const visit: PhoneVisit = {
  id: 'txn_fridge-1_0123',
  fridge: 'fridge-1',
  fridgeName: 'Kitchen',
  contact: '',
  currency: 'EUR',
  holdMinor: 1_500,
  at: 'offered',
  why: null,
  expired: false,
  live: null,
  end: null,
}
const live: NonNullable<PhoneVisit['live']> = {
  at: 'shopping',
  leftMs: null,
  lines: [],
  totalMinor: 0,
  leftOpen: false,
  heardMs: 100,
}
const receipt = {
  number: '7',
  atMs: 1,
  lines: [],
  totalMinor: 300,
  chargedMinor: 300,
  payment: 'paid' as const,
  refund: null,
}

describe('a visit`s phase', () => {
  test('an offer holds nothing; one whose time is up says so', () => {
    expect(phaseOf(visit)).toEqual({ at: 'offered' })
    expect(phaseOf({ ...visit, expired: true })).toEqual({ at: 'expired' })
  })

  test('a visit that goes on is shown as the fridge says, also before the relay has the fridge`s answer', () => {
    expect(phaseOf({ ...visit, at: 'holding' }).at).toBe('holding')
    expect(phaseOf({ ...visit, at: 'unlocking' }).at).toBe('asking')
    expect(phaseOf({ ...visit, at: 'unlocking', live: { ...live, at: 'unlocked', leftMs: 8_000 } }).at).toBe('unlocked')
    expect(phaseOf({ ...visit, at: 'unlocked', live }).at).toBe('shopping')
  })

  test('a basket that is old is not shown as one', () => {
    expect(phaseOf({ ...visit, at: 'unlocked', live: { ...live, heardMs: 60_000 } }).at).toBe('unheard')
    expect(phaseOf({ ...visit, at: 'unlocked' }).at).toBe('unheard')
  })

  test('the books have the last word, whatever the live channel says', () => {
    const ended: PhoneVisit = { ...visit, at: 'unlocked', live, end: { type: 'receipt', receipt } }
    expect(phaseOf(ended)).toEqual({ at: 'receipt', receipt })
    expect(isOver(ended)).toBe(true)
  })

  test.each([
    ['busy', 'busy'],
    ['denied', 'denied'],
    ['offline', 'offline'],
    ['neverTaken', 'offline'],
    ['bankSilent', 'bankSilent'],
    ['temperature', 'closed'],
    [null, 'closed'],
  ])('refused for %s is told as %s, and what became of the hold', (why, shown) => {
    expect(phaseOf({ ...visit, at: 'releasing', why })).toMatchObject({ at: 'refused', why: shown, released: false })
    expect(phaseOf({ ...visit, at: 'released', why })).toMatchObject({ at: 'refused', why: shown, released: true })
  })

  test('a reason for declining that this page has no words for is a plain no', () => {
    expect(phaseOf({ ...visit, at: 'declined', why: 'expiredCard' })).toEqual({ at: 'declined', reason: 'expiredCard' })
    expect(phaseOf({ ...visit, at: 'declined', why: 'somethingNew' })).toEqual({ at: 'declined', reason: 'declined' })
  })

  test('it is asked for as long as something can change, and no longer', () => {
    expect(askAgainMs({ ...visit, at: 'unlocked' })).toBeGreaterThan(0)
    expect(askAgainMs({ ...visit, at: 'releasing' })).toBeGreaterThan(0)
    expect(askAgainMs({ ...visit, at: 'released' })).toBeNull()
    expect(askAgainMs({ ...visit, end: { type: 'receipt', receipt } })).toBeNull()
    expect(askAgainMs({ ...visit, end: { type: 'receipt', receipt: { ...receipt, payment: 'paying' } } })).toBe(3_000)
    const refund = { amountMinor: 100, state: 'asked' as const }
    expect(askAgainMs({ ...visit, end: { type: 'receipt', receipt: { ...receipt, refund } } })).toBe(3_000)
  })
})
