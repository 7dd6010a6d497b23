/** Vouchers: what an owner's pages and the relay tell each other of codes that are given away. Amounts are minor units. */
import { z } from 'zod'
import { currencies } from '../core/money.ts'

const count = z.number()
const id = z.string().min(1).max(40)

/** `mostMinor`: what one use is worth at most; of what was charged it is `percent`, or all of it where that is null. */
export const newVoucherSchema = z.strictObject({
  name: z.string().trim().min(1).max(60),
  currency: z.enum(currencies),
  percent: z.int().min(1).max(100).nullable(),
  mostMinor: z.int().min(1).max(100_000),
  /** Of each code, by as many shoppers. */
  uses: z.int().min(1).max(100_000),
  codes: z.int().min(1).max(1_000),
  /** Null: at all of them. */
  fridges: z
    .array(z.string().regex(/^[a-z0-9-]{1,40}$/))
    .min(1)
    .max(1_000)
    .nullable(),
  expiresAtMs: z.int().min(0).max(8_640_000_000_000_000),
  reason: z.string().trim().min(3).max(200),
})
export type NewVoucher = z.infer<typeof newVoucherSchema>

/** The codes are told once: the relay keeps their hashes only. */
export const madeVoucherSchema = z.object({ id, codes: z.array(z.string()) })
export type MadeVoucher = z.infer<typeof madeVoucherSchema>

export const voucherSchema = z.object({
  id,
  name: z.string(),
  currency: z.enum(currencies),
  percent: z.number().nullable(),
  mostMinor: count,
  uses: count,
  codes: count,
  fridges: z.array(z.string()).nullable(),
  expiresAtMs: count,
  revokedAtMs: z.number().nullable(),
  madeBy: z.string(),
  /** For visits that have not ended. */
  reserved: count,
  used: count,
  usedMinor: count,
})
export type Voucher = z.infer<typeof voucherSchema>

export const revokeVoucherSchema = z.strictObject({ id, reason: z.string().trim().min(3).max(200) })
