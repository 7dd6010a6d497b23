/**
 * Question: evidence brought into canonical order, so that no list order can change a sum or break a tie (SPEC FU1).
 * Products are indices from here on, in the order of their sku; shelves are in the order of their number.
 */
import type { Sku } from '../core/ids.ts'
import { invariant } from '../core/result.ts'
import { at } from './element.ts'
import type { Evidence } from './evidence.ts'
import { cellModel, type CellModel } from './likelihood.ts'
import type { Scene } from './hearing.ts'
import type { FusionParameters } from './parameters.ts'
import { testimonyOf, type Testimony } from './testimony.ts'

export interface ShelfQuestion {
  readonly shelf: number
  readonly index: number
  /** after - before; null where the cell was dead at either time. */
  readonly deltaGrams: number | null
  /** Believed units of each product, by product index. */
  readonly stock: Int32Array
}

export interface Question {
  readonly skus: readonly Sku[]
  readonly scene: Scene
  readonly testimony: Testimony
  readonly weights: Float64Array
  readonly variances: Float64Array
  readonly homes: Int32Array
  readonly shelves: readonly ShelfQuestion[]
  /**
   * log prior weight of taking the first unit from a place where it is believed to stand, of a shopper who is as keen as
   * can be: never too low, so that a search may cut by it. `settling` makes it right when all shelves' takes are known.
   */
  readonly logTake: number
  /** What is still to be added for so many takes, by their number: 0 or less. */
  readonly settling: Float64Array
  /** The window, and what settling may take off in it. */
  readonly windowNats: number
  /** The same for each further unit of it. */
  readonly logRepeat: number
  readonly cell: CellModel
  readonly parameters: FusionParameters
  /** What the search may still spend, over all shelves. */
  readonly effort: { visitsLeft: number; waysLeft: number }
}

/** No shelf holds more of one product than this; bounds what hostile counts can cost. */
const mostUnits = 250

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Throws when a product has no positive weight or is listed twice: the catalogue's reader refuses such a shop. */
export function asQuestion(evidence: Evidence, parameters: FusionParameters): Question {
  const products = [...evidence.products].sort((a, b) => byText(a.sku, b.sku))
  const indexOf = new Map<string, number>()
  for (const [index, product] of products.entries()) {
    invariant(!indexOf.has(product.sku), `product ${product.sku} is listed twice`)
    invariant(product.weightGrams > 0 && Number.isFinite(product.weightGrams), `${product.sku} has a weight`)
    invariant(product.weightSpreadGrams >= 0, `${product.sku} has a weight spread`)
    indexOf.set(product.sku, index)
  }
  const deltas = new Map<number, number | null>()
  for (const { shelf, beforeGrams, afterGrams } of evidence.shelves) {
    invariant(!deltas.has(shelf), `shelf ${shelf} is weighed twice`)
    const delta = beforeGrams === null || afterGrams === null ? null : afterGrams - beforeGrams
    deltas.set(shelf, delta !== null && Number.isFinite(delta) ? delta : null)
  }
  const stocks = new Map<number, Int32Array>()
  const stockOf = (shelf: number): Int32Array => {
    const known = stocks.get(shelf) ?? new Int32Array(products.length)
    stocks.set(shelf, known)
    return known
  }
  for (const { sku, shelf, count } of evidence.stock) {
    const product = indexOf.get(sku)
    if (product === undefined || !(count > 0)) continue
    const stock = stockOf(shelf)
    stock[product] = Math.min(mostUnits, at(stock, product) + Math.floor(count))
  }
  const numbers = [...new Set([...deltas.keys(), ...stocks.keys()])].sort((a, b) => a - b)
  const shelves = numbers.map((shelf, index) => ({
    shelf,
    index,
    deltaGrams: deltas.get(shelf) ?? null,
    stock: stockOf(shelf),
  }))
  const skus = products.map(({ sku }) => sku)
  const scene = { skus, shelves: numbers }
  const stocked = shelves.map(({ stock }) => [...stock.keys()].filter((product) => at(stock, product) > 0))
  const places = shelves.reduce(
    (sum, { stock }) => sum + stock.reduce((some, count) => some + (count > 0 ? 1 : 0), 0),
    0,
  )
  const { takesPerVisit, keenness } = parameters
  const logFirst = Math.log(takesPerVisit / (1 + takesPerVisit) / Math.max(1, places))
  const settling = settlingOf(keenness)
  return {
    skus,
    scene,
    testimony: testimonyOf(scene, evidence.sights, stocked, parameters),
    weights: Float64Array.from(products, ({ weightGrams }) => weightGrams),
    variances: Float64Array.from(products, ({ weightSpreadGrams }) => weightSpreadGrams ** 2),
    homes: Int32Array.from(products, ({ shelf }) => shelf),
    shelves,
    logTake: logFirst + Math.log(keenness),
    settling,
    windowNats: parameters.windowNats - (settling.at(-1) ?? 0),
    logRepeat: Math.log(parameters.repeatRatio),
    cell: cellModel(parameters),
    parameters,
    effort: { visitsLeft: parameters.maxVisits, waysLeft: parameters.maxWays },
  }
}

/** By the number of takes: that the k-th was reckoned at `keenness` times the first, and is min(k, keenness) times it. */
function settlingOf(keenness: number): Float64Array {
  const settling = new Float64Array(Math.ceil(keenness) + 1)
  for (let takes = 1; takes < settling.length; takes++) {
    settling[takes] = at(settling, takes - 1) + Math.log(Math.min(takes, keenness) / keenness)
  }
  return settling
}

export const settlingFor = ({ settling }: Question, takes: number): number =>
  at(settling, Math.min(takes, settling.length - 1))
