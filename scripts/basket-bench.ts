/**
 * The basket benchmark: visits of the virtual fridge, weighed by the controller's own firmware and seen by cameras, through
 * fusion; with weight only and vision only beside it.
 * `npm run bench:basket -- [--scenarios N] [--seed S ...] [--products DIR] [--json] [--frames N] [--assumed]`
 * The sights are drawn from what the real pipeline was measured to tell (src/virtual/sights/measured.ts); with --frames N
 * visits are drawn as pictures and looked at by the real models, about half a minute each; --assumed draws from
 * the errors that were assumed before anything was measured.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Evidence } from '../src/fusion/evidence.ts'
import { defaultParameters } from '../src/fusion/parameters.ts'
import { resolveBasket } from '../src/fusion/resolve.ts'
import { sureProbability } from '../src/session/state.ts'
import { loadShop } from '../src/virtual/shop.ts'
import { assumedErrors } from '../src/virtual/sights/errors.ts'
import { readMeasured } from '../src/virtual/sights/measured.ts'
import { openFramedEyes } from './basket/frames.ts'
import { page, type Mode, type Report } from './basket/page.ts'
import { scenarioShares, type Scenario } from './basket/scenario.ts'
import { score, thresholds, type Judged } from './basket/score.ts'
import { threadMs } from './fusion/recording.ts'
import { drawnSights, framedSights, measuredSights, stage, type StagedRecording } from './basket/staging.ts'

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
    frames: { type: 'string' },
    assumed: { type: 'boolean', default: false },
  },
})
const scenarios =
  values.frames === undefined ? whole('--scenarios', values.scenarios, 1) : whole('--frames', values.frames, 1)
const seeds = values.seed.map((text) => whole('--seed', text, 0))
const loaded = loadShop(values.products)
if (!loaded.ok) throw new Error(loaded.error.map(({ file, path, message }) => `${file} ${path}: ${message}`).join('\n'))
const shop = loaded.value
const eyes = values.frames === undefined ? null : await openFramedEyes(shop)
const measured = readMeasured()

const visits: StagedRecording[] = []
for (const [index, seed] of seeds.entries()) {
  const share = Math.floor(((index + 1) * scenarios) / seeds.length) - Math.floor((index * scenarios) / seeds.length)
  const sightsOf =
    eyes !== null
      ? framedSights(eyes, seed)
      : values.assumed
        ? drawnSights(shop, assumedErrors)
        : measuredSights(shop, measured)
  visits.push(...(await stage(shop, seed, share, defaultParameters, sightsOf)))
}

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
  sights:
    eyes !== null
      ? 'the shipped models, of the virtual cameras` pictures'
      : values.assumed
        ? `drawn, ${assumedErrors.origin} errors of ${assumedErrors.cameras.length} cameras`
        : `drawn, ${measured.says}`,
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
  { lines, sure, probability, baskets, exhausted, resolvedMs }: Omit<Judged, 'truth' | 'settledMs'>,
): Judged {
  return { truth, lines, sure, probability, baskets, exhausted, resolvedMs, settledMs: settledMs ?? givenUpMs }
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < least)
    throw new RangeError(`${name} is a whole number from ${least}, not ${text}`)
  return value
}
