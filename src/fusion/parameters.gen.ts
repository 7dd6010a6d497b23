/** Written by scripts/fit-fusion.ts; do not edit. */
export const fitted = {
  noiseGrams: 1.2,
  loadErrorShare: 0.001,
  outlierShare: 0.005,
  takesPerVisit: 1.5,
  repeatRatio: 0.25,
  misplacedOdds: 0.01,
  miscountOdds: 0.003,
  strayOdds: 0.0005,
  foreignOdds: 0.001,
} as const
