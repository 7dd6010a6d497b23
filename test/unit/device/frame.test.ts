import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cobsDecode, cobsEncode, createSplitter, decodeFrame, encodeFrame } from '../../../src/device/frame.ts'
import { linkFaults, maxBody } from '../../../src/device/messages.gen.ts'
import { sealFrame } from '../../../src/device/session.ts'
import { field, readVectors } from './vectors.ts'

const hex = (bytes: Uint8Array | null): string => (bytes === null ? 'null' : Buffer.from(bytes).toString('hex'))

test.each(readVectors('cobs'))('[F1] COBS, $name, both ways', (vector) => {
  expect(hex(cobsEncode(field(vector, 0)))).toBe(`${hex(field(vector, 1))}00`)
  expect(hex(cobsDecode(field(vector, 1)))).toBe(hex(field(vector, 0)))
})

test.each(readVectors('bad-cobs'))('[F2] no COBS: $name', (vector) => {
  expect(cobsDecode(field(vector, 0))).toBeNull()
})

test.each(readVectors('frames'))('[F1] [F7] the frame $name, both ways', (vector) => {
  const [sender, key, counter, type, body, wire] = [0, 1, 2, 3, 4, 5].map((i) => field(vector, i))
  if (!sender || !key || !counter || !type || !body || !wire) throw new Error('six fields')
  const count = Buffer.from(counter).readUInt32LE()
  const typeCode = type[0] ?? 0
  const sealed = sealFrame(key, sender[0] === 0 ? 'pi' : 'controller', count, { typeCode, body })
  expect(hex(sealed)).toBe(hex(wire))
  expect(decodeFrame(wire.subarray(0, -1))).toMatchObject({ ok: true, value: { typeCode, counter: count, body } })
})

test.each(readVectors('bad-frames'))('[F2] $name fails its first check', (vector) => {
  expect(decodeFrame(field(vector, 0))).toEqual({ ok: false, error: linkFaults[field(vector, 1)[0] ?? 99] })
})

test('[F1] a body beyond 128 bytes is not sent', () => {
  expect(() => sealFrame(new Uint8Array(32), 'pi', 1, { typeCode: 1, body: new Uint8Array(maxBody + 1) })).toThrow(
    '128',
  )
})

test('[F1] COBS gives back whatever it was given', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (raw) => {
      const coded = cobsEncode(raw)
      expect(coded.indexOf(0)).toBe(coded.length - 1)
      expect(hex(cobsDecode(coded.subarray(0, -1)))).toBe(hex(raw))
    }),
  )
})

test('[F2] random bytes are never a frame, and never an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(decodeFrame(bytes).ok).toBe(false)
    }),
    { numRuns: 2_000 },
  )
})

/** A splitter that writes down what it was given. */
function splitting() {
  const frames: string[] = []
  let overlong = 0
  const split = createSplitter(
    (coded) => void frames.push(hex(coded)),
    () => void (overlong += 1),
  )
  return { frames, split, overlong: () => overlong }
}

test('[F3] frames come out whole however the bytes come in', () => {
  const frame = encodeFrame(Uint8Array.of(1, 2, 3, 0, 0, 0, 9), new Uint8Array(8).fill(7))
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
      fc.integer({ min: 1, max: 5 }),
      (cuts, count) => {
        const { frames, split } = splitting()
        const stream = Buffer.concat(Array.from({ length: count }, () => frame))
        let at = 0
        for (let i = 0; at < stream.length; i++) {
          const next = at + (cuts[i % cuts.length] ?? 1)
          split(stream.subarray(at, next))
          at = next
        }
        expect(frames).toEqual(Array.from({ length: count }, () => hex(frame.subarray(0, -1))))
      },
    ),
  )
})

test('[F3] an overlong run is one failure, delimiters in a row are none, and the next frame is taken', () => {
  const { frames, split, overlong } = splitting()
  split(new Uint8Array(100_000).fill(3))
  split(Uint8Array.of(0, 0, 0, 5, 6, 0))
  expect(overlong()).toBe(1)
  expect(frames).toEqual(['0506'])
})
