/**
 * `npm start`, as a person and as a script use it: on the machine's own Node, with a window, without one, and stopped.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDisplay } from './display.ts'
import { askAt } from './fridge.ts'
import { chromium, environment, maySkip, root } from './programs.ts'

const script = join(root, 'scripts', 'start.mjs')
let dir: string
let started: ChildProcess | null = null

beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'visionvend-start-'))))
afterEach(async () => {
  if (started !== null) await stop(started, 'SIGKILL')
  started = null
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
})

test('headless: stdout is one line of JSON, and the fridge answers there', async () => {
  const out = start(['--headless', '--no-relay', '--no-cameras', '--port', '0', '--data', join(dir, 'data')])
  const line = await out.until(/\n/)
  const ready = JSON.parse(line) as { ready: boolean; kiosk: string; virtual: string }
  expect(ready.ready).toBe(true)
  expect((await askAt(ready.virtual).world()).power).toBe(true)
  expect((await fetch(ready.kiosk)).status).toBe(200)
  expect(out.all().trim().split('\n')).toHaveLength(1)
})

test('Ctrl-C stops the fridge and everything that was started with it', async () => {
  const out = start(['--headless', '--no-relay', '--no-cameras', '--port', '0', '--data', join(dir, 'data')])
  await out.until(/\n/)
  expect(processesOn(dir)).not.toEqual([])
  if (started === null) throw new Error('nothing was started')
  expect(await stop(started, 'SIGINT')).toBe(130)
  expect(processesOn(dir)).toEqual([])
})

test('without a desktop it says where the fridge is, and stays', async () => {
  const out = start(['--no-relay', '--no-cameras', '--data', join(dir, 'data')])
  const words = await out.until(/kiosk +http\S+\n/)
  const address = /virtual fridge +(\S+)/.exec(words)?.[1] ?? ''
  expect((await askAt(address).world()).door).toEqual({ open: false, locked: true })
  expect(started?.exitCode).toBeNull()
})

test('settings that are at fault are all named, and nothing is started', () => {
  const ran = spawnSync('node', [script, '--headless', '--port', '70000', '--data', join(dir, 'data')], {
    encoding: 'utf8',
  })
  expect(ran.status).toBe(2)
  expect(ran.stderr).toContain('port')
  expect(ran.stdout).toBe('')
})

test('a second fridge on the same data is refused, and the first goes on', async () => {
  const args = ['--headless', '--no-relay', '--no-cameras', '--port', '0', '--data', join(dir, 'data')]
  const ready = JSON.parse(await start(args).until(/\n/)) as { virtual: string }
  const second = spawnSync('node', [script, ...args], { encoding: 'utf8', timeout: 60_000 })
  expect(second.status).toBe(2)
  expect(second.stderr).toContain('in use by another')
  expect(second.stdout).toBe('')
  expect((await askAt(ready.virtual).world()).power).toBe(true)
})

test('--help says what there is', () => {
  const ran = spawnSync('node', [script, '--help'], { encoding: 'utf8' })
  expect(ran.status).toBe(0)
  for (const option of ['--kiosk', '--headless', '--port', '--data', '--products', '--controller', '--no-relay']) {
    expect(ran.stdout).toContain(option)
  }
})

test('a start that is killed outright leaves nothing running', async () => {
  await start(['--headless', '--no-relay', '--no-cameras', '--port', '0', '--data', join(dir, 'data')]).until(/\n/)
  if (started === null) throw new Error('nothing was started')
  await stop(started, 'SIGKILL')
  await expect.poll(() => processesOn(dir), { timeout: 20_000 }).toEqual([])
})

describe.skipIf(maySkip(chromium(), 'Chromium'))('with a desktop', () => {
  test('Chromium is the window, and closing it stops the fridge', async () => {
    const display = await openDisplay(1440, 900)
    try {
      const out = start(['--no-relay', '--no-cameras', '--window', 'chromium', '--data', join(dir, 'data')], {
        DISPLAY: display.name,
      })
      await out.until(/kiosk +http\S+\n/)
      const windows = (): { pid: number }[] =>
        processesOn('--app=http').filter(({ command }) => command.includes('/virtual/'))
      await expect.poll(() => windows().length, { timeout: 30_000 }).toBeGreaterThan(0)
      for (const { pid } of windows()) process.kill(pid, 'SIGTERM')
      await expect.poll(() => started?.exitCode, { timeout: 30_000 }).not.toBeNull()
      expect(processesOn(dir)).toEqual([])
    } finally {
      await display.close()
    }
  })
})

interface Output {
  all(): string
  /** What has been said when it first matches. */
  until(pattern: RegExp): Promise<string>
}

/** Starts by the machine's own Node, without a desktop unless one is given. */
function start(args: readonly string[], desktop: { DISPLAY?: string } = {}): Output {
  const { DISPLAY: _, WAYLAND_DISPLAY: __, ...bare } = environment()
  const child = spawn('node', [script, ...args], {
    cwd: dir,
    env: { ...bare, ...desktop },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started = child
  let said = ''
  let wrong = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (wrong += chunk.toString()))
  return {
    all: () => said,
    until: async (pattern) => {
      await expect
        .poll(() => pattern.test(said) || child.exitCode !== null, { timeout: 90_000, message: `${said}${wrong}` })
        .toBe(true)
      if (!pattern.test(said)) throw new Error(`it ended with ${child.exitCode}: ${said}${wrong}`)
      return said
    },
  }
}

async function stop(child: ChildProcess, signal: 'SIGINT' | 'SIGKILL'): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = new Promise((resolve) => child.on('exit', resolve))
    child.kill(signal)
    await gone
  }
  return child.exitCode
}

function processesOn(mark: string): { pid: number; command: string }[] {
  return spawnSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((line) => line.includes(mark) && !line.includes('scripts/start.mjs') && !/\bps -eo\b/.test(line))
    .flatMap((line) => {
      const [, id, command] = /^\s*(\d+) (.*)$/.exec(line) ?? []
      return id === undefined || command === undefined ? [] : [{ pid: Number(id), command }]
    })
}
