/**
 * Unlocking: asks the relay to go on with a transaction that the shopper has just tapped for, and asks again while no answer
 * comes. Holds always: only what was tapped on this page is asked for, only for half a minute, and always by the transaction's
 * name, with which the relay holds and opens once at most (its SPEC, RL1). A page that was reloaded asks for nothing by itself.
 */
import { useEffect, useState } from 'react'
import type { Relay } from './relay.ts'

const wished = new Map<string, number>()
const patienceMs = 30_000
const againMs = 1_500

/** The shopper tapped for this transaction, now. */
export const wish = (id: string): void => void wished.set(id, Date.now())

/** Asks while it was wished for and the relay has not taken it on. Gives the relay's refusal, if it refused. */
export function useUnlocking(
  relay: Relay | null,
  id: string,
  offered: boolean,
): { readonly asking: boolean; readonly refused: string | null; readonly wishAgain: () => void } {
  const [turn, setTurn] = useState(0)
  const [refused, setRefused] = useState<string | null>(null)
  const [asking, setAsking] = useState(() => isWished(id))
  useEffect(() => {
    if (relay === null || !offered || !isWished(id)) {
      if (!offered) wished.delete(id)
      setAsking(false)
      return undefined
    }
    let over = false
    const left = (): boolean => over
    setAsking(true)
    const run = async (): Promise<void> => {
      while (!left() && isWished(id)) {
        const answer = await relay.unlock(id)
        if (left()) return
        if (answer.ok || answer.trouble.code !== 'away') {
          wished.delete(id)
          setRefused(answer.ok ? null : answer.trouble.code)
          break
        }
        await new Promise((resolve) => setTimeout(resolve, againMs))
      }
      if (!left()) setAsking(false)
    }
    void run()
    return () => {
      over = true
    }
  }, [relay, id, offered, turn])
  return {
    asking,
    refused,
    wishAgain: () => {
      wish(id)
      setRefused(null)
      setTurn((count) => count + 1)
    },
  }
}

const isWished = (id: string): boolean => Date.now() - (wished.get(id) ?? 0) < patienceMs
