/**
 * Frame: one picture of one camera with the moment it was taken. Cameras give frames to the pipeline, which keeps some as
 * evidence; a frame's JPEG is what is kept, its RGB is what is looked at.
 */
import type { Picture } from '../embed/picture.ts'

export interface Frame {
  readonly camera: string
  /** Counts up by one for each frame that the camera gave, dropped ones too. */
  readonly number: number
  /** Fridge time at which the frame's last byte arrived. */
  readonly atMs: number
  /** As the camera sent it; null where it gives raw pixels. */
  readonly jpeg: Uint8Array | null
  readonly picture: Picture
}
