/**
 * Shot and frame: one picture of one camera with the moment it was taken. Cameras give shots; the pipeline decodes the few
 * that it has time for into frames. What is kept as evidence is the shot's JPEG as it came, what is looked at is the RGB.
 */
import type { Picture } from '../embed/picture.ts'

/** A picture as its camera sent it, not yet decoded. */
export interface Shot {
  readonly camera: string
  /** Counts up by one for each shot that the camera gave, also over its stops and losses. */
  readonly number: number
  /** Fridge time at which the last byte arrived; never earlier than the shot before. */
  readonly atMs: number
  readonly jpeg: Uint8Array
  readonly width: number
  readonly height: number
}

export interface Frame {
  readonly camera: string
  /** Its shot's: gaps are shots that came while the pipeline was busy. */
  readonly number: number
  /** Its shot's. */
  readonly atMs: number
  /** As the camera sent it; null where it gives raw pixels. */
  readonly jpeg: Uint8Array | null
  readonly picture: Picture
}
