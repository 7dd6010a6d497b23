/**
 * A relay of its own beside the virtual fridge, as a process: on an embedded database, on loopback. It is started when the
 * kiosk is ready, at a low priority, so that nobody waits for it.
 * Holds always: at most one runs; one that ends by itself is started again, with a pause that grows.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { setPriority } from 'node:os'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import type { Log } from '../core/ports.ts'

const saidSchema = z.object({ relay: z.url(), ownerKeyFile: z.string() })

export interface LocalRelay {
  readonly url: string
  readonly ownerKeyFile: string
}

export interface RelayProcess {
  start(): void
  stop(): Promise<void>
}

const firstPauseMs = 2_000
const longestPauseMs = 60_000
const lookEveryMs = 250
const stopWithinMs = 2_000
/** Of 19: behind everything that somebody looks at. */
const niceness = 10

export function createRelayProcess(ports: {
  readonly node: string
  /** The relay's program. */
  readonly program: string
  /** Its data folder. */
  readonly dir: string
  /** What else it is told by its environment. */
  readonly settings: Readonly<Record<string, string>>
  readonly log: Log
  /** It takes requests, again or for the first time. */
  readonly ready: (relay: LocalRelay) => void
  readonly ended: () => void
}): RelayProcess {
  const { node, program, dir, settings, log } = ports
  let child: ChildProcess | null = null
  let again: NodeJS.Timeout | null = null
  let wanted = false
  let pauseMs = firstPauseMs
  /** Where it was last: phones that hold its page ask there again. 0: any free one. */
  let port = 0

  function launch(): void {
    const env = {
      ...process.env,
      ...settings,
      RELAY_DATA: dir,
      RELAY_PORT: String(port),
      RELAY_HOST: '127.0.0.1',
      DATABASE_URL: undefined,
    }
    // One that can't listen there any more says nothing, and the next takes another.
    port = 0
    const running = spawn(node, [program, '--attached'], { env, stdio: ['pipe', 'pipe', 'inherit'] })
    child = running
    try {
      if (running.pid !== undefined) setPriority(running.pid, niceness)
    } catch {
      // It ended already, and says so below.
    }
    createInterface({ input: running.stdout }).on('line', (line) => {
      const said = saidSchema.safeParse(parseJson(line))
      if (!said.success) return
      port = Number(new URL(said.data.relay).port)
      void untilReady(running, { url: said.data.relay, ownerKeyFile: said.data.ownerKeyFile })
    })
    running.on('error', (error) => log.warn('the relay can`t be started', { error: error.message }))
    running.on('exit', (status, signal) => {
      if (child === running) child = null
      if (!wanted) return
      ports.ended()
      log.warn('the relay ended and is started again', { status, signal, pauseMs })
      again = setTimeout(launch, pauseMs)
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    })
  }

  /** It listens before its database is made, which takes some seconds the first time. */
  async function untilReady(running: ChildProcess, relay: LocalRelay): Promise<void> {
    const stillOn = (): boolean => child === running
    while (stillOn()) {
      const answer = await fetch(`${relay.url}/health/ready`).catch(() => null)
      await answer?.body?.cancel()
      if (answer?.ok === true) {
        pauseMs = firstPauseMs
        return ports.ready(relay)
      }
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
    }
  }

  return {
    start() {
      wanted = true
      launch()
    },
    stop() {
      wanted = false
      if (again !== null) clearTimeout(again)
      const running = child
      child = null
      if (running === null) return Promise.resolve()
      return new Promise((resolve) => {
        // One that is still making its database ends by itself when that is done: a half-made one would be of no use.
        const enough = setTimeout(resolve, stopWithinMs)
        running.once('exit', () => {
          clearTimeout(enough)
          resolve()
        })
        running.unref()
        running.kill('SIGTERM')
      })
    },
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
