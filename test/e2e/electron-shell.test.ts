/**
 * The shell in real Electron, attached to a small server in place of the runtime: what a page may not do, and what is
 * shown when a renderer or the service dies. The purchase through the shell is in electron-purchase.test.ts.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { openDisplay, type Display } from './display.ts'
import { electron, environment, maySkip, root, rootArgs } from './programs.ts'

const program = electron()
const shell = join(root, 'dist', 'shell', 'main.cjs')

describe.skipIf(maySkip(program, 'Electron'))('the shell', () => {
  let display: Display
  let folder: string
  let server: Server
  let url: string
  let app: ElectronApplication
  const asked: string[] = []

  beforeAll(async () => {
    display = await openDisplay(1280, 800)
  })
  afterAll(async () => display.close())

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'visionvend-electron-'))
    asked.length = 0
    await serve(0)
    const tokenFile = join(folder, 'token')
    writeFileSync(tokenFile, 'a-token', { mode: 0o600 })
    app = await _electron.launch({
      executablePath: program ?? '',
      args: [...rootArgs, shell, '--kiosk', '--attach', url, '--token-file', tokenFile],
      env: { ...environment(), DISPLAY: display.name, XDG_CONFIG_HOME: folder },
    })
  })
  afterEach(async () => {
    await app.close()
    await close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('shows the kiosk full screen, with the token in the fragment only', async () => {
    const page = await kioskPage()
    expect(page.url()).toBe(`${url}/kiosk/#token=a-token`)
    expect(asked.join(' ')).not.toContain('a-token')
    const state = await app.evaluate(({ BrowserWindow, Menu }) => {
      const [window] = BrowserWindow.getAllWindows()
      return { kiosk: window?.isKiosk(), menu: Menu.getApplicationMenu() }
    })
    expect(state).toEqual({ kiosk: true, menu: null })
  })

  test('a page has no Node, no window of its own, no permission, and leaves for nowhere', async () => {
    const page = await kioskPage()
    const found = await page.evaluate(async () => {
      const geolocation = await new Promise<string>((resolve) =>
        navigator.geolocation.getCurrentPosition(
          () => resolve('granted'),
          () => resolve('denied'),
        ),
      )
      const camera = await navigator.mediaDevices.getUserMedia({ video: true }).then(
        () => 'granted',
        () => 'denied',
      )
      const outside = await fetch('http://127.0.0.1:9/').then(
        () => 'reached',
        () => 'denied',
      )
      return {
        node: typeof Reflect.get(window, 'require') + typeof Reflect.get(window, 'process'),
        opened: window.open('https://example.org/') === null ? 'denied' : 'opened',
        notifications: await Notification.requestPermission(),
        geolocation,
        camera,
        outside,
      }
    })
    expect(found).toEqual({
      node: 'undefinedundefined',
      opened: 'denied',
      notifications: 'denied',
      geolocation: 'denied',
      camera: 'denied',
      outside: 'denied',
    })
    await page.evaluate(() => {
      location.href = 'https://example.org/'
    })
    await page.evaluate(() => {
      location.href = 'file:///etc/passwd'
    })
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(page.url()).toBe(`${url}/kiosk/#token=a-token`)
    expect(app.windows()).toHaveLength(1)
  })

  test('the page’s process is sandboxed and apart from Node', async () => {
    await kioskPage()
    const preferences = await app.evaluate(({ BrowserWindow, app: own }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents
      contents?.openDevTools()
      // Not in Electron's types, and the only way to see what a page really got.
      const read: unknown = contents === undefined ? undefined : Reflect.get(contents, 'getLastWebPreferences')
      return {
        got: typeof read === 'function' ? (Reflect.apply(read, contents, []) as object) : {},
        renderers: own.getAppMetrics().filter(({ type }) => type === 'Tab').length,
        devTools: contents?.isDevToolsOpened(),
      }
    })
    expect(preferences.devTools).toBe(false)
    expect(preferences.renderers).toBe(1)
    expect(preferences.got).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    })
  })

  test('a renderer that crashes is replaced, and the window was never gone', async () => {
    const page = await kioskPage()
    const crashed = page.waitForEvent('crash')
    const next = app.waitForEvent('window', { timeout: 10_000 })
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer())
    await crashed
    const renewed = await next
    await renewed.waitForURL(`${url}/kiosk/#token=a-token`)
    await vi.waitFor(() => expect(app.windows()).toHaveLength(1))
  })

  test('when the service is gone the screen says one moment, and comes back with it', async () => {
    const page = await kioskPage()
    const port = Number(new URL(url).port)
    await close()
    await page.waitForURL(/one-moment\.html$/, { timeout: 15_000 })
    expect(await page.textContent('body')).toContain('One moment, please')
    await serve(port)
    await page.waitForURL(`${url}/kiosk/#token=a-token`, { timeout: 15_000 })
  })

  test('a second shell for the same fridge does not start', async () => {
    await kioskPage()
    const second = spawnSync(
      program ?? '',
      [...rootArgs, shell, '--kiosk', '--attach', url, '--token-file', join(folder, 'token')],
      { env: { ...environment(), DISPLAY: display.name, XDG_CONFIG_HOME: folder }, encoding: 'utf8', timeout: 20_000 },
    )
    expect(second.status).toBe(3)
    expect(second.stderr).toContain('open in another window already')
  })

  async function kioskPage(): Promise<Page> {
    const page = await app.firstWindow()
    await page.waitForURL(`${url}/kiosk/**`)
    return page
  }

  async function serve(port: number): Promise<void> {
    server = createServer((request, response) => {
      asked.push(request.url ?? '')
      response.setHeader('content-type', 'text/html')
      response.end('<!doctype html><title>kiosk</title><p>kiosk</p>')
    })
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    const address = server.address()
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  }

  async function close(): Promise<void> {
    if (!server.listening) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
})
