/**
 * Channel: how a fridge and its relay come to a secret for their messages over MQTT [SY31]. Pure.
 * Both sides give a fresh X25519 key; the fridge's is signed by the Ed25519 key that it was paired with. A channel lives as
 * long as the fridge's process at most, so that nothing said in one means anything in the next.
 */
import { createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from 'node:crypto'
import { z } from 'zod'
import { fridgeIdSchema } from './messages.ts'

/** What stands before the 32 raw bytes of an X25519 key in its DER form (RFC 8410). */
const privatePrefix = Buffer.from('302e020100300506032b656e04220420', 'hex')
const publicPrefix = Buffer.from('302a300506032b656e032100', 'hex')

export const channelPath = '/sync/v1/channel'

export const channelRequestSchema = z.strictObject({
  protocol: z.int(),
  fridge: fridgeIdSchema,
  /** Fridge time of asking: a later channel stands for ever above an earlier one. */
  atMs: z.int().nonnegative(),
  publicKey: z.base64().length(44),
  signature: z.base64().length(88),
})
export type ChannelRequest = z.infer<typeof channelRequestSchema>

export const channelAnswerSchema = z.discriminatedUnion('type', [
  /** `broker`: where the fridge finds it; null: at the relay's own address, as a WebSocket under `mqttPath`. */
  z.object({ type: z.literal('opened'), publicKey: z.base64().length(44), broker: z.url().max(300).nullable() }),
  z.object({ type: z.literal('unknownFridge') }),
  z.object({ type: z.literal('revoked') }),
  z.object({ type: z.literal('badSignature') }),
  /** A channel that was asked for at `afterMs`, or later, is known: ask with a time above it. */
  z.object({ type: z.literal('stale'), afterMs: z.int().nonnegative() }),
  z.object({ type: z.literal('malformed'), what: z.string().max(500) }),
  z.object({ type: z.literal('unsupportedVersion'), supported: z.array(z.int()) }),
  z.object({ type: z.literal('busy'), retryAfterMs: z.int().nonnegative() }),
])
export type ChannelAnswer = z.infer<typeof channelAnswerSchema>

export const channelAnswerStatus: Readonly<Record<ChannelAnswer['type'], number>> = {
  opened: 200,
  unknownFridge: 401,
  revoked: 403,
  badSignature: 401,
  stale: 409,
  malformed: 400,
  unsupportedVersion: 400,
  busy: 503,
}

/** The path at the relay's own address where MQTT is spoken over a WebSocket. */
export const mqttPath = '/mqtt'

/** The bytes that are signed to open a channel. */
export const signedChannel = (fridge: string, atMs: number, publicKey: string): Uint8Array =>
  Buffer.from(`visionvend sync 1 channel\n${fridge}\n${atMs}\n${publicKey}`)

/** Base64 of the public half of the X25519 key with this secret of 32 bytes. */
export function channelPublicKey(secret: Uint8Array): string {
  const der = createPublicKey(privateKeyOf(secret)).export({ format: 'der', type: 'spki' })
  return der.subarray(publicPrefix.length).toString('base64')
}

export interface ChannelParts {
  readonly fridge: string
  /** Base64, as they were sent. */
  readonly fridgeKey: string
  readonly relayKey: string
}

/** The channel's root, of one's own secret and the other's public key; null where that key is none. */
export function channelRoot(
  secret: Uint8Array,
  other: string,
  { fridge, fridgeKey, relayKey }: ChannelParts,
): Uint8Array | null {
  try {
    const publicKey = createPublicKey({
      key: Buffer.concat([publicPrefix, Buffer.from(other, 'base64')]),
      format: 'der',
      type: 'spki',
    })
    const shared = diffieHellman({ privateKey: privateKeyOf(secret), publicKey })
    const salt = Buffer.concat([Buffer.from(fridgeKey, 'base64'), Buffer.from(relayKey, 'base64')])
    return new Uint8Array(hkdfSync('sha256', shared, salt, `visionvend mqtt 1 root\n${fridge}`, 32))
  } catch {
    return null // not a point, or one that gives a secret known to all
  }
}

export interface ChannelKeys {
  /** Of messages from the fridge, and to it. */
  readonly up: Uint8Array
  readonly down: Uint8Array
  /** What the fridge shows to the relay's own broker beside its id. */
  readonly password: string
}

export function channelKeys(root: Uint8Array): ChannelKeys {
  const derived = (use: string): Buffer =>
    Buffer.from(hkdfSync('sha256', root, new Uint8Array(), `visionvend mqtt 1 ${use}`, 32))
  return { up: derived('up'), down: derived('down'), password: derived('password').toString('base64url') }
}

const privateKeyOf = (secret: Uint8Array) =>
  createPrivateKey({ key: Buffer.concat([privatePrefix, secret]), format: 'der', type: 'pkcs8' })
