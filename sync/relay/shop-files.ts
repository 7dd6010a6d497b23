/**
 * Shop files: what the settings say of payments and tokens, read from files of mode 0600 (law P1). An embedded relay makes
 * its tokens' secret at the first start; one on PostgreSQL, of which there may be many, is given it.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import type { Clock } from '../../src/core/ports.ts'
import { createStripeClient } from '../../src/payments/client.ts'
import type { Settings } from './settings.ts'
import { createShop, type PaymentPage, type Shop } from './shop.ts'
import { createTokens, type Tokens } from './tokens.ts'

const realClock: Clock = {
  nowMs: () => Date.now(),
  after(delayMs, due) {
    const timer = setTimeout(due, delayMs)
    return () => clearTimeout(timer)
  },
}

/** Undefined where no provider's key is named. Throws where a file is missing, or may be read by others. */
export async function shopOf(settings: Settings, log: FastifyBaseLogger): Promise<Shop | undefined> {
  const { RELAY_STRIPE_KEY_FILE: file, RELAY_BANK_URL: bank } = settings
  if (file === undefined) return undefined
  const at = bank === undefined ? undefined : new URL(bank)
  const stripe = createStripeClient({
    apiKey: secretIn(file),
    ...(at === undefined ? {} : { at: { host: at.hostname, port: Number(at.port), protocol: 'http' } }),
  })
  const told = {
    info: (what: string, detail?: object) => log.info(detail ?? {}, what),
    warn: (what: string, detail?: object) => log.warn(detail ?? {}, what),
  }
  return createShop({ tokens: await tokensOf(settings), page: pageOf(settings), stripe, clock: realClock, log: told })
}

/** Stripe.js is never kept or copied: its makers want it from their own address. A provider on this machine has its own. */
function pageOf({ RELAY_BANK_URL: bank, RELAY_STRIPE_PUBLISHABLE_KEY: key }: Settings): PaymentPage | undefined {
  if (key === undefined) return undefined
  const script = bank === undefined ? 'https://js.stripe.com/v3/' : `${new URL(bank).origin}/v3/`
  return { script, publishableKey: key }
}

export function tokensOf(settings: Settings): Promise<Tokens> {
  const { RELAY_JWT_PUBLIC_KEY_FILE: publicFile, RELAY_JWT_ISSUER: issuer, RELAY_JWT_AUDIENCE: audience } = settings
  if (publicFile !== undefined) {
    const pem = readFileSync(publicFile, 'utf8')
    return createTokens({ publicKey: { pem, algorithm: settings.RELAY_JWT_ALGORITHM }, issuer, audience })
  }
  return createTokens({ secret: tokenSecret(settings), issuer, audience })
}

function tokenSecret({ RELAY_JWT_SECRET_FILE: named, RELAY_DATA, DATABASE_URL }: Settings): Uint8Array | undefined {
  const file = named ?? (DATABASE_URL === undefined ? join(resolve(RELAY_DATA), 'tokens.key') : undefined)
  if (file === undefined) return undefined
  if (named === undefined && !existsSync(file)) {
    mkdirSync(resolve(RELAY_DATA), { recursive: true, mode: 0o700 })
    writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
  }
  const text = secretIn(file)
  if (!/^([0-9a-f]{2}){32,}$/i.test(text)) throw new Error(`${file} is not 32 bytes or more in hex`)
  return Buffer.from(text, 'hex')
}

/** Throws where others may read it. */
export function secretIn(file: string): string {
  const { mode, uid } = statSync(file)
  // A cluster mounts secrets as its own, for the relay's group to read.
  const hidden = uid === process.getuid?.() ? 0o077 : 0o037
  if ((mode & hidden) !== 0) throw new Error(`${file} may be read by others: chmod 600 it`)
  return readFileSync(file, 'utf8').trim()
}
