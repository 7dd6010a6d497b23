/** Written by scripts/fit-sights.ts, fitted on 400 visits drawn from the ASSUMED errors of cameras (seeds 21, 22); do not edit. */
export const fittedSights = {
  crossing: {
    detection: 0.882,
    flip: 0.00933,
    shelfError: 0.0581,
    falseRate: 0.0929,
    falseNone: 0.199,
    doubt: 0.000524,
    trust: 0.85,
  },
  beforeAfter: {
    detection: 0.834,
    flip: 0.000521,
    shelfError: 0.000523,
    falseRate: 0.0372,
    falseNone: 0.708,
    doubt: 0.00391,
    trust: 1,
  },
  roundTripOdds: 0.0092,
} as const
