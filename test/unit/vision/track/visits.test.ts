import { expect, test } from 'vitest'
import { assumedErrors, createDetector } from '../../../../scripts/tracking/detector.ts'
import { f1Of, follow, scoreCrossings, sumOf } from '../../../../scripts/tracking/judge.ts'
import { filmVisit } from '../../../../scripts/tracking/visit.ts'

const visits = (seeds: readonly number[], errors: typeof assumedErrors) =>
  seeds.flatMap((seed) =>
    (['left', 'right'] as const).map((camera) => {
      const film = filmVisit({ seed, camera, framesPerSecond: 10 })
      const detector = createDetector(seed, errors)
      return scoreCrossings(film.moves, follow(film.opening, film.frames, detector.look, 10).crossings)
    }),
  )

test('[VIS22] of whole visits nearly every take and return is told, and little else, by a poor detector', () => {
  const all = sumOf(visits([201, 202, 203, 204, 205, 206], assumedErrors))
  expect(all.found + all.missed).toBeGreaterThan(12)
  expect(f1Of(all)).toBeGreaterThan(0.85)
  expect(all.shelfRight).toBeGreaterThan(all.found * 0.8)
})

test('a visit follows from its seed', () => {
  const film = () => filmVisit({ seed: 7, camera: 'left', framesPerSecond: 5 })
  expect(film()).toEqual(film())
})
