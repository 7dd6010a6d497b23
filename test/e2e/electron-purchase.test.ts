/**
 * A purchase through the shell, in real Electron under a display of its own: the shell starts the runtime, shows the
 * virtual fridge's page, and a person buys there by touch. The packaged program, which lets nobody into its main process,
 * is driven by Chromium's own protocol.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, chromium as browsers, type Browser, type ElectronApplication } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openDisplay, type Display } from './display.ts'
import { askAt, startFridge } from './fridge.ts'
import { electron, environment, maySkip, packaged, root, rootArgs } from './programs.ts'
import { buyByTouch } from './purchase.ts'

const program = electron()
const packedProgram = packaged()
let display: Display
let dir: string

beforeAll(async () => {
  display = await openDisplay(1600, 1000)
})
afterAll(async () => display.close())
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'visionvend-e2e-'))))
afterEach(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }))

describe.skipIf(maySkip(program, 'Electron'))('in Electron', () => {
  let app: ElectronApplication
  beforeEach(async () => void (app = await launch()))
  afterEach(async () => app.close())

  test('[M1] [M3] a person buys by touch, and bank, ledger and world agree', async () => {
    const page = await app.firstWindow()
    await page.waitForURL(/\/virtual\//)
    await buyByTouch(page, join(dir, 'data'))
  })

  test('the runtime is killed: the screen waits, the runtime comes back, and a person buys', async () => {
    const page = await app.firstWindow()
    await page.waitForURL(/\/virtual\//)
    const [runtime] = childrenOf(app.process().pid ?? 0).filter(({ command }) => /runtime\/main\./.test(command))
    if (runtime === undefined) throw new Error('the shell has no runtime')
    process.kill(runtime.pid, 'SIGKILL')
    await page.waitForURL(/one-moment\.html$/)
    await page.waitForURL(/\/virtual\//)
    await buyByTouch(page, join(dir, 'data'))
  })

  test('the shell is killed and started again at once: its old runtime is gone, and a person buys', async () => {
    await (await app.firstWindow()).waitForURL(/\/virtual\//)
    const gone = new Promise((resolve) => app.process().on('exit', resolve))
    app.process().kill('SIGKILL')
    await gone
    app = await launch()
    const page = await app.firstWindow()
    await page.waitForURL(/\/virtual\//)
    await buyByTouch(page, join(dir, 'data'))
  })

  async function launch(): Promise<ElectronApplication> {
    const args = [
      '--lang=en',
      join(root, 'dist', 'shell', 'main.cjs'),
      '--virtual',
      '--no-relay',
      '--no-cameras',
      '--data',
      join(dir, 'data'),
    ]
    return _electron.launch({
      executablePath: program ?? '',
      args: [...rootArgs, ...args],
      env: { ...environment(), DISPLAY: display.name, XDG_CONFIG_HOME: dir },
    })
  }
})

describe.skipIf(maySkip(program, 'Electron'))('attached to a runtime that runs as a service', () => {
  test('the kiosk is killed in the middle of a visit, and the visit goes on', async () => {
    const fridge = await startFridge(join(dir, 'data'))
    try {
      const { origin, hash } = new URL(fridge.kiosk)
      const tokenFile = join(dir, 'token')
      writeFileSync(tokenFile, new URLSearchParams(hash.slice(1)).get('token') ?? '', { mode: 0o600 })
      const app = await _electron.launch({
        executablePath: program ?? '',
        args: [
          ...rootArgs,
          join(root, 'dist', 'shell', 'main.cjs'),
          '--kiosk',
          '--attach',
          origin,
          '--token-file',
          tokenFile,
        ],
        env: { ...environment(), DISPLAY: display.name, XDG_CONFIG_HOME: dir },
      })
      const page = await app.firstWindow()
      await page.locator('html[data-screen="attract"]').waitFor({ state: 'attached' })
      const { cards, shelves } = await fridge.world()
      await fridge.act('card', { uid: cards.find(({ kind }) => kind === 'good')?.uid })
      await expect.poll(async () => (await fridge.world()).door.locked, { timeout: 10_000 }).toBe(false)
      await fridge.act('door', { open: true })
      await page.locator('html[data-screen="shopping"]').waitFor({ state: 'attached' })
      await fridge.act('take', { sku: shelves[0]?.items[0]?.sku })

      const gone = new Promise((resolve) => app.process().on('exit', resolve))
      app.process().kill('SIGKILL')
      await gone
      await fridge.act('door', { open: false })
      await expect.poll(async () => (await fridge.bank()).holds.at(-1)?.status, { timeout: 30_000 }).toBe('captured')
      expect((await fridge.bank()).holds).toHaveLength(1)
    } finally {
      await fridge.stop()
    }
  })
})

describe.skipIf(maySkip(packedProgram, 'the packaged program (npm run dist)'))('packaged', () => {
  let app: ChildProcess
  let browser: Browser | undefined
  let said = ''
  beforeEach(async () => {
    const port = await freePort()
    const args = [
      ...rootArgs,
      '--lang=en',
      `--remote-debugging-port=${port}`,
      '--virtual',
      '--no-relay',
      '--no-cameras',
      '--data',
      join(dir, 'data'),
    ]
    // Nothing of the project beside it: neither its folder nor its Node on the PATH.
    const env = { ...environment(), PATH: '/usr/bin:/bin', DISPLAY: display.name, XDG_CONFIG_HOME: dir, HOME: dir }
    app = spawn(packedProgram ?? '', args, { cwd: dir, env, stdio: ['ignore', 'ignore', 'pipe'] })
    app.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
    browser = await connect(port)
  })
  afterEach(async () => {
    await browser?.close()
    const gone = new Promise((resolve) => app.on('exit', resolve))
    app.kill('SIGTERM')
    await gone
  })

  test('[M1] [M3] a person buys by touch, and bank, ledger and world agree', async () => {
    const page = browser?.contexts().flatMap((context) => context.pages())[0]
    if (page === undefined) throw new Error(`the program shows no page: ${said}`)
    await page.waitForURL(/\/virtual\//)
    await buyByTouch(page, join(dir, 'data'))
    expect((await askAt(page.url()).world()).power).toBe(true)
  })

  /** The program's page, by its debugging port: once it answers and the page is there. */
  async function connect(port: number): Promise<Browser> {
    let last: unknown
    for (const deadlineMs = Date.now() + 60_000; Date.now() < deadlineMs && app.exitCode === null;) {
      try {
        const found = await browsers.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true })
        const pages = found.contexts().flatMap((context) => context.pages())
        if (pages.some((page) => page.url().includes('/virtual/'))) return found
        await found.close()
      } catch (error) {
        last = error
      }
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    throw new Error(`the program does not show its page: ${said}`, { cause: last })
  }
})

function childrenOf(pid: number): { pid: number; command: string }[] {
  const listed = spawnSync('ps', ['-o', 'pid=,args=', '--ppid', String(pid)], { encoding: 'utf8' }).stdout
  return listed.split('\n').flatMap((line) => {
    const [, id, command] = /^\s*(\d+) (.*)$/.exec(line) ?? []
    return id === undefined || command === undefined ? [] : [{ pid: Number(id), command }]
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
