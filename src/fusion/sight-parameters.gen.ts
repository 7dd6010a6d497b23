/** Written by scripts/fit-sights.ts, fitted on 240 visits (seeds 21, 22) drawn from 44 visits (112 units moved) that the shipped models saw through the virtual fridge's cameras; do not edit. */
export const fittedSights = {
  crossing: {
    detection: 0.604,
    flip: 0.0346,
    shelfError: 0.0708,
    falseRate: 0.387,
    falseNone: 0.769,
    doubt: 0.0231,
    trust: 0.5,
  },
  beforeAfter: {
    detection: 0.813,
    flip: 0.0324,
    shelfError: 0.0497,
    falseRate: 0.342,
    falseNone: 0.0879,
    doubt: 0.00516,
    trust: 0.5,
  },
  roundTripOdds: 0.00976,
} as const
