/** Written by scripts/fit-sights.ts, fitted on 800 visits (seeds 21, 22) drawn from 224 visits (464 units moved) that the shipped models saw through the virtual fridge's cameras; do not edit. */
export const fittedSights = {
  crossing: {
    detection: 0.616,
    flip: 0.0126,
    shelfError: 0.0585,
    falseRate: 0.269,
    falseNone: 0.686,
    sharpness: 1.53,
    doubt: 0.0285,
    trust: 0.5,
  },
  beforeAfter: {
    detection: 0.779,
    flip: 0.0229,
    shelfError: 0.034,
    falseRate: 0.295,
    falseNone: 0.179,
    sharpness: 1.4,
    doubt: 0.00253,
    trust: 0.7,
  },
  roundTripOdds: 0.00929,
} as const
