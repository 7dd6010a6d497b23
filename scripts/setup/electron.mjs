/**
 * Electron: where its program is, and one bounded try to get it. npm's package brings the program only at first use,
 * from a host that many networks do not reach; a missing Electron never fails an install or a start.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hash, root } from './install.mjs'
import { ended, start } from './run.mjs'
import { say } from './say.mjs'

const packageFolder = join(root, 'node_modules', 'electron')
const refusedFile = join(root, '.cache', 'electron-out-of-reach')
const downloadFolder = join(root, '.cache', 'electron-download')

const retryAfterMs = 24 * 3_600_000
const silentMs = 20_000
const wholeMs = 120_000

/** The program, or null where it is not there. `ELECTRON_OVERRIDE_DIST_PATH` names a folder with another one. */
export function electronProgram() {
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH']
  const program = join(override ?? join(packageFolder, 'dist'), 'electron')
  return existsSync(program) ? program : null
}

/**
 * The program, downloaded where it may be had. Gives up after 20 s without a byte or 120 s in all, and remembers that for
 * a day, or until the package changes, so that later starts do not wait.
 */
export async function electronProgramOrFetched() {
  const standing = electronProgram()
  if (standing !== null || !existsSync(join(packageFolder, 'install.js'))) return standing
  const release = hash(readFileSync(join(packageFolder, 'package.json')))
  if (refusedLately(release)) return null
  if (await download()) return electronProgram()
  mkdirSync(join(root, '.cache'), { recursive: true })
  writeFileSync(refusedFile, `${release} ${Date.now()}`)
  say("  Electron's own program is out of reach; its place is taken by Chromium where there is one")
  return null
}

/** @param {string} release */
function refusedLately(release) {
  if (!existsSync(refusedFile)) return false
  const [of, atMs] = readFileSync(refusedFile, 'utf8').split(' ')
  return of === release && Date.now() - Number(atMs) < retryAfterMs
}

async function download() {
  say("Getting Electron's program ...")
  mkdirSync(downloadFolder, { recursive: true })
  const env = { ...process.env, TMPDIR: downloadFolder, electron_config_cache: join(downloadFolder, 'cache') }
  const child = start(process.execPath, [join(packageFolder, 'install.js')], { env, stdio: 'ignore' })
  const startedMs = Date.now()
  let bytes = 0
  let grownMs = startedMs
  const watch = setInterval(() => {
    const now = folderBytes(downloadFolder)
    if (now > bytes) grownMs = Date.now()
    bytes = now
    if (Date.now() - grownMs > silentMs || Date.now() - startedMs > wholeMs) child.kill()
  }, 500)
  const status = await ended(child)
  clearInterval(watch)
  rmSync(downloadFolder, { recursive: true, force: true })
  return status === 0
}

/**
 * @param {string} folder
 * @returns {number}
 */
function folderBytes(folder) {
  let sum = 0
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    // Files come and go while they are counted.
    const found = statSync(path, { throwIfNoEntry: false })
    if (found !== undefined) sum += found.isDirectory() ? folderBytes(path) : found.size
  }
  return sum
}
