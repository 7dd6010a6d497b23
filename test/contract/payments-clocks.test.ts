/**
 * The contract of a PaymentProvider where fridge and bank disagree about the time: a fridge without a clock of its own
 * starts in the past, and may jump. Money must not depend on it.
 */
import { describe, expect, test } from 'vitest'
import { effectKey } from '../../src/core/ids.ts'
import { dayMs, hourMs, minuteMs } from '../../src/core/time.ts'
import { createStripeProvider } from '../../src/payments/stripe.ts'
import { inProcessDesk, unreachable } from './payments-desk.ts'

const offs = [-20 * 365 * dayMs, -3 * dayMs, -30 * minuteMs, 30 * minuteMs, 3 * dayMs]

describe.each(offs.map((skewMs) => ({ skewMs, hours: Math.round(skewMs / hourMs) })))(
  'a fridge that is $hours hours off',
  ({ skewMs }) => {
    test('[PAY2] learns from the bank how long a hold stands', async () => {
      const desk = await inProcessDesk({ skewMs })
      const { captureWithinMs } = await desk.placed(desk.hold())
      expect(captureWithinMs).toBeLessThanOrEqual(7 * dayMs)
      expect(captureWithinMs).toBeGreaterThan(7 * dayMs - 2_000)
    })

    test('[PAY12] finds the hold whose answer was lost', async () => {
      const desk = await inProcessDesk({ skewMs })
      const hold = desk.hold()
      desk.once({ type: 'timeoutAfterEffect' }, 'create')
      expect(await desk.place(hold)).toEqual(unreachable)
      expect(await desk.release(hold, null)).toEqual({ ok: true, value: 'released' })
      expect(desk.held(hold)).toMatchObject([{ status: 'released' }])
      expect(desk.bank.summary().requests.create).toBe(1)
    })

    test('[PAY9][PAY12] finds it after a day too, and repeats nothing', async () => {
      const desk = await inProcessDesk({ skewMs })
      const hold = desk.hold()
      desk.once({ type: 'timeoutAfterEffect' }, 'create')
      expect(await desk.place(hold)).toEqual(unreachable)
      desk.advance(2 * dayMs)
      expect(await desk.release(hold, null)).toEqual({ ok: true, value: 'released' })
      expect(desk.bank.summary().requests.create).toBe(1)
    })

    test('[PAY12] does not take a hold that never came for one that still may', async () => {
      const desk = await inProcessDesk({ skewMs })
      const hold = desk.hold()
      desk.bank.inject({ fault: { type: 'timeoutBeforeEffect' }, count: 1 })
      expect(await desk.place(hold)).toEqual(unreachable)
      desk.advance(5 * minuteMs)
      expect(await desk.release(hold, null)).toMatchObject({ ok: true })
      expect(desk.held(hold).every(({ heldMinor }) => heldMinor === 0)).toBe(true)
    })
  },
)

test('[PAY9][PAY11] [M6] a clock that was days ahead when it asked, and stood still since, repeats no forgotten key', async () => {
  const ahead = await inProcessDesk({ skewMs: 3 * dayMs })
  const hold = ahead.hold()
  ahead.bank.inject({ fault: { type: 'timeoutBeforeEffect' }, count: 1 })
  expect(await ahead.place(hold)).toEqual(unreachable)
  ahead.advance(65 * hourMs)
  const asked = ahead.bank.summary().requests.create
  let nowMs = hold.askedAtMs + minuteMs
  const woken = createStripeProvider({
    stripe: ahead.stripe,
    clock: { nowMs: () => nowMs, after: (delayMs, due) => ahead.bank.clock.after(delayMs, due) },
    log: { info: () => {}, warn: () => {} },
  })
  const release = { key: effectKey('release-1'), reference: null, hold, askedAtMs: hold.askedAtMs }
  expect(await ahead.ask(woken.release(release))).toEqual(unreachable)
  nowMs += 5 * minuteMs
  expect(await ahead.ask(woken.release(release))).toEqual({ ok: true, value: 'neverPlaced' })
  expect(ahead.bank.summary().requests.create).toBe(asked)
})

test('[PAY9][PAY11] a clock that stood still for two days repeats no forgotten key', async () => {
  // The power was off for two days, and the fridge woke up with the time at which it went.
  const before = await inProcessDesk()
  const hold = before.hold()
  before.once({ type: 'timeoutAfterEffect' }, 'create')
  expect(await before.place(hold)).toEqual(unreachable)
  before.advance(2 * dayMs)
  const asked = before.bank.summary().requests.create
  const asleep = createStripeProvider({
    stripe: before.stripe,
    clock: { nowMs: () => hold.askedAtMs + minuteMs, after: (delayMs, due) => before.bank.clock.after(delayMs, due) },
    log: { info: () => {}, warn: () => {} },
  })
  const release = { key: effectKey('release-1'), reference: null, hold, askedAtMs: hold.askedAtMs }
  expect(await before.ask(asleep.release(release))).toEqual({ ok: true, value: 'released' })
  expect(before.bank.summary().requests.create).toBe(asked)
  // And where the hold never came, it only looks, and says so once it is sure.
  const never = { ...hold, key: effectKey('hold-never') }
  expect(await before.ask(asleep.release({ ...release, hold: never, key: effectKey('release-2') }))).toEqual(
    unreachable,
  )
  expect(before.bank.summary().requests.create).toBe(asked)
})
