/** Pear: a product as an owner defines it from afar, for tests. */
import type { Definition } from '../../../src/core/definition.ts'
import { sku } from '../../../src/core/ids.ts'
import { minor } from '../../../src/core/money.ts'

export const pear: Definition = {
  sku: sku('pear'),
  name: { en: 'Pear juice', es: 'Zumo de pera', de: 'Birnensaft' },
  currency: 'EUR',
  priceMinor: minor(230),
  weightGrams: 260,
  weightSpreadGrams: 2,
  shelf: 2,
  allergens: ['sulphites'],
  pictures: [],
}
