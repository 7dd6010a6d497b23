/**
 * RT-DETR: an exported RT-DETR or RT-DETRv2 file as a detector, run as it is, with the reference's own pre- and
 * post-processing.
 *
 * Holds always: the picture is squeezed to the network's square as Pillow does it and scaled to 0..1; boxes and scores
 * are the reference's (test/vectors/vision/rtdetr); a file of other inputs or outputs is a fault when it is opened, never
 * wrong boxes later. Two layouts are told apart by their names: `raw` as transformers and optimum export it, and
 * `deploy` as the authors' repository does. Called where a fridge's owner brings a detector of their own.
 */
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Tensor, type InferenceSession } from 'onnxruntime-node'
import { err, invariant, ok, type Result } from '../../src/core/result.ts'
import type { Picture } from '../embed/picture.ts'
import { openSession, type ModelFault } from '../models/model.ts'
import type { Detection, DetectedKind } from './detection.ts'
import { resized } from './resize.ts'
import { deployAnswers, detectionsOf, rawAnswers, type ClassAnswer } from './rtdetr-answers.ts'

export interface RtDetrUse {
  /** What each class number of the file's training means here; a class that is not named is left out. */
  readonly kinds: ReadonlyMap<number, DetectedKind>
  /** Only what scores higher is a detection; 0.5, as in the reference, when not given. */
  readonly leastScore?: number
  /** Of the file; without it any file is taken. */
  readonly sha256?: string
  /** Side of the network's input when the file leaves it open; 640 when not given. */
  readonly inputPixels?: number
}

export interface RtDetr {
  readonly layout: 'raw' | 'deploy'
  /** Side of the square that the network sees. */
  readonly inputPixels: number
  /** Products and hands of a picture, best first. */
  detect(picture: Picture): Promise<readonly Detection[]>
  /** Everything the network says, of any class and score, best first. */
  answers(picture: Picture): Promise<readonly ClassAnswer[]>
  close(): Promise<void>
}

/** One way of exporting: which tensors go in and come out. */
interface Layout {
  readonly name: RtDetr['layout']
  readonly pixels: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

const layouts: readonly Layout[] = [
  { name: 'raw', pixels: 'pixel_values', inputs: ['pixel_values'], outputs: ['logits', 'pred_boxes'] },
  {
    name: 'deploy',
    pixels: 'images',
    inputs: ['images', 'orig_target_sizes'],
    outputs: ['labels', 'boxes', 'scores'],
  },
]
const usualPixels = 640
const usualLeastScore = 0.5

/** Opens the file at `path` and asks it once, so that what does not fit is told now. */
export async function openRtDetr(path: URL | string, use: RtDetrUse): Promise<Result<RtDetr, ModelFault>> {
  const shown = basename(path instanceof URL ? fileURLToPath(path) : path)
  const opened = await openSession(path, shown, use.sha256 ?? null)
  if (!opened.ok) return opened
  const session = opened.value
  const refused = async (why: string): Promise<Result<RtDetr, ModelFault>> => {
    await session.release()
    return err({ code: 'shape', says: `the model ${shown} is no RT-DETR that can be run: ${why}` })
  }
  const layout = layouts.find(({ inputs }) => sameNames(inputs, session.inputNames))
  if (layout === undefined) {
    const known = layouts.map(({ inputs }) => inputs.join(' and ')).join(', or ')
    return refused(`its inputs are ${session.inputNames.join(', ')}, and should be ${known}`)
  }
  const lacking = layout.outputs.filter((name) => !session.outputNames.includes(name))
  if (lacking.length > 0) {
    return refused(`it gives ${session.outputNames.join(', ')}, and no ${lacking.join(' and no ')}`)
  }
  const side = sideOf(session, layout, use.inputPixels ?? usualPixels)
  if (typeof side === 'string') return refused(side)
  try {
    const ground = { width: side, height: side, rgb: new Uint8Array(side * side * 3).fill(114) }
    const wrong = answerFault(layout, await asked(session, layout, ground, side))
    if (wrong !== undefined) return await refused(wrong)
  } catch (error) {
    return refused(`it cannot be run on ${side} x ${side} pixels: ${String(error)}`)
  }
  return ok(rtDetrOn(session, layout, side, use))
}

function rtDetrOn(session: InferenceSession, layout: Layout, side: number, use: RtDetrUse): RtDetr {
  const answers = async (picture: Picture): Promise<readonly ClassAnswer[]> => {
    const given = await asked(session, layout, picture, side)
    const wrong = answerFault(layout, given)
    invariant(wrong === undefined, `the network answers as it did when it was opened: ${wrong ?? ''}`)
    const tensor = (name: string): Tensor['data'] => given[name]?.data ?? new Float32Array()
    return layout.name === 'raw'
      ? rawAnswers(tensor('logits'), tensor('pred_boxes'), picture)
      : deployAnswers(tensor('labels'), tensor('boxes'), tensor('scores'))
  }
  return {
    layout: layout.name,
    inputPixels: side,
    answers,
    detect: async (picture) => detectionsOf(await answers(picture), use.kinds, use.leastScore ?? usualLeastScore),
    close: async () => session.release(),
  }
}

async function asked(
  session: InferenceSession,
  layout: Layout,
  picture: Picture,
  side: number,
): Promise<InferenceSession.ReturnType> {
  const feeds: Record<string, Tensor> = {
    [layout.pixels]: new Tensor('float32', pixelValues(picture, side), [1, 3, side, side]),
  }
  if (layout.name === 'deploy') {
    const size = BigInt64Array.of(BigInt(picture.width), BigInt(picture.height))
    feeds['orig_target_sizes'] = new Tensor('int64', size, [1, 2])
  }
  return session.run(feeds, layout.outputs)
}

/** Channel by channel (red, green, blue), row by row, 0 to 1. */
function pixelValues(picture: Picture, side: number): Float32Array {
  const { rgb } = resized(picture, side, side)
  const plane = side * side
  const values = new Float32Array(plane * 3)
  for (let pixel = 0; pixel < plane; pixel += 1) {
    values[pixel] = (rgb[pixel * 3] ?? 0) / 255
    values[plane + pixel] = (rgb[pixel * 3 + 1] ?? 0) / 255
    values[2 * plane + pixel] = (rgb[pixel * 3 + 2] ?? 0) / 255
  }
  return values
}

/** The side of the square input, or what is wrong with it. */
function sideOf({ inputMetadata }: InferenceSession, layout: Layout, open: number): number | string {
  const pixels = inputMetadata.find(({ name }) => name === layout.pixels)
  if (pixels?.isTensor !== true || pixels.type !== 'float32') return `its ${layout.pixels} is not float32`
  const [batch, channels, height, width] = pixels.shape
  const found = `its ${layout.pixels} is ${pixels.shape.join(' x ')}`
  const fits = pixels.shape.length === 4 && (typeof batch === 'string' || batch === 1 || batch === -1)
  if (!fits || (typeof channels === 'number' && channels > 0 && channels !== 3)) {
    return `${found}, and should be 1 x 3 x ${open} x ${open}`
  }
  const sides = [height, width].map((size) => (typeof size === 'number' && size > 0 ? size : open))
  return sides[0] === sides[1] ? (sides[0] ?? open) : `${found}, and should be a square`
}

/** What is wrong with the shapes of an answer for one picture. */
function answerFault(layout: Layout, given: InferenceSession.ReturnType): string | undefined {
  const [first, boxes, scores] = layout.outputs.map((name) => given[name])
  const shown = layout.outputs.map((name) => `${name} ${given[name]?.type} ${given[name]?.dims.join(' x ')}`).join(', ')
  const queries = first?.dims[1] ?? 0
  const boxesFit =
    boxes?.type === 'float32' && boxes.dims.length === 3 && boxes.dims[1] === queries && boxes.dims[2] === 4
  const raw = first?.type === 'float32' && first.dims.length === 3 && (first.dims[2] ?? 0) > 0
  const deploy =
    (first?.type === 'int64' || first?.type === 'int32') &&
    first.dims.length === 2 &&
    scores?.type === 'float32' &&
    scores.dims.length === 2 &&
    scores.dims[1] === queries
  const fits = queries > 0 && first?.dims[0] === 1 && boxesFit && (layout.name === 'raw' ? raw : deploy)
  if (fits) return undefined
  const wanted =
    layout.name === 'raw'
      ? 'logits float32 1 x queries x classes, pred_boxes float32 1 x queries x 4'
      : 'labels int64 1 x queries, boxes float32 1 x queries x 4, scores float32 1 x queries'
  return `it answers ${shown}, and should answer ${wanted}`
}

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name) => b.includes(name))
