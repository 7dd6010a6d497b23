/**
 * Studio visit: the same as visit.ts from the virtual fridge's own cameras: hands with fingers, a whole shop's shelves, and
 * true boxes counted from what was drawn. A hundred times slower. Everything follows from the seed.
 */
import { viewThrough, projected } from '../../src/virtual/camera/lens.ts'
import { diceFor } from '../../src/virtual/camera/seeded.ts'
import { lensOf, type CameraId, type Studio } from '../../src/virtual/camera/studio.ts'
import type { Shop } from '../../src/virtual/shop.ts'
import { openingSeen } from '../../vision/track/opening.ts'
import { outlinePixels } from '../frames/outline.ts'
import type { Film, TrueMove, TrueThing } from './visit.ts'

/** A visit of two to four acts. `pictured` is called with each frame's picture, for a real detector. */
export function filmStudio(
  studio: Studio,
  shop: Shop,
  {
    seed,
    camera,
    framesPerSecond,
  }: { readonly seed: number; readonly camera: CameraId; readonly framesPerSecond: number },
  pictured: (rgb: Uint8Array) => void = () => {},
): Film {
  const dice = diceFor(seed, 'studio-visit')
  const items = shop.products.flatMap(({ sku, shelf, stock }) =>
    Array.from({ length: Math.ceil(stock * dice.between(0.4, 1)) }, () => ({ sku, shelf })),
  )
  const stage = studio.stage(items, { seed, live: false })
  stage.perform({ type: 'open' }, 0)
  const acts: TrueMove[] = []
  const held: { readonly sku: string; readonly shelf: number }[] = []
  let atMs = 1500
  for (let left = 2 + dice.below(3); left > 0; left -= 1, atMs += dice.between(1100, 2600)) {
    const back = dice.happens(0.25) ? held.shift() : undefined
    const item = back ?? items[dice.below(items.length)]
    if (item === undefined) continue
    const shelf = back !== undefined && dice.happens(0.3) ? 1 + dice.below(shop.shelves) : item.shelf
    const act = { sku: shop.products.findIndex(({ sku }) => sku === item.sku), shelf, id: 0, atMs }
    if (back === undefined) {
      stage.perform({ type: 'take', sku: item.sku, shelf }, atMs)
      held.push(item)
      acts.push({ ...act, direction: 'taken' })
    } else {
      stage.perform({ type: 'putBack', sku: item.sku, shelf }, atMs)
      acts.push({ ...act, direction: 'returned' })
    }
  }
  const { cabinet } = studio.stock.plan
  const view = viewThrough(lensOf(camera, cabinet), studio.width, studio.height)
  const indexOf = new Map<string, number>(shop.products.map(({ sku }, index) => [sku, index]))
  const frames = Array.from({ length: Math.floor(((atMs + 1500) * framesPerSecond) / 1000) }, (_, frame) => {
    const shownMs = Math.round((frame * 1000) / framesPerSecond)
    const picture = studio.picture(stage, camera, shownMs, { shutterMs: 8 })
    if (picture !== null) pictured(picture.rgb)
    const { standing, moving } = stage.sceneAt(shownMs)
    const bodies = new Map([...standing, ...moving].map((thing) => [thing.id, thing]))
    const carried = new Set(moving.map(({ id }) => id))
    const things = studio
      .seen(camera)
      .map(({ kind, box: [left, top, right, bottom], pixels, sku, instance }): TrueThing => {
        const body = bodies.get(instance)
        const whole = body === undefined || kind === 'hand' ? pixels : outlinePixels(view, body)
        return {
          id: instance,
          kind,
          sku: indexOf.get(sku ?? '') ?? -1,
          box: { left, top, width: right - left, height: bottom - top },
          share: Math.min(1, pixels / Math.max(1, whole)),
          carried: kind === 'product' && carried.has(instance),
        }
      })
    return { atMs: shownMs, things }
  })
  const project = (x: number, y: number, z: number) => {
    const point = projected(view, [x, y, z])
    return point.z <= 0.05 ? null : point
  }
  return {
    opening: openingSeen(cabinet, project, studio.width, studio.height),
    frames,
    // Fingers close a third of a second before the thing passes the door, and open as much after.
    moves: acts.map((act) => ({ ...act, atMs: act.atMs + (act.direction === 'taken' ? 350 : -350) })),
  }
}
