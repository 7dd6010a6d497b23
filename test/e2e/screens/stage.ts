/**
 * Stage: a small server that shows the built screens recorded views instead of a fridge, and the browser that looks at
 * them. It sends the gateway's own content policy, so that what the policy would block fails here first.
 */
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { chromium as browsers, type Browser } from 'playwright-core'
import { WebSocketServer, type WebSocket } from 'ws'
import type { KioskView, RelayView } from '../../../src/contract/kiosk.ts'
import type { World } from '../../../src/contract/virtual.ts'
import { chromium } from '../programs.ts'
import { catalogue, pictureFile } from './views.ts'

const token = 'a'.repeat(32)
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self' ws://127.0.0.1:*",
  'frame-src http://127.0.0.1:*',
].join('; ')

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
}

const relayView: RelayView = {
  fridge: 'fridge-1',
  relay: 'https://relay.example',
  paired: false,
  at: 'off',
  acknowledgedSeq: 0,
  pending: 17,
  lastError: null,
  setAside: [],
}

export interface Said {
  readonly path: string
  readonly body: unknown
}

export interface Stage {
  readonly kioskUrl: string
  readonly virtualUrl: string
  /** Shows this from now on, to whoever is there and whoever comes. Null: no view yet. */
  show(view: KioskView | null): void
  showWorld(world: World): void
  /** Sends this text as it is. */
  mumble(text: string): void
  /** Drops every connection and refuses new ones until `true`. */
  reachable(on: boolean): void
  /** What the screens have asked for, oldest first: socket messages have the path `ws`. */
  readonly said: Said[]
  /** Answers the next POST with this instead of `{ok: true}`. */
  answerNext(status: number, body: unknown): void
  close(): Promise<void>
}

/** Serves the screens built into `dist`. */
export async function openStage(dist: string): Promise<Stage> {
  let view: KioskView | null = null
  let world: World | null = null
  let up = true
  let next: { status: number; body: unknown } | null = null
  const said: Said[] = []
  const sockets = new WebSocketServer({ noServer: true })
  const kiosks = new Set<WebSocket>()
  const pages = new Set<WebSocket>()

  const server = createServer((request, response) => {
    void answer(request, response)
  })
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://stage')
    response.setHeader('content-security-policy', policy)
    const json = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    if (request.method === 'POST') {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      said.push({ path: pathname, body: JSON.parse(Buffer.concat(parts).toString() || 'null') })
      const given = next ?? { status: 200, body: pathname.startsWith('/virtual/') ? { ok: true, world } : { ok: true } }
      next = null
      return json(given.status, given.body)
    }
    if (pathname === '/api/catalogue') return json(200, catalogue)
    if (pathname === '/api/operator/relay') return json(200, relayView)
    const picture = /^\/api\/products\/([^/]+)\/picture$/.exec(pathname)?.[1]
    const file = picture === undefined ? join(dist, normalize(pathname)) : pictureFile(picture)
    const found = file !== null && existsSync(file) && statSync(file).isDirectory() ? join(file, 'index.html') : file
    if (found === null || !existsSync(found)) return json(404, { error: { code: 'missing', message: pathname } })
    response.setHeader('content-type', types[extname(found)] ?? 'application/octet-stream')
    createReadStream(found).pipe(response)
  }
  server.on('upgrade', (request, socket, head) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stage')
    if (!up || searchParams.get('token') !== token) return void socket.destroy()
    sockets.handleUpgrade(request, socket, head, (wire) => {
      const crowd = pathname === '/virtual/live' ? pages : kiosks
      crowd.add(wire)
      wire.on('close', () => crowd.delete(wire))
      wire.on('message', (text: Buffer) => said.push({ path: 'ws', body: JSON.parse(text.toString()) }))
      const first = pathname === '/virtual/live' ? world : view
      if (first) wire.send(JSON.stringify(first))
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const tell = (crowd: Set<WebSocket>, text: string): void => {
    for (const wire of crowd) wire.send(text)
  }
  return {
    kioskUrl: `${origin}/kiosk/#token=${token}`,
    virtualUrl: `${origin}/virtual/#token=${token}`,
    said,
    show: (shown) => {
      view = shown
      if (shown) tell(kiosks, JSON.stringify(shown))
    },
    showWorld: (shown) => {
      world = shown
      tell(pages, JSON.stringify(shown))
    },
    mumble: (text) => {
      tell(kiosks, text)
    },
    reachable: (on) => {
      up = on
      if (!on) for (const wire of kiosks) wire.terminate()
    },
    answerNext: (status, body) => {
      next = { status, body }
    },
    close: () =>
      new Promise((resolve) => {
        for (const wire of [...kiosks, ...pages]) wire.terminate()
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

/** A browser without network of its own, as the kiosk has it. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = chromium()
  if (executablePath === null) throw new Error('no Chromium on the PATH: install it (Debian: apt-get install chromium)')
  return browsers.launch({
    executablePath,
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

export const orientations = {
  portrait: { width: 1080, height: 1920 },
  landscape: { width: 1280, height: 800 },
} as const
export type Orientation = keyof typeof orientations
