import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Pixels } from '../../../../src/virtual/camera/exposure.ts'
import type { Stage } from '../../../../src/virtual/camera/stage.ts'
import { cameraIds, openStudio, type Studio } from '../../../../src/virtual/camera/studio.ts'
import { teachingPictures } from '../../../../src/virtual/camera/teaching.ts'
import { playVisit } from '../../../../src/virtual/camera/visit.ts'
import { loadShop, type Shop } from '../../../../src/virtual/shop.ts'

const loaded = loadShop('src/virtual/products')
if (!loaded.ok) throw new Error('our own shop is broken')
const few = new Set(['ombra-cola', 'solita-orange', 'midi-caesar', 'rojita-gazpacho'])
const shop: Shop = { ...loaded.value, products: loaded.value.products.filter(({ sku }) => few.has(sku)) }
const items = shop.products.flatMap(({ sku, shelf, stock }) => Array.from({ length: stock }, () => ({ sku, shelf })))

const small = { width: 480, height: 270 }
const studio = await openStudio(shop, small)
const hashOf = (picture: Pixels | null): string =>
  createHash('sha256')
    .update(picture?.rgb ?? 'none')
    .digest('hex')

/** A bottle is taken at 3 s, comes back to a wrong shelf at 6 s; the door closes at 8 s. */
function visit(from: Studio, seed = 4): Stage {
  const stage = from.stage(items, { seed, live: false })
  stage.perform({ type: 'open' }, 1_000)
  stage.perform({ type: 'take', sku: 'solita-orange', shelf: 2 }, 3_000)
  stage.perform({ type: 'putBack', sku: 'solita-orange', shelf: 1 }, 6_000)
  stage.perform({ type: 'close' }, 8_000)
  return stage
}

/** Mean difference of two pictures within a box, of 255. */
function differ(
  a: Pixels | null,
  b: Pixels | null,
  [left, top, right, bottom]: readonly [number, number, number, number],
) {
  if (a === null || b === null) throw new Error('no picture')
  let sum = 0
  for (let y = top; y < bottom; y++)
    for (let at = (y * a.width + left) * 3; at < (y * a.width + right) * 3; at++)
      sum += Math.abs((a.rgb[at] ?? 0) - (b.rgb[at] ?? 0))
  return sum / ((bottom - top) * (right - left) * 3)
}

test('the same seed gives the same bytes, whatever was looked at before; another gives another hand', async () => {
  const moments = [0, 2_700, 3_000, 3_400, 5_000, 6_300, 9_000]
  const stage = visit(studio)
  const forwards = moments.map((atMs) => hashOf(studio.picture(stage, 'left', atMs)))
  const fresh = await openStudio(shop, small)
  const again = visit(fresh)
  const backwards = moments.toReversed().map((atMs) => hashOf(fresh.picture(again, 'left', atMs)))
  expect(backwards.toReversed()).toEqual(forwards)
  expect(new Set(forwards).size).toBe(moments.length)
  expect(hashOf(studio.picture(visit(studio, 5), 'left', 3_400))).not.toBe(forwards[3])
})

test.each(cameraIds)('what is taken is gone from its place and from the truth (%s camera)', (camera) => {
  const stage = visit(studio)
  const before = studio.picture(stage, camera, 500)
  const seenBefore = studio.seen(camera)
  const after = studio.picture(stage, camera, 4_900)
  const seenAfter = studio.seen(camera)
  const gone = seenBefore.filter(({ instance }) => !seenAfter.some((one) => one.instance === instance))
  expect(gone.map(({ sku, kind }) => ({ sku, kind }))).toEqual([{ sku: 'solita-orange', kind: 'product' }])
  const slot = gone[0]
  if (slot === undefined) throw new Error('nothing is gone')
  expect(differ(before, after, slot.box)).toBeGreaterThan(15)
  const untouched = seenBefore.find(({ sku }) => sku === 'rojita-gazpacho')
  if (untouched === undefined) throw new Error('no gazpacho is seen')
  expect(differ(before, after, untouched.box)).toBeLessThan(6)
})

test('the hand comes in before it grips, carries the bottle out through the door, and is gone', () => {
  const stage = visit(studio)
  const kinds = (atMs: number): string[] => {
    studio.picture(stage, 'right', atMs)
    return [...new Set(studio.seen('right').map(({ kind }) => kind))]
  }
  expect(kinds(1_900)).toEqual(['product'])
  expect(kinds(2_900)).toContain('hand')
  expect(kinds(5_000)).toEqual(['product'])
  const carried = [...Array(8).keys()].map((step) => {
    const pieces = stage.sceneAt(3_000 + step * 60).moving.find(({ sku }) => sku === 'solita-orange')?.pieces
    return pieces?.[0]?.pose[10] ?? Number.NaN
  })
  // y falls all the way: out of the fridge.
  for (const [step, y] of carried.entries())
    if (step > 0) expect(y).toBeLessThanOrEqual((carried[step - 1] ?? 0) + 1e-4)
  expect(carried.at(-1)).toBeLessThan(-studio.stock.plan.cabinet.depth / 2)
})

test('a bottle held before the shelf is seen as itself, with the number that it had on the shelf', () => {
  const stage = visit(studio)
  studio.picture(stage, 'right', 500)
  const stood = new Set(studio.seen('right').map(({ instance }) => instance))
  studio.picture(stage, 'right', 3_350)
  const moving = stage.sceneAt(3_350).moving.find(({ kind }) => kind === 'product')
  const held = studio.seen('right').find(({ instance }) => instance === moving?.id)
  expect(held).toMatchObject({ kind: 'product', sku: 'solita-orange' })
  expect(stood).toContain(held?.instance)
})

test('with the door closed no hand is seen, and a trip has ended by then', () => {
  const stage = studio.stage(items, { seed: 9, live: false })
  stage.perform({ type: 'open' }, 1_000)
  stage.perform({ type: 'take', sku: 'ombra-cola', shelf: 1 }, 1_400)
  stage.perform({ type: 'take', sku: 'ombra-cola', shelf: 1 }, 1_700)
  stage.perform({ type: 'take', sku: 'midi-caesar', shelf: 3 }, 2_000)
  stage.perform({ type: 'close' }, 2_300)
  expect(stage.busyUntilMs()).toBeLessThanOrEqual(2_300)
  expect(stage.sceneAt(2_301).moving).toEqual([])
  for (let atMs = 1_000; atMs < 2_300; atMs += 50)
    expect(new Set(stage.sceneAt(atMs).moving.map(({ id }) => id)).size).toBe(stage.sceneAt(atMs).moving.length)
})

test('live, a hand comes after the act that sends it, and the shelf changes when it grips', () => {
  const stage = studio.stage(items, { seed: 9, live: true })
  stage.perform({ type: 'open' }, 1_000)
  stage.perform({ type: 'take', sku: 'ombra-cola', shelf: 1, count: 2 }, 2_000)
  expect(stage.sceneAt(1_999).moving).toEqual([])
  expect(stage.sceneAt(2_100).standing).toHaveLength(items.length)
  expect(stage.sceneAt(2_100).moving.map(({ kind }) => kind)).toEqual(['hand'])
  expect(stage.sceneAt(3_000).standing).toHaveLength(items.length - 2)
  expect(stage.sceneAt(2_900).moving.map(({ kind }) => kind)).toEqual(['hand', 'product', 'product'])
  stage.perform({ type: 'take', sku: 'ombra-cola', shelf: 1 }, 5_000)
  stage.perform({ type: 'close' }, 5_200)
  // The hand was on its way: the door is closed on it, and what it took is gone all the same.
  expect(stage.sceneAt(5_500).moving).toEqual([])
  expect(stage.sceneAt(6_000).standing).toHaveLength(items.length - 3)
})

test('what moves while the shutter is open leaves a streak, what stands does not, and the truth stays where it is', () => {
  const stage = visit(studio)
  const whole = [0, 0, small.width, small.height] as const
  const sharp = studio.picture(stage, 'right', 3_330)
  const truth = studio.seen('right')
  const streaked = studio.picture(stage, 'right', 3_330, { shutterMs: 20 })
  expect(studio.seen('right')).toEqual(truth)
  const hand = truth.find(({ kind }) => kind === 'hand')
  if (hand === undefined) throw new Error('no hand is seen')
  expect(differ(sharp, streaked, hand.box)).toBeGreaterThan(1)
  expect(differ(sharp, streaked, whole)).toBeLessThan(differ(sharp, streaked, hand.box))
  expect(hashOf(studio.picture(stage, 'right', 500, { shutterMs: 20 }))).toBe(
    hashOf(studio.picture(stage, 'right', 500)),
  )
})

test('a black lens is black, a frozen one gives one picture for ever, a blind one none, a body hides', () => {
  const stage = visit(studio)
  const at = (atMs: number, fault: 'black' | 'frozen' | 'blind'): Pixels | null =>
    studio.picture(stage, 'left', atMs, { lens: { left: { fault, sinceMs: 2_000 } } })
  expect(at(3_000, 'black')?.rgb.every((value) => value === 0)).toBe(true)
  expect(at(3_000, 'blind')).toBeNull()
  expect(hashOf(at(3_000, 'frozen'))).toBe(hashOf(at(7_000, 'frozen')))
  expect(hashOf(at(1_500, 'frozen'))).toBe(hashOf(studio.picture(stage, 'left', 1_500)))
  studio.picture(stage, 'left', 500)
  const clear = studio.seen('left').length
  stage.lean(0, 1_000, 0)
  studio.picture(stage, 'left', 500)
  expect(studio.seen('left').length).toBeLessThan(clear)
})

test('fog veils the picture after the door is opened, and goes', () => {
  const stage = visit(studio)
  const whole = [0, 0, small.width, small.height] as const
  const fog = { peak: 0.9, fadesMs: 2_000 }
  const change = (atMs: number): number =>
    differ(studio.picture(stage, 'left', atMs), studio.picture(stage, 'left', atMs, { fog }), whole)
  expect(change(900)).toBe(0)
  expect(change(1_050)).toBeGreaterThan(20)
  expect(change(7_900)).toBeLessThan(4)
})

test('a stage that follows the world comes to stand as it stands, and shows what is moved while the door is open', () => {
  const stage = studio.stage(items, { seed: 2, live: true })
  const counts = (atMs: number): string[] =>
    stage
      .sceneAt(atMs)
      .standing.map(({ sku, shelf }) => `${sku} ${shelf}`)
      .toSorted()
  const moved = items.map((item, index) => (index === 0 ? { ...item, shelf: null } : item))
  stage.follow({ doorOpen: true, items }, 1_000)
  stage.follow({ doorOpen: true, items: moved }, 1_500)
  expect(stage.sceneAt(2_100).moving.map(({ kind }) => kind)).toEqual(['hand', 'product'])
  const swapped = moved.map((item, index) => ({ ...item, shelf: index === 0 ? 4 : index === 20 ? null : item.shelf }))
  stage.follow({ doorOpen: true, items: swapped }, 3_000)
  stage.follow({ doorOpen: false, items: swapped }, 6_000)
  expect(counts(7_000)).toEqual(
    swapped.flatMap(({ sku, shelf }) => (shelf === null ? [] : [`${sku} ${shelf}`])).toSorted(),
  )
  // An operator's fresh units come without a hand when nobody looks.
  stage.follow({ doorOpen: false, items: [...swapped, ...items.slice(0, 3)] }, 8_000)
  expect(counts(9_000)).toHaveLength(items.length - 1 + 3)
  expect(stage.sceneAt(9_000).moving).toEqual([])
})

test('a visit that is over can be looked at, with its hardships', () => {
  const stage = studio.stage(items, { seed: 3, live: false })
  const visit = {
    openedMs: 1_000,
    closedMs: 5_000,
    acts: [
      { direction: 'taken', sku: 'midi-caesar', shelf: 3, atMs: 2_500 },
      { direction: 'returned', sku: null, shelf: 2, atMs: 4_000 },
    ] as const,
  }
  const conditions = playVisit(stage, visit, { occluded: true, foggedUntilMs: 3_000 })
  expect(stage.sceneAt(3_000).moving.map(({ kind }) => kind)).toContain('other')
  expect(conditions.fog?.peak).toBeGreaterThan(0.5)
  const skus = stage.sceneAt(5_500).standing.map(({ sku }) => sku)
  expect(skus.filter((sku) => sku === 'midi-caesar')).toHaveLength(5)
  expect(skus.filter((sku) => sku === '(foreign)')).toHaveLength(1)
  expect(playVisit(studio.stage(items, { seed: 3, live: false }), visit)).toEqual({ shutterMs: 8 })
})

test('teaching pictures show one unit, big, at different turns, and the same ones for the same seed', () => {
  const shape = studio.stock.shapeOf('solita-orange')
  const pictures = teachingPictures(shape, 3, 11)
  expect(new Set(pictures.map(hashOf)).size).toBe(3)
  expect(teachingPictures(shape, 2, 11).map(hashOf)).toEqual(pictures.slice(0, 2).map(hashOf))
  expect(pictures[0]).toMatchObject({ width: 1280, height: 720 })
  for (const { box } of pictures) expect(box[3] - box[1]).toBeGreaterThan(300)
  expect(hashOf(teachingPictures(shape, 1, 11, { manner: 'held' })[0] ?? null)).not.toBe(hashOf(pictures[0] ?? null))
})
