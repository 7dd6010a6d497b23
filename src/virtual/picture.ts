/**
 * Picture: is this file one that the screens can show? PNG or SVG, whole, of a bearable size, and harmless.
 *
 * Pure: bytes in, facts or faults out. The file's content decides what it is, and its name must agree. Called by shop.ts.
 */
import { crc32 } from 'node:zlib'
import { inspectSvg } from './svg-inspection.ts'

export type PictureFaultCode = 'pictureKind' | 'pictureBroken' | 'pictureUnsafe' | 'pictureTooBig'

export interface PictureFault {
  readonly code: PictureFaultCode
  /** Where in the file: `line 12`, `chunk IDAT`, or empty. */
  readonly path: string
  readonly message: string
}

export interface PictureFacts {
  /** In its own units (pixels for a PNG): only their ratio means something. Zero when faulty. */
  readonly width: number
  readonly height: number
  readonly faults: readonly PictureFault[]
}

export const largestPictureBytes = 1024 * 1024
export const largestPicturePixels = 4096

const pngMark = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

export function inspectPicture(bytes: Uint8Array, name: string): PictureFacts {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const called = /\.svg$/i.test(name) ? 'SVG' : 'PNG'
  const png = file.subarray(0, 8).equals(pngMark)
  const found = png ? 'PNG' : looksLikeSvg(file) ? 'SVG' : otherKind(file)
  if (found !== called) return faulty('pictureKind', '', `is called ${called} but holds ${found}`)
  return png ? inspectPng(file) : inspectDrawing(file)
}

const faulty = (code: PictureFaultCode, path: string, message: string): PictureFacts => ({
  width: 0,
  height: 0,
  faults: [{ code, path, message }],
})

const looksLikeSvg = (file: Buffer): boolean =>
  /^\uFEFF?\s*(?:<\?xml|<!DOCTYPE|<!--|<\w)/i.test(file.subarray(0, 200).toString('utf8'))

/** What people do send instead, by its first bytes, so that the fault can say it. */
function otherKind(file: Buffer): string {
  const head = file.subarray(0, 12).toString('latin1')
  if (file.length === 0) return 'nothing (it is empty)'
  if (head.startsWith('\xFF\xD8\xFF')) return 'a JPEG: save it as PNG'
  if (head.startsWith('GIF8')) return 'a GIF: save it as PNG'
  if (head.startsWith('RIFF') && head.endsWith('WEBP')) return 'a WebP: save it as PNG'
  if (head.startsWith('\x1F\x8B')) return 'a compressed file: save it as plain SVG'
  return 'neither a PNG nor an SVG'
}

/** Walks the chunks to IEND: a picture that was cut off or damaged on its way is found here, not on the screen. */
function inspectPng(file: Buffer): PictureFacts {
  let at = pngMark.length
  let [width, height, pixels] = [0, 0, false]
  while (at + 12 <= file.length) {
    const length = file.readUInt32BE(at)
    const type = file.toString('latin1', at + 4, at + 8)
    const end = at + 12 + length
    if (end > file.length) break
    if (crc32(file.subarray(at + 4, end - 4)) !== file.readUInt32BE(end - 4))
      return faulty('pictureBroken', `chunk ${type}`, 'is damaged: its checksum is wrong')
    if (width === 0) {
      if (type !== 'IHDR' || length !== 13) return faulty('pictureBroken', `chunk ${type}`, 'is not how a PNG begins')
      width = file.readUInt32BE(at + 8)
      height = file.readUInt32BE(at + 12)
      if (width === 0 || height === 0) return faulty('pictureBroken', 'chunk IHDR', 'has no size')
      if (Math.max(width, height) > largestPicturePixels)
        return faulty('pictureTooBig', '', `is ${width} x ${height}: at most ${largestPicturePixels} pixels a side`)
    }
    if (type === 'IDAT') pixels = true
    if (type === 'IEND') {
      return pixels ? { width, height, faults: [] } : faulty('pictureBroken', '', 'holds no pixels')
    }
    at = end
  }
  return faulty('pictureBroken', '', 'ends too early: was it copied whole?')
}

function inspectDrawing(file: Buffer): PictureFacts {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(file)
  } catch {
    return faulty('pictureBroken', '', 'is not UTF-8 text')
  }
  if (text.includes('\0')) return faulty('pictureBroken', '', 'holds a zero byte')
  const { width, height, faults } = inspectSvg(text)
  return {
    width,
    height,
    faults: faults.map(({ code, line, message }) => ({
      code: code === 'broken' ? 'pictureBroken' : 'pictureUnsafe',
      path: `line ${line}`,
      message,
    })),
  }
}
