/**
 * Products in: what an owner wrote into the tab `Products`, as prices and places to order. Pure.
 * Holds always (SPEC RL59): the spreadsheet is acted on where it changes, so that a price which was set elsewhere since stands; a row
 * that is no good says why in its own status, and changes nothing; a row for one fridge goes before a row for all (`*`).
 */
import type { Order } from '../../protocol/mqtt.ts'
import { decimal } from '../exports/csv.ts'
import type { Taken } from '../store/sheet-state.ts'
import type { Value, ValueRange } from './google.ts'

export const productColumns = ['fridge', 'sku', 'name', 'price', 'shelf', 'status'] as const
type ColumnName = (typeof productColumns)[number]
export const mostProductRows = 5_000
const lastShelf = 20
const mostPriceMinor = 1_000_000
const ordersAtOnce = 500

export interface Product {
  readonly sku: string
  readonly priceMinor: number
  readonly shelf: number
}

export interface Fleet {
  /** What each fridge sells; null where its books have not said yet. */
  readonly catalogues: ReadonlyMap<string, readonly Product[] | null>
  readonly taken: readonly Taken[]
  /** What became of an order; undefined where nobody knows of it. */
  readonly outcome: (
    fridge: string,
    command: number,
  ) => { readonly outcome: string | null; readonly why: string | null } | undefined
}

export interface Plan {
  readonly orders: ReadonlyMap<string, readonly FridgeOrder[]>
  /** By row of the spreadsheet, the head being 1. */
  readonly statuses: ReadonlyMap<number, string>
  /** Rows that are no good. */
  readonly faults: readonly { readonly row: number; readonly what: string }[]
  /** Seen and found so already: nothing to order. */
  readonly settled: readonly Taken[]
  readonly statusColumn: number
}
export interface FridgeOrder {
  readonly order: Extract<Order, { type: 'prices' | 'planogram' }>
  readonly taken: readonly Taken[]
}

interface Wish {
  readonly row: number
  readonly fridge: string
  readonly sku: string
  readonly priceMinor: number | null
  readonly shelf: number | null
}

/** `values`: the whole tab. A text: what is wrong with its head. */
export function planProducts(values: readonly (readonly Value[])[], fleet: Fleet): Plan | string {
  const [head = [], ...rows] = values
  const columns = columnsOf(head)
  if (typeof columns === 'string') return columns
  const statuses = new Map<number, string>()
  const faults: { row: number; what: string }[] = []
  const wishes: Wish[] = []
  rows.forEach((cells, index) => {
    const row = index + 2
    const read = wishOf(cells, columns, row)
    if (read === null) statuses.set(row, '')
    else if (typeof read === 'string') faults.push({ row, what: read })
    else wishes.push(read)
  })
  const planned = planWishes(wishes, fleet)
  for (const { row, what } of [...faults, ...planned.faults]) statuses.set(row, `error: ${what}`)
  for (const [row, said] of planned.said) if (!statuses.has(row)) statuses.set(row, told(said))
  return {
    orders: planned.orders,
    settled: planned.settled,
    statuses,
    faults: [...faults, ...planned.faults],
    statusColumn: columns.get('status') ?? 0,
  }
}

function columnsOf(head: readonly Value[]): Map<ColumnName, number> | string {
  const columns = new Map<ColumnName, number>()
  head.forEach((cell, index) => {
    const name = productColumns.find((one) => one === String(cell).trim().toLowerCase())
    if (name !== undefined && !columns.has(name)) columns.set(name, index)
  })
  const missing = (['fridge', 'sku', 'price', 'status'] as const).filter((name) => !columns.has(name))
  return missing.length === 0 ? columns : `the first row of Products names no column ${missing.join(', ')}`
}

/** Null: an empty row. A text: what is wrong with it. */
function wishOf(cells: readonly Value[], columns: ReadonlyMap<ColumnName, number>, row: number): Wish | string | null {
  const cellOf = (name: ColumnName): Value => {
    const at = columns.get(name)
    const cell = at === undefined ? '' : (cells[at] ?? '')
    return typeof cell === 'string' ? cell.trim() : cell
  }
  const [fridge, sku, price, shelf] = [
    String(cellOf('fridge')),
    String(cellOf('sku')),
    cellOf('price'),
    cellOf('shelf'),
  ]
  if (fridge === '' && sku === '' && price === '' && shelf === '') return null
  if (fridge === '') return 'no fridge: give its id, or * for all'
  if (sku === '' || sku.length > 64) return 'no sku of 1 to 64 characters'
  const priceMinor = price === '' ? null : minorOf(price)
  if (priceMinor === 'bad') return `price: ${String(price).slice(0, 30)} is no amount such as 1.99`
  const place = shelf === '' ? null : Number(shelf)
  if (place !== null && !(Number.isInteger(place) && place >= 1 && place <= lastShelf))
    return `shelf: ${String(shelf).slice(0, 30)} is none from 1 to ${lastShelf}`
  if (priceMinor === null && place === null) return 'neither a price nor a shelf'
  return { row, fridge, sku, priceMinor, shelf: place }
}

/** Whole cents only: `1.99`, `1,99` or the number itself. */
function minorOf(price: Value): number | 'bad' {
  const text = typeof price === 'number' ? String(Math.round(price * 1e6) / 1e6) : price
  const [, whole, cents = ''] = /^(\d{1,7})(?:[.,](\d{1,2}))?$/.exec(text) ?? []
  if (whole === undefined) return 'bad'
  const minor = Number(whole) * 100 + Number(cents.padEnd(2, '0'))
  return minor <= mostPriceMinor ? minor : 'bad'
}

type Said = 'inEffect' | 'ordered' | 'waiting' | `refused: ${string}` | `other: ${string}`

/** One price or one shelf that the spreadsheet wants, beside what is so. */
interface Want {
  readonly what: Taken['what']
  readonly wanted: number
  readonly present: number
}

function planWishes(wishes: readonly Wish[], fleet: Fleet) {
  const before = new Map(fleet.taken.map((one) => [`${one.fridge}/${one.sku}/${one.what}`, one]))
  const faults: { row: number; what: string }[] = []
  const said = new Map<number, { readonly fridge: string; readonly said: Said }[]>()
  const toOrder = new Map<string, Taken[]>()
  const settled: Taken[] = []
  const setBy = new Map<string, number>()
  const own = new Set(wishes.filter(({ fridge }) => fridge !== '*').map(({ fridge, sku }) => `${fridge}/${sku}`))

  for (const wish of wishes) {
    const { row, sku } = wish
    const fridges = fridgesOf(wish, fleet)
    if (typeof fridges === 'string') {
      faults.push({ row, what: fridges })
      continue
    }
    const mine = fridges.filter((fridge) => wish.fridge !== '*' || !own.has(`${fridge}/${sku}`))
    const other = mine.map((fridge) => setBy.get(`${fridge}/${sku}`)).find((one) => one !== undefined)
    if (other !== undefined) {
      faults.push({ row, what: `row ${other} says it too` })
      continue
    }
    const says = mine.flatMap((fridge): { fridge: string; said: Said }[] => {
      setBy.set(`${fridge}/${sku}`, row)
      const product = fleet.catalogues.get(fridge)?.find((one) => one.sku === sku)
      if (product === undefined) return [{ fridge, said: 'waiting' }]
      return wantsOf(wish, product).map((want) => ({ fridge, said: judge(fridge, sku, want) }))
    })
    said.set(row, says)
  }

  function judge(fridge: string, sku: string, { what, wanted, present }: Want): Said {
    const known = before.get(`${fridge}/${sku}/${what}`)
    if (known?.value !== wanted) {
      const taken = { fridge, sku, what, value: wanted, command: null }
      if (wanted === present) settled.push(taken)
      else push(toOrder, `${fridge}/${what}`, taken)
      return wanted === present ? 'inEffect' : 'ordered'
    }
    const became = known.command === null ? undefined : fleet.outcome(fridge, known.command)
    if (became?.outcome === null) return 'ordered'
    if (became !== undefined && became.outcome !== 'done') return `refused: ${became.why ?? 'no reason given'}`
    if (wanted === present) return 'inEffect'
    return `other: ${what === 'price' ? decimal(present) : `shelf ${present}`}`
  }

  const orders = new Map<string, FridgeOrder[]>()
  for (const all of toOrder.values())
    for (const taken of parts(all)) push(orders, taken[0]?.fridge ?? '', { order: orderOf(taken), taken })
  return { faults, said, orders, settled }
}

const wantsOf = ({ priceMinor, shelf }: Wish, product: Product): Want[] => [
  ...(priceMinor === null ? [] : [{ what: 'price' as const, wanted: priceMinor, present: product.priceMinor }]),
  ...(shelf === null ? [] : [{ what: 'shelf' as const, wanted: shelf, present: product.shelf }]),
]

const orderOf = (taken: readonly Taken[]): FridgeOrder['order'] =>
  taken[0]?.what === 'shelf'
    ? { type: 'planogram', places: taken.map(({ sku, value }) => ({ sku, shelf: value })) }
    : { type: 'prices', prices: taken.map(({ sku, value }) => ({ sku, priceMinor: value })) }

/**
 * An unknown fridge or product is a fault of the row (a product that is new to a fridge can't come this way yet); a fridge
 * whose catalogue has not come is waited for.
 */
function fridgesOf({ fridge, sku }: Wish, { catalogues }: Fleet): readonly string[] | string {
  const sells = (products: readonly Product[] | null): boolean => products?.some((one) => one.sku === sku) ?? false
  if (fridge === '*') {
    const sellers = [...catalogues].filter(([, products]) => sells(products)).map(([id]) => id)
    return sellers.length > 0 ? sellers : `no fridge sells ${sku}`
  }
  const products = catalogues.get(fridge)
  if (products === undefined) return `there is no fridge ${fridge}`
  return products === null || sells(products) ? [fridge] : `${fridge} does not sell ${sku}`
}

const push = <T>(into: Map<string, T[]>, key: string, value: T): void =>
  void into.set(key, [...(into.get(key) ?? []), value])

function* parts<T>(all: readonly T[]): Generator<T[]> {
  for (let at = 0; at < all.length; at += ordersAtOnce) yield all.slice(at, at + ordersAtOnce)
}

/** A row's status, from what is so at each of its fridges: the worst first. */
function told(says: readonly { readonly fridge: string; readonly said: Said }[]): string {
  const refused = says.find(({ said }) => said.startsWith('refused'))
  if (refused !== undefined) return `${refused.fridge} ${refused.said}`
  const waiting = says.filter(({ said }) => said === 'waiting')
  if (waiting.length > 0) return `waits: ${waiting[0]?.fridge} has not said yet what it sells`
  const ordered = new Set(says.filter(({ said }) => said === 'ordered').map(({ fridge }) => fridge))
  if (ordered.size > 0) return ordered.size === 1 ? 'ordered' : `ordered at ${ordered.size} fridges`
  const other = says.find(({ said }) => said.startsWith('other'))
  if (other !== undefined) return `${other.fridge} has ${other.said.slice('other: '.length)} now`
  return says.length === 0 ? 'set by other rows' : 'in effect'
}

/** `A` to `Z`, `AA` and so on, from 0. */
const columnName = (index: number): string =>
  `${index < 26 ? '' : columnName(Math.floor(index / 26) - 1)}${String.fromCharCode(65 + (index % 26))}`

/** The cells whose status is another than stands there, as few ranges as there are runs of them. */
export function statusRanges(values: readonly (readonly Value[])[], { statuses, statusColumn }: Plan): ValueRange[] {
  const letter = columnName(statusColumn)
  const ranges: { range: string; values: string[][]; next: number }[] = []
  for (const [row, status] of [...statuses].toSorted(([a], [b]) => a - b)) {
    if (String(values[row - 1]?.[statusColumn] ?? '') === status) continue
    const last = ranges.at(-1)
    if (last?.next === row) {
      last.values.push([status])
      last.next++
    } else ranges.push({ range: `Products!${letter}${row}`, values: [[status]], next: row + 1 })
  }
  return ranges.map(({ range, values }) => ({ range, values }))
}
