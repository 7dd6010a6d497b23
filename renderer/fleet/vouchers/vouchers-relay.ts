/** Vouchers relay: what the page of vouchers asks of the relay. */
import { z } from 'zod'
import { madeVoucherSchema, voucherSchema, type NewVoucher } from '../../../src/contract/vouchers.ts'
import type { Ask } from '../places/places-relay.ts'

export const vouchersOver = (ask: Ask) => ({
  vouchers: async () => (await ask('/vouchers', z.object({ vouchers: z.array(voucherSchema) }))).vouchers,
  makeVoucher: (voucher: NewVoucher) => ask('/vouchers', madeVoucherSchema, voucher),
  revokeVoucher: async (id: string, reason: string) =>
    (await ask('/vouchers/revoke', z.object({ revoked: z.boolean() }), { id, reason })).revoked,
})
