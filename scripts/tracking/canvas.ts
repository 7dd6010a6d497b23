/**
 * Canvas: which thing each pixel of a small picture shows. Things are filled outlines at one distance each; the nearer hides
 * the farther. Boxes of what can be seen come from the pixels, so that they end where the view ends.
 */
import type { Point } from '../../vision/track/boxes.ts'

export interface Seen {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
  readonly pixels: number
}

export interface Canvas {
  /** Forgets everything, or goes back to what `keep` kept. */
  clear(toKept: boolean): void
  keep(): void
  /** Fills the outline's convex hull with `id` where nothing nearer is. Gives how many pixels it would have alone. */
  fill(outline: readonly Point[], id: number, distance: number, within: readonly Point[] | null): number
  /** By id. */
  seen(): ReadonlyMap<number, Seen>
}

export function createCanvas(width: number, height: number): Canvas {
  const ids = new Int32Array(width * height)
  const distances = new Float32Array(width * height).fill(Infinity)
  const keptIds = ids.slice()
  const keptDistances = distances.slice()

  return {
    clear: (toKept) => {
      if (toKept) {
        ids.set(keptIds)
        distances.set(keptDistances)
        return
      }
      ids.fill(0)
      distances.fill(Infinity)
    },
    keep: () => {
      keptIds.set(ids)
      keptDistances.set(distances)
    },
    fill: (outline, id, distance, within) => {
      const hull = hullOf(outline)
      let alone = 0
      const rows = rangeOf(hull, height)
      for (let row = rows.from; row <= rows.to; row += 1) {
        const span = spanAt(hull, row + 0.5)
        const bound = within === null ? span : bothSpans(span, spanAt(within, row + 0.5))
        if (bound === null) continue
        const last = Math.min(width - 1, Math.floor(bound.to - 0.5))
        for (let column = Math.max(0, Math.ceil(bound.from - 0.5)); column <= last; column += 1) {
          alone += 1
          const at = row * width + column
          if ((distances[at] ?? 0) <= distance) continue
          distances[at] = distance
          ids[at] = id
        }
      }
      return alone
    },
    seen: () => {
      const found = new Map<number, { left: number; top: number; right: number; bottom: number; pixels: number }>()
      for (let at = 0; at < ids.length; at += 1) {
        const id = ids[at] ?? 0
        if (id === 0) continue
        const [x, y] = [at % width, Math.floor(at / width)]
        const known = found.get(id)
        if (known === undefined) found.set(id, { left: x, top: y, right: x + 1, bottom: y + 1, pixels: 1 })
        else {
          known.left = Math.min(known.left, x)
          known.right = Math.max(known.right, x + 1)
          known.bottom = y + 1
          known.pixels += 1
        }
      }
      return found
    },
  }
}

interface Span {
  readonly from: number
  readonly to: number
}

const bothSpans = (a: Span | null, b: Span | null): Span | null =>
  a === null || b === null ? null : { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) }

function rangeOf(outline: readonly Point[], height: number): Span {
  const ys = outline.map(({ y }) => y)
  return { from: Math.max(0, Math.floor(Math.min(...ys))), to: Math.min(height - 1, Math.ceil(Math.max(...ys))) }
}

/** From where to where a convex outline reaches in one row. */
function spanAt(outline: readonly Point[], y: number): Span | null {
  let from = Infinity
  let to = -Infinity
  for (const [index, a] of outline.entries()) {
    const b = outline[(index + 1) % outline.length] ?? a
    if (a.y > y === b.y > y) continue
    const x = a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x)
    from = Math.min(from, x)
    to = Math.max(to, x)
  }
  return from <= to ? { from, to } : null
}

/** Andrew's monotone chain. */
function hullOf(points: readonly Point[]): readonly Point[] {
  const sorted = points.toSorted((a, b) => a.x - b.x || a.y - b.y)
  const half = (along: readonly Point[]): Point[] => {
    const chain: Point[] = []
    for (const point of along) {
      for (;;) {
        const [a, b] = [chain.at(-2), chain.at(-1)]
        if (a === undefined || b === undefined) break
        if ((b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x) > 0) break
        chain.pop()
      }
      chain.push(point)
    }
    return chain.slice(0, -1)
  }
  return [...half(sorted), ...half(sorted.toReversed())]
}
