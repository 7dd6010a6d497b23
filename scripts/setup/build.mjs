/**
 * Build: the screens (Vite), the shell and the runtime (esbuild), each only when what they are made from has changed.
 * Node 24 runs `src/` as it stands, and tests do; a start is quicker from the bundle.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { bin, productEnv, root } from './install.mjs'
import { runQuietly } from './run.mjs'
import { timed } from './say.mjs'

/**
 * @typedef {object} Product
 * @property {string} what as the progress line says it
 * @property {readonly string[]} from files and folders it is made from
 * @property {readonly string[]} makes files that stand afterwards
 * @property {string} tool of node_modules/.bin
 * @property {readonly string[]} args
 */

/** @type {Product} */
const screens = {
  what: 'Building the screens',
  from: ['renderer', 'src/contract', 'src/core', 'vite.config.ts', 'package-lock.json'],
  makes: ['kiosk', 'virtual', 'fleet'].map((page) => `dist/renderer/${page}/index.html`),
  tool: 'vite',
  args: ['build', '--logLevel', 'warn'],
}

/** @type {Product} A build of its own, into the screens' folder: see vite.phone.config.ts. After theirs, which empties it. */
const phone = {
  what: 'Building the phone page',
  from: [...screens.from.filter((path) => path !== 'vite.config.ts'), 'vite.phone.config.ts'],
  makes: ['dist/renderer/phone/index.html', 'dist/renderer/phone/sw.js'],
  tool: 'vite',
  args: ['build', '--config', 'vite.phone.config.ts', '--logLevel', 'warn'],
}

/** @type {Product} Electron's sandboxed preload must be CommonJS; Node 18 is what the oldest Electron we test has inside. */
const shell = {
  what: 'Building the shell',
  from: ['src/shell', 'src/contract', 'scripts/setup/build.mjs', 'package-lock.json'],
  makes: ['dist/shell/main.cjs', 'dist/shell/preload.cjs'],
  tool: 'esbuild',
  args: [
    'src/shell/main.ts',
    'src/shell/preload.ts',
    '--bundle',
    '--platform=node',
    '--target=node18',
    '--format=cjs',
    '--external:electron',
    '--out-extension:.js=.cjs',
    '--loader:.html=file',
    '--asset-names=[name]',
    '--log-level=warning',
    '--outdir=dist/shell',
  ],
}

/** What can't be bundled, because it loads a library of its own from beside itself. */
export const nativePackages = ['better-sqlite3', '@serialport/bindings-cpp', 'onnxruntime-node', 'sharp']

/**
 * One file a process: Node takes a tenth of the time to load it, and the packages it is made of stay apart.
 * @param {string} entry
 * @param {string} folder
 */
const bundleArgs = (entry, folder) => [
  entry,
  '--bundle',
  '--splitting',
  '--platform=node',
  '--target=node24',
  '--format=esm',
  '--sourcemap',
  '--out-extension:.js=.mjs',
  ...nativePackages.map((name) => `--external:${name}`),
  // What fastify and its like still ask for by `require`.
  '--banner:js=import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  '--log-level=warning',
  `--outdir=${folder}`,
]

/** @param {string} folder */
export const runtimeBundleArgs = (folder) => bundleArgs('src/runtime/main.ts', folder)

/** @type {Product} */
const runtime = {
  what: 'Building the runtime',
  from: ['src', 'vision', 'sync/edge', 'sync/protocol', 'scripts/setup/build.mjs', 'package-lock.json'],
  makes: ['dist/runtime/main.mjs'],
  tool: 'esbuild',
  args: runtimeBundleArgs('dist/runtime'),
}

/** @type {Product} What a container holds: with PostgreSQL it needs nothing beside itself. */
const relay = {
  what: 'Building the relay',
  from: ['src/core', 'src/payments', 'src/contract', 'sync', 'scripts/setup/build.mjs', 'package-lock.json'],
  makes: ['dist/relay/main.mjs'],
  tool: 'esbuild',
  args: [
    ...bundleArgs('sync/relay/main.ts', 'dist/relay'),
    '--external:@electric-sql/pglite',
    '--external:pg-native',
    '--external:bufferutil',
    '--external:utf-8-validate',
  ],
}

export const ensureRelay = () => ensureBuilt('relay', relay)
export const ensureRuntime = () => ensureBuilt('runtime', runtime)
export async function ensureScreens() {
  await ensureBuilt('screens', screens)
  await ensureBuilt('phone', phone)
}
export const ensureShell = () => ensureBuilt('shell', shell)

/** All of it, one after the other: two cores are few. */
export async function ensureAll() {
  await ensureScreens()
  await ensureRuntime()
  await ensureShell()
}

/**
 * @param {string} name
 * @param {Product} product
 */
async function ensureBuilt(name, { what, from, makes, tool, args }) {
  const stampFile = join(root, '.cache', `${name}.stamp`)
  const wanted = fingerprint(from)
  const standing = makes.every((path) => existsSync(join(root, path)))
  if (standing && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return
  // Whatever the caller's own environment is: by this name React's production build is chosen.
  const env = { ...productEnv(), NODE_ENV: 'production' }
  const options = { cwd: root, env, failed: `${what} failed` }
  await timed(what, () => runQuietly(join(bin, tool), args, options))
  mkdirSync(dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, wanted)
}

/**
 * One hash over the names and contents of all files below.
 * @param {readonly string[]} paths
 */
function fingerprint(paths) {
  const sum = createHash('sha256')
  /** @param {string} path */
  const add = (path) => {
    sum.update(path)
    sum.update(readFileSync(join(root, path)))
  }
  /** @param {string} folder */
  const walk = (folder) => {
    const entries = readdirSync(join(root, folder), { withFileTypes: true })
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) walk(path)
      else add(path)
    }
  }
  for (const path of paths) {
    if (/\.\w+$/.test(path)) add(path)
    else walk(path)
  }
  return sum.digest('hex')
}
