/**
 * Standing: what fridges sell by once all that they were told has come to them, and what a change would do there.
 * Holds always: orders that wait, or whose rows are still on their way, stand above the books that came; a version is of
 * what stands, so that it changes only when prices or places do [RL43]. Nothing is written here.
 */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Changes, Diff, Standing } from '../../../src/contract/fleet-changes.ts'
import { essence, sameProduct } from '../../../src/core/definition.ts'
import { orderSchema } from '../../protocol/mqtt.ts'
import type { Db } from './open.ts'
import { catalogueRows } from './product-tables.ts'
import { define, foldSold, weighed } from './sold.ts'

/** By fridge, of those that have a catalogue. */
export async function standingOf(db: Db, fridges: readonly string[]): Promise<ReadonlyMap<string, Standing>> {
  const asked = [...new Set(fridges)]
  const books = await sql<{ fridge: string; body: string; received_at: Date }>`
    select fridge, body, received_at from ledger_rows where fridge = any(${asked}::text[])
      and ${catalogueRows} order by fridge, seq`.execute(db)
  // What is done is in the books, or will be with the next rows; a month covers every fridge that is only slow.
  const orders = await sql<{ fridge: string; body: string; made_at: Date; waits: boolean }>`
    select fridge, body, made_at, outcome is null as waits from commands where fridge = any(${asked}::text[])
      and lane = 'kept' and type in ('prices', 'planogram', 'product', 'offers') and (outcome is null or outcome = 'done')
      and made_at > now() - interval '31 days' order by fridge, number`.execute(db)
  const shelves = await sql<{ fridge: string; most: number }>`select fridge, max(shelf) as most from stock
    where fridge = any(${asked}::text[]) group by fridge`.execute(db)
  const ordersOf = Map.groupBy(orders.rows, ({ fridge }) => fridge)
  const shelvesOf = new Map(shelves.rows.map(({ fridge, most }) => [fridge, most]))
  const found = new Map<string, Standing>()
  for (const [fridge, rows] of Map.groupBy(books.rows, (row) => row.fridge)) {
    const adopted = rows.findLast(({ body }) => body.startsWith('{"type":"CatalogueAdopted"'))
    const catalogue = foldSold(rows.map(({ body }) => body))
    if (catalogue === null || adopted === undefined) continue
    const definitions = new Map(catalogue.definitions)
    const withdrawn = new Set(catalogue.withdrawn)
    const products = new Map(catalogue.products.map((one) => [one.sku as string, { ...one }]))
    let waiting = 0
    for (const { body, made_at, waits } of ordersOf.get(fridge) ?? []) {
      if (waits) waiting += 1
      const order = orderSchema.parse(JSON.parse(body))
      if (order.type === 'prices')
        for (const { sku, priceMinor } of order.prices) {
          const product = products.get(sku)
          if (product) products.set(sku, { ...product, priceMinor: priceMinor as typeof product.priceMinor })
        }
      if (order.type === 'product') {
        const { product } = order
        const there = products.get(product.sku)
        define(definitions, product)
        products.set(product.sku, { ...weighed(product), ...(there === undefined ? {} : { priceMinor: there.priceMinor, shelf: there.shelf }) }) // prettier-ignore
      }
      if (order.type === 'offers')
        for (const { sku, offered } of order.offers)
          if (offered) withdrawn.delete(sku)
          else withdrawn.add(sku)
      // Another catalogue that was adopted since has its own places (src/catalog SPEC K5).
      if (order.type === 'planogram' && (waits || made_at > adopted.received_at))
        for (const { sku, shelf } of order.places) {
          const product = products.get(sku)
          if (product) products.set(sku, { ...product, shelf })
        }
    }
    const list = [...products.values()]
      .toSorted((a, b) => a.shelf - b.shelf || (a.sku < b.sku ? -1 : 1))
      .map((one) => ({ ...one, offered: !withdrawn.has(one.sku), definition: definitions.get(one.sku) ?? null }))
    const what = JSON.stringify([
      catalogue.currency,
      list.map(({ sku, priceMinor, shelf, offered, definition }) => [sku, priceMinor, shelf, offered, definition === null ? null : essence(definition)]),
    ]) // prettier-ignore
    found.set(fridge, {
      fridge,
      currency: catalogue.currency,
      version: createHash('sha256').update(what).digest('hex').slice(0, 16),
      shelves: Math.max(shelvesOf.get(fridge) ?? 1, ...list.map(({ shelf }) => shelf)),
      waiting,
      products: list,
    })
  }
  return found
}

/** What a change would do at a fridge, with every fault of it. */
export function diffOf(fridge: string, stands: Standing | undefined, changes: Changes): Diff {
  if (stands === undefined)
    return {
      fridge,
      currency: null,
      version: '',
      prices: [],
      places: [],
      products: [],
      offers: [],
      faults: [{ code: 'noCatalogue', sku: null }],
    }
  const products = new Map(stands.products.map((one) => [one.sku, one]))
  const diff: Diff = {
    fridge,
    currency: stands.currency,
    version: stands.version,
    prices: [],
    places: [],
    products: [],
    offers: [],
    faults: [],
  }
  if (changes.prices.length > 0 && changes.currency !== stands.currency)
    diff.faults.push({ code: 'currency', sku: null })
  for (const { sku, priceMinor: toMinor } of changes.prices) {
    const product = products.get(sku)
    if (product === undefined) diff.faults.push({ code: 'unknownProduct', sku })
    else if (product.priceMinor !== toMinor) diff.prices.push({ sku, fromMinor: product.priceMinor, toMinor })
  }
  for (const { sku, shelf: to } of changes.places) {
    const product = products.get(sku)
    if (product === undefined) diff.faults.push({ code: 'unknownProduct', sku })
    else if (to > stands.shelves) diff.faults.push({ code: 'noShelf', sku })
    else if (product.shelf !== to) diff.places.push({ sku, from: product.shelf, to })
  }
  for (const { isNew, product: to } of changes.products ?? []) {
    const { sku } = to
    const known = products.get(sku)
    const from = known?.definition ?? null
    const taken = stands.products.some((one) => one.sku.toLowerCase() === sku.toLowerCase() && (isNew || one.definition === null || one.sku !== sku)) // prettier-ignore
    if (taken) diff.faults.push({ code: 'skuTaken', sku })
    else if (to.currency !== stands.currency) diff.faults.push({ code: 'currency', sku })
    else if (from === null && to.shelf > stands.shelves) diff.faults.push({ code: 'noShelf', sku })
    else if (from === null || !sameProduct(from, to)) diff.products.push({ from, to })
  }
  for (const { sku, offered } of changes.offers ?? []) {
    const product = products.get(sku)
    if (product === undefined) diff.faults.push({ code: 'unknownProduct', sku })
    else if (product.offered !== offered) diff.offers.push({ sku, offered })
  }
  return diff
}
