/**
 * Who may speak: keys, tags and counters of the link (firmware/SPEC.md F6-F12), for either end.
 *
 * Holds always: a session's key is born of both sides' fresh nonces, so that nothing recorded in one session is worth
 * anything in another; each direction uses a counter once, and takes only higher ones. Called by link.ts; by tests for
 * the controller's end.
 */
import { hash, timingSafeEqual } from 'node:crypto'
import { invariant } from '../core/result.ts'
import { coveredBytes, encodeFrame, tagLength, type Frame } from './frame.ts'
import type { EncodedMessage } from './messages.gen.ts'

export const linkKeyLength = 32
export const nonceLength = 16
const highestCounter = 0xffff_ffff

/** Who sent a frame: the first byte under the tag, so that a frame can't be turned back on its sender. */
export type Sender = 'pi' | 'controller'
const senderByte = { pi: 0, controller: 1 } as const

const blockLength = 64
const digestLength = 32

/** A key padded for both hashes of HMAC, with room for what is hashed after it. */
interface Padded {
  inner: Buffer
  readonly outer: Buffer
}
const padded = new WeakMap<Uint8Array, Padded>()

function paddedKey(key: Uint8Array): Padded {
  const known = padded.get(key)
  if (known !== undefined) return known
  const inner = Buffer.alloc(blockLength, 0x36)
  const outer = Buffer.alloc(blockLength + digestLength, 0x5c)
  for (const [index, byte] of key.entries()) {
    inner[index] = 0x36 ^ byte
    outer[index] = 0x5c ^ byte
  }
  const made: Padded = { inner, outer }
  padded.set(key, made)
  return made
}

/**
 * HMAC-SHA256 (RFC 2104) of a key of up to 64 bytes, by two plain hashes: a sixth of createHmac's time, which makes a key
 * object for each of a thousand frames a minute.
 */
function mac(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array {
  const pads = paddedKey(key)
  const length = parts.reduce((sum, part) => sum + part.length, blockLength)
  if (pads.inner.length < length) pads.inner = Buffer.concat([pads.inner.subarray(0, blockLength)], length)
  let at = blockLength
  for (const part of parts) {
    pads.inner.set(part, at)
    at += part.length
  }
  pads.outer.set(hash('sha256', pads.inner.subarray(0, length), 'buffer'), blockLength)
  return hash('sha256', pads.outer, 'buffer')
}
const label = (text: string): Uint8Array => Buffer.from(`visionvend link 1 ${text}`, 'latin1')

/** The key that tags Hello and HelloAck. */
export const helloKey = (linkKey: Uint8Array): Uint8Array => mac(linkKey, label('hello'))

export const sessionKey = (linkKey: Uint8Array, piNonce: Uint8Array, controllerNonce: Uint8Array): Uint8Array =>
  mac(linkKey, label('session'), piNonce, controllerNonce)

const tagOf = (key: Uint8Array, sender: Sender, covered: Uint8Array): Uint8Array =>
  mac(key, Uint8Array.of(senderByte[sender]), covered).subarray(0, tagLength)

/** A tagged frame's wire bytes. */
export function sealFrame(key: Uint8Array, sender: Sender, counter: number, message: EncodedMessage): Uint8Array {
  const covered = coveredBytes(message.typeCode, counter, message.body)
  return encodeFrame(covered, tagOf(key, sender, covered))
}

/** Whether a holder of `key` at the `sender`'s end made this frame. */
export const isTagged = (key: Uint8Array, sender: Sender, frame: Frame): boolean =>
  timingSafeEqual(tagOf(key, sender, frame.covered), frame.tag)

export interface Session {
  /** The wire bytes of the next frame; null when every counter is used, and only a new session helps. */
  seal(message: EncodedMessage): Uint8Array | null
  /** Null when the frame is authentic and new, else what is wrong with it. */
  refuse(frame: Frame): 'tag' | 'counter' | null
}

export interface SessionSettings {
  readonly key: Uint8Array
  /** Whose end this is. */
  readonly own: Sender
  /** Counters used so far; only a test starts later than 0. */
  readonly sent?: number
}

export function createSession({ key, own, sent: before = 0 }: SessionSettings): Session {
  invariant(key.length === 32, `a session key has 32 bytes, not ${key.length}`)
  const other: Sender = own === 'pi' ? 'controller' : 'pi'
  let sent = before
  let received = 0
  return {
    seal(message) {
      if (sent === highestCounter) return null
      sent += 1
      return sealFrame(key, own, sent, message)
    },
    refuse(frame) {
      if (!isTagged(key, other, frame)) return 'tag'
      if (frame.counter <= received) return 'counter'
      received = frame.counter
      return null
    },
  }
}
