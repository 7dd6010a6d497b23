import { expect, test } from 'vitest'
import { projectionOf } from '../../../../scripts/tracking/visit.ts'
import { depthInside, openingSeen, shelfAt } from '../../../../vision/track/opening.ts'
import { opening } from './scenes.ts'

test('depth inside is the distance to the outline, negative outside', () => {
  expect(depthInside(opening, { x: 320, y: 200 })).toBeCloseTo(40)
  expect(depthInside(opening, { x: 320, y: 270 })).toBeCloseTo(-30)
  expect(depthInside(opening, { x: 60, y: 270 })).toBeCloseTo(-50)
  expect(shelfAt(opening, { x: 320, y: 50 })).toBe(1)
  expect(shelfAt(opening, { x: 320, y: 150 })).toBe(2)
  expect(shelfAt(opening, { x: 320, y: 250 })).toBeNull()
})

test.each(['left', 'right'] as const)('the %s camera sees what stands on a shelf through that shelf', (camera) => {
  const cabinet = { width: 0.6, depth: 0.46, ceiling: 1.14, floors: [0.86, 0.6, 0.31, 0] }
  const project = projectionOf(camera, 640, 360)
  const seen = openingSeen(cabinet, project, 640, 360)
  for (const [index, floor] of cabinet.floors.entries()) {
    for (const x of [-0.2, 0, 0.2]) {
      const point = project(x, -0.2, floor + 0.05)
      if (point === null) throw new Error('before the lens')
      expect(shelfAt(seen, point)).toBe(index + 1)
      expect(depthInside(seen, point)).toBeGreaterThan(0)
    }
  }
  const below = project(0, -0.5, 0.3)
  expect(below === null ? -1 : depthInside(seen, below)).toBeLessThan(0)
})

test('an opening behind the lens stops the process', () => {
  const cabinet = { width: 0.6, depth: 0.46, ceiling: 1, floors: [0] }
  expect(() => openingSeen(cabinet, () => null, 640, 360)).toThrow(/sees the opening/)
})
