/** Now: the time as a page may show it: it moves on every few seconds, and not while a screen is being drawn. */
import { useEffect, useState } from 'react'

export function useNow(everyMs = 10_000): number {
  const [nowMs, setNowMs] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return nowMs
}
