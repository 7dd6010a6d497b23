/**
 * Signing: what exactly a fridge's Ed25519 key signs [SY2] [SY9], and the two raw forms of such a key. Pure.
 * The words in front keep a signature from being good for anything but what it was made for.
 */
import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'

/** What stands before the 32 raw bytes in a key's DER form (RFC 8410). */
const privatePrefix = Buffer.from('302e020100300506032b657004220420', 'hex')
const publicPrefix = Buffer.from('302a300506032b6570032100', 'hex')

const signatureBytes = 64

export interface SigningKey {
  /** Base64 of the 32 raw bytes, as pairing sends it. */
  readonly publicKey: string
  sign(bytes: Uint8Array): Uint8Array
}

/** The key pair of a secret seed of 32 bytes. */
export function signingKey(seed: Uint8Array): SigningKey {
  const key = createPrivateKey({ key: Buffer.concat([privatePrefix, seed]), format: 'der', type: 'pkcs8' })
  const der = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return {
    publicKey: der.subarray(publicPrefix.length).toString('base64'),
    sign: (bytes) => sign(null, bytes, key),
  }
}

/** Keys that were read lately: to read one costs as much as to check what it signed. */
const lately = new Map<string, KeyObject>()
const mostLately = 1_000

/** The public key of these 32 raw bytes, or null where they are none. */
export function publicKeyOf(raw: Uint8Array): KeyObject | null {
  if (raw.length !== 32) return null
  const name = Buffer.from(raw).toString('latin1')
  const known = lately.get(name)
  if (known !== undefined) return known
  try {
    const key = createPublicKey({ key: Buffer.concat([publicPrefix, raw]), format: 'der', type: 'spki' })
    if (lately.size >= mostLately) lately.clear()
    lately.set(name, key)
    return key
  } catch {
    return null
  }
}

export const verified = (key: KeyObject, bytes: Uint8Array, signature: Uint8Array): boolean =>
  signature.length === signatureBytes && verify(null, bytes, key, signature)

/** The bytes that are signed for a batch whose body is `body` as sent. */
export const signedRows = (fridge: string, body: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`visionvend sync 1 rows\n${fridge}\n`), body])

/** The bytes that are signed to pair. */
export const signedPair = (code: string, fridge: string, publicKey: string): Uint8Array =>
  Buffer.from(`visionvend sync 1 pair\n${code}\n${fridge}\n${publicKey}`)
