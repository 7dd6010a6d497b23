/**
 * Sealed: a message over MQTT to the byte [SY32]: version, counter, HMAC-SHA256, JSON. Pure.
 * Holds always: nothing of a body is read before its seal was found good for this topic and this counter; opening costs
 * one hash of at most `maxMessageBytes`, whatever was sent.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { err, ok, type Result } from '../../src/core/result.ts'
import { readJson } from './json.ts'

const version = 1
const counterAt = 1
const sealAt = 9
const bodyAt = 41
/** Of a message as it is sent. */
export const maxMessageBytes = 64 * 1024

export interface Opened {
  readonly counter: number
  readonly body: unknown
}
export type SealFault = 'malformed' | 'unsupportedVersion' | 'tooBig' | 'badSeal'

/** `counter`: greater than of any message before it on this topic and with this key. */
export function seal(key: Uint8Array, topic: string, counter: number, body: unknown): Uint8Array {
  const json = Buffer.from(JSON.stringify(body), 'utf8')
  const message = Buffer.alloc(bodyAt + json.length)
  message[0] = version
  message.writeBigUInt64BE(BigInt(counter), counterAt)
  json.copy(message, bodyAt)
  Buffer.from(sealOf(key, topic, message)).copy(message, sealAt)
  return message
}

export function open(key: Uint8Array, topic: string, bytes: Uint8Array): Result<Opened, SealFault> {
  if (bytes.length > maxMessageBytes) return err('tooBig')
  if (bytes.length <= bodyAt) return err('malformed')
  if (bytes[0] !== version) return err('unsupportedVersion')
  const message = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (!timingSafeEqual(sealOf(key, topic, message), message.subarray(sealAt, bodyAt))) return err('badSeal')
  const counter = message.readBigUInt64BE(counterAt)
  if (counter > BigInt(Number.MAX_SAFE_INTEGER)) return err('malformed')
  const json = readJson(message.subarray(bodyAt).toString('utf8'))
  return json.ok ? ok({ counter: Number(counter), body: json.value }) : err('malformed')
}

/** Over the topic, the version and counter, and the body: a message is good on its own topic only. */
const sealOf = (key: Uint8Array, topic: string, message: Buffer): Uint8Array =>
  createHmac('sha256', key)
    .update(`visionvend mqtt 1\n${topic}\n`)
    .update(message.subarray(0, sealAt))
    .update(message.subarray(bodyAt))
    .digest()
