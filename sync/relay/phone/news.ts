/**
 * News: what shoppers are told unasked: their receipt by mail where they want it, and by push; that the door is unlocked.
 * Holds always (SPEC RL23): a letter is written in the commit that says that it was, and is given once. Called by post.ts's turn
 * and by routes-shopper.ts.
 */
import type { Language } from '../../../src/core/product.ts'
import { languages } from '../../../src/core/product.ts'
import { pushLetter, receiptLetter, type News } from '../mail/letters.ts'
import { accountOf } from '../store/accounts.ts'
import { addLetter, subscriptionsOf } from '../store/letters.ts'
import type { Db } from '../store/open.ts'
import { transactionOf, type Transaction } from '../store/transactions.ts'
import { toldOf, untold } from '../store/visits.ts'
import type { Seals } from './seals.ts'
import { phoneVisit } from './visits.ts'

export interface NewsSettings {
  /** The page's own address, such as https://relay.example; null: nobody has said. */
  readonly publicUrl: string | null
  readonly zone: string
}

const atOnce = 50

export const languageIn = (text: string): Language => languages.find((one) => one === text) ?? 'en'
export const linkTo = (publicUrl: string | null, id: string): string | null =>
  publicUrl === null ? null : `${publicUrl}/phone/#visit/${id}`

/** Writes the letters of all visits whose end has come since. */
export async function tellEnds(db: Db, seals: Seals, settings: NewsSettings): Promise<void> {
  await db.transaction().execute(async (trx) => {
    for (const { fridge, id, receipt } of await untold(trx, atOnce)) {
      const transaction = receipt ? await transactionOf(trx, id) : null
      if (transaction !== null) await tellReceipt(trx, seals, transaction, settings)
      await toldOf(trx, fridge, id)
    }
  })
}

async function tellReceipt(trx: Db, seals: Seals, transaction: Transaction, settings: NewsSettings): Promise<void> {
  const { shopper } = transaction
  const account = await accountOf(trx, shopper)
  const visit = await phoneVisit(trx, transaction)
  if (visit.end?.type !== 'receipt') return
  const { receipt } = visit.end
  if (account?.mailReceipts === true) {
    const { email } = account
    const link = linkTo(settings.publicUrl, visit.id)
    const asked = { visit, receipt, language: languageIn(account.language), zone: settings.zone, link }
    await addLetter(trx, seals, receiptLetter({ shopper, email }, asked, null))
  }
  await push(trx, seals, { shopper, visit, news: { type: 'receipt', chargedMinor: receipt.chargedMinor } })
}

/** To all phones of the shopper that want to be told. */
export async function push(
  db: Db,
  seals: Seals,
  { shopper, visit, news }: { readonly shopper: string; readonly visit: Parameters<typeof pushLetter>[1]['visit']; readonly news: News },
): Promise<void> {
  for (const to of await subscriptionsOf(db, shopper))
    await addLetter(db, seals, pushLetter({ shopper, ...to }, { visit, news, language: languageIn(to.language) }))
} // prettier-ignore
