/**
 * Divergence: where the relay's rows and the ledger part [SY18]. The fridge looks for the last row that both have, by halving
 * with empty batches, and then names it. Pure. Called by pusher.ts, once it was told of a fork or found the relay ahead.
 */
import type { Answer } from '../protocol/messages.ts'
import type { Reply } from './exchange.ts'

export interface Divergence {
  readonly why: 'fork' | 'relayAhead'
  /** A row that both have; 0 is before the first. */
  readonly common: number
  /** A row that they do not both have. */
  readonly parted: number
  readonly asked: number
}

/** `lastSeq`: of the ledger. `knownToDiffer`: where the relay has named a row. */
export const diverged = (why: Divergence['why'], lastSeq: number, knownToDiffer = lastSeq + 1): Divergence => ({
  why,
  common: 0,
  asked: 0,
  parted: Math.max(1, Math.min(knownToDiffer, lastSeq + 1)),
})

/** The row to ask about next, or null once the last common one is known. */
export function rowToProbe({ common, parted, asked }: Divergence): number | null {
  if (parted - common <= 1) return null
  // A ledger that was put back to an older day lacks the last rows only: most often one question is enough.
  return asked === 0 ? parted - 1 : (common + parted) >> 1
}

/** What an answer about row `probed` tells; null: nothing about it. */
export function narrowed(divergence: Divergence, probed: number, reply: Reply<Answer>): Divergence | null {
  switch (reply.type) {
    case 'accepted':
      return { ...divergence, asked: divergence.asked + 1, common: probed }
    case 'fork':
    case 'gap':
      return { ...divergence, asked: divergence.asked + 1, parted: probed }
    default:
      return null
  }
}
