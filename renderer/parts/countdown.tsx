/**
 * Countdown: a ring of ticks that go out one by one, with the seconds in the middle. Ticks fade (opacity only) instead
 * of a stroke being redrawn, which a small GPU would feel.
 */
import { useEffect, useState, type ReactNode } from 'react'
import './countdown.css'

const ticks = 48
const eachMs = 100

export function Countdown(props: { leftMs: number; wholeMs: number; unit: string }): ReactNode {
  const leftMs = useLeft(props.leftMs)
  const lit = Math.ceil((leftMs / Math.max(props.wholeMs, props.leftMs, 1)) * ticks)
  const seconds = Math.ceil(leftMs / 1_000)
  return (
    <div className="countdown" role="timer">
      <svg viewBox="-50 -50 100 100" aria-hidden="true">
        {Array.from({ length: ticks }, (_, tick) => (
          <line
            key={tick}
            className={tick < lit ? 'countdown-lit' : 'countdown-out'}
            y1={-47}
            y2={-40}
            transform={`rotate(${(tick * 360) / ticks})`}
          />
        ))}
      </svg>
      <strong>{seconds}</strong>
      <span>{props.unit}</span>
    </div>
  )
}

/** Counts down from `fromMs` by this page's own clock; starts anew when the fridge says another number. */
function useLeft(fromMs: number): number {
  const [left, setLeft] = useState(fromMs)
  useEffect(() => {
    const untilMs = performance.now() + fromMs
    setLeft(fromMs)
    const timer = setInterval(() => {
      setLeft(Math.max(0, untilMs - performance.now()))
    }, eachMs)
    return () => {
      clearInterval(timer)
    }
  }, [fromMs])
  return left
}
