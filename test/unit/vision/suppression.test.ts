import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DetectedKind, Detection } from '../../../vision/detect/detection.ts'
import { suppressed } from '../../../vision/detect/suppression.ts'
import { overlap } from '../../../vision/track/boxes.ts'

const detection = (kind: DetectedKind, left: number, score: number, width = 100): Detection => ({
  kind,
  box: { left, top: 0, width, height: 50 },
  score,
})

describe('suppression', () => {
  test('[VIS11] keeps the best of boxes that overlap by more than the share, and those that overlap by just that', () => {
    const best = detection('product', 0, 0.9)
    const third = detection('product', 50, 0.7) // shares 50 of 150
    const near = detection('product', 20, 0.8) // shares 80 of 120
    expect(suppressed([third, near, best], 0.5)).toEqual([best, third])
    expect(suppressed([third, near, best], 1 / 3 - 1e-9)).toEqual([best])
    expect(suppressed([third, best], 1 / 3)).toEqual([best, third])
  })

  test('[VIS11] drops a box for one that stayed, not for one that went', () => {
    const chain = [detection('product', 0, 0.9), detection('product', 30, 0.8), detection('product', 60, 0.7)]
    expect(suppressed(chain, 0.4)).toEqual([chain[0], chain[2]])
  })

  test('[VIS11] never lets a hand hide a product', () => {
    const both = [detection('hand', 0, 0.9), detection('product', 0, 0.5)]
    expect(suppressed(both, 0.5)).toEqual(both)
  })

  test('[VIS11] gives the same in any order, best first, and nothing that overlaps', () => {
    const some = fc.array(
      fc.record({
        kind: fc.constantFrom<DetectedKind>('product', 'hand'),
        left: fc.integer({ min: 0, max: 200 }),
        width: fc.integer({ min: 1, max: 80 }),
      }),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(some, fc.double({ min: 0.1, max: 0.9, noNaN: true }), (made, most) => {
        const detections = made.map(({ kind, left, width }, index) => detection(kind, left, 1 / (index + 2), width))
        const kept = suppressed(detections, most)
        expect(suppressed(detections.toReversed(), most)).toEqual(kept)
        for (const [index, one] of kept.entries())
          for (const better of kept.slice(0, index)) {
            expect(better.score).toBeGreaterThanOrEqual(one.score)
            if (better.kind === one.kind) expect(overlap(better.box, one.box)).toBeLessThanOrEqual(most)
          }
      }),
    )
  })
})
