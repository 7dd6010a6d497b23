/**
 * Fits how witnesses see (src/fusion/sight-parameters.gen.ts) from recorded visits:
 * `node scripts/fit-sights.ts [--records FILE ...] [--visits N] [--products DIR] [--dry]`. Without records it draws visits
 * from the assumed model of camera errors, and says so in the file. Records: scripts/basket/records.ts, JSON lines.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { defaultParameters, type FittedSightParameters } from '../src/fusion/parameters.ts'
import { loadShop } from '../src/virtual/shop.ts'
import { assumedErrors } from '../src/virtual/sights/errors.ts'
import { fitSights } from './basket/fit.ts'
import { readRecords, type SightRecord } from './basket/records.ts'
import { drawnSights, recordOf, stage } from './basket/staging.ts'

const seeds = [21, 22]
const root = join(import.meta.dirname, '..')
const { values } = parseArgs({
  options: {
    records: { type: 'string', multiple: true, default: [] },
    visits: { type: 'string', default: '500' },
    products: { type: 'string', default: join(root, 'src/virtual/products') },
    dry: { type: 'boolean', default: false },
  },
})
const visits = Number(values.visits)
if (!Number.isInteger(visits) || visits < 20)
  throw new RangeError(`--visits is a whole number from 20, not ${values.visits}`)
const shop = loadShop(values.products)
if (!shop.ok) throw new Error(shop.error.map(({ file, path, message }) => `${file} ${path}: ${message}`).join('\n'))

const records: SightRecord[] = values.records.flatMap((file) => readRecords(readFileSync(file, 'utf8'), file))
if (values.records.length === 0) {
  for (const seed of seeds) {
    const staged = await stage(shop.value, seed, visits, defaultParameters, drawnSights(shop.value, assumedErrors))
    records.push(...staged.map((recording, index) => recordOf(`${seed}/${index}`, recording)))
  }
}
const fitted = rounded(fitSights(records, shop.value.products, shop.value.shelves, defaultParameters))
process.stdout.write(`${JSON.stringify(fitted, null, 2)}\n`)
if (!values.dry) write(fitted)

function rounded(parameters: FittedSightParameters): FittedSightParameters {
  return JSON.parse(
    JSON.stringify(parameters, (_name, value: unknown) =>
      typeof value === 'number' ? Number(value.toPrecision(3)) : value,
    ),
  ) as FittedSightParameters
}

function write(parameters: FittedSightParameters): void {
  const from =
    values.records.length === 0
      ? `drawn from the ASSUMED errors of cameras (seeds ${seeds.join(', ')})`
      : 'recorded with the pipeline itself'
  const fields = (object: object, indent: string): string =>
    Object.entries(object)
      .map(([name, value]: [string, unknown]) =>
        typeof value === 'object' && value !== null
          ? `${indent}${name}: {\n${fields(value, `${indent}  `)}${indent}},\n`
          : `${indent}${name}: ${String(value)},\n`,
      )
      .join('')
  const says = `fitted on ${records.length} visits ${from}`
  const text = `/** Written by scripts/fit-sights.ts, ${says}; do not edit. */\nexport const fittedSights = {\n${fields(parameters, '  ')}} as const\n`
  writeFileSync(join(root, 'src/fusion/sight-parameters.gen.ts'), text)
}
