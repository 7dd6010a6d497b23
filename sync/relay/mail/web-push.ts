/**
 * Web push: a message to a phone's browser by its maker's push service: encrypted for that browser (RFC 8291), signed by this
 * relay's own key (VAPID, RFC 8292). Little enough to be written here: the usual library brings fourteen others along.
 * Holds always: what is sent goes to a push service's own hosts over HTTPS, wherever a subscription says that it is; nobody
 * between here and the phone can read it.
 */
import { createCipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto'
import { importJWK, SignJWT } from 'jose'

export interface PushKey {
  /** 32 bytes: the private half, on the curve P-256. */
  readonly secret: Uint8Array
  /** Whom a push service may write to: mailto: or https:. */
  readonly contact: string
}

export interface Subscribed {
  readonly endpoint: string
  /** The browser's public key and its secret, base64url as it says them. */
  readonly p256dh: string
  readonly auth: string
}

/** `gone`: the browser takes no more of it. */
export type Pushed = 'sent' | 'later' | 'gone' | 'refused'

export interface Pusher {
  /** As a page's subscription needs it, base64url. */
  readonly publicKey: string
  /** Where a push service may be. */
  mayGoTo(endpoint: string): boolean
  push(to: Subscribed, text: string, goodForMs: number): Promise<Pushed>
}

/** Of the makers of browsers. A name that begins with a dot stands for all below it. */
const services = [
  'fcm.googleapis.com',
  'android.googleapis.com',
  'updates.push.services.mozilla.com',
  '.push.services.mozilla.com',
  '.push.apple.com',
  '.notify.windows.com',
]
const curve = 'prime256v1'
const patienceMs = 10_000
const tokenHours = 12
const recordBytes = 4_096

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

/** `alsoAt`: the origin of a service of the owner's own, or of a test's. */
export function createPusher({ secret, contact }: PushKey, alsoAt?: string): Pusher {
  const pair = createECDH(curve)
  pair.setPrivateKey(secret)
  const point = pair.getPublicKey()
  const jwk = { kty: 'EC', crv: 'P-256', d: base64url(secret), x: base64url(point.subarray(1, 33)), y: base64url(point.subarray(33)) } // prettier-ignore
  const signing = importJWK(jwk, 'ES256')
  const publicKey = base64url(point)

  function mayGoTo(endpoint: string): boolean {
    if (!URL.canParse(endpoint)) return false
    const { protocol, hostname, origin, port, username } = new URL(endpoint)
    if (origin === alsoAt) return true
    if (protocol !== 'https:' || port !== '' || username !== '') return false
    return services.some((one) => (one.startsWith('.') ? hostname.endsWith(one) : hostname === one))
  }

  return {
    publicKey,
    mayGoTo,
    async push(to, text, goodForMs) {
      if (!mayGoTo(to.endpoint)) return 'refused'
      const body = encrypted(to, Buffer.from(text))
      if (body === null) return 'gone'
      const token = await new SignJWT()
        .setProtectedHeader({ typ: 'JWT', alg: 'ES256' })
        .setAudience(new URL(to.endpoint).origin)
        .setSubject(contact)
        .setExpirationTime(`${tokenHours} hours`)
        .sign(await signing)
      try {
        const answer = await fetch(to.endpoint, {
          method: 'POST',
          headers: {
            authorization: `vapid t=${token}, k=${publicKey}`,
            'content-encoding': 'aes128gcm',
            'content-type': 'application/octet-stream',
            ttl: String(Math.round(goodForMs / 1000)),
            urgency: 'high',
          },
          body: new Uint8Array(body),
          redirect: 'error',
          signal: AbortSignal.timeout(patienceMs),
        })
        await answer.body?.cancel()
        if (answer.ok) return 'sent'
        if (answer.status === 404 || answer.status === 410) return 'gone'
        return answer.status === 429 || answer.status >= 500 ? 'later' : 'refused'
      } catch {
        return 'later' // no network, or nobody answers
      }
    },
  }
}

/** By RFC 8291, with a key for this message only; null: the browser's own keys are none. The last two are for its test vector. */
export function encrypted(
  { p256dh, auth }: Pick<Subscribed, 'p256dh' | 'auth'>,
  text: Buffer,
  salt: Uint8Array = randomBytes(16),
  own?: Uint8Array,
): Buffer | null {
  const theirs = Buffer.from(p256dh, 'base64url')
  const authSecret = Buffer.from(auth, 'base64url')
  const once = createECDH(curve)
  if (own === undefined) once.generateKeys()
  else once.setPrivateKey(own)
  const ours = once.getPublicKey()
  let shared: Buffer
  try {
    shared = once.computeSecret(theirs)
  } catch {
    return null // no point of the curve
  }
  if (theirs.length !== 65 || authSecret.length !== 16) return null
  const derive = (key: Uint8Array, by: Uint8Array, info: Uint8Array, length: number): Buffer =>
    Buffer.from(hkdfSync('sha256', key, by, info, length))
  const ikm = derive(shared, authSecret, Buffer.concat([Buffer.from('WebPush: info\0'), theirs, ours]), 32)
  const key = derive(ikm, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16)
  const nonce = derive(ikm, salt, Buffer.from('Content-Encoding: nonce\0'), 12)
  const head = Buffer.alloc(21)
  head.set(salt)
  head.writeUInt32BE(recordBytes, 16)
  head[20] = ours.length
  const cipher = createCipheriv('aes-128-gcm', key, nonce)
  const sealed = Buffer.concat([cipher.update(text), cipher.update(Buffer.of(2)), cipher.final(), cipher.getAuthTag()])
  return Buffer.concat([head, ours, sealed])
}
