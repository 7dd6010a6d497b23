/** Judge: how right fusion is on recordings, and whether it is as right as it says. */
import type { CountedSku } from '../../src/fusion/evidence.ts'
import type { Recording } from './recording.ts'

const named = (lines: readonly CountedSku[]): string => lines.map(({ sku, count }) => `${count}x${sku}`).join()
export const isRight = ({ truth, resolution }: Recording): boolean => named(truth) === named(resolution.lines)

export interface CalibrationRow {
  readonly from: number
  readonly visits: number
  /** What was claimed, on average, and what came true. */
  readonly claimed: number
  readonly right: number
}

const bounds = [0, 0.5, 0.8, 0.9, 0.97, 0.99, 0.999, 1.000001]

export function calibration(recordings: readonly Recording[]): CalibrationRow[] {
  return bounds.slice(0, -1).map((from, index) => {
    const within = recordings.filter(
      ({ resolution: { probability } }) => probability >= from && probability < (bounds[index + 1] ?? 1),
    )
    const visits = within.length
    const claimed = within.reduce((sum, { resolution }) => sum + resolution.probability, 0) / Math.max(1, visits)
    return { from, visits, claimed, right: within.filter(isRight).length / Math.max(1, visits) }
  })
}

export interface Verdict {
  readonly visits: number
  readonly sureShare: number
  readonly wrongAmongSure: number
  readonly overchargedUnits: number
  readonly rightShare: number
  readonly exhausted: number
  readonly msTypical: number
  readonly msP99: number
  readonly msWorst: number
}

export function judge(recordings: readonly Recording[], threshold = 0.97): Verdict {
  const sure = recordings.filter(({ resolution }) => resolution.probability >= threshold)
  const ms = recordings.map(({ resolvedMs }) => resolvedMs).sort((a, b) => a - b)
  const over = sure.reduce((sum, { truth, resolution }) => sum + overcharged(truth, resolution.lines), 0)
  return {
    visits: recordings.length,
    sureShare: sure.length / recordings.length,
    wrongAmongSure: sure.filter((one) => !isRight(one)).length,
    overchargedUnits: over,
    rightShare: recordings.filter(isRight).length / recordings.length,
    exhausted: recordings.filter(({ resolution }) => resolution.exhausted).length,
    msTypical: ms[ms.length >> 1] ?? 0,
    msP99: ms[Math.floor(ms.length * 0.99)] ?? 0,
    msWorst: ms.at(-1) ?? 0,
  }
}

const overcharged = (truth: readonly CountedSku[], lines: readonly CountedSku[]): number =>
  lines.reduce(
    (sum, { sku, count }) => sum + Math.max(0, count - (truth.find((one) => one.sku === sku)?.count ?? 0)),
    0,
  )
