/**
 * Truth: where everything in a picture is, counted from the numbers that the raster left in its pixels. The shape is that
 * of vision/training/fridge_scene.py, with who it is beside.
 */
import type { Canvas } from './raster.ts'
import type { Thing } from './scene.ts'

export interface SeenThing {
  readonly kind: 'product' | 'hand'
  /** Left, top, right, bottom; right and bottom are the first pixels outside. */
  readonly box: readonly [number, number, number, number]
  /** Of it that can be seen. */
  readonly pixels: number
  /** Of its box, the share that shows it. */
  readonly filled: number
  readonly sku: string | null
  readonly instance: number
}

/** Less of a thing cannot be found, and is not asked for. */
const leastPixels = 24

/** Everything of which at least `leastPixels` can be seen, in the order of `things`. */
export function seenIn({ width, height, ids }: Canvas, things: readonly Thing[]): SeenThing[] {
  const most = things.reduce((highest, { id }) => Math.max(highest, id), 0)
  const counts = new Int32Array(most + 1)
  const left = new Int32Array(most + 1).fill(width)
  const right = new Int32Array(most + 1).fill(-1)
  const top = new Int32Array(most + 1).fill(height)
  const bottom = new Int32Array(most + 1).fill(-1)
  for (let y = 0, pixel = 0; y < height; y++)
    for (let x = 0; x < width; x++, pixel++) {
      const id = ids[pixel] as number
      if (id === 0) continue
      counts[id] = (counts[id] as number) + 1
      if (x < (left[id] as number)) left[id] = x
      if (x > (right[id] as number)) right[id] = x
      if (y < (top[id] as number)) top[id] = y
      bottom[id] = y
    }
  return things.flatMap(({ id, kind, sku }) => {
    const pixels = counts[id] as number
    if (id === 0 || kind === 'other' || pixels < leastPixels) return []
    const box = [left[id], top[id], (right[id] as number) + 1, (bottom[id] as number) + 1] as [
      number,
      number,
      number,
      number,
    ]
    const area = (box[2] - box[0]) * (box[3] - box[1])
    return [{ kind, box, pixels, filled: Math.round((pixels / area) * 1000) / 1000, sku, instance: id }]
  })
}
