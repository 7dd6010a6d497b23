/**
 * Fits fusion's parameters on recorded visits of the virtual fridge, writes src/fusion/parameters.gen.ts, and prints how
 * calibrated fusion is on visits of other seeds. `node scripts/fit-fusion.ts [--visits N] [--products DIR] [--judge]`:
 * with --judge nothing is written. Fitted twice, for the books' errors depend on what fusion resolved.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { defaultParameters, type FittedParameters, type FusionParameters } from '../src/fusion/parameters.ts'
import { loadShop, type Shop } from '../src/virtual/shop.ts'
import { fit } from './fusion/fit.ts'
import { calibration, judge } from './fusion/judge.ts'
import { record, type Recording } from './fusion/recording.ts'

const fitSeeds = [11, 12, 13, 14]
const judgeSeeds = [901, 902, 903, 904]
const rounds = 2

const root = join(import.meta.dirname, '..')
const { values } = parseArgs({
  options: {
    visits: { type: 'string', default: '400' },
    products: { type: 'string', default: join(root, 'src/virtual/products') },
    judge: { type: 'boolean', default: false },
  },
})
const visits = Number(values.visits)
if (!Number.isInteger(visits) || visits < 20)
  throw new RangeError(`--visits is a whole number from 20, not ${values.visits}`)
const loaded = loadShop(values.products)
if (!loaded.ok) throw new Error(loaded.error.map(({ file, path, message }) => `${file} ${path}: ${message}`).join('\n'))

let parameters = defaultParameters
if (!values.judge) {
  for (let round = 1; round <= rounds; round++) {
    const fitted = rounded(fit(await recordAll(loaded.value, fitSeeds, parameters)))
    parameters = { ...parameters, ...fitted }
    process.stdout.write(`round ${round}: ${JSON.stringify(fitted)}\n`)
    if (round === rounds) write(fitted)
  }
}
report(await recordAll(loaded.value, judgeSeeds, parameters))

async function recordAll(shop: Shop, seeds: readonly number[], using: FusionParameters): Promise<Recording[]> {
  const all: Recording[] = []
  for (const seed of seeds) all.push(...(await record(shop, seed, visits, using)))
  return all
}

function rounded(fitted: FittedParameters): FittedParameters {
  const entries = Object.entries(fitted).map(([name, value]) => [name, Number((value as number).toPrecision(3))])
  return Object.fromEntries(entries) as FittedParameters
}

function write(fitted: FittedParameters): void {
  const fields = Object.entries(fitted).map(([name, value]) => `  ${name}: ${String(value)},\n`)
  const says = `fitted on ${fitSeeds.length * visits} recorded visits (seeds ${fitSeeds.join(', ')})`
  const text = `/** Written by scripts/fit-fusion.ts, ${says}; do not edit. */\nexport const fitted = {\n${fields.join('')}} as const\n`
  writeFileSync(join(root, 'src/fusion/parameters.gen.ts'), text)
}

function report(recordings: readonly Recording[]): void {
  process.stdout.write(`\nseeds ${judgeSeeds.join(', ')}: ${JSON.stringify(judge(recordings), null, 2)}\n\n`)
  process.stdout.write('probability from   visits   claimed     right\n')
  for (const { from, visits: count, claimed, right } of calibration(recordings)) {
    const cells = [String(from).padStart(16), String(count).padStart(8), claimed.toFixed(4), right.toFixed(4)]
    process.stdout.write(`${cells.map((cell) => cell.padStart(8)).join('  ')}\n`)
  }
}
