/**
 * Sold: what a fridge sells, folded from the rows of its books that say it, by the fridge's own rule (src/catalog SPEC K5, K7, K8;
 * a test holds both to the same). Pure but for `soldOf`, which reads the rows. Called by standing.ts and owner-reads.ts.
 */
import { sql } from 'kysely'
import type { Definition } from '../../../src/core/definition.ts'
import { eventSchema, type EventOf } from '../../../src/core/events.ts'
import type { Db } from './open.ts'
import { catalogueRows } from './product-tables.ts'

type Catalogue = EventOf<'CatalogueAdopted'>

export interface Sold extends Catalogue {
  readonly definitions: ReadonlyMap<string, Definition>
  readonly withdrawn: ReadonlySet<string>
}

export async function soldOf(db: Db, fridge: string): Promise<Sold | null> {
  const { rows } = await sql<{ body: string }>`select body from ledger_rows where fridge = ${fridge}
    and ${catalogueRows} order by seq`.execute(db)
  return foldSold(rows.map(({ body }) => body))
}

/** Null: no catalogue was adopted yet. */
export function foldSold(bodies: readonly string[]): Sold | null {
  let catalogue = null as Catalogue | null
  const prices = new Map<string, EventOf<'PricesSet'>['prices'][number]['priceMinor']>()
  const definitions = new Map<string, Definition>()
  const withdrawn = new Set<string>()
  for (const body of bodies) {
    const event = eventSchema.parse(JSON.parse(body))
    switch (event.type) {
      case 'PricesSet':
        for (const { sku, priceMinor } of event.prices) prices.set(sku, priceMinor)
        break
      case 'CatalogueAdopted':
        catalogue = event
        break
      case 'PlacesSet': {
        if (catalogue === null) break
        const shelves = new Map(event.places.map(({ sku, shelf }) => [sku as string, shelf]))
        const products = catalogue.products.map((one) => ({
          ...one,
          shelf: shelves.get(one.sku) ?? one.shelf,
        }))
        catalogue = { ...catalogue, products } satisfies Catalogue
        for (const [sku, one] of definitions) definitions.set(sku, { ...one, shelf: shelves.get(sku) ?? one.shelf })
        break
      }
      case 'ProductDefined':
        define(definitions, event.product)
        break
      case 'OffersSet':
        for (const { sku, offered } of event.offers)
          if (offered) withdrawn.delete(sku)
          else withdrawn.add(sku)
        break
      default:
        break
    }
  }
  if (catalogue === null) return null
  const { currency } = catalogue
  const own = catalogue.products.filter(({ sku }) => !definitions.has(sku))
  const defined = [...definitions.values()].filter((one) => one.currency === currency).map(weighed)
  const products = [...own, ...defined].map((one) => ({ ...one, priceMinor: prices.get(one.sku) ?? one.priceMinor }))
  return { ...catalogue, products, definitions, withdrawn }
}

/** A later definition changes what it is, never its price or place. */
export function define(definitions: Map<string, Definition>, product: Definition): void {
  const before = definitions.get(product.sku)
  const kept = before === undefined ? product : { ...product, priceMinor: before.priceMinor, shelf: before.shelf }
  definitions.set(product.sku, kept)
}

export const weighed = ({ sku, priceMinor, weightGrams, weightSpreadGrams, shelf }: Definition): Catalogue['products'][number] => ({
  sku,
  priceMinor,
  weightGrams,
  weightSpreadGrams,
  shelf,
}) // prettier-ignore
