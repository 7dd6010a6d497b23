/** Items: what stands where, kept in the data folder, so that a fridge that is started again is the same fridge. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Shop } from './shop.ts'
import type { Item } from './world/world.ts'

const keptSchema = z.object({
  /** The shop these items are of: another catalogue starts with full shelves. */
  shop: z.string(),
  items: z.array(z.object({ sku: z.string(), grams: z.number().positive(), shelf: z.int().positive().nullable() })),
})

const fileIn = (dir: string): string => join(dir, 'virtual-items.json')
const nameOf = (shop: Shop): string =>
  shop.products.map(({ sku, shelf, weightGrams }) => `${sku}@${shelf}:${weightGrams}`).join(',')

/** What an earlier run left of this shop; null where there is nothing, or of another shop. */
export function keptItems(dir: string, shop: Shop): readonly Item[] | null {
  if (!existsSync(fileIn(dir))) return null
  const kept = keptSchema.safeParse(parseJson(readFileSync(fileIn(dir), 'utf8')))
  if (!kept.success) throw new Error(`${fileIn(dir)} is damaged; delete it to start with full shelves`)
  return kept.data.shop === nameOf(shop) ? kept.data.items : null
}

export function keepItems(dir: string, shop: Shop, items: readonly Item[]): void {
  const fresh = `${fileIn(dir)}.new`
  writeFileSync(fresh, JSON.stringify({ shop: nameOf(shop), items }))
  renameSync(fresh, fileIn(dir))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
