/**
 * Teller: the way to the bank. The virtual bank itself, in this process, behind a network that can be cut and may lose,
 * delay or garble any one request; each request and each move of its books is told to the auditor.
 */
import type { PaymentProvider, PresentedCard, Clock } from '../../src/core/ports.ts'
import { silent } from '../../src/core/ports.ts'
import { createStripeClient } from '../../src/payments/client.ts'
import { createStripeProvider } from '../../src/payments/stripe.ts'
import { createBank, type Bank } from '../../src/virtual/bank/bank.ts'
import type { BankFault } from '../../src/virtual/bank/faults.ts'
import { bankHttpClient } from '../../src/virtual/bank/http-client.ts'
import type { HoldSummary } from '../../src/virtual/bank/summary.ts'
import type { WireAnswer, WireRequest } from '../../src/virtual/bank/wire.ts'
import { randomOf, type Chance } from './chance.ts'
import type { FaultKind } from './faults.ts'
import type { BankRequest } from './laws/money.ts'
import type { SimTime } from './time.ts'
import type { Trace } from './trace.ts'

export interface TellerPorts {
  readonly time: SimTime
  readonly chance: Chance
  readonly trace: Trace
  readonly asked: (request: BankRequest) => void
  readonly moved: (holds: readonly HoldSummary[]) => void
  readonly struck: (kind: FaultKind) => void
  /** For the tests of the auditor: a bank that does not keep its own rules. */
  readonly tampered?: (bank: Bank) => Bank
}

export interface Teller {
  /** For one life of the runtime, on its clock. */
  provider(clock: Clock): PaymentProvider
  presentCard(uid: string): PresentedCard
  setTrouble(probability: number): void
  network(up: boolean): void
  holds(): readonly HoldSummary[]
}

export function createTeller({ time, chance, trace, asked, moved, struck, tampered }: TellerPorts): Teller {
  const honest = createBank({ clock: time.apart, random: randomOf(chance) })
  const bank = tampered?.(honest) ?? honest
  let trouble = 0
  let up = true
  const isUp = (): boolean => up

  const client = createStripeClient({
    apiKey: bank.secretKey,
    timeoutMs: 4_000,
    httpClient: bankHttpClient({ ...bank, respond }),
  })

  async function respond(request: WireRequest): Promise<WireAnswer> {
    const { method, path, headers, body } = request
    const name = `${method} ${path}`
    trace.text(`${headers['idempotency-key'] ?? ''} ${body}`)
    if (!isUp()) {
      trace.tell(`bank: ${name} meets no network`)
      return chance.happens(0.5) ? { type: 'refused' } : { type: 'silence' }
    }
    const fault = trouble > 0 && chance.happens(trouble) ? drawFault() : null
    if (fault !== null) bank.inject({ fault, count: 1 })
    if (fault?.type !== 'timeoutBeforeEffect')
      asked({ method, path, idempotencyKey: headers['idempotency-key'] ?? null, body })
    const answer = await bank.respond(request)
    const said = answer.type === 'response' ? String(answer.status) : answer.type
    trace.tell(`bank: ${name} -> ${said}${fault === null ? '' : ` (${fault.type})`}`)
    if (answer.type === 'response') trace.text(answer.body)
    if (method === 'POST') moved(bank.summary().holds)
    return isUp() ? answer : { type: 'silence' } // the network went while the answer was under way
  }

  function drawFault(): BankFault {
    const strike = (kind: FaultKind, fault: BankFault): BankFault => {
      struck(kind)
      return fault
    }
    switch (chance.below(9)) {
      case 0:
        return strike('bankTimeoutBefore', { type: 'timeoutBeforeEffect' })
      case 1:
      case 2:
        return strike('bankTimeoutAfter', { type: 'timeoutAfterEffect' })
      case 3:
        return strike('bankError', { type: 'error500BeforeEffect' })
      case 4:
        return strike('bankError', { type: 'error500KeySpent' })
      case 5:
        return strike('bankError', { type: 'error500AfterEffect' })
      case 6:
        return strike('bankRateLimit', { type: 'rateLimit429' })
      case 7:
        return strike('bankGarbled', { type: 'garbledAfterEffect' })
      default:
        return strike('bankSlow', { type: 'slow', delayMs: chance.between(300, 12_000) })
    }
  }

  return {
    provider: (clock) => createStripeProvider({ stripe: client, clock, log: silent, answerWithinMs: 5_000 }),
    presentCard: (uid) => bank.presentCard(uid),
    setTrouble(probability) {
      trouble = probability
    },
    network(isUp) {
      up = isUp
    },
    holds() {
      const { holds } = bank.summary()
      moved(holds)
      return holds
    },
  }
}
