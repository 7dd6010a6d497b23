/** Owner tables: how reviews, holds and catalogues are found among the ledger's rows. The fifth step of migrations.ts. */
export const ownerTables: readonly string[] = [
  `CREATE INDEX reviews_by_visit ON ledger_rows (fridge, substring(body from '"visit":"([^"]*)"'))
    WHERE body LIKE '{"type":"ReviewOpened"%'`,
  `CREATE INDEX catalogue_rows ON ledger_rows (fridge, seq)
    WHERE body LIKE '{"type":"CatalogueAdopted"%' OR body LIKE '{"type":"PricesSet"%' OR body LIKE '{"type":"PlacesSet"%'`,
  `CREATE INDEX refunds_asked ON refunds (made_at) WHERE at = 'asked'`,
]
