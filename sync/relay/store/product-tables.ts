/**
 * Product tables: what products from afar need beside the tables that are there: which orders a change gave, how pictures are
 * shaped, and how definitions are found. Step 050 of migrations.ts. A step once released never changes.
 */
import { sql } from 'kysely'

export const productTables: readonly string[] = [
  `DROP INDEX catalogue_rows`,
  `CREATE INDEX catalogue_rows ON ledger_rows (fridge, seq)
    WHERE body LIKE '{"type":"CatalogueAdopted"%' OR body LIKE '{"type":"PricesSet"%' OR body LIKE '{"type":"PlacesSet"%'
      OR body LIKE '{"type":"ProductDefined"%' OR body LIKE '{"type":"OffersSet"%'`,
  `ALTER TABLE change_parts ADD COLUMN more_commands bigint[] NOT NULL DEFAULT '{}'`,
  `ALTER TABLE product_pictures ADD COLUMN width integer`,
  `ALTER TABLE product_pictures ADD COLUMN height integer`,
  `CREATE INDEX commands_by_sku ON commands (lower(substring(body from '"sku":"([^"]*)"'))) WHERE type = 'product'`,
]

/** The rows that say what a fridge sells: word for word the index's, or it is not used. */
export const catalogueRows = sql`(body like '{"type":"CatalogueAdopted"%' or body like '{"type":"PricesSet"%'
  or body like '{"type":"PlacesSet"%' or body like '{"type":"ProductDefined"%' or body like '{"type":"OffersSet"%')`
