/** Alone: true once nobody has touched the screen for a while, for as long as `when` holds. Any touch ends it. */
import { useEffect, useState } from 'react'

export function useAlone(afterMs: number, when: boolean): boolean {
  const [alone, setAlone] = useState(false)
  useEffect(() => {
    if (!when) return
    let timer: ReturnType<typeof setTimeout>
    const wait = (): void => {
      clearTimeout(timer)
      setAlone(false)
      timer = setTimeout(() => {
        setAlone(true)
      }, afterMs)
    }
    wait()
    const heard = ['pointerdown', 'keydown', 'wheel'] as const
    for (const kind of heard) window.addEventListener(kind, wait, { passive: true })
    return () => {
      clearTimeout(timer)
      for (const kind of heard) window.removeEventListener(kind, wait)
      setAlone(false)
    }
  }, [afterMs, when])
  return alone
}
