/**
 * Detection: where in a frame something is, and of which sort. Products are found as such, never by name: who it is says the
 * gallery. Detectors give them, the tracker follows them, before/after compares them.
 */

/** Pixels of the frame, from its upper left corner; may stand over its edge by what the detector guesses. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

export type DetectedKind = 'product' | 'hand'

export interface Detection {
  readonly kind: DetectedKind
  readonly box: Box
  /** 0 to 1, as the detector means it; detectors differ, so each brings thresholds of its own. */
  readonly score: number
}
