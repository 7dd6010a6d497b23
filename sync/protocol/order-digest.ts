/**
 * Order digest: what tells an order from another of the same kind [SY85]. Of the order as it came over the wire, so that a release
 * that knows more fields, or writes them in another order, has the same one.
 */
import { createHash } from 'node:crypto'

/** 128 bits of SHA-256, in hex, over the JSON with its keys sorted. */
export function orderDigest(order: unknown): string {
  return createHash('sha256').update(JSON.stringify(sorted(order))).digest('hex').slice(0, 32)
} // prettier-ignore

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, sorted(one)])) // prettier-ignore
}
