import { describe, expect, test } from 'vitest'
import { createDice } from '../../../src/virtual/world/dice.ts'
import {
  drawKind,
  perform,
  planVisit,
  shopperKinds,
  type Plan,
  type ShopperKind,
} from '../../../src/virtual/world/shopper.ts'
import { counted, foreignSku, type World } from '../../../src/virtual/world/world.ts'
import { createBench, seededRandom, shop } from './world-bench.ts'

const kinds = Object.keys(shopperKinds) as ShopperKind[]

/** Plans and performs a visit with the bolt released; fails when the world refuses anything. */
function visit(kind: ShopperKind, seed: number): { plan: Plan; world: World; hand: { sku: string; count: number }[] } {
  const { world, pass } = createBench({ seed })
  const plan = planVisit(shop, world, createDice(seededRandom(seed)), kind)
  world.driveBolt(true)
  let hand: { sku: string; count: number }[] = []
  for (const { afterMs, act } of plan.acts) {
    pass(afterMs)
    if (act.type === 'leave') hand = counted(world.items().filter(({ shelf }) => shelf === null))
    if (act.type !== 'tap') expect(perform(world, act), JSON.stringify(act)).toEqual({ ok: true, value: null })
  }
  return { plan, world, hand }
}

const units = (lines: readonly { count: number }[]): number => lines.reduce((sum, { count }) => sum + count, 0)
const strays = (world: World): number =>
  world.items().filter((item) => {
    const home = shop.products.find(({ sku }) => sku === item.sku)?.shelf
    return home !== undefined && item.shelf !== null && item.shelf !== home
  }).length

describe('shoppers', () => {
  test('of every kind do only what the world lets them, and go', () => {
    for (const kind of kinds) {
      for (let seed = 1; seed <= 12; seed++) {
        const { plan } = visit(kind, seed)
        expect(plan.kind).toBe(kind)
        expect(plan.acts.at(-1)?.act.type).toBe('leave')
        expect(plan.acts.every(({ afterMs }) => afterMs >= 0)).toBe(true)
      }
    }
  })

  test('a taker has one to four in hand, a browser none, and nobody but a misplacer leaves a stray', () => {
    let misplaced = 0
    for (let seed = 1; seed <= 30; seed++) {
      const taken = units(visit('taker', seed).hand)
      expect(taken).toBeGreaterThanOrEqual(1)
      expect(taken).toBeLessThanOrEqual(4)
      expect(visit('browser', seed).hand).toEqual([])
      for (const kind of ['returner', 'swapper', 'browser'] as const) expect(strays(visit(kind, seed).world)).toBe(0)
      misplaced += strays(visit('misplacer', seed).world)
    }
    expect(misplaced).toBe(30)
  })

  test('a pusher leaves a foreign thing, a changer never opens, a burglar has no card, a forgetter takes his time', () => {
    expect(
      visit('pusher', 3)
        .world.items()
        .filter(({ sku }) => sku === foreignSku),
    ).toHaveLength(1)
    const acts = (kind: ShopperKind): string[] => visit(kind, 3).plan.acts.map(({ act }) => act.type)
    expect(acts('changer')).toEqual(['tap', 'leave'])
    expect(acts('burglar')).not.toContain('tap')
    expect(acts('burglar')[0]).toBe('force')
    expect(acts('runaway')).not.toContain('close')
    expect(acts('doubleTapper').filter((type) => type === 'tap')).toHaveLength(2)
    const slowest = Math.max(...visit('forgetter', 3).plan.acts.map(({ afterMs }) => afterMs))
    expect([70_000, 130_000, 400_000]).toContain(slowest)
  })

  test('come in their shares, and the same seed plans the same visit', () => {
    const dice = createDice(seededRandom(9))
    const drawn = Array.from({ length: 5_000 }, () => drawKind(dice))
    const total = Object.values(shopperKinds).reduce((sum, share) => sum + share, 0)
    for (const kind of kinds) {
      const share = drawn.filter((one) => one === kind).length / drawn.length
      expect(Math.abs(share - shopperKinds[kind] / total)).toBeLessThan(0.025)
    }
    expect(visit('taker', 7).plan).toEqual(visit('taker', 7).plan)
  })

  test('in an empty fridge take nothing', () => {
    const { world } = createBench({ items: [] })
    const { acts } = planVisit(shop, world, createDice(seededRandom(4)), 'taker')
    expect(acts.map(({ act }) => act.type)).toEqual(['tap', 'open', 'close', 'leave'])
  })
})
