import { createHash, createHmac } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { decodeFrame, type Frame } from '../../../src/device/frame.ts'
import { createSession, helloKey, sessionKey } from '../../../src/device/session.ts'
import { field, readVectors } from './vectors.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

test.each(readVectors('sessions'))('[F6] [F7] the keys of $name, and its first frame', (vector) => {
  const [linkKey, piNonce, controllerNonce, wire, hello, session] = [0, 1, 2, 3, 4, 5].map((i) => field(vector, i))
  if (!linkKey || !piNonce || !controllerNonce || !wire || !hello || !session) throw new Error('six fields')
  expect(hex(helloKey(linkKey))).toBe(hex(hello))
  const key = sessionKey(linkKey, piNonce, controllerNonce)
  expect(hex(key)).toBe(hex(session))
  const frame = decodeFrame(wire.subarray(0, -1))
  if (!frame.ok) throw new Error(frame.error)
  expect(createSession({ key, own: 'controller' }).refuse(frame.value)).toBeNull()
  expect(createSession({ key, own: 'pi' }).refuse(frame.value)).toBe('tag')
})

test('[F11] a frame is taken once, and none below the last', () => {
  const key = new Uint8Array(32).fill(9)
  const pi = createSession({ key, own: 'pi' })
  const controller = createSession({ key, own: 'controller' })
  const frames = [1, 2, 3].map((typeCode) => {
    const frame = decodeFrame(pi.seal({ typeCode, body: new Uint8Array() })?.subarray(0, -1) ?? new Uint8Array())
    if (!frame.ok) throw new Error(frame.error)
    return frame.value
  })
  const [first, second, third] = frames
  if (!first || !second || !third) throw new Error('three frames')
  expect(controller.refuse(first)).toBeNull()
  expect(controller.refuse(third)).toBeNull()
  for (const old of frames) expect(controller.refuse(old)).toBe('counter')
  expect(frames.map((frame) => frame.counter)).toEqual([1, 2, 3])
})

test('[F7] every bit of the tag, the header and the body counts', () => {
  const key = new Uint8Array(32).fill(9)
  const wire = createSession({ key, own: 'pi' }).seal({ typeCode: 3, body: new Uint8Array(28) }) ?? new Uint8Array()
  const frame = decodeFrame(wire.subarray(0, -1))
  if (!frame.ok) throw new Error(frame.error)
  const flipped = (bytes: Uint8Array, bit: number): Uint8Array =>
    bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
  const refused = (change: Partial<Frame>) =>
    createSession({ key, own: 'controller' }).refuse({ ...frame.value, ...change })
  for (let bit = 0; bit < 64; bit++) expect(refused({ tag: flipped(frame.value.tag, bit) })).toBe('tag')
  for (let bit = 0; bit < frame.value.covered.length * 8; bit++)
    expect(refused({ covered: flipped(frame.value.covered, bit) })).toBe('tag')
  expect(refused({})).toBeNull()
})

// Node's own functions on the same vectors: the vectors are right, so what the C makes of them is.
test('[F5] the vectors of CRC-32, SHA-256 and HMAC hold here too', () => {
  for (const vector of readVectors('crc32')) {
    const sum = Buffer.alloc(4)
    sum.writeUInt32LE(crc32(field(vector, 0)))
    expect(hex(sum)).toBe(hex(field(vector, 1)))
  }
  for (const vector of readVectors('sha256'))
    expect(createHash('sha256').update(field(vector, 0)).digest('hex')).toBe(hex(field(vector, 1)))
  for (const vector of readVectors('hmac')) {
    const mac = createHmac('sha256', field(vector, 0)).update(field(vector, 1)).digest('hex')
    expect(mac.startsWith(hex(field(vector, 2)))).toBe(true)
  }
})
