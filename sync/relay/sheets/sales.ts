/**
 * Sales out: the lines of receipts, a row each, below what stands in the tab `Sales` (SPEC RL58).
 * Holds always: a batch and its place are written down before it is sent, and it is sent as it was written until it stands
 * there: an answer that was lost, or came late, writes the same cells again. Each row begins with its key; a batch whose
 * place was changed by somebody meanwhile is looked for by its keys.
 */
import { eventSchema } from '../../../src/core/events.ts'
import { advanceLocked, lateRows, lockFridges, rowsBehind, type FactRow } from '../store/event-reads.ts'
import type { Db } from '../store/open.ts'
import { keepSheet, type Pending, type SheetState } from '../store/sheet-state.ts'
import { shown, type Zone } from '../exports/zone.ts'
import type { Spreadsheet, Tab, Value } from './google.ts'

export const salesHead = ['id', 'time', 'fridge', 'receipt', 'sku', 'count', 'price', 'amount', 'currency'] as const
const tabName = 'Sales'
const lastColumn = String.fromCharCode(64 + salesHead.length)

const fridgesAtOnce = 50
/** Of a ledger, of which a receipt is one in fifteen. */
const ledgerRowsAtOnce = 3_000
const linesAtOnce = 1_000
const rowsAdded = 2_000
/** A cell that Google refuses would hold up all behind it. */
const longestText = 500

export interface SalesPorts {
  readonly db: Db
  readonly sheet: string
  readonly me: string
  readonly spreadsheet: Spreadsheet
  readonly zone: Zone
}

/** Moves receipts from the ledgers' cursors to what is on its way. `full`: there may be more. */
export async function gatherSales({ db, sheet, me, zone }: SalesPorts): Promise<{
  readonly pending: Pending | null
  readonly full: boolean
}> {
  return db.transaction().execute(async (trx) => {
    const values: (readonly Value[])[] = []
    const leases = await lockFridges(trx, 'sheets', fridgesAtOnce)
    let full = leases.length === fridgesAtOnce
    for (const lease of leases) {
      full ||= values.length >= linesAtOnce
      if (values.length >= linesAtOnce) break
      const late = await lateRows(trx, lease, ledgerRowsAtOnce)
      const rows = await rowsBehind(trx, lease, ledgerRowsAtOnce, 'ReceiptIssued')
      values.push(...[...late, ...rows].flatMap((row) => linesOf(row, zone)))
      full ||= rows.length === ledgerRowsAtOnce || late.length === ledgerRowsAtOnce
      await advanceLocked(trx, lease, rows.at(-1)?.seq ?? lease.seq, late)
    }
    if (values.length === 0) return { pending: null, full }
    const pending = { row: null, values }
    await keepSheet(trx, sheet, me, { pending })
    return { pending, full }
  })
}

function linesOf({ fridge, atMs, body, money }: FactRow, zone: Zone): Value[][] {
  const read = body === null ? null : eventSchema.safeParse(JSON.parse(body))
  if (read?.success !== true || read.data.type !== 'ReceiptIssued') return []
  const { visit, number, lines } = read.data
  return lines.map(({ sku, count, priceMinor }, index) => [
    `${fridge}/${visit}/${index + 1}`,
    shown(zone, atMs),
    fridge,
    number,
    sku.slice(0, longestText),
    count,
    priceMinor / 100,
    (count * priceMinor) / 100,
    money ?? '',
  ])
}

/** Brings what is on its way into the spreadsheet. */
export async function sendSales(ports: SalesPorts, state: SheetState, pending: Pending, tab: Tab): Promise<void> {
  const { db, sheet, me, spreadsheet } = ports
  let { row, values } = pending
  if (row === null) row = await endOf(spreadsheet, state, tab)
  else if (!(await isFree(spreadsheet, row, values, tab))) {
    const keys = await keysIn(spreadsheet)
    const there = new Set(keys)
    values = values.filter(([key]) => !there.has(key ?? ''))
    row = keys.length + 1
  }
  row = Math.max(row, 2)
  if (values.length > 0) {
    await keepSheet(db, sheet, me, { pending: { row, values } })
    const end = row + values.length - 1
    if (end > tab.rows) await spreadsheet.addRows(tab, end - tab.rows + rowsAdded)
    const isBare = row === 2 && (await spreadsheet.read(`${tabName}!A1:A1`)).length === 0
    await spreadsheet.write([
      ...(isBare ? [{ range: `${tabName}!A1:${lastColumn}1`, values: [salesHead] }] : []),
      { range: `${tabName}!A${row}:${lastColumn}${end}`, values },
    ])
  }
  const lastKey = values.at(-1)?.[0] ?? state.lastKey
  await keepSheet(db, sheet, me, {
    pending: null,
    nextRow: row + values.length,
    lastKey: lastKey === null ? null : String(lastKey),
  })
}

/** Its place is empty, or has these rows or a beginning of them. */
async function isFree(spreadsheet: Spreadsheet, row: number, values: Pending['values'], tab: Tab): Promise<boolean> {
  if (row > tab.rows) return true
  const there = await spreadsheet.read(`${tabName}!A${row}:A${row + values.length}`)
  return there.every(([key = ''], index) => key === (values[index]?.[0] ?? ''))
}

/** The first row behind everything: where the last batch ended, unless somebody changed what is there. */
async function endOf(spreadsheet: Spreadsheet, { nextRow, lastKey }: SheetState, tab: Tab): Promise<number> {
  if (nextRow > 1 && nextRow - 1 <= tab.rows && lastKey !== null) {
    const there = await spreadsheet.read(`${tabName}!A${nextRow - 1}:A`)
    if (there.length === 1 && there[0]?.[0] === lastKey) return nextRow
  }
  return (await keysIn(spreadsheet)).length + 1
}

const keysIn = async (spreadsheet: Spreadsheet): Promise<Value[]> =>
  (await spreadsheet.read(`${tabName}!A1:A`)).map(([key = '']) => key)
