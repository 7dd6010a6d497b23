/** Written by scripts/fit-sights.ts; do not edit. */
export const fittedSights = {
  crossing: {
    detection: 0.92,
    flip: 0.01,
    shelfError: 0.05,
    falseRate: 0.05,
    falseNone: 0.5,
    doubt: 0.02,
    trust: 0.8,
  },
  beforeAfter: {
    detection: 0.85,
    flip: 0.005,
    shelfError: 0.01,
    falseRate: 0.05,
    falseNone: 0.5,
    doubt: 0.02,
    trust: 0.8,
  },
  roundTripOdds: 0.012,
} as const
