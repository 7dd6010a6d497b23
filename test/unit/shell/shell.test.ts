/**
 * The shell's decisions that need no window: what a page may reach, how options are read, when the runtime is started
 * again. What needs a window is in test/e2e.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { backOff, longestMs, longLifeMs } from '../../../src/shell/back-off.ts'
import { mayAsk, mayShow } from '../../../src/shell/guard.ts'
import { readOptions } from '../../../src/shell/options.ts'
import { readReady, startRuntime, type Runtime } from '../../../src/shell/runtime-child.ts'
import { attachRuntime } from '../../../src/shell/runtime-service.ts'

const waiting = 'file:///app/one-moment.html'
const origin = 'http://127.0.0.1:8080'

describe('guard', () => {
  test.each([
    ['http://127.0.0.1:8080/kiosk/#token=a', true],
    [waiting, true],
    ['http://127.0.0.1:8081/', false],
    ['http://localhost:8080/', false],
    ['https://127.0.0.1:8080/', false],
    ['http://127.0.0.1:8080.evil.example/', false],
    ['http://127.0.0.1:8080@evil.example/', false],
    ['file:///etc/passwd', false],
    ['data:text/html,hello', false],
    ['about:blank', false],
    ['nonsense', false],
  ])('may show %s: %s', (url, may) => {
    expect(mayShow(url, origin, waiting)).toBe(may)
  })

  test('a page may ask for its own WebSocket, and for no other', () => {
    expect(mayAsk('ws://127.0.0.1:8080/live', origin, waiting)).toBe(true)
    expect(mayAsk('ws://127.0.0.1:9999/live', origin, waiting)).toBe(false)
    expect(mayAsk('wss://evil.example/', origin, waiting)).toBe(false)
  })

  test('while no runtime is there, only the waiting page is', () => {
    expect(mayShow('http://127.0.0.1:8080/', null, waiting)).toBe(false)
    expect(mayShow('nonsense', null, waiting)).toBe(false)
    expect(mayShow(waiting, null, waiting)).toBe(true)
  })
})

describe('options', () => {
  test('what is not the shell’s goes on to the runtime, what is Chromium’s goes nowhere', () => {
    expect(readOptions(['--no-sandbox', '--kiosk', '--remote-debugging-port=0', '--data', 'd', '--port', '0'])).toEqual(
      {
        ok: true,
        value: { kiosk: true, virtual: false, attach: null, runtimeArgs: ['--data', 'd', '--port', '0'] },
      },
    )
  })

  test.each([
    [['--attach', 'http://127.0.0.1:8080'], 'together'],
    [['--attach'], 'wants a value'],
    [['--attach', 'http://fridge.example', '--token-file', 'f'], 'loopback'],
    [['--attach', 'nonsense', '--token-file', 'f'], 'loopback'],
    [['--attach', origin, '--token-file', 'f', '--data', 'd'], '--data d says nothing'],
  ])('%j is refused', (args, why) => {
    expect(readOptions(args)).toEqual({ ok: false, error: expect.stringContaining(why) })
  })
})

describe('back-off', () => {
  test('waits twice as long after each early death, up to the longest, and forgives a long life', () => {
    const waits = backOff()
    const early = Array.from({ length: 8 }, () => waits.afterDeathMs(100))
    expect(early).toEqual([250, 500, 1000, 2000, 4000, 8000, longestMs, longestMs])
    expect(waits.afterDeathMs(longLifeMs)).toBe(250)
  })
})

describe('runtime', () => {
  let folder: string
  let runtime: Runtime | null = null
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'visionvend-shell-'))))
  afterEach(async () => {
    await runtime?.stop()
    runtime = null
    rmSync(folder, { recursive: true })
  })

  const readyLine = JSON.stringify({
    ready: true,
    kiosk: `${origin}/kiosk/#token=t`,
    virtual: `${origin}/virtual/#token=t`,
  })
  const program = (code: string): string[] => {
    const file = join(folder, 'program.mjs')
    writeFileSync(file, code)
    return [file]
  }
  function listening(): { log: string[]; ready: () => void; lost: () => void; refused: (status: number) => void } {
    const log: string[] = []
    return {
      log,
      ready: () => log.push('ready'),
      lost: () => log.push('lost'),
      refused: (status) => log.push(`refused ${status}`),
    }
  }

  test('only the ready line is believed', () => {
    expect(readReady(readyLine)).toEqual({ kiosk: `${origin}/kiosk/#token=t`, virtual: `${origin}/virtual/#token=t` })
    expect(readReady('{"ready":true,"kiosk":"http://127.0.0.1:1/"}')).toEqual({
      kiosk: 'http://127.0.0.1:1/',
      virtual: null,
    })
    for (const line of [
      '{"ready":true',
      '{"ready":false}',
      '{"ready":true,"kiosk":1,"virtual":2}',
      'ready',
      'null',
      '{}',
    ]) {
      expect(readReady(line), line).toBeNull()
    }
  })

  test('a runtime that dies is started again, and ready again', async () => {
    const heard = listening()
    const code = `console.log('booting'); console.log(${JSON.stringify(readyLine)}); setTimeout(() => process.exit(1), 50)`
    runtime = startRuntime({ program: process.execPath, args: program(code) }, heard)
    await vi.waitFor(() => expect(heard.log.slice(0, 5)).toEqual(['ready', 'lost', 'ready', 'lost', 'ready']), 8_000)
  })

  test('a runtime that refuses its settings is not started again', async () => {
    const heard = listening()
    runtime = startRuntime({ program: process.execPath, args: program('process.exit(2)') }, heard)
    await vi.waitFor(() => expect(heard.log).toEqual(['refused 2']), 5_000)
  })

  test('a program that is not there counts as lost, not as a crash of the shell', async () => {
    const heard = listening()
    runtime = startRuntime({ program: join(folder, 'nothing'), args: [] }, heard)
    await vi.waitFor(() => expect(heard.log).toContain('lost'), 5_000)
  })

  test('stop ends the runtime, and it stays ended', async () => {
    const heard = listening()
    const mark = join(folder, 'ended')
    const code = `import { writeFileSync } from 'node:fs'
      process.on('SIGTERM', () => { writeFileSync(${JSON.stringify(mark)}, 'yes'); process.exit(0) })
      setInterval(() => {}, 1000); console.log(${JSON.stringify(readyLine)})`
    runtime = startRuntime({ program: process.execPath, args: program(code) }, heard)
    await vi.waitFor(() => expect(heard.log).toEqual(['ready']), 5_000)
    await runtime.stop()
    expect(readFileSync(mark, 'utf8')).toBe('yes')
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(heard.log).toEqual(['ready'])
  })

  test('attached: a token that others can read is not used; the service’s coming and going is told', async () => {
    const heard = listening()
    const tokenFile = join(folder, 'token')
    writeFileSync(tokenFile, 'secret\n', { mode: 0o644 })
    const said: string[] = []
    const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0)
    const { server, url, port } = await serve(0)
    runtime = attachRuntime(url, tokenFile, heard)
    await vi.waitFor(() => expect(said.join('')).toContain('chmod 600'), 5_000)
    expect(heard.log).toEqual([])
    stderr.mockRestore()
    chmodSync(tokenFile, 0o600)
    await vi.waitFor(() => expect(heard.log).toEqual(['ready']), 5_000)
    await close(server)
    await vi.waitFor(() => expect(heard.log).toEqual(['ready', 'lost']), 5_000)
    const again = await serve(port)
    await vi.waitFor(() => expect(heard.log).toEqual(['ready', 'lost', 'ready']), 5_000)
    await close(again.server)
  })
})

async function serve(port: number): Promise<{ server: Server; url: string; port: number }> {
  const server = createServer((_, response) => response.end('kiosk'))
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : 0
  return { server, url: `http://127.0.0.1:${bound}`, port: bound }
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await closed
}
