/**
 * Parameters of the model in SPEC.md, each with its unit and where it comes from. The fitted ones are written by
 * scripts/fit-fusion.ts into parameters.gen.ts from recorded scenarios of the virtual fridge; the chosen ones are
 * policy (how sure is sure) or bounds of the search (how long may it look).
 */
import { fitted } from './parameters.gen.ts'
import { fittedSights } from './sight-parameters.gen.ts'

export interface FittedParameters {
  /** One standard deviation of (after - before) on a settled shelf whose load did not change, grams. */
  readonly noiseGrams: number
  /** Further standard deviation as a share of the load's change: creep, span error, hysteresis. */
  readonly loadErrorShare: number
  /** Share of readings whose error has `outlierScale` times the standard deviation: a cell touched late, a draught. */
  readonly outlierShare: number
  /** Different products taken in a visit, mean of a geometric number; any place with believed stock is as likely. */
  readonly takesPerVisit: number
  /** How much less likely each further unit of the same product is than the one before. */
  readonly repeatRatio: number
  /** Odds that a unit that was taken now stands on one given other shelf. */
  readonly misplacedOdds: number
  /** Odds that more stands on a shelf than believed, of a product believed to be there or at home there. */
  readonly miscountOdds: number
  /** The same for a product that has no business on the shelf and is not believed to be there. */
  readonly strayOdds: number
  /** Odds that a thing that the catalogue does not know was put on a given shelf; that one was taken from it. */
  readonly foreignOdds: number
  readonly foreignTakenOdds: number
}

/** How a kind of witness sees; of one camera in one role. */
export interface WitnessParameters {
  /** P(it tells of a move), where and while it is not blind. */
  readonly detection: number
  /** P(it tells the wrong direction). */
  readonly flip: number
  /** P(it tells a wrong shelf), where it tells one. */
  readonly shelfError: number
  /** False sightings in a visit, mean. */
  readonly falseRate: number
  /** Share of these that look like nothing that the shop sells; the others look like any of it. */
  readonly falseNone: number
  /** Its candidates' probabilities count to this power: above 1 it is surer by right than it says, below 1 less sure. */
  readonly sharpness: number
  /** How far its candidates are doubted: so much of their probability is spread evenly. */
  readonly doubt: number
  /** What its log likelihood counts for, where others of its kind speak too: what one can't see, others often can't. */
  readonly trust: number
}

export interface FittedSightParameters {
  readonly crossing: WitnessParameters
  /** Witnesses of kind 'shelf': before against after. */
  readonly beforeAfter: WitnessParameters
  /** Odds that a unit was taken from one given place and put back there, in a visit. */
  readonly roundTripOdds: number
}

export interface FusionParameters extends FittedParameters, FittedSightParameters {
  /**
   * How many times as likely as the first a further product may get: the k-th is min(k, keenness) times as likely. That
   * makes numbers geometric up to it; beyond it, shoppers who empty the fridge are rarer than geometry has them.
   */
  readonly keenness: number
  /** Share of foreign changes that came about while no witness watched: before the visit, by others, without power. */
  readonly unwatchedShare: number
  /** The scale of the outliers' error, in ordinary standard deviations. */
  readonly outlierScale: number
  /** Half width of the (Cauchy) density of a foreign thing's weight, grams. */
  readonly foreignScaleGrams: number
  /** P(taken >= n) from which a unit counts as sure; the threshold of a sure basket is the session's. */
  readonly sureThreshold: number
  /** How many of the most probable baskets are told. */
  readonly mostBaskets: number
  /** Ways more than this many nats less likely than the best lawful way are left out: e^-11 is 17 in a million. */
  readonly windowNats: number
  /** Bounds of the search; beyond them it stops and says `exhausted`. */
  readonly maxVisits: number
  readonly maxWays: number
  readonly maxJointWays: number
  /** Steps of the sums over assignments, in all. */
  readonly maxMatching: number
  /** A witness that tells of more is not heard. */
  readonly mostSightings: number
  /** Round trips that are thought of, the likeliest of those that sightings speak of; at most two of them together. */
  readonly mostRoundTrips: number
}

export const defaultParameters: FusionParameters = {
  ...fitted,
  ...fittedSights,
  keenness: 4,
  unwatchedShare: 0.5,
  outlierScale: 3,
  foreignScaleGrams: 500,
  sureThreshold: 0.97,
  mostBaskets: 16,
  windowNats: 11,
  maxVisits: 200_000,
  maxWays: 60_000,
  maxJointWays: 32_000,
  maxMatching: 32_000_000,
  mostSightings: 16,
  mostRoundTrips: 6,
}

/**
 * For the live basket, which shows the most probable lines and nothing else: what is e^-5 times as probable as the best
 * way changes those hardly ever, and looking for it takes most of a search. Money is never judged by it.
 */
export const glanceParameters: FusionParameters = { ...defaultParameters, windowNats: 5 }
