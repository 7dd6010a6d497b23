/**
 * The edge runtime as a process of its own beside the virtual fridge, so that pulling the plug is what it is in a kitchen:
 * the process is gone between two instructions (SIGKILL), and whatever was not on disk never was.
 *
 * Holds always: at most one runs; one that ends by itself is started again, with a pause that grows, as a service manager
 * would; one whose plug is pulled stays down until the power is back.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import type { Log } from '../core/ports.ts'

const readySchema = z.object({ ready: z.literal(true), kiosk: z.url(), token: z.string(), pid: z.int() })
export type Ready = z.infer<typeof readySchema>

export interface EdgeProcess {
  /** Where it is, once it says so. Rejects when it ends for good before that. */
  start(): Promise<Ready>
  /** Pulls the plug. Resolves when the process is gone. */
  kill(): Promise<void>
  /** Asks it to end. Resolves when it has. */
  stop(): Promise<void>
  pid(): number | null
}

const firstPauseMs = 200
const longestPauseMs = 10_000
/** The settings or the data folder are at fault: starting again would say the same. */
const refusedStatus = 2

export function createEdgeProcess(ports: {
  readonly node: string
  readonly args: readonly string[]
  readonly log: Log
  /** It has started, again or for the first time. */
  readonly started: (ready: Ready) => void
  readonly ended: () => void
}): EdgeProcess {
  const { node, args, log } = ports
  let child: ChildProcess | null = null
  let wanted = false
  let pauseMs = firstPauseMs
  let again: NodeJS.Timeout | null = null

  function launch(first?: { resolve(ready: Ready): void; reject(error: Error): void }): void {
    const startedAtMs = performance.now()
    const running = spawn(node, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    child = running
    createInterface({ input: running.stdout }).on('line', (line) => {
      const ready = readySchema.safeParse(parseJson(line))
      if (!ready.success) return log.warn('the edge runtime said something else', { line })
      ports.started(ready.data)
      first?.resolve(ready.data)
    })
    running.on('error', (error) => log.warn('the edge runtime can`t be started', { error: error.message }))
    running.on('exit', (status, signal) => {
      if (child === running) child = null
      ports.ended()
      if (status === refusedStatus) {
        wanted = false
        first?.reject(new Error('the edge runtime refused to start; it says why above'))
      }
      if (!wanted) return
      if (performance.now() - startedAtMs > longestPauseMs) pauseMs = firstPauseMs
      log.warn('the edge runtime ended and is started again', { status, signal, pauseMs })
      again = setTimeout(() => launch(first), pauseMs)
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    })
  }

  function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    wanted = false
    if (again !== null) clearTimeout(again)
    const running = child
    if (running === null) return Promise.resolve()
    return new Promise((resolve) => {
      running.once('exit', () => resolve())
      running.kill(signal)
    })
  }

  return {
    start() {
      wanted = true
      pauseMs = firstPauseMs
      return new Promise((resolve, reject) => launch({ resolve, reject }))
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    pid: () => child?.pid ?? null,
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
