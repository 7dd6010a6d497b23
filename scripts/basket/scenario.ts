/**
 * Scenario: which shoppers come to the benchmark's fridge, in stated shares, and what makes each of their visits hard to
 * see. The shares are ours: harder than an office's ordinary day, so that what is hard is there often enough to be counted.
 */
import type { Product } from '../../src/core/product.ts'
import type { Shop } from '../../src/virtual/shop.ts'
import type { Circumstances } from '../../src/virtual/sights/draw.ts'
import type { Dice } from '../../src/virtual/world/dice.ts'
import { planVisit, type Plan } from '../../src/virtual/world/shopper.ts'
import type { World } from '../../src/virtual/world/world.ts'
import { drawWeighedKind } from '../fusion/recording.ts'

/** Of a hundred visits. */
export const scenarioShares = {
  /** An ordinary visit: src/virtual/world/shopper.ts, its kinds and shares. */
  ordinary: 60,
  /** Takes one to four things that have a look-alike: one brand, one kind of package. */
  nearTwins: 10,
  /** Puts something on a wrong shelf. */
  wrongShelf: 8,
  /** Stands between the goods and the cameras. */
  occluded: 8,
  /** Takes with both hands at once. */
  twoHands: 8,
  /** The glass fogs as the door opens, for two to eight seconds or to the end. */
  fogged: 6,
} as const
export type Scenario = keyof typeof scenarioShares

export interface StagedVisit {
  readonly scenario: Scenario
  readonly plan: Plan
}

export function drawVisit(shop: Shop, world: World, dice: Dice): StagedVisit {
  const scenario = drawScenario(dice)
  switch (scenario) {
    case 'nearTwins': {
      const twins = new Set<string>(shop.products.filter((one) => hasLookAlike(one, shop)).map(({ sku }) => sku))
      const onlyTwins = { ...world, items: () => world.items().filter(({ sku }) => twins.has(sku)) }
      return { scenario, plan: planVisit(shop, onlyTwins, dice, 'taker') }
    }
    case 'wrongShelf':
      return { scenario, plan: planVisit(shop, world, dice, 'misplacer') }
    case 'twoHands':
      return { scenario, plan: atOnce(planVisit(shop, world, dice, 'taker'), dice) }
    default:
      return { scenario, plan: planVisit(shop, world, dice, drawWeighedKind(dice)) }
  }
}

export function circumstancesOf(scenario: Scenario, openedMs: number, closedMs: number, dice: Dice): Circumstances {
  const fogMs = dice.happens(0.2) ? Infinity : dice.between(2_000, 8_000)
  return {
    occluded: scenario === 'occluded',
    foggedUntilMs: scenario === 'fogged' ? Math.min(closedMs, openedMs + fogMs) : null,
    openedMs,
    closedMs,
  }
}

const hasLookAlike = ({ sku, kind }: Product, { products }: Shop): boolean =>
  products.some((other) => other.sku !== sku && other.kind === kind && brandOf(other.sku) === brandOf(sku))
const brandOf = (sku: string): string => sku.split('-')[0] ?? sku

/** Every second thing leaves with the one before it. */
function atOnce(plan: Plan, dice: Dice): Plan {
  let takes = 0
  const acts = plan.acts.map((planned) => {
    if (planned.act.type !== 'take' || ++takes % 2 === 1) return planned
    return { ...planned, afterMs: Math.round(dice.between(30, 200)) }
  })
  return { ...plan, acts }
}

function drawScenario(dice: Dice): Scenario {
  const shares = Object.entries(scenarioShares) as [Scenario, number][]
  let left = dice.uniform() * shares.reduce((sum, [, share]) => sum + share, 0)
  for (const [scenario, share] of shares) {
    left -= share
    if (left < 0) return scenario
  }
  return 'ordinary'
}
