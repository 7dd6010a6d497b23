/**
 * Staging: visits of the virtual fridge for the benchmark and for fitting: who comes, and what cameras see of it. Where the
 * sights come from is a port: drawn from a model of errors here, from rendered frames and the real models elsewhere.
 */
import { nothingSeen, type Sights } from '../../src/core/sighting.ts'
import type { FusionParameters } from '../../src/fusion/parameters.ts'
import type { Shop } from '../../src/virtual/shop.ts'
import { createSightDrawer, type Circumstances } from '../../src/virtual/sights/draw.ts'
import type { SightErrors } from '../../src/virtual/sights/errors.ts'
import { createMeasuredDrawer, type MeasuredSights } from '../../src/virtual/sights/measured.ts'
import { createDice, type Dice } from '../../src/virtual/world/dice.ts'
import { chance, randomOf } from '../../test/sim/chance.ts'
import { record, type Recording, type VisitSeen } from '../fusion/recording.ts'
import type { Identified } from '../../vision/track/sightings.ts'
import type { FramedEyes, FramedSights } from './frames.ts'
import type { SightRecord } from './records.ts'
import { circumstancesOf, drawVisit, type Scenario } from './scenario.ts'

/** What cameras saw of a visit that is over. `dice` is the visit's own. */
export type SightsOf = (visit: VisitSeen, circumstances: Circumstances, dice: Dice) => Sights | Promise<Sights>

/** Drawn from what the real pipeline was measured to tell. */
export const measuredSights = (shop: Shop, measured: MeasuredSights): SightsOf => {
  const drawer = createMeasuredDrawer(shop.products, shop.shelves, measured)
  return ({ acts }, circumstances, dice) => drawer.draw(acts, circumstances, dice)
}

/** Drawn as pictures and looked at by the models. `told` hears what each look was taken for. */
export const framedSights =
  (eyes: FramedEyes, seed: number, told: (visit: number, seen: FramedSights) => void = () => {}): SightsOf =>
  async (visit, { occluded, foggedUntilMs }) => {
    const seen = await eyes.see(visit.before, visit, { occluded, foggedUntilMs }, seed * 1_000 + visit.visit)
    told(visit.visit, seen)
    return seen.sights
  }

export interface StagedRecording extends Recording {
  readonly scenario: Scenario
}

export const drawnSights = (shop: Shop, errors: SightErrors): SightsOf => {
  const drawer = createSightDrawer(shop.products, shop.shelves, errors)
  return ({ acts }, circumstances, dice) => drawer.draw(acts, circumstances, dice)
}

/** A staged visit as a record to fit on. */
export function recordOf(visit: string, { acts, evidence }: StagedRecording): SightRecord {
  const { stock, shelves, sights } = evidence
  return { visit, truth: acts, sights: sights ?? nothingSeen, weighed: { stock, shelves } }
}

/** `visits` of them, in order, on one fridge. The same seed gives the same visits and, where they are drawn, sights. */
export async function stage(
  shop: Shop,
  seed: number,
  visits: number,
  parameters: FusionParameters,
  sightsOf: SightsOf,
): Promise<StagedRecording[]> {
  const scenarios: Scenario[] = []
  const recordings = await record(shop, seed, visits, parameters, {
    plan(world, dice) {
      const { scenario, plan } = drawVisit(shop, world, dice)
      scenarios.push(scenario)
      return plan
    },
    sightsOf(seen) {
      const dice = createDice(randomOf(chance(seed, `sights ${seen.visit}`)))
      const scenario = scenarios[seen.visit] ?? 'ordinary'
      return sightsOf(seen, circumstancesOf(scenario, seen.openedMs, seen.closedMs, dice), dice)
    },
  })
  return recordings.map((recording, index) => ({ ...recording, scenario: scenarios[index] ?? 'ordinary' }))
}

/** `visits` of one seed as the real pipeline saw them. */
export async function framedRecords(
  shop: Shop,
  eyes: FramedEyes,
  seed: number,
  visits: number,
  parameters: FusionParameters,
): Promise<SightRecord[]> {
  const looks = new Map<number, FramedSights['looks']>()
  const sightsOf = framedSights(eyes, seed, (visit, seen) => looks.set(visit, seen.looks))
  const staged = await stage(shop, seed, visits, parameters, sightsOf)
  return staged.map((recording, index) => ({
    ...recordOf(`${seed}/${index}`, recording),
    looks: (looks.get(index) ?? []).map((one) => one.map(rounded)),
    scenario: recording.scenario,
  }))
}

/** To a ten-thousandth, and without what is less: hundreds of looks are kept. */
const rounded = ({ candidates, noneProbability }: Identified): Identified => ({
  candidates: candidates
    .map(({ product, probability }) => ({ product, probability: Math.round(probability * 10_000) / 10_000 }))
    .filter(({ probability }) => probability > 0),
  noneProbability: Math.round(noneProbability * 10_000) / 10_000,
})
