/** Written by scripts/fit-sights.ts, fitted on 500 visits drawn from the ASSUMED errors of cameras (seeds 21, 22); do not edit. */
export const fittedSights = {
  crossing: {
    detection: 0.889,
    flip: 0.00856,
    shelfError: 0.052,
    falseRate: 0.0929,
    falseNone: 0.223,
    doubt: 0.00516,
    trust: 0.85,
  },
  beforeAfter: {
    detection: 0.834,
    flip: 0.00207,
    shelfError: 0.00207,
    falseRate: 0.031,
    falseNone: 0.731,
    doubt: 0.00516,
    trust: 1,
  },
  roundTripOdds: 0.00932,
} as const
