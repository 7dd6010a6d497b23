/**
 * Phase: what a visit's page shows, from what the relay says of the visit. Pure. The relay's word alone decides: what this page
 * has asked for, and whether its answer came, changes nothing about what is true.
 */
import type { PhoneLine, PhoneReceipt, PhoneVisit } from '../../src/contract/phone.ts'

const declines = [
  'declined',
  'insufficientFunds',
  'expiredCard',
  'authenticationNeeded',
  'cardUnusable',
  'denied',
] as const
export type Decline = (typeof declines)[number]

type Live = NonNullable<PhoneVisit['live']>

export type Phase =
  /** Offered, and nothing was asked yet: nothing is held. */
  | { readonly at: 'offered' }
  | { readonly at: 'holding' }
  | { readonly at: 'asking' }
  | { readonly at: 'unlocked'; readonly leftMs: number | null }
  | { readonly at: 'shopping'; readonly live: Live }
  | { readonly at: 'settling' }
  /** The door was opened; the fridge is not heard, or does not say how far it is. */
  | { readonly at: 'unheard' }
  | { readonly at: 'receipt'; readonly receipt: PhoneReceipt }
  | { readonly at: 'review'; readonly sureLines: readonly PhoneLine[]; readonly sureMinor: number }
  | { readonly at: 'nothingTaken' | 'notOpened' | 'interrupted' | 'expired' }
  | { readonly at: 'declined'; readonly reason: Decline }
  /** Not opened; `released`: the hold is let go already. */
  | {
      readonly at: 'refused'
      readonly why: 'busy' | 'denied' | 'offline' | 'bankSilent' | 'closed'
      readonly closed: string
      readonly released: boolean
    }

/** The fridge says how it stands every few seconds while somebody shops. */
const quietMs = 20_000

export function phaseOf(visit: PhoneVisit): Phase {
  const { at, why, end, live } = visit
  if (end !== null) return end.type === 'receipt' || end.type === 'review' ? ended(end) : { at: end.type }
  switch (at) {
    case 'offered':
      return { at: visit.expired ? 'expired' : 'offered' }
    case 'holding':
      return { at: 'holding' }
    case 'unlocking':
      return live === null ? { at: 'asking' } : living(live)
    case 'unlocked':
      return live === null ? { at: 'unheard' } : living(live)
    case 'declined':
      return { at: 'declined', reason: declines.find((one) => one === why) ?? 'declined' }
    case 'releasing':
    case 'released':
      return { at: 'refused', why: refusalOf(why), closed: why ?? 'other', released: at === 'released' }
  }
}

function ended(end: Extract<NonNullable<PhoneVisit['end']>, { type: 'receipt' | 'review' }>): Phase {
  return end.type === 'receipt'
    ? { at: 'receipt', receipt: end.receipt }
    : { at: 'review', sureLines: end.sureLines, sureMinor: end.sureMinor }
}

function living(live: Live): Phase {
  if (live.heardMs > quietMs) return { at: 'unheard' }
  switch (live.at) {
    case 'unlocked':
      return { at: 'unlocked', leftMs: live.leftMs }
    case 'shopping':
      return { at: 'shopping', live }
    case 'settling':
      return { at: 'settling' }
  }
}

function refusalOf(why: string | null): 'busy' | 'denied' | 'offline' | 'bankSilent' | 'closed' {
  switch (why) {
    case 'bankSilent':
    case 'busy':
    case 'denied':
      return why
    case 'offline':
    case 'neverTaken':
    case 'stale':
      return 'offline'
    default:
      return 'closed'
  }
}

/** How soon to ask again; null: nothing more will change. */
export function askAgainMs(visit: PhoneVisit | null): number | null {
  if (visit === null) return 1_000
  const phase = phaseOf(visit)
  switch (phase.at) {
    case 'offered':
    case 'holding':
    case 'asking':
      return 700
    case 'unlocked':
    case 'shopping':
    case 'settling':
      return 800
    case 'unheard':
      return 2_500
    case 'receipt':
      return phase.receipt.payment === 'paid' && phase.receipt.refund?.state !== 'asked' ? null : 3_000
    case 'review':
      return 15_000
    case 'refused':
      return phase.released ? null : 3_000
    case 'declined':
    case 'nothingTaken':
    case 'notOpened':
    case 'interrupted':
    case 'expired':
      return null
  }
}

/** Nothing opens or charges any more: the page need not lead back to it by itself. */
export const isOver = (visit: PhoneVisit): boolean => {
  const { at } = phaseOf(visit)
  return !['offered', 'holding', 'asking', 'unlocked', 'shopping', 'settling', 'unheard'].includes(at)
}
