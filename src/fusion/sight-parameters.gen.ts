/** Written by scripts/fit-sights.ts, fitted on 800 visits (seeds 21, 22) drawn from 224 visits (464 units moved) that the shipped models saw through the virtual fridge's cameras; do not edit. */
export const fittedSights = {
  crossing: {
    detection: 0.608,
    flip: 0.0113,
    shelfError: 0.0559,
    falseRate: 0.295,
    falseNone: 0.955,
    sharpness: 1,
    doubt: 0.00776,
    trust: 0.5,
  },
  beforeAfter: {
    detection: 0.789,
    flip: 0.022,
    shelfError: 0.034,
    falseRate: 0.295,
    falseNone: 0.389,
    sharpness: 1,
    doubt: 0.00516,
    trust: 0.5,
  },
  roundTripOdds: 0.00929,
} as const
