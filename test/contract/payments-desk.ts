/**
 * Desk: a bank and the provider that speaks to it, for the contract tests, in the same process on a clock that only moves
 * when asked, or over a real loopback socket on the machine's clock. The same tests run at both.
 */
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { Stripe } from 'stripe'
import { effectKey, visitId, type EffectKey } from '../../src/core/ids.ts'
import { minor } from '../../src/core/money.ts'
import type {
  CaptureAnswer,
  Cancel,
  Clock,
  HoldAnswer,
  HoldRequest,
  Log,
  PaymentProvider,
  PlacedHold,
  Random,
  ReleaseAnswer,
} from '../../src/core/ports.ts'
import { createStripeClient } from '../../src/payments/client.ts'
import { createStripeProvider } from '../../src/payments/stripe.ts'
import { createBank, type Bank, type BankOptions } from '../../src/virtual/bank/bank.ts'
import type { BankFault, BankOperation } from '../../src/virtual/bank/faults.ts'
import { bankHttpClient } from '../../src/virtual/bank/http-client.ts'
import { serveBank } from '../../src/virtual/bank/server.ts'
import type { HoldSummary } from '../../src/virtual/bank/summary.ts'

/** Tue 24 Nov 2026 10:00 UTC, and not on a whole second. */
export const startMs = Date.UTC(2026, 10, 24, 10) + 437

export interface TestClock extends Clock {
  /** Moves time; what falls due on the way happens in its order. */
  advance(ms: number): void
  /** Moves to the next thing due, if it is due by `untilMs`; false when nothing is. */
  next(untilMs?: number): boolean
}

export function manualClock(atMs = startMs): TestClock {
  let nowMs = atMs
  let order = 0
  let due: { atMs: number; order: number; run: () => void }[] = []
  const step = (untilMs: number): boolean => {
    const first = due.toSorted((a, b) => a.atMs - b.atMs || a.order - b.order)[0]
    if (first === undefined || first.atMs > untilMs) return false
    due = due.filter((one) => one !== first)
    nowMs = Math.max(nowMs, first.atMs)
    first.run()
    return true
  }
  return {
    nowMs: () => nowMs,
    after(delayMs, run): Cancel {
      const one = { atMs: nowMs + delayMs, order: (order += 1), run }
      due.push(one)
      return () => {
        due = due.filter((other) => other !== one)
      }
    },
    advance(ms) {
      const untilMs = nowMs + ms
      while (step(untilMs));
      nowMs = untilMs
    },
    next: (untilMs = Number.POSITIVE_INFINITY) => step(untilMs),
  }
}

/** Bytes from a counter under SHA-256: the same seed, the same bytes, on every machine. */
export function seededRandom(seed: string): Random {
  let count = 0
  const bytes = (length: number): Uint8Array => {
    const parts: Buffer[] = []
    for (let have = 0; have < length; have += 32)
      parts.push(
        createHash('sha256')
          .update(`${seed}:${(count += 1)}`)
          .digest(),
      )
    return Buffer.concat(parts).subarray(0, length)
  }
  return {
    bytes,
    uuid() {
      const hex = Buffer.from(bytes(16)).toString('hex')
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
    },
  }
}

export interface LogLine {
  readonly level: 'info' | 'warn'
  readonly what: string
  readonly detail: Readonly<Record<string, unknown>>
}

export interface Desk {
  readonly bank: Bank
  readonly stripe: Stripe
  readonly provider: PaymentProvider
  readonly random: Random
  readonly logged: LogLine[]
  nowMs(): number
  advance(ms: number): void
  /** Waits for an answer, letting time pass as far as it takes. */
  /** Lets this much time pass for bank and fridge alike, timers included. */
  pass(ms: number): Promise<void>
  ask<T>(answer: Promise<T>): Promise<T>
  /** A fresh request for a hold on a card held to the reader now. */
  hold(over?: Partial<HoldRequest>, uid?: string): HoldRequest
  held(hold: HoldRequest): HoldSummary[]
  place(hold: HoldRequest): Promise<HoldAnswer>
  /** Places a hold that must succeed. */
  placed(hold: HoldRequest): Promise<PlacedHold>
  capture(key: EffectKey, reference: string, amountMinor: number, askedAtMs?: number): Promise<CaptureAnswer>
  release(hold: HoldRequest, reference: string | null, key?: EffectKey): Promise<ReleaseAnswer>
  /** The bank's next request of this kind goes wrong in this way. */
  once(fault: BankFault, only: BankOperation): void
  close(): Promise<void>
}

export interface DeskOptions {
  readonly seed?: string
  readonly bank?: Partial<BankOptions>
  /** How far the fridge's clock is off the bank's: negative is behind. In the same process only. */
  readonly skewMs?: number
  readonly statementSuffix?: string
  readonly clock?: TestClock
}

type Setup = Pick<Desk, 'ask' | 'advance' | 'pass'> & { clock: Clock; fridgeClock: Clock }

function deskOf(bank: Bank, stripe: Stripe, setup: Setup, options: DeskOptions, close: () => Promise<void>): Desk {
  const logged: LogLine[] = []
  const log: Log = {
    info: (what, detail = {}) => logged.push({ level: 'info', what, detail }),
    warn: (what, detail = {}) => logged.push({ level: 'warn', what, detail }),
  }
  const random = seededRandom(`desk:${options.seed ?? ''}`)
  const provider = createStripeProvider({
    stripe,
    clock: setup.fridgeClock,
    log,
    answerWithinMs: 20_000,
    ...(options.statementSuffix === undefined ? {} : { statementSuffix: options.statementSuffix }),
  })
  const place = (hold: HoldRequest): Promise<HoldAnswer> => setup.ask(provider.placeHold(hold))
  return {
    place,
    async placed(hold) {
      const answer = await place(hold)
      if (!answer.ok) throw new Error(`no hold: ${JSON.stringify(answer.error)}`)
      return answer.value
    },
    capture: (key, reference, amount, askedAtMs = setup.fridgeClock.nowMs()) =>
      setup.ask(provider.capture({ key, reference, amountMinor: minor(amount), askedAtMs })),
    release: (hold, reference, key = effectKey('release-1')) =>
      setup.ask(provider.release({ key, reference, hold, askedAtMs: setup.fridgeClock.nowMs() })),
    once: (fault, only) => {
      bank.inject({ fault, count: 1, only: [only] })
    },
    bank,
    stripe,
    provider,
    random,
    logged,
    nowMs: () => setup.fridgeClock.nowMs(),
    advance: setup.advance,
    pass: setup.pass,
    ask: setup.ask,
    hold(over = {}, uid = '04A1B2C3') {
      return {
        key: effectKey(`hold-${random.uuid()}`),
        visit: visitId(random.uuid()),
        paymentMethod: bank.presentCard(uid).paymentMethod,
        amountMinor: minor(1_500),
        currency: 'EUR',
        askedAtMs: setup.fridgeClock.nowMs(),
        ...over,
      }
    },
    held: (hold) => bank.summary().holds.filter((one) => one.holdKey === hold.key),
    close,
  }
}

/** No socket, no timer: time passes only in `ask` and `advance`. */
export function inProcessDesk(options: DeskOptions = {}): Promise<Desk> {
  const clock = options.clock ?? manualClock()
  const bank = createBank({ clock, random: seededRandom(`bank:${options.seed ?? ''}`), ...options.bank })
  const skewMs = options.skewMs ?? 0
  const fridgeClock: Clock = { nowMs: () => clock.nowMs() + skewMs, after: (delayMs, due) => clock.after(delayMs, due) }
  const stripe = createStripeClient({ apiKey: bank.secretKey, httpClient: bankHttpClient(bank) })
  const ask = async <T>(answer: Promise<T>): Promise<T> => {
    const state = { settled: false }
    const settle = (): void => {
      state.settled = true
    }
    answer.then(settle, settle)
    for (;;) {
      await new Promise(setImmediate)
      if (state.settled) return answer
      if (!clock.next()) throw new Error('nothing is due, and the answer is still out')
    }
  }
  const setup: Setup = {
    clock,
    fridgeClock,
    ask,
    advance: (ms) => clock.advance(ms),
    async pass(ms) {
      const untilMs = clock.nowMs() + ms
      do await new Promise(setImmediate)
      while (clock.next(untilMs))
      clock.advance(untilMs - clock.nowMs())
    },
  }
  return Promise.resolve(deskOf(bank, stripe, setup, options, () => Promise.resolve()))
}

/** Short enough for tests that must wait for it, long enough for a busy machine to answer in. */
const loopbackTimeoutMs = 700

/** Real sockets and real timers; `advance` only moves what the clock says. */
export async function loopbackDesk(options: DeskOptions = {}): Promise<Desk> {
  let aheadMs = 0
  const timers = new Set<NodeJS.Timeout>()
  const clock: Clock = {
    nowMs: () => Date.now() + aheadMs,
    after(delayMs, due) {
      const timer = setTimeout(() => {
        timers.delete(timer)
        due()
      }, delayMs)
      timers.add(timer)
      return () => {
        clearTimeout(timer)
        timers.delete(timer)
      }
    },
  }
  const bank = createBank({ clock, random: seededRandom(`bank:${options.seed ?? ''}`), ...options.bank })
  const server = await serveBank(bank, { port: 0, host: '127.0.0.1' })
  const stripe = createStripeClient({
    apiKey: bank.secretKey,
    timeoutMs: loopbackTimeoutMs,
    at: { host: '127.0.0.1', port: server.port, protocol: 'http' },
  })
  const setup: Setup = {
    clock,
    fridgeClock: clock,
    ask: (answer) => answer,
    pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    advance: (ms) => {
      aheadMs += ms
    },
  }
  return deskOf(bank, stripe, setup, options, async () => {
    for (const timer of timers) clearTimeout(timer)
    await server.close()
  })
}

/** Where the contract is kept. `patientMs` is longer than the SDK waits there. */
export const transports = [
  { name: 'in process', open: inProcessDesk, patientMs: 12_000 },
  { name: 'over loopback', open: loopbackDesk, patientMs: 2 * loopbackTimeoutMs },
]

export const unreachable = { ok: false, error: { code: 'unreachable' } }

/** Every way in which one answer fails to come, and whether the bank did as it was asked. */
export const losses: readonly { readonly fault: BankFault; readonly effect: boolean }[] = [
  { fault: { type: 'timeoutBeforeEffect' }, effect: false },
  { fault: { type: 'timeoutAfterEffect' }, effect: true },
  { fault: { type: 'error500BeforeEffect' }, effect: false },
  { fault: { type: 'error500KeySpent' }, effect: false },
  { fault: { type: 'error500AfterEffect' }, effect: true },
  { fault: { type: 'rateLimit429' }, effect: false },
  { fault: { type: 'garbledAfterEffect' }, effect: true },
]
