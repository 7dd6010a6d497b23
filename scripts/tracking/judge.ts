/** Judge: tracks and crossings of a film against what really happened in it. */
import { watchCrossings, type Crossing } from '../../vision/track/crossings.ts'
import type { Opening } from '../../vision/track/opening.ts'
import { fridge } from '../../vision/track/settings.ts'
import { createTracker, type TrackedDetection } from '../../vision/track/tracker.ts'
import type { Box } from '../../vision/detect/detection.ts'
import type { TrueMove, TrueThing } from './visit.ts'

export interface FilmedFrame {
  readonly atMs: number
  readonly things: readonly TrueThing[]
}

/** What the tracker made of one film, frame by frame, as TrackEval wants it. */
export interface Tracked {
  readonly frames: readonly {
    readonly truth: readonly Row[]
    readonly tracks: readonly Row[]
  }[]
  readonly crossings: readonly Crossing[]
  /** Of tracker and crossings together, ms of processor time a frame. */
  readonly spentMs: readonly number[]
}

interface Row {
  readonly id: number
  readonly kind: 'product' | 'hand'
  /** It is carried at some time of the film. */
  readonly moved: boolean
  readonly box: Box
}

/** Things of which less is seen are not asked for. */
const leastShare = 0.3

export function follow(
  opening: Opening,
  frames: readonly FilmedFrame[],
  look: (things: readonly TrueThing[]) => readonly TrackedDetection[],
  framesPerSecond: number,
): Tracked {
  const tracker = createTracker({ ...fridge, frameMs: 1000 / framesPerSecond })
  const watch = watchCrossings(opening)
  const crossings: Crossing[] = []
  const spentMs: number[] = []
  const moved = new Set(frames.flatMap(({ things }) => things.filter(({ carried }) => carried).map(({ id }) => id)))
  const rows = frames.map(({ atMs, things }) => {
    const detections = look(things)
    const from = process.cpuUsage()
    const tracks = tracker.step(atMs, detections)
    crossings.push(...watch.step(atMs, tracks, detections))
    const { user, system } = process.cpuUsage(from)
    spentMs.push((user + system) / 1000)
    return {
      truth: things
        .filter(({ share }) => share >= leastShare)
        .map(({ id, kind, box }): Row => ({ id, kind, box, moved: moved.has(id) })),
      tracks: tracks
        .filter(({ confirmed, detection }) => confirmed && detection !== null)
        .map(({ id, kind, box }): Row => ({ id, kind, box, moved: false })),
    }
  })
  crossings.push(...watch.end(frames.at(-1)?.atMs ?? 0))
  return { frames: rows, crossings, spentMs }
}

export interface Score {
  /** Of each true move, whether it was told. */
  readonly told: readonly boolean[]
  readonly found: number
  readonly missed: number
  readonly wrong: number
  readonly shelfRight: number
  readonly shelfWrong: number
}

/** So far from the true moment a crossing may be told. */
const withinMs = 1_000

/** Each true move goes with the nearest crossing of its direction, once. */
export function scoreCrossings(moves: readonly TrueMove[], crossings: readonly Crossing[]): Score {
  const left = [...crossings]
  let [shelfRight, shelfWrong] = [0, 0]
  const told = moves.map(({ direction, atMs, shelf }) => {
    const near = left
      .filter((one) => one.direction === direction && Math.abs(one.atMs - atMs) < withinMs)
      .toSorted((a, b) => Math.abs(a.atMs - atMs) - Math.abs(b.atMs - atMs))[0]
    if (near === undefined) return false
    left.splice(left.indexOf(near), 1)
    if (near.shelf === shelf) shelfRight += 1
    else if (near.shelf !== null) shelfWrong += 1
    return true
  })
  const found = told.filter(Boolean).length
  return { told, found, missed: moves.length - found, wrong: left.length, shelfRight, shelfWrong }
}

export const sumOf = (scores: readonly Score[]): Score =>
  scores.reduce((sum, one) => ({
    told: [...sum.told, ...one.told],
    found: sum.found + one.found,
    missed: sum.missed + one.missed,
    wrong: sum.wrong + one.wrong,
    shelfRight: sum.shelfRight + one.shelfRight,
    shelfWrong: sum.shelfWrong + one.shelfWrong,
  }))

export const f1Of = ({ found, missed, wrong }: Score): number => (2 * found) / (2 * found + missed + wrong)
