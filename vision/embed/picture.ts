/**
 * Picture: bytes of a file or a camera made into RGB, or a fault that says why they are no picture of a product.
 *
 * Holds always: a Picture was decoded to its last line (a JPEG cut short is a fault, not a grey half), is upright as its
 * EXIF says, has at least 32 pixels a side, and shows something. Called by embed/embedder.ts and the commands.
 */
import sharp from 'sharp'
import { err, ok, type Result } from '../../src/core/result.ts'

export interface Picture {
  readonly width: number
  readonly height: number
  /** Row by row, three bytes a pixel: red, green, blue. */
  readonly rgb: Uint8Array
}

export type PictureFault = {
  readonly code: 'notPicture' | 'cutShort' | 'tooSmall' | 'tooLarge' | 'black' | 'blank'
  readonly says: string
}

const leastSide = 32
/** A 50-megapixel picture is 150 MB as RGB: more would only bring the fridge down. */
const mostPixels = 50_000_000
/** Mean brightness (of 255) below which a lens is covered or a lamp is out. */
const blackBelow = 10
/** Standard deviation (of 255) below which a picture shows nothing: fog, a wall, a frozen sensor. */
const blankBelow = 3
const mostSamples = 200_000

/** Decodes and judges `bytes` (JPEG, PNG, WebP and what else sharp reads). */
export async function readPicture(bytes: Uint8Array): Promise<Result<Picture, PictureFault>> {
  if (bytes.length === 0) return err({ code: 'notPicture', says: 'the file is empty' })
  try {
    const { data, info } = await sharp(bytes, { failOn: 'truncated', limitInputPixels: mostPixels })
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true })
    const rgb = info.channels === 3 ? new Uint8Array(data) : threefold(data, info.channels)
    return judged({ width: info.width, height: info.height, rgb })
  } catch (error) {
    return err(fault(error instanceof Error ? error.message : String(error)))
  }
}

/** The same judgement for a frame that arrives as RGB already. */
export function judged(picture: Picture): Result<Picture, PictureFault> {
  const { width, height, rgb } = picture
  if (width < leastSide || height < leastSide) {
    return err({
      code: 'tooSmall',
      says: `the picture is ${width} x ${height}; at least ${leastSide} a side are needed`,
    })
  }
  const { mean, deviation } = brightness(rgb)
  if (mean < blackBelow)
    return err({ code: 'black', says: 'the picture is black: is the lens covered, or the light out?' })
  if (deviation < blankBelow) return err({ code: 'blank', says: 'the picture shows one even colour and no product' })
  return ok(picture)
}

/** Of evenly spread values: a camera's frame has millions, and is judged for every look at it. */
function brightness(rgb: Uint8Array): { mean: number; deviation: number } {
  // Never a multiple of three, so that all channels are among them.
  const step = 3 * Math.floor(rgb.length / 3 / mostSamples) + 1
  let [sum, squares, count] = [0, 0, 0]
  for (let index = 0; index < rgb.length; index += step) {
    const value = rgb[index] ?? 0
    sum += value
    squares += value * value
    count += 1
  }
  const mean = sum / count
  return { mean, deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)) }
}

function threefold(grey: Uint8Array, channels: number): Uint8Array {
  const pixels = grey.length / channels
  const rgb = new Uint8Array(pixels * 3)
  for (let pixel = 0; pixel < pixels; pixel += 1) rgb.fill(grey[pixel * channels] ?? 0, pixel * 3, pixel * 3 + 3)
  return rgb
}

function fault(message: string): PictureFault {
  if (/premature end|truncated|unexpected end|corrupt|VipsJpeg|read error|bad data/i.test(message)) {
    return { code: 'cutShort', says: `the picture is cut short or damaged (${firstLine(message)})` }
  }
  if (/pixel limit/i.test(message)) {
    return { code: 'tooLarge', says: `the picture has more than ${mostPixels / 1_000_000} million pixels` }
  }
  return { code: 'notPicture', says: `this is not a picture that can be read (${firstLine(message)})` }
}

const firstLine = (message: string): string => message.split('\n')[0] ?? ''
