import { expect, test } from 'vitest'
import { roomAbove } from '../../../../src/virtual/camera/cabinet.ts'
import {
  layoutOf, planFor, putDown, taken, type Layout, type Moved, type Plan, type Standing,
} from '../../../../src/virtual/camera/layout.ts' // prettier-ignore
import { loadShop, type Shop } from '../../../../src/virtual/shop.ts'
import { foreignSku } from '../../../../src/virtual/world/world.ts'

const loaded = loadShop('src/virtual/products')
if (!loaded.ok) throw new Error('our own shop is broken')
const shop: Shop = loaded.value
const plan = planFor(shop)
const full = layoutOf(
  plan,
  shop.products.flatMap(({ sku, shelf, stock }) => Array.from({ length: stock }, () => ({ sku, shelf }))),
  7,
)

const there = (layout: Layout, sku: string, shelf: number): Standing[] =>
  layout.standing.filter((one) => one.sku === sku && one.shelf === shelf)
const take = (layout: Layout, sku: string, shelf: number): Moved => {
  const moved = taken(plan, layout, sku, shelf)
  if (moved === null) throw new Error(`no ${sku} on shelf ${shelf}`)
  return moved
}

/** Pairs that stand in each other, more than by a turn or a push. */
function collisions({ sizeOf }: Plan, { standing }: Layout): string[] {
  const deep = 0.006
  return standing.flatMap((a, index) =>
    standing.slice(index + 1).flatMap((b) => {
      const [s, t] = [sizeOf(a.sku), sizeOf(b.sku)]
      const meet =
        a.shelf === b.shelf &&
        Math.abs(a.x - b.x) < (s.width + t.width) / 2 - deep &&
        Math.abs(a.y - b.y) < (s.depth + t.depth) / 2 - deep &&
        a.z < b.z + t.height - 1e-6 &&
        b.z < a.z + s.height - 1e-6
      return meet ? [`${a.sku} in ${b.sku} on shelf ${a.shelf}`] : []
    }),
  )
}

test('our own shop at full stock stands on its shelves, nothing in anything else, nothing through a shelf', () => {
  expect(full.standing).toHaveLength(shop.products.reduce((sum, { stock }) => sum + stock, 0))
  expect(collisions(plan, full)).toEqual([])
  for (const { sku, shelf, z, x } of full.standing) {
    expect(z + plan.sizeOf(sku).height, sku).toBeLessThanOrEqual(roomAbove(plan.cabinet, shelf) + 0.021)
    expect(Math.abs(x) + plan.sizeOf(sku).width / 2, sku).toBeLessThanOrEqual(plan.cabinet.width / 2)
  }
})

test('what is taken is the frontmost, and leaves a gap: everything else stays the same object', () => {
  const { layout, unit } = take(full, 'ombra-cola', 1)
  expect(unit.y).toBeCloseTo(Math.min(...there(full, 'ombra-cola', 1).map(({ y }) => y)), 2)
  expect(layout.held).toEqual([{ instance: unit.instance, sku: 'ombra-cola' }])
  expect(layout.standing).toEqual(full.standing.filter((one) => one !== unit))
  for (const one of layout.standing) expect(full.standing).toContain(one)
})

test('the upper of a stack goes first, and what stood on a thing that goes comes down', () => {
  const first = take(full, 'almina-strawberry', 3)
  expect(first.unit.z).toBeGreaterThan(0)
  let layout = first.layout
  while (there(layout, 'almina-strawberry', 3).length > 0) layout = take(layout, 'almina-strawberry', 3).layout
  expect(taken(plan, layout, 'almina-strawberry', 3)).toBeNull()
  const cup = putDown(plan, layout, 'almina-strawberry', 1)
  for (const one of cup.layout.standing) expect(one.z).toBeGreaterThanOrEqual(0)
  expect(collisions(plan, cup.layout)).toEqual([])
})

test('what is put back where it belongs stands in front again, as the unit that it is', () => {
  const { layout, unit } = take(full, 'solita-orange', 2)
  const back = putDown(plan, layout, 'solita-orange', 2)
  expect(back.unit.instance).toBe(unit.instance)
  expect(Math.hypot(back.unit.x - unit.x, back.unit.y - unit.y)).toBeLessThan(0.01)
  expect(back.layout.held).toEqual([])
})

test('what is misplaced gets a place of its own, on top where the shelf is full', () => {
  const { layout } = take(full, 'pling-lime', 1)
  for (const shelf of [2, 3, 4]) {
    const misplaced = putDown(plan, layout, 'pling-lime', shelf)
    expect(collisions(plan, misplaced.layout), `shelf ${shelf}`).toEqual([])
  }
  const foreign = putDown(plan, layout, foreignSku, 2)
  expect(foreign.unit.sku).toBe(foreignSku)
  expect(new Set(foreign.layout.standing.map(({ instance }) => instance)).size).toBe(foreign.layout.standing.length)
})

test('a shelf filled far beyond its room takes still more, and no number comes twice', () => {
  let layout = full
  for (let more = 0; more < 30; more++) layout = putDown(plan, layout, 'midi-caesar', 3).layout
  expect(there(layout, 'midi-caesar', 3)).toHaveLength(36)
  expect(new Set(layout.standing.map(({ instance }) => instance)).size).toBe(layout.standing.length)
})
