/** Scenes for the tests of crossings: a plain opening in a picture of 640 x 360, and things on straight ways before it. */
import type { Box } from '../../../../vision/detect/detection.ts'
import { watchCrossings, type Crossing } from '../../../../vision/track/crossings.ts'
import type { Opening } from '../../../../vision/track/opening.ts'
import { fridge } from '../../../../vision/track/settings.ts'
import { createTracker, type TrackedDetection } from '../../../../vision/track/tracker.ts'

/** The upper two thirds are inside: two shelves. */
export const opening: Opening = {
  pictureWidth: 640,
  pictureHeight: 360,
  outline: corners(100, -20, 540, 240),
  shelves: [corners(100, -20, 540, 110), corners(100, 110, 540, 240)],
}

function corners(left: number, top: number, right: number, bottom: number) {
  return [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
  ]
}

export const frameMs = 100

/** A place at a time; null where nothing is seen. */
export type Way = readonly (readonly [frame: number, x: number, y: number])[]

/** Where a way is in this frame, straight between its points; null before the first and after the last. */
export function at(way: Way, frame: number): { readonly x: number; readonly y: number } | null {
  for (const [index, [to, x, y]] of way.entries()) {
    if (frame === to) return { x, y }
    const before = way[index - 1]
    if (before === undefined || frame > to || frame < before[0]) continue
    const share = (frame - before[0]) / (to - before[0])
    return { x: before[1] + share * (x - before[1]), y: before[2] + share * (y - before[2]) }
  }
  return null
}

export const cola = Float32Array.of(1, 0, 0)
export const milk = Float32Array.of(0, 1, 0)

export function product(way: Way, vector: Float32Array | null = cola) {
  return (frame: number): TrackedDetection | null => {
    const middle = at(way, frame)
    return middle === null ? null : { kind: 'product', box: around(middle, 40, 60), score: 0.9, vector }
  }
}

/** An arm whose fingers are at the way's place, from below. */
export function hand(way: Way) {
  return (frame: number): TrackedDetection | null => {
    const tip = at(way, frame)
    if (tip === null || tip.y > 350) return null
    return { kind: 'hand', box: { left: tip.x - 35, top: tip.y - 10, width: 80, height: 370 - tip.y }, score: 0.9 }
  }
}

const around = ({ x, y }: { readonly x: number; readonly y: number }, width: number, height: number): Box => ({
  left: x - width / 2,
  top: y - height / 2,
  width,
  height,
})

/** What crosses in a scene of these things, all told, with the door closed after the last frame. */
export function crossingsOf(
  frames: number,
  things: readonly ((frame: number) => TrackedDetection | null)[],
): readonly Crossing[] {
  const tracker = createTracker(fridge)
  const watch = watchCrossings(opening)
  const found: Crossing[] = []
  for (let frame = 0; frame < frames; frame += 1) {
    const detections = things.map((thing) => thing(frame)).filter((one) => one !== null)
    found.push(...watch.step(frame * frameMs, tracker.step(frame * frameMs, detections), detections))
  }
  return [...found, ...watch.end(frames * frameMs)]
}
