/** Stock out: all that stands on shelves, in place of what the tab `Stock` said before; only where something changed. */
import { createHash } from 'node:crypto'
import type { wholeStock } from '../store/sheet-state.ts'
import type { Spreadsheet, Tab, Value } from './google.ts'

const head = ['fridge', 'shelf', 'sku', 'count', 'most'] as const
const lastColumn = String.fromCharCode(64 + head.length)
const rowsAtOnce = 5_000
const rowsAdded = 500

export function stockValues(stock: Awaited<ReturnType<typeof wholeStock>>): { values: Value[][]; hash: string } {
  const values = stock.map(({ fridge, shelf, sku, count, most }): Value[] => [fridge, shelf, sku, count, most])
  return { values, hash: createHash('sha256').update(JSON.stringify(values)).digest('hex') }
}

export async function sendStock(spreadsheet: Spreadsheet, tab: Tab, values: readonly Value[][]): Promise<void> {
  const all = [[...head], ...values]
  // One row more: what stood there before is cleared below the last.
  if (all.length + 1 > tab.rows) await spreadsheet.addRows(tab, all.length + 1 - tab.rows + rowsAdded)
  for (let at = 0; at < all.length; at += rowsAtOnce) {
    const some = all.slice(at, at + rowsAtOnce)
    await spreadsheet.write([{ range: `Stock!A${at + 1}:${lastColumn}${at + some.length}`, values: some }])
  }
  await spreadsheet.clear(`Stock!A${all.length + 1}:${lastColumn}`)
}
