import { describe, expect, test } from 'vitest'
import { cutsOf, viewValues } from '../../../vision/embed/views.ts'
import { cola, picture } from './drawings.ts'

describe('views', () => {
  test('a photograph is looked at once for each share, about its middle', async () => {
    const cuts = cutsOf(await picture(cola), [1, 0.8])
    expect(cuts).toEqual([
      { left: 0, top: 0, width: 240, height: 240 },
      { left: 24, top: 24, width: 192, height: 192 },
    ])
  })

  test('a studio picture is cut to its product with a little air, whatever the shares', async () => {
    const cuts = cutsOf(await picture({ ...cola, ground: '#ffffff' }), [1, 0.8])
    expect(cuts).toHaveLength(1)
    const [{ left, top, width, height }] = cuts as [(typeof cuts)[0] & object]
    // The carton with its stroke spans 73..167 by 38..202; air is 6 % of 164.
    expect(left).toBeGreaterThanOrEqual(60)
    expect(left).toBeLessThanOrEqual(65)
    expect(top).toBeGreaterThanOrEqual(26)
    expect(top).toBeLessThanOrEqual(30)
    expect(height).toBeGreaterThan(180)
    expect(width).toBeGreaterThan(110)
    expect(width).toBeLessThan(125)
  })

  test('what is not square gets white beside it and is not squeezed', async () => {
    const values = await viewValues(await picture(cola), { left: 73, top: 38, width: 94, height: 164 }, 56)
    expect(values).toHaveLength(3 * 56 * 56)
    const at = (channel: number, x: number, y: number): number => values[channel * 56 * 56 + y * 56 + x] ?? -1
    expect([at(0, 2, 28), at(1, 2, 28), at(2, 2, 28)]).toEqual([255, 255, 255])
    expect([at(0, 53, 28), at(1, 53, 28), at(2, 53, 28)]).toEqual([255, 255, 255])
    // Inside the label, above its word: the label's red, in the order red, green, blue.
    expect(at(0, 28, 6)).toBeGreaterThan(170)
    expect(at(1, 28, 6)).toBeLessThan(50)
    expect(at(2, 28, 6)).toBeLessThan(60)
  })
})
