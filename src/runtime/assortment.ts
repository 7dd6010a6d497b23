/** Assortment: the shop's folder as the ledger, the screens and the gateway each want it. */
import { createHash } from 'node:crypto'
import type { Catalogue } from '../contract/kiosk.ts'
import type { Stock } from '../catalog/stock.ts'
import type { Event } from '../core/events.ts'
import { err, type Result } from '../core/result.ts'
import { loadShop, type Shop } from '../virtual/shop.ts'
import { defaultProductsDir } from './places.ts'

/** Reads the folder; the error lists every fault of it, a line each. */
export function openShop(dir: string | undefined): Result<Shop, string> {
  const where = dir ?? defaultProductsDir
  const shop = loadShop(where)
  if (shop.ok) return shop
  const faults = shop.error.map(
    (fault) => `  ${fault.file}: ${fault.path === '' ? '' : `${fault.path}: `}${fault.message}`,
  )
  return err(`The assortment in ${where} has ${faults.length} fault(s):\n${faults.join('\n')}`)
}

export interface OfferedCatalogue {
  readonly hash: string
  readonly events: readonly Event[]
  readonly screen: Catalogue
}

/** What the runtime offers to its ledger at the start, and the screens show. */
export function catalogueOf(shop: Shop): OfferedCatalogue {
  const products = shop.products.map(({ sku, priceMinor, weightGrams, weightSpreadGrams, shelf }) => ({
    sku,
    priceMinor,
    weightGrams,
    weightSpreadGrams,
    shelf,
  }))
  const hash = createHash('sha256')
    .update(JSON.stringify([shop.currency, products]))
    .digest('hex')
  return {
    hash,
    events: [
      { type: 'CatalogueAdopted', hash, currency: shop.currency, products },
      ...shop.products.map(({ sku, shelf, stock: count }): Event => ({
        type: 'StockCounted',
        sku,
        shelf,
        count,
        by: 'catalogue',
        reason: 'opening stock',
      })),
    ],
    screen: {
      currency: shop.currency,
      products: shop.products.map((product) => ({
        sku: product.sku,
        name: product.name,
        priceMinor: product.priceMinor,
        shelf: product.shelf,
        kind: product.kind,
        ...(product.size === undefined ? {} : { size: product.size }),
        ...(product.ingredients === undefined ? {} : { ingredients: product.ingredients }),
        allergens: [...product.allergens],
        ...(product.energyKcal === undefined ? {} : { energyKcal: product.energyKcal }),
        weightGrams: product.weightGrams,
        sizeMm: product.sizeMm,
        pictureUrl: `/api/products/${encodeURIComponent(product.sku)}/picture`,
      })),
    },
  }
}

export function pictureOf(shop: Shop, sku: string): { path: string; type: string } | null {
  const product = shop.products.find((one) => one.sku === sku)
  return product === undefined
    ? null
    : { path: product.picture, type: /\.svg$/i.test(product.picture) ? 'image/svg+xml' : 'image/png' }
}

/** What screens show of the assortment: with the prices and places that the fridge sells by now. The same until they change. */
export function screenOf(screen: Catalogue): (stock: Stock) => Catalogue {
  let of: Stock['catalogue'] = null
  let shown = screen
  return ({ catalogue }) => {
    if (catalogue === of || catalogue === null) return shown
    of = catalogue
    const now = new Map(catalogue.products.map((one) => [one.sku as string, one]))
    const products = screen.products.map((product) => {
      const { priceMinor, shelf } = now.get(product.sku) ?? product
      return { ...product, priceMinor, shelf }
    })
    shown = JSON.stringify(products) === JSON.stringify(shown.products) ? shown : { ...screen, products }
    return shown
  }
}
