/**
 * Install: node_modules as the lockfile says, and Node 24 from it, whatever Node the machine has.
 * Runs on Node 20 with nothing installed. Warm, it costs one hash of the lockfile.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runQuietly } from './run.mjs'
import { Plain, timed } from './say.mjs'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
export const bin = join(root, 'node_modules', '.bin')

const lockFile = join(root, 'package-lock.json')
const stampFile = join(root, 'node_modules', '.visionvend-installed')

/** @param {string | Buffer} content */
export const hash = (content) => createHash('sha256').update(content).digest('hex')

/** Runs `npm ci` when node_modules is not what the lockfile says. */
export async function ensureInstalled() {
  const lock = readFileSync(lockFile)
  const wanted = hash(lock)
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return
  const installedFile = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installedFile) || !matchesLock(lock.toString(), readFileSync(installedFile, 'utf8'))) {
    await timed('Installing packages (the first time about a minute)', () => npmCi())
  }
  writeFileSync(stampFile, wanted)
}

/** The Node that runs the product: 24, from node_modules, or the machine's own where it is as new. */
export function productNode() {
  const installed = join(bin, 'node')
  if (existsSync(installed)) return installed
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  throw new Plain(
    `This machine has Node ${process.versions.node} on ${process.platform} ${process.arch}, and the product needs Node 24, ` +
      'which its packages carry for Linux on x64 and arm64 only. Install Node 24 and start again.',
  )
}

/** The environment in which tools find Node 24 before the machine's own. */
export const productEnv = () => ({ ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` })

async function npmCi() {
  // `npm start` names the npm that runs it; started by hand there is one on the PATH.
  const npm = process.env['npm_execpath']
  const args = ['ci', '--no-audit', '--no-fund']
  const options = { cwd: root, failed: 'The packages could not be installed' }
  if (npm?.endsWith('.js') === true) await runQuietly(process.execPath, [npm, ...args], options)
  else await runQuietly('npm', args, options)
}

/**
 * npm keeps beside the packages a lockfile of what it really installed. It may lack optional packages (those of other
 * platforms), and nothing else.
 * @param {string} lock
 * @param {string} installedLock
 */
export function matchesLock(lock, installedLock) {
  const wanted = packagesOf(lock)
  const installed = packagesOf(installedLock)
  const asWanted = Object.entries(installed).every(([path, { version }]) => wanted[path]?.version === version)
  const complete = Object.entries(wanted).every(
    ([path, { optional, devOptional }]) =>
      path === '' || path in installed || optional === true || devOptional === true,
  )
  return asWanted && complete
}

/**
 * @param {string} lock
 * @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }>}
 */
function packagesOf(lock) {
  const parsed = /** @type {unknown} */ (JSON.parse(lock))
  const { packages } = /** @type {{ packages?: ReturnType<typeof packagesOf> }} */ (parsed)
  return packages ?? {}
}
