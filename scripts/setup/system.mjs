/**
 * System: the parts that tests need beside npm's packages: a browser, an X server, compilers. Fetched by apt where this
 * is Debian and root; elsewhere it is said what is missing. What is there already costs nothing.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chromiumNames } from '../start/chromium.mjs'
import { onPath } from './on-path.mjs'
import { runQuietly } from './run.mjs'
import { Plain, say, timed } from './say.mjs'

/**
 * @typedef {object} Part
 * @property {string} what
 * @property {readonly string[]} [programs] any of them on the PATH will do
 * @property {string} [library] as the dynamic linker lists it
 * @property {string} [file]
 * @property {readonly string[]} packages Debian's names, the newest first; the first that apt knows is taken
 */

/** @type {readonly Part[]} */
const parts = [
  {
    what: 'Chromium',
    programs: chromiumNames,
    packages: ['chromium'],
  },
  { what: 'an X server without a screen', programs: ['Xvfb'], packages: ['xvfb'] },
  { what: 'pairs of serial lines', programs: ['socat'], packages: ['socat'] },
  { what: 'the compiler of the firmware (WebAssembly)', programs: ['clang-14'], packages: ['clang-14'] },
  { what: 'its linker', programs: ['wasm-ld-14'], packages: ['lld-14'] },
  { what: 'the compiler of the firmware (this machine)', programs: ['gcc'], packages: ['gcc'] },
  { what: 'the C library’s headers', file: '/usr/include/stdio.h', packages: ['libc6-dev'] },
  { what: 'the relay’s database', programs: ['pg_ctlcluster', 'initdb'], packages: ['postgresql'] },
  { what: 'a broker of one’s own', file: '/usr/sbin/mosquitto', packages: ['mosquitto'] },
  {
    what: 'a broker with queues',
    file: '/usr/lib/rabbitmq/bin/rabbitmq-server',
    packages: ['rabbitmq-server'],
  },
  { what: 'the judge of the relay’s alerts', programs: ['promtool'], packages: ['prometheus'] },
  {
    what: 'what the trainings are rehearsed with',
    file: '/usr/lib/python3/dist-packages/torch/__init__.py',
    packages: ['python3-torch'],
  },
  { what: 'its pictures', file: '/usr/lib/python3/dist-packages/PIL/Image.py', packages: ['python3-pil'] },
  { what: 'the list of processes', programs: ['ps'], packages: ['procps'] },
  { what: 'checksums for the test Electron', programs: ['openssl'], packages: ['openssl'] },
  { what: 'the name of a program’s architecture', programs: ['file'], packages: ['file'] },
  { what: 'Electron’s toolkit', library: 'libgtk-3.so.0', packages: ['libgtk-3-0t64', 'libgtk-3-0'] },
  { what: 'Electron’s sound', library: 'libasound.so.2', packages: ['libasound2t64', 'libasound2'] },
  { what: 'Electron’s certificates', library: 'libnss3.so', packages: ['libnss3'] },
  { what: 'Electron’s buffers', library: 'libgbm.so.1', packages: ['libgbm1'] },
  { what: 'Electron’s printing', library: 'libcups.so.2', packages: ['libcups2t64', 'libcups2'] },
]

/** Gets what is missing, or says what to install; with CI=true a part that stays missing is a failure. */
export async function ensureSystemParts() {
  const missing = missingParts()
  if (missing.length === 0) return
  const root = process.getuid?.() === 0
  if (root && onPath(['apt-get']) !== null)
    await timed(`Installing ${missing.map(({ packages }) => packages.at(-1)).join(' ')}`, () => install(missing))
  const still = missingParts()
  if (still.length === 0) return
  const list = still.map(({ what, packages }) => `  ${String(packages.at(-1)).padEnd(12)} ${what}`).join('\n')
  const advice = `These parts of the system are missing:\n${list}\nOn Debian: sudo apt-get install ${still.map(({ packages }) => packages.at(-1)).join(' ')}`
  if (process.env['CI'] === 'true') throw new Plain(advice)
  say(`${advice}\nTests that need them are skipped.`)
}

/** @param {readonly Part[]} missing */
async function install(missing) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const options = { cwd: '/', env, failed: 'The system parts could not be installed' }
  await runQuietly('apt-get', ['update', '-qq'], options)
  const names = missing.map(({ packages }) => packages.find(aptKnows) ?? packages.at(-1) ?? '')
  await runQuietly('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], options)
}

/** @param {string} name */
const aptKnows = (name) => spawnSync('apt-cache', ['show', '--no-all-versions', name]).status === 0

function missingParts() {
  const libraries = linkerLibraries()
  return parts.filter(({ programs, library, file }) => {
    if (programs !== undefined) return onPath(programs) === null
    if (library !== undefined) return !libraries.includes(`${library} `)
    return file !== undefined && !existsSync(file)
  })
}

function linkerLibraries() {
  // ldconfig stands where only root's PATH looks.
  const program = ['/sbin/ldconfig', '/usr/sbin/ldconfig'].find((path) => existsSync(path)) ?? 'ldconfig'
  return spawnSync(program, ['-p'], { encoding: 'utf8' }).stdout
}
