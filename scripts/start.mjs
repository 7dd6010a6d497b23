/**
 * `npm start`: from a fresh clone to an open window on the virtual fridge, and quickly when all is there already.
 * Electron where its program is, else Chromium, else the address in words. Runs on Node 20 with nothing installed.
 * Holds always: what was started is stopped with this process; without `--headless` stdout is for people.
 */
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ensureRuntime, ensureScreens, ensureShell } from './setup/build.mjs'
import { electronProgramOrFetched } from './setup/electron.mjs'
import { ensureInstalled, productNode, root } from './setup/install.mjs'
import { ended, start, stopAll, stopWithSignals } from './setup/run.mjs'
import { Plain, runMain, say } from './setup/say.mjs'
import { chromiumArgs, chromiumProgram, rootArgs } from './start/chromium.mjs'
import { readOptions, usage } from './start/options.mjs'

/** Where Node keeps what it has compiled, for the next start. */
const compiled = join(root, '.cache', 'compiled')

/** @typedef {{ kiosk: string, virtual?: string }} Addresses a real fridge has no virtual one */

await runMain(async () => {
  const options = readOptions(process.argv.slice(2))
  if (options.help) {
    process.stdout.write(usage)
    return
  }
  stopWithSignals()
  await ensureInstalled()
  const desktop = process.env['DISPLAY'] !== undefined || process.env['WAYLAND_DISPLAY'] !== undefined
  if (!desktop && options.window !== null && options.window !== 'none') {
    throw new Plain(`--window ${options.window} needs a desktop, and there is none (DISPLAY is not set)`)
  }
  const noWindow = options.headless || !desktop || options.window === 'none'
  const fetched = noWindow || options.window === 'chromium' ? null : electronProgramOrFetched()
  await ensureScreens()
  await ensureRuntime()
  const electron = await fetched
  if (options.window === 'electron' && electron === null) throw new Plain("Electron's program is not there")

  if (options.headless) process.exitCode = await ended(startRuntime(options.runtimeArgs, 'inherit'))
  else if (electron !== null) process.exitCode = await openElectron(electron, options)
  else await openChromium(noWindow ? null : chromiumProgram(), options)
  await stopAll()
})

/**
 * Attached to this process by its stdin, so that it ends even where this one is killed.
 * @param {readonly string[]} args
 * @param {'inherit' | 'pipe'} stdout
 */
function startRuntime(args, stdout) {
  return start(productNode(), [join(root, 'dist', 'runtime', 'main.mjs'), ...args, '--attached'], {
    cwd: process.cwd(),
    env: { ...process.env, NODE_COMPILE_CACHE: compiled },
    stdio: ['pipe', stdout, 'inherit'],
  })
}

/**
 * The shell starts the runtime itself, and again when it dies.
 * @param {string} program
 * @param {import('./start/options.mjs').StartOptions} options
 */
async function openElectron(program, { kiosk, runtimeArgs }) {
  await ensureShell()
  const page = kiosk ? ['--kiosk'] : ['--virtual']
  const args = [...rootArgs(), join(root, 'dist', 'shell', 'main.cjs'), ...page, ...runtimeArgs]
  const env = { ...process.env, NODE_COMPILE_CACHE: compiled }
  return ended(start(program, args, { env, stdio: ['ignore', 'ignore', 'inherit'] }))
}

/**
 * Without a shell this process starts the runtime, and a window or none beside it. Ends with whichever ends first.
 * @param {string | null} program
 * @param {import('./start/options.mjs').StartOptions} options
 */
async function openChromium(program, { kiosk, window, runtimeArgs }) {
  if (program === null && window === 'chromium') throw new Plain('there is no Chromium on the PATH')
  const runtime = startRuntime(runtimeArgs, 'pipe')
  const gone = ended(runtime)
  const addresses = await Promise.race([ready(runtime), gone])
  if (typeof addresses === 'number')
    throw new Plain(`The fridge did not start (status ${addresses}); it says why above`)
  process.stdout.write('The fridge is open. Ctrl-C stops it.\n')
  if (addresses.virtual !== undefined) process.stdout.write(`  virtual fridge  ${addresses.virtual}\n`)
  process.stdout.write(`  kiosk           ${addresses.kiosk}\n`)
  if (program === null) {
    process.exitCode = await gone
    return
  }
  const url = kiosk ? addresses.kiosk : (addresses.virtual ?? addresses.kiosk)
  const dataAt = runtimeArgs.indexOf('--data')
  const fridge = dataAt === -1 ? 'data' : (runtimeArgs[dataAt + 1] ?? 'data')
  const browser = start(program, chromiumArgs(url, { kiosk, fridge }), { stdio: 'ignore' })
  process.exitCode = await Promise.race([ended(browser), gone])
}

/**
 * The runtime's one line of JSON.
 * @param {import('node:child_process').ChildProcess} runtime
 * @returns {Promise<Addresses>}
 */
function ready(runtime) {
  return new Promise((resolve) => {
    if (runtime.stdout === null) return
    createInterface({ input: runtime.stdout }).on('line', (line) => {
      if (!line.startsWith('{"ready":true')) {
        say(line)
        return
      }
      resolve(/** @type {Addresses} */ (JSON.parse(line)))
    })
  })
}
