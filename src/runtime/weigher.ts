/**
 * Weigher: asks fusion what the shelves and the cameras say, once for the bill and often for the screen.
 *
 * Holds always: a bill is made from weights that settled after the door was closed, or not at all (SPEC S7), and from what
 * the cameras could tell by then, which they say in time or say that they were blind; what the screen shows meanwhile is
 * only ever shown.
 */
import type { Line } from '../core/basket.ts'
import type { Sku, VisitId } from '../core/ids.ts'
import type { Minor } from '../core/money.ts'
import type { Cancel, Clock, Controller, Eyes, Weights } from '../core/ports.ts'
import type { Sights } from '../core/sighting.ts'
import { secondMs } from '../core/time.ts'
import { onShelves, type Stock } from '../catalog/stock.ts'
import { glanceParameters, type FusionParameters } from '../fusion/parameters.ts'
import { resolveBasket } from '../fusion/resolve.ts'
import type { CountedSku } from '../fusion/evidence.ts'
import type { Resolution } from '../session/input.ts'
import type { Grams } from '../session/state.ts'

export interface Weigher {
  /** Answers once: when the shelves stand still behind a closed door, or null when they don't in time. */
  weigh(visit: VisitId, baseline: Grams, answer: (resolution: Resolution | null) => void): void
  /** What seems to be out of the fridge just now, priced. */
  glance(baseline: Grams, now: Grams): readonly Line[]
  stop(): void
}

const weighTimeoutMs = 8 * secondMs

export function createWeigher(ports: {
  readonly controller: Controller
  readonly clock: Clock
  readonly stock: () => Stock
  /** Absent: there are no cameras, and the scales alone decide. */
  readonly eyes?: Eyes | undefined
}): Weigher {
  const { controller, clock, stock, eyes } = ports
  const open = new Set<Cancel>()

  function weigh(visit: VisitId, baseline: Grams, answer: (resolution: Resolution | null) => void): void {
    const cancels: Cancel[] = []
    let after: Grams | null = null
    /** Undefined: not answered yet. */
    let sights: Sights | undefined
    const end = (resolution: Resolution | null): void => {
      for (const cancel of cancels) cancel()
      if (open.delete(endSilently)) answer(resolution)
    }
    const endSilently = (): void => {
      for (const cancel of cancels) cancel()
    }
    const endIfBoth = (): void => {
      if (after !== null && (eyes === undefined || sights !== undefined)) end(resolve(stock(), baseline, after, sights))
    }
    open.add(endSilently)
    if (eyes !== undefined)
      void eyes.settle(visit).then((seen) => {
        sights = seen
        endIfBoth()
      })
    // Registered before anything is asked; only a report that comes after now can speak of the closed door.
    cancels.push(
      controller.subscribe((report) => {
        if (report.type !== 'weights' || !atRest(report.weights) || controller.status()?.doorOpen !== false) return
        after = report.weights.grams
        endIfBoth()
      }),
      clock.after(weighTimeoutMs, () => end(null)),
    )
  }

  return {
    weigh,
    glance: (baseline, now) => resolve(stock(), baseline, now, eyes?.sights(), glanceParameters)?.lines ?? [],
    stop() {
      for (const cancel of open) cancel()
      open.clear()
    },
  }
}

const atRest = (weights: Weights): boolean => weights.settled

/** Weights before and after, and what was seen, as a priced basket. Null while there is no catalogue to judge by. */
function resolve(
  stock: Stock,
  baseline: Grams,
  after: Grams,
  sights: Sights | undefined,
  parameters?: FusionParameters,
): Resolution | null {
  const { catalogue } = stock
  if (catalogue === null) return null
  const evidence = {
    products: catalogue.products,
    stock: onShelves(stock),
    shelves: baseline.map((beforeGrams, index) => ({
      shelf: index + 1,
      beforeGrams,
      afterGrams: after[index] ?? null,
    })),
    ...(sights === undefined ? {} : { sights }),
  }
  const found = resolveBasket(evidence, parameters)
  const priced = pricing(catalogue.products)
  return {
    lines: priced(found.lines),
    moves: found.moves,
    probability: found.exhausted ? 0 : found.probability,
    baskets: found.baskets.map(({ lines, probability }) => ({ lines: priced(lines), probability })),
    sureLines: found.exhausted ? [] : priced(found.sure),
    runnerUp: priced(found.runnerUp?.lines ?? []),
    ...(found.runnerUp === null || found.exhausted ? {} : { runnerUpProbability: found.runnerUp.probability }),
    apart: found.runnerUp?.apart ?? [],
    after,
  }
}

/** Counted goods as lines, at the prices of the visit; what has none is left out. */
export function pricing(
  products: readonly { readonly sku: Sku; readonly priceMinor: Minor }[],
): (lines: readonly CountedSku[]) => Line[] {
  const prices = new Map(products.map(({ sku, priceMinor }) => [sku, priceMinor]))
  return (lines) =>
    lines.flatMap(({ sku, count }) => {
      const priceMinor = prices.get(sku)
      return priceMinor === undefined ? [] : [{ sku, count, priceMinor }]
    })
}
