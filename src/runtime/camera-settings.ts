/**
 * Camera settings: which cameras look into the fridge, where each sees which shelf, and what they were taught. Of
 * config.json, or of a file of their own that the command line names (the virtual fridge's).
 */
import { z } from 'zod'
import { addressFault } from '../../vision/camera/address.ts'

const share = z.number().min(-1).max(2)
const polygon = z
  .array(z.tuple([share, share]))
  .min(3)
  .max(64)

const cameraSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]{1,20}$/, 'lower-case letters and digits, at most 20'),
  /** `rpicam:0`, `v4l2:/dev/video0`, `ffmpeg:INPUT`, `unix:PATH` or `file:PATH`; see vision/camera/address.ts. */
  source: z.string().superRefine((address, context) => {
    const fault = addressFault(address)
    if (fault !== null) context.addIssue({ code: 'custom', message: fault })
  }),
  width: z.int().min(320).max(4096).default(1280),
  height: z.int().min(180).max(2304).default(720),
  framesPerSecond: z.number().min(2).max(60).default(10),
  /** The floor of each shelf as this camera sees it, in shares of its picture. Without any it tells of no shelf. */
  shelves: z
    .array(
      z.strictObject({
        shelf: z.int().min(1).max(12),
        polygon: z
          .array(z.tuple([share, share]))
          .min(3)
          .max(24),
      }),
    )
    .max(12)
    .default([]),
  /** The door's opening as it sees it, and in it each shelf's part from the top. Without it, it tells of no crossings. */
  opening: z
    .strictObject({ outline: polygon, shelves: z.array(polygon).max(12) })
    .nullable()
    .default(null),
})

export const cameraSettings = {
  cameras: z
    .array(cameraSchema)
    .max(4)
    .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'two cameras have one id')
    .default([]),
  /** What `npm run vision -- teach` wrote, or a folder with a sub-folder of pictures for each product's sku. */
  gallery: z.string().min(1).optional(),
  evidence: z
    .strictObject({
      /** How long pictures of visits are kept (law P2). */
      days: z.number().min(0).max(365).default(7),
      /** All together, at most. */
      megabytes: z.number().min(16).max(1_000_000).default(2_048),
      /** Of small pictures of visits in doubt, what may go to the relay in a day; 0: none leave the fridge. */
      megabytesToRelay: z.number().min(0).max(1_000).default(8),
      /** Visits that a person decided are kept so long, with their pictures, to teach by (`npm run vision -- verdicts`); 0: not. */
      verdictDays: z.number().min(0).max(365).default(0),
    })
    .prefault({}),
}
