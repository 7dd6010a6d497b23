/**
 * Files: what the settings say of phones: the mail's way, the pushes' key, the page's address. An embedded relay without a mail
 * server puts mails into a folder of its data, and makes the key for pushes at the first start.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import { folderCarrier, smtpCarrier, type Carrier } from '../mail/carrier.ts'
import { createPusher, type Pusher } from '../mail/web-push.ts'
import type { Settings } from '../settings.ts'
import { secretIn } from '../shop-files.ts'
import type { PhoneSettings } from './phones.ts'

const nobody = 'VisionVend <shop@visionvend.invalid>'

/** Throws where a file is missing, is no key, or may be read by others. */
export function phonesOf(settings: Settings, log: FastifyBaseLogger): PhoneSettings {
  return {
    post: { carrier: carrierOf(settings, log), pusher: pusherOf(settings) },
    publicUrl: settings.PUBLIC_URL ?? null,
    zone: settings.SHOP_TIME_ZONE ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  }
}

function carrierOf({ SMTP_URL: url, MAIL_FROM: from, RELAY_DATA, DATABASE_URL }: Settings, log: FastifyBaseLogger): Carrier | null {
  if (url !== undefined && from !== undefined)
    return smtpCarrier(url, from, (error) => log.warn({ err: error }, 'the mail server did not take a mail'))
  return DATABASE_URL === undefined ? folderCarrier(join(resolve(RELAY_DATA), 'mail'), from ?? nobody) : null
} // prettier-ignore

function pusherOf({ PUSH_KEY_FILE: named, MAIL_FROM: from, PUBLIC_URL, RELAY_DATA, DATABASE_URL }: Settings): Pusher | null {
  const file = named ?? (DATABASE_URL === undefined ? join(resolve(RELAY_DATA), 'push.key') : undefined)
  if (file === undefined) return null
  if (named === undefined && !existsSync(file)) {
    mkdirSync(resolve(RELAY_DATA), { recursive: true, mode: 0o700 })
    writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
  }
  const text = secretIn(file)
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new Error(`${file} is not 32 bytes in hex`)
  const address = /<([^<>\s]+)>\s*$/.exec(from ?? '')?.[1] ?? from
  const contact = address === undefined ? (PUBLIC_URL ?? 'https://visionvend.invalid') : `mailto:${address}`
  return createPusher({ secret: Buffer.from(text, 'hex'), contact })
} // prettier-ignore
