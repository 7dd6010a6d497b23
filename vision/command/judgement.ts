/**
 * Judgement: answers of a gallery held against the truth. Pure. Called by `npm run vision -- identify --queries`.
 *
 * A query of a product that the gallery has is right when that product comes first (top-1), and with rejection when it
 * was also sure enough to be named. A query of a product that the gallery does not have is right only with "none".
 */
import type { Identification } from '../gallery/gallery.ts'

export interface Answer {
  readonly truth: string
  readonly known: boolean
  readonly answer: Identification
}

export interface Confusion {
  readonly product: string
  /** What it was taken for; null: none of these. */
  readonly takenFor: string | null
  readonly times: number
}

export interface Judgement {
  readonly queries: { readonly known: number; readonly unknown: number }
  /** Of known queries, the share whose product came first. Null without known queries; so for the others. */
  readonly top1: number | null
  /** Of all queries, the share answered rightly when "none of these" may be said. */
  readonly top1WithRejection: number | null
  readonly acceptedRight: number | null
  readonly acceptedWrong: number | null
  readonly rejected: number | null
  /** Of unknown queries, the share that was named as some product. */
  readonly falseAccepts: number | null
  /** Mean gap between stated probability and truth, over ten bins, of the first candidate. */
  readonly calibrationError: number | null
  /** First answers that were wrong, most frequent first. */
  readonly confusions: readonly Confusion[]
  /** The same with rejection. */
  readonly confusionsWithRejection: readonly Confusion[]
}

export function judge(answers: readonly Answer[]): Judgement {
  const known = answers.filter((one) => one.known)
  const unknown = answers.filter((one) => !one.known)
  const named = (one: Answer): string | null => one.answer.product
  const right = (one: Answer): boolean => named(one) === (one.known ? one.truth : null)
  return {
    queries: { known: known.length, unknown: unknown.length },
    top1: share(known, (one) => first(one) === one.truth),
    top1WithRejection: share(answers, right),
    acceptedRight: share(known, right),
    acceptedWrong: share(known, (one) => named(one) !== null && !right(one)),
    rejected: share(known, (one) => named(one) === null),
    falseAccepts: share(unknown, (one) => named(one) !== null),
    calibrationError: calibrationError(answers),
    confusions: confusions(known, first),
    confusionsWithRejection: confusions(answers, named).filter(({ takenFor }) => takenFor !== null),
  }
}

const first = (one: Answer): string | null => one.answer.candidates[0]?.product ?? null

const share = <T>(list: readonly T[], holds: (one: T) => boolean): number | null =>
  list.length === 0 ? null : list.filter(holds).length / list.length

function confusions(answers: readonly Answer[], said: (one: Answer) => string | null): readonly Confusion[] {
  const counted = new Map<string, Confusion>()
  for (const one of answers) {
    const takenFor = said(one)
    if (takenFor === one.truth) continue
    const key = JSON.stringify([one.truth, takenFor])
    counted.set(key, { product: one.truth, takenFor, times: (counted.get(key)?.times ?? 0) + 1 })
  }
  return [...counted.values()].toSorted((a, b) => b.times - a.times || (a.product < b.product ? -1 : 1))
}

function calibrationError(answers: readonly Answer[]): number | null {
  if (answers.length === 0) return null
  const bins = Array.from({ length: 10 }, () => ({ stated: 0, right: 0 }))
  for (const one of answers) {
    const stated = one.answer.candidates[0]?.probability ?? 0
    const bin = bins[Math.min(9, Math.floor(stated * 10))]
    if (bin === undefined) continue
    bin.stated += stated
    bin.right += first(one) === one.truth ? 1 : 0
  }
  return bins.reduce((sum, { stated, right }) => sum + Math.abs(stated - right), 0) / answers.length
}
