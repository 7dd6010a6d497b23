/**
 * Product changes: what a change of products and offers orders at a fridge, what is wrong with it whatever the fridge, and what
 * takes it back. Called by changes.ts, in its transaction.
 */
import { sql } from 'kysely'
import { sameProduct } from '../../../src/core/definition.ts'
import { sku as asSku } from '../../../src/core/ids.ts'
import type { Changes, Diff, Standing } from '../../../src/contract/fleet-changes.ts'
import type { Order } from '../../protocol/mqtt.ts'
import type { Db } from './open.ts'

type Goods = Pick<Diff, 'products' | 'offers'>

export function productOrders({ products, offers }: Goods): Order[] {
  const defined = products.map(({ to }): Order => ({ type: 'product', product: to }))
  if (offers.length === 0) return defined
  return [...defined, { type: 'offers', offers: offers.map(({ sku, offered }) => ({ sku: asSku(sku), offered })) }]
}

/** A new sku that was given at another fridge before, and pictures that the relay has not, or has otherwise [RL61] [RL62]. */
export async function productFaults(db: Db, { products = [] }: Changes): Promise<Diff['faults']> {
  const faults: Diff['faults'] = []
  for (const { isNew, product } of products) {
    if (isNew && (await isGiven(db, product.sku))) faults.push({ code: 'skuTaken', sku: product.sku })
    const { rows } = await sql<{ sha256: string; size: number; width: number; height: number }>`
      select sha256, size, width, height from product_pictures
      where sha256 = any(${product.pictures.map((one) => one.sha256)}::text[]) and width is not null`.execute(db)
    const here = new Map(rows.map((one) => [one.sha256, one]))
    const whole = product.pictures.every(({ sha256, bytes, width, height }) => {
      const found = here.get(sha256)
      return found?.size === bytes && found.width === width && found.height === height
    })
    if (product.pictures.length === 0 || !whole) faults.push({ code: 'noPicture', sku: product.sku })
  }
  return faults
}

/** To any fridge, in whatever capitals, and not refused by it. */
async function isGiven(db: Db, sku: string): Promise<boolean> {
  const { rows } = await sql`select 1 from commands where type = 'product'
    and lower(substring(body from '"sku":"([^"]*)"')) = lower(${sku}) and (outcome is null or outcome = 'done')
    limit 1`.execute(db)
  return rows.length > 0
}

/** What is to be done so that it stands as it did; `left`: what somebody has changed again since [RL45]. */
export function goodsBack(made: Goods, now: ReadonlyMap<string, Standing['products'][number]>): Goods & { left: string[] } {
  const back: Goods & { left: string[] } = { products: [], offers: [], left: [] }
  for (const { from, to } of made.products) {
    const there = now.get(to.sku)
    if (there?.definition == null || !sameProduct(there.definition, to)) back.left.push(to.sku)
    // A fridge does not forget: old receipts name it.
    else if (from !== null) back.products.push({ from: to, to: from })
    else if (there.offered) back.offers.push({ sku: to.sku, offered: false })
  }
  for (const { sku, offered } of made.offers)
    if (now.get(sku)?.offered === offered) back.offers.push({ sku, offered: !offered })
    else back.left.push(sku)
  return back
} // prettier-ignore
