/**
 * `npm run operator -- add NAME --data DIR`: gives an operator a PIN. It is read from standard input, so that it stands
 * in no history; an operator known already gets the new one.
 */
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import { clearSafetySchema } from '../src/contract/kiosk.ts'
import { keepOperator } from '../src/gateway/operators.ts'

const usage = 'Usage: npm run operator -- add NAME --data DIR   (the PIN is asked for)\n'

async function run(): Promise<number> {
  let positionals: string[] = []
  let dir: string | undefined
  try {
    const parsed = parseArgs({ allowPositionals: true, options: { data: { type: 'string' } } })
    positionals = parsed.positionals
    dir = parsed.values.data
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  }
  const [verb, name] = positionals
  if (verb !== 'add' || name === undefined || dir === undefined || positionals.length !== 2) {
    process.stderr.write(usage)
    return 2
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const pin = await lines.question(`A PIN for ${name} (6 to 12 digits): `)
  lines.close()
  const checked = clearSafetySchema.pick({ name: true, pin: true }).safeParse({ name, pin: pin.trim() })
  if (!checked.success) {
    process.stderr.write(`${checked.error.issues.map((issue) => issue.message).join('\n')}\n`)
    return 2
  }
  mkdirSync(resolve(dir), { recursive: true, mode: 0o700 })
  keepOperator(resolve(dir), checked.data.name, checked.data.pin)
  process.stderr.write(`${name} may sign in.\n`)
  return 0
}

process.exitCode = await run()
