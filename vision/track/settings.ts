/** Settings of the tracker, with where each number comes from. Plain values; see track/tracker.ts. */
import type { MotionNoise } from './motion.ts'

export interface TrackerSettings {
  /** The time between two frames for which motion noise is meant, in ms. */
  readonly frameMs: number
  readonly noise: MotionNoise
  /** A detection of less goes to the second pass, and below `second.scoreFrom` nowhere. */
  readonly scoreFrom: number
  /** A detection that fits no track starts one from this score on. */
  readonly newFrom: number
  /** A track is believed after so many looks. */
  readonly confirmAfter: number
  /** Frames in a row that a track may be missed before it is believed; one more and it is forgotten. */
  readonly tentativeMisses: number
  /** Frames (of `frameMs`) that a believed track may be missed; more and it is forgotten. */
  readonly mostFrames: number
  /** Mahalanobis distance, squared, beyond which a detection is none of a track's. */
  readonly gate: number
  /** Cosine distance beyond which a detection looks like another thing. */
  readonly mostCosineDistance: number
  /** Looks that a track remembers, the latest. */
  readonly mostLooks: number
  /** Intersection over union that places must have in common where looks do not tell. */
  readonly leastOverlap: number
  /** How much boxes grow for that, as a share of their sides. */
  readonly grow: number
  /** A track missed in more frames in a row than this is found again by its looks only. */
  readonly overlapMisses: number
  /** ByteTrack's second pass: unsure detections keep tracks alive. */
  readonly second: { readonly scoreFrom: number; readonly leastOverlap: number } | null
}

/**
 * DeepSORT as published (Wojke, Bewley, Paulus, "Simple online and realtime tracking with a deep association metric",
 * ICIP 2017, and its code's defaults): gate 9.4877 is the 0.95 quantile of chi-square with 4 degrees of freedom; IoU
 * distance 0.7, cosine distance 0.2, 3 looks to confirm, 30 frames to live, 100 looks remembered.
 */
export const deepSort: TrackerSettings = {
  frameMs: 1000 / 30,
  noise: { position: 1 / 20, velocity: 1 / 160 },
  scoreFrom: 0.3,
  newFrom: 0.3,
  confirmAfter: 3,
  tentativeMisses: 0,
  mostFrames: 30,
  gate: 9.4877,
  mostCosineDistance: 0.2,
  mostLooks: 100,
  leastOverlap: 1 - 0.7,
  grow: 0,
  overlapMisses: 1,
  second: null,
}

/**
 * DeepSORT with ByteTrack's second pass (Zhang et al., "ByteTrack: multi-object tracking by associating every detection
 * box", ECCV 2022): scores from 0.1 to the threshold, IoU 0.5 or more, tracks seen in the frame before.
 */
export const deepSortWithBytes: TrackerSettings = {
  ...deepSort,
  scoreFrom: 0.6,
  newFrom: 0.6,
  second: { scoreFrom: 0.1, leastOverlap: 0.5 },
}
