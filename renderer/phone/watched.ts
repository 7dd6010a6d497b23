/**
 * Watched: what a screen asks the relay for, again and again, with what came last still standing meanwhile. Asked at once when
 * the phone wakes up or finds its network again; slower and slower while nobody answers; not at all while nobody looks.
 */
import { useEffect, useRef, useState } from 'react'
import type { Asked, Trouble } from './relay.ts'

export interface Watched<T> {
  /** Null until the first answer. */
  readonly value: T | null
  readonly trouble: Trouble | null
  /** Asks now: after something was done. */
  readonly again: () => void
}

const slowestMs = 15_000

/** `topic`: another one is another question, and the old answer goes. `everyMs` may depend on what came last; null: enough.
 * `given`: an answer that is here already. */
export function useWatched<T>(
  topic: string,
  question: () => Promise<Asked<T>>,
  everyMs: (last: T | null) => number | null,
  given: T | null = null,
): Watched<T> {
  const [state, setState] = useState<{ topic: string; value: T | null; trouble: Trouble | null }>({
    topic,
    value: given,
    trouble: null,
  })
  const first = useRef(given)
  const [turn, setTurn] = useState(0)
  const asking = useRef({ question, everyMs })
  useEffect(() => {
    asking.current = { question, everyMs }
  })
  useEffect(() => {
    let over = false
    let timer: ReturnType<typeof setTimeout> | undefined
    let failed = 0
    // What was given with the page is the first answer; it stands for one only.
    let last = first.current
    first.current = null
    let running = false
    const look = async (): Promise<void> => {
      clearTimeout(timer)
      if (running || document.visibilityState === 'hidden') return
      running = true
      const answer = await asking.current.question()
      running = false
      if (over) return
      if (answer.ok) {
        failed = 0
        last = answer.value
        setState({ topic, value: answer.value, trouble: null })
      } else {
        failed += 1
        setState((before) => ({
          topic,
          value: before.topic === topic ? before.value : null,
          trouble: answer.trouble,
        }))
      }
      const nextMs = asking.current.everyMs(last)
      if (nextMs !== null) timer = setTimeout(() => void look(), Math.min(slowestMs, nextMs * 2 ** Math.min(failed, 4)))
    }
    const wake = (): void => void look()
    const givenForMs = last === null ? 0 : asking.current.everyMs(last)
    if (last === null) void look()
    else if (givenForMs !== null) timer = setTimeout(() => void look(), givenForMs)
    window.addEventListener('online', wake)
    document.addEventListener('visibilitychange', wake)
    return () => {
      over = true
      clearTimeout(timer)
      window.removeEventListener('online', wake)
      document.removeEventListener('visibilitychange', wake)
    }
  }, [topic, turn])
  const current = state.topic === topic
  return {
    value: current ? state.value : null,
    trouble: current ? state.trouble : null,
    again: () => setTurn((count) => count + 1),
  }
}
