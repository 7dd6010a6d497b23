/**
 * Relay: what the pages ask of it, with the owner's key. Every answer is checked before it is believed.
 * Holds always: the key is kept for this tab only and goes nowhere but to the relay that served the page.
 */
import { z } from 'zod'
import {
  callerSchema,
  fleetAlertSchema,
  fleetFridgeSchema,
  fleetLiveSchema,
  fleetMoneySchema,
  fleetReceiptSchema,
  fleetSaleSchema,
  fleetSpanSchema,
  fleetStockSchema,
} from '../../src/contract/fleet.ts'
import { broughtPictureSchema } from '../../src/contract/fleet-changes.ts'
import { changesOver } from './changes/changes-relay.ts'
import { placesOver } from './places/places-relay.ts'
import { vouchersOver } from './vouchers/vouchers-relay.ts'
import { decidedSchema, reviewCatalogueSchema, reviewSchema } from '../../src/contract/review.ts'

export type Trouble =
  /** The key is not, or no longer, known; or may not do this. */
  | 'key'
  | 'role'
  /** No answer, or none that can be read: a lost network, a relay that restarts. */
  | 'away'

export class RelayTrouble extends Error {
  readonly trouble: Trouble
  constructor(trouble: Trouble) {
    super(trouble)
    this.trouble = trouble
  }
}

const keptAs = 'visionvend.key'
export const keptKey = (): string | null => sessionStorage.getItem(keptAs)
export const keepKey = (key: string): void => sessionStorage.setItem(keptAs, key)
export const dropKey = (): void => sessionStorage.removeItem(keptAs)

async function ask<T>(key: string, path: string, schema: z.ZodType<T>, body?: object, keepalive = false): Promise<T> {
  let answer: Response
  try {
    answer = await fetch(`/api/v1${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      keepalive,
      signal: AbortSignal.timeout(15_000),
    })
  } catch {
    throw new RelayTrouble('away')
  }
  if (answer.status === 401) throw new RelayTrouble('key')
  if (answer.status === 403) throw new RelayTrouble('role')
  if (!answer.ok) throw new RelayTrouble('away')
  const parsed = schema.safeParse(await answer.json().catch(() => null))
  if (parsed.success) return parsed.data
  console.error(`/api/v1${path} answered what this page can't read`, parsed.error)
  throw new RelayTrouble('away')
}

const within = (fridge: string | null, fromMs: number, toMs: number): string =>
  `fromMs=${fromMs}&toMs=${toMs}${fridge === null ? '' : `&fridge=${fridge}`}`

export const exportNames = ['sales', 'receipts', 'captures', 'refunds', 'visits', 'alerts', 'stock'] as const
export type ExportName = (typeof exportNames)[number]

/** A file, whole: one that was cut off on its way is a trouble. */
async function askFile(key: string, path: string): Promise<Blob> {
  try {
    const answer = await fetch(`/api/v1${path}`, { headers: { authorization: `Bearer ${key}` } })
    if (answer.ok) return await answer.blob()
    throw new RelayTrouble(answer.status === 401 ? 'key' : answer.status === 403 ? 'role' : 'away')
  } catch (error) {
    throw error instanceof RelayTrouble ? error : new RelayTrouble('away')
  }
}

const pictureFaults = ['pictureKind', 'pictureBroken', 'tooBig', 'tooSmall'] as const
export type PictureFault = (typeof pictureFaults)[number] | 'other'

/** What a definition names the picture by, or why the relay does not take it. */
async function bring(key: string, file: Blob): Promise<z.infer<typeof broughtPictureSchema> | PictureFault> {
  try {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/octet-stream' }
    const signal = AbortSignal.timeout(60_000)
    const answer = await fetch('/api/v1/product-pictures', { method: 'POST', headers, body: file, signal })
    const said: unknown = await answer.json()
    const brought = broughtPictureSchema.safeParse(said)
    if (answer.ok && brought.success) return brought.data
    const refused = z.object({ error: z.object({ code: z.enum(pictureFaults) }) }).safeParse(said)
    return refused.success ? refused.data.error.code : 'other'
  } catch {
    // A body that is far too large is refused before it is read to its end, and a browser calls that a lost network.
    return file.size > 12 * 1024 * 1024 ? 'tooBig' : 'other'
  }
}

export const relayAs = (key: string) => ({
  bringPicture: (file: Blob) => bring(key, file),
  ...changesOver((path, schema, body) => ask(key, path, schema, body)),
  ...vouchersOver((path, schema, body) => ask(key, path, schema, body)),
  ...placesOver((path, schema, body) => ask(key, path, schema, body)),
  me: () => ask(key, '/me', callerSchema),
  fridges: async () => (await ask(key, '/fridges', z.object({ fridges: z.array(fleetFridgeSchema) }))).fridges,
  live: async () => (await ask(key, '/live', z.object({ live: z.array(fleetLiveSchema) }))).live,
  /** `all`: also what is over, the last hundred. */
  alerts: async (all = false) =>
    (await ask(key, `/alerts?all=${all}`, z.object({ alerts: z.array(fleetAlertSchema) }))).alerts,
  money: async () => (await ask(key, '/money', z.object({ money: z.array(fleetMoneySchema) }))).money,
  acknowledge: async (id: number, note: string) =>
    (await ask(key, '/alerts/acknowledge', z.object({ acknowledged: z.boolean() }), { id, note })).acknowledged,
  escalate: async (id: number, note: string) =>
    (await ask(key, '/alerts/escalate', z.object({ escalated: z.boolean() }), { id, note })).escalated,
  stock: async (fridge: string) =>
    (await ask(key, `/fridges/${fridge}/stock`, z.object({ stock: z.array(fleetStockSchema) }))).stock,
  receipts: async (fridge: string, limit: number) =>
    (await ask(key, `/receipts?fridge=${fridge}&limit=${limit}`, z.object({ receipts: z.array(fleetReceiptSchema) })))
      .receipts,
  sales: async (fridge: string | null, fromMs: number, toMs: number) =>
    (await ask(key, `/sales?${within(fridge, fromMs, toMs)}`, z.object({ sales: z.array(fleetSaleSchema) }))).sales,
  spans: async (fridge: string | null, fromMs: number, toMs: number, spanMs: number) =>
    (
      await ask(
        key,
        `/sales/spans?${within(fridge, fromMs, toMs)}&spanMs=${spanMs}`,
        z.object({ spans: z.array(fleetSpanSchema) }),
      )
    ).spans,
  exported: (what: ExportName, as: 'csv' | 'xlsx', fridge: string | null, fromMs: number, toMs: number) => {
    const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone)
    return askFile(key, `/exports/${what}.${as}?${within(fridge, fromMs, toMs)}&zone=${zone}&bom=true`)
  },
  reviews: async () => (await ask(key, '/reviews?limit=500', z.object({ reviews: z.array(reviewSchema) }))).reviews,
  sells: async (fridge: string) =>
    (await ask(key, `/fridges/${fridge}/catalogue`, z.object({ catalogue: reviewCatalogueSchema.nullable() })))
      .catalogue,
  picture: (fridge: string, visit: string, sha256: string) =>
    askFile(key, `/fridges/${fridge}/pictures?visit=${encodeURIComponent(visit)}&sha256=${sha256}`),
  /** `leaving`: the page is about to go, and the request must outlive it. */
  decide: (fridge: string, verdict: object, leaving: boolean) =>
    ask(key, `/fridges/${fridge}/reviews`, decidedSchema, verdict, leaving),
  pairingCode: () => ask(key, '/pairing-codes', z.object({ code: z.string() }), {}),
})
export type Relay = ReturnType<typeof relayAs>
