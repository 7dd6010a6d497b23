/**
 * Tracker: which detection of this frame is which thing of the frames before: DeepSORT with ByteTrack's second pass.
 *
 * First, believed tracks take detections that look like them and stand where they may be, the latest seen first; then
 * tracks take what overlaps them; then believed ones take unsure detections that overlap them. Holds always: a detection
 * belongs to one track at most, and a track to one kind; an id is never used twice. Any time may lie between frames, but
 * it goes forward. Pure. In the settings of track/settings.ts equal to the references (README.md says how far).
 */
import { invariant } from '../../src/core/result.ts'
import type { Box, DetectedKind, Detection } from '../detect/detection.ts'
import { createAssigner } from './assignment.ts'
import { middleOf, overlap, type Point } from './boxes.ts'
import {
  boxOf,
  correctMotion,
  keepSize,
  predictMotion,
  speedOf,
  startMotion,
  surpriseOf,
  type Motion,
  type MotionNoise,
} from './motion.ts'
import type { TrackerSettings } from './settings.ts'

export interface TrackedDetection extends Detection {
  /** What it looks like, at unit length (embed/embedder.ts); null or absent where it was not looked at. */
  readonly vector?: Float32Array | null
}

/** One thing as this step left it. */
export interface Track {
  readonly id: number
  readonly kind: DetectedKind
  /** Believed, after enough looks. Only then is it worth a thought. */
  readonly confirmed: boolean
  /** Where it is thought to be, smoothed; in a frame that missed it, where it is expected. */
  readonly box: Box
  /** Of the middle, in pixels a second. */
  readonly speed: { readonly x: number; readonly y: number }
  /** Index in this step's detections, or null: missed. */
  readonly detection: number | null
  /** Frames in a row that missed it: 0 when seen now. */
  readonly misses: number
  readonly hits: number
  readonly bornAtMs: number
  readonly seenAtMs: number
}

export interface Tracker {
  /** One frame's detections, in any order. Boxes without area are passed over. Tracks come oldest first. */
  step(atMs: number, detections: readonly TrackedDetection[]): readonly Track[]
}

interface Followed {
  readonly id: number
  readonly kind: DetectedKind
  readonly motion: Motion
  readonly looks: Float32Array[]
  confirmed: boolean
  box: Box
  /** The last detection's; the smoothed one lags behind what comes near fast. */
  seen: Box
  /** Where it was when it last moved, and how many looks it has kept there since. */
  restAt: Point
  rested: number
  detection: number | null
  misses: number
  hits: number
  readonly bornAtMs: number
  seenAtMs: number
}

/** What moves less than this share of its size keeps still. */
const stillShare = 0.25
/** How far, as shares of `swift.sizes`, what stood still is looked for, and what was not looked at. */
const stillReach = 0.4
const unlookedReach = 0.5
/** A cost above any that may be matched. */
const forbidden = 1e5
/** Costs beyond the limit are all alike, a little above it, as in the reference. */
const beyond = 1e-5

export function createTracker(settings: TrackerSettings): Tracker {
  const assigner = createAssigner()
  let costs = new Float64Array(0)
  let followed: Followed[] = []
  let lastMs: number | null = null
  let nextId = 1

  /** Matches some tracks with some detections at the least cost; gives the detections left over. */
  const match = (
    tracks: readonly Followed[],
    detections: readonly TrackedDetection[],
    among: readonly number[],
    limit: number,
    costOf: (track: Followed, detection: TrackedDetection) => number,
    matched: (track: Followed, index: number) => void,
  ): readonly number[] => {
    if (tracks.length === 0 || among.length === 0) return among
    const size = tracks.length * among.length
    if (costs.length < size) costs = new Float64Array(size * 2)
    let at = 0
    for (const track of tracks) {
      for (const index of among) {
        const detection = detections[index]
        const cost = detection?.kind === track.kind ? costOf(track, detection) : forbidden
        costs[at] = cost > limit ? limit + beyond : cost
        at += 1
      }
    }
    const columnOf = assigner.assign(costs, tracks.length, among.length)
    const left = new Set(among)
    // Pairs that cost too much come last, by track: new tracks are then numbered as the reference does.
    const refused: number[] = []
    for (const [row, track] of tracks.entries()) {
      const column = columnOf[row] ?? -1
      const index = among[column]
      if (index === undefined) continue
      left.delete(index)
      if ((costs[row * among.length + column] ?? forbidden) > limit) refused.push(index)
      else matched(track, index)
    }
    return [...left, ...refused]
  }

  const isStill = ({ rested }: Followed): boolean => settings.still !== null && rested >= settings.still.looks

  const noiseOf = (track: Followed): MotionNoise =>
    settings.still !== null && isStill(track) ? settings.still.noise : settings.noise

  const outgrown = (track: Followed, { width, height }: Box): boolean => {
    const ratio = Math.sqrt((width * height) / (track.seen.width * track.seen.height))
    return Math.max(ratio, 1 / ratio) > settings.mostGrowth
  }

  const lookCost = (track: Followed, detection: TrackedDetection): number => {
    const vector = detection.vector ?? null
    if (vector === null || track.looks.length === 0) return forbidden
    if (surpriseOf(track.motion, detection.box, noiseOf(track)) > settings.gate) return forbidden
    return cosineDistance(track.looks, vector)
  }

  const placeCost = (track: Followed, detection: TrackedDetection): number => {
    const vector = detection.vector ?? null
    if (
      Number.isFinite(settings.placeGate) &&
      surpriseOf(track.motion, detection.box, noiseOf(track)) > settings.placeGate
    ) {
      return forbidden
    }
    const strange =
      vector !== null &&
      track.looks.length > 0 &&
      Number.isFinite(settings.vetoCosineDistance) &&
      cosineDistance(track.looks, vector) > settings.vetoCosineDistance
    return strange ? forbidden : 1 - overlap(track.box, detection.box, settings.grow)
  }

  /** 1 is as far as it may be. Of two that are as near the one that looks alike wins. */
  const swiftCost =
    (byLook: boolean) =>
    (track: Followed, { box, vector }: TrackedDetection): number => {
      if (settings.swift === null || outgrown(track, box)) return forbidden
      const looked = vector !== undefined && vector !== null && track.looks.length > 0
      if (looked !== byLook) return forbidden
      const unlike = looked ? cosineDistance(track.looks, vector) : settings.swift.mostCosineDistance
      if (unlike > settings.swift.mostCosineDistance) return forbidden
      if (!looked && track.kind === 'product' && (track.rested > 0 || track.hits < 2)) return forbidden
      const [from, to] = [middleOf(track.box), middleOf(box)]
      const size = Math.sqrt(Math.max(track.seen.width * track.seen.height, box.width * box.height))
      // What stood still starts slowly; and without a look at both nearness alone must do.
      const reach =
        settings.swift.sizes * (isStill(track) ? stillReach : looked || track.kind === 'hand' ? 1 : unlookedReach)
      return (Math.hypot(to.x - from.x, to.y - from.y) / (size * reach)) * (0.5 + unlike)
    }

  const step = (atMs: number, detections: readonly TrackedDetection[]): readonly Track[] => {
    invariant(lastMs === null || atMs > lastMs, `frames go forward in time: ${atMs} ms came after ${lastMs} ms`)
    predict(lastMs === null ? 0 : (atMs - lastMs) / settings.frameMs)
    lastMs = atMs

    const seen = (track: Followed, index: number, sure: boolean): void => {
      const detection = detections[index]
      invariant(detection !== undefined, 'a match names a detection of this step')
      correctMotion(track.motion, detection.box, noiseOf(track))
      track.box = boxOf(track.motion)
      track.seen = detection.box
      rest(track, detection.box)
      track.detection = index
      track.misses = 0
      track.hits += 1
      track.seenAtMs = atMs
      if (track.hits >= settings.confirmAfter) track.confirmed = true
      if (sure) remember(track, detection)
    }
    const seenSurely = (track: Followed, index: number): void => {
      seen(track, index, true)
    }

    let left: readonly number[] = detections.flatMap((detection, index) =>
      detection.score >= settings.scoreFrom && hasArea(detection.box) ? [index] : [],
    )
    const alive = (track: Followed): boolean => (atMs - track.seenAtMs) / settings.frameMs <= settings.mostFrames + 1e-6
    const believed = followed.filter((track) => track.confirmed && alive(track))
    for (const misses of [...new Set(believed.map((track) => track.misses))].toSorted((a, b) => a - b)) {
      const level = believed.filter((track) => track.misses === misses)
      left = match(level, detections, left, settings.mostCosineDistance, lookCost, seenSurely)
    }
    const swift = (byLook: boolean): void => {
      if (settings.swift === null) return
      const unseen = followed.filter(
        (track) =>
          track.detection === null && track.misses <= settings.overlapMisses && (alive(track) || !track.confirmed),
      )
      left = match(unseen, detections, left, 1, swiftCost(byLook), seenSurely)
    }
    swift(true)
    const nearby = [
      ...followed.filter((track) => !track.confirmed && track.detection === null),
      ...believed.filter((track) => track.detection === null && track.misses <= settings.overlapMisses),
    ]
    left = match(nearby, detections, left, 1 - settings.leastOverlap, placeCost, seenSurely)
    swift(false)
    if (settings.second !== null) {
      const { scoreFrom, leastOverlap, lastPixel } = settings.second
      const unsure = detections.flatMap(({ score, box }, index) =>
        score >= scoreFrom && score < settings.scoreFrom && hasArea(box) ? [index] : [],
      )
      const justSeen = believed.filter((track) => track.detection === null && track.misses === 1)
      const cost = ({ box }: Followed, unsureOne: TrackedDetection): number =>
        1 - overlap(longer(box, lastPixel), longer(unsureOne.box, lastPixel))
      match(justSeen, detections, unsure, 1 - leastOverlap, cost, (track, index) => {
        seen(track, index, false)
      })
    }

    followed = followed.filter((track) => {
      if (track.detection !== null) return true
      return track.confirmed ? alive(track) : track.misses <= settings.tentativeMisses
    })
    for (const index of left) {
      const detection = detections[index]
      if (detection !== undefined && detection.score >= settings.newFrom) followed.push(born(detection, index, atMs))
    }
    return followed.map(told(settings.frameMs))
  }

  const predict = (frames: number): void => {
    for (const track of followed) {
      if (settings.keepsSize && track.misses > 0) keepSize(track.motion)
      predictMotion(track.motion, frames, noiseOf(track))
      track.box = boxOf(track.motion)
      track.detection = null
      track.misses += 1
    }
  }

  const remember = ({ looks }: Followed, { vector }: TrackedDetection): void => {
    if (vector === undefined || vector === null) return
    if (looks.length >= settings.mostLooks) looks.shift()
    looks.push(vector)
  }

  const born = (detection: TrackedDetection, index: number, atMs: number): Followed => {
    const motion = startMotion(detection.box, settings.noise)
    const track: Followed = {
      id: nextId,
      kind: detection.kind,
      motion,
      looks: [],
      confirmed: settings.confirmAfter <= 1,
      box: boxOf(motion),
      seen: detection.box,
      restAt: middleOf(detection.box),
      rested: 0,
      detection: index,
      misses: 0,
      hits: 1,
      bornAtMs: atMs,
      seenAtMs: atMs,
    }
    nextId += 1
    remember(track, detection)
    return track
  }

  return { step }
}

function rest(track: Followed, box: Box): void {
  const { x, y } = middleOf(box)
  const moved = Math.hypot(x - track.restAt.x, y - track.restAt.y) > stillShare * Math.sqrt(box.width * box.height)
  track.rested = moved ? 0 : track.rested + 1
  if (moved) track.restAt = { x, y }
}

const longer = (box: Box, by: 0 | 1): Box =>
  by === 0 ? box : { ...box, width: box.width + by, height: box.height + by }

const hasArea = ({ left, top, width, height }: Box): boolean =>
  width > 0 && height > 0 && Number.isFinite(left + top + width + height)

/** To the nearest of the looks; all have unit length. */
function cosineDistance(looks: readonly Float32Array[], vector: Float32Array): number {
  let nearest = -1
  for (const look of looks) {
    let sum = 0
    for (let index = 0; index < vector.length; index += 1) sum += (look[index] ?? 0) * (vector[index] ?? 0)
    if (sum > nearest) nearest = sum
  }
  return 1 - nearest
}

const told =
  (frameMs: number) =>
  ({ id, kind, motion, confirmed, box, detection, misses, hits, bornAtMs, seenAtMs }: Followed): Track => {
    const { x, y } = speedOf(motion)
    const perSecond = 1000 / frameMs
    return {
      id,
      kind,
      confirmed,
      box,
      speed: { x: x * perSecond, y: y * perSecond },
      detection,
      misses,
      hits,
      bornAtMs,
      seenAtMs,
    }
  }
