/** Fill bar: how much of the most that ever stood there stands there now; the figures stand beside it. */
import type { ReactNode } from 'react'
import { useWords } from '../../languages/fleet/words.ts'

export function FillBar({ units, room }: { units: number; room: number }): ReactNode {
  const words = useWords()
  return (
    <span className="fleet-fill">
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect width="100" height="6" className="fleet-bar-room" />
        <rect
          width={room > 0 ? Math.max(0, Math.min(100, (100 * units) / room)) : 0}
          height="6"
          className="fleet-bar"
        />
      </svg>
      {words.fridge.of(units, room)}
    </span>
  )
}
