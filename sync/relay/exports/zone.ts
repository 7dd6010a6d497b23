/**
 * Zones: a day of a time zone as an instant, and an instant as its clock shows it.
 * Holds always: a day begins when its zone's clock first shows it, also where midnight is left out or comes twice.
 */

/** Null where there is no such zone. */
export function zoneNamed(name: string): Zone | null {
  try {
    // Swedish writes 2026-11-25 09:04:19, as spreadsheets read it.
    const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: name, dateStyle: 'short', timeStyle: 'medium' })
    return { name, clock }
  } catch {
    return null
  }
}

export interface Zone {
  readonly name: string
  readonly clock: Intl.DateTimeFormat
}

/** `2026-11-25 09:04:19` by the zone's clock. */
export const shown = ({ clock }: Zone, atMs: number): string => clock.format(atMs)

/** What the zone's clock shows, as if it were UTC's. */
export const wallMs = (zone: Zone, atMs: number): number =>
  Date.parse(`${shown(zone, atMs).replace(' ', 'T')}Z`) + (((atMs % 1_000) + 1_000) % 1_000)

const hourMs = 3_600_000

/** When the zone's clock first shows this day, `YYYY-MM-DD`; null where there is no such day. */
export function dayBegins(zone: Zone, day: string): number | null {
  const asUtcMs = Date.parse(`${day}T00:00:00Z`)
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(asUtcMs)) return null
  if (!new Date(asUtcMs).toISOString().startsWith(day)) return null
  // No zone is further from UTC than 14 hours; no change of a clock is finer than a minute in this century.
  let [before, from] = [asUtcMs - 15 * hourMs, asUtcMs + 15 * hourMs]
  const isThere = (atMs: number): boolean => wallMs(zone, atMs) >= asUtcMs
  while (from - before > 1_000) {
    const middle = Math.floor((before + from) / 2_000) * 1_000
    if (isThere(middle)) from = middle
    else before = middle
  }
  return from
}
