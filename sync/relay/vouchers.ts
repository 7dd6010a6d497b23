/**
 * Vouchers: redeems what is reserved. The fridge charges as it always does, by its own books; a voucher's worth of that goes back to
 * the same card, as a refund of the relay's, at once.
 * Holds always (SPEC RL73): by the refund's key it is paid back once, whichever copies look and whatever crashes between; it is never
 * more than was captured; what was reserved for a visit that charges nothing is good again. Called by relay.ts's sweep.
 */
import type { Wallet } from '../../src/payments/wallet.ts'
import { refund } from './refunds.ts'
import type { Db } from './store/open.ts'
import { listRefunds } from './store/owner-reads.ts'
import { dueUses, redeemedBy, useOver, worthOf, type DueUse } from './store/vouchers.ts'

const atOnce = 50

export async function sweepVouchers(db: Db, wallet: Pick<Wallet, 'refund'>): Promise<void> {
  for (const use of await dueUses(db, atOnce)) {
    if (use.capturedMinor === null) await useOver(db, use, 'back')
    else await redeem(db, wallet, use, worthOf(use, use.capturedMinor))
  }
}

async function redeem(db: Db, wallet: Pick<Wallet, 'refund'>, use: DueUse, amountMinor: number): Promise<void> {
  const { fridge, visit, name } = use
  // A share of nearly nothing is nothing.
  if (amountMinor === 0) return useOver(db, use, 'back')
  const asked = {
    fridge,
    visit,
    key: redeemedBy(visit),
    amountMinor,
    by: `voucher ${name}`,
    reason: 'a voucher was used',
  }
  const answer = await refund(db, wallet, asked)
  switch (answer.type) {
    case 'refund':
      return useOver(db, use, 'used', amountMinor)
    case 'tooMuch':
      // A person has paid back of it before: what is left of it, if anything is.
      return redeem(db, wallet, use, answer.leftMinor)
    case 'keyUsed': {
      const before = (await listRefunds(db, 1_000, { fridge, visit })).find(({ key }) => key === redeemedBy(visit))
      return useOver(db, use, 'used', before?.amountMinor ?? 0)
    }
    case 'notCaptured':
      return // the row of its hold is still on its way
  }
}
