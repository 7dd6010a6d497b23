/** Standing: that an answer is still awaited, or that the relay is away; nothing where all is well. */
import type { ReactNode } from 'react'
import { useWords } from '../languages/fleet/words.ts'
import type { Trouble } from './relay.ts'

export function Standing({ trouble, loading }: { trouble: Trouble | null; loading: boolean }): ReactNode {
  const words = useWords()
  if (trouble !== null)
    return (
      <p className="fleet-trouble" role="alert">
        {words.trouble[trouble]}
      </p>
    )
  if (!loading) return null
  return (
    <div className="fleet-skeleton" role="status">
      <span className="unseen">{words.loading}</span>
    </div>
  )
}
