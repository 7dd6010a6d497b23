/**
 * Goods: what the relay's orders make of products: one that it defines, what is offered, what was counted.
 *
 * Pure. Holds always (catalog SPEC K9): whole or not at all, each with a word that says why not; nobody is at the door.
 * Called by remote.ts.
 */
import type { Event } from '../core/events.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Stock } from '../catalog/stock.ts'
import type { Decision } from '../session/decision.ts'
import type { Order } from '../../sync/protocol/mqtt.ts'

/** As many as an owner's own catalogue may have: a search through more would be no answer at the door. */
export const mostProducts = 200

export function goods(
  order: Extract<Order, { type: 'product' | 'offers' | 'counts' }>,
  { by, reason }: { readonly by: string; readonly reason: string },
  { stock, shelves }: { readonly stock: Stock; readonly shelves: number | null },
): Result<Decision, string> {
  const products = new Map<string, number>(stock.catalogue?.products.map(({ sku, shelf }) => [sku, shelf]))
  const isThere = (shelf: number): boolean => shelves === null || shelf <= shelves
  switch (order.type) {
    case 'product': {
      const { product } = order
      const isKnown = stock.defined.has(product.sku)
      if (stock.catalogue === null || product.currency !== stock.catalogue.currency) return err('currency')
      if (!isKnown && isTaken(product.sku, stock)) return err('skuTaken')
      if (!isKnown && !isThere(product.shelf)) return err('noShelf')
      if (!isKnown && products.size >= mostProducts) return err('tooMany')
      return done({ type: 'ProductDefined', product })
    }
    case 'offers':
      if (order.offers.some(({ sku }) => !products.has(sku))) return err('unknownProduct')
      return done({ type: 'OffersSet', offers: order.offers })
    case 'counts':
      if (order.counts.some(({ sku }) => !products.has(sku))) return err('unknownProduct')
      if (order.counts.some(({ shelf }) => !isThere(shelf))) return err('noShelf')
      return done(...order.counts.map((one): Event => ({ type: 'StockCounted', ...one, by, reason })))
  }
}

/** Also in other capitals: people can't tell those apart on a shelf. */
function isTaken(sku: string, { catalogue, defined }: Stock): boolean {
  const same = (other: string): boolean => other.toLowerCase() === sku.toLowerCase()
  return catalogue?.products.some((one) => same(one.sku)) === true || [...defined.keys()].some(same)
}

const done = (...events: Event[]): Result<Decision, string> => ok({ events, effects: [] })
