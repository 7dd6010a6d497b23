/**
 * Unlocks: a hold on a shopper's saved method, brought to the fridge in an unlock command; and what becomes of it.
 *
 * Holds always (SPEC RL1-RL5): the relay places and releases holds and never captures: that is the fridge's, by its own
 * books. It releases only what the fridge has refused, or can be known never to have taken. Any copy of the relay may finish
 * what another began. Called by routes-shopper.ts and, every few seconds, by main.ts.
 */
import { effectKey, visitId } from '../../src/core/ids.ts'
import { minor } from '../../src/core/money.ts'
import type { HoldRequest, PaymentProvider } from '../../src/core/ports.ts'
import { secondMs } from '../../src/core/time.ts'
import type { SavedMethod } from '../../src/payments/wallet.ts'
import type { Order } from '../protocol/mqtt.ts'
import { usualPatience, type Live } from './live.ts'
import { outcomeOf } from './store/commands.ts'
import type { Db } from './store/open.ts'
import { heldByBooks, leftBehind, lookedAt, move, transactionOf, type Transaction } from './store/transactions.ts'

export interface UnlockPorts {
  readonly live: Pick<Live, 'now'>
  /** The provider, for holds on this customer's saved methods. */
  readonly providerFor: (customer: string) => PaymentProvider
  readonly nowMs: () => number
  /** An unlock that the fridge has heard after so long opens nothing. */
  readonly goodForMs?: number
}

/** What a shopper is told. `pending`: the fridge has not said yet; it will be known, or the hold goes back. */
export type Unlocked =
  | { readonly type: 'unlocked' }
  | { readonly type: 'pending' }
  | { readonly type: 'declined'; readonly why: string }
  | { readonly type: 'bankSilent' }
  | { readonly type: 'offline' }
  /** The fridge's word: it is busy, or closed for the reason given. */
  | { readonly type: 'refused'; readonly why: string }
  | { readonly type: 'expired' }

/** The command is some seconds under way when the fridge counts from its own clock: a little less is promised. */
const transitMs = 30 * secondMs
/** A worker that has not moved its transaction for so long is gone. */
const leftAfterMs = 45 * secondMs

export async function unlock(
  ports: UnlockPorts,
  db: Db,
  transaction: Transaction,
  method: SavedMethod,
  customer: string,
): Promise<Unlocked> {
  if (transaction.at !== 'offered') return toldOf(transaction)
  if (transaction.expired) return { type: 'expired' }
  const askedAtMs = ports.nowMs()
  const { paymentMethod } = method
  const claimed = await move(db, transaction, 'offered', 'holding', { paymentMethod, customer, askedAtMs })
  if (!claimed) return again(db, transaction)
  const held: Transaction = { ...transaction, at: 'holding', paymentMethod, customer, askedAtMs }
  const placed = await ports.providerFor(customer).placeHold(holdOf(held))
  if (!placed.ok) {
    if (placed.error.code === 'declined') {
      await move(db, held, 'holding', 'declined', { why: placed.error.reason })
      return { type: 'declined', why: placed.error.reason }
    }
    // It may have been placed all the same: it is released by its key, however long that takes.
    await giveBack(ports, db, held, 'holding', 'bankSilent')
    return { type: 'bankSilent' }
  }
  const { reference, captureWithinMs } = placed.value
  const { fridge, visit, amountMinor, currency } = held
  const hold = { reference, paymentMethod, fingerprint: method.fingerprint, amountMinor, currency }
  const order: Order = {
    type: 'unlock',
    visit,
    hold: { ...hold, captureWithinMs: Math.max(0, captureWithinMs - transitMs) },
  }
  const by = `shopper ${held.shopper}`
  try {
    const sent = await ports.live.now({ fridge, order, by, reason: held.id }, ports.goodForMs ?? usualPatience.unlockMs, async (command, untilMs, trx) => {
      // In one commit with the command: a transaction that another has given up meanwhile opens no door.
      if (!(await move(trx, held, 'holding', 'unlocking', { reference, command, untilMs }))) throw new GivenUp()
    }) // prettier-ignore
    if (sent.outcome === 'offline') {
      await giveBack(ports, db, { ...held, reference }, 'holding', 'offline')
      return { type: 'offline' }
    }
    if (sent.outcome === 'silent') return { type: 'pending' }
    return await answered(ports, db, { ...held, at: 'unlocking', reference }, sent)
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error
    return again(db, held)
  }
}

class GivenUp extends Error {
  override readonly name = 'GivenUp'
}

async function again(db: Db, { id }: Transaction): Promise<Unlocked> {
  const now = await transactionOf(db, id)
  return now === null ? { type: 'expired' } : toldOf(now)
}

/** The fridge's own word. */
async function answered(
  ports: UnlockPorts,
  db: Db,
  transaction: Transaction,
  { outcome, why }: { readonly outcome: 'done' | 'refused' | 'stale'; readonly why: string | null },
): Promise<Unlocked> {
  if (outcome === 'done') {
    await move(db, transaction, 'unlocking', 'unlocked')
    return { type: 'unlocked' }
  }
  await giveBack(ports, db, transaction, 'unlocking', why ?? outcome)
  return { type: 'refused', why: why ?? outcome }
}

/** Lets go of a hold that no fridge has taken. What can't be done now is done by the sweep. */
async function giveBack(
  ports: UnlockPorts,
  db: Db,
  transaction: Transaction,
  from: 'holding' | 'unlocking',
  why: string,
): Promise<void> {
  const { reference } = transaction
  const step = reference === null ? { why } : { why, reference }
  if (await move(db, transaction, from, 'releasing', step)) await release(ports, db, transaction)
}

async function release(ports: UnlockPorts, db: Db, transaction: Transaction): Promise<void> {
  const { customer, reference, visit } = transaction
  const key = effectKey(`${visit}/relay-release`)
  const released = await ports
    .providerFor(customer ?? '')
    .release({ key, reference, hold: holdOf(transaction), askedAtMs: ports.nowMs() })
  if (released.ok || released.error.code === 'captured') await move(db, transaction, 'releasing', 'released')
}

const holdOf = ({ visit, paymentMethod, amountMinor, currency, askedAtMs }: Transaction): HoldRequest => ({
  key: effectKey(`${visit}/hold`), // the fridge's own name for it
  visit: visitId(visit),
  paymentMethod: paymentMethod ?? '',
  amountMinor: minor(amountMinor),
  currency,
  askedAtMs: askedAtMs ?? 0,
})

function toldOf({ at, why, expired }: Transaction): Unlocked {
  switch (at) {
    case 'unlocked':
      return { type: 'unlocked' }
    case 'declined':
      return { type: 'declined', why: why ?? 'declined' }
    case 'releasing':
    case 'released':
      return why === 'bankSilent' || why === 'offline' ? { type: why } : { type: 'refused', why: why ?? 'refused' }
    case 'offered':
      return { type: expired ? 'expired' : 'pending' }
    case 'holding':
    case 'unlocking':
      return { type: 'pending' }
  }
}

/** Finishes what was left behind: by a worker that is gone, or by a fridge that fell silent. Returns how many moved on. */
export async function sweep(ports: UnlockPorts, db: Db, olderThanMs = leftAfterMs): Promise<number> {
  let moved = 0
  for (const id of await leftBehind(db, olderThanMs, 100)) {
    const transaction = await transactionOf(db, id)
    if (transaction === null) continue
    await lookedAt(db, transaction)
    if (transaction.at === 'holding') await giveBack(ports, db, transaction, 'holding', 'bankSilent')
    else if (transaction.at === 'releasing') await release(ports, db, transaction)
    else if (transaction.at === 'unlocking') await sweepUnlocking(ports, db, transaction)
    const now = await transactionOf(db, id)
    if (now?.at !== transaction.at) moved += 1
  }
  return moved
}

/** Silence is no answer: the door may have opened. The fridge's word decides, or its books. */
async function sweepUnlocking(ports: UnlockPorts, db: Db, transaction: Transaction): Promise<void> {
  const { fridge, command, untilMs, visit } = transaction
  const outcome = command === null ? null : await outcomeOf(db, fridge, 'now', command)
  if (outcome !== null) return void (await answered(ports, db, transaction, outcome))
  const books = await heldByBooks(db, { fridge, visit, untilMs: untilMs ?? 0 })
  if (books === 'taken') await move(db, transaction, 'unlocking', 'unlocked')
  else if (books === 'never') await giveBack(ports, db, transaction, 'unlocking', 'neverTaken')
}
