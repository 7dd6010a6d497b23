/**
 * The basket benchmark: visits of the virtual fridge, weighed by the controller's own firmware and seen by cameras, through
 * fusion; with weight only and vision only beside it.
 * `npm run bench:basket -- [--scenarios N] [--seed S ...] [--products DIR] [--json] [--frames] [--records FILE]`
 * Without --frames the sights are drawn from src/virtual/sights/errors.ts. --records writes each visit as JSON lines, for
 * scripts/fit-sights.ts.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Evidence } from '../src/fusion/evidence.ts'
import { defaultParameters } from '../src/fusion/parameters.ts'
import { resolveBasket } from '../src/fusion/resolve.ts'
import { sureProbability } from '../src/session/state.ts'
import { loadShop } from '../src/virtual/shop.ts'
import { assumedErrors } from '../src/virtual/sights/errors.ts'
import { page, type Mode, type Report } from './basket/page.ts'
import { recordLine } from './basket/records.ts'
import { scenarioShares, type Scenario } from './basket/scenario.ts'
import { score, thresholds, type Judged } from './basket/score.ts'
import { threadMs } from './fusion/recording.ts'
import { drawnSights, recordOf, stage, type StagedRecording } from './basket/staging.ts'

/** Used for nothing else: fitting has its own (scripts/fit-fusion.ts, scripts/fit-sights.ts). */
const judgeSeeds = ['7001', '7002']
/** Weights that never rest are given up on after this (src/runtime/weigher.ts). */
const givenUpMs = 8_000

const { values } = parseArgs({
  options: {
    scenarios: { type: 'string', default: '2000' },
    seed: { type: 'string', multiple: true, default: judgeSeeds },
    products: { type: 'string', default: join(import.meta.dirname, '../src/virtual/products') },
    json: { type: 'boolean', default: false },
    frames: { type: 'boolean', default: false },
    records: { type: 'string' },
  },
})
const scenarios = whole('--scenarios', values.scenarios, 1)
const seeds = values.seed.map((text) => whole('--seed', text, 0))
const loaded = loadShop(values.products)
if (!loaded.ok) throw new Error(loaded.error.map(({ file, path, message }) => `${file} ${path}: ${message}`).join('\n'))
const shop = loaded.value
if (values.frames) throw new Error('--frames: the pipeline that looks at rendered frames is not plugged in yet')
const sightsOf = drawnSights(shop, assumedErrors)

const visits: StagedRecording[] = []
for (const [index, seed] of seeds.entries()) {
  const share = Math.floor(((index + 1) * scenarios) / seeds.length) - Math.floor((index * scenarios) / seeds.length)
  visits.push(...(await stage(shop, seed, share, defaultParameters, sightsOf)))
}
if (values.records !== undefined)
  writeFileSync(values.records, visits.map((visit, index) => recordLine(recordOf(String(index), visit))).join(''))

const withoutSights = ({ sights: _sights, ...evidence }: Evidence): Evidence => evidence
const withoutWeights = (evidence: Evidence): Evidence => ({
  ...evidence,
  shelves: evidence.shelves.map((shelf) => ({ ...shelf, afterGrams: null })),
})
const judgedBy: Readonly<Record<Mode, (visit: StagedRecording) => Judged>> = {
  both: ({ resolution, resolvedMs, ...visit }) => judged(visit, { ...resolution, resolvedMs }),
  weightOnly: (visit) => judged(visit, resolveAgain(withoutSights(visit.evidence))),
  visionOnly: (visit) => ({ ...judged(visit, resolveAgain(withoutWeights(visit.evidence))), settledMs: 0 }),
}
const both = visits.map(judgedBy.both)
const scoreOf = (list: readonly Judged[]) => score(list, shop.products, sureProbability)
const report: Report = {
  seeds,
  sights: `drawn, ${assumedErrors.origin} errors of ${assumedErrors.cameras.length} cameras`,
  threshold: sureProbability,
  modes: {
    both: scoreOf(both),
    weightOnly: scoreOf(visits.map(judgedBy.weightOnly)),
    visionOnly: scoreOf(visits.map(judgedBy.visionOnly)),
  },
  scenarios: Object.fromEntries(
    Object.keys(scenarioShares).map((scenario) => [
      scenario,
      scoreOf(both.filter((_, index) => visits[index]?.scenario === scenario)),
    ]),
  ) as Record<Scenario, Report['modes']['both']>,
  byThreshold: thresholds(both, shop.products),
}
process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : page(report))

function resolveAgain(evidence: Evidence) {
  const startedMs = threadMs()
  const resolution = resolveBasket(evidence)
  return { ...resolution, resolvedMs: threadMs() - startedMs }
}

function judged(
  { truth, settledMs }: Pick<StagedRecording, 'truth' | 'settledMs'>,
  { lines, sure, probability, exhausted, resolvedMs }: Omit<Judged, 'truth' | 'settledMs'>,
): Judged {
  return { truth, lines, sure, probability, exhausted, resolvedMs, settledMs: settledMs ?? givenUpMs }
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < least)
    throw new RangeError(`${name} is a whole number from ${least}, not ${text}`)
  return value
}
