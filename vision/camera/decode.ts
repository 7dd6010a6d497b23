/**
 * Decode: a shot's JPEG as RGB, whole for the models or small for everything that only has to see what moves. A JPEG that
 * is cut short or damaged inside is a fault here, although its ends looked right to the splitter.
 */
import sharp from 'sharp'
import { err, ok, type Result } from '../../src/core/result.ts'
import type { Picture } from '../embed/picture.ts'
import type { Frame, Shot } from './frame.ts'

/** A small picture of a shot: changes and clarity are judged on it. */
export const gridWidth = 320
export const gridHeight = 180

/** The whole shot. What it shows was judged by its small picture (clarity.ts), so that nothing is judged twice. */
export async function decodeFrame({
  camera,
  number,
  atMs,
  jpeg,
}: Omit<Shot, 'width' | 'height'>): Promise<Result<Frame, string>> {
  try {
    const { data, info } = await sharp(jpeg, { failOn: 'truncated' }).raw().toBuffer({ resolveWithObject: true })
    if (info.channels !== 3) return err('the picture has no colours')
    return ok({ camera, number, atMs, jpeg, picture: { width: info.width, height: info.height, rgb: data } })
  } catch (error) {
    return err(reason(error))
  }
}

/** `gridWidth` x `gridHeight` of it, whatever its own sides; the decoder leaves out what isn't needed for so small a picture. */
export async function decodeGrid(jpeg: Uint8Array): Promise<Result<Picture, string>> {
  try {
    return await small(jpeg, 'warning')
  } catch (error) {
    const why = reason(error)
    if (/premature|truncated/i.test(why)) return err(why)
  }
  try {
    return await small(jpeg, 'truncated') // a cheap camera's extra bytes harm nothing
  } catch (error) {
    return err(reason(error))
  }
}

async function small(jpeg: Uint8Array, failOn: 'warning' | 'truncated'): Promise<Result<Picture, string>> {
  const { data, info } = await sharp(jpeg, { failOn })
    .resize(gridWidth, gridHeight, { fit: 'fill', kernel: 'linear' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  return info.channels === 3
    ? ok({ width: gridWidth, height: gridHeight, rgb: data })
    : err('the picture has no colours')
}

const reason = (error: unknown): string =>
  error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
