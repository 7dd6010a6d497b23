/** Page: the benchmark's answer for people, on one page. */
import { scenarioShares, type Scenario } from './scenario.ts'
import type { Score } from './score.ts'

export interface Report {
  readonly seeds: readonly number[]
  readonly sights: string
  readonly threshold: number
  readonly modes: Readonly<Record<Mode, Score>>
  readonly scenarios: Readonly<Record<Scenario, Score>>
  readonly byThreshold: readonly { readonly threshold: number; readonly score: Score }[]
}
export type Mode = 'both' | 'weightOnly' | 'visionOnly'

const modeNames: Readonly<Record<Mode, string>> = {
  both: 'weight and vision',
  weightOnly: 'weight only',
  visionOnly: 'vision only',
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`
const ms = (value: number): string => `${value.toFixed(value < 100 ? 1 : 0)} ms`

const rows: readonly (readonly [string, (score: Score) => string])[] = [
  ['exact basket, of visits not reviewed', (score) => percent(score.exactUnreviewed)],
  ['amount right, of visits not reviewed', (score) => percent(score.amountRight)],
  ['billed as "this or that", of one price', (score) => percent(score.eitherOr)],
  ['sent to review', (score) => percent(score.reviewed)],
  ['exact basket, of all (most probable)', (score) => percent(score.exact)],
  ['item precision', (score) => percent(score.itemPrecision)],
  ['item recall', (score) => percent(score.itemRecall)],
  ['overcharged at once, visits', (score) => percent(score.overcharged)],
  ['overcharged at once, of the money', (score) => percent(score.overchargedMoney)],
  ['undercharged at once, visits', (score) => percent(score.undercharged)],
  ['undercharged at once, of the money', (score) => percent(score.underchargedMoney)],
  ['overcharged by a lapsed review, visits', (score) => percent(score.overchargedByReview)],
  ['expected calibration error', (score) => percent(score.calibrationError)],
  ['wrong at once: claimed, counted', (score) => `${score.wrongClaimed.toFixed(1)}, ${score.wrong}`],
  ['amount wrong: claimed, counted', (score) => `${score.wrongAmountClaimed.toFixed(1)}, ${score.wrongAmount}`],
  ['search exhausted', (score) => String(score.exhausted)],
  ['fusion alone, p50', (score) => ms(score.computeMs.p50)],
  ['fusion alone, p99', (score) => ms(score.computeMs.p99)],
  ['door closed to basket, p50', (score) => ms(score.doorToBasketMs.p50)],
  ['door closed to basket, p99', (score) => ms(score.doorToBasketMs.p99)],
]

export function page(report: Report): string {
  const modes = Object.keys(modeNames) as Mode[]
  const table = rows.map(([name, told]) => [name, ...modes.map((mode) => told(report.modes[mode]))])
  const kinds = (Object.keys(scenarioShares) as Scenario[]).map((scenario) => {
    const { visits, exactUnreviewed, amountRight, reviewed, exact } = report.scenarios[scenario]
    return [
      scenario,
      `${scenarioShares[scenario]} %`,
      String(visits),
      percent(exactUnreviewed),
      percent(amountRight),
      percent(reviewed),
      percent(exact),
    ]
  })
  const thresholds = report.byThreshold.map(({ threshold, score }) => [
    String(threshold),
    percent(score.reviewed),
    percent(score.exactUnreviewed),
    percent(score.amountRight),
    percent(score.overcharged),
    percent(score.undercharged),
  ])
  return [
    `${report.modes.both.visits} visits of the virtual fridge, seeds ${report.seeds.join(' and ')}; sights: ${report.sights}.`,
    `Below a probability of ${report.threshold} a visit is reviewed. Calibration: 15 bins of equal size, mean |claimed - exact|.`,
    'Door closed to basket: until the scales rest (fridge time), and then fusion (time on one core here); vision runs meanwhile, and is not in it.',
    '',
    ...aligned([['', ...modes.map((mode) => modeNames[mode])], ...table]),
    '',
    'Weight and vision, by kind of visit:',
    ...aligned([['', 'share', 'visits', 'exact unreviewed', 'amount right', 'reviewed', 'exact of all'], ...kinds]),
    '',
    'Weight and vision, by threshold:',
    ...aligned([
      ['from', 'reviewed', 'exact unreviewed', 'amount right', 'overcharged', 'undercharged'],
      ...thresholds,
    ]),
    '',
  ].join('\n')
}

function aligned(table: readonly (readonly string[])[]): string[] {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)))
  return table.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  )
}
