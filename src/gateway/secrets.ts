/**
 * Secrets: files of mode 0600 in the data folder (law P1), and compares that take the same time whatever they find.
 * Holds always: a secret is made here by chance or read here, and never printed.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The secret of this name in `dir`, as hex; made at first use from `bytes` random bytes. */
export function keptSecret(dir: string, name: string, bytes = 32): string {
  const file = join(dir, name)
  if (!existsSync(file)) writeSecret(file, randomBytes(bytes).toString('hex') + '\n')
  const text = readFileSync(file, 'utf8').trim()
  if (!new RegExp(`^[0-9a-f]{${bytes * 2}}$`).test(text)) throw new Error(`${file} is not ${bytes * 2} hex digits`)
  return text
}

/** Writes whole or not at all, readable by its owner only from the first byte on. */
export function writeSecret(file: string, text: string): void {
  const fresh = `${file}.new`
  writeFileSync(fresh, text, { mode: 0o600, flush: true })
  chmodSync(fresh, 0o600)
  renameSync(fresh, file)
}

/** Equal in constant time, lengths included. */
export function sameSecret(given: string, expected: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest()
  return timingSafeEqual(hash(given), hash(expected))
}
