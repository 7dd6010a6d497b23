/**
 * Sign-in: by a code of six digits that is mailed, without a password.
 * Holds always (SPEC RL20, RL21): what is answered says nothing of whether an account is there; codes are compared in constant
 * time by their seals; who asks and who tries too often waits, by address and by sender. Called by routes.ts.
 */
import { randomInt, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import type { Language } from '../../../src/core/product.ts'
import { accountFor, beginSession, keepCode, sessionDays, slowedDown, tryCode, useCode } from '../store/accounts.ts'
import { addLetter } from '../store/letters.ts'
import type { Db } from '../store/open.ts'
import type { Tokens } from '../tokens.ts'
import { codeLetter } from '../mail/letters.ts'
import type { Seals } from './seals.ts'

export type Sent = { readonly type: 'sent' } | { readonly type: 'wait'; readonly seconds: number }
export type SignedIn =
  | { readonly type: 'token'; readonly token: string; readonly expiresAtMs: number }
  | { readonly type: 'wrongCode' }
  | { readonly type: 'wait'; readonly seconds: number }

const perAddress = { most: 4, withinS: 15 * 60 }
const perSender = { most: 12, withinS: 10 * 60 }
const triesPerAddress = { most: 15, withinS: 60 * 60 }
const triesPerSender = { most: 30, withinS: 10 * 60 }
const dayMs = 24 * 3_600_000

export const addressIn = (email: string): string => email.trim().toLowerCase()

/** One household of IPv6 is one sender. */
export const senderOf = (ip: string): string =>
  isIP(ip) === 6 && !ip.startsWith('::') ? ip.split(':').slice(0, 4).join(':') : ip

/** `from`: the sender's network address. */
export async function sendCode(
  db: Db,
  seals: Seals,
  asked: { readonly email: string; readonly language: Language; readonly from: string },
): Promise<Sent> {
  const email = addressIn(asked.email)
  const wait =
    (await slowedDown(db, seals.mac('send from', senderOf(asked.from)), perSender)) ??
    (await slowedDown(db, seals.mac('send to', email), perAddress))
  if (wait !== null) return { type: 'wait', seconds: wait }
  const code = String(randomInt(1_000_000)).padStart(6, '0')
  await db.transaction().execute(async (trx) => {
    await keepCode(trx, seals.mac('address', email), seals.mac('code', `${email}\n${code}`))
    await addLetter(trx, seals, codeLetter({ email, code, language: asked.language }))
  })
  return { type: 'sent' }
}

export async function enterCode(
  db: Db,
  { issue, seals }: { readonly issue: NonNullable<Tokens['issue']>; readonly seals: Seals },
  asked: { readonly email: string; readonly code: string; readonly from: string; readonly language: Language; readonly nowMs: number },
): Promise<SignedIn> {
  const email = addressIn(asked.email)
  const wait =
    (await slowedDown(db, seals.mac('try from', senderOf(asked.from)), triesPerSender)) ??
    (await slowedDown(db, seals.mac('try at', email), triesPerAddress))
  if (wait !== null) return { type: 'wait', seconds: wait }
  const address = seals.mac('address', email)
  const typed = seals.mac('code', `${email}\n${asked.code}`)
  const kept = await tryCode(db, address)
  // Compared also where there is none, with what can't be right: the answer takes as long.
  const same = timingSafeEqual(typed, kept ?? seals.mac('no code', email))
  if (kept === null || !same || !(await useCode(db, address, kept))) return { type: 'wrongCode' }
  const account = await accountFor(db, email, asked.language)
  const token = await issue(account.id, sessionDays * 24 * 60, await beginSession(db, account.id))
  return { type: 'token', token, expiresAtMs: asked.nowMs + sessionDays * dayMs }
} // prettier-ignore
