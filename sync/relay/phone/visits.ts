/**
 * Visits: what a phone is shown of a fridge and of a shopper's visit, from the tables and what the fridge said last.
 * Holds always (SPEC RL24, RL25): what a fridge's books say rules over what it says live; a live basket is shown of the visit that
 * it names, or, of a fridge that names none, of the last one that a phone opened. Called by routes.ts and mail.
 */
import type { PhoneFridge, PhoneLine, PhoneReceipt, PhoneVisit } from '../../../src/contract/phone.ts'
import type { Line } from '../../../src/core/basket.ts'
import { silentAfterMs } from '../live.ts'
import { liveOf, type Live } from '../store/channels.ts'
import type { Db } from '../store/open.ts'
import { catalogueOf } from '../store/owner-reads.ts'
import { listStock } from '../store/reads.ts'
import type { Transaction } from '../store/transactions.ts'
import { bookedVisit, lastOpened, windowOf, type BookedVisit, type ShopWindow } from '../store/visits.ts'

const pictureUrl = (picture: string | null): string | null => (picture === null ? null : `/shop/pictures/${picture}`)

const isThere = ({ online, silentMs }: Live): boolean => online && silentMs !== null && silentMs < silentAfterMs
/** What the kiosk calls nobody at the door. */
const isFree = (at: string): boolean => at === 'idle' || at === 'ended'

/** Null: there is no such fridge, or it was never heard. */
export async function phoneFridge(db: Db, fridge: string): Promise<PhoneFridge | null> {
  const [live] = await liveOf(db, fridge)
  if (live?.facts == null) return null
  const [window, catalogue, stock] = [await windowOf(db, fridge), await catalogueOf(db, fridge), await listStock(db, fridge)] // prettier-ignore
  const left = new Map<string, number>()
  for (const { sku, count } of stock) left.set(sku, Math.max(0, (left.get(sku) ?? 0) + count))
  const { name, currency, holdMinor } = live.facts
  const there = isThere(live)
  const withdrawn = new Set<string>(catalogue !== null && 'withdrawn' in catalogue ? catalogue.withdrawn : [])
  const gone = (sku: string): boolean => withdrawn.has(sku) && (left.get(sku) ?? 0) === 0
  return {
    fridge,
    name,
    contact: window.contact,
    currency,
    holdMinor,
    online: there,
    busy: there && live.state !== null && !isFree(live.state.at),
    closed: live.state?.closed ?? null,
    celsius: there ? (live.state?.celsius ?? null) : null,
    // In the window's own order, and only what the books have a price for; what is withdrawn while some of it is there.
    products: inOrder(
      (catalogue?.products ?? []).filter((one) => !gone(one.sku)),
      window,
    ).map(({ sku, priceMinor }) => ({
      ...shownOf(window, sku),
      priceMinor,
      left: left.get(sku) ?? null,
    })),
  }
}

function inOrder<Product extends { readonly sku: string }>(products: readonly Product[], { products: shown }: ShopWindow) {
  const place = new Map(shown.map(({ sku }, index) => [sku, index]))
  return products.toSorted((a, b) => (place.get(a.sku) ?? 1_000) - (place.get(b.sku) ?? 1_000))
} // prettier-ignore

function shownOf(window: ShopWindow, sku: string) {
  const found = window.products.find((one) => one.sku === sku)
  return { sku, name: found?.name ?? { en: sku, es: sku, de: sku }, pictureUrl: pictureUrl(found?.picture ?? null) }
}

const lineOf =
  (window: ShopWindow) =>
  ({ sku, count, priceMinor, or }: Pick<Line, 'count'> & { readonly sku: string; readonly priceMinor: number; readonly or?: readonly string[] | undefined }): PhoneLine => ({
    ...shownOf(window, sku),
    count,
    priceMinor,
    ...(or === undefined ? {} : { or: or.map((other) => shownOf(window, other).name) }),
  }) // prettier-ignore

/** How a visit stands. The caller has made sure whose it is. */
export async function phoneVisit(db: Db, transaction: Transaction): Promise<PhoneVisit> {
  const { fridge, id, visit, at, why, expired, amountMinor: holdMinor, currency } = transaction
  const [live] = await liveOf(db, fridge)
  const window = await windowOf(db, fridge)
  const opened = at === 'unlocking' || at === 'unlocked'
  const booked = opened ? await bookedVisit(db, fridge, visit) : null
  const end = booked === null ? null : endOf(booked, window)
  const told = end === null && opened && live !== undefined ? await liveVisit(db, live, transaction, window) : null
  return {
    id,
    fridge,
    fridgeName: live?.facts?.name ?? fridge,
    contact: window.contact,
    currency,
    holdMinor,
    at,
    why,
    expired: at === 'offered' && expired,
    live: told,
    end,
  }
}

function endOf({ receipt, review, ending }: BookedVisit, window: ShopWindow): PhoneVisit['end'] {
  const line = lineOf(window)
  if (receipt !== null) {
    const { number, atMs, lines, totalMinor, chargedMinor, captured, refundedMinor, refundAsked, voucherMinor } =
      receipt
    const shown: PhoneReceipt = {
      number: String(number).padStart(6, '0'),
      atMs,
      lines: lines.map(line),
      totalMinor,
      chargedMinor,
      payment: captured || chargedMinor === 0 ? 'paid' : 'paying',
      refund: refundedMinor === 0 ? null : { amountMinor: refundedMinor, state: refundAsked ? 'asked' : 'done' },
      ...(voucherMinor === null || voucherMinor === 0 ? {} : { voucherMinor }),
    }
    return { type: 'receipt', receipt: shown }
  }
  if (review !== null) {
    const sureLines = review.sureLines.map(line)
    const sureMinor = sureLines.reduce((sum, { count, priceMinor }) => sum + count * priceMinor, 0)
    return { type: 'review', sureLines, sureMinor }
  }
  switch (ending) {
    case 'nothingTaken':
    case 'notOpened':
    case 'interrupted':
      return { type: ending }
    case 'unlockFailed':
    case 'declined':
    case 'bankSilent':
      return { type: 'notOpened' }
    case 'unsure':
      return { type: 'nothingTaken' } // a person has decided that nothing was taken
    default:
      return null
  }
}

async function liveVisit(db: Db, live: Live, { id, fridge, visit }: Transaction, window: ShopWindow): Promise<PhoneVisit['live']> {
  const { state, silentMs } = live
  if (state === null || silentMs === null || !live.online) return null
  const told = state.visit
  if (told !== undefined) {
    if (told.visit !== visit) return null
    const { at, leftMs, lines, totalMinor, leftOpen } = told
    const runOn = leftMs === null ? null : Math.max(0, leftMs - silentMs)
    return { at, leftMs: runOn, lines: lines.map(lineOf(window)), totalMinor, leftOpen, heardMs: silentMs }
  }
  const { at } = state
  if (at !== 'unlocked' && at !== 'shopping' && at !== 'settling') return null
  if ((await lastOpened(db, fridge)) !== id) return null
  return { at, leftMs: null, lines: null, totalMinor: 0, leftOpen: false, heardMs: silentMs }
} // prettier-ignore
