/**
 * Frames on the wire: COBS, CRC-32, and where a frame's parts lie (firmware/SPEC.md F1-F3).
 *
 * Raw: version u8 | type u8 | counter u32 LE | body | tag 8 | CRC-32 LE; on the wire COBS(raw) 0x00.
 * Holds always: nothing is read before its length is checked, nothing is believed before its CRC is; a splitter never
 * keeps more than one frame's bytes, whatever comes. Called by session.ts and link.ts.
 */
import { crc32 } from 'node:zlib'
import { err, invariant, ok, type Result } from '../core/result.ts'
import { maxBody, protocolVersion, type LinkFault } from './messages.gen.ts'

export const headerLength = 6
export const tagLength = 8
const crcLength = 4
const rawMin = headerLength + tagLength + crcLength
const rawMax = rawMin + maxBody
/** COBS adds one byte to fewer than 255. */
const codedMax = rawMax + 1

export interface Frame {
  readonly typeCode: number
  readonly counter: number
  /** Header and body: what the tag covers. */
  readonly covered: Uint8Array
  readonly body: Uint8Array
  readonly tag: Uint8Array
}

/** Header and body of a frame, ready to be tagged. */
export function coveredBytes(typeCode: number, counter: number, body: Uint8Array): Uint8Array {
  invariant(body.length <= maxBody, `a body has at most ${maxBody} bytes, not ${body.length}`)
  const covered = new Uint8Array(headerLength + body.length)
  const view = new DataView(covered.buffer)
  view.setUint8(0, protocolVersion)
  view.setUint8(1, typeCode)
  view.setUint32(2, counter, true)
  covered.set(body, headerLength)
  return covered
}

/** The bytes that go over the wire, with the delimiter. */
export function encodeFrame(covered: Uint8Array, tag: Uint8Array): Uint8Array {
  const raw = new Uint8Array(covered.length + tagLength + crcLength)
  raw.set(covered, 0)
  raw.set(tag, covered.length)
  const checked = covered.length + tagLength
  new DataView(raw.buffer).setUint32(checked, crc32(raw.subarray(0, checked)), true)
  return cobsEncode(raw)
}

/** What stood between two delimiters, or the first check that it failed. */
export function decodeFrame(coded: Uint8Array): Result<Frame, LinkFault> {
  if (coded.length < rawMin + 1 || coded.length > codedMax) return err('length')
  const raw = cobsDecode(coded)
  if (raw === null || raw.length !== coded.length - 1) return err('encoding')
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
  const checked = raw.length - crcLength
  if (crc32(raw.subarray(0, checked)) !== view.getUint32(checked, true)) return err('crc')
  if (view.getUint8(0) !== protocolVersion) return err('version')
  const tagAt = checked - tagLength
  return ok({
    typeCode: view.getUint8(1),
    counter: view.getUint32(2, true),
    covered: raw.subarray(0, tagAt),
    body: raw.subarray(headerLength, tagAt),
    tag: raw.subarray(tagAt, checked),
  })
}

/** COBS with its delimiter. */
export function cobsEncode(raw: Uint8Array): Uint8Array {
  const coded = new Uint8Array(raw.length + Math.floor(raw.length / 254) + 2)
  let codeAt = 0
  let at = 1
  raw.forEach((byte, index) => {
    if (byte !== 0) coded[at++] = byte
    if (byte === 0 || (at - codeAt === 0xff && index + 1 < raw.length)) {
      coded[codeAt] = at - codeAt
      codeAt = at++
    }
  })
  coded[codeAt] = at - codeAt
  return coded.subarray(0, at + 1)
}

/** The bytes that were encoded (without delimiter), or null when these are not COBS. */
export function cobsDecode(coded: Uint8Array): Uint8Array | null {
  const raw = new Uint8Array(coded.length)
  let from = 0
  let to = 0
  while (from < coded.length) {
    const code = coded[from++] ?? 0
    const end = from + code - 1
    if (code === 0 || end > coded.length) return null
    while (from < end) {
      const byte = coded[from++] ?? 0
      if (byte === 0) return null
      raw[to++] = byte
    }
    if (code !== 0xff && from < coded.length) raw[to++] = 0
  }
  return raw.subarray(0, to)
}

/**
 * Cuts a stream of bytes at its delimiters. `frame` gets what stood between two of them (the splitter's own memory: good
 * until it returns); `overlong` is told of each run too long to be a frame. Delimiters in a row are no frames.
 */
export function createSplitter(frame: (coded: Uint8Array) => void, overlong: () => void): (bytes: Uint8Array) => void {
  const kept = new Uint8Array(codedMax)
  let length = 0
  let overrun = false
  return (bytes) => {
    for (const byte of bytes) {
      if (byte !== 0) {
        if (length < codedMax) kept[length++] = byte
        else overrun = true
        continue
      }
      const ended = kept.subarray(0, length)
      const tooLong = overrun
      length = 0
      overrun = false
      if (tooLong) overlong()
      else if (ended.length > 0) frame(ended.slice())
    }
  }
}
