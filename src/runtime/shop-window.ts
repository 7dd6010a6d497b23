/** Shop window: the assortment as the relay is told it, for phones: names, and pictures by their hashes. Read once, when asked. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ShopWindow } from '../../sync/edge/window.ts'
import { maxProductPictureBytes, type ProductPictureType } from '../../sync/protocol/window.ts'
import type { Shop } from '../virtual/shop.ts'

/** A picture that is too large to travel, or can't be read just now, is left out. */
export function shopWindow(shop: Shop, contact: string): () => ShopWindow {
  let made: ShopWindow | null = null
  return () => {
    made ??= read(shop, contact)
    return made
  }
}

function read(shop: Shop, contact: string): ShopWindow {
  const files = new Map<string, string>()
  const products = shop.products.map(({ sku, name, picture }) => {
    const bytes = bytesOf(join(shop.directory, picture))
    if (bytes === null || bytes.length > maxProductPictureBytes) return { sku, name: { ...name }, picture: null }
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    files.set(sha256, picture)
    return { sku, name: { ...name }, picture: sha256 }
  })
  return {
    contact,
    products,
    picture(sha256) {
      const file = files.get(sha256)
      const bytes = file === undefined ? null : bytesOf(join(shop.directory, file))
      return bytes === null || file === undefined ? null : { mediaType: typeOf(file), bytes }
    },
  }
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
