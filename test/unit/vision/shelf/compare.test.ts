/** What left the shelves and what came, from two pictures. */
import { expect, test } from 'vitest'
import type { Detection } from '../../../../vision/detect/detection.ts'
import { compare, type Compared } from '../../../../vision/shelf/compare.ts'
import { shelfOf } from '../../../../vision/shelf/regions.ts'
import { identify, regions, still, type Light, type Package } from './shelves.ts'

const red: Package = { product: 'red', at: [120, 165], tall: 90 }
const behindRed: Package = { product: 'red', at: [124, 140], tall: 78 }
const green: Package = { product: 'green', at: [300, 165], tall: 90 }
const blue: Package = { product: 'blue', at: [420, 335], tall: 100 }
const shelves = [red, green, blue]
const later: Light = { gain: 0.88, seed: 99 }

const told = ({ sightings }: Compared): string[] =>
  sightings.map(({ direction, shelf, candidates }) => `${direction} ${candidates[0]?.sku} ${shelf}`).toSorted()

async function seen(
  before: readonly Package[],
  after: readonly Package[],
  detector: boolean,
  light = later,
): Promise<Compared> {
  const found = detector ? {} : null
  return compare(await still(before, {}, found), await still(after, light, found), regions, identify)
}

test.each([false, true])(
  '[VIS35] nothing is told of a lamp that dims and of noise (detector: %s)',
  async (detector) => {
    expect(await seen(shelves, shelves, detector)).toEqual({ sightings: [], hiddenShelves: [] })
  },
)

test.each([false, true])(
  '[VIS35] what was taken and what came is told, with its shelf (detector: %s)',
  async (detector) => {
    expect(told(await seen(shelves, [green, blue], detector))).toEqual(['taken red 1'])
    expect(told(await seen([green], shelves, detector))).toEqual(['returned blue 2', 'returned red 1'])
    expect(told(await seen(shelves, [green], detector))).toEqual(['taken blue 2', 'taken red 1'])
    const swapped: Package = { ...red, product: 'blue' }
    expect(told(await seen(shelves, [swapped, green, blue], detector))).toEqual(['returned blue 1', 'taken red 1'])
  },
)

test('[VIS35] probabilities still add up to 1', async () => {
  const { sightings } = await seen(shelves, [green, blue], true)
  for (const { candidates, noneProbability } of sightings)
    expect(candidates.reduce((sum, { probability }) => sum + probability, noneProbability)).toBeCloseTo(1, 9)
})

test('[VIS39] what stood behind and came to sight has not come, nor gone when it is hidden', async () => {
  const blueBehind: Package = { ...behindRed, product: 'blue' }
  expect(told(await seen([red, behindRed, green], [behindRed, green], true))).toEqual(['taken red 1'])
  expect(told(await seen([red, blueBehind, green], [blueBehind, green], true))).toEqual(['taken red 1'])
  expect(told(await seen([blueBehind, green], [red, blueBehind, green], true))).toEqual(['returned red 1'])
})

test('[VIS39] what was half hidden, and stands whole now, has not gone', async () => {
  const half: Package = { product: 'red', at: [160, 158], tall: 84 }
  const product = (left: number, top: number, width: number, height: number): Detection => ({
    kind: 'product',
    box: { left, top, width, height },
    score: 0.9,
  })
  const was = await still([half, red], {}, {})
  const is = await still([half], later, {})
  const found = await compare(
    // The detector sees of it what stands out from behind the nearer one.
    { ...was, detect: async () => [product(93, 75, 54, 90), product(135, 74, 51, 70)] },
    { ...is, detect: async () => [product(135, 74, 51, 84)] },
    regions,
    identify,
  )
  expect(told(found)).toEqual(['taken red 1'])
})

test.each([false, true])(
  '[VIS37] shelves behind somebody are told as hidden, and nothing of them (detector: %s)',
  async (detector) => {
    const back = '<rect x="0" y="0" width="380" height="186" fill="#343a52"/>'
    const found = await seen(shelves, [green], detector, { ...later, before: back })
    expect(found.hiddenShelves).toEqual([1])
    expect(told(found).filter((text) => text.endsWith(' 1'))).toEqual([])
  },
)

test('[VIS37] a hand that a detector found hides what is under it', async () => {
  const hand = { kind: 'hand', box: { left: 0, top: 60, width: 320, height: 140 }, score: 0.9 } as const
  const found = await compare(
    await still(shelves, {}, {}),
    await still([green, blue], later, { hands: [hand] }),
    regions,
    identify,
  )
  expect(found).toEqual({ sightings: [], hiddenShelves: [1] })
})

test('a thing belongs to the shelf it stands on, or to the nearest, or to none', () => {
  const box = (bottom: number) => ({ left: 300, top: bottom - 40, width: 30, height: 40 })
  expect(shelfOf(regions, box(170), 640, 360)).toBe(1)
  expect(shelfOf(regions, box(215), 640, 360)).toBe(1)
  expect(shelfOf(regions, box(330), 640, 360)).toBe(2)
  expect(shelfOf(regions, box(20), 640, 360)).toBeNull()
  expect(shelfOf([], box(170), 640, 360)).toBeNull()
})
