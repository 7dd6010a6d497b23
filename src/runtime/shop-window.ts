/** Shop window: the assortment as the relay is told it, for phones: names, and pictures by their hashes. Its folder is read once, when asked. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ShopWindow } from '../../sync/edge/window.ts'
import { maxProductPictureBytes, type ProductPictureType } from '../../sync/protocol/window.ts'
import type { Stock } from '../catalog/stock.ts'
import { sku as asSku } from '../core/ids.ts'
import type { Shop } from '../virtual/shop.ts'

/** What the relay defined, and the files of its pictures. */
export interface Afar {
  readonly stock: () => Stock
  readonly dir: string
  readonly shown: (sku: string) => string | null
}

/**
 * A picture that is too large to travel, or can't be read just now, is left out. The same object until something of it changes:
 * another one is told anew.
 */
export function shopWindow(shop: Shop, contact: string, afar: Afar): () => ShopWindow {
  const own = read(shop)
  let made: { readonly window: ShopWindow; readonly text: string } | null = null
  let of: Stock['defined'] | null = null
  return () => {
    const { defined } = afar.stock()
    if (made !== null && defined === of && defined.size === 0) return made.window
    of = defined
    const products = own().products.filter(({ sku }) => !defined.has(asSku(sku)))
    const files = new Map(own().files)
    for (const { sku, name, pictures } of defined.values()) {
      const file = afar.shown(sku)
      const picture = file === null ? null : (pictures[0]?.sha256 ?? null)
      if (file !== null && picture !== null) files.set(picture, join(afar.dir, file))
      products.push({ sku, name: { ...name }, picture })
    }
    const text = JSON.stringify(products)
    if (made?.text !== text)
      made = { text, window: { contact, products, picture: (sha256) => pictureIn(files.get(sha256)) } }
    return made.window
  }
}

interface Own {
  readonly products: ShopWindow['products']
  readonly files: ReadonlyMap<string, string>
}

function read(shop: Shop): () => Own {
  let kept: Own | null = null
  return () => {
    kept ??= readNow(shop)
    return kept
  }
}

function readNow(shop: Shop): Own {
  const files = new Map<string, string>()
  const products = shop.products.map(({ sku, name, picture }) => {
    const file = join(shop.directory, picture)
    const bytes = bytesOf(file)
    if (bytes === null || bytes.length > maxProductPictureBytes) return { sku, name: { ...name }, picture: null }
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    files.set(sha256, file)
    return { sku, name: { ...name }, picture: sha256 }
  })
  return { products, files }
}

function pictureIn(file: string | undefined): ReturnType<ShopWindow['picture']> {
  const bytes = file === undefined ? null : bytesOf(file)
  return bytes === null || file === undefined ? null : { mediaType: typeOf(file), bytes }
}

function bytesOf(file: string): Buffer | null {
  try {
    return readFileSync(file)
  } catch {
    return null
  }
}

const typeOf = (file: string): ProductPictureType =>
  /\.svg$/i.test(file)
    ? 'image/svg+xml'
    : /\.jpe?g$/i.test(file)
      ? 'image/jpeg'
      : /\.webp$/i.test(file)
        ? 'image/webp'
        : 'image/png'
