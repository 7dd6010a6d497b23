/** Written by scripts/fit-fusion.ts, fitted on 1600 recorded visits (seeds 11, 12, 13, 14); do not edit. */
export const fitted = {
  noiseGrams: 0.503,
  loadErrorShare: 0.000405,
  outlierShare: 0.00228,
  takesPerVisit: 1.39,
  repeatRatio: 0.0923,
  misplacedOdds: 0.0125,
  miscountOdds: 0.000448,
  strayOdds: 0.000607,
  foreignOdds: 0.00359,
  foreignTakenOdds: 0.000156,
} as const
