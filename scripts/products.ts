/**
 * Draws the default shop's packages: one SVG a product, into src/virtual/products. `node scripts/products.ts` writes
 * them; a test draws them again and compares, so that picture and program never part. Sizes must fit the catalogue's
 * `sizeMm` (the test looks at that too). The shapes are in scripts/products, one file a family.
 */
import { writeFileSync } from 'node:fs'
import { bottles } from './products/bottles.ts'
import { bowls } from './products/bowls.ts'
import { cans } from './products/cans.ts'
import { cartons } from './products/cartons.ts'
import { cups } from './products/cups.ts'
import { pouches } from './products/pouches.ts'
import { sandwich } from './products/sandwich.ts'

/** Every picture of the default shop: SVG text by sku. */
export const drawProducts = (): Readonly<Record<string, string>> => ({
  ...cans(),
  ...bottles(),
  ...cartons(),
  ...cups(),
  ...pouches(),
  ...bowls(),
  'midi-egg-cress': sandwich(),
})

if (import.meta.main) {
  for (const [sku, svg] of Object.entries(drawProducts())) {
    writeFileSync(new URL(`../src/virtual/products/${sku}.svg`, import.meta.url), svg)
    console.log(`${sku}.svg ${svg.length} bytes`)
  }
}
