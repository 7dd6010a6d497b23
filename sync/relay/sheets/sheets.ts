/**
 * Sheets: a spreadsheet of Google's, kept with what a fleet sells: products in, sales and stock out, every half minute.
 * Holds always (SPEC RL58, RL59): one copy of the relay at a time; a turn that fails leaves what it could not do for the next. Built by
 * integrations.ts and by tests.
 */
import { randomUUID } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import type { Live } from '../live.ts'
import type { Metrics } from '../metrics.ts'
import { note } from '../store/audit.ts'
import { addCommand } from '../store/commands.ts'
import { countBehind, followNewFridges, openSink } from '../store/event-reads.ts'
import type { Db } from '../store/open.ts'
import { catalogueOf } from '../store/owner-reads.ts'
import {
  keepSheet,
  keepTaken,
  knownFridges,
  leaveSheet,
  outcomesOf,
  takenFrom,
  takeSheet,
  wholeStock,
  type SheetState,
} from '../store/sheet-state.ts'
import type { Zone } from '../exports/zone.ts'
import { GoogleRefused, type Spreadsheet, type Tab, type Value } from './google.ts'
import {
  mostProductRows,
  planProducts,
  productColumns,
  statusRanges,
  type FridgeOrder,
  type Product,
} from './products.ts'
import { gatherSales, sendSales, type SalesPorts } from './sales.ts'
import { sendStock, stockValues } from './stock.ts'

export interface SheetsPorts {
  readonly spreadsheet: Spreadsheet
  readonly sheet: string
  readonly zone: Zone
  /** What was sold before the first start goes there too. */
  readonly history: boolean
  readonly metrics: Pick<Metrics, 'sent' | 'waiting'>
  readonly log: Pick<FastifyBaseLogger, 'warn'>
  readonly live: Pick<Live, 'flush'>
}

const sink = 'sheets'
/** Who ordered it, in the audit and in the fridges' own books. */
const by = 'Google Sheets'
const reason = 'as the spreadsheet says'
const tabNames = ['Products', 'Sales', 'Stock'] as const

export function createSheets({ spreadsheet, sheet, zone, history, metrics, log, live }: SheetsPorts) {
  const me = randomUUID()
  let known = false
  /** Rows of Products that were told of in the log, with what was wrong. */
  let toldOf = ''

  /** Every tab that is needed, made where it is missing. */
  async function tabs(): Promise<Record<(typeof tabNames)[number], Tab>> {
    let there = await spreadsheet.tabs()
    const missing = tabNames.filter((name) => !there.some(({ title }) => title === name))
    for (const name of missing) await spreadsheet.addTab(name)
    if (missing.length > 0) there = await spreadsheet.tabs()
    const [Products, Sales, Stock] = tabNames.map((name) => there.find(({ title }) => title === name))
    if (Products === undefined || Sales === undefined || Stock === undefined)
      throw new Error('the spreadsheet has no tab of a name that was just made')
    return { Products, Sales, Stock }
  }

  async function takeProducts(db: Db): Promise<void> {
    const values = await spreadsheet.read('Products')
    if (values.length === 0) {
      await spreadsheet.write([{ range: 'Products!A1:F1', values: [productColumns] }])
      return
    }
    if (values.length > mostProductRows + 1) return tell(`Products has more than ${mostProductRows} rows`)
    const taken = await takenFrom(db, sheet)
    const commands = taken.flatMap(({ fridge, command }) => (command === null ? [] : [{ fridge, number: command }]))
    const outcomes = await outcomesOf(db, commands)
    const plan = planProducts(values, {
      catalogues: await cataloguesFor(db, values),
      taken,
      outcome: (fridge, command) => outcomes.get(`${fridge}/${command}`),
    })
    if (typeof plan === 'string') return tell(plan)
    tell(plan.faults.map(({ row, what }) => `row ${row}: ${what}`).join('; '))
    await keepTaken(db, sheet, plan.settled)
    for (const [fridge, orders] of plan.orders) await order(db, fridge, orders)
    await spreadsheet.write(statusRanges(values, plan))
  }

  /** Written to the log once, not each half minute. */
  function tell(what: string): void {
    if (what !== toldOf && what !== '')
      log.warn({ what: what.slice(0, 1_000) }, 'products of the spreadsheet that are no good')
    toldOf = what
  }

  async function order(db: Db, fridge: string, orders: readonly FridgeOrder[]): Promise<void> {
    await db.transaction().execute(async (trx) => {
      for (const { order, taken } of orders) {
        await note(trx, by, order.type, fridge, reason)
        const number = await addCommand(trx, { fridge, order, by, reason, untilMs: null })
        const ordered = taken.map((one) => ({ ...one, command: number }))
        await keepTaken(trx, sheet, ordered)
      }
    })
    await live.flush(fridge)
  }

  async function sendAllSales(ports: SalesPorts, tab: Tab): Promise<'more' | 'done'> {
    const state = await takeSheet(ports.db, sheet, me)
    if (state === null) return 'done'
    // What was on its way comes first; what came since may wait behind it.
    const { pending, full } = state.pending === null ? await gatherSales(ports) : { pending: state.pending, full: true }
    if (pending !== null) {
      await sendSales(ports, state, pending, tab)
      metrics.sent(sink, 'told', pending.values.length)
    }
    return full ? 'more' : 'done'
  }

  async function sendChangedStock(db: Db, { stockHash }: SheetState, tab: Tab): Promise<void> {
    const { values, hash } = stockValues(await wholeStock(db))
    if (hash === stockHash) return
    await sendStock(spreadsheet, tab, values)
    await keepSheet(db, sheet, me, { stockHash: hash })
  }

  return {
    async turn(db: Db): Promise<'more' | 'done'> {
      if (!known) await openSink(db, sink, history)
      known = true
      await followNewFridges(db, sink)
      const state = await takeSheet(db, sheet, me)
      if (state === null) return 'done'
      try {
        const { Sales, Stock } = await tabs()
        // One tab that Google refuses (it is protected, or full) does not hold up the others.
        const refused: GoogleRefused[] = []
        const tryTo = async <T>(work: () => Promise<T>): Promise<T | null> => {
          try {
            return await work()
          } catch (error) {
            if (!(error instanceof GoogleRefused)) throw error
            refused.push(error)
            return null
          }
        }
        await tryTo(() => takeProducts(db))
        const outcome = await tryTo(() => sendAllSales({ db, sheet, me, spreadsheet, zone }, Sales))
        await tryTo(() => sendChangedStock(db, state, Stock))
        const [first] = refused
        if (first !== undefined) throw first
        return outcome ?? 'done'
      } catch (error) {
        metrics.sent(sink, 'failed', 1)
        const closed = error instanceof GoogleRefused && (error.status === 403 || error.status === 404)
        if (!closed) throw error
        const hint = 'is the spreadsheet shared with the service account, as an editor?'
        throw new Error(`${error.message} (${hint})`, { cause: error })
      } finally {
        metrics.waiting(sink, await countBehind(db, sink).catch(() => 0))
        await leaveSheet(db, sheet, me).catch(() => {})
      }
    },
  }

  /** Of the fridges that the rows speak of; of all, where one says `*`. */
  async function cataloguesFor(
    db: Db,
    values: readonly (readonly Value[])[],
  ): Promise<Map<string, readonly Product[] | null>> {
    const cells = new Set(values.flat().map((cell) => String(cell).trim()))
    const fridges = (await knownFridges(db)).filter((id) => cells.has('*') || cells.has(id))
    const found = new Map<string, readonly Product[] | null>()
    for (const fridge of fridges) found.set(fridge, (await catalogueOf(db, fridge))?.products ?? null)
    return found
  }
}
