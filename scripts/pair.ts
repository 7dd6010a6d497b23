/**
 * `npm run pair -- --data DIR --relay URL --code CODE`: makes a fridge known to its owner's relay, by the code that the relay
 * gave (`POST /api/v1/pairing-codes`). A fridge that runs on DIR finds the pairing within seconds.
 */
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { realClock } from '../src/runtime/clock.ts'
import { overHttp, pairRefusals, pairWith } from '../src/runtime/relay-files.ts'
import { readStart } from '../src/runtime/settings.ts'

const usage = 'Usage: npm run pair -- --data DIR --relay URL --code CODE   (--relay may stand in config.json)\n'

async function run(): Promise<number> {
  let given: { data?: string; relay?: string; code?: string } = {}
  try {
    const text = { type: 'string' } as const
    given = parseArgs({ options: { data: text, relay: text, code: text } }).values
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  }
  const { data, relay, code } = given
  if (data === undefined || code === undefined) {
    process.stderr.write(usage)
    return 2
  }
  const start = readStart(['--data', data, ...(relay === undefined ? [] : ['--relay', relay])])
  const url = start.ok ? start.value.settings.relay.url : undefined
  if (!start.ok || url === undefined) {
    process.stderr.write(start.ok ? usage : `${start.error}\n`)
    return 2
  }
  const dir = resolve(data)
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const fridge = start.value.settings.fridge.id
  const paired = await pairWith({ dir, fetch: overHttp, clock: realClock(0) }, { relay: url, fridge, code })
  process.stderr.write(paired.ok ? `${fridge} is paired with ${url}.\n` : `${pairRefusals[paired.error]}\n`)
  return paired.ok ? 0 : 1
}

process.exitCode = await run()
