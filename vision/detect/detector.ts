/**
 * Detector: a picture in, boxes of products and hands out. It knows products as such: one that was never seen before is
 * found like any other, and who it is says the gallery.
 *
 * Holds always: the model's file was checked (models/model.ts); a picture keeps its proportions on the way in; boxes lie
 * within the picture, in its pixels, best first; the same picture gives the same boxes. Called by the vision worker and by
 * `npm run vision -- detect`.
 */
import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { err, invariant, ok, type Result } from '../../src/core/result.ts'
import { readPicture, type Picture, type PictureFault } from '../embed/picture.ts'
import { openModel, type Model, type ModelFault, type ModelSpec } from '../models/model.ts'
import type { Box, DetectedKind, Detection } from './detection.ts'
import { suppressed } from './suppression.ts'

export interface Looking {
  /** For who can use weak detections too, as a tracker does; else the manifest's threshold of each kind. */
  readonly leastScore?: number
  /** The part of the picture to look at, the more closely the smaller it is; else all of it. Cut at the edges. */
  readonly region?: Box
  /** How many pixels the network is given; else the manifest's. Time grows with it, and small things are found better. */
  readonly inputPixels?: number
}

export interface Detector {
  readonly modelSha256: string
  /** From which score on a detection of the kind is believed; what the manifest says. */
  readonly leastScores: Readonly<Record<DetectedKind, number>>
  /** Products and hands, best first, in the whole picture's pixels. */
  detect(picture: Picture, looking?: Looking): Promise<readonly Detection[]>
  /** Decodes a file's bytes, judges them, and detects. */
  detectFile(bytes: Uint8Array, looking?: Looking): Promise<Result<readonly Detection[], PictureFault>>
  close(): Promise<void>
}

/** What detector.json says: the model, and how its answers are to be read. */
interface DetectorSpec extends ModelSpec {
  /** How many pixels the network is given of any picture, about. */
  readonly inputPixels: number
  /** Sides of the input are multiples of it. */
  readonly sideStep: number
  /** Of the score columns, in their order. */
  readonly kinds: readonly DetectedKind[]
  readonly leastScores: Readonly<Record<DetectedKind, number>>
  /** Boxes of one kind that overlap by more than this share are one thing. */
  readonly mostOverlap: number
}

/** The part that is looked at, in whole pixels. */
interface Part {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Grey beside a picture that is not of the input's proportions. */
const beside = '#7f7f7f'
const shippedFolder = new URL('../models/', import.meta.url)

/** Opens the shipped detector, or the one described by detector.json in `folder`. */
export async function openDetector(folder: URL = shippedFolder): Promise<Result<Detector, ModelFault>> {
  let spec: DetectorSpec
  try {
    spec = JSON.parse(await readFile(new URL('detector.json', folder), 'utf8')) as DetectorSpec
  } catch (error) {
    return err({
      code: 'missing',
      says: `detector.json cannot be read: ${error instanceof Error ? error.message : ''}`,
    })
  }
  const model = await openModel(spec, folder)
  return model.ok ? ok(detectorOn(model.value, spec)) : model
}

function detectorOn(model: Model, spec: DetectorSpec): Detector {
  const detect = async (picture: Picture, looking: Looking = {}): Promise<readonly Detection[]> => {
    const { leastScore, region, inputPixels = spec.inputPixels } = looking
    const part = partOf(picture, region)
    const { values, columns, rows, scale } = await letterboxed(picture, part, { ...spec, inputPixels })
    const answers = await model.run(values, 1, [rows, columns])
    const [scores, boxes] = [answers.get('scores'), answers.get('boxes')]
    invariant(scores !== undefined && boxes !== undefined, 'the detector gives scores and boxes')
    const found: Detection[] = []
    for (const [column, kind] of spec.kinds.entries()) {
      const least = leastScore ?? spec.leastScores[kind]
      for (let cell = 0, at = column; at < scores.length; cell += 1, at += spec.kinds.length) {
        const score = scores[at] ?? 0
        if (score < least) continue
        const box = within(part, boxes.subarray(cell * 4, cell * 4 + 4), scale)
        if (box.width > 0 && box.height > 0) found.push({ kind, box, score })
      }
    }
    return suppressed(found, spec.mostOverlap)
  }
  return {
    modelSha256: spec.sha256,
    leastScores: spec.leastScores,
    detect,
    detectFile: async (bytes, looking) => {
      const picture = await readPicture(bytes)
      return picture.ok ? ok(await detect(picture.value, looking)) : picture
    },
    close: async () => model.close(),
  }
}

function partOf({ width, height }: Picture, region: Box | undefined): Part {
  if (region === undefined) return { left: 0, top: 0, width, height }
  const [left, right] = [region.left, region.left + region.width].map((x) =>
    Math.round(Math.min(width, Math.max(0, x))),
  )
  const [top, bottom] = [region.top, region.top + region.height].map((y) =>
    Math.round(Math.min(height, Math.max(0, y))),
  )
  const part = { left: left ?? 0, top: top ?? 0, width: (right ?? 0) - (left ?? 0), height: (bottom ?? 0) - (top ?? 0) }
  invariant(part.width > 0 && part.height > 0, 'a region lies in its picture')
  return part
}

interface Letterboxed {
  readonly values: Float32Array
  readonly columns: number
  readonly rows: number
  /** Pixels there for a pixel here. */
  readonly scale: number
}

/**
 * The part made to fit, at the upper left of an input of its proportions, as planes of red, green and blue. By sharp, which
 * takes half of resize.ts's time and differs from it, and so from training, by a quarter of a level of 255.
 */
async function letterboxed(picture: Picture, part: Part, spec: DetectorSpec): Promise<Letterboxed> {
  const wanted = Math.sqrt(spec.inputPixels / (part.width * part.height))
  const side = (pixels: number): number =>
    Math.max(1, Math.floor((pixels * wanted) / spec.sideStep + 0.5)) * spec.sideStep
  const [columns, rows] = [side(part.width), side(part.height)]
  const scale = Math.min(columns / part.width, rows / part.height)
  const fitted = (pixels: number, most: number): number => Math.min(most, Math.max(1, Math.floor(pixels * scale + 0.5)))
  const [across, down] = [fitted(part.width, columns), fitted(part.height, rows)]
  const small = await sharp(picture.rgb, { raw: { width: picture.width, height: picture.height, channels: 3 } })
    .extract(part)
    .resize(across, down, { fit: 'fill', kernel: 'linear' })
    .extend({ right: columns - across, bottom: rows - down, background: beside })
    .raw()
    .toBuffer()
  const plane = rows * columns
  const values = new Float32Array(plane * 3)
  for (let pixel = 0, from = 0; pixel < plane; pixel += 1, from += 3) {
    values[pixel] = small[from] ?? 0
    values[plane + pixel] = small[from + 1] ?? 0
    values[2 * plane + pixel] = small[from + 2] ?? 0
  }
  return { values, columns, rows, scale }
}

/** A box of the input (left, top, right, bottom) in the picture's pixels, cut at the edges of the part. */
function within(part: Part, sides: Float32Array, scale: number): Box {
  const [left = 0, top = 0, right = 0, bottom = 0] = sides
  const from = { left: Math.max(0, left / scale), top: Math.max(0, top / scale) }
  return {
    left: part.left + from.left,
    top: part.top + from.top,
    width: Math.min(part.width, right / scale) - from.left,
    height: Math.min(part.height, bottom / scale) - from.top,
  }
}
