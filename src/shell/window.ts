/**
 * Window: the one window, which always shows something calm: the page it was told to, or the waiting page while there is
 * none. When its renderer dies, a new window takes the place of the old one before the old one goes.
 * Holds always: no Node in a page, own sandboxed process, nothing kept on disk. Called by main only.
 */
import { join } from 'node:path'
import { BrowserWindow, type WebContents } from 'electron'
import { backOff } from './back-off.ts'

export interface KioskWindow {
  /** Shows this address, or the waiting page for null. */
  show(url: string | null): void
  focus(): void
}

export interface WindowOptions {
  readonly kiosk: boolean
  /** What it shows first: null for the waiting page. */
  readonly url: string | null
  readonly waitingPage: string
  /** In memory, so that nothing of a shopper outlives the program. */
  readonly partition: string
  closed(): void
}

const reloadMs = 1_000
const frozenMs = 10_000

export function openWindow(options: WindowOptions): KioskWindow {
  const crashes = backOff()
  let { url } = options
  let current = create()
  load(current)

  function create(): BrowserWindow {
    const window = new BrowserWindow({
      show: false,
      width: 1440,
      height: 900,
      backgroundColor: '#f4f8fa',
      title: 'VisionVend',
      kiosk: options.kiosk,
      frame: !options.kiosk,
      autoHideMenuBar: true,
      webPreferences: {
        preload: join(__dirname, 'preload.cjs'),
        partition: options.partition,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webSecurity: true,
        webviewTag: false,
        navigateOnDragDrop: false,
        devTools: !options.kiosk,
        spellcheck: false,
        autoplayPolicy: 'no-user-gesture-required',
        backgroundThrottling: false,
      },
    })
    window.once('ready-to-show', () => window.show())
    watch(window)
    return window
  }

  function watch(window: BrowserWindow): void {
    const bornMs = performance.now()
    const contents = window.webContents
    let frozen: NodeJS.Timeout | null = null
    contents.on('render-process-gone', (_, { reason }) => {
      process.stderr.write(`the screen's process is gone (${reason}); a new window takes its place\n`)
      setTimeout(() => replace(window), crashes.afterDeathMs(performance.now() - bornMs))
    })
    contents.on('did-fail-load', (_, code, __, ___, isMainFrame) => {
      const aborted = code === -3
      if (isMainFrame && !aborted) setTimeout(() => reload(window), reloadMs)
    })
    window.on('unresponsive', () => (frozen = setTimeout(() => forceGone(contents), frozenMs)))
    window.on('responsive', () => {
      if (frozen !== null) clearTimeout(frozen)
    })
    window.on('closed', () => {
      if (window === current) options.closed()
    })
  }

  /** The new window first: an application without a window ends, and a fridge would show its desktop. */
  function replace(old: BrowserWindow): void {
    if (old !== current) return
    current = create()
    load(current)
    if (!old.isDestroyed()) old.destroy()
  }

  function reload(window: BrowserWindow): void {
    if (window === current && !window.isDestroyed()) load(window)
  }

  function load(window: BrowserWindow): void {
    // A failed load is told by did-fail-load, which tries again; the promise says nothing more.
    window.loadURL(url ?? options.waitingPage).catch(() => {})
  }

  return {
    show(next) {
      url = next
      if (!current.isDestroyed()) load(current)
    },
    focus() {
      if (current.isMinimized()) current.restore()
      current.focus()
    },
  }
}

/** A page that hangs is ended, and comes back as any other that died. */
function forceGone(contents: WebContents): void {
  if (!contents.isDestroyed()) contents.forcefullyCrashRenderer()
}
