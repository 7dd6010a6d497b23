/**
 * Fit: the parameters of src/fusion from recordings, each by counting what it speaks of (SPEC of src/fusion, "The prior").
 * What was not seen is not impossible: rare odds are (seen + 1) / (chances + 2), the rule of succession.
 */
import type { FittedParameters } from '../../src/fusion/parameters.ts'
import type { Recording } from './recording.ts'

export function fit(recordings: readonly Recording[]): FittedParameters {
  const { noiseGrams, loadErrorShare, outlierShare } = fitCells(recordings)
  const takes = recordings.flatMap(({ moves }) => moves.filter(({ count }) => count < 0))
  const puts = recordings.flatMap(({ moves }) => moves.filter(({ count }) => count > 0))
  const units = takes.reduce((sum, { count }) => sum - count, 0)
  const shelves = recordings.reduce((sum, one) => sum + one.shelves.length, 0)
  const eachShelf = shelves / Math.max(1, recordings.length)

  let beyondHome = 0
  let beyondStray = 0
  let strayPlaces = 0
  for (const { evidence, moves } of recordings) {
    const believed = (sku: string, shelf: number): number =>
      evidence.stock.find((place) => place.sku === sku && place.shelf === shelf)?.count ?? 0
    for (const { sku, shelf, count } of moves) {
      if (-count <= believed(sku, shelf)) continue
      const isHome = evidence.products.some((product) => product.sku === sku && product.shelf === shelf)
      if (isHome || believed(sku, shelf) > 0) beyondHome++
      else beyondStray++
    }
    strayPlaces += evidence.products.length * (evidence.shelves.length - 1)
  }
  const takesPerVisit = takes.length / recordings.length
  const places = recordings.reduce(
    (sum, { evidence }) => sum + evidence.stock.filter(({ count }) => count > 0).length,
    0,
  )
  const takesPerPlace = takes.length / Math.max(1, places)
  return {
    noiseGrams,
    loadErrorShare,
    outlierShare,
    takesPerVisit,
    repeatRatio: (units - takes.length + 1) / (units + 2),
    misplacedOdds: (puts.length + 1) / (takes.length * (eachShelf - 1) + 2),
    miscountOdds: (beyondHome + 1) / (takes.length + 2),
    // Expected by the prior: takesPerPlace * odds, in each of the places where the product has no business.
    strayOdds: (beyondStray + 1) / (strayPlaces * takesPerPlace + 2),
    foreignOdds: (recordings.reduce((sum, { foreign }) => sum + foreign, 0) + 1) / (shelves + 2),
    foreignTakenOdds:
      (recordings.reduce((sum, { acts }) => sum + acts.filter(isForeignTake).length, 0) + 1) / (shelves + 2),
  }
}

const isForeignTake = ({ direction, sku }: Recording['acts'][number]): boolean => direction === 'taken' && sku === null

/**
 * The cells' errors, weighed minus true change: the noise from touched shelves whose load came back to what it was, the
 * load's share from the others (least squares of the squares), the outliers from what lies beyond four deviations.
 */
function fitCells(
  recordings: readonly Recording[],
): Pick<FittedParameters, 'noiseGrams' | 'loadErrorShare' | 'outlierShare'> {
  const errors = recordings.flatMap(({ shelves }) =>
    shelves.flatMap(({ trueGrams, weighedGrams, touched }) =>
      weighedGrams === null || !touched ? [] : [{ trueGrams, square: (weighedGrams - trueGrams) ** 2 }],
    ),
  )
  const even = errors.filter(({ trueGrams }) => Math.abs(trueGrams) < 1)
  const changed = errors.filter(({ trueGrams }) => Math.abs(trueGrams) >= 1)
  const variance = trimmedMean(even.map(({ square }) => square))
  let upper = 0
  let lower = 0
  for (const { trueGrams, square } of changed) {
    upper += (square - variance) * trueGrams ** 2
    lower += trueGrams ** 4
  }
  const loadErrorShare = Math.sqrt(Math.max(0, upper / lower))
  const isFar = ({ trueGrams, square }: { trueGrams: number; square: number }): boolean =>
    square > 16 * (variance + (loadErrorShare * trueGrams) ** 2)
  // Of the wide normal (three times as wide), a share of 0.18 lies beyond four narrow deviations.
  const outlierShare = Math.min(0.05, (errors.filter(isFar).length + 1) / (0.18 * errors.length + 2))
  return { noiseGrams: Math.sqrt(variance), loadErrorShare, outlierShare }
}

/** Without the highest hundredth: those are the outliers' business. */
function trimmedMean(values: readonly number[]): number {
  const kept = values.toSorted((a, b) => a - b).slice(0, Math.ceil(values.length * 0.99))
  return kept.reduce((sum, value) => sum + value, 0) / Math.max(1, kept.length)
}
