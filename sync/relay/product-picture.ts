/**
 * Product picture: what an owner brings, made anew: a bounded WebP of its pixels, and of nothing else that was in the file.
 * Holds always (SPEC RL62): only a JPEG or a PNG by its own first bytes is opened; one that is cut short, too large in bytes or
 * pixels, or too small, is refused by name. The library is loaded with the first picture: a relay starts without it.
 */
import { mostPictureBytes, mostPicturePixels } from '../../src/core/definition.ts'
import { err, ok, type Result } from '../../src/core/result.ts'
import { sha256Of } from '../protocol/question.ts'

/** Of a file as it is brought. */
export const mostBroughtBytes = 12 * 1024 * 1024
const mostPixels = 50_000_000
const leastSide = 64

export interface MadePicture {
  readonly sha256: string
  readonly bytes: number
  readonly width: number
  readonly height: number
  readonly webp: Uint8Array
}
export type PictureRefusal = { readonly code: 'pictureKind' | 'pictureBroken' | 'tooBig' | 'tooSmall' | 'notSetUp'; readonly says: string } // prettier-ignore

export async function madePicture(file: Uint8Array): Promise<Result<MadePicture, PictureRefusal>> {
  if (file.length > mostBroughtBytes) return err({ code: 'tooBig', says: `a picture has at most ${mostBroughtBytes} bytes` })
  const kind = kindOf(file)
  if (kind !== null) return err({ code: 'pictureKind', says: `it holds ${kind}: bring a JPEG or a PNG` })
  const library = await import('sharp').catch(() => null)
  if (library === null) return err({ code: 'notSetUp', says: 'this relay was put up without its picture library' })
  const sharp = library.default
  try {
    // `warning`: also what a browser would show half of, as it is cut short or damaged.
    const opened = sharp(file, { failOn: 'warning', limitInputPixels: mostPixels, animated: false })
    const { width, height } = await opened.metadata()
    if (Math.min(width, height) < leastSide)
      return err({ code: 'tooSmall', says: `it is ${width} x ${height}: at least ${leastSide} pixels a side` })
    for (const [side, quality] of tries) {
      const { data, info } = await opened
        .clone()
        .rotate() // as the camera was held, which is told beside the pixels, and goes with all else that is
        .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
        .webp({ quality })
        .toBuffer({ resolveWithObject: true })
      if (data.length <= mostPictureBytes)
        return ok({ sha256: sha256Of(data), bytes: data.length, width: info.width, height: info.height, webp: data })
    }
    return err({ code: 'tooBig', says: 'it can’t be made small enough' })
  } catch (error) {
    const says = error instanceof Error ? error.message.split('\n')[0] : ''
    if (says?.includes('pixel limit') === true) return err({ code: 'tooBig', says: `it has more than ${mostPixels} pixels` })
    return err({ code: 'pictureBroken', says: `it can’t be read to its end (${says})`.slice(0, 200) })
  }
} // prettier-ignore

const tries = [
  [mostPicturePixels, 84],
  [mostPicturePixels, 70],
  [768, 70],
  [512, 50],
] as const

/** Null for what is opened; else what it is, for people. */
function kindOf(file: Uint8Array): string | null {
  const head = Buffer.from(file.subarray(0, 256))
  if (head.length === 0) return 'nothing'
  if (head.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return null
  if (head.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))) return null
  if (/^(?:\ufeff)?\s*<(?:\?xml|!--|svg|!doctype svg)/i.test(head.toString('utf8'))) return 'a drawing (SVG)'
  if (head.toString('latin1', 0, 4) === 'GIF8') return 'a GIF'
  if (head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'WEBP') return 'a WebP'
  return 'something else'
}
