/** The fleet's map: where places come to stand, what is one mark, and what a view holds. */
import { expect, test } from 'vitest'
import { cluster, mostZoom, project, viewOf } from '../../../renderer/fleet/places/mercator.ts'

test('places stand where every web map has them, poles at its edge', () => {
  expect(project(0, 0)).toEqual({ x: 0.5, y: 0.5 })
  expect(project(0, -180).x).toBe(0)
  const berlin = project(52.52, 13.405)
  // Tile 550/335 of 1,024 at zoom 10, as the tile formula of web maps says.
  expect([Math.floor(berlin.x * 1024), Math.floor(berlin.y * 1024)]).toEqual([550, 335])
  expect(project(90, 0)).toEqual(project(85, 0))
})

test('near marks are one in their middle, nothing is lost, and far ones stay apart', () => {
  const points = [0, 1, 2, 100].map((x) => ({ x: x / 1_000, y: 0.5, name: x }))
  const found = cluster(points, 1_000, 5)
  expect(found.map(({ of }) => of.map(({ name }) => name))).toEqual([[0, 1, 2], [100]])
  expect(found[0]?.x).toBeCloseTo(0.001)
  expect(cluster(points, mostZoom, 40)).toHaveLength(4)
})

test('a view holds all its places with a margin, also one alone or none', () => {
  const points = [project(52.5, 13.4), project(40.4, -3.7)]
  const view = viewOf(points, 800, 400)
  for (const { x, y } of points) {
    expect(Math.abs(x - view.x) * view.zoom).toBeLessThanOrEqual(400 - 50)
    expect(Math.abs(y - view.y) * view.zoom).toBeLessThanOrEqual(200 - 50)
  }
  expect(viewOf(points.slice(0, 1), 800, 400)).toMatchObject({ ...points[0] })
  expect(viewOf([], 800, 400).zoom).toBe(800)
})
