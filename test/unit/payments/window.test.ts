import { expect, test } from 'vitest'
import { silent, type Log } from '../../../src/core/ports.ts'
import { hourMs } from '../../../src/core/time.ts'
import type { Intent } from '../../../src/payments/ask.ts'
import { captureWithinMs } from '../../../src/payments/window.ts'

const createdS = 1_795_514_400

const intentWith = (details: object | null): Intent => ({
  id: 'pi_1',
  object: 'payment_intent',
  amount: 1_500,
  amount_received: 0,
  currency: 'eur',
  created: createdS - 3,
  status: 'requires_capture',
  metadata: {},
  latest_charge: { id: 'ch_1', created: createdS, payment_method_details: details },
})

test('[PAY2] is the time from the bank’s now to its capture_before, less the second its clock may be behind', () => {
  for (const kind of ['card', 'card_present']) {
    const intent = intentWith({ [kind]: { capture_before: createdS + 5_000 } })
    expect(captureWithinMs(intent, { providerNowMs: (createdS + 10) * 1000, elapsedMs: 0 }, silent)).toBe(4_989_000)
  }
})

test('[PAY2] does not hear of the fridge’s clock while the bank tells its own', () => {
  const intent = intentWith({ card: { capture_before: createdS + 5_000 } })
  const now = { providerNowMs: createdS * 1000, elapsedMs: 99 * hourMs }
  expect(captureWithinMs(intent, now, silent)).toBe(4_999_000)
})

test('[PAY2] counts what has passed where the bank tells no time, or one from before the hold', () => {
  const intent = intentWith({ card: { capture_before: createdS + 5_000 } })
  for (const providerNowMs of [null, 0, (createdS - 60) * 1000]) {
    expect(captureWithinMs(intent, { providerNowMs, elapsedMs: 60_000 }, silent)).toBe(4_939_000)
    // A clock that went back makes the window no longer than it was.
    expect(captureWithinMs(intent, { providerNowMs, elapsedMs: -60_000 }, silent)).toBe(4_999_000)
  }
})

test('[PAY2] is never below nothing', () => {
  const intent = intentWith({ card: { capture_before: createdS + 5 } })
  expect(captureWithinMs(intent, { providerNowMs: (createdS + 6) * 1000, elapsedMs: 0 }, silent)).toBe(0)
})

test('[PAY2] assumes the least window, and says so, where the bank says none', () => {
  const lines: string[] = []
  const log: Log = { info: () => {}, warn: (what) => lines.push(what) }
  for (const intent of [intentWith(null), intentWith({ card: {} }), { ...intentWith(null), latest_charge: 'ch_1' }]) {
    const bornS = typeof intent.latest_charge === 'string' ? createdS - 3 : createdS
    const now = { providerNowMs: (bornS + 1) * 1000, elapsedMs: 0 }
    expect(captureWithinMs(intent, now, log)).toBe(42 * hourMs - 2_000)
  }
  expect(lines).toHaveLength(3)
})
