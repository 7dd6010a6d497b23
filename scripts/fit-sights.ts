/**
 * Fits how witnesses see (src/fusion/sight-parameters.gen.ts), and what they are drawn from where no picture is drawn
 * (src/virtual/sights/measured.json.gz), from visits that scripts/record-sights.ts recorded:
 * `node scripts/fit-sights.ts [--records FILE.ndjson[.gz] ...] [--products DIR] [--dry]`. Without files: the committed ones.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync, gzipSync } from 'node:zlib'
import { defaultParameters, type FittedSightParameters } from '../src/fusion/parameters.ts'
import { loadShop } from '../src/virtual/shop.ts'
import { fitSights } from './basket/fit.ts'
import { measure } from './basket/measure.ts'
import { readRecords, type SightRecord } from './basket/records.ts'
import { measuredSights, recordOf, stage } from './basket/staging.ts'

/** Drawn to fit on; no other seeds than these. */
const seeds = [21, 22]
const visitsEach = 400
const root = join(import.meta.dirname, '..')
const committed = join(root, 'test/vectors/vision/sights')
const { values } = parseArgs({
  options: {
    records: { type: 'string', multiple: true },
    products: { type: 'string', default: join(root, 'src/virtual/products') },
    dry: { type: 'boolean', default: false },
  },
})
const shop = loadShop(values.products)
if (!shop.ok) throw new Error(shop.error.map(({ file, path, message }) => `${file} ${path}: ${message}`).join('\n'))
const files = values.records ?? readdirSync(committed).map((name) => join(committed, name))
const records = files.toSorted().flatMap((file) => readRecords(textOf(file), file))
if (records.length === 0) throw new RangeError('--records: there is no visit in these files')

const { products, shelves } = shop.value
const units = records.reduce((sum, { truth }) => sum + truth.length, 0)
const says = `${records.length} visits (${units} units moved) that the shipped models saw through the virtual fridge's cameras`
const measured = measure(records, products, shelves, `measured on ${says}`)
// A few dozen visits tell how each move is seen, but too few whole baskets to weigh witnesses together.
const drawn: SightRecord[] = []
for (const seed of seeds) {
  const staged = await stage(shop.value, seed, visitsEach, defaultParameters, measuredSights(shop.value, measured))
  drawn.push(...staged.map((recording, index) => recordOf(`${seed}/${index}`, recording)))
}
const fitted = rounded(fitSights(drawn, products, shelves, defaultParameters))
process.stdout.write(`${JSON.stringify(fitted, null, 2)}\n${says}\n`)
if (!values.dry) write(fitted)

function textOf(file: string): string {
  const bytes = readFileSync(file)
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
}

function rounded(parameters: FittedSightParameters): FittedSightParameters {
  return JSON.parse(
    JSON.stringify(parameters, (_name, value: unknown) =>
      typeof value === 'number' ? Number(value.toPrecision(3)) : value,
    ),
  ) as FittedSightParameters
}

function write(parameters: FittedSightParameters): void {
  const fields = (object: object, indent: string): string =>
    Object.entries(object)
      .map(([name, value]: [string, unknown]) =>
        typeof value === 'object' && value !== null
          ? `${indent}${name}: {\n${fields(value, `${indent}  `)}${indent}},\n`
          : `${indent}${name}: ${String(value)},\n`,
      )
      .join('')
  const text = `/** Written by scripts/fit-sights.ts, fitted on ${drawn.length} visits (seeds ${seeds.join(', ')}) drawn from ${says}; do not edit. */\nexport const fittedSights = {\n${fields(parameters, '  ')}} as const\n`
  writeFileSync(join(root, 'src/fusion/sight-parameters.gen.ts'), text)
  writeFileSync(join(root, 'src/virtual/sights/measured.json.gz'), gzipSync(JSON.stringify(measured), { level: 9 }))
}
