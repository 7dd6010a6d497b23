/**
 * The auditor is only worth what it catches. Each of these breaks one law on purpose, from outside the code (a bolt that
 * jams, a provider that charges again, a disk that lies), and the auditor has to say so; the last one breaks nothing.
 */
import { expect, test } from 'vitest'
import type { Eyes, PaymentProvider } from '../../src/core/ports.ts'
import { effectKey, sku, visitId } from '../../src/core/ids.ts'
import { minor } from '../../src/core/money.ts'
import type { Bank } from '../../src/virtual/bank/bank.ts'
import { stillWeather, type Weather } from './faults.ts'
import { moneyLaws } from './laws/money.ts'
import type { VisitRecord } from './laws/record.ts'
import { simulate, type SimSettings } from './simulation.ts'

type BrokenController = NonNullable<NonNullable<NonNullable<SimSettings['broken']>['life']>['controller']>

const calm = (broken: SimSettings['broken'], weather: Weather = stillWeather, events = 120): Promise<string[]> =>
  laws({ seed: 11, events, weather, ...(broken === undefined ? {} : { broken }) })

async function laws(settings: SimSettings): Promise<string[]> {
  const { violations } = await simulate(settings)
  return [...new Set(violations.map((violation) => violation.law))].sort()
}

test('nothing broken, nothing found', async () => {
  expect(await calm(undefined)).toEqual([])
})

test('a lock that stays open is caught (D2)', async () => {
  let jammed = false
  const bolt = (released: boolean): boolean => (jammed ||= released)
  expect(await calm({ bolt })).toContain('D2')
})

test('a lock that opens by itself is caught (D1)', async () => {
  // Wired the wrong way round: told to lock at each start, it opens.
  expect(await calm({ bolt: (released) => !released })).toContain('D1')
})

test('a second capture is caught, though the first had an answer (M3)', async () => {
  const bank = (honest: Bank): Bank => {
    const twice = new Map<string, number>()
    return {
      ...honest,
      async respond(request) {
        const captured = /payment_intents\/(\w+)\/capture$/.exec(request.path)?.[1]
        const answer = await honest.respond(request)
        if (captured !== undefined) twice.set(captured, 2)
        return answer
      },
      summary() {
        const summary = honest.summary()
        const holds = summary.holds.map((hold) => ({
          ...hold,
          captures: hold.captures * (twice.get(hold.reference) ?? 1),
        }))
        return { ...summary, holds }
      },
    }
  }
  expect(await calm({ bank })).toContain('M3')
})

test('a provider that charges a visit on a second hold is caught (M3, M9)', async () => {
  const provider = (honest: PaymentProvider): PaymentProvider => ({
    ...honest,
    async capture(capture) {
      const answer = await honest.capture(capture)
      const visit = visitId(capture.key.split('/')[0] ?? '')
      const again = await honest.placeHold({
        key: effectKey(`${capture.key}/second`),
        visit,
        paymentMethod: 'pm_card_visa',
        amountMinor: minor(capture.amountMinor),
        currency: 'EUR',
        askedAtMs: capture.askedAtMs,
      })
      if (again.ok)
        await honest.capture({ ...capture, key: effectKey(`${capture.key}/again`), reference: again.value.reference })
      return answer
    },
  })
  const found = await calm({ life: { provider } })
  expect(found).toContain('M3')
  expect(found).toContain('M9')
})

test('a charge of another amount than the receipt is caught (M2, M9)', async () => {
  const provider = (honest: PaymentProvider): PaymentProvider => ({
    ...honest,
    async capture(capture) {
      const answer = await honest.capture({ ...capture, amountMinor: minor(capture.amountMinor + 10) })
      return answer.ok ? { ok: true, value: { amountMinor: capture.amountMinor } } : answer
    },
  })
  const found = await calm({ life: { provider } })
  expect(found).toContain('M2')
  expect(found).toContain('M9')
})

test('a hold captured before the door has closed is caught (M1)', async () => {
  const provider = (honest: PaymentProvider): PaymentProvider => ({
    ...honest,
    async placeHold(request) {
      const answer = await honest.placeHold(request)
      if (answer.ok)
        await honest.capture({
          key: effectKey(`${request.visit}/capture`),
          reference: answer.value.reference,
          amountMinor: minor(100),
          askedAtMs: request.askedAtMs,
        })
      return answer
    },
  })
  expect(await calm({ life: { provider } })).toContain('M1')
})

test('a hold that is never released is caught (M4, M6)', async () => {
  const provider = (honest: PaymentProvider): PaymentProvider => ({
    ...honest,
    release: () => Promise.resolve({ ok: true, value: 'released' }),
  })
  const found = await calm({ life: { provider } }, stillWeather, 300)
  expect(found).toContain('M4')
  expect(found).toContain('M6')
})

test('a disk that forgets what it said is written is caught (L1)', async () => {
  expect(await calm({ disk: 'losesCommits' }, { ...stillWeather, crash: 1 })).toContain('L1')
})

test('a ledger that leaves a row out is caught (L2)', async () => {
  expect(await calm({ disk: 'dropsReceipts' })).toContain('L2')
})

test('cameras that look away when the door is forced are caught (D4)', async () => {
  const settings = { seed: 11, events: 120, weather: { ...stillWeather, hostile: 1 }, cameras: true }
  const eyes = (honest: Eyes): Eyes => ({
    ...honest,
    begin: (watched) => (watched.startsWith('tamper') ? undefined : honest.begin(watched)),
  })
  expect(await laws(settings)).toEqual([])
  expect(await laws({ ...settings, broken: { life: { eyes } } })).toEqual(['D4'])
})

test('an unlock that comes when nobody waits any more is caught (D1)', async () => {
  const controller: BrokenController = (honest) => ({
    ...honest,
    unlock(visit, timeoutMs) {
      let statuses = 0
      return new Promise((resolve) => {
        const stop = honest.subscribe((report) => {
          if (report.type !== 'status' || ++statuses < 40) return // two a second
          stop()
          void honest.unlock(visit, timeoutMs).then(resolve)
        })
      })
    },
  })
  expect(await calm({ life: { controller } }, stillWeather, 60)).toContain('D1')
})

test('an unlock that is sent again after its visit is caught (D1)', async () => {
  const controller: BrokenController = (honest) => ({
    ...honest,
    async unlock(visit, timeoutMs) {
      const answer = await honest.unlock(visit, timeoutMs)
      const stop = honest.subscribe((report) => {
        if (report.type !== 'relocked') return
        stop()
        void honest.unlock(visit, timeoutMs)
      })
      return answer
    },
  })
  expect(await calm({ life: { controller } })).toContain('D1')
})

test('an unlock repeated by the next life of the process is caught (D1)', async () => {
  // What a careless recovery would do: the last unlock was not answered, so ask for it again.
  let unanswered: ReturnType<typeof visitId> | null = null
  const controller: BrokenController = (honest) => {
    const stale = unanswered
    if (stale !== null) {
      const stop = honest.subscribe((report) => {
        if (report.type !== 'up') return
        stop()
        unanswered = null
        void honest.unlock(stale, 3_000)
      })
    }
    return {
      ...honest,
      unlock(visit, timeoutMs) {
        unanswered = visit
        return honest.unlock(visit, timeoutMs)
      },
    }
  }
  expect(await calm({ life: { controller } }, { ...stillWeather, crash: 1 })).toContain('D1')
})

test('a fridge that ignores the thermometer is caught (D5)', async () => {
  const controller: BrokenController = (honest) => ({
    ...honest,
    subscribe: (listener) =>
      honest.subscribe((report) => {
        if (report.type === 'status' || report.type === 'up')
          listener({ ...report, status: { ...report.status, temperatureCelsius: 4 } })
        else listener(report)
      }),
  })
  expect(await calm({ life: { controller } }, { ...stillWeather, cold: 1 }, 250)).toContain('D5')
})

test('a doubt that is billed as if it were none is caught (M5)', () => {
  const found: string[] = []
  const laws = moneyLaws({
    report: (_law, what) => found.push(what),
    nowMs: () => 0,
    later: () => {},
    judged: new Map(),
    excused: new Map(),
    visits: new Map(),
    isPhone: () => false,
    doorOpenFor: () => null,
    troubledAtMs: () => -Infinity,
  })
  const prices = new Map([
    ['lemon', 160],
    ['lime', 160],
    ['tart', 300],
  ])
  const billed = (probability: number, totalProbability: number, or?: string[]): string[] => {
    found.length = 0
    const line = { sku: sku('lemon'), count: 1, priceMinor: minor(160), ...(or && { or: or.map(sku) }) }
    const resolved = { lines: [line], probability, totalProbability, atMs: 0 }
    laws.resolved({ ...noVisit, prices, resolved })
    return [...found]
  }
  expect(billed(0.99, 0.99)).toEqual([])
  expect(billed(0.6, 0.98, ['lime'])).toEqual([])
  expect(billed(0.6, 0.98)[0]).toContain('as if they were sure')
  expect(billed(0.6, 0.9, ['lime'])[0]).toContain('with a probability of 0.9')
  expect(billed(0.6, 0.98, ['tart'])[0]).toContain('does not cost the 160')
})

const noVisit: VisitRecord = {
  visit: 'one', startedAtMs: 0, holdMinor: 1_500, prices: new Map(), unlockRequestedAtMs: 0, releases: 1, opened: true,
  closedAtMs: 1, taken: new Map(), moves: new Map(), ending: null, endedAtMs: null, resolved: null, review: null, decided: null,
  lapsed: false, captureRequestedMinor: null, releaseRequested: false, receiptMinor: null, captureLost: false,
} // prettier-ignore
