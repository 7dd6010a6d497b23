/**
 * Time: the one clock of a simulation, a heap of due times. True time, in ms since 1970; every other clock (the bank's, a
 * life of the runtime, the controller's) is a view of it.
 *
 * Holds always: what is due earlier runs earlier, and what is due at the same moment in the order in which it was asked
 * for. After every call that may have woken a promise (`wakes`, the default) all promises run to their end before time
 * goes on; the controller's sampling, which wakes nobody, is spared that.
 */
import type { Cancel, Clock } from '../../src/core/ports.ts'

interface Due {
  atMs: number
  readonly order: number
  readonly wakes: boolean
  /** Not the fridge's: no standstill of the fridge makes it late. */
  readonly apart: boolean
  run: (() => void) | null
}

export interface SimTime extends Clock {
  /** Like `after`, for what can't wake a promise by itself; it says so with `woke` when it did. */
  quietly(delayMs: number, run: () => void): Cancel
  /** Something may have woken a promise: let it run before time goes on. */
  woke(): void
  /** Work that takes real time (models, pictures) and none of this clock: all stands still until it is done. */
  outside<T>(work: Promise<T>): Promise<T>
  /** Resolves after `delayMs`. */
  sleep(delayMs: number): Promise<void>
  /** Runs until `done` has settled; rejects as it does, or when nothing is left to happen. */
  runUntil(done: Promise<unknown>): Promise<void>
  /** The same time for what is not at the fridge, the bank: what is due there comes before what a leap made late here. */
  readonly apart: Clock
  /** Lets `jumpMs` pass in which nothing at the fridge runs, as if it had been held still: what is due becomes late. */
  leap(jumpMs: number): void
  steps(): number
}

export function simTime(startMs: number): SimTime {
  const heap: Due[] = []
  let nowMs = startMs
  let asked = 0
  let steps = 0
  let awake = true
  const outside = new Set<Promise<unknown>>()

  function push(delayMs: number, wakes: boolean, run: () => void, apart = false): Cancel {
    const due: Due = { atMs: nowMs + Math.max(0, delayMs), order: asked++, wakes, apart, run }
    heap.push(due)
    rise(heap)
    return () => {
      due.run = null
    }
  }

  const after = (delayMs: number, run: () => void): Cancel => push(delayMs, true, run)

  return {
    nowMs: () => nowMs,
    after,
    quietly: (delayMs, run) => push(delayMs, false, run),
    apart: { nowMs: () => nowMs, after: (delayMs, run) => push(delayMs, true, run, true) },
    woke() {
      awake = true
    },
    outside(work) {
      const ended = work
        .catch(() => {})
        .finally(() => {
          outside.delete(ended)
          awake = true
        })
      outside.add(ended)
      return work
    },
    sleep: (delayMs) => new Promise((resolve) => void after(delayMs, resolve)),
    async runUntil(done) {
      const state = { settled: false }
      const seen = done.finally(() => {
        state.settled = true
      })
      seen.catch(() => {}) // awaited below; a rejection before that is not unhandled
      for (; !state.settled;) {
        if (awake) {
          awake = false
          await quiet()
          continue
        }
        if (outside.size > 0) {
          await Promise.race(outside)
          continue
        }
        const due = sink(heap)
        if (due === undefined) throw new Error('nothing is left to happen, and the simulation is not over')
        if (due.run === null) continue
        if (due.atMs > nowMs) nowMs = due.atMs
        steps++
        if (due.wakes) awake = true
        due.run()
      }
      await seen
    },
    leap(jumpMs) {
      const fromMs = nowMs
      nowMs += jumpMs
      for (const due of heap) if (due.apart && due.atMs <= nowMs) due.atMs = Math.min(due.atMs, fromMs)
      heap.sort((a, b) => (before(a, b) ? -1 : 1)) // in order is a heap
    },
    steps: () => steps,
  }
}

/** When every promise that could go on has gone on: Node runs all of them before its next immediate. */
const quiet = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

const before = (a: Due, b: Due): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)

function rise(heap: Due[]): void {
  let at = heap.length - 1
  const due = heap[at] as Due
  while (at > 0) {
    const above = (at - 1) >> 1
    const parent = heap[above] as Due
    if (!before(due, parent)) break
    heap[at] = parent
    at = above
  }
  heap[at] = due
}

/** Takes the earliest out. */
function sink(heap: Due[]): Due | undefined {
  const first = heap[0]
  const last = heap.pop()
  if (last === undefined || first === undefined || heap.length === 0) return first
  let at = 0
  for (;;) {
    let below = 2 * at + 1
    if (below >= heap.length) break
    if (below + 1 < heap.length && before(heap[below + 1] as Due, heap[below] as Due)) below++
    const child = heap[below] as Due
    if (!before(child, last)) break
    heap[at] = child
    at = below
  }
  heap[at] = last
  return first
}
