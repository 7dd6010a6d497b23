/**
 * `npm run ledger -- verify|export --data DIR`: the books of a fridge, also while it runs.
 * verify: reads the whole chain and says that it holds, or where it breaks (status 1). export: every event, a line each.
 */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { LedgerFailed, readLedger } from '../src/ledger/ledger.ts'

const usage = 'Usage: npm run ledger -- verify|export --data DIR\n'

function run(): number {
  let verb: string | undefined
  let dir: string | undefined
  try {
    const { positionals, values } = parseArgs({ allowPositionals: true, options: { data: { type: 'string' } } })
    verb = positionals[0]
    dir = values.data
    if (positionals.length !== 1) verb = undefined
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  }
  if ((verb !== 'verify' && verb !== 'export') || dir === undefined) {
    process.stderr.write(usage)
    return 2
  }
  try {
    const ledger = readLedger(resolve(dir))
    let events = 0
    for (const { seq, atMs, event } of ledger.replay()) {
      events++
      if (verb === 'export') process.stdout.write(`${JSON.stringify({ seq, atMs, ...event })}\n`)
    }
    if (verb === 'verify') {
      const pending = ledger.pending().length
      process.stdout.write(`The chain of ${events} events holds; ${pending} effects wait for an answer.\n`)
    }
    ledger.close()
    return 0
  } catch (error) {
    if (!(error instanceof LedgerFailed)) throw error
    process.stderr.write(`${error.code}: ${error.message}\n`)
    return 1
  }
}

process.exitCode = run()
