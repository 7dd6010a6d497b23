/**
 * Faults: what a database's error means for the one who asked. Both dialects give SQLSTATE in `code`.
 * `data`: what was to be written can't be; `again`: the same would do now; `away`: no database to speak to. Anything else is
 * a fault of the program, and thrown on.
 */
import type { BooksFault } from '../intake.ts'

const awayCodes = ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'EPIPE', 'ENOENT']

export function faultOf(error: unknown): BooksFault {
  if (!(error instanceof Error)) return 'other'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (/^(22|23)...$/.test(code)) return 'data'
  if (code === '40001' || code === '40P01') return 'again'
  // 08 connection, 53 resources, 57P shutting down; the pool says the rest in words only.
  if (/^(08|53|57P)/.test(code) || awayCodes.includes(code)) return 'away'
  if (/timeout exceeded when trying to connect|Connection terminated/.test(error.message)) return 'away'
  return 'other'
}
