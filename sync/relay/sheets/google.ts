/**
 * Google: the few calls of its Sheets API (v4) that the relay makes, as a service account.
 * Holds always (SPEC RL58): what is written is raw, never a formula; at most so many requests a minute as the quota allows; a refusal
 * for too many (429) or a fault of Google's (5xx) says when to come again. Sources: developers.google.com/workspace/sheets/api
 * (reference/rest, limits), developers.google.com/identity/protocols/oauth2/service-account.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { importPKCS8, SignJWT } from 'jose'
import { z } from 'zod'
import { minuteMs, secondMs } from '../../../src/core/time.ts'
import { ComeAgain, retryAfterMs } from '../turns.ts'

export interface GoogleSettings {
  /** The spreadsheet's id, as its address has it. */
  readonly id: string
  readonly credentials: Credentials
  /** `https://...` of Google; tests have their own. */
  readonly base?: string | undefined
}

/** What a service account's key file holds. */
export const credentialsSchema = z.object({
  type: z.literal('service_account'),
  client_email: z.email(),
  private_key: z.string().startsWith('-----BEGIN PRIVATE KEY-----'),
  private_key_id: z.string().min(1).optional(),
})
export type Credentials = z.infer<typeof credentialsSchema>

export type Value = string | number
export interface ValueRange {
  readonly range: string
  readonly values: readonly (readonly Value[])[]
}
export interface Tab {
  readonly title: string
  readonly id: number
  readonly rows: number
}

export interface Spreadsheet {
  tabs(): Promise<Tab[]>
  addTab(title: string): Promise<void>
  addRows(tab: Tab, count: number): Promise<void>
  /** What stands in a range, without empty rows and cells at its end. */
  read(range: string): Promise<Value[][]>
  write(ranges: readonly ValueRange[]): Promise<void>
  clear(range: string): Promise<void>
}

const answerWithinMs = 20 * secondMs
const tokenLivesSeconds = 3_600
const scope = 'https://www.googleapis.com/auth/spreadsheets'
/** Google allows 60 reads and 60 writes a minute and user; others may use the same account. */
const requestsAMinute = 40
/** After a quiet time so many may go one behind the other. */
const atOnce = 20

/** Google said no in a way that trying again does not mend: a spreadsheet that is not shared, a range that is none. */
export class GoogleRefused extends Error {
  readonly status: number
  constructor(status: number, what: string) {
    super(`Google Sheets answered ${status}: ${what}`)
    this.status = status
  }
}

export interface GooglePorts {
  readonly fetch?: typeof fetch
  readonly nowMs?: () => number
  readonly wait?: (delayMs: number) => Promise<unknown>
  /** Requests a minute; tests have no minute. */
  readonly pace?: number
}

export function createSpreadsheet(settings: GoogleSettings, ports: GooglePorts = {}): Spreadsheet {
  const { id, credentials, base } = settings
  const { fetch: ask = fetch, nowMs = Date.now, wait = sleep, pace = requestsAMinute } = ports
  const tokenUrl = base === undefined ? 'https://oauth2.googleapis.com/token' : `${base}/token`
  const api = `${base ?? 'https://sheets.googleapis.com'}/v4/spreadsheets/${encodeURIComponent(id)}`
  let token: { readonly text: string; readonly untilMs: number } | null = null
  let nextMs = 0

  async function fresh(): Promise<string> {
    if (token !== null && token.untilMs > nowMs()) return token.text
    const key = await importPKCS8(credentials.private_key, 'RS256')
    const issuedAt = Math.floor(nowMs() / 1_000)
    const assertion = await new SignJWT({ scope })
      .setProtectedHeader({
        alg: 'RS256',
        typ: 'JWT',
        ...(credentials.private_key_id === undefined ? {} : { kid: credentials.private_key_id }),
      })
      .setIssuer(credentials.client_email)
      .setAudience(base === undefined ? tokenUrl : `${base}/token`)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + tokenLivesSeconds)
      .sign(key)
    const body = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion })
    const answer = await ask(tokenUrl, { method: 'POST', body, signal: AbortSignal.timeout(answerWithinMs) })
    const read = tokenSchema.safeParse(await checked(answer))
    if (!read.success) throw new Error('Google gave no token')
    const { access_token: text, expires_in: seconds } = read.data
    token = { text, untilMs: nowMs() + (seconds - 60) * 1_000 }
    return text
  }

  async function call(method: 'GET' | 'POST', path: string, body?: object, again = true): Promise<unknown> {
    const eachMs = minuteMs / pace
    nextMs = Math.max(nextMs, nowMs() - atOnce * eachMs)
    const waitMs = nextMs - nowMs()
    nextMs += eachMs
    if (waitMs > 0) await wait(waitMs)
    const answer = await ask(`${api}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await fresh()}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(answerWithinMs),
    })
    if (answer.status === 401 && again) {
      // Taken back before its time.
      token = null
      await answer.body?.cancel()
      return call(method, path, body, false)
    }
    return checked(answer)
  }

  /** The answer's JSON. Throws where it is a refusal: in time to come again, or for good. */
  async function checked(answer: Response): Promise<unknown> {
    const text = await answer.text()
    if (answer.ok) return JSON.parse(text) as unknown
    const what = `${answer.status}: ${refusalIn(text)}`
    const afterMs = retryAfterMs(answer.headers.get('retry-after'), nowMs()) ?? 0
    if (answer.status === 429 || answer.status >= 500) throw new ComeAgain(`Google Sheets answered ${what}`, afterMs)
    throw new GoogleRefused(answer.status, refusalIn(text))
  }

  return {
    async tabs() {
      const read = tabsSchema.parse(
        await call('GET', '?fields=sheets.properties(sheetId,title,gridProperties.rowCount)'),
      )
      return read.sheets.map(({ properties: { title, sheetId, gridProperties } }) => ({
        title,
        id: sheetId,
        rows: gridProperties.rowCount,
      }))
    },
    async addTab(title) {
      await call('POST', ':batchUpdate', { requests: [{ addSheet: { properties: { title } } }] })
    },
    async addRows(tab, count) {
      const appendDimension = { sheetId: tab.id, dimension: 'ROWS', length: count }
      await call('POST', ':batchUpdate', { requests: [{ appendDimension }] })
    },
    async read(range) {
      const query = 'majorDimension=ROWS&valueRenderOption=UNFORMATTED_VALUE'
      return valuesSchema.parse(await call('GET', `/values/${encodeURIComponent(range)}?${query}`)).values
    },
    async write(ranges) {
      const data = ranges.map(({ range, values }) => ({ range, majorDimension: 'ROWS', values }))
      if (data.length > 0) await call('POST', '/values:batchUpdate', { valueInputOption: 'RAW', data })
    },
    async clear(range) {
      await call('POST', '/values:batchClear', { ranges: [range] })
    },
  }
}

const tokenSchema = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() })
const tabsSchema = z.object({
  sheets: z
    .array(
      z.object({
        properties: z.object({
          title: z.string(),
          sheetId: z.int(),
          gridProperties: z.object({ rowCount: z.int() }).default({ rowCount: 0 }),
        }),
      }),
    )
    .default([]),
})
/** A cell may hold true or false; an empty one in the middle is an empty text. */
const cell = z.union([z.string(), z.number(), z.boolean().transform(String)])
const valuesSchema = z.object({ values: z.array(z.array(cell)).default([]) })
const refusalSchema = z.union([
  z.object({ error: z.object({ message: z.string(), status: z.string().optional() }) }),
  z.object({ error: z.string(), error_description: z.string().optional() }),
])

/** Google's own words, without what is long or might be secret. */
function refusalIn(text: string): string {
  try {
    const { error, ...rest } = refusalSchema.parse(JSON.parse(text))
    if (typeof error === 'string')
      return `${error} ${'error_description' in rest ? (rest.error_description ?? '') : ''}`.slice(0, 200)
    return error.message.slice(0, 200)
  } catch {
    return 'no reason that can be read'
  }
}
