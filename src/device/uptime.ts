/**
 * The controller's clock, as seen from here: what it must show at least at a moment of ours.
 *
 * A status says the uptime when it was sent, so that ours minus theirs errs by the time it was under way, always to the
 * same side. The best of the last few is taken; an unlock's end of validity, told in the controller's time, is then never
 * later than meant (firmware/SPEC.md F22). Called by link.ts.
 */
export interface Uptime {
  /** A status with this uptime arrived now. */
  seen(uptimeMs: number, nowMs: number): void
  /** The controller's uptime (u32, it wraps) at `atMs` of our clock, or somewhat less. */
  at(atMs: number): number
}

/** As many statuses as arrive in 8 s: crystals drift apart less than a millisecond in that time. */
const kept = 16

export function createUptime(): Uptime {
  const leads: number[] = []
  return {
    seen(uptimeMs, nowMs) {
      leads.push((uptimeMs - nowMs) | 0)
      if (leads.length > kept) leads.shift()
    },
    at(atMs) {
      // Differences of u32 compare by their signed distance, right across the wrap.
      const lead = leads.reduce((best, next) => (((next - best) | 0) > 0 ? next : best), leads[0] ?? 0)
      return (lead + atMs) >>> 0
    },
  }
}
