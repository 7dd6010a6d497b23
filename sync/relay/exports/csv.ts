/**
 * CSV by RFC 4180: commas, CRLF, quotes where they are needed, UTF-8.
 * Holds always (SPEC RL55): a text that a spreadsheet would take for a formula stands behind an apostrophe; an amount is written from
 * its minor units by their digits, never through a fraction.
 */
import type { Cell, Column, Kind, Row } from './tables.ts'
import { shown, type Zone } from './zone.ts'

/** What a spreadsheet may begin a formula with, also in full width, and what it skips before one. */
const formula = /^[\s\p{Cc}]*[=+\-@\uff0b\uff0d\uff1d\uff20]|^[\t\r\n]/u

export const byteOrderMark = '\ufeff'

/** `1234` is `12.34`: all currencies so far have two decimals. */
export function decimal(amountMinor: number): string {
  const digits = String(Math.abs(amountMinor)).padStart(3, '0')
  return `${amountMinor < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

function field(cell: Cell, kind: Kind, zone: Zone): string {
  if (cell === null) return ''
  if (typeof cell === 'number') {
    if (kind === 'amount') return decimal(cell)
    return kind === 'time' ? shown(zone, cell) : String(cell)
  }
  const safe = formula.test(cell) ? `'${cell}` : cell
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Names of the columns; a time has its UTC beside it. */
export const headOf = (columns: readonly Column[]): string[] =>
  columns.flatMap(({ name, kind }) => (kind === 'time' ? [name, `${name} (UTC)`] : [name]))

export const csvHead = (columns: readonly Column[]): string => `${headOf(columns).join(',')}\r\n`

export const csvRows = (columns: readonly Column[], rows: readonly Row[], zone: Zone): string =>
  rows
    .map((row) => {
      const fields = columns.flatMap(({ kind }, index) => {
        const cell = row[index] ?? null
        const own = field(cell, kind, zone)
        if (kind !== 'time') return [own]
        return [own, typeof cell === 'number' ? new Date(cell).toISOString() : '']
      })
      return `${fields.join(',')}\r\n`
    })
    .join('')
