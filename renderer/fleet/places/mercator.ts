/**
 * Mercator: from a place on earth to the map's own square (0 to 1, the world once), views of it, and places that would
 * overlap as one mark. Pure.
 */

export interface Point {
  readonly x: number
  readonly y: number
}

/** `zoom`: how many pixels wide the whole world would be. */
export interface View extends Point {
  readonly zoom: number
}

/** Poles are not on the map: it ends at 85 degrees, as every web map does. */
export function project(latitude: number, longitude: number): Point {
  const sine = Math.sin((Math.max(-85, Math.min(85, latitude)) * Math.PI) / 180)
  return { x: (longitude + 180) / 360, y: 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI) }
}

export const [leastZoom, mostZoom] = [360, 400_000]

export const bounded = ({ x, y, zoom }: View): View => ({
  x: Math.max(0, Math.min(1, x)),
  y: Math.max(0, Math.min(1, y)),
  zoom: Math.max(leastZoom, Math.min(mostZoom, zoom)),
})

/** The view of `width` by `height` pixels that holds all points with a margin; one place is shown with its region. */
export function viewOf(points: readonly Point[], width: number, height: number): View {
  const [first] = points
  if (first === undefined) return { x: 0.5, y: 0.36, zoom: Math.max(leastZoom, width) }
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)]
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
  const room = (pixels: number, span: number): number => Math.max(80, pixels - 120) / Math.max(span, 1e-9)
  const zoom = Math.min(room(width, right - left), room(height, bottom - top), 24_000)
  return bounded({ x: (left + right) / 2, y: (top + bottom) / 2, zoom })
}

export interface Cluster<T> extends Point {
  readonly of: readonly T[]
}

/** Marks that would stand within `apart` pixels of one another become one, in the middle of them; the order is kept. */
export function cluster<T extends Point>(points: readonly T[], zoom: number, apart: number): Cluster<T>[] {
  const found: { x: number; y: number; of: T[] }[] = []
  for (const point of points) {
    const near = found.find(({ x, y }) => Math.hypot(x - point.x, y - point.y) * zoom < apart)
    if (near === undefined) {
      found.push({ x: point.x, y: point.y, of: [point] })
      continue
    }
    near.of.push(point)
    near.x += (point.x - near.x) / near.of.length
    near.y += (point.y - near.y) / near.of.length
  }
  return found
}
