/**
 * `npm run check`: all that can be judged without running the product. `npm run check -- NAME...` runs only those.
 * One line for each check, its faults below it; exit status 1 when any has faults. `--json FILE` writes the outcome.
 */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkCitations } from './check/citations.ts'
import { checkHouse, checkLengths } from './check/house.ts'
import { checkRooms } from './check/rooms.ts'
import { diskTree, type Fault } from './check/tree.ts'

interface Outcome {
  readonly ok: boolean
  /** A few words for a good outcome, the faults for a bad one. */
  readonly says: string
}

interface Check {
  readonly name: string
  readonly what: string
  /** It takes every core by itself, if not all the time: one after the other, beside them what takes one core. */
  readonly wide?: true
  run(): Promise<Outcome> | Outcome
}

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const tree = diskTree(root)

const checks: readonly Check[] = [
  {
    name: 'types',
    what: 'src, test, scripts',
    wide: true,
    run: async () => types('tsconfig.json', 'scripts/tsconfig.json'),
  },
  {
    name: 'types-screens',
    what: 'renderer, and the tests that drive it',
    wide: true,
    run: async () => types('renderer/tsconfig.json', 'test/e2e/tsconfig.json'),
  },
  {
    name: 'lint',
    what: 'with type information',
    wide: true,
    run: async () => tool('oxlint', ['--type-aware', '--deny-warnings', '--format=unix', '.']),
  },
  { name: 'format', what: 'prettier', run: async () => tool('prettier', ['--check', '--log-level=warn', '.']) },
  { name: 'rooms', what: 'who may import whom', run: () => told(checkRooms(tree), `${tree.files.length} files`) },
  { name: 'dead-code', what: 'knip', run: async () => tool('knip', ['--no-progress', '--no-config-hints']) },
  { name: 'citations', what: 'every SPEC rule has a test', run: citations },
  { name: 'lengths', what: 'no file over 600 lines', run: lengths },
  { name: 'house', what: 'nothing left lying about', run: () => told(checkHouse(tree), '') },
]

await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<void> {
  const jsonAt = args.indexOf('--json')
  const jsonFile = jsonAt === -1 ? undefined : args[jsonAt + 1]
  const names = args.filter((_, index) => jsonAt === -1 || (index !== jsonAt && index !== jsonAt + 1))
  const unknown = names.filter((name) => !checks.some((check) => check.name === name))
  if (unknown.length > 0 || (jsonAt !== -1 && jsonFile === undefined)) {
    const listed = checks.map(({ name, what }) => `  ${name.padEnd(14)} ${what}`).join('\n')
    const why = unknown.length > 0 ? `no such check: ${unknown.join(', ')}\n` : '--json wants a file\n'
    process.stderr.write(`${names.includes('--help') ? '' : why}npm run check -- [--json FILE] [NAME...]\n${listed}\n`)
    process.exitCode = names.includes('--help') ? 0 : 2
    return
  }
  const results: { name: string; ok: boolean }[] = []
  const judge = async (some: readonly Check[]): Promise<void> => {
    for (const check of some) {
      const startedMs = performance.now()
      const { ok, says } = await check.run()
      tell(check, (performance.now() - startedMs) / 1000, ok, says)
      results.push({ name: check.name, ok })
    }
  }
  const wanted = checks.filter(({ name }) => names.length === 0 || names.includes(name))
  await Promise.all([judge(wanted.filter(({ wide }) => wide)), judge(wanted.filter(({ wide }) => !wide))])
  if (jsonFile !== undefined) writeFileSync(jsonFile, JSON.stringify(results))
  const failed = results.filter(({ ok }) => !ok).length
  process.stdout.write(`check: ${results.length - failed} passed, ${failed} failed\n`)
  process.exitCode = failed === 0 ? 0 : 1
}

function tell({ name, what }: Check, seconds: number, ok: boolean, says: string): void {
  const took = `${seconds.toFixed(1)} s`.padStart(7)
  process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(14)} ${took}  ${ok ? says : what}\n`)
  if (!ok) process.stdout.write(`${says.trimEnd().replaceAll(/^/gm, '       ')}\n`)
}

/** The compiler over several programs: what stands in a page knows the DOM, what does not must not. */
async function types(...programs: readonly string[]): Promise<Outcome> {
  const outcomes: Outcome[] = []
  for (const program of programs) outcomes.push(await tool('tsc', ['-p', program, '--pretty', 'false']))
  return { ok: outcomes.every(({ ok }) => ok), says: outcomes.map(({ says }) => says).join('') }
}

/** Runs a tool of node_modules/.bin in the project; its own words are the faults. */
function tool(name: string, args: readonly string[]): Promise<Outcome> {
  const bin = join(root, 'node_modules', '.bin')
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`, NO_COLOR: '1' }
  const child = spawn(join(bin, name), args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ ok: false, says: `${name} could not be started: ${error.message}` }))
    child.on('close', (code) =>
      resolve({ ok: code === 0, says: code === 0 ? '' : output || `${name} ended with ${code}` }),
    )
  })
}

function told(faults: readonly Fault[], good: string): Outcome {
  if (faults.length === 0) return { ok: true, says: good }
  return {
    ok: false,
    says: faults.map(({ path, line, what }) => `${path}${line > 0 ? `:${line}` : ''} ${what}`).join('\n'),
  }
}

function citations(): Outcome {
  const { faults, rules, uncitedLaws } = checkCitations(tree)
  const laws = uncitedLaws.length === 0 ? '' : `; laws no test names yet: ${uncitedLaws.join(' ')}`
  return told(faults, `${rules} rules${laws}`)
}

function lengths(): Outcome {
  const { faults, smells } = checkLengths(tree)
  return told(faults, smells.length === 0 ? '' : `over 400: ${smells.join(', ')}`)
}
