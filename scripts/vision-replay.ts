/**
 * `npm run vision -- replay DIR [VISIT] [--json] [--page] [--cameras FILE] [--gallery DIR|FILE]`: visits that the fridge in DIR
 * (its data folder) has kept, through today's pipeline and fusion, and what is said otherwise than it was said: for who changes
 * a model or a rule. Without VISIT all of them, one after the other, and the doors that were forced, whose pictures are only listed
 * (with VISIT `tamper-SEQ` each by its file). `--page`: one visit to look at, at an address of this
 * machine alone that only who reads it here knows; ends with Ctrl-C. Reads only.
 *
 * Exit status: 0 done (whatever differs), 1 a visit could not be replayed, 2 used wrongly. Called by scripts/vision.ts.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Sighting } from '../src/core/sighting.ts'
import { basketText, difference, type Basket, type Difference } from './replay/difference.ts'
import { servePage } from './replay/server.ts'
import { cabinetOf, storedVisit, visitsIn } from './replay/stored.ts'
import { tampersIn, tamperText } from './replay/tampers.ts'
import { lookAgain, openLooker } from './replay/today.ts'

const usage = 'npm run vision -- replay DIR [VISIT] [--json] [--page] [--cameras FILE] [--gallery DIR|FILE]\n'

const given = options()
const [dir, asked] = given.positionals
if (dir === undefined || given.positionals.length > 2) fail(usage, 2)
const { values } = given
const tampers = (await tampersIn(dir)).filter(({ tamper }) => asked === undefined || tamper === asked)
for (const one of tampers)
  process.stdout.write(values.json ? `${JSON.stringify(one)}\n` : tamperText(one, asked !== undefined))
if (asked !== undefined && tampers.length > 0) process.exit(0)
const visits = asked === undefined ? await visitsIn(dir) : [asked]
if (visits.length === 0 && tampers.length > 0) process.exit(0)
if (visits.length === 0) fail(`${dir} holds no evidence of a visit\n`, 1)
const cabinet = await cabinetOf(dir, values.cameras, values.gallery)
if (!cabinet.ok) fail(`${cabinet.error}\n`, 1)
if (values.page && visits.length !== 1) fail(`--page shows one visit; these are kept:\n${visits.join('\n')}\n`, 2)
const cache = mkdtempSync(join(tmpdir(), 'replay-'))
process.on('exit', () => rmSync(cache, { recursive: true, force: true }))
const looker = await openLooker(cabinet.value, cache)
if (!looker.ok) fail(`${looker.error}\n`, 1)
for (const visit of visits) {
  const stored = await storedVisit(dir, visit)
  if (!stored.ok) {
    process.exitCode = 1
    process.stderr.write(`vision replay: ${stored.error}\n`)
    continue
  }
  const today = await lookAgain(stored.value, cabinet.value, looker.value)
  const { lines, probability } = today.resolution
  const apart = difference(
    { ...stored.value.said, sights: stored.value.seen },
    { lines, probability, sights: today.sights },
  )
  if (values.json) {
    const { said, decided, seen } = stored.value
    const now = { lines, probability, sights: today.sights }
    process.stdout.write(
      `${JSON.stringify({ visit, was: { ...said, decided, sights: seen }, now, difference: apart })}\n`,
    )
  } else {
    process.stdout.write(told(visit, { lines, probability }, apart))
  }
  if (values.page) {
    const { address } = await servePage(stored.value, today, apart, cabinet.value)
    process.stdout.write(`${address}\n`)
    process.on('SIGINT', () => process.exit(0))
  }
}

function options() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        page: { type: 'boolean', default: false },
        cameras: { type: 'string' },
        gallery: { type: 'string' },
      },
    })
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n${usage}`, 2)
  }
}

function told(visit: string, now: Basket, apart: Difference | null): string {
  const basket = ({ lines, probability }: Basket): string => `${basketText(lines)} (${percent(probability)})`
  if (apart === null) return `${visit}: the same, ${basket(now)}\n`
  const words = ({ direction, shelf, candidates, noneProbability }: Sighting): string => {
    const [best] = candidates
    const what =
      best === undefined ? `none of these (${percent(noneProbability)})` : `${best.sku} (${percent(best.probability)})`
    return `${what} ${direction}, shelf ${shelf ?? '?'}`
  }
  const rows = [
    apart.basket === null
      ? `basket  the same, ${basket(now)}`
      : `basket  ${basket(apart.basket.was)} -> ${basket(apart.basket.now)}`,
    ...apart.witnesses.map((one) => `witness ${one.id}: ${one.was ?? 'not there'} -> ${one.now ?? 'not there'}`),
    ...apart.gone.map((one) => `no more ${one.witness}: ${words(one)}`),
    ...apart.come.map((one) => `new     ${one.witness}: ${words(one)}`),
    ...apart.moved.map((one) => `moved   ${one.was.witness}: ${words(one.was)} -> ${words(one.now)}`),
  ]
  return `${visit}: differs\n${rows.map((row) => `  ${row}\n`).join('')}`
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

function fail(text: string, exitCode: 1 | 2): never {
  process.stderr.write(`vision replay: ${text}`)
  process.exit(exitCode)
}
