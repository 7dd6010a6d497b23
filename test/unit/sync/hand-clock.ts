/** A clock for what takes turns by itself: `run` goes on by so much, and lets each thing that falls due have its say at its time. */
import type { Clock } from '../../../src/core/ports.ts'

export function handClock(): { readonly clock: Clock; run(forMs: number): Promise<void> } {
  let nowMs = 0
  let due: { readonly atMs: number; readonly run: () => void }[] = []
  return {
    clock: {
      nowMs: () => nowMs,
      after(delayMs, run) {
        const one = { atMs: nowMs + delayMs, run }
        due.push(one)
        return () => void (due = due.filter((other) => other !== one))
      },
    },
    async run(forMs) {
      const untilMs = nowMs + forMs
      for (;;) {
        for (let turn = 0; turn < 20; turn++) await Promise.resolve()
        const [next] = due.toSorted((a, b) => a.atMs - b.atMs)
        if (next === undefined || next.atMs > untilMs) break
        due = due.filter((one) => one !== next)
        nowMs = next.atMs
        next.run()
      }
      nowMs = untilMs
    },
  }
}
