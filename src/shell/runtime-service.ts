/**
 * Runtime service: a runtime that somebody else runs (systemd, on a fridge), to which the shell only attaches. The shell
 * may crash and be started again as it likes: the runtime and the visit in it do not notice.
 */
import { readFileSync, statSync } from 'node:fs'
import type { Runtime, RuntimeListener } from './runtime-child.ts'

const everyMs = 1_000
const answerWithinMs = 3_000

/**
 * Asks again and again whether the service at `url` answers, and tells when that changes. The token is read anew each
 * time the service comes back, because a new service may have a new one.
 */
export function attachRuntime(url: string, tokenFile: string, listener: RuntimeListener): Runtime {
  let up: boolean | null = null
  let stopped = false

  async function look(): Promise<void> {
    const answers = await answersAt(url)
    if (stopped) return
    if (answers && up !== true) {
      const token = readToken(tokenFile)
      if (token !== null) {
        up = true
        listener.ready({ kiosk: `${url}/kiosk/#token=${token}`, virtual: `${url}/virtual/#token=${token}` })
      }
    } else if (!answers && up !== false) {
      up = false
      listener.lost()
    }
    setTimeout(() => void look(), everyMs)
  }

  void look()
  return {
    stop: () => {
      stopped = true
      return Promise.resolve()
    },
  }
}

async function answersAt(url: string): Promise<boolean> {
  try {
    // Any answer will do, a refusal included: somebody is there.
    await fetch(`${url}/kiosk/`, { signal: AbortSignal.timeout(answerWithinMs) })
    return true
  } catch {
    return false
  }
}

/** Null, with a word on stderr, where the token is not there yet or others could read it (law P1). */
function readToken(file: string): string | null {
  try {
    const mode = statSync(file).mode & 0o077
    if (mode !== 0) {
      process.stderr.write(`${file} can be read by others (mode ${mode.toString(8)}): chmod 600 it\n`)
      return null
    }
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    process.stderr.write(`the token could not be read: ${String(error)}\n`)
    return null
  }
}
