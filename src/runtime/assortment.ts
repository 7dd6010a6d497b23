/** Assortment: the shop's folder as the ledger, the screens and the gateway each want it. */
import { createHash } from 'node:crypto'
import type { Catalogue } from '../contract/kiosk.ts'
import type { Stock } from '../catalog/stock.ts'
import type { Definition } from '../core/definition.ts'
import type { Event } from '../core/events.ts'
import { err, type Result } from '../core/result.ts'
import { guessedSize } from '../virtual/shop-fields.ts'
import { loadShop, type Shop } from '../virtual/shop.ts'
import { defaultProductsDir } from './places.ts'
import type { ProductPictures } from './product-pictures.ts'

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
        pictureUrl: pictureUrl(product.sku),
      })),
    },
  }
}

/** The picture that a product is shown by: the relay's of one that it defined, else the folder's. */
export function pictureOf(
  shop: Shop,
  afar: Pick<ProductPictures, 'dir' | 'shown'>,
  sku: string,
): { root: string; path: string; type: string } | null {
  const path = afar.shown(sku)
  if (path !== null) return { root: afar.dir, path, type: 'image/webp' }
  const product = shop.products.find((one) => one.sku === sku)
  return product === undefined
    ? null
    : {
        root: shop.directory,
        path: product.picture,
        type: /\.svg$/i.test(product.picture) ? 'image/svg+xml' : 'image/png',
      }
}

/**
 * What screens show of the assortment: with the prices and places that the fridge sells by now, and what the relay has defined
 * and withdrawn. The same until one of these changes.
 */
export function screenOf(screen: Catalogue): (stock: Stock) => Catalogue {
  let of: Stock | null = null
  let shown = screen
  return (stock) => {
    const { catalogue, withdrawn } = stock
    if (catalogue === null || (catalogue === of?.catalogue && withdrawn === of.withdrawn)) return shown
    of = stock
    const products = catalogue.products.flatMap(({ sku, priceMinor, shelf }): Product[] => {
      const definition = stock.defined.get(sku)
      const own = screen.products.find((one) => one.sku === sku)
      const product = definition === undefined ? own : definedOn(definition)
      return product === undefined
        ? []
        : [{ ...product, priceMinor, shelf, ...(withdrawn.has(sku) ? { withdrawn: true } : {}) }]
    })
    shown = JSON.stringify(products) === JSON.stringify(shown.products) ? shown : { ...screen, products }
    return shown
  }
}

type Product = Catalogue['products'][number]

const pictureUrl = (sku: string): string => `/api/products/${encodeURIComponent(sku)}/picture`

function definedOn(definition: Definition): Product {
  const { sku, name, priceMinor, shelf, size, ingredients, allergens, energyKcal, weightGrams } = definition
  const [picture] = definition.pictures
  return {
    sku,
    name,
    priceMinor,
    shelf,
    kind: 'other',
    ...(size === undefined ? {} : { size }),
    ...(ingredients === undefined ? {} : { ingredients }),
    allergens,
    ...(energyKcal === undefined ? {} : { energyKcal }),
    weightGrams,
    sizeMm: guessedSize(picture ?? { width: 2, height: 3 }),
    // Another picture has another address, so that no screen shows the old one from its cache.
    pictureUrl: picture === undefined ? pictureUrl(sku) : `${pictureUrl(sku)}?of=${picture.sha256.slice(0, 16)}`,
  }
}
