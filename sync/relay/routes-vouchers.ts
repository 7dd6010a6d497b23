/** Voucher routes: an owner makes codes and takes them back; who may read sees what was used of them, and no code. */
import type { FastifyInstance } from 'fastify'
import { newVoucherSchema, revokeVoucherSchema } from '../../src/contract/vouchers.ts'
import { addRoute, type OwnerPorts } from './routes-owner.ts'
import { listVouchers, makeVoucher, revokeVoucher } from './store/vouchers.ts'

export function voucherRoutes(app: FastifyInstance, ports: OwnerPorts): void {
  addRoute(app, ports, {
    method: 'GET',
    url: '/vouchers',
    role: 'viewer',
    what: 'Vouchers and what was used of them, the newest first, 500 at most',
    answer: async ({ db }) => ({ vouchers: await listVouchers(db) }),
  })
  addRoute(app, ports, {
    method: 'POST',
    url: '/vouchers',
    role: 'owner',
    what: 'Makes a voucher; its codes are told in the answer and nowhere else',
    body: newVoucherSchema,
    answer: async ({ db, caller, body }) => makeVoucher(db, caller.name, body),
  })
  addRoute(app, ports, {
    method: 'POST',
    url: '/vouchers/revoke',
    role: 'owner',
    what: 'Takes a voucher back: its codes are good for nothing new',
    body: revokeVoucherSchema,
    answer: async ({ db, caller, body }) => ({ revoked: await revokeVoucher(db, caller.name, body.id, body.reason) }),
  })
}
