import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeControllerMessage,
  decodePiMessage,
  encodeControllerMessage,
  encodePiMessage,
  type ControllerMessage,
  type PiMessage,
} from '../../../src/device/messages.gen.ts'
import { field, readVectors, type Vector } from './vectors.ts'

const fromPi = (typeCode: number): boolean => typeCode < 64
const decode = (typeCode: number, body: Uint8Array) =>
  fromPi(typeCode) ? decodePiMessage(typeCode, body) : decodeControllerMessage(typeCode, body)
const typeOf = (vector: Vector): number => field(vector, 0)[0] ?? 0

/** A message as messages.json writes it: bytes as hex. */
const plain = (message: PiMessage | ControllerMessage): unknown =>
  JSON.parse(
    JSON.stringify(message, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
    ),
  )

const expected = JSON.parse(readFileSync('test/vectors/link/messages.json', 'utf8')) as Record<string, unknown>

test.each(readVectors('messages'))('[F4] [F5] $name holds what the vectors say, both ways', (vector) => {
  const typeCode = typeOf(vector)
  const body = field(vector, 1)
  const message = decode(typeCode, body)
  if (!message.ok) throw new Error(message.error.detail)
  expect(plain(message.value)).toEqual(expected[vector.name])
  const encoded = fromPi(typeCode)
    ? encodePiMessage(message.value as PiMessage)
    : encodeControllerMessage(message.value as ControllerMessage)
  expect(encoded).toEqual({ typeCode, body })
})

test.each(readVectors('bad-messages'))('[F4] $name is malformed, and it is said where', (vector) => {
  const message = decode(typeOf(vector), field(vector, 1))
  if (message.ok) throw new Error('decoded')
  expect(message.error.code).toBe('malformed')
  expect(message.error.detail).toContain(vector.name.split('-')[0])
})

test('[F4] any bytes are a message or a fault, never an error', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 128 }), (typeCode, body) => {
      for (const message of [decodePiMessage(typeCode, body), decodeControllerMessage(typeCode, body)])
        expect(message.ok || message.error.detail.length > 0).toBe(true)
    }),
    { numRuns: 1_000 },
  )
})

test('[F4] bytes of a wrong length are not encoded', () => {
  expect(() => encodePiMessage({ type: 'hello', piNonce: new Uint8Array(15) })).toThrow('piNonce: 15 bytes, not 16')
})
