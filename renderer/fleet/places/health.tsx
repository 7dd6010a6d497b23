/** Health: one word for how a fridge stands, with a shape of its own for each, so that no colour has to be told from another. */
import type { ReactNode } from 'react'
import type { FleetFridge, FleetLive } from '../../../src/contract/fleet.ts'
import type { FleetFill } from '../../../src/contract/fleet-places.ts'
import { stateOf } from '../state.tsx'

/** The gravest first. */
export const healths = ['bad', 'silent', 'low', 'late', 'good', 'gone'] as const
export type Health = (typeof healths)[number]
const manyRows = 200

/** `low`: a product is nearly gone; `late`: it sells, but its rows don't come. */
export function healthOf(fridge: FleetFridge, live: FleetLive | undefined, fill: FleetFill | undefined): Health {
  const state = stateOf(fridge, live)
  if (state === 'revoked') return 'gone'
  if (state === 'closed' || state === 'door' || fridge.divergedAtSeq !== null) return 'bad'
  if (state === 'silent') return 'silent'
  if ((fill?.low ?? 0) > 0) return 'low'
  return (live?.pending ?? 0) > manyRows ? 'late' : 'good'
}

const shapes: Readonly<Record<Health, ReactNode>> = {
  bad: <rect x="3" y="3" width="18" height="18" rx="2" />,
  silent: <circle cx="12" cy="12" r="8" className="hollow" />,
  low: <path d="M12 2.5 22 20.5H2Z" />,
  late: <path d="M12 1.5 22.5 12 12 22.5 1.5 12Z" />,
  good: <circle cx="12" cy="12" r="9.5" />,
  gone: <path d="m5 5 14 14M19 5 5 19" className="hollow" />,
}

export const HealthShape = ({ health }: { health: Health }): ReactNode => (
  <svg className={`fleet-health is-${health}`} viewBox="0 0 24 24" aria-hidden="true">
    {shapes[health]}
  </svg>
)
