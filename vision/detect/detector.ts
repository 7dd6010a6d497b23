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

export interface Detector {
  readonly modelSha256: string
  /** From which score on a detection of the kind is believed; what the manifest says. */
  readonly leastScores: Readonly<Record<DetectedKind, number>>
  /** Products and hands, best first. `leastScore`: for who can use weak ones too, as a tracker does; else the manifest's. */
  detect(picture: Picture, leastScore?: number): Promise<readonly Detection[]>
  /** Decodes a file's bytes, judges them, and detects. */
  detectFile(bytes: Uint8Array, leastScore?: number): Promise<Result<readonly Detection[], PictureFault>>
  close(): Promise<void>
}

/** What detector.json says: the model, and how its answers are to be read. */
interface DetectorSpec extends ModelSpec {
  /** Of the score columns, in their order. */
  readonly kinds: readonly DetectedKind[]
  readonly leastScores: Readonly<Record<DetectedKind, number>>
  /** Boxes of one kind that overlap by more than this share are one thing. */
  readonly mostOverlap: number
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
  const [, , rows, columns] = spec.input.shape
  invariant(typeof rows === 'number' && typeof columns === 'number', 'detector.json says how large the input is')
  const detect = async (picture: Picture, leastScore?: number): Promise<readonly Detection[]> => {
    const { values, scale } = await letterboxed(picture, columns, rows)
    const answers = await model.run(values, 1)
    const [scores, boxes] = [answers.get('scores'), answers.get('boxes')]
    invariant(scores !== undefined && boxes !== undefined, 'the detector gives scores and boxes')
    const found: Detection[] = []
    for (const [column, kind] of spec.kinds.entries()) {
      const least = leastScore ?? spec.leastScores[kind]
      for (let cell = 0, at = column; at < scores.length; cell += 1, at += spec.kinds.length) {
        const score = scores[at] ?? 0
        if (score < least) continue
        const box = within(picture, boxes.subarray(cell * 4, cell * 4 + 4), scale)
        if (box.width > 0 && box.height > 0) found.push({ kind, box, score })
      }
    }
    return suppressed(found, spec.mostOverlap)
  }
  return {
    modelSha256: spec.sha256,
    leastScores: spec.leastScores,
    detect,
    detectFile: async (bytes, leastScore) => {
      const picture = await readPicture(bytes)
      return picture.ok ? ok(await detect(picture.value, leastScore)) : picture
    },
    close: async () => model.close(),
  }
}

/**
 * The picture made to fit, at the upper left, as planes of red, green and blue; `scale`: pixels there for a pixel here. By
 * sharp, which takes half of resize.ts's time and differs from it, and so from training, by a quarter of a level of 255.
 */
async function letterboxed(
  { width, height, rgb }: Picture,
  columns: number,
  rows: number,
): Promise<{ readonly values: Float32Array; readonly scale: number }> {
  const scale = Math.min(columns / width, rows / height)
  const side = (pixels: number, most: number): number => Math.min(most, Math.max(1, Math.floor(pixels * scale + 0.5)))
  const [across, down] = [side(width, columns), side(height, rows)]
  const small = await sharp(rgb, { raw: { width, height, channels: 3 } })
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
  return { values, scale }
}

/** A box of the input (left, top, right, bottom) in the picture's pixels, cut at its edges. */
function within({ width, height }: Picture, sides: Float32Array, scale: number): Box {
  const [left = 0, top = 0, right = 0, bottom = 0] = sides
  const from = { left: Math.max(0, left / scale), top: Math.max(0, top / scale) }
  return {
    ...from,
    width: Math.min(width, right / scale) - from.left,
    height: Math.min(height, bottom / scale) - from.top,
  }
}
