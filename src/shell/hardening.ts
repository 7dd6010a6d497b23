/**
 * Hardening: whatever a page tries, it stays what it is: a screen of this fridge. Electron's security checklist, in one
 * place. The pages' content security policy is the gateway's to send.
 * Holds always: no page leaves the runtime's origin, opens a window, gets a permission, embeds a webview or reaches a
 * host other than loopback. Certificate faults stay faults, because nothing here answers for them.
 */
import { app, Menu, session, type Session } from 'electron'
import { mayAsk, mayShow } from './guard.ts'

export interface Bounds {
  /** The runtime's origin just now, null while there is none. */
  origin(): string | null
  readonly waitingPage: string
}

/** Before the app is ready. */
export function hardenApp(bounds: Bounds): void {
  // Undoes --no-sandbox and then loops as root, where tests run: there the switch says what is wanted.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  app.commandLine.appendSwitch('disable-pinch')
  app.commandLine.appendSwitch('overscroll-history-navigation', '0')
  Menu.setApplicationMenu(null)
  app.on('web-contents-created', (_, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.on('will-navigate', (event, url) => {
      if (!mayShow(url, bounds.origin(), bounds.waitingPage)) event.preventDefault()
    })
    contents.on('will-redirect', (event, url) => {
      if (!mayShow(url, bounds.origin(), bounds.waitingPage)) event.preventDefault()
    })
  })
}

/** When the app is ready, before its first window. */
export function hardenSession(partition: string, bounds: Bounds): Session {
  const own = session.fromPartition(partition)
  own.setPermissionRequestHandler((_, __, answer) => answer(false))
  own.setPermissionCheckHandler(() => false)
  own.setDevicePermissionHandler(() => false)
  own.on('will-download', (event) => event.preventDefault())
  own.webRequest.onBeforeRequest((request, answer) => {
    answer({ cancel: !allowed(request.url, bounds) })
  })
  return own
}

/** What a page makes by itself (data:, blob:) never leaves it; devtools: are there on a desktop only. */
const allowed = (url: string, bounds: Bounds): boolean =>
  /^(data|blob|devtools):/.test(url) || mayAsk(url, bounds.origin(), bounds.waitingPage)
