/** A real serial line for a test: socat's pair of ptys, with the firmware's native build at one end. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export const nativeKey = Uint8Array.from({ length: 32 }, (_, i) => 255 - i)

const onPath = (program: string, arg: string): boolean =>
  spawnSync(program, [arg], { stdio: 'ignore' }).error === undefined

/** True where the test can't be; with CI=true never, so that what is missing there is a failure. */
export const noSerialLine = process.env['CI'] !== 'true' && !(onPath('socat', '-V') && onPath('cc', '--version'))

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

/** Waits for something to become true, and says what did not. */
export async function until(what: string, holds: () => boolean, withinMs = 10_000): Promise<void> {
  for (const endMs = Date.now() + withinMs; !holds(); await pause(5))
    if (Date.now() > endMs) throw new Error(`not within ${withinMs} ms: ${what}`)
}

export type Native = Awaited<ReturnType<typeof startNative>>

export async function startNative() {
  const folder = mkdtempSync(join(tmpdir(), 'native-'))
  const built = spawnSync('sh', ['scripts/firmware-build.sh', 'host', folder, 'controller'], {
    encoding: 'utf8',
    env: { ...process.env, CFLAGS: '-O1' },
  })
  if (built.status !== 0) throw new Error(built.stderr)
  const ours = join(folder, 'pi')
  const theirs = join(folder, 'controller-tty')
  const running: ChildProcess[] = []
  const answers: string[] = []
  let controller: ChildProcess | null = null

  /** The line: gone when its process is. */
  async function plug(): Promise<ChildProcess> {
    const socat = spawn('socat', [`pty,raw,echo=0,link=${ours}`, `pty,raw,echo=0,link=${theirs}`], { stdio: 'ignore' })
    running.push(socat)
    await until('socat makes its ptys', () => existsSync(ours) && existsSync(theirs))
    return socat
  }

  function power(): ChildProcess {
    const key = Buffer.from(nativeKey).toString('hex')
    const child = spawn(join(folder, 'controller'), [theirs, key, join(folder, 'nvs')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    running.push(child)
    createInterface({ input: child.stdout }).on('line', (line) => answers.push(line))
    controller = child
    return child
  }

  let line = await plug()
  power()
  const ended = (child: ChildProcess): Promise<void> =>
    new Promise((done) => {
      if (child.exitCode !== null || child.signalCode !== null) return done()
      child.once('exit', () => done())
      child.kill('SIGKILL')
    })

  return {
    path: ours,
    /** Says one command to the world and gives its answer. */
    async world(command: string): Promise<string> {
      const at = answers.length
      controller?.stdin?.write(`${command}\n`)
      await until(`the world answers ${command}`, () => answers.length > at)
      return answers[at] ?? ''
    },
    /** The controller dies in the middle of whatever it does, and starts again. */
    async powerCut(): Promise<void> {
      if (controller !== null) await ended(controller)
      power()
    },
    /** The cable is pulled out and put back: both ptys vanish and come again, under the same names. */
    async replug(): Promise<void> {
      if (controller !== null) await ended(controller)
      await ended(line)
      await pause(300)
      line = await plug()
      power()
    },
    async stop(): Promise<void> {
      for (const child of running) await ended(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
