/**
 * Back-off: how long to wait before what died is started again.
 * Holds always: the first time hardly at all, twice as long after each early death, never over the longest; a life that
 * was long enough is forgiven everything.
 */
export const firstMs = 250
export const longestMs = 10_000
/** Who lived this long did not die of how it was started. */
export const longLifeMs = 30_000

export interface BackOff {
  /** The wait before the next start, for what has just died after `livedMs`. */
  afterDeathMs(livedMs: number): number
}

export function backOff(): BackOff {
  let nextMs = firstMs
  return {
    afterDeathMs(livedMs) {
      if (livedMs >= longLifeMs) nextMs = firstMs
      const waitMs = nextMs
      nextMs = Math.min(nextMs * 2, longestMs)
      return waitMs
    },
  }
}
