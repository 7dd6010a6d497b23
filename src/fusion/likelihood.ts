/**
 * Likelihood of a shelf's change in weight (SPEC, "What a cell says"). All in nats; called in the innermost loops, so
 * what does not change within a question is worked out once, in the model.
 */
import type { FusionParameters } from './parameters.ts'

export interface CellModel {
  readonly noiseVariance: number
  readonly loadErrorShare: number
  readonly outlierScale: number
  readonly logNear: number
  readonly logFar: number
  /** The highest that any log density can be: no error, and no spread but the cell's own. */
  readonly peak: number
}

const logRootTwoPi = 0.5 * Math.log(2 * Math.PI)

export function cellModel(parameters: FusionParameters): CellModel {
  const { noiseGrams, loadErrorShare, outlierShare, outlierScale } = parameters
  const model = {
    noiseVariance: noiseGrams * noiseGrams,
    loadErrorShare,
    outlierScale,
    logNear: Math.log1p(-outlierShare),
    logFar: Math.log(outlierShare / outlierScale),
  }
  return { ...model, peak: logErrorDensity(0, model.noiseVariance, model) }
}

/** log density of `errorGrams` where its variance is `variance`: a normal with a share of wider outliers. */
export function logErrorDensity(errorGrams: number, variance: number, model: Omit<CellModel, 'peak'>): number {
  const square = (errorGrams * errorGrams) / (2 * variance)
  const near = model.logNear - square
  const far = model.logFar - square / (model.outlierScale * model.outlierScale)
  return logSum(near, far) - 0.5 * Math.log(variance) - logRootTwoPi
}

/** Variance of a settled shelf's change, before the spread of the units that moved. */
export function cellVariance(changeGrams: number, model: CellModel): number {
  const loadError = model.loadErrorShare * changeGrams
  return model.noiseVariance + loadError * loadError
}

/**
 * How far, in grams, an error may be off and cost no more than `nats` below the peak: the wider of the two parts'
 * reaches, each with the log 2 that a sum of two may gain over the larger.
 */
export function reachGrams(model: CellModel, variance: number, nats: number): number {
  const near = nats + Math.LN2
  if (near <= 0) return 0
  const far = (near + model.logFar) * model.outlierScale * model.outlierScale
  return Math.sqrt(2 * variance * Math.max(near, far))
}

/** log(e^a + e^b), without overflow. */
export function logSum(a: number, b: number): number {
  const most = a > b ? a : b
  if (most === -Infinity) return -Infinity
  return most + Math.log1p(Math.exp(-Math.abs(a - b)))
}

/** log density of a change that comes from a thing outside the catalogue: broad, and never zero. */
export function logForeignDensity(deltaGrams: number, parameters: FusionParameters): number {
  const ratio = deltaGrams / parameters.foreignScaleGrams
  return -Math.log(Math.PI * parameters.foreignScaleGrams * (1 + ratio * ratio))
}
