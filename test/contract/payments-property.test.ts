/**
 * Any interleaving of placing, capturing and releasing, at once or one after another, with any faults between them: the
 * bank's books are judged after every step, and once the faults have ended every question finds its answer.
 * A failing run prints its seed and path; `fc.assert(..., { seed, path })` plays it again.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { effectKey } from '../../src/core/ids.ts'
import { minor } from '../../src/core/money.ts'
import type { CaptureAnswer, HoldAnswer, HoldRequest, ReleaseAnswer } from '../../src/core/ports.ts'
import { hourMs, minuteMs, secondMs } from '../../src/core/time.ts'
import type { BankFault, BankOperation, FaultOrder } from '../../src/virtual/bank/faults.ts'
import { inProcessDesk, type Desk } from './payments-desk.ts'

type Call = 'place' | 'capture' | 'release' | 'releaseUnknown'
type Step =
  | { readonly type: 'calls'; readonly calls: readonly { readonly call: Call; readonly visit: number }[] }
  | { readonly type: 'fault'; readonly order: FaultOrder }
  | { readonly type: 'pass'; readonly ms: number }
  | { readonly type: 'mend' }

const faultArb: fc.Arbitrary<BankFault> = fc.oneof(
  fc.constantFrom<BankFault>(
    { type: 'timeoutBeforeEffect' },
    { type: 'timeoutAfterEffect' },
    { type: 'error500BeforeEffect' },
    { type: 'error500KeySpent' },
    { type: 'error500AfterEffect' },
    { type: 'rateLimit429' },
    { type: 'networkDown' },
    { type: 'garbledAfterEffect' },
    { type: 'decline', declineCode: 'generic_decline' },
  ),
  fc.integer({ min: 1, max: 40_000 }).map((delayMs): BankFault => ({ type: 'slow', delayMs })),
)
const operationArb = fc.constantFrom<BankOperation>('create', 'capture', 'cancel', 'retrieve', 'list')
const orderArb: fc.Arbitrary<FaultOrder> = fc
  .record({
    fault: faultArb,
    count: fc.integer({ min: 1, max: 4 }),
    only: fc.option(fc.array(operationArb, { minLength: 1 })),
  })
  .map(({ fault, count, only }) => ({ fault, count, ...(only === null ? {} : { only }) }))
const callArb = fc.record({
  call: fc.constantFrom<Call>('place', 'place', 'capture', 'capture', 'release', 'releaseUnknown'),
  visit: fc.integer({ min: 0, max: 1 }),
})
const stepArb: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(callArb, { minLength: 1, maxLength: 3 }).map((calls): Step => ({ type: 'calls', calls })),
  },
  { weight: 3, arbitrary: orderArb.map((order): Step => ({ type: 'fault', order })) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(secondMs, 3 * minuteMs, hourMs, 12 * hourMs, 23.5 * hourMs, 30 * hourMs)
      .map((ms): Step => ({ type: 'pass', ms })),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ type: 'mend' }) },
)

/** One visit as the fridge would remember it: what it asked, and what it was told. */
class Visit {
  readonly hold: HoldRequest
  reference: string | null = null
  readonly captureMinor: number
  captureAskedAtMs: number | null = null
  told = { placed: false, captured: false, gone: false, released: false, neverPlaced: false }

  constructor(hold: HoldRequest, captureMinor: number) {
    this.hold = hold
    this.captureMinor = captureMinor
  }

  place(desk: Desk): Promise<HoldAnswer> {
    return desk.provider.placeHold(this.hold).then((answer) => {
      if (answer.ok) this.reference = answer.value.reference
      this.told.placed ||= answer.ok
      return answer
    })
  }

  capture(desk: Desk): Promise<CaptureAnswer> | null {
    if (this.reference === null) return null
    this.captureAskedAtMs ??= desk.nowMs()
    const { reference, captureMinor, captureAskedAtMs } = this
    const ask = {
      key: effectKey(`capture-${this.hold.key}`),
      reference,
      amountMinor: minor(captureMinor),
      askedAtMs: captureAskedAtMs,
    }
    return desk.provider.capture(ask).then((answer) => {
      this.told.captured ||= answer.ok
      this.told.gone ||= !answer.ok && answer.error.code === 'gone'
      return answer
    })
  }

  release(desk: Desk, reference: string | null): Promise<ReleaseAnswer> {
    const ask = { key: effectKey(`release-${this.hold.key}`), reference, hold: this.hold, askedAtMs: desk.nowMs() }
    return desk.provider.release(ask).then((answer) => {
      this.told.released ||= answer.ok && answer.value === 'released'
      this.told.neverPlaced ||= answer.ok && answer.value === 'neverPlaced'
      this.told.captured ||= !answer.ok && answer.error.code === 'captured'
      return answer
    })
  }
}

/** What must be so in the bank's books at any moment, whatever the fridge knows. */
function judge(desk: Desk, visits: readonly Visit[]): void {
  for (const { hold, told, captureMinor } of visits) {
    const holds = desk.held(hold)
    const captured = holds.reduce((sum, one) => sum + one.capturedMinor, 0)
    const held = holds.reduce((sum, one) => sum + one.heldMinor, 0)
    expect(holds.length).toBeLessThanOrEqual(1)
    for (const one of holds) {
      expect(one.captures).toBeLessThanOrEqual(1)
      expect(one.capturedMinor).toBeLessThanOrEqual(one.amountMinor)
    }
    expect([0, captureMinor]).toContain(captured)
    if (told.captured) expect(captured).toBe(captureMinor)
    if (told.gone) expect(captured).toBe(0)
    if (told.released) expect(captured).toBe(0)
    if (told.released || told.neverPlaced) expect(held).toBe(0)
  }
}

async function play(desk: Desk, steps: readonly Step[]): Promise<void> {
  const visits = [new Visit(desk.hold(), 420), new Visit(desk.hold({ amountMinor: minor(900) }), 900)]
  for (const step of steps) {
    switch (step.type) {
      case 'calls': {
        const asked = step.calls.map(async ({ call, visit: index }): Promise<unknown> => {
          const visit = visits[index]!
          if (call === 'place') return visit.place(desk)
          if (call === 'capture') return visit.capture(desk)
          return visit.release(desk, call === 'release' ? visit.reference : null)
        })
        await desk.ask(Promise.all(asked))
        break
      }
      case 'fault':
        desk.bank.inject(step.order)
        break
      case 'pass':
        await desk.pass(step.ms)
        break
      case 'mend':
        desk.bank.clearFaults()
    }
    judge(desk, visits)
  }

  // The faults end. What was begun is asked to its end, as the outbox does, and then nothing is held any more.
  desk.bank.clearFaults()
  await desk.pass(5 * minuteMs)
  for (const visit of visits) {
    if (visit.captureAskedAtMs !== null)
      expect(await desk.ask(visit.capture(desk)!)).not.toMatchObject({ error: { code: 'unreachable' } })
    expect(await desk.ask(visit.release(desk, visit.reference))).not.toMatchObject({ error: { code: 'unreachable' } })
    judge(desk, visits)
    for (const one of desk.held(visit.hold)) expect(one.heldMinor).toBe(0)
  }
}

test('[PAY5][PAY6][PAY7][PAY8][PAY11] no interleaving charges twice, charges too much, or leaves a question open', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(stepArb, { minLength: 1, maxLength: 25 }), async (steps) => {
      await play(await inProcessDesk(), steps)
    }),
    { numRuns: 400 },
  )
})
