/**
 * Fleet: what the relay tells an owner's pages, under `/api/v1`. The relay answers in these shapes (a contract test holds it
 * to them on every store) and the pages believe nothing else. Amounts are minor units; times are ms since 1970.
 */
import { z } from 'zod'
import { currencies } from '../core/money.ts'

const count = z.number()
const currency = z.enum(currencies)

export const fleetFridgeSchema = z.object({
  fridge: z.string(),
  version: z.string().nullable(),
  currency: currency.nullable(),
  revokedAtMs: z.number().nullable(),
  acknowledgedSeq: count,
  lastEventAtMs: z.number().nullable(),
  silentMs: z.number().nullable(),
  setAside: count,
  divergedAtSeq: z.number().nullable(),
  /** Why it has stopped selling until somebody looks. */
  stopped: z.string().nullable(),
})
export type FleetFridge = z.infer<typeof fleetFridgeSchema>

/** What a fridge said last over its live channel. */
export const fleetLiveSchema = z.object({
  fridge: z.string(),
  online: z.boolean(),
  silentMs: z.number().nullable(),
  doorOpen: z.boolean().nullable(),
  celsius: z.number().nullable(),
  /** Why nothing is sold there just now. */
  closed: z.string().nullable(),
  /** Rows that the relay has not. */
  pending: z.number().nullable(),
})
export type FleetLive = z.infer<typeof fleetLiveSchema>

/**
 * `subject`: the product, where it is about one. `escalatedAtMs`: nobody had acknowledged it after a quarter of an hour, or
 * `escalatedBy` has called for more people, and why.
 */
export const alertKinds = ['offline', 'payments', 'stock', 'door', 'temperature', 'suspicious'] as const
export const fleetAlertSchema = z.object({
  id: z.number(),
  fridge: z.string(),
  kind: z.enum(alertKinds),
  subject: z.string(),
  detail: z.string(),
  raisedAtMs: z.number(),
  clearedAtMs: z.number().nullable(),
  acknowledgedBy: z.string().nullable(),
  acknowledgedAtMs: z.number().nullable(),
  note: z.string().nullable(),
  escalatedAtMs: z.number().nullable(),
  escalatedBy: z.string().nullable(),
  escalationNote: z.string().nullable(),
})
export type FleetAlert = z.infer<typeof fleetAlertSchema>

/** `capacity`: what fits there, as a person has said it; without it `most`, the most that ever stood there. */
export const fleetStockSchema = z.object({
  shelf: count,
  sku: z.string(),
  count,
  most: count,
  capacity: z.number().nullable(),
})
export type FleetStock = z.infer<typeof fleetStockSchema>

export const fleetReceiptSchema = z.object({
  fridge: z.string(),
  visit: z.string(),
  number: count,
  atMs: z.number(),
  chargedMinor: count,
  totalMinor: count,
  currency,
  /** `or`: what else it may have been, at the same price; the next count says. */
  lines: z.array(z.object({ sku: z.string(), count, priceMinor: count, or: z.array(z.string()).optional() })),
})
export type FleetReceipt = z.infer<typeof fleetReceiptSchema>

export const fleetSaleSchema = z.object({ sku: z.string(), currency, count, amountMinor: count })
export type FleetSale = z.infer<typeof fleetSaleSchema>

/** What receipts of one span charged; `fromMs` is the span's beginning. Spans without any are left out. */
export const fleetSpanSchema = z.object({ fromMs: z.number(), currency, receipts: count, chargedMinor: count })
export type FleetSpan = z.infer<typeof fleetSpanSchema>

export const fleetMoneySchema = z.object({
  fridge: z.string(),
  currency,
  capturedMinor: count,
  receiptsMinor: count,
  receipts: count,
})
export type FleetMoney = z.infer<typeof fleetMoneySchema>

export const callerSchema = z.object({ name: z.string(), role: z.enum(['viewer', 'operator', 'owner']) })
export type FleetCaller = z.infer<typeof callerSchema>
