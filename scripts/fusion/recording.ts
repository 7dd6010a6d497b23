/**
 * Recordings: visits of the virtual fridge, weighed by the controller's own firmware, with the truth beside them. What
 * parameters are fitted on and calibration is judged by; the clock is seeded, so that a seed is a recording.
 *
 * The books' belief is kept as the runtime keeps it: by what the session billed where that was sure, by the truth (a reviewer)
 * where it was not. So belief goes wrong where fusion does.
 */
import { join } from 'node:path'
import { evolve, noStock, onShelves, type Stock } from '../../src/catalog/stock.ts'
import { totalOf } from '../../src/core/basket.ts'
import type { EventOf } from '../../src/core/events.ts'
import { sku, visitId } from '../../src/core/ids.ts'
import { silent, type ControllerReport } from '../../src/core/ports.ts'
import type { Product } from '../../src/core/product.ts'
import type { Sights } from '../../src/core/sighting.ts'
import { createLink } from '../../src/device/link.ts'
import type { CountedSku, Evidence, Resolution } from '../../src/fusion/evidence.ts'
import type { FusionParameters } from '../../src/fusion/parameters.ts'
import { resolveBasket } from '../../src/fusion/resolve.ts'
import { pricing } from '../../src/runtime/weigher.ts'
import { billOf, type Bill } from '../../src/session/bill.ts'
import { sureProbability } from '../../src/session/state.ts'
import { loadFirmware } from '../../src/virtual/controller.ts'
import { createVirtualFridge } from '../../src/virtual/fridge.ts'
import type { Shop } from '../../src/virtual/shop.ts'
import type { TrueMove } from '../../src/virtual/sights/draw.ts'
import { createDice, type Dice } from '../../src/virtual/world/dice.ts'
import { drawKind, perform, planVisit, type Plan, type ShopperKind } from '../../src/virtual/world/shopper.ts'
import { counted, createWorld, foreignSku, type Item, type World } from '../../src/virtual/world/world.ts'
import { chance, randomOf } from '../../test/sim/chance.ts'
import { simTime } from '../../test/sim/time.ts'

export interface ShelfTruth {
  readonly shelf: number
  /** What the load changed by, and what the cell said that it changed by; null where the weights never settled. */
  readonly trueGrams: number
  readonly weighedGrams: number | null
  readonly touched: boolean
}

export interface Recording {
  readonly kind: ShopperKind
  readonly evidence: Evidence
  readonly truth: readonly CountedSku[]
  readonly shelves: readonly ShelfTruth[]
  /** Net units put on (positive) and taken off (negative) each shelf. */
  readonly moves: readonly { readonly sku: string; readonly shelf: number; readonly count: number }[]
  readonly foreign: number
  /** What was done with each unit, in order. */
  readonly acts: readonly TrueMove[]
  readonly openedMs: number
  readonly closedMs: number
  /** From the door's closing until its weights rested (fridge time); null: they never did. */
  readonly settledMs: number | null
  readonly resolution: Resolution
  /** What the session would bill, of a fridge that prices as the shop does. */
  readonly bill: Bill
  readonly resolvedMs: number
}

/** What is to be recorded, where it is not weights alone of ordinary shoppers. */
export interface Staging {
  plan(world: World, dice: Dice, visit: number): Plan
  /** What cameras saw of a visit that is over. */
  sightsOf(visit: VisitSeen): Sights | Promise<Sights>
}

export type VisitSeen = Pick<Recording, 'acts' | 'openedMs' | 'closedMs'> & {
  readonly visit: number
  /** What stood in the fridge when it began. */
  readonly before: readonly Item[]
}

const root = join(import.meta.dirname, '../..')
/** Kinds whose visits never come to be weighed, or not for money. */
const unweighed: ReadonlySet<ShopperKind> = new Set(['changer', 'burglar', 'runaway'])

/** `visits` of them, on one fridge, in order; an operator fills it up when it has become half empty. */
export async function record(
  shop: Shop,
  seed: number,
  visits: number,
  parameters: FusionParameters,
  staging?: Staging,
): Promise<Recording[]> {
  const time = simTime(1_800_000_000_000)
  const random = (concern: string) => randomOf(chance(seed, concern))
  // The controller's sampling wakes nobody but by what it sends.
  const quiet = { nowMs: () => time.nowMs(), after: time.quietly }
  const world = createWorld({ shop, clock: quiet, random: random('world') })
  const linkKey = random('key').bytes(32)
  const fridge = createVirtualFridge({
    world,
    firmware: loadFirmware(join(root, 'firmware/wasm/controller.wasm')),
    linkKey,
    clock: quiet,
    random: random('controller'),
    signalled: () => {},
    carry(_to, bytes, deliver) {
      deliver(bytes)
      time.woke()
    },
  })
  const link = createLink({ port: fridge.port, key: linkKey, clock: time, random: random('link'), log: silent })
  link.subscribe(() => {}) // events are taken only while somebody listens
  const dice = createDice(random('shopper'))
  const recordings: Recording[] = []
  let believed = countedIn(world)

  async function visit(): Promise<void> {
    await time.sleep(dice.between(8_000, 60_000))
    const plan = staging?.plan(world, dice, recordings.length) ?? planVisit(shop, world, dice, drawWeighedKind(dice))
    const { kind } = plan
    const acts: TrueMove[] = []
    let openedMs = time.nowMs()
    let closedMs = openedMs
    const itemsBefore = world.items().map((item) => ({ ...item }))
    const gramsBefore = gramsOf(world)
    let before: readonly (number | null)[] = []
    const touched = new Set<number>()
    for (const { afterMs, act } of plan.acts) {
      await time.sleep(afterMs)
      if (act.type === 'tap') {
        before = link.weights()?.grams ?? before
        if (!world.boltReleased()) await link.unlock(visitId(random(`visit ${recordings.length}`).uuid()), 3_000)
      } else if (act.type === 'close') {
        const settled = settledWeights()
        perform(world, act)
        closedMs = time.nowMs()
        await add(await settled)
      } else if (perform(world, act).ok && 'shelf' in act) {
        touched.add(act.shelf)
        acts.push(moveOf(act, time.nowMs()))
      } else if (act.type === 'open') openedMs = time.nowMs()
    }

    async function add(after: readonly (number | null)[] | null): Promise<void> {
      const settledMs = after === null ? null : time.nowMs() - closedMs
      const seen = { acts, openedMs, closedMs, visit: recordings.length, before: itemsBefore }
      const sights =
        staging === undefined ? {} : { sights: await time.outside(Promise.resolve(staging.sightsOf(seen))) }
      const evidence: Evidence = {
        products: shop.products,
        stock: onShelves(believed),
        shelves: before.map((beforeGrams, index) => ({
          shelf: index + 1,
          beforeGrams,
          afterGrams: after?.[index] ?? null,
        })),
        ...sights,
      }
      const startedMs = threadMs()
      const resolution = resolveBasket(evidence, parameters)
      const resolvedMs = threadMs() - startedMs
      const bill = billedAs(resolution, shop.products)
      const grams = gramsOf(world)
      recordings.push({
        kind,
        evidence,
        truth: counted(world.items().filter(ours)).map((line) => ({ ...line, sku: sku(line.sku) })),
        shelves: grams.map((now, index) => ({
          shelf: index + 1,
          trueGrams: now - (gramsBefore[index] ?? 0),
          weighedGrams: after === null ? null : difference(after[index], before[index]),
          touched: touched.has(index + 1),
        })),
        moves: movesBetween(itemsBefore, world.items()),
        foreign: plan.acts.filter(({ act }) => act.type === 'pushIn').length,
        acts,
        openedMs,
        closedMs,
        settledMs,
        resolution,
        bill,
        resolvedMs,
      })
      believed = isBilled(bill) ? evolve(believed, bookedAs(resolution, bill)) : countedIn(world)
    }
  }

  /** The first weights that rest behind the closed door, or null when they don't in time. Ask before it closes. */
  function settledWeights(): Promise<readonly (number | null)[] | null> {
    return new Promise((resolve) => {
      const end = (grams: readonly (number | null)[] | null): void => {
        cancel()
        cancelTimer()
        resolve(grams)
      }
      const heard = (report: ControllerReport): void => {
        if (report.type === 'weights' && report.weights.settled && link.status()?.doorOpen === false)
          end(report.weights.grams)
      }
      const cancel = link.subscribe(heard)
      const cancelTimer = time.after(8_000, () => end(null))
    })
  }

  /** Clears foreign things out and fills up what is half sold, with the books corrected. */
  async function restock(): Promise<void> {
    world.forceDoor()
    world.take(foreignSku, world.items().filter((item) => item.sku === foreignSku && item.shelf !== null).length)
    for (const product of shop.products) {
      const there = world.items().filter((item) => item.sku === product.sku && item.shelf !== null)
      for (const item of there.filter(({ shelf }) => shelf !== product.shelf))
        world.take(item.sku, 1, item.shelf ?? undefined)
      const home = there.filter(({ shelf }) => shelf === product.shelf).length
      if (home < product.stock) world.restock(product.sku, product.stock - home)
    }
    world.leave()
    await time.sleep(30_000)
    world.closeDoor()
    await time.sleep(60_000)
    believed = countedIn(world)
  }

  async function all(): Promise<void> {
    await time.sleep(5_000)
    for (let n = 0; n < visits; n++) {
      await visit()
      if (n % 20 === 19) await restock()
    }
    fridge.close()
    link.close()
  }
  await time.runUntil(all())
  return recordings
}

/** Of those whose visits come to be weighed for money. */
export function drawWeighedKind(dice: Dice): ShopperKind {
  let kind = drawKind(dice)
  while (unweighed.has(kind)) kind = drawKind(dice)
  return kind
}

/** This thread's own time on a core, so that a busy machine does not count. */
export function threadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

type Handling = Extract<Plan['acts'][number]['act'], { shelf: number }>
const moveOf = (act: Handling, atMs: number): TrueMove => ({
  direction: act.type === 'take' ? 'taken' : 'returned',
  sku: act.type === 'pushIn' || act.sku === foreignSku ? null : act.sku,
  shelf: act.shelf,
  atMs,
})

const ours = (item: Item): boolean => item.shelf === null && item.sku !== foreignSku
const difference = (after: number | null | undefined, before: number | null | undefined): number | null =>
  typeof after === 'number' && typeof before === 'number' ? after - before : null
const gramsOf = (world: World): number[] =>
  Array.from({ length: world.shelves }, (_, index) => world.cells.grams(index))

/** As a person would count it. */
const countedIn = (world: World): Stock =>
  placesOf(world.items())
    .filter((place) => place.sku !== foreignSku)
    .map((place) => ({ ...place, type: 'StockCounted' as const, sku: sku(place.sku), by: '', reason: '' }))
    .reduce(evolve, noStock)

/** The session's decision, at the shop's prices; `sure` where another threshold is asked about. */
export function billedAs(
  { lines, probability, baskets }: Pick<Resolution, 'lines' | 'probability' | 'baskets'>,
  products: readonly Product[],
  sure?: number,
): Bill {
  const priced = pricing(products)
  const likely = baskets.map((one) => ({ lines: priced(one.lines), probability: one.probability }))
  return billOf({ lines: priced(lines), probability, baskets: likely }, sure)
}

const isBilled = ({ probability }: Bill): boolean => probability >= sureProbability

const bookedAs = ({ moves, probability }: Resolution, { lines }: Bill): EventOf<'BasketResolved'> => ({
  type: 'BasketResolved', visit: visitId(''), lines: [...lines], moves: [...moves], totalMinor: totalOf(lines), probability, before: [], after: [],
}) // prettier-ignore

function placesOf(items: readonly Item[]): { sku: string; shelf: number; count: number }[] {
  const shelves = [...new Set(items.flatMap(({ shelf }) => (shelf === null ? [] : [shelf])))].sort((a, b) => a - b)
  return shelves.flatMap((shelf) =>
    counted(items.filter((item) => item.shelf === shelf)).map((line) => ({ ...line, shelf })),
  )
}

function movesBetween(before: readonly Item[], after: readonly Item[]): Recording['moves'] {
  const net = new Map<string, { sku: string; shelf: number; count: number }>()
  const count = (items: readonly Item[], sign: number): void => {
    for (const place of placesOf(items)) {
      const name = `${place.sku}@${place.shelf}`
      const known = net.get(name) ?? { sku: place.sku, shelf: place.shelf, count: 0 }
      net.set(name, { ...known, count: known.count + sign * place.count })
    }
  }
  count(before, -1)
  count(after, 1)
  return [...net.values()].filter((move) => move.count !== 0 && move.sku !== foreignSku)
}
