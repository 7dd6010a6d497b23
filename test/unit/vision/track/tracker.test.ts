import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Box } from '../../../../vision/detect/detection.ts'
import { boxOf, correctMotion, predictMotion, startMotion } from '../../../../vision/track/motion.ts'
import { deepSort, deepSortWithBytes } from '../../../../vision/track/settings.ts'
import { createTracker, type Track, type TrackedDetection } from '../../../../vision/track/tracker.ts'

const frameMs = 40
const settings = { ...deepSortWithBytes, frameMs }

const boxAt = (x: number, y: number, width = 40, height = 60): Box => ({ left: x, top: y, width, height })

const seen = (box: Box, more: Partial<TrackedDetection> = {}): TrackedDetection => ({
  kind: 'product',
  box,
  score: 0.9,
  ...more,
})

/** Runs one list of detections a frame; what the last frame left. */
function run(frames: readonly (readonly TrackedDetection[])[], using = settings): readonly Track[] {
  const tracker = createTracker(using)
  return frames.reduce<readonly Track[]>((_, detections, frame) => tracker.step(frame * frameMs, detections), [])
}

const still = (count: number, box = boxAt(100, 100)): readonly TrackedDetection[][] =>
  Array.from({ length: count }, () => [seen(box)])

const anyDetections = fc.array(
  fc.record({
    kind: fc.constantFrom('product' as const, 'hand' as const),
    score: fc.double({ min: 0, max: 1, noNaN: true }),
    box: fc.record({
      left: fc.integer({ min: -50, max: 300 }),
      top: fc.integer({ min: -50, max: 300 }),
      width: fc.integer({ min: 0, max: 80 }),
      height: fc.integer({ min: 0, max: 80 }),
    }),
    vector: fc.constantFrom(null, Float32Array.of(1, 0), Float32Array.of(0, 1), Float32Array.of(0.6, 0.8)),
  }),
  { maxLength: 6 },
)

describe('a tracker', () => {
  test('[VIS19] a detection has one track, a track one kind, an id one thing, whatever is seen', () => {
    fc.assert(
      fc.property(fc.array(anyDetections, { maxLength: 25 }), (frames) => {
        const tracker = createTracker({ ...settings, grow: 0.5 })
        const kinds = new Map<number, string>()
        let living = new Set<number>()
        let highest = 0
        for (const [frame, detections] of frames.entries()) {
          const tracks = tracker.step(frame * frameMs, detections)
          const taken = tracks.flatMap(({ detection }) => (detection === null ? [] : [detection]))
          expect(new Set(taken).size).toBe(taken.length)
          for (const { id, kind, detection } of tracks) {
            // An id that is not of the frame before is a new and higher one: none comes back.
            if (!living.has(id)) expect(id).toBeGreaterThan(highest)
            highest = Math.max(highest, id)
            expect(kinds.get(id) ?? kind).toBe(kind)
            kinds.set(id, kind)
            if (detection !== null) expect(detections[detection]?.kind).toBe(kind)
          }
          living = new Set(tracks.map(({ id }) => id))
        }
      }),
      { numRuns: 100 },
    )
  })

  test('[VIS19] boxes without area and numbers that are none start no track', () => {
    const broken = [boxAt(1, 1, 0, 20), boxAt(1, 1, 20, -4), boxAt(NaN, 1), boxAt(1, 1, Infinity, 20)]
    expect(run([broken.map((box) => seen(box))])).toEqual([])
  })

  test('a thing is believed at the third look, and forgotten when a look fails before', () => {
    expect(run(still(2))[0]?.confirmed).toBe(false)
    expect(run(still(3))[0]).toMatchObject({ confirmed: true, hits: 3, misses: 0, detection: 0 })
    expect(run([...still(2), []])).toEqual([])
  })

  test('a believed thing is waited for as long as the settings say, and no longer', () => {
    const gone = (frames: number): readonly TrackedDetection[][] => Array.from({ length: frames }, () => [])
    expect(run([...still(3), ...gone(settings.mostFrames)])).toHaveLength(1)
    expect(run([...still(3), ...gone(settings.mostFrames + 1)])).toEqual([])
  })

  test('an unsure detection keeps a track and starts none', () => {
    const unsure = [seen(boxAt(101, 100), { score: 0.3 })]
    expect(run([...still(3), unsure])[0]).toMatchObject({ detection: 0, misses: 0 })
    expect(run([...still(3), unsure], { ...settings, second: null })[0]).toMatchObject({ detection: null, misses: 1 })
    expect(run([unsure, unsure, unsure])).toEqual([])
  })

  test('a thing found again elsewhere by its looks keeps its id; another look gets a new one', () => {
    const [cola, milk] = [Float32Array.of(1, 0), Float32Array.of(0, 1)]
    const before = Array.from({ length: 5 }, () => [seen(boxAt(100, 100), { vector: cola })])
    const hidden = Array.from({ length: 8 }, () => [])
    const back = boxAt(150, 100)
    expect(run([...before, ...hidden, [seen(back, { vector: cola })]])).toMatchObject([{ id: 1, misses: 0 }])
    expect(run([...before, ...hidden, [seen(back, { vector: milk })]])).toMatchObject([{ id: 1, misses: 9 }, { id: 2 }])
  })

  test('a hand never becomes the product it holds', () => {
    const tracks = run([...still(3), [seen(boxAt(100, 100), { kind: 'hand' })]])
    expect(tracks).toMatchObject([
      { id: 1, kind: 'product', detection: null },
      { id: 2, kind: 'hand', detection: 0 },
    ])
  })
})

describe('time', () => {
  const noise = deepSort.noise

  test('[VIS20] two steps in time are one of their sum, while the height stands still', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 8, noNaN: true }),
        fc.double({ min: 0.1, max: 8, noNaN: true }),
        fc.double({ min: -9, max: 9, noNaN: true }),
        (first, second, speed) => {
          const moving = startMotion(boxAt(10, 10), noise)
          predictMotion(moving, 1, noise)
          correctMotion(moving, boxAt(10 + speed, 10), noise)
          const [once, twice] = [moving.slice(), moving.slice()]
          predictMotion(once, first + second, noise)
          predictMotion(twice, first, noise)
          predictMotion(twice, second, noise)
          for (const [index, value] of once.entries()) expect(twice[index]).toBeCloseTo(value, 6)
        },
      ),
    )
  })

  test('[VIS20] a moving thing is where it should be after frames were dropped', () => {
    const tracker = createTracker(settings)
    const at = (ms: number): TrackedDetection => seen(boxAt(ms / 8, 100))
    for (let ms = 0; ms <= 400; ms += 40) tracker.step(ms, [at(ms)])
    expect(tracker.step(680, [at(680)])).toMatchObject([{ id: 1, misses: 0 }])
    const [track] = tracker.step(720, [at(720)])
    expect(track?.speed.x).toBeCloseTo(125, -1)
    expect(track?.box.left).toBeCloseTo(90, 0)
  })

  test('[VIS20] a believed thing is forgotten by the clock and not by how many frames came', () => {
    const tracker = createTracker(settings)
    for (const frame of [0, 1, 2]) tracker.step(frame * frameMs, [seen(boxAt(100, 100))])
    expect(tracker.step(2 * frameMs + 1300, [])).toEqual([])
    const fast = createTracker(settings)
    for (const frame of [0, 1, 2]) fast.step(frame * frameMs, [seen(boxAt(100, 100))])
    for (let ms = 90; ms < 80 + 1200; ms += 10) expect(fast.step(ms, [])).toHaveLength(1)
  })

  test('time that does not go forward stops the process', () => {
    const tracker = createTracker(settings)
    tracker.step(5, [])
    expect(() => tracker.step(5, [])).toThrow(/forward/)
  })

  test('a box is told as it was seen first', () => {
    const box = boxOf(startMotion(boxAt(7, 9, 30, 50), noise))
    expect(box).toEqual(boxAt(7, 9, 30, 50))
  })
})
