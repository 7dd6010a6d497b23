import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cola, crossingsOf, hand, milk, product, type Way } from './scenes.ts'

/** From frame 10 a hand goes to the second shelf, from 15 it goes back out. */
const reach: Way = [
  [8, 320, 400],
  [13, 320, 170],
  [15, 320, 170],
  [20, 320, 340],
]
const lifted: Way = [
  [0, 320, 160],
  [15, 320, 160],
  [20, 320, 330],
]

describe('what stands', () => {
  test('[VIS22] never crosses, however it trembles, is missed, or is hidden by hands', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 40, maxLength: 40 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 35 }), fc.integer({ min: 120, max: 500 })), { maxLength: 3 }),
        (chances, reaches) => {
          const standing = [150, 220, 300, 420].map((x, index) => (frame: number) => {
            const chance = chances[(frame * 5 + index * 11) % chances.length] ?? 0
            if (chance === 0) return null
            const spot: Way = [[frame, x + (chance % 3) - 1, 170 + (chance % 2)]]
            return product(spot, chance > 4 ? [cola, milk, cola, milk][index] : null)(frame)
          })
          const hands = reaches.map(([from, x]) =>
            hand([
              [from, x, 345],
              [from + 5, x, 150],
              [from + 10, x, 345],
            ]),
          )
          expect(crossingsOf(50, [...standing, ...hands])).toEqual([])
        },
      ),
      { numRuns: 25 },
    )
  })

  test('[VIS22] does not cross without a hand: things do not move by themselves', () => {
    expect(crossingsOf(40, [product(lifted)])).toEqual([])
  })

  test('[VIS22] does not cross when a product is carried past before it', () => {
    const found = crossingsOf(30, [product([[0, 320, 200], [30, 320, 200]], milk), product(lifted), hand(reach)]) // prettier-ignore
    expect(found.map(({ direction }) => direction)).toEqual(['taken'])
  })
})

describe('what is carried', () => {
  test('out is taken, from its shelf, at the moment it passed, with its best looks', () => {
    const [taken, ...more] = crossingsOf(30, [product(lifted), hand(reach)])
    expect(more).toEqual([])
    expect(taken).toMatchObject({ direction: 'taken', shelf: 2 })
    expect(taken?.atMs).toBeGreaterThan(1600)
    expect(taken?.atMs).toBeLessThan(2000)
    expect(taken?.hand).not.toBeNull()
    const looks = taken?.looks ?? []
    expect(looks.length).toBeGreaterThan(4)
    expect(looks.map(({ atMs }) => atMs)).toEqual(looks.map(({ atMs }) => atMs).toSorted((a, b) => a - b))
    expect(looks.every(({ vector }) => vector === cola)).toBe(true)
  })

  test('in is returned when it rests on a shelf', () => {
    const way: Way = [
      [3, 320, 320],
      [8, 320, 80],
      [30, 320, 80],
    ]
    const arm: Way = [
      [2, 320, 345],
      [8, 320, 90],
      [10, 320, 90],
      [14, 320, 345],
    ]
    const found = crossingsOf(30, [product(way), hand(arm)])
    expect(found).toMatchObject([{ direction: 'returned', shelf: 1 }])
  })

  test('out and later in again crosses twice, taking turns', () => {
    const way: Way = [
      [0, 320, 160],
      [15, 320, 160],
      [20, 320, 310],
      [26, 320, 310],
      [31, 320, 160],
      [45, 320, 160],
    ]
    const arm: Way = [
      [9, 320, 345],
      [13, 320, 170],
      [15, 320, 170],
      [20, 320, 320],
      [26, 320, 320],
      [31, 320, 170],
      [35, 320, 345],
    ]
    const found = crossingsOf(46, [product(way), hand(arm)])
    expect(found.map(({ direction }) => direction)).toEqual(['taken', 'returned'])
    expect(found.every(({ shelf }) => shelf === 2)).toBe(true)
  })

  test('[VIS23] just over the edge and back without a stop crosses nothing', () => {
    const way: Way = [
      [0, 320, 160],
      [15, 320, 160],
      [18, 320, 235],
      [19, 320, 252],
      [20, 320, 235],
      [23, 320, 160],
      [40, 320, 160],
    ]
    const arm: Way = [
      [9, 320, 345],
      [13, 320, 170],
      [15, 320, 170],
      [19, 320, 262],
      [23, 320, 170],
      [30, 320, 345],
    ]
    expect(crossingsOf(40, [product(way), hand(arm)])).toEqual([])
  })

  test('[VIS23] lost on its way out is taken: nobody saw it outside', () => {
    const way: Way = [
      [0, 320, 160],
      [15, 320, 160],
      [17, 320, 225],
    ]
    expect(crossingsOf(40, [product(way), hand(reach)])).toMatchObject([{ direction: 'taken', evidence: 'led' }])
  })

  test('[VIS23] first seen outside in a hand that was inside is taken', () => {
    const way: Way = [
      [18, 320, 265],
      [21, 320, 330],
    ]
    const arm: Way = [
      [8, 320, 345],
      [13, 320, 170],
      [15, 320, 170],
      [18, 320, 270],
      [22, 320, 345],
    ]
    expect(crossingsOf(40, [product(way), hand(arm)])).toMatchObject([{ direction: 'taken', shelf: null }])
  })

  test('[VIS23] first seen at rest outside in a hand that was inside is taken, too', () => {
    const way: Way = [
      [18, 320, 300],
      [20, 320, 300],
      [24, 370, 330],
    ]
    const arm: Way = [
      [8, 320, 345],
      [13, 320, 170],
      [15, 320, 170],
      [17, 320, 300],
      [20, 320, 300],
      [24, 370, 330],
    ]
    expect(crossingsOf(40, [product(way), hand(arm)])).toMatchObject([{ direction: 'taken', shelf: null }])
  })

  test('[VIS23] held up outside by a hand that was never inside crosses nothing', () => {
    const way: Way = [
      [5, 320, 300],
      [20, 330, 300],
    ]
    const arm: Way = [
      [4, 320, 310],
      [21, 330, 310],
    ]
    expect(crossingsOf(40, [product(way), hand(arm)])).toEqual([])
  })

  test('in pieces, missed for half a second on its way, is taken once', () => {
    const whole = product([[0, 320, 120], [15, 320, 120], [27, 320, 330]]) // prettier-ignore
    const arm: Way = [
      [9, 320, 345],
      [13, 320, 130],
      [15, 320, 130],
      [27, 320, 340],
    ]
    const pieces = (frame: number) => (frame >= 18 && frame <= 21 ? null : whole(frame))
    expect(crossingsOf(40, [pieces, hand(arm)]).map(({ direction }) => direction)).toEqual(['taken'])
  })

  test('in two hands at once is taken twice', () => {
    const other: Way = [
      [0, 200, 160],
      [15, 200, 160],
      [20, 200, 330],
    ]
    const otherArm: Way = [
      [8, 200, 400],
      [13, 200, 170],
      [15, 200, 170],
      [20, 200, 340],
    ]
    const found = crossingsOf(40, [product(lifted), product(other, milk), hand(reach), hand(otherArm)])
    expect(found.map(({ direction }) => direction)).toEqual(['taken', 'taken'])
    expect(new Set(found.map(({ looks }) => looks[0]?.vector))).toEqual(new Set([cola, milk]))
  })
})
