/**
 * Programs that end-to-end tests drive, and where they are. In CI each must be there; by hand a test without its program
 * is skipped, and says so.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chromiumProgram, rootArgs as argsOfRoot } from '../../scripts/start/chromium.mjs'

export const root = join(import.meta.dirname, '..', '..')
export const node = join(root, 'node_modules', '.bin', 'node')

const ci = process.env['CI'] === 'true'

/** True where a test may be skipped for want of `program`; in CI it runs, and fails at starting what is not there. */
export function maySkip(program: string | null, what: string): boolean {
  if (program !== null || ci) return false
  process.stderr.write(`skipped: ${what} is not on this machine\n`)
  return true
}

/** Electron: the one the environment names, the tests' own, or the package's, in this order. */
export function electron(): string | null {
  const folders = [
    process.env['ELECTRON_OVERRIDE_DIST_PATH'],
    join(root, '.cache', 'test-electron'),
    join(root, 'node_modules', 'electron', 'dist'),
  ]
  const programs = folders.filter((folder) => folder !== undefined).map((folder) => join(folder, 'electron'))
  return programs.find((program) => existsSync(program)) ?? null
}

export const chromium = chromiumProgram

/** The program that `npm run dist` makes, in the folder named by VISIONVEND_PACKAGED or where it is made. */
export function packaged(): string | null {
  const folder = process.env['VISIONVEND_PACKAGED'] ?? join(root, 'out', 'linux-unpacked')
  const program = join(folder, 'visionvend')
  return existsSync(program) ? program : null
}

/** `--no-sandbox` where Chromium's sandbox does not start: as root. */
export const rootArgs = argsOfRoot()

/** This process's environment, without what is not set. */
export const environment = (): Record<string, string> =>
  Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined))
