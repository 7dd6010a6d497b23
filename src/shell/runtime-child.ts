/**
 * Runtime child: the edge runtime as a process of its own (Node 24), started again whenever it dies. A visit that was
 * going on is taken up by the runtime's own recovery, from the ledger.
 * Holds always: at most one child runs; after `stop` none does, and none is started.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { backOff } from './back-off.ts'

/** Where the screens are, by the runtime's own word; each address carries the token in its fragment. */
export interface Addresses {
  readonly kiosk: string
  /** Null on a real fridge, which has no virtual one. */
  readonly virtual: string | null
}

export interface RuntimeListener {
  ready(addresses: Addresses): void
  /** It died or went silent; it is being started again. */
  lost(): void
  /** It refused its arguments or settings: starting it again would change nothing. It said why on stderr. */
  refused(status: number): void
}

export interface Runtime {
  stop(): Promise<void>
}

/** The exit status by which a program says that its arguments or settings are at fault. */
const usageStatus = 2
const readyWithinMs = 30_000
const stopWithinMs = 5_000

export interface RuntimeCommand {
  readonly program: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

export function startRuntime({ program, args, env }: RuntimeCommand, listener: RuntimeListener): Runtime {
  const waits = backOff()
  let child: ChildProcess | null = null
  let again: NodeJS.Timeout | null = null
  let stopped = false

  function start(): void {
    const bornMs = performance.now()
    // Attached: it ends when its stdin does, so that none is left behind by a shell that was killed.
    const born = spawn(program, [...args, '--attached'], { env, stdio: ['pipe', 'pipe', 'inherit'] })
    child = born
    let gone = false
    const late = setTimeout(() => born.kill('SIGKILL'), readyWithinMs)
    // stdout of a spawned pipe is there even when the program is not.
    createInterface({ input: born.stdout }).on('line', (line) => {
      const addresses = readReady(line)
      if (addresses === null) return
      clearTimeout(late)
      listener.ready(addresses)
    })
    const over = (status: number | null): void => {
      if (gone) return
      gone = true
      clearTimeout(late)
      if (child === born) child = null
      if (stopped) return
      if (status === usageStatus) {
        stopped = true
        listener.refused(status)
        return
      }
      listener.lost()
      again = setTimeout(start, waits.afterDeathMs(performance.now() - bornMs))
    }
    born.on('error', () => over(null))
    born.on('exit', (status) => over(status))
  }

  start()
  return {
    async stop() {
      stopped = true
      if (again !== null) clearTimeout(again)
      const last = child
      if (last === null) return
      await new Promise<void>((resolve) => {
        const insist = setTimeout(() => last.kill('SIGKILL'), stopWithinMs)
        last.on('exit', () => {
          clearTimeout(insist)
          resolve()
        })
        last.kill('SIGTERM')
      })
    },
  }
}

/** The one line that says the runtime is ready, or null for any other line. */
export function readReady(line: string): Addresses | null {
  if (!line.startsWith('{')) return null
  let said: unknown
  try {
    said = JSON.parse(line)
  } catch {
    return null
  }
  if (typeof said !== 'object' || said === null || !('ready' in said) || said.ready !== true) return null
  if (!('kiosk' in said) || typeof said.kiosk !== 'string') return null
  const virtual = 'virtual' in said && typeof said.virtual === 'string' ? said.virtual : null
  return { kiosk: said.kiosk, virtual }
}
