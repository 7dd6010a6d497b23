/**
 * Seals: what of a shopper stands in the database so that its reader learns nothing: codes and addresses by their MAC, letters
 * on their way encrypted. The keys come from the secret that tokens are signed with, which is in a file, not in the database.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

export interface Seals {
  /** The same for the same text and purpose; says nothing of either. */
  mac(purpose: string, text: string): Buffer
  /** Opens only under the same name. */
  close(name: string, text: string): Buffer
  /** Null: closed with another secret, or under another name. */
  open(name: string, sealed: Uint8Array): string | null
}

const nonceBytes = 12
const tagBytes = 16

export function createSeals(secret: Uint8Array): Seals {
  const keyFor = (what: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', `visionvend ${what}`, 32))
  const macKey = keyFor('shoppers')
  const boxKey = keyFor('letters')
  return {
    mac: (purpose, text) => createHmac('sha256', macKey).update(`${purpose}\n${text}`).digest(),
    close(name, text) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', boxKey, nonce).setAAD(Buffer.from(name))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), body])
    },
    open(name, sealed) {
      const bytes = Buffer.from(sealed)
      if (bytes.length < nonceBytes + tagBytes) return null
      const decipher = createDecipheriv('aes-256-gcm', boxKey, bytes.subarray(0, nonceBytes))
      decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
      try {
        return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString(
          'utf8',
        )
      } catch {
        return null
      }
    },
  }
}
