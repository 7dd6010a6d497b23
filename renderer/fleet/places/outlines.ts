/**
 * Outlines: land and borders to draw a map with, from Natural Earth (public domain) as world-atlas packs it. They are a file of
 * the relay's own: looking at the map tells nobody else where fridges stand, and needs no internet.
 */
import { z } from 'zod'
import fileUrl from 'world-atlas/countries-50m.json?url'
import { project, type Point, type View } from './mercator.ts'

const topologySchema = z.object({
  transform: z.object({ scale: z.tuple([z.number(), z.number()]), translate: z.tuple([z.number(), z.number()]) }),
  arcs: z.array(z.array(z.tuple([z.number(), z.number()]))),
  objects: z.object({
    land: z.object({ geometries: z.array(z.object({ arcs: z.array(z.array(z.array(z.number()))) })) }),
  }),
})

interface Line {
  readonly points: readonly Point[]
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}
export interface Outlines {
  readonly land: readonly Line[]
  readonly borders: readonly Line[]
}

let loaded: Promise<Outlines> | null = null

/** Once a page; throws where the file does not come, and may be asked for again. */
export function loadOutlines(): Promise<Outlines> {
  loaded ??= fetch(fileUrl)
    .then(async (answer) => outlinesOf(await answer.json()))
    .catch((error: unknown) => {
      loaded = null
      throw error
    })
  return loaded
}

/** TopoJSON: arcs are whole numbers, each point told from the one before; a negative index runs its arc backwards. */
function outlinesOf(file: unknown): Outlines {
  const { transform, arcs, objects } = topologySchema.parse(file)
  const [[scaleX, scaleY], [fromX, fromY]] = [transform.scale, transform.translate]
  const lines = arcs.map((arc) => {
    let [x, y] = [0, 0]
    return arc.map(([right, up]) => project((y += up) * scaleY + fromY, (x += right) * scaleX + fromX))
  })
  const ring = (indices: readonly number[]): Point[] =>
    indices.flatMap((index) => (index < 0 ? (lines[~index] ?? []).toReversed() : (lines[index] ?? [])))
  return {
    land: objects.land.geometries.flatMap((one) => one.arcs.flatMap((polygon) => polygon.map((part) => bound(ring(part))))), // prettier-ignore
    borders: lines.map(bound),
  }
}

function bound(points: readonly Point[]): Line {
  let [left, right, top, bottom] = [1, 0, 1, 0]
  for (const { x, y } of points) {
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
  }
  return { points, left, right, top, bottom }
}

/** As an SVG path in pixels of the view: what is out of it is left out, and what no pixel would show. */
export function pathOf(lines: readonly Line[], view: View, width: number, height: number): string {
  const { zoom } = view
  const [left, top] = [view.x - width / 2 / zoom, view.y - height / 2 / zoom]
  const [right, bottom] = [view.x + width / 2 / zoom, view.y + height / 2 / zoom]
  const parts: string[] = []
  for (const line of lines) {
    if (line.left > right || line.right < left || line.top > bottom || line.bottom < top) continue
    if ((line.right - line.left) * zoom < 1 && (line.bottom - line.top) * zoom < 1) continue
    let [lastX, lastY] = [Infinity, Infinity]
    let text = ''
    line.points.forEach((point, index) => {
      const [x, y] = [Math.round((point.x - left) * zoom * 10) / 10, Math.round((point.y - top) * zoom * 10) / 10]
      if (index > 0 && index < line.points.length - 1 && Math.abs(x - lastX) < 1 && Math.abs(y - lastY) < 1) return
      text += `${text === '' ? 'M' : 'L'}${x} ${y}`
      lastX = x
      lastY = y
    })
    parts.push(text)
  }
  return parts.join('')
}
