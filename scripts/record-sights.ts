/**
 * Records what the real pipeline says of visits of the virtual fridge, beside what truly happened:
 * `node scripts/record-sights.ts --seed S --seeds N --out DIR [--visits 20] [--products DIR]`. DIR/SEED.ndjson.gz holds a
 * seed's visits (scripts/basket/records.ts), whole or not at all; one that is there is left as it is, so that a recording
 * that was interrupted goes on. Half a minute a visit on one core. For scripts/fit-sights.ts --records.
 */
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { defaultParameters } from '../src/fusion/parameters.ts'
import { loadShop } from '../src/virtual/shop.ts'
import { openFramedEyes } from './basket/frames.ts'
import { recordLine } from './basket/records.ts'
import { framedRecords } from './basket/staging.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '1' },
    visits: { type: 'string', default: '20' },
    out: { type: 'string' },
    products: { type: 'string', default: join(import.meta.dirname, '../src/virtual/products') },
  },
})
const [seed, seeds, visits] = [values.seed, values.seeds, values.visits].map(Number)
const { out } = values
if (!isCount(seed) || !isCount(seeds) || !isCount(visits) || out === undefined) {
  process.stderr.write(
    'Usage: node scripts/record-sights.ts --seed S --seeds N --out DIR [--visits N] [--products DIR]\n',
  )
  process.exit(2)
}
const shop = loadShop(values.products)
if (!shop.ok) throw new Error(shop.error.map(({ file, path, message }) => `${file} ${path}: ${message}`).join('\n'))

mkdirSync(out, { recursive: true })
const eyes = await openFramedEyes(shop.value)
for (let one = seed; one < seed + seeds; one += 1) {
  const file = join(out, `${one}.ndjson.gz`)
  if (existsSync(file)) continue
  const startedMs = Date.now()
  const records = await framedRecords(shop.value, eyes, one, visits, defaultParameters)
  writeFileSync(`${file}.new`, gzipSync(records.map(recordLine).join('')))
  renameSync(`${file}.new`, file)
  const secondsEach = (Date.now() - startedMs) / 1_000 / visits
  process.stdout.write(`seed ${one}: ${visits} visits, ${secondsEach.toFixed(1)} s each\n`)
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value > 0
}
