/** Asked: what a screen asks the relay for, again every few seconds, with what came last still standing meanwhile. */
import { useEffect, useRef, useState } from 'react'
import { RelayTrouble, type Trouble } from './relay.ts'

export interface Asked<T> {
  /** Null until the first answer. */
  readonly answer: T | null
  readonly trouble: Trouble | null
  /** Asks now: after something was done. */
  readonly again: () => void
}

/** `topic`: another one is another question, and the old answer goes. */
export function useAsked<T>(topic: string, question: () => Promise<T>, everyMs = 15_000): Asked<T> {
  const [kept, setKept] = useState<{ topic: string; answer: T | null; trouble: Trouble | null }>({
    topic,
    answer: null,
    trouble: null,
  })
  const [turn, setTurn] = useState(0)
  const asking = useRef(question)
  useEffect(() => {
    asking.current = question
  })
  useEffect(() => {
    let over = false
    const look = async (): Promise<void> => {
      try {
        const answer = await asking.current()
        if (!over) setKept({ topic, answer, trouble: null })
      } catch (error) {
        if (over) return
        const trouble = error instanceof RelayTrouble ? error.trouble : 'away'
        setKept((last) => ({ topic, answer: last.topic === topic ? last.answer : null, trouble }))
      }
    }
    void look()
    const timer = setInterval(() => void look(), everyMs)
    return () => {
      over = true
      clearInterval(timer)
    }
  }, [topic, everyMs, turn])
  const current = kept.topic === topic
  return {
    answer: current ? kept.answer : null,
    trouble: current ? kept.trouble : null,
    again: () => setTurn((last) => last + 1),
  }
}
