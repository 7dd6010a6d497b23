/** Settings of the tracker, with where each number comes from. Plain values; see track/tracker.ts. */
import type { MotionNoise } from './motion.ts'

export interface TrackerSettings {
  /** The time between two frames for which motion noise is meant, in ms. */
  readonly frameMs: number
  readonly noise: MotionNoise
  /** Noise of what stands still: a track that kept within a quarter of its size for `looks` looks. null: as all others. */
  readonly still: { readonly looks: number; readonly noise: MotionNoise } | null
  /** A track that is missed keeps its size (ByteTrack), instead of growing or shrinking on (DeepSORT). */
  readonly keepsSize: boolean
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
  /** The same where only the place is compared. */
  readonly placeGate: number
  /** Intersection over union that places must have in common where looks do not tell. */
  readonly leastOverlap: number
  /** How many times larger or smaller than expected a thing may be seen, where looks do not tell. */
  readonly mostGrowth: number
  /** How much boxes grow for that, as a share of their sides. */
  readonly grow: number
  /** Cosine distance beyond which two that overlap are not the same after all, where both were looked at. */
  readonly vetoCosineDistance: number
  /** A track missed in more frames in a row than this is found again by its looks only. */
  readonly overlapMisses: number
  /**
   * A pass of our own for what is carried fast: what is left goes to the nearest that is left, within so many of its sizes of
   * where it is expected, if it looks alike (cosine distance). What stood still must have been looked at. null: none.
   */
  readonly swift: { readonly sizes: number; readonly mostCosineDistance: number } | null
  /** ByteTrack's second pass: unsure detections keep tracks alive. Its code counts a box's last pixel as one more. */
  readonly second: { readonly scoreFrom: number; readonly leastOverlap: number; readonly lastPixel: 0 | 1 } | null
}

/**
 * DeepSORT as published (Wojke, Bewley, Paulus, "Simple online and realtime tracking with a deep association metric",
 * ICIP 2017, and its code's defaults): gate 9.4877 is the 0.95 quantile of chi-square with 4 degrees of freedom; IoU
 * distance 0.7, cosine distance 0.2, 3 looks to confirm, 30 frames to live, 100 looks remembered.
 */
export const deepSort: TrackerSettings = {
  frameMs: 1000 / 30,
  noise: { position: 1 / 20, velocity: 1 / 160 },
  still: null,
  keepsSize: false,
  scoreFrom: 0.3,
  newFrom: 0.3,
  confirmAfter: 3,
  tentativeMisses: 0,
  mostFrames: 30,
  gate: 9.4877,
  placeGate: Infinity,
  mostCosineDistance: 0.2,
  mostLooks: 100,
  leastOverlap: 1 - 0.7,
  mostGrowth: Infinity,
  grow: 0,
  vetoCosineDistance: Infinity,
  overlapMisses: 1,
  swift: null,
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
  second: { scoreFrom: 0.1, leastOverlap: 0.5, lastPixel: 1 },
}

/**
 * For the fridge: a carried product is before the camera for half a second and moves its own width between two frames, so
 * that a track is believed sooner, moves more freely, and meets its box in a wider place.
 */
export const fridge: TrackerSettings = {
  ...deepSortWithBytes,
  frameMs: 100,
  noise: { position: 1 / 20, velocity: 1 / 4 },
  still: { looks: 4, noise: { position: 1 / 20, velocity: 1 / 160 } },
  keepsSize: true,
  scoreFrom: 0.45,
  newFrom: 0.45,
  confirmAfter: 2,
  tentativeMisses: 1,
  placeGate: 25,
  mostFrames: 15,
  mostCosineDistance: 0.4,
  mostLooks: 8,
  leastOverlap: 0.2,
  mostGrowth: 1.7,
  grow: 0.1,
  vetoCosineDistance: 0.6,
  overlapMisses: 3,
  swift: { sizes: 2, mostCosineDistance: 0.5 },
  second: { scoreFrom: 0.1, leastOverlap: 0.4, lastPixel: 0 },
}
